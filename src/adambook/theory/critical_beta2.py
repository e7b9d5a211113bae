r"""How large β2 must be for Adam to walk the right way on a cycle of n gradients, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from adambook.theory.arguments import number, step_count


def cycle_moments(n: int, beta2: float) -> NDArray[np.float64]:
    r"""Return the second moments $v_0, \dots, v_{n-1}$ into which a cycle of n gradients settles.

    Once a period the gradient is n, then n - 1 times -1. With $v_k = \beta_2v_{k-1}+(1-\beta_2)$
    for k = 1, …, n - 1 and $v_0 = \beta_2v_{n-1}+(1-\beta_2)n^2$, so

    $$v_0 = \frac{\beta_2-\beta_2^n+(1-\beta_2)\,n^2}{1-\beta_2^n}, \qquad
    v_k = 1+\beta_2^k(v_0-1).$$

    Parameters
    ----------
    n : int
        The period, at least 2.
    beta2 : float
        The decay factor, in (0, 1).

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        If n or beta2 is out of its range.

    Source: this book, chapter "When Adam fails".

    >>> cycle_moments(2, 0.5)
    array([3., 2.])
    """
    n, beta2 = step_count("n", n), number("beta2", beta2)
    if n < 2:
        raise ValueError(f"n must be at least 2, got {n}")
    if not 0 < beta2 < 1:
        raise ValueError(f"beta2 must lie in (0, 1), got {beta2!r}")
    forgotten = -np.expm1(np.arange(n + 1) * np.log(beta2))  # 1 - β2^k
    v0 = (forgotten[n] + (1 - beta2) * (n**2 - 1)) / forgotten[n]
    moments: NDArray[np.float64] = v0 - forgotten[:n] * (v0 - 1)
    return moments


def cycle_drift(n: int, beta2: float) -> float:
    r"""Return how far Adam with β1 = 0 moves in a period of n gradients, in multiples of α.

    $$\Delta(n,\beta_2) = -\frac n{\sqrt{v_0}}+\sum_{k=1}^{n-1}\frac1{\sqrt{v_k}}$$

    with the $v_k$ of `cycle_moments`. The gradients of a period sum to n - (n - 1) = +1, so the
    way to a smaller sum is to the left: a drift above 0 goes the wrong way, for ever.

    Raises
    ------
    ValueError
        If n or beta2 is out of its range.

    Source: this book, chapter "When Adam fails".

    >>> round(cycle_drift(101, 0.99), 4), round(cycle_drift(101, 0.9999), 4)
    (2.2798, -0.074)
    """
    v = cycle_moments(n, beta2)
    return float(np.sum(1 / np.sqrt(v[1:])) - n / np.sqrt(v[0]))


def critical_beta2(n: int) -> float:
    r"""Return 1 - β2 at which `cycle_drift` is 0: for a smaller 1 - β2 Adam walks the right way.

    $1-\beta_2^*(n) \to 4/n^2$. For small δ = 1 - β2 and nδ, the moments fall by the factor
    1 - kδ within a period, so $\sqrt{v_0/v_k} \approx 1+k\delta/2$ and
    $\sqrt{v_0}\,\Delta \approx -n+(n-1)+\delta n^2/4 = -1+\delta n^2/4$.

    Parameters
    ----------
    n : int
        The period, from 3 (at n = 2 and every β2 in (0, 1) Adam walks the right way) to $10^6$.

    Returns
    -------
    float
        1 - β2, and not β2, which for large n would round to 1. The relative error is below 1e-12.

    Raises
    ------
    ValueError
        If n is outside this range.

    Source: this book, chapter "When Adam fails". That a large enough β2, depending on n, is
    enough in general: Zhang, Chen, Shi, Sun and Luo (2022).

    >>> round(critical_beta2(10), 4), round(critical_beta2(100) * 100**2, 3)
    (0.0446, 4.053)
    """
    n = step_count("n", n)
    if not 3 <= n <= 10**6:
        raise ValueError(f"n must lie in [3, 1000000], got {n}")

    k = np.arange(1, n + 1)

    def drift(log_weight: float) -> float:  # √v0 times that of `cycle_drift`, of positive terms
        weight = np.exp(log_weight)
        forgotten = -np.expm1(k * np.log1p(-weight))  # 1 - β2^k
        excess = weight * (n**2 - 1) / forgotten[-1]  # v0 - 1
        fallen = forgotten[:-1] * excess  # v0 - v_k
        ratio = fallen / (1 + excess - fallen)  # v0/v_k - 1
        return float(np.sum(ratio / (1 + np.sqrt(1 + ratio))) - 1)

    low, high = np.log(1 / n**2), np.log(0.999)
    return float(np.exp(brentq(drift, low, high, xtol=1e-14, rtol=1e-14)))
