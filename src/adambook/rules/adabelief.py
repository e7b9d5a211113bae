"""AdaBelief (Zhuang et al., 2020): divide by the surprise, not by the size."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.adam import Adam


def adabelief(xp):
    """AdaBelief for one coordinate."""

    def step(c, g, theta, m, s):
        m = c.beta1 * m + c.weight1 * g
        s = c.beta2 * s + c.weight2 * (g - m) ** 2 + c.epsilon
        m_hat = m / c.correction1
        s_hat = s / c.correction2
        delta = -c.alpha * m_hat / (xp.sqrt(s_hat) + c.epsilon)
        return delta, m, s

    return step


@dataclass(frozen=True)
class AdaBelief(Adam):
    r"""AdaBelief: Adam with an average of $(g_t - m_t)^2$ in the place of that of $g_t^2$.

    $s_t = \beta_2 s_{t-1} + (1-\beta_2)(g_t - m_t)^2 + \epsilon$,
    $\Delta_t = -\alpha\,\hat m_t/(\sqrt{\hat s_t}+\epsilon)$. The published rule adds ε twice, to s
    at every step and to the root. Source: Zhuang et al. (2020), Algorithm 2.

    >>> import numpy as np
    >>> from adambook import AdaBelief
    >>> rule, theta = AdaBelief(alpha=0.1, beta1=0.5, beta2=0.0, epsilon=0.0), np.array([0.0])
    >>> rule.update(np.array([2.0]), rule.init(theta), theta)[0].round(12)
    array([-0.2])
    """

    state_names: ClassVar[tuple[str, ...]] = ("m", "s")

    arithmetic = staticmethod(adabelief)
