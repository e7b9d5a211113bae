r"""Regret: what a run loses against the best fixed point, the paper's bound on it, and a true one.

$R(T) = \sum_{t=1}^T [f_t(\theta_t) - f_t(\theta^*)]$. As in the paper's section 4, $\theta_1$ is
the first iterate, $g_t = \nabla f_t(\theta_t)$, and the step size is $\alpha_t = \alpha/\sqrt t$.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked
from adambook.theory.arguments import decay, finite_array, nonnegative, number, positive
from adambook.theory.lemmas import (
    euclidean,
    harmonic,
    momentum_constant,
    normalised_sum_constant,
    paper_gamma,
)


def regret(losses: ArrayLike, comparator_losses: ArrayLike) -> NDArray[np.float64]:
    r"""Return R(1), …, R(T) against one fixed comparator.

    R(T) is the regret of the definition when the comparator is a minimiser of $\sum_{t\le T} f_t$;
    against any other point it is smaller.

    Parameters
    ----------
    losses : array, shape (T,)
        $f_t(\theta_t)$ along the run.
    comparator_losses : array, shape (T,)
        $f_t(\theta^*)$.

    Returns
    -------
    ndarray, shape (T,)
        The sums of the differences up to each T.

    Raises
    ------
    ValueError
        If the two are not finite vectors of the same length.

    Source: Kingma and Ba (2015), equation 5.

    >>> regret([1.0, 1.0, 1.0], [0.0, 2.0, 0.0])
    array([1., 0., 1.])
    """
    losses = finite_array("losses", losses, (1,))
    comparator_losses = finite_array("comparator_losses", comparator_losses, (1,))
    if losses.shape != comparator_losses.shape:
        raise ValueError(
            "losses and comparator_losses must have one length, "
            f"got {len(losses)} and {len(comparator_losses)}"
        )
    return np.cumsum(losses - comparator_losses)


@checked
def paper_regret_bound(
    g: ArrayLike,
    v_hat: ArrayLike,
    *,
    D: float,
    D_inf: float,
    G_inf: float,
    alpha: float,
    beta1: float,
    beta2: float,
    lam: float,
) -> float:
    r"""Return the right side of Theorem 4.1 as the paper states it; the theorem is false.

    $$\frac{D^2}{2\alpha(1-\beta_1)}\sum_{i=1}^d\sqrt{T\hat v_{T,i}} +
    \frac{\alpha(1+\beta_1)G_\infty}{(1-\beta_1)\sqrt{1-\beta_2}(1-\gamma)^2}
    \sum_{i=1}^d\|g_{1:T,i}\|_2 +
    \sum_{i=1}^d\frac{D_\infty^2G_\infty\sqrt{1-\beta_2}}{2\alpha(1-\beta_1)(1-\lambda)^2}$$

    It is claimed to bound R(T) for every T ≥ 1 when the $f_t$ are convex,
    $\|\nabla f_t(\theta)\|_\infty \le G_\infty$ everywhere, $\|\theta_n-\theta_m\|_2 \le D$ and
    $\|\theta_n-\theta_m\|_\infty \le D_\infty$ for all m, n in {1, …, T},
    $\gamma = \beta_1^2/\sqrt{\beta_2} < 1$, $\alpha_t = \alpha/\sqrt t$ and
    $\beta_{1,t} = \beta_1\lambda^{t-1}$ with λ in (0, 1).

    Read to the letter, D speaks of iterates alone; at T = 1 it is 0, and a minimiser far away
    breaks the claim. The proof uses $\|\theta_t-\theta^*\| \le D$, so θ* is meant to be included.
    With that, the claim still fails: `adambook.problems.ClippedSequence` breaks it by T = 30.

    Parameters
    ----------
    g : array, shape (T,) or (T, d)
        The gradients, one step a row.
    v_hat : array, shape () or (d,)
        $\hat v_T$, the corrected second moment after step T.
    D, D_inf, G_inf, alpha, beta1, beta2, lam : float
        The symbols of the theorem; λ is `lam`.

    Raises
    ------
    ValueError
        If an argument is out of its range, v_hat does not fit g, or γ ≥ 1. Whether G∞ bounds the
        gradients, and D and D∞ the distances, is not looked at.

    Source: Kingma and Ba (2015), Theorem 4.1 (Theorem 10.5 in the appendix).

    >>> round(paper_regret_bound([1.0], 1.0, D=1.0, D_inf=1.0, G_inf=1.0,
    ...                          alpha=0.5, beta1=0.0, beta2=0.75, lam=0.5), 4)
    4.0
    """
    g = _columns(g)
    v_hat = finite_array("v_hat", np.atleast_1d(v_hat), (1,))
    if v_hat.shape != g.shape[1:] or np.any(v_hat < 0):
        raise ValueError(f"v_hat must hold a number ≥ 0 for each of {g.shape[1]} coordinates")
    D, D_inf = nonnegative("D", D), nonnegative("D_inf", D_inf)
    G_inf, alpha = nonnegative("G_inf", G_inf), positive("alpha", alpha)
    gamma = paper_gamma(beta1, beta2)
    beta1, beta2, lam = float(beta1), float(beta2), number("lam", lam)
    if not 0 < lam < 1:
        raise ValueError(f"lam must lie in (0, 1), got {lam!r}")
    root = math.sqrt(1 - beta2)
    first = D * np.sqrt(len(g) * v_hat) * D / (2 * alpha * (1 - beta1))
    norms = euclidean(g)
    second = alpha * (1 + beta1) * G_inf / ((1 - beta1) * root * (1 - gamma) ** 2) * norms
    third = D_inf * G_inf * D_inf * root / (2 * alpha * (1 - beta1) * (1 - lam) ** 2)
    return float(np.sum(first + second + third))


def repaired_regret_bound(
    g: ArrayLike, v_hat: ArrayLike, *, D_inf: float, alpha: float, beta1: float, beta2: float
) -> float:
    r"""Return a true bound on R(T), for rules whose $\sqrt{\hat v_t}/\alpha_t$ never falls.

    **Theorem.** Let the $f_t$ be convex, ε = 0, $\alpha_t = \alpha/\sqrt t$, β1 constant,
    $m_t$ and $\hat m_t$ Adam's, and $\theta_{t+1} = \theta_t - \alpha_t\hat m_t/\sqrt{\hat v_t}$,
    projected or not onto a box that holds $\theta_1$ and $\theta^*$. Let $\hat v_t$ be at least
    Adam's, and let $t\,\hat v_{t,i}$ never fall with t. If
    $|\theta_{t,i}-\theta^*_i| \le D_\infty$ for t ≤ T, then

    $$R(T) \le \sum_{i=1}^d\Big[\frac{D_\infty^2\sqrt{T\hat v_{T,i}}}{2\alpha(1-\beta_1)} +
    \frac{\alpha(1+\beta_1)}{2(1-\beta_1)}\,S_T\kappa_T\sqrt{H_T}\,\|g_{1:T,i}\|_2\Big],$$

    with $S_T\kappa_T$ of `normalised_sum_constant`, $H_T \le 1+\ln T$. For $\beta_1 <
    \sqrt{\beta_2}$ and bounded gradients this is $O(\sqrt{T\log T})$. AMSGrad meets the
    conditions by construction, in both forms that this package has; Adam does not.

    *Proof*, for one coordinate. Write $d_t = \theta_t-\theta^*$, $c_t = 1-\beta_1^t$ (so
    $m_t = c_t\hat m_t$) and $p_t = \sqrt{\hat v_t}/\alpha_t$. By convexity
    $R(T) \le \sum g_td_t$. Put in $(1-\beta_1)g_t = m_t-\beta_1m_{t-1}$ and
    $d_t = d_{t-1}+(\theta_t-\theta_{t-1})$:

    $$\sum_{t\le T} g_td_t = \sum_{t\le T} m_td_t + \frac{\beta_1}{1-\beta_1}\Big[m_Td_T +
    \sum_{t<T} m_t(\theta_t-\theta_{t+1})\Big].$$

    From $\theta_t-\theta_{t+1} = \hat m_t/p_t$, $2m_td_t = c_tp_t(d_t^2-d_{t+1}^2) +
    c_t\hat m_t^2/p_t$, and because $c_tp_t$ never falls the first parts telescope to at most
    $c_Tp_TD_\infty^2$. Also $m_Td_T \le \hat m_T^2/(2p_T)+p_TD_\infty^2/2$, and
    $m_t(\theta_t-\theta_{t+1}) \le \hat m_t^2/p_t$. Together: $p_TD_\infty^2/2$ times
    $1+\beta_1/(1-\beta_1)$, and $\sum\hat m_t^2/p_t$ times at most $1/2+\beta_1/(1-\beta_1)$. As
    $\hat m_t^2/p_t = \alpha\hat m_t^2/\sqrt{t\hat v_t}$, `repaired_lemma_10_4` ends the proof.
    As the box holds $\theta_t$ and $\theta^*$, projection only shortens $|d_{t+1}|$ and
    $|\theta_t-\theta_{t+1}|$. (Without θ* in it the bound fails: the slope is always -1, the box
    is [-1, 1] and θ* = 2; at 1 each step costs 1, and R(T) grows like T.)

    Parameters
    ----------
    g : array, shape (T,) or (T, d)
        The gradients, one step a row.
    v_hat : array, the shape of g
        What stands under the root, at every step.
    D_inf, alpha, beta1, beta2 : float
        The symbols of the theorem; β2 > 0 is that of Adam's $\hat v$.

    Raises
    ------
    ValueError
        If an argument is out of its range, or $t\,\hat v_t$ falls at some step (by more than
        rounding): then the theorem says nothing. Whether $\hat v_t$ is at least Adam's, and D∞
        bounds the distances, is not looked at.

    Source: this book, chapter 8. The splitting of $g_t$ that needs no decay of β1 follows
    Alacaoglu, Malitsky, Mertikopoulos and Cevher (2020).

    >>> round(repaired_regret_bound([1.0], [1.0], D_inf=1.0, alpha=0.5, beta1=0.0, beta2=0.5), 4)
    1.25
    """
    g, v_hat = _columns(g), _columns(v_hat, "v_hat")
    if v_hat.shape != g.shape:
        raise ValueError(f"v_hat must have the shape of g, {g.shape}, got {v_hat.shape}")
    beta1, beta2 = decay("beta1", beta1), positive("beta2", decay("beta2", beta2))
    D_inf, alpha = nonnegative("D_inf", D_inf), positive("alpha", alpha)
    if np.any(v_hat < 0):
        raise ValueError(f"v_hat must hold numbers ≥ 0, got {np.min(v_hat):g}")
    steps = len(g)
    scale = np.arange(1, steps + 1)[:, None] * v_hat
    falls = np.any(scale[1:] < scale[:-1] * (1 - 1e-12), axis=1)
    if np.any(falls):
        raise ValueError(f"t · v_hat must never fall, but it falls at t = {np.argmax(falls) + 2}")
    first = D_inf * np.sqrt(scale[-1]) * D_inf / (2 * alpha * (1 - beta1))
    constant = normalised_sum_constant(beta1, beta2, steps) * math.sqrt(harmonic(steps))
    second = euclidean(g)
    # the constant may be beyond float64, and 0 times it is 0
    second[second > 0] *= alpha * (1 + beta1) / (2 * (1 - beta1)) * constant
    return float(np.sum(first + second))


def averaged_regret_bound(g: ArrayLike, *, D_inf: float, alpha: float, beta1: float) -> float:
    r"""Return a true bound on R(T) for Adam with $\beta_{2,t} = 1-1/t$: nothing is forgotten.

    **Theorem.** As in `repaired_regret_bound`, but with $\hat v_t = \frac1t\sum_{i\le t} g_i^2$,
    AdaGrad's average (Adam's limit for β2 → 1):

    $$R(T) \le \Big[\frac{D_\infty^2}{2\alpha(1-\beta_1)} +
    \frac{\alpha(1+\beta_1)\kappa_T}{1-\beta_1}\Big]\sum_{i=1}^d\|g_{1:T,i}\|_2,$$

    with $\kappa_T$ of `momentum_constant`. For bounded gradients this is $O(\sqrt T)$, without
    the logarithm.

    *Proof.* $t\,\hat v_t = G_t^2$ with $G_t = \|g_{1:t}\|_2$ never falls, so the proof of
    `repaired_regret_bound` holds but for the lemma at its end. In its place: by Jensen's
    inequality and $G_t \ge G_i$, $\hat m_t^2/\sqrt{t\hat v_t} \le \sum_{i\le t} a_ig_i^2/G_i$.
    Summed over t, $g_i^2/G_i$ is multiplied by at most $\kappa_T$, and
    $g_i^2 = (G_i-G_{i-1})(G_i+G_{i-1}) \le 2G_i(G_i-G_{i-1})$: the sum is at most
    $2\kappa_TG_T$.

    Parameters
    ----------
    g : array, shape (T,) or (T, d)
        The gradients, one step a row.
    D_inf, alpha, beta1 : float
        The symbols of the theorem.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Source: this book, chapter 8. The choice of β2 is that of AdamNC in Reddi, Kale and Kumar
    (2018); for β1 = 0 this is AdaGrad and its bound, Duchi, Hazan and Singer (2011).

    >>> averaged_regret_bound([3.0, 4.0], D_inf=1.0, alpha=0.5, beta1=0.0)
    7.5
    """
    g = _columns(g)
    beta1, D_inf = decay("beta1", beta1), nonnegative("D_inf", D_inf)
    alpha = positive("alpha", alpha)
    kappa = momentum_constant(beta1, len(g))
    factor = D_inf * D_inf / (2 * alpha * (1 - beta1)) + alpha * (1 + beta1) * kappa / (1 - beta1)
    return factor * float(np.sum(euclidean(g)))


def _columns(g: ArrayLike, name: str = "g") -> NDArray[np.float64]:
    """Return the array as (T, d), one coordinate a column."""
    array = finite_array(name, g, (1, 2))
    return array[:, None] if array.ndim == 1 else array
