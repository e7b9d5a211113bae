r"""The step without bias correction, $|m_t|/\sqrt{v_t}$: how it starts, peaks and is bounded."""

from __future__ import annotations

import math
from typing import NamedTuple

from adambook.theory.arguments import decay, step_count, step_count_or_infinity
from adambook.theory.step_bound import step_bound


class Peak(NamedTuple):
    """Where a sequence over t = 1, 2, … is largest, and how large."""

    t: int | float
    value: float


def uncorrected_step(beta1: float, beta2: float, t: int | float) -> float:
    r"""Return $(1-\beta_1^t)/\sqrt{1-\beta_2^t}$, the factor that bias correction removes.

    Constant gradients g give $m_t = (1-\beta_1^t)g$ and $v_t = (1-\beta_2^t)g^2$, so without
    correction step t is this many times α, with correction it is α. For all gradients, the
    uncorrected step is this factor times the corrected one.

    The same factor comes back later, in Adam with its correction: after a long quiet phase
    ($m = v = 0$ and t large, so that the corrections are 1), constant gradients n steps long
    give $|\hat m|/\sqrt{\hat v} = (1-\beta_1^n)/\sqrt{1-\beta_2^n}$.

    Parameters
    ----------
    beta1, beta2 : float
        Decay factors in [0, 1).
    t : int or math.inf
        The step, from 1.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is neither a whole number ≥ 1 nor math.inf.

    Source: Kingma and Ba (2015), section 3, in words.

    >>> round(uncorrected_step(0.9, 0.999, 1), 4), round(uncorrected_step(0.9, 0.999, 12), 4)
    (3.1623, 6.5685)
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    t = step_count_or_infinity("t", t)
    return _correction(beta1, t) / math.sqrt(_correction(beta2, t))


def uncorrected_peak(beta1: float, beta2: float) -> Peak:
    r"""Return the step t ≥ 1 at which `uncorrected_step` is largest, and its value there.

    **Proposition.** Let $h(t) = (1-\beta_1^t)/\sqrt{1-\beta_2^t}$. For 0 < β1 < β2 it rises,
    over real t > 0, to one maximum, which may lie before t = 1, and then falls to 1. For
    β1 = 0 < β2 it falls from $1/\sqrt{1-\beta_2}$ at t = 1.
    For β1 ≥ β2 (β1 > 0) it rises to 1, which it never reaches: the peak is (inf, 1).

    *Proof.* With $a = \ln(1/\beta_1)$, $b = \ln(1/\beta_2)$, $(\ln h)'$ has the sign of
    $\varphi(t) = 2a(e^{bt}-1) - b(e^{at}-1)$. $\varphi(0) = 0$ and
    $\varphi'(t) = ab(2e^{bt}-e^{at})$ is positive at 0; it stays positive for a ≤ b, and for
    a > b changes sign once, at $\ln 2/(a-b)$, after which φ falls to -∞. So φ changes sign at
    most once, from + to -; for a > b it has done so by $t = 2\ln 2/(a-b)$: there, with s = bt,
    φ < 0 says $2\ln 2\,(1-e^{-s}) < s(1+\tfrac12e^{-s})$, which follows from
    $1-e^{-s}\le\tfrac12s(1+e^{-s})$ and $\ln 2 < \tfrac34$.

    Returns
    -------
    Peak
        (t, value); t is an int, or math.inf where there is no largest step.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1).

    Source: this book, chapter 6.

    >>> t, value = uncorrected_peak(0.9, 0.999)
    >>> t, round(value, 4)
    (12, 6.5685)
    >>> uncorrected_peak(0.9, 0.5)
    Peak(t=inf, value=1.0)
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    if beta1 == 0:
        return Peak(1, uncorrected_step(beta1, beta2, 1))
    if beta1 >= beta2:
        return Peak(math.inf, 1.0)
    a, b = -math.log(beta1), -math.log(beta2)
    # a - b, which cancels where the two are close
    gap = math.log1p((beta2 - beta1) / beta1) if beta2 < 2 * beta1 else a - b

    def rises(t: float) -> bool:  # the sign of φ, divided by e^{(a+b)t}
        return 2 * a * math.exp(-gap * t) * -math.expm1(-b * t) > b * -math.expm1(-a * t)

    low = math.log(2) / gap
    high = 2 * low
    while high - low > 1e-15 * high and math.floor(low) < math.floor(high):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) else (low, middle)
    candidates = range(max(1, math.floor(low)), math.ceil(high) + 1)
    return max((Peak(t, uncorrected_step(beta1, beta2, t)) for t in candidates), key=lambda p: p[1])


def uncorrected_mean(beta1: float, beta2: float, steps: int) -> float:
    r"""Return the mean of `uncorrected_step` over the first steps, $\bar h(T)$.

    Constant gradients move the uncorrected rule by $\alpha\sum_{t\le T}h(t)$ in T steps, and the
    corrected one by αT. So over T steps the uncorrected rule at α goes as far as the corrected
    one at $\alpha\,\bar h(T)$. For β1 = 0, with $\tau = 1/\ln(1/\beta_2)$,

    $$\int_0^T\frac{dt}{\sqrt{1-\beta_2^t}} = 2\tau\,\mathrm{arcosh}\,e^{T/2\tau}
    \;\longrightarrow\; T + 2\tau\ln2 .$$

    Parameters
    ----------
    beta1, beta2 : float
        Decay factors in [0, 1).
    steps : int
        T, at least 1.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or `steps` is no whole number ≥ 1.

    Source: this book, chapter 12.

    >>> round(uncorrected_mean(0.9, 0.9999, 5000), 3)
    2.838
    """
    steps = step_count("steps", steps)
    return math.fsum(uncorrected_step(beta1, beta2, t) for t in range(1, steps + 1)) / steps


def uncorrected_step_bound(beta1: float, beta2: float, t: int | float) -> float:
    r"""Return the supremum of $|m_t|/\sqrt{v_t}$ over all gradients, without bias correction.

    **Corollary** of `step_bound`. $m_t/\sqrt{v_t}$ is `uncorrected_step` times
    $\hat m_t/\sqrt{\hat v_t}$, whatever the gradients, so the supremum is

    $$S_t\,\frac{1-\beta_1^t}{\sqrt{1-\beta_2^t}} =
    \frac{1-\beta_1}{\sqrt{1-\beta_2}}\sqrt{\sum_{k=0}^{t-1}(\beta_1^2/\beta_2)^k},$$

    attained by the same gradients. It reaches its limit after about $1/(1-\beta_1^2/\beta_2)$
    steps, however long the memory of v; $S_t$ needs $1/(1-\beta_2)$ steps.

    Returns
    -------
    float
        A multiple of α; `math.inf` where it is unbounded.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is neither a whole number ≥ 1 nor math.inf.

    Source: this book, chapter 5.

    >>> import math
    >>> [round(uncorrected_step_bound(0.9, 0.999, t), 3) for t in (1, 10, math.inf)]
    [3.162, 6.809, 7.27]
    """
    return step_bound(beta1, beta2, t) * uncorrected_step(beta1, beta2, t)


def _correction(beta: float, t: int | float) -> float:
    """Return 1 - β^t without cancellation."""
    return -math.expm1(t * math.log(beta)) if beta > 0 else 1.0
