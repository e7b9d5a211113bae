"""The largest curvature that a preconditioned method sees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from adambook.arguments import checked
from adambook.theory.arguments import finite_array


@checked
def preconditioned_sharpness(
    curvature: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    scale: ArrayLike,
    *,
    tolerance: float = 1e-4,
) -> float:
    r"""Return the largest eigenvalue of $P^{-1}H$, for a diagonal P > 0 and a symmetric H.

    $P^{-1}H$ has the eigenvalues of the symmetric $P^{-1/2}HP^{-1/2}$, whose largest one ARPACK's
    Lanczos iteration finds from products with H alone.

    Parameters
    ----------
    curvature : callable
        A vector → H times it.
    scale : array, shape (n,), n ≥ 2
        The diagonal of P; for Adam $\sqrt{\hat v_t}+\epsilon$.
    tolerance : float
        Relative accuracy of the eigenvalue.

    Raises
    ------
    ValueError
        If the scale is not a vector of at least two positive finite numbers, or the curvature
        returns a NaN or an infinity.

    Source: Cohen et al. (2022), section 2.

    >>> H = np.diag([1.0, 2.0, 3.0])
    >>> round(preconditioned_sharpness(lambda x: H @ x, [0.1, 1.0, 1.0]), 6)
    10.0
    """
    diagonal = finite_array("scale", scale, (1,))
    if len(diagonal) < 2 or diagonal.min() <= 0:
        raise ValueError(f"scale must hold at least two numbers, all in (0, ∞), got {diagonal}")
    root = np.sqrt(diagonal)

    def product(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return curvature(x.ravel() / root) / root

    operator = LinearOperator((len(root), len(root)), matvec=product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(len(root))
    if not np.any(first := product(start)):
        return 0.0  # of a start at random: H is 0
    if not np.all(np.isfinite(first)):
        raise ValueError("curvature must return finite numbers, got a NaN or an infinity")
    count = min(len(root), 20)
    largest = eigsh(
        operator, k=1, which="LA", v0=start, tol=tolerance, ncv=count, return_eigenvectors=False
    )
    return float(largest[0])
