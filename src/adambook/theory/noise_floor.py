r"""What is left of Adam's path on a noisy parabola when the step size is small: a shift, a spread.

$f(\theta) = E\,\tfrac12(\theta-\xi)^2$ has its minimum at $E\xi$. Adam with gradients
$\theta-\xi_t$ does not stop there: it stays spread around another point.
"""

from __future__ import annotations

import math

from adambook.theory.arguments import decay, number, positive


def skew_shift(variance: float, third_moment: float, beta1: float, beta2: float) -> float:
    r"""Return by how much the limit of Adam misses the mean of ξ, to first order in 1 - β2.

    $$\theta_\infty-E\xi = -\frac{(1-\beta_2)(1-\beta_1)}{1-\beta_1\beta_2}\,
    \frac{\mu_3}{2\sigma^2}+O((1-\beta_2)^2)$$

    for α → 0 and ε = 0, where σ² and μ3 are the variance and the third central moment of ξ.

    *Derivation.* While θ rests at $E\xi+b$, the gradients $g = \theta-\xi$ are independent with
    mean b, and a rest needs $E[m/\sqrt v] = 0$. Write $v = V+(v-V)$ with $V = E[g^2]$ and
    $1/\sqrt v = V^{-1/2}(1-(v-V)/(2V)+\dots)$. The mean of m is b. The mean of $m(v-V)$ is
    $\sum_k(1-\beta_1)\beta_1^k(1-\beta_2)\beta_2^k\,\mathrm{Cov}(g,g^2)$, because only the same
    gradient is correlated with itself; the sum is $(1-\beta_1)(1-\beta_2)/(1-\beta_1\beta_2)$.
    As b is small, $\mathrm{Cov}(g,g^2) \approx E[g^3] \approx -\mu_3$ and $V \approx \sigma^2$.

    Parameters
    ----------
    variance : float
        σ² > 0, in the unit of θ squared.
    third_moment : float
        $\mu_3 = E(\xi-E\xi)^3$, in the unit of θ cubed; 0 for a symmetric ξ.
    beta1, beta2 : float
        Decay factors in [0, 1).

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Source: this book, chapter "When Adam fails".

    >>> round(skew_shift(0.09, 0.072, 0.0, 0.9), 6)  # ξ = 1 with probability 0.1, else 0
    -0.04
    """
    variance, third_moment = positive("variance", variance), number("third_moment", third_moment)
    if not math.isfinite(third_moment):
        raise ValueError(f"third_moment must be finite, got {third_moment!r}")
    beta1, beta2 = decay("beta1", beta1), decay("beta2", beta2)
    overlap = (1 - beta2) * (1 - beta1) / (1 - beta1 * beta2)
    return -overlap * (third_moment / variance / 2)


def noise_floor(alpha: float, sigma: float, curvature: float = 1.0) -> float:
    r"""Return the root mean square distance from the minimum at which Adam with constant α stays.

    $$\sqrt{E(\theta-\theta^*)^2} \approx \sqrt{\frac{\alpha\,\sigma}{2c}}$$

    on $c\,\theta^2/2$ with independent gradient noise of standard deviation σ, for α → 0, then
    β2 → 1 and ε = 0; β1 does not matter.

    *Derivation.* Near the minimum $\sqrt{\hat v} \approx \sigma$, so Adam is momentum with the
    step size $\eta = \alpha/\sigma$ and unit weight on its gradients. For β1 = 0,
    $\theta \leftarrow (1-\eta c)\theta-\eta\sigma z$; equal variances on both sides give
    $\sigma_\theta^2(2\eta c-\eta^2c^2) = \eta^2\sigma^2$, so $\sigma_\theta^2 \approx
    \eta\sigma^2/(2c) = \alpha\sigma/(2c)$. Momentum spreads each gradient over some steps; while
    ηc is far below 1 - β1, θ hardly changes meanwhile, and the variance is the same.

    Parameters
    ----------
    alpha : float
        Step size, in the unit of θ.
    sigma : float
        Standard deviation of a gradient.
    curvature : float
        c > 0.

    Raises
    ------
    ValueError
        If an argument is not in (0, ∞).

    Source: this book, chapter "When Adam fails".

    >>> round(noise_floor(0.02, 1.0), 12)
    0.1
    """
    alpha, sigma = positive("alpha", alpha), positive("sigma", sigma)
    roots = math.sqrt(alpha) * math.sqrt(sigma)  # α σ may leave float64 where its root does not
    return roots / math.sqrt(2) / math.sqrt(positive("curvature", curvature))
