"""RMSProp (Hinton's lecture, 2012): plain, with momentum, and centred (Graves, 2013)."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, decay, nonnegative, step_size
from adambook.rules.rule import Rule, StepSize


def rmsprop(xp):
    """RMSProp for one coordinate."""

    def step(c, g, theta, v):
        v = c.rho * v + c.weight * g**2
        delta = -c.alpha * g / (xp.sqrt(v) + c.epsilon)
        return delta, v

    return step


@dataclass(frozen=True)
class RMSProp(Rule):
    r"""RMSProp: a gradient over the root of the average of recent squares.

    $v_t = \rho v_{t-1} + (1-\rho) g_t^2$, $\Delta_t = -\alpha g_t/(\sqrt{v_t}+\epsilon)$.
    There is no bias correction: the first step is $\alpha/\sqrt{1-\rho}$ long. ε stands outside
    the root, as in PyTorch; Hinton's lecture has none. Source: Tieleman and Hinton (2012).

    >>> import numpy as np
    >>> from adambook import RMSProp
    >>> rule, theta = RMSProp(alpha=0.1, rho=0.75, epsilon=0.0), np.array([1.0])
    >>> delta, state = rule.update(np.array([3.0]), rule.init(theta), theta)
    >>> delta
    array([-0.2])
    """

    state_names: ClassVar[tuple[str, ...]] = ("v",)
    alpha: StepSize = step_size(1e-3)
    rho: Number = decay(0.9)
    epsilon: Number = nonnegative(1e-8)

    arithmetic = staticmethod(rmsprop)

    def scalars(self, t, xp):
        """Return α, ρ, 1 - ρ and ε."""
        return {
            "alpha": self.alpha,
            "rho": self.rho,
            "weight": 1 - self.rho,
            "epsilon": self.epsilon,
        }


def rmsprop_momentum(xp):
    """RMSProp with momentum on the rescaled gradient, for one coordinate."""

    def step(c, g, theta, v, m):
        v = c.rho * v + c.weight * g**2
        m = c.mu * m + g / (xp.sqrt(v) + c.epsilon)
        delta = -c.alpha * m
        return delta, v, m

    return step


@dataclass(frozen=True)
class RMSPropMomentum(RMSProp):
    r"""RMSProp with momentum on the rescaled gradients.

    $m_t = \mu m_{t-1} + g_t/(\sqrt{v_t}+\epsilon)$, $\Delta_t = -\alpha m_t$, v as in `RMSProp`.
    The momentum runs over rescaled gradients, where Adam rescales an average of gradients: the
    paper's section 5 names this as the difference. Same form as
    `torch.optim.RMSprop(momentum=mu)`. Source: Kingma and Ba (2015), section 5; Graves (2013).

    >>> import numpy as np
    >>> from adambook import RMSPropMomentum, minimize
    >>> rule = RMSPropMomentum(alpha=0.1, rho=0.0, epsilon=0.0, mu=0.5)
    >>> minimize(rule, lambda theta: np.ones_like(theta), np.array([0.0]), steps=2).round(3)[:, 0]
    array([ 0.  , -0.1 , -0.25])
    """

    state_names: ClassVar[tuple[str, ...]] = ("v", "m")
    mu: Number = decay(0.9)

    arithmetic = staticmethod(rmsprop_momentum)

    def scalars(self, t, xp):
        """Return α, ρ, 1 - ρ, ε and μ."""
        return {**RMSProp.scalars(self, t, xp), "mu": self.mu}


def rmsprop_centred(xp):
    """RMSProp divided by a standard deviation, for one coordinate."""

    def step(c, g, theta, v, m, g_bar):
        v = c.rho * v + c.weight * g**2
        g_bar = c.rho * g_bar + c.weight * g
        variance = xp.abs(v - g_bar**2)  # never negative but for rounding
        m = c.mu * m + g / (xp.sqrt(variance) + c.epsilon)
        delta = -c.alpha * m
        return delta, v, m, g_bar

    return step


@dataclass(frozen=True)
class RMSPropCentred(RMSPropMomentum):
    r"""Centred RMSProp: the mean's square is taken off, $v_t - \bar g_t^2$, before the root.

    $\bar g_t = \rho\bar g_{t-1} + (1-\rho) g_t$ and
    $m_t = \mu m_{t-1} + g_t/(\sqrt{v_t - \bar g_t^2}+\epsilon)$, $\Delta_t = -\alpha m_t$. ε stands
    outside the root as in `torch.optim.RMSprop(centered=True)`; Graves has it inside, 1e-4.
    Source: Graves (2013), equations 38 to 41.

    >>> import numpy as np
    >>> from adambook import RMSPropCentred
    >>> rule, theta = RMSPropCentred(alpha=0.1, rho=0.5, epsilon=0.0, mu=0.0), np.array([1.0])
    >>> delta, state = rule.update(np.array([3.0]), rule.init(theta), theta)
    >>> delta, state.g_bar
    (array([-0.2]), array([1.5]))
    """

    state_names: ClassVar[tuple[str, ...]] = ("v", "m", "g_bar")
    mu: Number = decay(0.0)

    arithmetic = staticmethod(rmsprop_centred)
