"""AdamW (Loshchilov and Hutter, 2019): weight decay beside the gradient, not inside it."""

from dataclasses import dataclass

from adambook.rules.adam import Adam
from adambook.rules.ranges import Number, nonnegative


def adamw(xp):
    """Adam with decoupled weight decay, for one coordinate."""

    def step(c, g, theta, m, v):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        m_hat = m / c.correction1
        v_hat = v / c.correction2
        delta = -c.alpha * (m_hat / (xp.sqrt(v_hat) + c.epsilon) + c.weight_decay * theta)
        return delta, m, v

    return step


@dataclass(frozen=True)
class AdamW(Adam):
    r"""AdamW: $\Delta_t = -\alpha\,(\hat m_t/(\sqrt{\hat v_t}+\epsilon) + \lambda\,\theta_{t-1})$.

    The decay λ (`weight_decay`) is multiplied by α, as in `torch.optim.AdamW`, and acts on the
    parameters before they move. In the published Algorithm 2 it is multiplied by the schedule
    η_t alone: pass λ/α for that. Source: Loshchilov and Hutter (2019), Algorithm 2.

    >>> import numpy as np
    >>> from adambook import AdamW
    >>> rule, theta = AdamW(alpha=0.1, weight_decay=0.5, epsilon=0.0), np.array([2.0])
    >>> rule.update(np.array([1.0]), rule.init(theta), theta)[0].round(12)
    array([-0.2])
    """

    weight_decay: Number = nonnegative(1e-2)

    arithmetic = staticmethod(adamw)

    def scalars(self, t, xp):
        """Return Adam's scalars and λ."""
        return {**Adam.scalars(self, t, xp), "weight_decay": self.weight_decay}
