"""Rosenbrock's curved valley."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adambook.problems.problem import Array, Problem, coordinates


def rosenbrock() -> Problem:
    r"""Return $f(x, y) = (1-x)^2 + 100\,(y-x^2)^2$, smallest at (1, 1), where it is 0.

    The way to the minimum leads along a bent valley with a nearly flat floor.
    Source: Rosenbrock (1960).

    >>> problem = rosenbrock()
    >>> float(problem.value([0.0, 0.0])), problem.gradient(problem.minimum)
    (1.0, array([0., 0.]))
    """

    def value(theta: ArrayLike) -> Array:
        x, y = np.moveaxis(coordinates(theta, 2), -1, 0)
        return np.asarray((1 - x) ** 2 + 100 * (y - x**2) ** 2)

    def gradient(theta: ArrayLike) -> Array:
        x, y = np.moveaxis(coordinates(theta, 2), -1, 0)
        return np.stack([2 * (x - 1) - 400 * x * (y - x**2), 200 * (y - x**2)], axis=-1)

    bounds = ((-2.0, 2.0), (-1.0, 3.0))
    return Problem(
        "Rosenbrock", value, gradient, np.array([1.0, 1.0]), np.array([-1.2, 1.0]), bounds
    )
