"""A student's loop around a step: what it counts, what it carries, what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adambook.course.faults import PART, Fault, agree, knows_only_the_example, probe
from adambook.course.slips import Slip, wrong_rules
from adambook.minimize import minimize
from adambook.rules.rule import Rule

Answer = Callable[..., Any]
Array = NDArray[Any]
Step = Callable[[Array, Array, tuple[Array, ...], int], tuple[Array, tuple[Array, ...]]]
TARGET, CURVATURE = np.array([1.0, -2.0, 0.5]), np.array([1.0, 4.0, 0.25])
STEPS = 6


def loop(
    answer: Answer,
    rule: Rule,
    *,
    names: Sequence[str],
    own_step: Answer | None = None,
    slips: Sequence[Slip] = (),
    seed: int = 0,
    example: Mapping[str, Any],
) -> list[Fault]:
    """Return the faults of a function that makes many steps, one after another.

    Parameters
    ----------
    answer : callable
        `answer(grad=…, theta0=…, steps=…, <hyper-parameters>=…)` → path, shape (steps + 1, d).
    rule : Rule
        What one step should compute.
    names : sequence of str
        The hyper-parameters that the function takes.
    own_step : callable, optional
        The student's own step (see `step`). A path that is right for it is right: what is wrong
        in the step has been paid for there.
    slips : sequence of Slip
        Mistakes in the step to recognise, where the student writes no step apart.
    seed : int
        Of the start.
    example : mapping
        The arguments of the visible test.

    Returns
    -------
    list of Fault
        With the topics `loop` (what is counted and carried), `path` (what is returned),
        `arguments`, and those of the slips.

    >>> from adambook import SGD
    >>> def stale(grad, theta0, steps, alpha):
    ...     return np.array([theta0 - t * alpha * grad(theta0) for t in range(steps + 1)])
    >>> faults = loop(stale, SGD(alpha=0.1), names=["alpha"], example={})
    >>> faults[0].message
    'Every step uses the gradient at the start: it has to be taken where the path now is.'
    """
    given = {name: getattr(rule, name) for name in names}
    theta0 = np.random.default_rng([seed, 7]).standard_normal(TARGET.size)
    arguments = {"grad": _slope, "theta0": theta0, "steps": STEPS, **given}
    values, faults = probe(answer, arguments, [None])
    if values is None or any(fault.topic == PART for fault in faults):
        return faults
    own, steps = values[0], [_of_rule(rule)]
    if own_step is not None:
        steps.append(_of_answer(own_step, given))
    if any(agree(own, _follow(step, theta0, len(rule.state_names))) for step in steps):
        return faults
    for found, path in _wrong_paths(rule, steps, slips, theta0):
        if agree(own, path):
            return faults + found
    if example and _right_on(answer, rule, names, example):
        return [knows_only_the_example()]
    message = f"The path ends at {own[-1:].round(4).tolist()}, and no classic mistake explains it."
    topics = {"loop", "path", *(slip.topic for slip in slips)}
    return faults + [Fault(topic, message) for topic in sorted(topics)]


class _Habit(NamedTuple):
    """A way to write the loop, and what the function then returns of the path."""

    topic: str = ""
    message: str = ""
    first: int = 1
    carried: bool = True
    counted: bool = True
    fresh: bool = True
    returned: Callable[[Array], Array] = lambda path: path


_HABITS = (
    _Habit("loop", "The loop counts t from zero. The first step is t = 1.", first=0),
    _Habit("loop", "The loop hands t = 1 to every step: t does not count.", counted=False),
    _Habit(
        "loop",
        "The state starts anew at every step: what a step returns has to go into the next one.",
        carried=False,
    ),
    _Habit(
        "loop",
        "Every step uses the gradient at the start: it has to be taken where the path now is.",
        fresh=False,
    ),
    _Habit(
        "path", "The path lacks its start: theta0 is its first row.", returned=lambda path: path[1:]
    ),
    _Habit("path", "The path ends one step early.", returned=lambda path: path[:-1]),
    _Habit(
        "path", "Only the last point is returned, not the path.", returned=lambda path: path[-1]
    ),
    _Habit(
        "path",
        "All rows are the last point: the list holds one array many times. Append a copy.",
        returned=lambda path: np.broadcast_to(path[-1], path.shape),
    ),
)


def _wrong_paths(
    rule: Rule, steps: Sequence[Step], slips: Sequence[Slip], theta0: Array
) -> Iterator[tuple[list[Fault], Array]]:
    """Yield what is wrong, and the path it leads to."""
    states = len(rule.state_names)
    for habit in _HABITS:
        for step in steps:
            yield [Fault(habit.topic, habit.message)], _follow(step, theta0, states, habit)
    for chosen, wrong in wrong_rules(rule, slips):
        found = [Fault(slip.topic, slip.message) for slip in chosen]
        yield found, _follow(_of_rule(wrong), theta0, states)
        if len(chosen) == 1:
            for habit in _HABITS:
                both = [*found, Fault(habit.topic, habit.message)]
                yield both, _follow(_of_rule(wrong), theta0, states, habit)


def _follow(step: Step, theta0: Array, states: int, habit: _Habit | None = None) -> Array:
    """Return what a loop with this habit returns."""
    habit = habit or _Habit()
    zeros = tuple(np.zeros_like(theta0) for _ in range(states))
    theta, state, path = theta0, zeros, [theta0]
    with np.errstate(all="ignore"):
        for t in range(habit.first, STEPS + habit.first):
            g = _slope(theta if habit.fresh else theta0)
            theta, state = step(theta, g, state, t if habit.counted else 1)
            state = state if habit.carried else zeros
            path.append(theta)
    return habit.returned(np.array(path))


def _of_rule(rule: Rule) -> Step:
    def step(theta: Array, g: Array, state: tuple[Array, ...], t: int) -> Any:
        delta, new = rule.update(g, rule.State(t - 1, *state), theta)
        return theta + delta, tuple(new[1:])

    return step


def _of_answer(answer: Answer, given: Mapping[str, Any]) -> Step:
    """Return the student's step; one that fails makes a path that agrees with nothing."""

    def step(theta: Array, g: Array, state: tuple[Array, ...], t: int) -> Any:
        copies = [np.array(array) for array in (theta, g, *state)]
        try:
            values = answer(*copies, t, **given)
            theta, *rest = map(np.array, values)
        except Exception:  # the step's own part says what is wrong with it
            return np.full_like(copies[0], np.inf), state
        return theta, tuple(rest)

    return step


def _slope(theta: Array) -> Array:
    """The gradient of a quadratic with three curvatures."""
    slope: Array = CURVATURE * (theta - TARGET)
    return slope


def _right_on(answer: Answer, rule: Rule, names: Sequence[str], example: Mapping[str, Any]) -> bool:
    same = replace(rule, **{name: example[name] for name in names if name in example})
    path = minimize(same, example["grad"], example["theta0"], example["steps"])
    values, _ = probe(answer, example, [path.shape])
    return values is not None and agree(values[0], path)
