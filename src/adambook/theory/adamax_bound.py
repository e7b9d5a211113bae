r"""How far one step of AdaMax can go: the exact supremum of $|\hat m_t|/u_t$."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adambook.theory.arguments import decay, step_count, step_count_or_infinity


def adamax_step_bound(beta1: float, beta2: float, t: int | float) -> float:
    r"""Return $A_t$, the exact supremum of $|\hat m_t|/u_t$ over all gradients, a multiple of α.

    **Theorem.** With $a_i = (1-\beta_1)\beta_1^{t-i}/(1-\beta_1^t)$,
    $u_t = \max_i \beta_2^{t-i}|g_i|$ and $q = \beta_1/\beta_2$, β2 > 0,

    $$\sup_g \frac{|\hat m_t|}{u_t} = A_t = \sum_{i=1}^t a_i\,\beta_2^{-(t-i)} =
    \frac{1-\beta_1}{1-\beta_1^t}\sum_{k=0}^{t-1} q^k,$$

    attained by the multiples of $g_i = \beta_2^i$, see `adamax_extremal_gradients`.

    *Proof.* $|g_i| \le \beta_2^{-(t-i)}u_t$ for every i, so
    $|\hat m_t| \le \sum a_i|g_i| \le u_t\sum a_i\beta_2^{-(t-i)}$, with equality when all
    $\beta_2^{t-i}g_i$ are equal.

    *Corollary.* $A_t$ is an average of numbers ≥ 1. So $A_t = 1$ for β1 = 0 or t = 1, and
    $A_t > 1$ otherwise: the paper's $|\Delta_t| \le \alpha$ (end of section 7.1) holds for
    β1 = 0 alone. The limit is $A_\infty = (1-\beta_1)\beta_2/(\beta_2-\beta_1)$ for β1 < β2,
    1.0091 at the defaults, and infinite for β1 ≥ β2 (β1 > 0).

    For β2 = 0 the normaliser is $|g_t|$, and the supremum is infinite for β1 > 0 and t ≥ 2.

    Parameters
    ----------
    beta1, beta2 : float
        Decay factors in [0, 1).
    t : int or math.inf
        The step, from 1; `math.inf` asks for the supremum over all t.

    Returns
    -------
    float
        $A_t$; `math.inf` where it is unbounded, or above the largest float64. The relative error is
        below 1e-12.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is neither a whole number ≥ 1 nor math.inf.

    Source: this book, chapter 7.

    >>> import math
    >>> round(adamax_step_bound(0.9, 0.999, 2), 6)
    1.000474
    >>> round(adamax_step_bound(0.9, 0.999, math.inf), 4)
    1.0091
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    t = step_count_or_infinity("t", t)
    if t == 1 or beta1 == 0:
        return 1.0
    if beta2 == 0 or (math.isinf(t) and beta1 >= beta2):
        return math.inf
    excess = (beta1 - beta2) / beta2  # q - 1
    if math.isinf(t):
        return (1 - beta1) / -excess
    head = (1 - beta1) / -math.expm1(t * math.log(beta1))
    if excess == 0:
        return head * t
    if -0.5 < excess < math.inf:
        log_q = math.log1p(excess)
    else:
        log_q = math.log(beta1) - math.log(beta2)
    if math.isinf(excess):  # q is beyond float64, so q^(t-1) is all of the sum
        return _grown(head, (t - 1) * log_q)
    growth = t * max(log_q, 0.0)
    geometric = -math.expm1(-t * abs(log_q)) / abs(excess)  # times q^t if q > 1
    return _grown(head * geometric, growth)


@np.errstate(over="ignore")
def _grown(factor: float, exponent: float) -> float:
    """Return factor·e^exponent, or inf where float64 ends; the power alone may end before."""
    half = np.exp(exponent / 2)
    return float(factor * half * half)


def adamax_extremal_gradients(beta1: float, beta2: float, t: int) -> NDArray[np.float64]:
    r"""Return gradients $g_1, \dots, g_t$ that attain `adamax_step_bound(beta1, beta2, t)`.

    $g_i = \beta_2^{i-1}$: gradients that shrink as fast as the memory of u forgets, so that
    every one of them is the maximum. They attain $A_1, A_2, \dots$ one after the other. β1 does
    not matter; it is asked for so that the two extremal sequences are called alike.

    In floating point the entries underflow once $\beta_2^t$ does (t > 700 000 at β2 = 0.999).

    Returns
    -------
    ndarray, shape (t,)
        Entries in [0, 1], the first one 1.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is no whole number ≥ 1.

    Source: this book, chapter 7; the equality case in `adamax_step_bound`.

    >>> adamax_extremal_gradients(0.9, 0.5, 3)
    array([1.  , 0.5 , 0.25])
    """
    decay("beta1", beta1)
    return decay("beta2", beta2) ** np.arange(step_count("t", t), dtype=np.float64)
