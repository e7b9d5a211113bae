"""Nesterov's accelerated gradient, in the form that needs no gradient elsewhere."""

from dataclasses import dataclass

from adambook.rules.momentum import Momentum


def nesterov(xp):
    """Nesterov's momentum for one coordinate."""

    def step(c, g, theta, m):
        m = c.mu * m + g
        delta = -c.alpha * (g + c.mu * m)
        return delta, m

    return step


@dataclass(frozen=True)
class Nesterov(Momentum):
    r"""Nesterov's momentum: $m_t = \mu m_{t-1} + g_t$, $\Delta_t = -\alpha (g_t + \mu m_t)$.

    θ holds the point that the gradient is taken at (the look-ahead point), as in
    `torch.optim.SGD(nesterov=True)` and Bengio's rewriting. With constant α this is
    $v_t = \mu v_{t-1} - \alpha g_t$, $\Delta_t = \mu v_t - \alpha g_t$ with $v_t = -\alpha m_t$.
    Sources: Nesterov (1983); Sutskever et al. (2013), section 2.

    >>> import numpy as np
    >>> from adambook import Nesterov, minimize
    >>> rule = Nesterov(alpha=0.1, mu=0.5)
    >>> minimize(rule, lambda theta: np.ones_like(theta), np.array([0.0]), steps=2).round(3)[:, 0]
    array([ 0.   , -0.15 , -0.325])
    """

    arithmetic = staticmethod(nesterov)
