"""AdaDelta (Zeiler, 2012)."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, decay, nonnegative, step_size
from adambook.rules.rule import Rule, StepSize


def adadelta(xp):
    """AdaDelta for one coordinate."""

    def step(c, g, theta, v, w):
        v = c.rho * v + c.weight * g**2
        x = xp.sqrt(w + c.epsilon) / xp.sqrt(v + c.epsilon) * g
        w = c.rho * w + c.weight * x**2
        delta = -c.alpha * x
        return delta, v, w

    return step


@dataclass(frozen=True)
class AdaDelta(Rule):
    r"""AdaDelta: steps in the units of θ, by a second average $w$ of squared steps.

    $v_t = \rho v_{t-1} + (1-\rho) g_t^2$, $x_t = \sqrt{w_{t-1}+\epsilon}/\sqrt{v_t+\epsilon}\;g_t$,
    $w_t = \rho w_{t-1} + (1-\rho) x_t^2$, $\Delta_t = -\alpha x_t$. ε stands inside both roots and
    starts the motion: with ε = 0 nothing ever moves. Zeiler has α = 1; PyTorch's default ρ is
    0.9. Source: Zeiler (2012), Algorithm 1.

    >>> import numpy as np
    >>> from adambook import AdaDelta
    >>> rule, theta = AdaDelta(rho=0.0, epsilon=1.0), np.array([0.0])
    >>> delta, state = rule.update(np.array([1.0]), rule.init(theta), theta)
    >>> delta.round(4)
    array([-0.7071])
    """

    state_names: ClassVar[tuple[str, ...]] = ("v", "w")
    alpha: StepSize = step_size(1.0)
    rho: Number = decay(0.95)
    epsilon: Number = nonnegative(1e-6)

    arithmetic = staticmethod(adadelta)

    def scalars(self, t, xp):
        """Return α, ρ, 1 - ρ and ε."""
        return {
            "alpha": self.alpha,
            "rho": self.rho,
            "weight": 1 - self.rho,
            "epsilon": self.epsilon,
        }
