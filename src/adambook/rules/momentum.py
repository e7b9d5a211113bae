"""Gradient descent with momentum, the heavy ball (Polyak, 1964)."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, decay, step_size
from adambook.rules.rule import Rule, StepSize


def momentum(xp):
    """The heavy ball for one coordinate."""

    def step(c, g, theta, m):
        m = c.mu * m + g
        delta = -c.alpha * m
        return delta, m

    return step


@dataclass(frozen=True)
class Momentum(Rule):
    r"""The heavy ball: $m_t = \mu m_{t-1} + g_t$, $\Delta_t = -\alpha m_t$.

    The step size stands outside the sum, as in `torch.optim.SGD(momentum=mu)`. Polyak's form
    puts it inside, $v_t = \mu v_{t-1} - \alpha_t g_t$; the two agree while α is constant and
    differ where α_t changes, by the factor α_t / α_i on the gradient of step i.
    Source: Polyak (1964).

    >>> import numpy as np
    >>> from adambook import Momentum, minimize
    >>> rule = Momentum(alpha=0.1, mu=0.5)
    >>> minimize(rule, lambda theta: np.ones_like(theta), np.array([0.0]), steps=2).round(3)[:, 0]
    array([ 0.  , -0.1 , -0.25])
    """

    state_names: ClassVar[tuple[str, ...]] = ("m",)
    alpha: StepSize = step_size(1e-2)
    mu: Number = decay(0.9)

    arithmetic = staticmethod(momentum)

    def scalars(self, t, xp):
        """Return α and μ."""
        return {"alpha": self.alpha, "mu": self.mu}
