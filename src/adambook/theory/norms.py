r"""The discounted $L^p$ norms between Adam (p = 2) and AdaMax (p = ∞)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adambook.theory.arguments import decay, finite_array, number


def discounted_norm(g: ArrayLike, beta2: float, p: float) -> float:
    r"""Return $v_t^{1/p}$ for $v_t = (1-\beta_2^p)\sum_{i=1}^t \beta_2^{p(t-i)}|g_i|^p$.

    For p = 2 this is the root of Adam's v with decay factor $\beta_2^2$; for p = ∞ it is
    AdaMax's $u_t = \max_i \beta_2^{t-i}|g_i|$.

    **Proposition.** Let u > 0 be the value at p = ∞, attained at n ≥ 1 of the t steps. Then
    $(n(1-\beta_2^p))^{1/p} \le v_t^{1/p}/u \le (t(1-\beta_2^p))^{1/p}$ for β2 in (0, 1). Both
    sides go to 1 with p → ∞, so $v_t^{1/p}$ goes to u.

    *Proof.* $(v_t^{1/p}/u)^p = (1-\beta_2^p)\sum w_i^p$ with $w_i = \beta_2^{t-i}|g_i|/u$.
    Every $w_i$ lies in [0, 1] and n of them are 1, so $n \le \sum w_i^p \le t$.

    Taken as written, $|g|^p$ leaves float64 at p = 108 for |g| = 0.001 and at p = 103 for
    |g| = 1000; the paper calls large p unstable. Here the largest term is taken out first, which
    is exact, and nothing overflows for any p.

    Parameters
    ----------
    g : array, shape (t,)
        The gradients of one coordinate.
    beta2 : float
        The decay factor, in [0, 1).
    p : float
        In [1, ∞], `math.inf` included.

    Returns
    -------
    float
        In the unit of g; 0 if all gradients are 0.

    Raises
    ------
    ValueError
        If beta2 lies outside [0, 1), p is below 1, or g is no finite, non-empty vector.

    Source: Kingma and Ba (2015), equations 6 to 11.

    >>> import math
    >>> g = [3.0, -1.0]
    >>> [round(discounted_norm(g, 0.5, p), 4) for p in (2, 10, 10_000, math.inf)]
    [1.5612, 1.5024, 1.5, 1.5]
    """
    beta2 = decay("beta2", beta2)
    size = np.abs(finite_array("g", g, (1,)))
    if not (p := number("p", p)) >= 1:
        raise ValueError(f"p must lie in [1, ∞], got {p}")
    discounted = beta2 ** np.arange(len(size) - 1, -1, -1, dtype=np.float64) * size
    largest = float(discounted.max())
    if math.isinf(p) or largest == 0:
        return largest
    share = -math.expm1(p * math.log(beta2)) if beta2 > 0 else 1.0  # 1 - β2^p
    total = share * float(((discounted / largest) ** p).sum())
    return largest * math.exp(math.log(total) / p)
