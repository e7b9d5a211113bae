r"""How far one step of Adam can go: the paper's bound, the exact supremum, who attains it.

With ε = 0 the step is $\Delta_t = -\alpha\,\nu_t$, where $\nu_t = \hat m_t/\sqrt{\hat v_t}$ is the
normalised step. All bounds here are bounds on $|\nu_t|$, that is, multiples of α.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.theory.arguments import decay, step_count, step_count_or_infinity
from adambook.theory.averages import weight_sum


def paper_step_bound(beta1: float, beta2: float) -> float:
    r"""Return the bound on $|\Delta_t|/\alpha$ that the paper states in its section 2.1.

    $(1-\beta_1)/\sqrt{1-\beta_2}$ where $1-\beta_1 > \sqrt{1-\beta_2}$, and 1 otherwise.

    As stated it is false. The first case holds for β1 = 0 alone (it is then the limit of
    `step_bound`, never exceeded), the second for β1 = β2 alone: see `step_bound`. For
    $1-\beta_1 = \sqrt{1-\beta_2}$ the paper even writes $|\hat m_t/\sqrt{\hat v_t}| < 1$, which
    the first step already breaks: there the ratio is exactly 1.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1).

    Source: Kingma and Ba (2015), section 2.1.

    >>> round(paper_step_bound(0.9, 0.999), 4)
    3.1623
    >>> paper_step_bound(0.9, 0.9)
    1.0
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    return max(1.0, (1 - beta1) / math.sqrt(1 - beta2))


def step_bound_squared() -> Any:
    r"""Return $S_t^2$ of `step_bound` as a SymPy expression in beta1, beta2 and t.

    $\frac{(1-\beta_1)^2}{1-\beta_2}\cdot\frac{1-\beta_2^t}{(1-\beta_1^t)^2}\cdot
    \frac{1-r^t}{1-r}$ with $r = \beta_1^2/\beta_2$, for β1² ≠ β2. The figure that a reader moves
    draws it; for numbers take `step_bound`, which loses no digits.

    >>> from adambook import symbolic
    >>> squared = step_bound_squared()
    >>> numbers = {symbolic.symbol("beta1"): 0.9, symbolic.symbol("beta2"): 0.999}
    >>> round(float(squared.subs(numbers).subs(symbolic.symbol("t"), 10)) ** 0.5, 4)
    1.0431
    """
    from adambook import symbolic

    beta1, beta2, t = (symbolic.symbol(name) for name in ("beta1", "beta2", "t"))
    r = beta1**2 / beta2
    head = (1 - beta1) ** 2 / (1 - beta2) * (1 - beta2**t) / (1 - beta1**t) ** 2
    return head * (1 - r**t) / (1 - r)


def step_bound(beta1: float, beta2: float, t: int | float) -> float:
    r"""Return $S_t$, the exact supremum of $|\hat m_t|/\sqrt{\hat v_t}$ over all gradients.

    **Theorem.** Let $a_i = (1-\beta_1)\beta_1^{t-i}/(1-\beta_1^t)$ and
    $b_i = (1-\beta_2)\beta_2^{t-i}/(1-\beta_2^t)$, the weights of $\hat m_t = \sum a_i g_i$ and
    $\hat v_t = \sum b_i g_i^2$. For β1 in [0, 1), β2 in (0, 1) and t ≥ 1,

    $$\sup_g \frac{|\hat m_t|}{\sqrt{\hat v_t}} = S_t, \qquad
    S_t^2 = \sum_{i=1}^t \frac{a_i^2}{b_i} = \frac{(1-\beta_1)^2}{1-\beta_2}\cdot
    \frac{1-\beta_2^t}{(1-\beta_1^t)^2}\cdot\sum_{k=0}^{t-1} r^k, \quad r = \beta_1^2/\beta_2,$$

    attained exactly by the multiples of $g_i = (\beta_2/\beta_1)^i$ (for β1 = 0: by $g_t$ alone
    being nonzero), see `extremal_gradients`.

    *Proof.* Cauchy and Schwarz: $\sum a_i g_i = \sum (a_i/\sqrt{b_i})(\sqrt{b_i}\,g_i) \le
    \sqrt{\sum a_i^2/b_i}\,\sqrt{\hat v_t}$, with equality if and only if $\sqrt{b_i}\,g_i$ is
    proportional to $a_i/\sqrt{b_i}$, that is $g_i \propto a_i/b_i \propto (\beta_1/\beta_2)^{t-i}$.

    *Corollaries.*

    1. a and b sum to 1, so $S_t^2 = 1 + \sum (a_i-b_i)^2/b_i$: $S_1 = 1$, $S_t \ge 1$, and for
       t ≥ 2 equality holds if and only if β1 = β2. This is the only setting in which
       $|\Delta_t| \le \alpha$ for every sequence of gradients.
    2. For β1 > 0 and r ≠ 1, $S_t^2 = S^2\,[1 - (\sinh pt/\sinh qt)^2]$ with
       $p = |\ln(\beta_2/\beta_1)|/2$, $q = \ln(1/\beta_1)/2$ and
       $S^2 = (1-\beta_1)^2/((1-\beta_2)(1-r))$, because $(1-y)(y-x^2) = y(1-x)^2-(x-y)^2$ for
       $x = \beta_1^t$, $y = \beta_2^t$. Hence $S_t$ grows strictly with t when β1 ≠ β2: for
       r = 1 because it is then $S_t^2 = \frac{1-\beta_1}{1+\beta_1}\,t\coth qt$, and for β1 = 0
       because $S_t^2 = (1-\beta_2^t)/(1-\beta_2)$.
    3. $S_\infty = \lim S_t$ is finite if and only if $\beta_1 < \sqrt{\beta_2}$ (or β1 = β2 = 0);
       then $S_\infty = (1-\beta_1)/\sqrt{(1-\beta_2)(1-\beta_1^2/\beta_2)}$.
    4. With ε > 0, $|\Delta_t| \le \alpha S_t\sqrt{\hat v_t}/(\sqrt{\hat v_t}+\epsilon) <
       \alpha S_t$, and the supremum is the same (scale the gradients up).

    For β2 = 0 the normaliser is $|g_t|$, and the supremum is infinite for β1 > 0 and t ≥ 2. (A β2
    below 1e-300 counts as 0.)

    Parameters
    ----------
    beta1, beta2 : float
        Decay factors in [0, 1).
    t : int or math.inf
        The step, from 1; `math.inf` asks for the supremum over all t.

    Returns
    -------
    float
        $S_t$, a multiple of α; `math.inf` where it is unbounded, or above the largest float64. The
        relative error is below 1e-12, whatever t and however near the decay factors are to each
        other or to 1: $1-\beta^t$ and $r^t-1$ go through `expm1`, and r - 1 is formed exactly
        before it is rounded. Whether $\beta_1 < \sqrt{\beta_2}$ is decided by
        `beta1 * beta1 < beta2` in float64, so that (0.9, 0.81) counts as the wall.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is neither a whole number ≥ 1 nor math.inf.

    Source: this book, chapter 5. The limit t → ∞ appears, as a lemma, in proofs of convergence.

    >>> import math
    >>> round(step_bound(0.9, 0.999, 1000), 4), round(step_bound(0.9, 0.999, math.inf), 4)
    (5.7812, 7.2703)
    >>> step_bound(0.9, 0.9, 1000), step_bound(0.9, 0.8, math.inf)
    (1.0, inf)
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    t = step_count_or_infinity("t", t)
    if t == 1 or beta1 == beta2:
        return 1.0
    if math.isinf(t):
        if beta1 * beta1 >= beta2:
            return math.inf
        return (1 - beta1) / math.sqrt((1 - beta2) * -_excess(beta1, beta2))
    return float(_step_bounds(beta1, beta2, np.array([t], dtype=np.float64))[0])


def step_bounds(beta1: float, beta2: float, steps: int) -> NDArray[np.float64]:
    r"""Return $S_1, \dots, S_T$ of `step_bound` at once, for T = `steps`.

    Returns
    -------
    ndarray, shape (steps,)
        `step_bound(beta1, beta2, t)` for t = 1, …, T.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or `steps` is no whole number ≥ 1.

    Source: this book, chapter 5.

    >>> step_bounds(0.9, 0.999, 3).round(4)
    array([1.    , 1.0014, 1.0036])
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    t = np.arange(1, step_count("steps", steps) + 1, dtype=np.float64)
    if beta1 == beta2:
        return np.ones_like(t)
    bounds = _step_bounds(beta1, beta2, t)
    bounds[0] = 1.0
    return bounds


@np.errstate(over="ignore")
def _step_bounds(beta1: float, beta2: float, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """S_t for β1 ≠ β2 and an array of finite t, without overflow on the way."""
    if beta2 < 1e-300:
        return np.where((t > 1) & (beta1 > 0), math.inf, 1.0)
    excess = _excess(beta1, beta2)
    log_r = math.log1p(excess) if excess > -1 else -math.inf
    if excess == 0:
        geometric = t  # r = 1
    else:
        geometric = -np.expm1(-t * abs(log_r)) / abs(excess)  # times r^t if r > 1
    root = np.sqrt(weight_sum(beta2, t) * geometric / (1 - beta2))
    half = np.exp(t * max(log_r, 0.0) / 4)  # twice, for the whole is beyond float64 before S_t is
    return np.asarray((1 - beta1) / weight_sum(beta1, t) * root * half * half)


def _excess(beta1: float, beta2: float) -> float:
    """Return r - 1 = β1²/β2 - 1, rounded once."""
    return float(Fraction(beta1) ** 2 / Fraction(beta2) - 1)


def extremal_gradients(beta1: float, beta2: float, t: int) -> NDArray[np.float64]:
    r"""Return gradients $g_1, \dots, g_t$ that attain `step_bound(beta1, beta2, t)`.

    $g_i \propto (\beta_2/\beta_1)^i$, scaled so that the largest entry is 1: the gradients grow
    for β1 < β2, are constant for β1 = β2 and shrink for β1 > β2. The sequence does not depend on
    t but for its scale, so it attains $S_1, S_2, \dots$ one after the other. For β1 = 0 the
    ratio is infinite: only $g_t$ is nonzero, and only $S_t$ is attained (the ratio at the steps
    before is 0/0). For β2 = 0 < β1 only $g_1$ is nonzero, and the ratio is 1/0.

    In floating point, entries far from the largest underflow. Where the gradients grow that is
    harmless (those carry no weight); where they shrink, a run keeps the bound only while
    $(\beta_2/\beta_1)^{2t}$ is a normal float64, t < 3800 at β = (0.9, 0.82).

    Returns
    -------
    ndarray, shape (t,)
        Entries in [0, 1].

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is no whole number ≥ 1.

    Source: this book, chapter 5; the equality case of Cauchy and Schwarz in `step_bound`.

    >>> extremal_gradients(0.5, 0.75, 3).round(4)
    array([0.4444, 0.6667, 1.    ])
    >>> extremal_gradients(0.0, 0.999, 3)
    array([0., 0., 1.])
    """
    beta1, beta2, t = decay("beta1", beta1), decay("beta2", beta2), step_count("t", t)
    if beta1 == beta2:
        return np.ones(t)
    i = np.arange(t, dtype=np.float64)
    if beta1 < beta2:
        return (beta1 / beta2) ** (t - 1 - i)
    return (beta2 / beta1) ** i


def spike_step(beta1: float, beta2: float, t: int | float) -> float:
    r"""Return $|\hat m_t|/\sqrt{\hat v_t}$ when only the gradient of step t is nonzero.

    $\frac{1-\beta_1}{\sqrt{1-\beta_2}}\cdot\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}$: the case that
    the paper calls the most severe sparsity and takes for the worst. For β1 > 0 it is not:
    growing gradients go further (`extremal_gradients`), and at finite t it may lie below 1.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or t is neither a whole number ≥ 1 nor math.inf.

    Source: Kingma and Ba (2015), section 2.1, for t → ∞; the weights $a_t/\sqrt{b_t}$ else.

    >>> import math
    >>> [round(spike_step(0.9, 0.999, t), 3) for t in (1, 100, 1000, math.inf)]
    [1.0, 0.976, 2.515, 3.162]
    """
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    t = step_count_or_infinity("t", t)
    limit = (1 - beta1) / math.sqrt(1 - beta2)
    if math.isinf(t):
        return limit
    return float(limit * np.sqrt(weight_sum(beta2, t)) / weight_sum(beta1, t))
