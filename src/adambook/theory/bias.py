r"""The expectation of an average that forgets, when what it averages drifts (section 3)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from adambook.theory.arguments import (
    decay,
    finite_array,
    nonnegative,
    step_count_or_infinity,
)
from adambook.theory.averages import average_weights


def expected_second_moment(second_moments: ArrayLike, beta2: float) -> float:
    r"""Return $E[v_t] = (1-\beta_2)\sum_{i=1}^t \beta_2^{t-i}\,E[g_i^2]$.

    Only linearity is used: the gradients may depend on each other. With $E[g_i]$ and β1 in
    place of $E[g_i^2]$ and β2 it is $E[m_t]$.

    Parameters
    ----------
    second_moments : array, shape (t,)
        $E[g_1^2], \dots, E[g_t^2]$.
    beta2 : float
        The decay factor, in [0, 1).

    Raises
    ------
    ValueError
        If beta2 lies outside [0, 1), or the second moments are no finite, non-empty vector.

    Source: Kingma and Ba (2015), equations 1 and 2.

    >>> round(expected_second_moment([4.0, 4.0, 4.0], 0.5), 4)  # 4 (1 - 0.5³)
    3.5
    """
    moments = finite_array("second_moments", second_moments, (1,))
    return float(average_weights(decay("beta2", beta2), len(moments)) @ moments)


def drift_residual(second_moments: ArrayLike, beta2: float) -> float:
    r"""Return ζ exactly, where $E[v_t] = E[g_t^2](1-\beta_2^t) + \zeta$.

    $\zeta = (1-\beta_2)\sum_{i=1}^t \beta_2^{t-i}\,(E[g_i^2]-E[g_t^2])$: subtract
    $E[g_t^2]$ times the sum of the weights, $1-\beta_2^t$, from `expected_second_moment`. It is
    0 if the second moment is stationary. (The paper's sentence about ζ prints β1 for β2.)

    Parameters
    ----------
    second_moments : array, shape (t,)
        $E[g_1^2], \dots, E[g_t^2]$.
    beta2 : float
        The decay factor, in [0, 1).

    Raises
    ------
    ValueError
        If beta2 lies outside [0, 1), or the second moments are no finite, non-empty vector.

    Source: Kingma and Ba (2015), equations 2 to 4, where ζ is named and not computed.

    >>> drift_residual([1.0, 1.0, 1.0], 0.9), round(drift_residual([0.0, 1.0], 0.5), 4)
    (0.0, -0.25)
    """
    moments = finite_array("second_moments", second_moments, (1,))
    return expected_second_moment(moments - moments[-1], beta2)


def drift_residual_bound(beta2: float, drift: float, t: int | float) -> float:
    r"""Return the largest $|\zeta|$ when $|E[g_i^2]-E[g_j^2]| \le L\,|i-j|$, with L = `drift`.

    **Proposition.** $|\zeta| \le L(1-\beta_2)\sum_{k=0}^{t-1} k\beta_2^k
    \le L\beta_2/(1-\beta_2)$; the first is attained by linear drift, the second is its limit for
    t → ∞.

    *Proof.* Put $|E[g_i^2]-E[g_t^2]| \le L(t-i)$ into ζ and let k = t - i;
    $\sum_{k\ge0} k\beta^k = \beta/(1-\beta)^2$.

    Parameters
    ----------
    beta2 : float
        The decay factor, in [0, 1).
    drift : float
        L ≥ 0, the largest change of the second moment in one step.
    t : int or math.inf
        The step, from 1; takes memory proportional to it, unless it is math.inf.

    Raises
    ------
    ValueError
        If beta2 lies outside [0, 1), drift is negative or not finite, or t is neither a whole
        number ≥ 1 nor math.inf.

    Source: this book, chapter 6.

    >>> import math
    >>> round(drift_residual_bound(0.999, 0.01, math.inf), 4)
    9.99
    """
    beta2, drift = decay("beta2", beta2), nonnegative("drift", drift)
    t = step_count_or_infinity("t", t)
    if math.isinf(t):
        return drift * beta2 / (1 - beta2)
    weights = average_weights(beta2, int(t))
    return drift * float(weights @ np.arange(len(weights) - 1, -1, -1))
