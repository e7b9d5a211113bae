"""Stochastic gradient descent (Robbins and Monro, 1951)."""

from dataclasses import dataclass

from adambook.rules.ranges import step_size
from adambook.rules.rule import Rule, StepSize


def sgd(xp):
    """Gradient descent for one coordinate."""

    def step(c, g, theta):
        delta = -c.alpha * g
        return (delta,)

    return step


@dataclass(frozen=True)
class SGD(Rule):
    r"""Gradient descent: $\Delta_t = -\alpha g_t$.

    It keeps no state. Source: Robbins and Monro (1951).

    >>> import numpy as np
    >>> from adambook import SGD
    >>> sgd, theta = SGD(alpha=0.5), np.array([1.0, -2.0])
    >>> delta, state = sgd.update(theta, sgd.init(theta), theta)
    >>> theta + delta
    array([ 0.5, -1. ])
    """

    alpha: StepSize = step_size(1e-2)

    arithmetic = staticmethod(sgd)

    def scalars(self, t, xp):
        """Return α."""
        return {"alpha": self.alpha}
