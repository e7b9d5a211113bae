r"""How fast the rules without a scale close in on the minimum of a quadratic.

On $f(\theta) = \frac\lambda2\theta^2$ the gradient is $\lambda\theta$, and a step of gradient
descent or of momentum is a linear map of (θ, m). Its largest eigenvalue in size is the factor by
which the error shrinks in the long run.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules import SGD, Momentum, Nesterov
from adambook.theory.arguments import finite_array, number, positive

Linear = SGD | Momentum | Nesterov


class Best(NamedTuple):
    """The settings with the smallest factor over a range of curvatures, and that factor."""

    alpha: float
    mu: float
    factor: float


def step_matrix(rule: Linear, curvature: float) -> NDArray[np.float64]:
    r"""Return A with $(\theta_t, m_t)^T = A\,(\theta_{t-1}, m_{t-1})^T$ on $\frac\lambda2\theta^2$.

    The columns are what one step of the rule makes of (1, 0) and (0, 1): nothing of the rule is
    written here a second time. Gradient descent has no m, and A is 1 × 1.

    Parameters
    ----------
    rule : SGD, Momentum or Nesterov
        With a constant, scalar step size.
    curvature : float
        λ, above 0.

    Raises
    ------
    TypeError
        If the rule is another one, or its step size is an array or a schedule.
    ValueError
        If the curvature is not above 0.

    Source: Polyak (1964); this book, chapter 2.

    >>> step_matrix(SGD(alpha=0.1), 2.0)
    array([[0.8]])
    >>> step_matrix(Momentum(alpha=0.1, mu=0.5), 2.0)
    array([[ 0.8 , -0.05],
           [ 2.  ,  0.5 ]])
    """
    if not isinstance(rule, SGD | Momentum | Nesterov):
        raise TypeError(f"rule must be SGD, Momentum or Nesterov, got {rule!r}")
    if callable(rule.alpha) or np.ndim(rule.alpha) != 0:
        raise TypeError(f"rule must have one constant step size, got {rule.alpha!r}")
    curvature = positive("curvature", curvature)
    size = 1 + len(rule.state_names)
    theta, *old = np.eye(size)
    state: Any = rule.State(0, *old)
    delta, new = rule.update(curvature * theta, state, theta)
    return np.stack([theta + delta, *new[1:]])


def convergence_factor(rule: Linear, curvatures: ArrayLike) -> float:
    r"""Return the factor by which the error shrinks a step in the long run, at the worst curvature.

    It is the largest $|z|$ over the eigenvalues z of `step_matrix`. Below 1 the rule
    converges, above 1 it diverges. For gradient descent it is $\max_\lambda|1-\alpha\lambda|$,
    and holds for each step.

    Parameters
    ----------
    rule : SGD, Momentum or Nesterov
        With a constant, scalar step size.
    curvatures : float or array, shape (k,)
        The curvatures λ > 0 that the rule meets.

    Raises
    ------
    TypeError, ValueError
        As in `step_matrix`.

    Source: Polyak (1964); this book, chapters 1 and 2.

    >>> round(convergence_factor(SGD(alpha=0.1), [1.0, 12.0]), 4)
    0.9
    >>> round(convergence_factor(Momentum(alpha=0.1, mu=0.81), 1.0), 4)  # sqrt(0.81)
    0.9
    """
    each = finite_array("curvatures", np.atleast_1d(np.asarray(curvatures)), (1,))
    return max(float(np.abs(np.linalg.eigvals(step_matrix(rule, h))).max()) for h in each)


def best_gradient_descent(smallest: float, largest: float) -> Best:
    r"""Return the step size that is best for all curvatures $\lambda_{\min}$ to $\lambda_{\max}$.

    **Theorem.** $\max_\lambda|1-\alpha\lambda|$ is smallest at
    $\alpha = 2/(\lambda_{\min}+\lambda_{\max})$, where it is $(\kappa-1)/(\kappa+1)$ with
    $\kappa = \lambda_{\max}/\lambda_{\min}$.

    *Proof.* $1-\alpha\lambda$ is linear in λ, so its size is largest at an end. At this α the two
    ends have the same size; a larger α makes the one at $\lambda_{\max}$ larger, a smaller α the
    other.

    Parameters
    ----------
    smallest, largest : float
        $0 < \lambda_{\min} \le \lambda_{\max}$.

    Raises
    ------
    ValueError
        If they are not so.

    Source: Polyak (1964); this book, chapter 1.

    >>> best = best_gradient_descent(1.0, 9.0)
    >>> round(best.alpha, 12), round(best.factor, 12)
    (0.2, 0.8)
    """
    low, high = _ends(smallest, largest)
    over = 1 + low / high  # the sum of the two may be beyond float64
    return Best(2 / high / over, 0.0, (high - low) / high / over)


def best_momentum(smallest: float, largest: float) -> Best:
    r"""Return the α and μ of `Momentum` that are best for all curvatures of a range.

    **Theorem.** The factor is smallest, $(\sqrt\kappa-1)/(\sqrt\kappa+1)$, at
    $\alpha = 4/(\sqrt{\lambda_{\min}}+\sqrt{\lambda_{\max}})^2$ and μ = the square of the factor.

    *Proof.* By the theorem of `critical_momentum` the factor at λ is at least
    $|1-\sqrt{\alpha\lambda}|$, whatever μ is. So at the two ends it is at least what gradient
    descent with the step size $\sqrt\alpha$ has for curvatures from $\sqrt{\lambda_{\min}}$ to
    $\sqrt{\lambda_{\max}}$, and the theorem of `best_gradient_descent` gives the bound. It is
    attained: at the values stated $|1-\sqrt{\alpha\lambda}| \le \sqrt\mu$ for every λ between, so
    every factor is $\sqrt\mu$.

    Parameters
    ----------
    smallest, largest : float
        $0 < \lambda_{\min} \le \lambda_{\max}$.

    Raises
    ------
    ValueError
        If they are not so.

    Source: Polyak (1964).

    >>> best = best_momentum(1.0, 9.0)
    >>> best.alpha, best.mu, best.factor
    (0.25, 0.25, 0.5)
    """
    low, high = _ends(smallest, largest)
    roots = math.sqrt(low) + math.sqrt(high)
    factor = (high - low) / roots / roots  # the difference of the roots would cancel
    return Best(4 / roots / roots, factor**2, factor)


def critical_momentum(alpha_lambda: float) -> float:
    r"""Return the μ at which `Momentum` is fastest for one curvature, $(1-\sqrt{\alpha\lambda})^2$.

    **Theorem.** With $s = \sqrt{\alpha\lambda}$ the factor is at least $|1-s|$ for every μ, and
    equal to it iff $\mu = (1-s)^2$, where the two eigenvalues meet. For $\mu \ge (1-s)^2$ it is
    $\sqrt\mu$.

    *Proof.* The eigenvalues are the roots of $p(z) = z^2 - (1+\mu-s^2)z + \mu$, and
    $p(1-s) = s(\mu-(1-s)^2)$. If $\mu < (1-s)^2$ that is negative, so p has a real root on each
    side of $1-s$, one of them larger in size. If $\mu \ge (1-s)^2$, the product of the roots is
    μ, so one is at least $\sqrt\mu \ge |1-s|$ in size. The discriminant $(1+\mu-s^2)^2-4\mu$
    is $((1-\sqrt\mu)^2-s^2)((1+\sqrt\mu)^2-s^2)$; the first factor is not positive, since
    $1-\sqrt\mu \le s$, the second not negative, since $s-1 \le \sqrt\mu$. So the roots are
    conjugate or equal, and both have size $\sqrt\mu$.

    Parameters
    ----------
    alpha_lambda : float
        αλ, in (0, 4): beyond, no μ in [0, 1) converges.

    Raises
    ------
    ValueError
        If it lies outside (0, 4).

    Source: Goh (2017) for the value; the proof is this book's, chapter 2.

    >>> critical_momentum(0.25)
    0.25
    """
    value = number("alpha_lambda", alpha_lambda)
    if not 0 < value < 4:
        raise ValueError(f"alpha_lambda must lie in (0, 4), got {alpha_lambda!r}")
    return ((1 - value) / (1 + math.sqrt(value))) ** 2  # 1 - √αλ without cancellation


def _ends(smallest: float, largest: float) -> tuple[float, float]:
    low, high = positive("smallest", smallest), positive("largest", largest)
    if low > high:
        raise ValueError(f"smallest must be at most largest, got {smallest!r} and {largest!r}")
    return low, high
