"""Dropout noise on sparse examples (Hinton et al., 2012; Wang and Manning, 2013)."""

from __future__ import annotations

from typing import Any

import numpy as np


def dropped(x: Any, rate: float, rng: np.random.Generator, *, rescaled: bool = False) -> Any:
    r"""Return x with each of its entries set to 0 with probability `rate`.

    Only entries that are not 0 already need a draw, so the noise costs no more than they are.

    Parameters
    ----------
    x : scipy.sparse.csr_array, shape (n, d)
    rate : float, in [0, 1)
        The probability to drop an entry.
    rng : numpy.random.Generator
        Where the noise comes from: one number in [0, 1) an entry, in the order of the rows.
    rescaled : bool
        Whether what is kept is multiplied by 1/(1 - rate), so that its mean is x.

    Returns
    -------
    scipy.sparse.csr_array, x's shape and dtype; x is not changed

    Raises
    ------
    TypeError
        If x is to be rescaled and does not hold floating-point numbers.
    ValueError
        If `rate` is out of range.

    >>> from scipy.sparse import csr_array
    >>> x = csr_array(np.ones((2, 3), np.float32))
    >>> dropped(x, 0.5, np.random.default_rng(0)).toarray()
    array([[1., 1., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    if not 0 <= rate < 1:
        raise ValueError(f"rate must lie in [0, 1), got {rate!r}")
    if rescaled and x.dtype.kind != "f":
        raise TypeError(f"x must hold floating-point numbers to be rescaled, got {x.dtype}")
    kept = rng.random(x.nnz, dtype=np.float32) >= rate
    ends = np.concatenate([[0], np.cumsum(kept)])[x.indptr]
    data = x.data[kept]
    if rescaled:
        data = data / x.dtype.type(1 - rate)
    return type(x)((data, x.indices[kept], ends.astype(x.indptr.dtype)), shape=x.shape)
