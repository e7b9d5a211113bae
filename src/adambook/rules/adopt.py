"""ADOPT (Taniguchi et al., 2024): a gradient is divided by what came before it, then averaged."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, decay, nonnegative, step_size
from adambook.rules.rule import Rule, StepSize


def adopt(xp):
    """ADOPT for one coordinate; the first gradient only fills v."""

    def step(c, g, theta, m, v):
        x = g / xp.maximum(xp.sqrt(v), c.floor)
        m = c.beta1 * m + c.share * x
        v = c.kept * v + c.weight2 * g**2
        delta = -c.alpha * m
        return delta, m, v

    return step


@dataclass(frozen=True)
class ADOPT(Rule):
    r"""ADOPT: momentum over gradients that were divided by the root of the *previous* v.

    $x_t = g_t/\max(\sqrt{v_{t-1}}, \epsilon)$, $m_t = \beta_1 m_{t-1} + (1-\beta_1) x_t$,
    $v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2$, $\Delta_t = -\alpha\, m_t$. The first gradient sets
    $v_1 = g_1^2$ and moves nothing, so that step 2 is the published step 1; there is no bias
    correction. This is the first published form; `ADOPTClipped` is the one its authors recommend
    now. Source: Taniguchi et al. (2024), Algorithm 1.

    >>> import numpy as np
    >>> from adambook import ADOPT, minimize
    >>> rule = ADOPT(alpha=0.1, beta1=0.0, beta2=0.0)
    >>> gradients = [lambda theta, g=g: np.array([g]) for g in (2.0, 4.0, 1.0)]
    >>> minimize(rule, gradients, np.array([0.0]), steps=3)[:, 0].round(3)
    array([ 0.   ,  0.   , -0.2  , -0.225])
    """

    state_names: ClassVar[tuple[str, ...]] = ("m", "v")
    alpha: StepSize = step_size(1e-3)
    beta1: Number = decay(0.9)
    beta2: Number = decay(0.9999)
    epsilon: Number = nonnegative(1e-6)

    arithmetic = staticmethod(adopt)

    def scalars(self, t, xp):
        """Return α, β1, and what differs at t = 1: the floor, the shares of x and of v."""
        kept = xp.where(t > 1, self.beta2, 0)
        return {
            "alpha": self.alpha,
            "beta1": self.beta1,
            "share": xp.where(t > 1, 1 - self.beta1, 0),
            "floor": xp.where(t > 1, self.epsilon, 1),
            "kept": kept,
            "weight2": 1 - kept,
        }


def adopt_clipped(xp):
    """ADOPT with its normalised gradients clipped, for one coordinate."""

    def step(c, g, theta, m, v):
        x = xp.minimum(xp.maximum(g / xp.maximum(xp.sqrt(v), c.floor), -c.clip), c.clip)
        m = c.beta1 * m + c.share * x
        v = c.kept * v + c.weight2 * g**2
        delta = -c.alpha * m
        return delta, m, v

    return step


@dataclass(frozen=True)
class ADOPTClipped(ADOPT):
    r"""ADOPT with $x_t$ clipped to $[-c_t, c_t]$, $c_t = (t-1)^{1/4}$.

    A gradient that follows much smaller ones would be divided by a scale that does not know it
    yet. The clip ends that, and as $c_t$ grows the theorem remains. t - 1 counts the steps after
    the first gradient. Source: Taniguchi et al. (2024), the clipped form of Algorithm 1, and the
    authors' code.

    >>> import numpy as np
    >>> from adambook import ADOPTClipped, minimize
    >>> rule = ADOPTClipped(alpha=0.1, beta1=0.0, beta2=0.0)
    >>> gradients = [lambda theta, g=g: np.array([g]) for g in (2.0, 4.0, 1.0)]
    >>> minimize(rule, gradients, np.array([0.0]), steps=3)[:, 0].round(3)
    array([ 0.   ,  0.   , -0.1  , -0.125])
    """

    arithmetic = staticmethod(adopt_clipped)

    def scalars(self, t, xp):
        """Return ADOPT's scalars and the clip."""
        return {**ADOPT.scalars(self, t, xp), "clip": (t - 1) ** 0.25}
