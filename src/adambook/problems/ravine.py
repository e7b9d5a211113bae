"""A ravine: steep walls, a floor that falls gently and evenly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adambook.arguments import checked
from adambook.problems.problem import Array, Problem, coordinates


@checked
def ravine(steepness: float = 50.0) -> Problem:
    r"""Return $f(x, y) = \sqrt{1+x^2} - 1 + \frac{s}{2}y^2$, smallest at the origin.

    Along the floor, y = 0, the slope is nearly ±1 however far the minimum; across it the
    curvature is s. A step size that the walls allow, below 2/s, crawls along the floor.

    Parameters
    ----------
    steepness : float
        s > 0, the curvature across.

    Raises
    ------
    ValueError
        If the steepness is not positive and finite.

    >>> problem = ravine(10.0)
    >>> float(problem.value([0.0, 1.0])), problem.gradient([0.0, 1.0])
    (5.0, array([ 0., 10.]))
    """
    if not 0 < steepness < math.inf:
        raise ValueError(f"steepness must lie in (0, ∞), got {steepness!r}")

    def value(theta: ArrayLike) -> Array:
        x, y = np.moveaxis(coordinates(theta, 2), -1, 0)
        return np.asarray(np.hypot(1, x) - 1 + steepness / 2 * y**2)

    def gradient(theta: ArrayLike) -> Array:
        x, y = np.moveaxis(coordinates(theta, 2), -1, 0)
        return np.stack([x / np.hypot(1, x), steepness * y], axis=-1)

    bounds = ((-6.0, 2.0), (-1.5, 1.5))
    return Problem("ravine", value, gradient, np.zeros(2), np.array([-5.0, 1.0]), bounds)
