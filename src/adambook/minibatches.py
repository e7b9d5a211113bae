"""The order in which a stochastic method meets its examples."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked


@checked
def minibatches(n: int, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    r"""Yield the example numbers of one mini-batch after the other, without end.

    Each epoch is a fresh shuffle of 0, …, n-1, cut into $\lceil n/\text{size}\rceil$ pieces, so
    that every example is met once an epoch. The last piece is shorter if `size` does not divide n.

    Parameters
    ----------
    n : int
        How many examples there are, from 1.
    size : int
        Examples in a mini-batch, from 1 to n.
    rng : numpy.random.Generator
        Where the order comes from.

    Raises
    ------
    ValueError
        If n or size is out of range, when the first mini-batch is asked for.

    >>> batches = minibatches(4, 2, np.random.default_rng(0))
    >>> sorted(np.concatenate([next(batches), next(batches)]).tolist())
    [0, 1, 2, 3]
    """
    n, size = operator.index(n), operator.index(size)
    if not 1 <= size <= n:
        raise ValueError(f"size must lie in [1, n] with n at least 1, got size {size} and n {n}")
    while True:
        order = rng.permutation(n)
        for start in range(0, n, size):
            yield order[start : start + size]
