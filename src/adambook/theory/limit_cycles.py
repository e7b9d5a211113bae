r"""The cycle of two points into which Adam can fall on a parabola, and when it is stable.

Near a minimum Adam divides a small gradient by its own size, so a step does not shrink with the
distance. On $f(\theta) = c\,\theta^2/2$ there is a $\theta^*$ at which one step leads to
$-\theta^*$. The steepness $c/(\sqrt v+\epsilon)$ that Adam sees there is the one at which
momentum on a parabola loses its stability: the *edge of stability*.
"""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

from adambook.theory.arguments import decay, nonnegative, number, positive


def edge_of_stability(alpha: float, beta1: float) -> float:
    r"""Return $(2+2\beta_1)/((1-\beta_1)\alpha)$, the steepest parabola that is stable.

    With its scale held fixed Adam is momentum: $m_t = \beta_1m_{t-1}+(1-\beta_1)\lambda
    \theta_{t-1}$, $\theta_t = \theta_{t-1}-\alpha m_t$, where λ is the curvature over the scale.
    Its characteristic polynomial $z^2-(1+\beta_1-(1-\beta_1)\alpha\lambda)z+\beta_1$ has its
    roots inside the unit circle if and only if it is positive at z = 1 and z = -1 (as β1 < 1):
    $0 < \lambda < (2+2\beta_1)/((1-\beta_1)\alpha)$, which is 38/α at β1 = 0.9.

    Raises
    ------
    ValueError
        If alpha is not in (0, ∞) or beta1 not in [0, 1).

    Source: Cohen et al. (2022), section 2.

    >>> round(edge_of_stability(1e-3, 0.9)), edge_of_stability(1.0, 0.0)
    (38000, 2.0)
    """
    alpha, beta1 = positive("alpha", alpha), decay("beta1", beta1)
    return 2 * (1 + beta1) / (1 - beta1) / alpha


def two_cycle(alpha: float, beta1: float, curvature: float = 1.0, epsilon: float = 0.0) -> float:
    r"""Return θ* > 0 such that Adam on $c\,\theta^2/2$ can go from θ* to -θ* and back, for ever.

    $$\theta^* = \frac{\alpha(1-\beta_1)}{2(1+\beta_1)}-\frac\epsilon c .$$

    *Proof.* Let $\theta_t = (-1)^t\theta^*$ and t so large that the corrections are 1. Then
    $v = c^2\theta^{*2}$, and $m_t$ changes its sign with the gradient $g_t = \pm c\,\theta^*$:
    $m_t = -\beta_1m_t+(1-\beta_1)g_t$, so $m_t = (1-\beta_1)g_t/(1+\beta_1)$. The step must be
    $2\theta^* = \alpha|m_t|/(c\,\theta^*+\epsilon)$. Solve for θ*.

    There $c/(\sqrt v+\epsilon) = c/(c\,\theta^*+\epsilon)$ is `edge_of_stability`.

    Parameters
    ----------
    alpha, beta1, epsilon : float
        Adam's.
    curvature : float
        c > 0.

    Raises
    ------
    ValueError
        If an argument is out of its range, or ε is so large that there is no such cycle.

    Source: Bock and Weiß (2019); this book, chapter "When Adam fails", for the form.

    >>> round(two_cycle(1e-3, 0.9) * 1e5, 4)
    2.6316
    """
    alpha, beta1 = positive("alpha", alpha), decay("beta1", beta1)
    curvature, epsilon = positive("curvature", curvature), nonnegative("epsilon", epsilon)
    theta: float = cycle_point(alpha, beta1, curvature, epsilon)
    if theta <= 0:
        raise ValueError(
            f"epsilon must be below alpha * curvature * (1 - beta1) / (2 + 2 beta1), got {epsilon}"
        )
    return theta


def cycle_point(alpha: Any, beta1: Any, curvature: Any, epsilon: Any) -> Any:
    r"""Return $\alpha(1-\beta_1)/(2(1+\beta_1)) - \epsilon/c$, for numbers or SymPy expressions.

    `two_cycle` says what it is, and checks its arguments.

    >>> round(cycle_point(1.0, 0.9, 1.0, 0.0), 4)
    0.0263
    """
    return alpha * (1 - beta1) / (2 * (1 + beta1)) - epsilon / curvature


def cycle_polynomial() -> Any:
    r"""Return the characteristic polynomial of the cycle, in SymPy, derived from Adam's own text.

    One step and a reflection, $(\theta,m,v) \mapsto (-\theta',-m',v')$, has the cycle as a fixed
    point (ε = 0, t → ∞). The determinant of λI minus its derivative there is

    $$\lambda^3+(1-\beta_1-3\beta_2)\lambda^2+(3\beta_1+\beta_2-\beta_1\beta_2)\lambda
    -\beta_1\beta_2 ,$$

    in which neither α nor the curvature occurs.

    Returns
    -------
    sympy.Poly in lambda, over beta1 and beta2

    >>> cycle_polynomial().degree()
    3
    """
    import sympy

    from adambook import Adam, symbolic

    beta1, beta2, alpha = (symbolic.symbol(name) for name in ("beta1", "beta2", "alpha"))
    c, theta = sympy.symbols("c theta", positive=True)
    x, m, v, root = sympy.symbols("x m v lambda", real=True)
    t, epsilon = symbolic.symbol("t"), symbolic.symbol("epsilon")
    late = {beta1**t: 0, beta2**t: 0, epsilon: 0}
    scalars = {name: value.subs(late) for name, value in symbolic.scalars(Adam).items()}
    constants = namedtuple("constants", scalars)(**scalars)
    delta, m_new, v_new = Adam.arithmetic(symbolic.ARITHMETIC)(constants, c * x, x, m, v)
    reflected = sympy.Matrix([-(x + delta), -m_new, v_new])
    gradient = c * theta
    cycle = {x: theta, m: -(1 - beta1) / (1 + beta1) * gradient, v: gradient**2}
    derivative = reflected.jacobian([x, m, v]).subs(cycle)
    derivative = derivative.subs(alpha, 2 * theta * (1 + beta1) / (1 - beta1))  # `two_cycle`
    polynomial = (root * sympy.eye(3) - derivative).det()
    return sympy.Poly(sympy.cancel(sympy.together(polynomial)), root)


def cycle_margin(beta1: Any, beta2: Any) -> Any:
    r"""Return $\beta_2\beta_1^2-3(1+\beta_2)\beta_1+1$: above 0 if and only if the cycle is stable.

    *Proof.* A cubic $\lambda^3+a\lambda^2+b\lambda+d$ has all roots inside the unit circle if and
    only if $1+a+b+d > 0$, $1-a+b-d > 0$, $|d| < 1$ and $|b-ad| < 1-d^2$ (Jury). For
    `cycle_polynomial` the first is $2(1+\beta_1)(1-\beta_2)$ and the second $4(\beta_1+\beta_2)$:
    positive. $|d| = \beta_1\beta_2 < 1$. The last is two conditions: $1-d^2+(b-ad) =
    (1+\beta_2)(1+3\beta_1(1-\beta_2)-\beta_1^2\beta_2)$ is positive, and $1-d^2-(b-ad) =
    (1-\beta_2)(\beta_2\beta_1^2-3(1+\beta_2)\beta_1+1)$ has the sign of the margin.

    Parameters
    ----------
    beta1, beta2 : float, array or SymPy expression
        Decay factors in [0, 1) and (0, 1).

    Source: this book, chapter "When Adam fails".

    >>> cycle_margin(0.1, 0.9) > 0, cycle_margin(0.9, 0.999) > 0
    (True, False)
    """
    return beta2 * beta1**2 - 3 * (1 + beta2) * beta1 + 1


def critical_beta1(beta2: float) -> float:
    r"""Return the β1 below which the cycle is stable, for a given β2.

    $$\beta_1^*(\beta_2) = \frac{3(1+\beta_2)-\sqrt{9(1+\beta_2)^2-4\beta_2}}{2\beta_2},$$

    the smaller zero of `cycle_margin`. It falls from 1/3 at β2 = 0 to $3-2\sqrt2 \approx 0.1716$
    at β2 = 1. It is computed without subtraction, as $2/(3(1+\beta_2)+\sqrt{\dots})$.

    Raises
    ------
    ValueError
        If beta2 lies outside [0, 1].

    Source: this book, chapter "When Adam fails".

    >>> round(critical_beta1(0.0), 4), round(critical_beta1(1.0), 4)
    (0.3333, 0.1716)
    """
    beta2 = number("beta2", beta2)
    if not 0 <= beta2 <= 1:
        raise ValueError(f"beta2 must lie in [0, 1], got {beta2!r}")
    b = 3 * (1 + beta2)
    return 2 / (b + math.sqrt(b**2 - 4 * beta2))
