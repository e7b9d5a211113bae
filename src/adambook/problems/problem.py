"""What a test problem is: a value, its gradient, where it is smallest, where to start and look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]
Bounds = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Problem:
    r"""A smooth function to minimise, with all that a run and a picture of it need.

    Attributes
    ----------
    value : callable
        θ of shape (..., d) → array of shape (...), so that a whole grid is one call.
    gradient : callable
        θ of shape (..., d) → array of the same shape; `minimize` takes it as it is.
    minimum : array, shape (d,)
        A global minimiser.
    start : array, shape (d,)
        The usual start of a run.
    bounds : tuple of d pairs (low, high)
        The intervals that a contour plot shows.

    >>> import numpy as np
    >>> from adambook import Adam, minimize
    >>> from adambook.problems import saddle
    >>> problem = saddle()
    >>> path = minimize(Adam(alpha=0.05), problem.gradient, problem.start, steps=500)
    >>> np.allclose(path[-1], problem.minimum, atol=1e-3)
    True
    """

    name: str
    value: Callable[[ArrayLike], Array] = field(repr=False)
    gradient: Callable[[ArrayLike], Array] = field(repr=False)
    minimum: Array
    start: Array
    bounds: Bounds


def coordinates(theta: ArrayLike, d: int) -> Array:
    """Return θ as floats of shape (..., d), or raise ValueError.

    >>> coordinates([1.0, 2.0], 2)
    array([1., 2.])
    """
    array = np.asarray(theta, dtype=np.result_type(np.asarray(theta).dtype, np.float32))
    if array.ndim == 0 or array.shape[-1] != d:
        raise ValueError(
            f"theta must have {d} numbers along its last axis, got shape {array.shape}"
        )
    return array
