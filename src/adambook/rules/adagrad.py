"""AdaGrad (Duchi, Hazan and Singer, 2011)."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, nonnegative, step_size
from adambook.rules.rule import Rule, StepSize


def adagrad(xp):
    """AdaGrad for one coordinate."""

    def step(c, g, theta, v):
        v = v + g**2
        delta = -c.alpha * g / (xp.sqrt(v) + c.epsilon)
        return delta, v

    return step


@dataclass(frozen=True)
class AdaGrad(Rule):
    r"""AdaGrad: $v_t = v_{t-1} + g_t^2$, $\Delta_t = -\alpha g_t / (\sqrt{v_t} + \epsilon)$.

    v is a sum, not an average, so the step shrinks like $1/\sqrt t$ by itself.
    Source: Duchi, Hazan and Singer (2011), the diagonal version of their Algorithm 1 without a
    composite term: they too add their constant (δ) to the root, not inside it.

    >>> import numpy as np
    >>> from adambook import AdaGrad
    >>> rule, theta = AdaGrad(alpha=0.1, epsilon=0.0), np.array([1.0])
    >>> delta, state = rule.update(np.array([3.0]), rule.init(theta), theta)
    >>> delta, state.v
    (array([-0.1]), array([9.]))
    """

    state_names: ClassVar[tuple[str, ...]] = ("v",)
    alpha: StepSize = step_size(1e-2)
    epsilon: Number = nonnegative(1e-8)

    arithmetic = staticmethod(adagrad)

    def scalars(self, t, xp):
        """Return α and ε."""
        return {"alpha": self.alpha, "epsilon": self.epsilon}
