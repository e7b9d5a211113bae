"""Beale's function: flat plains and steep corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adambook.problems.problem import Array, Problem, coordinates


def beale() -> Problem:
    r"""Return $f(x, y) = \sum_{k=1}^3 (c_k - x + xy^k)^2$ with c = (1.5, 2.25, 2.625).

    Smallest at (3, 1/2), where it is 0. The gradients' size spans many powers of ten over the
    region shown. Source: Beale (1958).

    >>> problem = beale()
    >>> float(problem.value(problem.minimum)), problem.gradient(problem.minimum)
    (0.0, array([0., 0.]))
    """
    c, k = np.array([1.5, 2.25, 2.625]), np.array([1, 2, 3])

    def residuals(theta: ArrayLike) -> tuple[Array, Array, Array]:
        x, y = np.moveaxis(coordinates(theta, 2)[..., None], -2, 0)
        return c - x + x * y**k, x, y

    def value(theta: ArrayLike) -> Array:
        return np.asarray(np.sum(residuals(theta)[0] ** 2, axis=-1))

    def gradient(theta: ArrayLike) -> Array:
        r, x, y = residuals(theta)
        slopes = [y**k - 1, k * x * y ** (k - 1)]
        return np.stack([2 * np.sum(r * slope, axis=-1) for slope in slopes], axis=-1)

    bounds = ((-4.5, 4.5), (-4.5, 4.5))
    return Problem("Beale", value, gradient, np.array([3.0, 0.5]), np.array([1.0, 1.5]), bounds)
