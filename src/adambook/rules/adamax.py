"""AdaMax: Adam with the infinity norm in place of the second moment."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, decay, nonnegative, step_size
from adambook.rules.rule import Rule, StepSize


def adamax(xp):
    """Algorithm 2 for one coordinate, ε inside the maximum."""

    def step(c, g, theta, m, u):
        m = c.beta1 * m + c.weight1 * g
        u = xp.maximum(c.beta2 * u, xp.abs(g) + c.epsilon)
        m_hat = m / c.correction1
        delta = -c.alpha * m_hat / u
        return delta, m, u

    return step


@dataclass(frozen=True)
class AdaMax(Rule):
    r"""AdaMax: $u_t = \max(\beta_2 u_{t-1}, |g_t| + \epsilon)$, $\Delta_t = -\alpha\,\hat m_t/u_t$.

    $m_t$ and $\hat m_t = m_t/(1-\beta_1^t)$ are Adam's; u needs no bias correction. The paper has
    no ε: a coordinate whose gradients are all zero so far would give 0/0. This is PyTorch's and
    Optax's place for it; `epsilon=0.0` is the paper's form, `AdaMaxOutside` is Keras's.
    Source: Kingma and Ba (2015), Algorithm 2.

    >>> import numpy as np
    >>> from adambook import AdaMax
    >>> rule, theta = AdaMax(alpha=0.1, epsilon=0.0), np.array([1.0])
    >>> delta, state = rule.update(np.array([-4.0]), rule.init(theta), theta)
    >>> delta.round(12), state.u
    (array([0.1]), array([4.]))
    """

    state_names: ClassVar[tuple[str, ...]] = ("m", "u")
    alpha: StepSize = step_size(2e-3)
    beta1: Number = decay(0.9)
    beta2: Number = decay(0.999)
    epsilon: Number = nonnegative(1e-8)

    arithmetic = staticmethod(adamax)

    def scalars(self, t, xp):
        """Return α, β1, 1 - β1, 1 - β1^t, β2 and ε."""
        return {
            "alpha": self.alpha,
            "beta1": self.beta1,
            "weight1": 1 - self.beta1,
            "correction1": 1 - self.beta1**t,
            "beta2": self.beta2,
            "epsilon": self.epsilon,
        }


def adamax_outside(xp):
    """Algorithm 2 for one coordinate, ε on the denominator."""

    def step(c, g, theta, m, u):
        m = c.beta1 * m + c.weight1 * g
        u = xp.maximum(c.beta2 * u, xp.abs(g))
        m_hat = m / c.correction1
        delta = -c.alpha * m_hat / (u + c.epsilon)
        return delta, m, u

    return step


@dataclass(frozen=True)
class AdaMaxOutside(AdaMax):
    r"""AdaMax with ε on the denominator: $\Delta_t = -\alpha\,\hat m_t/(u_t + \epsilon)$.

    Keras computes this form. With ε = 0 it is `AdaMax`.

    >>> import numpy as np
    >>> from adambook import AdaMaxOutside
    >>> rule, theta = AdaMaxOutside(alpha=0.1, epsilon=1.0), np.array([1.0])
    >>> rule.update(np.array([-4.0]), rule.init(theta), theta)[0].round(12)
    array([0.08])
    """

    arithmetic = staticmethod(adamax_outside)
