"""The subspace that all subfunctions share: few directions, all vectors as coordinates in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked

Array = NDArray[Any]

BLOCK = 1 << 16
"""Columns turned at once when the basis changes, so that no second basis is held."""

NEGLIGIBLE = 100
"""A direction shorter than this many rounding errors of the vector it is left from is none."""


@checked
class Subspace:
    r"""An orthonormal basis P of at most `limit` directions in $\mathbb R^M$, one a row.

    A vector x is kept as its coordinates $P x$; a new gradient adds the direction in which it
    leaves the subspace (Gram-Schmidt, done twice for the rounding). When there is no room, the
    basis is replaced by one of the span of the vectors that are still needed.

    Parameters
    ----------
    dimension : int
        M, how many parameters there are.
    limit : int
        The most directions, at most M.
    dtype
        The dtype of P: float32 or float64. Coordinates are float64.

    Source: Sohl-Dickstein, Poole and Ganguli (2014), on the shared subspace. Here P is the
    transpose of theirs, and positions are measured from the start θ_0.

    >>> space = Subspace(5, 3, np.float64)
    >>> space.add(np.array([0.0, 3.0, 4.0, 0.0, 0.0])).tolist()
    [5.0]
    >>> space.add(np.array([0.0, 0.0, 1.0, 0.0, 0.0])).round(12).tolist()
    [0.8, 0.6]
    >>> space.vector(np.array([5.0, 0.0])).tolist()
    [0.0, 3.0, 4.0, 0.0, 0.0]
    """

    def __init__(self, dimension: int, limit: int, dtype: Any) -> None:
        self.basis = np.zeros((min(limit, dimension), dimension), dtype)
        self.size = 0

    @property
    def scarce(self) -> bool:
        """Whether there is no room for two more directions, though there are more in the space."""
        directions, dimension = self.basis.shape
        return bool(self.size > directions - 2 and directions < dimension)

    def add(self, x: Array) -> Array:
        """Make room for a vector and return its coordinates, float64, shape (size,).

        Parameters
        ----------
        x : array, shape (M,), the basis's dtype
        """
        p = self.basis[: self.size]
        first = p @ x
        rest = x - first @ p
        second = p @ rest
        rest -= second @ p
        coordinates = np.asarray(first + second, np.float64)
        length = float(np.linalg.norm(rest))
        enough = NEGLIGIBLE * np.finfo(rest.dtype).eps * float(np.linalg.norm(x))
        if self.size == len(self.basis) or length <= enough:
            return coordinates
        self.basis[self.size] = rest / rest.dtype.type(length)
        self.size += 1
        return np.append(coordinates, length)

    def vector(self, coordinates: Array) -> Array:
        """Return the vector in the whole space, shape (M,)."""
        return np.asarray(coordinates.astype(self.basis.dtype) @ self.basis[: self.size])

    def collapse(self, needed: Array) -> Array:
        r"""Shrink to the span of the columns of `needed`; return the turn Q: P becomes $Q^\top P$.

        Parameters
        ----------
        needed : array, shape (size, k), k ≤ size
            Coordinates of the vectors to keep. What is left of any other vector is its
            projection.

        Returns
        -------
        array, shape (size, k), orthonormal columns
            New coordinates are $Q^\top$ times the old.

        >>> space = Subspace(3, 2, np.float64)
        >>> _ = space.add(np.array([1.0, 0.0, 0.0])), space.add(np.array([0.0, 1.0, 0.0]))
        >>> turn = space.collapse(np.array([[3.0], [4.0]]))
        >>> space.size, bool(np.allclose(abs(space.vector(np.ones(1))), [0.6, 0.8, 0.0]))
        (1, True)
        """
        turn = np.linalg.qr(needed)[0]
        small = np.ascontiguousarray(turn.T, self.basis.dtype)
        for start in range(0, self.basis.shape[1], BLOCK):
            block = self.basis[:, start : start + BLOCK]
            block[: len(small)] = small @ block[: self.size]
            block[len(small) :] = 0
        self.size = len(small)
        return np.asarray(turn)
