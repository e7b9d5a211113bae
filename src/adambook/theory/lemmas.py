r"""The two sums in the paper's proof of convergence: Lemmas 10.3 and 10.4, and their repair.

Each function takes the gradients of one coordinate, $g_1, \dots, g_T$, and returns both sides of
an inequality as numbers, so that who doubts it can look.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked
from adambook.theory.arguments import decay, finite_array, positive, step_count
from adambook.theory.moments import corrected_moments
from adambook.theory.step_bound import step_bound


class Sides(NamedTuple):
    """The two sides of a claimed inequality left ≤ right."""

    left: float
    right: float


def euclidean(g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the norms along the first axis, (T, ...) to (...); no square leaves float64.

    >>> float(euclidean(np.array([3e-200, 4e-200])))
    5e-200
    """
    scale = _scale(g)
    norm: NDArray[np.float64] = np.linalg.norm(g / scale, axis=0) * scale
    return norm


def _scale(g: NDArray[np.float64]) -> float:
    """Return a power of two near the largest |g|: to divide by it is exact."""
    return math.ldexp(1.0, math.frexp(float(np.max(np.abs(g))))[1] - 1)


def lemma_10_3(g: ArrayLike, G_inf: float) -> Sides:
    r"""Return both sides of Lemma 10.3 as the paper states it; it is false.

    $\sum_{t=1}^T \sqrt{g_t^2/t} \le 2G_\infty\|g_{1:T}\|_2$ for $|g_t| \le G_\infty$.

    The left side is of degree 1 in the gradients, the right of degree 2, so small gradients break
    it at T = 1: g = G∞ = 0.1 gives 0.1 and 0.02. At G∞ = 1, $g_t = t^{-1/2}$ breaks it from
    T = 31 on: the sides are $H_T$ and $2\sqrt{H_T}$, with $H_T = \sum_{t\le T} 1/t$, and
    $H_{31} > 4$.

    Parameters
    ----------
    g : array, shape (T,)
        The gradients of one coordinate.
    G_inf : float
        G∞ > 0, at least the largest $|g_t|$.

    Raises
    ------
    ValueError
        If G_inf is not positive or below the largest gradient, or g is no finite vector.

    Source: Kingma and Ba (2015), Lemma 10.3.

    >>> [round(side, 4) for side in lemma_10_3([0.1], G_inf=0.1)]
    [0.1, 0.02]
    """
    g, G_inf = finite_array("g", g, (1,)), _gradient_bound(g, G_inf)
    return Sides(_weighted_sum(np.abs(g)), 2 * G_inf * float(euclidean(g)))


def repaired_lemma_10_3(g: ArrayLike) -> Sides:
    r"""Return both sides of what is true in the place of Lemma 10.3.

    **Lemma.** $\sum_{t=1}^T |g_t|/\sqrt t \le \sqrt{H_T}\,\|g_{1:T}\|_2$ with
    $H_T = \sum_{t\le T} 1/t \le 1+\ln T$, with equality exactly for $|g_t| \propto t^{-1/2}$.

    *Proof.* Cauchy and Schwarz for the vectors $(|g_t|)$ and $(t^{-1/2})$.

    Parameters
    ----------
    g : array, shape (T,)
        The gradients of one coordinate.

    Raises
    ------
    ValueError
        If g is no finite, non-empty vector.

    Source: this book, chapter 8.

    >>> left, right = repaired_lemma_10_3([1.0, 0.5**0.5])
    >>> round(left, 12), round(right, 12)
    (1.5, 1.5)
    """
    g = finite_array("g", g, (1,))
    return Sides(_weighted_sum(np.abs(g)), math.sqrt(harmonic(len(g))) * float(euclidean(g)))


def lemma_10_4(g: ArrayLike, beta1: float, beta2: float) -> Sides:
    r"""Return both sides of Lemma 10.4 as the paper states it; it is false.

    $\sum_{t=1}^T \frac{\hat m_t^2}{\sqrt{t\hat v_t}} \le
    \frac{2}{1-\gamma}\frac{1}{\sqrt{1-\beta_2}}\|g_{1:T}\|_2$, $\gamma = \beta_1^2/\sqrt{\beta_2}$.

    With β1 = 0 and β2 → 0 the left side goes to that of Lemma 10.3, the right to
    $2\|g_{1:T}\|_2$: $g_t = t^{-1/2}$ breaks it from T = 31 on. (The end of the paper's proof has
    another constant, $2G_\infty/((1-\gamma)^2\sqrt{1-\beta_2})$, equal to this one here.)
    A term with $\hat v_t = 0$ counts as 0; then $\hat m_t = 0$ too, unless the square of a
    gradient underflows beside that of the largest.

    Parameters
    ----------
    g : array, shape (T,)
        The gradients of one coordinate.
    beta1, beta2 : float
        Decay factors in [0, 1), β2 > 0, γ < 1.

    Raises
    ------
    ValueError
        If a decay factor is out of its range, γ ≥ 1, or g is no finite, non-empty vector.

    Source: Kingma and Ba (2015), Lemma 10.4.

    >>> sides = lemma_10_4(1 / np.sqrt(np.arange(1, 32)), 0.0, 1e-12)
    >>> [round(side, 4) for side in sides]
    [4.0272, 4.0136]
    """
    g, gamma = finite_array("g", g, (1,)), paper_gamma(beta1, beta2)
    right = 2 / (1 - gamma) / math.sqrt(1 - float(beta2)) * float(euclidean(g))
    return Sides(_normalised_sum(g, beta1, beta2), right)


def repaired_lemma_10_4(g: ArrayLike, beta1: float, beta2: float) -> Sides:
    r"""Return both sides of what is true in the place of Lemma 10.4.

    **Lemma.** $\sum_{t=1}^T \frac{\hat m_t^2}{\sqrt{t\hat v_t}} \le
    S_T\,\kappa_T\sqrt{H_T}\,\|g_{1:T}\|_2$, with $S_T$ of `step_bound`,
    $\kappa_T = \sum_{t=1}^T (1-\beta_1)\beta_1^{t-1}/(1-\beta_1^t)$ and $H_T = \sum_{t\le T} 1/t$.

    *Proof.* $\hat m_t^2/\sqrt{\hat v_t} \le S_t|\hat m_t| \le S_T\sum_{i\le t} a_i|g_i|$, since
    $S_t$ grows with t. Sum over t with $1/\sqrt t \le 1/\sqrt i$ and exchange the sums: $|g_i|/
    \sqrt i$ is multiplied by $\sum_{t=i}^T (1-\beta_1)\beta_1^{t-i}/(1-\beta_1^t)$, which is
    largest for i = 1, where it is $\kappa_T$. `repaired_lemma_10_3` does the rest.

    *Corollary.* If $\delta = \beta_1/\sqrt{\beta_2} < 1$ then
    $S_T\kappa_T \le 1/((1-\delta)\sqrt{1-\beta_2})$ for every T: $S_T \le
    (1-\beta_1)/\sqrt{(1-\beta_2)(1-\delta^2)}$ and $(1-\beta_1)\kappa_T \le 1$. The condition is
    that of a bounded step, not the paper's γ < 1. At the defaults the corollary's constant is
    317.6, and $S_\infty\kappa_\infty$ is 22.

    Parameters
    ----------
    g : array, shape (T,)
        The gradients of one coordinate.
    beta1, beta2 : float
        Decay factors in [0, 1), β2 > 0.

    Raises
    ------
    ValueError
        If a decay factor is out of its range, or g is no finite, non-empty vector.

    Source: this book, chapter 8.

    >>> left, right = repaired_lemma_10_4(1 / np.sqrt(np.arange(1, 32)), 0.0, 1e-12)
    >>> round(left, 4), round(right, 4)
    (4.0272, 4.0272)
    """
    beta1, beta2 = decay("beta1", beta1), positive("beta2", decay("beta2", beta2))
    norm = repaired_lemma_10_3(g).right
    left = _normalised_sum(g, beta1, beta2)
    constant = normalised_sum_constant(beta1, beta2, np.size(g))
    return Sides(left, constant * norm if norm else 0.0)  # the constant may be beyond float64


@checked
def normalised_sum_constant(beta1: float, beta2: float, steps: int) -> float:
    r"""Return $S_T\,\kappa_T$ of `repaired_lemma_10_4`, for T = `steps`.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or `steps` is no whole number ≥ 1.

    Source: this book, chapter 8.

    >>> round(normalised_sum_constant(0.9, 0.999, 100_000), 2)
    21.88
    """
    steps = step_count("steps", steps)
    return step_bound(beta1, beta2, steps) * momentum_constant(beta1, steps)


def momentum_constant(beta1: float, steps: int) -> float:
    r"""Return $\kappa_T = \sum_{t=1}^T (1-\beta_1)\beta_1^{t-1}/(1-\beta_1^t)$, T = `steps`.

    It is the sum of the weights that $g_1$ has in $\hat m_1, \dots, \hat m_T$; every later
    gradient has less. It lies in [1, 1/(1 - β1)], and is 1 for β1 = 0. Takes memory proportional
    to `steps`.

    Raises
    ------
    ValueError
        If beta1 lies outside [0, 1), or `steps` is no whole number ≥ 1.

    Source: this book, chapter 8.

    >>> round(momentum_constant(0.9, 1000), 4)
    3.0096
    """
    beta1, steps = decay("beta1", beta1), step_count("steps", steps)
    if beta1 == 0:
        return 1.0
    t = np.arange(1, steps + 1, dtype=np.float64)
    shares = beta1 ** (t - 1) / -np.expm1(t * math.log(beta1))
    return (1 - beta1) * float(np.sum(shares))


@checked
def harmonic(steps: int) -> float:
    r"""Return $H_T = \sum_{t=1}^T 1/t$, which is at most $1+\ln T$.

    Takes memory proportional to `steps`.

    Raises
    ------
    ValueError
        If `steps` is no whole number ≥ 1.

    >>> harmonic(30) < 4 < harmonic(31)
    True
    """
    return float(np.sum(1 / np.arange(1, step_count("steps", steps) + 1)))


def paper_gamma(beta1: float, beta2: float) -> float:
    r"""Return $\gamma = \beta_1^2/\sqrt{\beta_2}$ of the paper's section 4; refuse γ ≥ 1, β2 = 0.

    γ < 1 does not bound the step: β = (0.8, 0.5) has γ = 0.905, and $S_{100} > 10^5$.

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), β2 = 0 or γ ≥ 1.

    Source: Kingma and Ba (2015), section 4.

    >>> round(paper_gamma(0.9, 0.999), 4)
    0.8104
    """
    beta1, beta2 = decay("beta1", beta1), positive("beta2", decay("beta2", beta2))
    gamma = beta1**2 / math.sqrt(beta2)
    if gamma >= 1:
        raise ValueError(
            f"beta1² / sqrt(beta2) must be below 1, got {gamma:g} for {beta1} and {beta2}"
        )
    return gamma


def _gradient_bound(g: ArrayLike, G_inf: float) -> float:
    """Return G∞ as a float, if it bounds every gradient."""
    largest = float(np.max(np.abs(g)))
    if not (bound := positive("G_inf", G_inf)) >= largest:
        raise ValueError(f"G_inf must be at least the largest |g|, {largest:g}, got {G_inf!r}")
    return bound


def _weighted_sum(x: np.ndarray) -> float:
    """Return Σ x_t / √t."""
    return float(np.sum(x / np.sqrt(np.arange(1, len(x) + 1))))


def _normalised_sum(g: ArrayLike, beta1: float, beta2: float) -> float:
    """Return Σ m̂_t² / √(t v̂_t), a term 0/0 counting as 0."""
    g = finite_array("g", g, (1,))
    m_hat, v_hat = corrected_moments(g / _scale(g), beta1, beta2)
    root = np.sqrt(v_hat)
    terms = np.divide(m_hat**2, root, out=np.zeros_like(root), where=root > 0)
    return _weighted_sum(terms) * _scale(g)
