"""A rule along a given sequence of data, compiled: a million steps of few coordinates in a second.

`minimize` and `adambook.problems.play` spend some ten microseconds of Python on a step. Where a
question needs millions of steps in one dimension, as in the chapter on failures, that is too slow.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked
from adambook.one_pass import compiled
from adambook.rules import once
from adambook.rules.ranges import unmasked
from adambook.rules.rule import Rule, checked_rule, one_number_each, refuse_arrays

Gradient = Callable[[float, float], float]
AHEAD = 1 << 16
"""Steps whose scalars are computed and handed over at once."""


@checked
def follow(
    rule: Rule,
    gradient: Gradient,
    data: ArrayLike,
    start: ArrayLike,
    *,
    interval: tuple[float, float] = (-np.inf, np.inf),
    every: int = 1,
) -> NDArray[np.float64]:
    r"""Follow a rule where step t sees the gradient `gradient(theta, data[t - 1])`.

    $\theta_t = \min(\max(\theta_{t-1}+\Delta_t, low), high)$, for every coordinate by itself. The
    rule's own text is compiled, as in `Fused`, and so is `gradient`.

    Parameters
    ----------
    rule : Rule
        The optimizer; its hyper-parameters are numbers or a schedule, not arrays.
    gradient : callable
        (θ, datum) → gradient, of two numbers; a plain function that Numba can compile. That takes
        seconds and is done once, and again where a name that it reads from outside stands for
        another number, array or function than before. What functions that it calls read from
        outside is as it was at the first call.
    data : array, shape (T,) or (T, n)
        What the gradient depends on beside θ, a row a step: slopes, noise, targets.
    start : array, shape () or (n,)
        $\theta_0$, inside the interval; one number for all coordinates, or one for each.
    interval : (low, high)
        Where every coordinate must stay. The default is no projection.
    every : int
        Keep one iterate in so many, from the first on.

    Returns
    -------
    ndarray of float64, shape (1 + T // every,) or (1 + T // every, n)
        $\theta_0, \theta_{every}, \theta_{2\,every}, \dots$

    Raises
    ------
    ValueError
        If `data` has another number of axes, `start` does not fit it or lies outside the interval,
        `every` is no whole number ≥ 1, a hyper-parameter is an array, or a schedule's value at
        one of the T steps is no step size.
    TypeError
        If a schedule's value is no number, `data` or `start` has masked entries, or `gradient` is
        none that Numba can compile for two numbers to give one real number.

    >>> from adambook import SGD
    >>> follow(SGD(alpha=0.5), lambda theta, target: theta - target, [4.0, 4.0], 0.0)
    array([0., 2., 3.])
    """
    rule = checked_rule(rule)
    refuse_arrays({f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)})
    rows, theta = _checked(data, start, interval, every)
    path = np.empty((1 + len(rows) // every, rows.shape[1]))
    path[0] = theta
    state = np.zeros((rows.shape[1], len(rule.state_names)))
    kind: Any = type(rule)
    loop = _loop(kind, gradient, _outside(gradient))
    for done in range(0, len(rows), AHEAD):
        ahead = rows[done : done + AHEAD]
        scalars = _scalars(rule, done + 1, len(ahead))
        loop(scalars, ahead, theta, state, *map(float, interval), done, every, path)
    return path[:, 0] if np.ndim(data) == 1 else path


def _checked(
    data: ArrayLike, start: ArrayLike, interval: tuple[float, float], every: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the data as rows and the start as one number a column, both in float64."""
    rows = np.asarray(unmasked("data", data), dtype=np.float64)
    if rows.ndim not in (1, 2):
        raise ValueError(f"data must have shape (T,) or (T, n), got {rows.shape}")
    if not isinstance(every, int | np.integer) or every < 1:
        raise ValueError(f"every must be a whole number ≥ 1, got {every!r}")
    rows = np.ascontiguousarray(rows[:, None] if rows.ndim == 1 else rows)
    theta = np.asarray(unmasked("start", start), dtype=np.float64)
    if theta.shape not in ((), rows.shape[1:]):
        raise ValueError(f"start must be one number or {rows.shape[1]}, got shape {theta.shape}")
    low, high = interval
    if not np.all((low <= theta) & (theta <= high)):
        raise ValueError(f"start must lie in [{low}, {high}], got {start!r}")
    return rows, np.broadcast_to(theta, rows.shape[1:]).copy()


def _scalars(rule: Rule, first: int, steps: int) -> NDArray[np.float64]:
    """Return what the rule computes once a step, a row a step, from step `first` on."""
    names = type(one_number_each(rule, first))._fields
    t = np.arange(first, first + steps)
    values = {f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)}
    for name, value in values.items():
        values[name] = _step_sizes(rule, first, steps) if callable(value) else np.array(value)
    with np.errstate(all="ignore"):
        scalars = type(rule).scalars(SimpleNamespace(**values), t, once)  # type: ignore[arg-type]
    table = [np.broadcast_to(np.asarray(scalars[name], np.float64), t.shape) for name in names]
    return np.stack(table, axis=1)


def _step_sizes(rule: Rule, first: int, steps: int) -> NDArray[np.float64]:
    """Return what a rule's schedule says, a number a step, each checked as `minimize` checks it."""
    schedule: Any = rule.alpha  # type: ignore[attr-defined]
    values = [schedule(t) for t in range(first, first + steps)]
    try:
        sizes = np.array(values)
        dataclasses.replace(rule, alpha=sizes)  # type: ignore[call-arg]
        good = sizes.ndim == 1
    except (TypeError, ValueError):
        good = False
    if not good:
        known = dataclasses.replace(rule, alpha=lambda t: values[t - first])  # type: ignore[call-arg]
        for t in range(first, first + steps):
            one_number_each(known, t)
    return np.array(values, np.float64)


def _outside(gradient: Gradient) -> tuple[Any, ...]:
    """Return what the names stand for that a function reads from outside: it is compiled in."""
    if not inspect.isfunction(gradient):
        return ()
    names = inspect.getclosurevars(gradient)
    values = {**names.globals, **names.nonlocals}.items()
    return tuple(
        (name, x.dtype.str, x.shape, x.tobytes()) if isinstance(x, np.ndarray) else (name, repr(x))
        for name, x in values
    )


def _slope(gradient: Gradient) -> Any:
    """Return a gradient compiled for two numbers; refuse one that gives anything but a number."""
    import numba
    from numba.core.errors import NumbaError

    two = numba.float64, numba.float64
    if not inspect.isfunction(gradient):
        raise TypeError(f"gradient must be a plain function of two numbers, got {gradient!r:.100}")
    slope: Any = numba.njit(gradient)
    try:
        slope.compile(two)
    except (NumbaError, TypeError) as error:
        lines = [line.strip() for line in str(error).splitlines()]
        why = next(line for line in lines if line and not line.startswith("Failed in"))
        raise TypeError(
            f"gradient must be a plain function of two numbers that Numba can compile: {why}"
        ) from None
    result = slope.overloads[two].signature.return_type
    if not isinstance(result, numba.types.Number | numba.types.Boolean) or isinstance(
        result, numba.types.Complex
    ):
        raise TypeError(f"gradient must return one real number, got Numba's {result}")
    return slope


@cache
def _loop(rule: type[Rule], gradient: Gradient, outside: tuple[Any, ...]) -> Any:
    """Return the compiled loop over steps and coordinates, for a rule and a gradient.

    `outside` is what the gradient reads from outside: where that changed, it is another gradient.
    """
    import numba
    from numba.np.unsafe import ndarray

    module = compiled(rule)
    step, row = module.step, module.row
    slope = _slope(gradient)
    held = len(rule.state_names)
    to_fixed_tuple: Any = ndarray.to_fixed_tuple  # a compiled function's own (array, length)

    @numba.njit(error_model="numpy")
    def loop(  # type: ignore[no-untyped-def]
        scalars, data, theta, state, low, high, done, every, path
    ):
        for k in range(len(data)):
            c = row(scalars, k)
            for i in range(theta.size):
                old = to_fixed_tuple(state[i], held)
                new = step(c, slope(theta[i], data[k, i]), theta[i], *old)
                theta[i] = min(max(theta[i] + new[0], low), high)
                for j in range(held):
                    state[i, j] = new[j + 1]
            if (done + k + 1) % every == 0:
                path[(done + k + 1) // every] = theta

    return loop
