"""Whitening of pictures: two readings of what the paper's CIFAR-10 section calls it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def standardize(x: Array, *others: Array) -> tuple[Array, ...]:
    """Give each colour plane mean 0 and variance 1 over the first set; move the others alike.

    Parameters
    ----------
    x, others : arrays, shape (n, planes, rows, columns)

    Returns
    -------
    arrays of float32, the same shapes

    Raises
    ------
    ValueError
        If a plane of the first set is constant: it has no variance to divide by.

    >>> (x,) = standardize(np.arange(24.0).reshape(2, 3, 2, 2))
    >>> axes = (0, 2, 3)
    >>> bool(abs(x.mean(axes)).max() < 1e-6), bool(np.allclose(x.std(axes), 1))
    (True, True)
    """
    axes = (0, 2, 3)
    mean = x.mean(axis=axes, keepdims=True, dtype=np.float64)
    scale = x.std(axis=axes, keepdims=True, dtype=np.float64)
    if not np.all(scale > 0):
        raise ValueError("x must hold more than one value, no NaN, in each of its planes")
    return tuple(((a - mean) / scale).astype(np.float32) for a in (x, *others))


def zca(x: Array, *others: Array, epsilon: float = 1e-2) -> tuple[Array, ...]:
    r"""Make all pixels uncorrelated, by the turn that changes the pictures least.

    With the covariance $C = U \Lambda U^\top$ of the flat pictures (divided by 255),
    $x \mapsto U(\Lambda + \epsilon I)^{-1/2}U^\top(x - \bar x)$, fitted on the first set.

    Parameters
    ----------
    x, others : arrays, shape (n, ...), values 0..255
    epsilon : float
        > 0; keeps the directions of almost no variance, which are noise, from being blown up.

    Returns
    -------
    arrays of float32, the same shapes

    Raises
    ------
    ValueError
        If ε is out of its range.

    Source: Bell and Sejnowski (1997); with ε as in Krizhevsky (2009).

    >>> rng = np.random.default_rng(0)
    >>> mix = np.array([[255.0, 0.0], [200.0, 60.0]])
    >>> (x,) = zca(rng.standard_normal((4000, 2)) @ mix, epsilon=1e-9)
    >>> bool(np.allclose(np.cov(x.T), np.eye(2), atol=1e-3))
    True
    """
    if not 0 < epsilon < np.inf:
        raise ValueError(f"epsilon must lie in (0, ∞), got {epsilon!r}")
    flat = [(a.reshape(len(a), -1) / 255).astype(np.float32) for a in (x, *others)]
    mean = flat[0].mean(axis=0, dtype=np.float64).astype(np.float32)
    centred = flat[0] - mean
    values, u = np.linalg.eigh((centred.T @ centred).astype(np.float64) / len(centred))
    turn = ((u / np.sqrt(values.clip(min=0) + epsilon)) @ u.T).astype(np.float32)
    return tuple(
        ((f - mean) @ turn).reshape(a.shape) for f, a in zip(flat, (x, *others), strict=True)
    )
