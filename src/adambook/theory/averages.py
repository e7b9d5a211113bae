r"""Averages that forget, $a_t = \beta a_{t-1} + (1-\beta)x_t$ from $a_0 = 0$."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter

from adambook.arguments import checked
from adambook.theory.arguments import (
    decay,
    finite_array,
    positive,
    step_count,
    step_count_or_infinity,
)


def weight_sum(beta: float, t: ArrayLike) -> NDArray[np.float64]:
    """Return 1 - β^t without cancellation, for t > 0 of any shape, and β in [0, 1).

    >>> weight_sum(0.5, [1, 2])
    array([0.5 , 0.75])
    """
    t = np.asarray(t, dtype=np.float64)
    with np.errstate(over="ignore"):
        return -np.expm1(t * math.log(beta)) if beta > 0 else np.ones_like(t)


def average_weights(beta: float, t: int) -> NDArray[np.float64]:
    r"""Return the weights $(1-\beta)\beta^{t-i}$ of $x_1, \dots, x_t$ in $a_t$.

    **Theorem.** $a_t = (1-\beta)\sum_{i=1}^t\beta^{t-i}x_i$, and the weights sum to
    $1-\beta^t$.

    *Proof.* For t = 0 both sides are 0. If it holds for t - 1, then
    $\beta a_{t-1} + (1-\beta)x_t$ multiplies each old weight by β and adds the weight
    $1-\beta$ of $x_t$. The sum is geometric.

    Parameters
    ----------
    beta : float
        The decay factor, in [0, 1).
    t : int
        How many values have been seen, from 1.

    Returns
    -------
    array, shape (t,), the oldest first

    Raises
    ------
    ValueError
        If beta lies outside [0, 1), or t is not a whole number ≥ 1.

    Source: Kingma and Ba (2015), equation 1.

    >>> average_weights(0.5, 3)
    array([0.125, 0.25 , 0.5  ])
    """
    beta, t = decay("beta", beta), step_count("t", t)
    return (1 - beta) * beta ** np.arange(t - 1, -1, -1, dtype=np.float64)


@checked
def moving_average(x: ArrayLike, beta: float, *, corrected: bool) -> NDArray[np.float64]:
    r"""Return $a_1, \dots, a_T$, or $a_t/(1-\beta^t)$ when it is to be corrected.

    $a_0 = 0$ pulls the first values of $a_t$ towards 0, because its weights sum to
    $1-\beta^t$ only. Divided by that sum it is a weighted mean of $x_1, \dots, x_t$.

    Parameters
    ----------
    x : array, shape (T,) or (T, d)
        The values, one step a row.
    beta : float
        The decay factor, in [0, 1).
    corrected : bool
        Divide by $1-\beta^t$.

    Returns
    -------
    array, x's shape

    Raises
    ------
    ValueError
        If beta lies outside [0, 1), or x is no finite, non-empty array of that shape.

    Source: Kingma and Ba (2015), section 3.

    >>> moving_average([1.0, 1.0], 0.5, corrected=False)
    array([0.5 , 0.75])
    >>> moving_average([1.0, 1.0], 0.5, corrected=True)
    array([1., 1.])
    """
    beta, values = decay("beta", beta), finite_array("x", x, (1, 2))
    average = np.asarray(lfilter([1 - beta], [1, -beta], values, axis=0), dtype=np.float64)
    if not corrected:
        return average
    t = np.arange(1, len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    return average / weight_sum(beta, t)


def share_within(beta: float, n: float) -> float:
    r"""Return the share of the weight on the newest n values, $1-\beta^n$, long after the start.

    With $n = 1/(1-\beta)$ it tends to $1 - 1/e = 0.632$ for β → 1, from above. A real n > 0
    is read as the formula reads it.

    Parameters
    ----------
    beta : float
        The decay factor, in [0, 1).
    n : float
        How many values, above 0.

    Raises
    ------
    ValueError
        If beta lies outside [0, 1), or n is not above 0.

    Source: this book, chapter 2.

    >>> round(share_within(0.9, 10), 4)
    0.6513
    """
    return float(weight_sum(decay("beta", beta), positive("n", n)))


def mean_age(beta: float) -> float:
    r"""Return the mean age of what $a_t$ averages, $\beta/(1-\beta)$ steps, long after the start.

    $(1-\beta)\sum_{k\ge0} k\beta^k = \beta/(1-\beta)$. It is the lag of the average behind
    values that grow evenly, $x_t = ct$.

    Parameters
    ----------
    beta : float
        The decay factor, in [0, 1).

    Raises
    ------
    ValueError
        If beta lies outside [0, 1).

    Source: this book, chapter 2.

    >>> round(mean_age(0.9), 4)
    9.0
    """
    beta = decay("beta", beta)
    return beta / (1 - beta)


def effective_count(beta: float, t: int | float = math.inf) -> float:
    r"""Return how many values a plain mean needs to be as quiet as the corrected average.

    For independent values of one variance, the variance of a weighted mean is the sum of its
    squared weights times theirs. So the count is
    $\frac{(1-\beta^t)^2}{(1-\beta)^2\sum_{k<t}\beta^{2k}}
    = \frac{1+\beta}{1-\beta}\,\frac{1-\beta^t}{1+\beta^t}$, which is 1 at t = 1.

    Parameters
    ----------
    beta : float
        The decay factor, in [0, 1).
    t : int or math.inf
        How many values have been seen.

    Raises
    ------
    ValueError
        If beta lies outside [0, 1), or t is neither a whole number ≥ 1 nor math.inf.

    Source: this book, chapter 2.

    >>> round(effective_count(0.9), 4), effective_count(0.9, 1)
    (19.0, 1.0)
    """
    beta = decay("beta", beta)
    total = float(weight_sum(beta, step_count_or_infinity("t", t)))  # 1 - β^t
    return (1 + beta) / (1 - beta) * total / (2 - total)
