"""What a rule may call on scalars, once a step: float64 NumPy, and a product over past steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

sqrt, maximum, where = np.sqrt, np.maximum, np.where


def product(term: Callable[..., Any], t: Any, *args: Any) -> Any:
    r"""Return $\prod_{i=1}^{t}$ `term(i, *args)`, where `term` takes an array of i.

    For plain numbers the products up to a power of two are kept, so that a run of T steps costs
    T factors and not $T^2/2$. t is an int, or a column of them (shape (steps, 1)), whose products
    are returned as rows.

    >>> float(product(lambda i, k: i + k, 4, 0.0))
    24.0
    >>> product(lambda i: i, np.array([1, 2, 3]))
    array([1., 2., 6.])
    """
    last = int(np.max(t))
    if all(np.ndim(x) == 0 for x in args):
        return _products(term, 1 << last.bit_length(), *map(float, args))[t - 1]
    steps = np.arange(1, last + 1, dtype=np.float64)
    axes = (1,) * np.ndim(term(1.0, *args))
    factors = term(steps.reshape(-1, *axes), *args)
    if np.ndim(t) == 0:
        return np.prod(factors, axis=0)
    return np.cumprod(factors, axis=0)[np.ravel(t) - 1]


@lru_cache(maxsize=32)
def _products(term: Callable[..., Any], length: int, *args: float) -> Any:
    return np.cumprod(term(np.arange(1, length + 1, dtype=np.float64), *args))
