"""What a rule may call on scalars, once a step: float64 NumPy, and a product over past steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

sqrt, maximum, where = np.sqrt, np.maximum, np.where


def product(term: Callable[[Any], Any], t: int) -> Any:
    r"""Return $\prod_{i=1}^{t}$ `term(i)`, where `term` takes an array of i.

    >>> float(product(lambda i: i, 4))
    24.0
    """
    steps = np.arange(1, t + 1, dtype=np.float64)
    axes = (1,) * np.ndim(term(1.0))
    return np.prod(term(steps.reshape(-1, *axes)), axis=0)
