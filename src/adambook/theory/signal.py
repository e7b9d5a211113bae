r"""How large the normalised step $\hat m_t/\sqrt{\hat v_t}$ is when gradients are noisy."""

from __future__ import annotations

import math

from adambook.theory.arguments import decay, nonnegative, number


def normalised_step_rms(mu: float, sigma: float, beta1: float) -> float:
    r"""Return the root mean square of $\hat m_t/\sqrt{\hat v_t}$ for noisy gradients.

    **Proposition.** Let $g_1, g_2, \dots$ be independent draws from one distribution with mean μ,
    standard deviation σ and a finite fourth moment. Let t → ∞ and then β2 → 1. Then

    $$E\Big[\frac{\hat m_t^2}{\hat v_t}\Big] \to \frac{\mu^2+\rho\,\sigma^2}{\mu^2+\sigma^2},
    \qquad \rho = \frac{1-\beta_1}{1+\beta_1}.$$

    *Proof.* Write $c = \mu^2+\sigma^2$, the mean of $\hat v_t$. Its variance vanishes with
    1 - β2, so $\hat v_t \to c$ in probability, and where $\hat v_t > c/2$ the ratio is at most
    $2\hat m_t^2/c$, which is integrable and does not depend on β2: dominated convergence gives
    $E[\hat m_t^2]/c$. Elsewhere the ratio is at most $S_\infty^2 = O(1/(1-\beta_2))$, see
    `step_bound`, and $P(\hat v_t \le c/2) \le \exp(-c^2/(8\,E[g^4]\sum b_i^2))$, Chernoff's
    bound for a sum of independent nonnegative terms. As $\sum b_i^2 \to (1-\beta_2)/(1+\beta_2)$,
    the product vanishes. At last, $\hat m_t$ has mean μ and variance
    $\sigma^2\sum a_i^2 \to \sigma^2(1-\beta_1)^2/(1-\beta_1^2) = \rho\sigma^2$.

    The paper calls $\hat m_t/\sqrt{\hat v_t}$ a signal-to-noise ratio. With the usual one,
    $s = |\mu|/\sigma$, it is $\sqrt{(s^2+\rho)/(s^2+1)}$: increasing in s, but between the floor
    $\sqrt\rho$ and 1, not between 0 and ∞.

    Parameters
    ----------
    mu, sigma : float
        Mean and standard deviation of a gradient, σ ≥ 0, not both 0; any unit, the same one.
    beta1 : float
        The decay factor, in [0, 1).

    Raises
    ------
    ValueError
        If beta1 lies outside [0, 1), sigma is negative, or mu and sigma are both 0.

    Source: this book, chapter 4; Kingma and Ba (2015), section 2.1, for the name.

    >>> round(normalised_step_rms(0.0, 1.0, 0.9), 4), normalised_step_rms(1.0, 0.0, 0.9)
    (0.2294, 1.0)
    """
    mu, sigma, beta1 = number("mu", mu), nonnegative("sigma", sigma), decay("beta1", beta1)
    if not 0 < max(abs(mu), sigma) < math.inf:
        raise ValueError(f"mu and sigma must be finite and not both 0, got {mu} and {sigma}")
    _, exponent = math.frexp(max(abs(mu), sigma))
    mu, sigma = math.ldexp(mu, -exponent), math.ldexp(sigma, -exponent)
    size = math.hypot(mu, sigma)
    return math.hypot(mu / size, normalised_step_floor(beta1) * sigma / size)


def normalised_step_floor(beta1: float) -> float:
    r"""Return $\sqrt{(1-\beta_1)/(1+\beta_1)}$, `normalised_step_rms` of gradients of pure noise.

    At a minimum the mean gradient is 0 and only noise is left. The paper expects the step to
    anneal towards 0 there. It falls to this floor: 0.229 α at β1 = 0.9, and not at all at β1 = 0.

    Raises
    ------
    ValueError
        If beta1 lies outside [0, 1).

    Source: this book, chapter 4.

    >>> [round(normalised_step_floor(beta1), 3) for beta1 in (0.0, 0.9, 0.99)]
    [1.0, 0.229, 0.071]
    """
    beta1 = decay("beta1", beta1)
    return math.sqrt((1 - beta1) / (1 + beta1))
