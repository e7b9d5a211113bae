"""scikit-learn's digits as rows for softmax regression: real data for runs of a second."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adambook.models.logistic_regression import with_ones


@lru_cache(maxsize=1)
def images() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the 1,797 images as rows in [0, 1] with a 1 appended, and their labels.

    >>> x, y = images()
    >>> x.shape, y.shape
    ((1797, 65), (1797,))
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return with_ones(x / 16), y
