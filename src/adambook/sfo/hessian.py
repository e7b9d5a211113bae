"""The curvature of one subfunction, estimated from the gradients it has shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from adambook.arguments import checked, shaped

Array = NDArray[Any]

PARALLEL = 1e-12
"""A pair (s, y) with |sᵀy| below this share of |s||y| tells no curvature and is left out."""

RANGE = 1e8
"""An eigenvalue below the largest modulus over this is too small."""


def smallest_curvature(s: Array, y: Array) -> float:
    r"""Return the smallest $|Ya|/|Sa|$ over all combinations a of the pairs.

    Its square is the smallest eigenvalue μ of $Y^\top Y a = \mu\, S^\top S a$, which is the secant
    equation $HS = Y$ times its own transpose: $S^\top H^2 S = Y^\top Y$. With $S = QR$ it is the
    smallest singular value of $Y R^{-1}$. Steps that lie in the span of the others are left out.

    Parameters
    ----------
    s, y : array, shape (k, n)
        n steps, and the changes of the gradient over them, one a column.

    >>> s = np.eye(3)[:, :2]
    >>> smallest_curvature(s, np.diag([4.0, 9.0, 1.0]) @ s)
    4.0
    """
    s, y = shaped("s", s, 2), shaped("y", y, 2)
    length = np.linalg.norm(s, axis=0)
    r, order = scipy.linalg.qr(s / length, mode="r", pivoting=True)
    new = np.abs(np.diag(r)) > np.sqrt(np.finfo(float).eps)
    n = int(new.sum())
    y = (y / length)[:, order[:n]]
    change = scipy.linalg.solve_triangular(r[:n, :n], y.T, trans="T").T
    return float(np.linalg.svd(change, compute_uv=False)[-1])


@checked
def bfgs(s: Array, y: Array, beta: float) -> Array:
    r"""Return the BFGS estimate of a Hessian from pairs of steps and changes of the gradient.

    From $B = \beta I$, for each pair in its order,
    $B \leftarrow B + \frac{y y^\top}{y^\top s} - \frac{B s s^\top B}{s^\top B s}$,
    after which $B s = y$. It is not made positive definite here.

    Parameters
    ----------
    s, y : array, shape (k, n)
    beta : float
        The curvature that directions never stepped along are given.

    Returns
    -------
    array, shape (k, k)

    >>> s, y = np.eye(2)[:, :1], np.array([[3.0], [1.0]])
    >>> bool(np.allclose(bfgs(s, y, beta=0.5) @ s, y))
    True
    """
    b = beta * np.eye(len(s))
    for step, change in zip(s.T, y.T, strict=True):
        pushed = b @ step
        secant, curvature = float(change @ step), float(step @ pushed)
        if abs(secant) <= PARALLEL * float(np.linalg.norm(step) * np.linalg.norm(change)):
            continue
        if abs(curvature) <= PARALLEL * float(np.linalg.norm(step) * np.linalg.norm(pushed)):
            continue
        b += np.outer(change, change) / secant - np.outer(pushed, pushed) / curvature
    return b


@checked
def positive(b: Array, seen: Array, beta: float) -> Array:
    """Return b with the eigenvalues that are too small set to the median of the others.

    Only directions in the span of `seen` are looked at; across it b is left as it is. Where all of
    them are too small, all are set to `beta`.

    Parameters
    ----------
    b : array, shape (k, k), symmetric
        A multiple of the identity across the span of `seen`, as `bfgs` leaves it.
    seen : array, shape (k, n)
    beta : float
        The curvature across the span of `seen`, > 0.

    Raises
    ------
    ValueError
        If a shape does not fit, or beta is not > 0.

    >>> positive(np.diag([5.0, -2.0, 3.0]), np.eye(3), beta=1.0).round(12).tolist()
    [[5.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 3.0]]
    """
    seen = shaped("seen", seen, 2)
    if not beta > 0:
        raise ValueError(f"beta must be > 0, got {beta}")
    if b.shape != (len(seen), len(seen)):
        raise ValueError(f"b must have shape {(len(seen),) * 2} beside seen, got {b.shape}")
    basis = scipy.linalg.orth(seen / np.linalg.norm(seen, axis=0))
    values, vectors = np.linalg.eigh(basis.T @ b @ basis)
    large = values > np.abs(values).max() / RANGE
    other = np.median(values[large]) if large.any() else beta
    mended = np.where(large, values, other)
    directions = basis @ vectors
    return np.asarray(b + (directions * (mended - values)) @ directions.T)


def estimate(s: Array, y: Array) -> tuple[Array, float]:
    """Return a positive definite estimate of a Hessian, and its value in directions not seen.

    Where the smallest curvature is 0, as rounding makes it at the minimum, the largest over `RANGE`
    stands in its place.

    Parameters
    ----------
    s, y : array, shape (k, n), n ≥ 1
        The last steps between evaluations of one subfunction, and the changes of its gradient.

    Source: Sohl-Dickstein, Poole and Ganguli (2014), on the online Hessian approximation: BFGS
    from a multiple of the identity by the squared secant equation, made positive definite by an
    eigendecomposition.

    >>> h, beta = estimate(np.eye(2), np.diag([2.0, 6.0]))
    >>> h.round(12).tolist(), beta
    ([[2.0, 0.0], [0.0, 6.0]], 2.0)
    """
    beta = smallest_curvature(s, y)
    if beta == 0:  # some combination of the steps changed no gradient at all
        beta = float(np.max(np.linalg.norm(y, axis=0) / np.linalg.norm(s, axis=0))) / RANGE
    return positive(bfgs(s, y, beta), np.hstack([s, y]), beta), beta
