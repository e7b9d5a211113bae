"""The loop: a rule, a gradient, a start and a number of steps give a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, repeat
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from adambook.arguments import flag
from adambook.rules.rule import Rule, checked_rule, floating

Gradient = Callable[[NDArray[Any]], ArrayLike]


def minimize(
    rule: Rule,
    grad: Gradient | Iterable[Gradient],
    theta0: ArrayLike,
    steps: int,
    *,
    check_finite: bool = False,
) -> NDArray[Any]:
    r"""Follow a rule for a number of steps: $\theta_t = \theta_{t-1} + \Delta_t$.

    Parameters
    ----------
    rule : Rule
        The optimizer.
    grad : callable, or iterable of callables
        θ → gradient at θ, of θ's shape; or one such function a step, for online and stochastic
        problems ($g_t = \nabla f_t(\theta_{t-1})$).
    theta0 : array of floats
        The start, of any shape. It is not changed.
    steps : int
        The number of updates, ≥ 0.
    check_finite : bool
        Stop at the first gradient that holds NaN or an infinity.

    Returns
    -------
    ndarray, shape (steps + 1, *theta0.shape), theta0's dtype
        The path, with the start first.

    Raises
    ------
    TypeError
        If theta0 or a gradient is not floating-point or has masked entries, or `grad` is neither
        form.
    ValueError
        If `steps` is negative, the iterable ends early, or a gradient has the wrong shape.
    FloatingPointError
        If `check_finite` is set and a gradient is not finite; it names the step.

    >>> import numpy as np
    >>> from adambook import Adam, minimize
    >>> path = minimize(Adam(alpha=0.1), lambda theta: 2 * theta, np.array([1.0]), steps=200)
    >>> path.shape, bool(abs(path[-1, 0]) < 1e-3)
    ((201, 1), True)
    """
    rule, check_finite = checked_rule(rule), flag("check_finite", check_finite)
    theta = floating("theta0", theta0)
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool):
        raise TypeError(f"steps must be an integer, got {steps!r}")
    steps = int(steps)  # a small integer type could not hold steps + 1
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    path = np.empty((steps + 1, *theta.shape), theta.dtype)
    path[0] = theta
    state, gradients = rule.init(theta), _one_a_step(grad)
    done = 0
    for gradient in tqdm(islice(gradients, steps), total=steps, delay=2, leave=False):
        if not callable(gradient):
            raise TypeError(
                f"grad must hold functions of theta, got {gradient!r} for step {done + 1}"
            )
        g = gradient(path[done].copy())  # it may keep or change what it is given
        delta, state = rule.update(g, state, path[done], check_finite=check_finite)
        done += 1
        path[done] = path[done - 1] + delta
    if done < steps:
        raise ValueError(f"grad must hold a gradient for each of {steps} steps, got {done}")
    return path


def _one_a_step(grad: Gradient | Iterable[Gradient]) -> Iterator[Gradient]:
    if callable(grad):
        return repeat(grad)
    if isinstance(grad, Iterable):
        return iter(grad)
    raise TypeError(f"grad must be a function of theta or an iterable of them, got {grad!r}")
