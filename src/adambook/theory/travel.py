"""How far a run can get, and how many steps a distance takes at least."""

from __future__ import annotations

import math

import numpy as np

from adambook.theory.arguments import nonnegative, positive, step_count
from adambook.theory.step_bound import step_bounds


def travel_bound(alpha: float, beta1: float, beta2: float, steps: int) -> float:
    r"""Return $\alpha\sum_{t=1}^T S_t$, the supremum of $|\theta_T-\theta_0|$ of one coordinate.

    **Corollary** of `step_bound`. $|\theta_T-\theta_0| \le \sum_t|\Delta_t| \le
    \alpha\sum_{t\le T} S_t$ for ε ≥ 0. For ε = 0 and β1 > 0 it is attained: one geometric
    sequence, `extremal_gradients`, attains every $S_t$, all with one sign. For β1 = 0 it is
    approached by gradients that grow by an ever larger factor; for β2 = 0 < β1 it is infinite from
    step 2 on.
    For d coordinates it bounds $\|\theta_T-\theta_0\|_\infty$, and $\sqrt d$ times it the
    Euclidean distance.

    Parameters
    ----------
    alpha : float
        The step size, ≥ 0, in the unit of θ.
    beta1, beta2 : float
        Decay factors in [0, 1).
    steps : int
        T ≥ 1; memory is proportional to it.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Source: this book, chapter 5.

    >>> travel_bound(0.5, 0.9, 0.9, 10)
    5.0
    >>> round(travel_bound(0.001, 0.9, 0.999, 100), 4)
    0.1605
    """
    alpha = nonnegative("alpha", alpha)
    reach = float(step_bounds(beta1, beta2, step_count("steps", steps)).sum())
    return alpha * reach if alpha else 0.0  # the sum may be beyond float64


def fewest_steps(distance: float, alpha: float, beta1: float, beta2: float) -> int:
    r"""Return the smallest T with $\alpha\sum_{t=1}^T S_t \ge$ distance.

    No gradients take one coordinate of θ further than `travel_bound`, so none reach `distance`
    in fewer steps. The paper's rule of thumb is distance/α; it is an upper end, since
    $S_t \ge 1$, and exact for β1 = β2. The lower end is distance/(α S_∞).

    Parameters
    ----------
    distance : float
        > 0, in the unit of θ.
    alpha : float
        The step size, > 0, in the unit of θ.
    beta1, beta2 : float
        Decay factors in [0, 1).

    Returns
    -------
    int
        The number T of steps. A quotient distance/α within 1e-12 of a whole number counts as that
        number. Takes time and memory proportional to T.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Source: this book, chapter 5; Kingma and Ba (2015), section 2.1, for the rule of thumb.

    >>> fewest_steps(1.0, 0.1, 0.9, 0.9), fewest_steps(1.0, 0.001, 0.9, 0.999)
    (10, 360)
    """
    ratio = positive("distance", distance) / positive("alpha", alpha)
    target = nonnegative("distance / alpha", ratio) * (1 - 1e-12)
    steps = 64
    while True:
        reach = np.cumsum(step_bounds(beta1, beta2, min(steps, math.ceil(target) + 1)))
        if reach[-1] >= target:
            return int(np.searchsorted(reach, target)) + 1
        steps *= 2
