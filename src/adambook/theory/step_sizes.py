r"""How long a rule's steps are along given gradients, in multiples of α."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules.rule import Rule, checked_rule, floating


def step_sizes(rule: Rule, gradients: ArrayLike) -> NDArray[Any]:
    r"""Feed gradients to a rule, one row a step, and return $|\Delta_t|/\alpha$ for every step.

    The gradients are given and do not depend on θ, which starts at 0. So this is what a bound on
    the step is compared with.

    Parameters
    ----------
    rule : Rule
        Any rule with a number or an array for α, none of it 0.
    gradients : array of floats, shape (T,) or (T, ...)
        The first axis is the step.

    Returns
    -------
    array, the shape and dtype of `gradients`

    Raises
    ------
    TypeError
        If `rule` is no rule, its α is a schedule, or the gradients are not floating-point.
    ValueError
        If α is 0 somewhere, or there is no axis of steps.

    >>> from adambook import SGD
    >>> step_sizes(SGD(alpha=0.1), [3.0, -4.0]).round(12).tolist()
    [3.0, 4.0]
    """
    gradients = floating("gradients", gradients)
    if gradients.ndim == 0:
        raise ValueError("gradients must have an axis of steps, got a single number")
    alpha = checked_rule(rule).alpha  # type: ignore[attr-defined]
    if callable(alpha):
        raise TypeError(f"alpha must be a number or an array, got the schedule {alpha!r}")
    if np.any(np.asarray(alpha) == 0):
        raise ValueError("alpha must not be 0: steps are measured in multiples of it")
    theta = np.zeros(gradients.shape[1:], gradients.dtype)
    state, sizes = rule.init(theta), np.empty_like(gradients)
    for t, g in enumerate(gradients):
        delta, state = rule.update(g, state, theta)
        theta = theta + delta
        sizes[t] = np.abs(delta) / alpha
    return sizes
