"""A saddle between two minima."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adambook.problems.problem import Array, Problem, coordinates


def saddle() -> Problem:
    r"""Return $f(x, y) = \frac12(x^2-y^2) + \frac14y^4$: a saddle at 0, minima at (0, ±1).

    `minimum` is (0, 1), the one on the side of the start; (0, -1) is as low, -1/4. The start is
    a thousandth beside the ridge, where the gradient hardly points to either.

    >>> problem = saddle()
    >>> float(problem.value(problem.minimum)), problem.gradient([0.0, 0.0])
    (-0.25, array([0., 0.]))
    """

    def value(theta: ArrayLike) -> Array:
        x, y = np.moveaxis(coordinates(theta, 2), -1, 0)
        return np.asarray((x**2 - y**2) / 2 + y**4 / 4)

    def gradient(theta: ArrayLike) -> Array:
        x, y = np.moveaxis(coordinates(theta, 2), -1, 0)
        return np.stack([x, y**3 - y], axis=-1)

    bounds = ((-1.5, 1.5), (-1.5, 1.5))
    return Problem("saddle", value, gradient, np.array([0.0, 1.0]), np.array([1.0, 1e-3]), bounds)
