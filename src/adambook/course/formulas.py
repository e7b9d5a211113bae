"""A student's formula beside the right one, and beside what classic mistakes compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adambook import Adam
from adambook.course.faults import PART, Fault, agree, knows_only_the_example, probe

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Guess:
    """What a classic mistake computes.

    Attributes
    ----------
    topic, message : str
        As in `Fault`.
    function : callable
        The wrong function; it takes what the right one takes.

    >>> Guess("size", "The sign is lost.", np.abs).topic
    'size'
    """

    topic: str
    message: str
    function: Answer


def formula(
    answer: Answer,
    right: Answer | Sequence[Answer],
    probes: Sequence[Mapping[str, Any]],
    guesses: Sequence[Guess],
    *,
    topics: Sequence[str],
    example: Mapping[str, Any] | None = None,
) -> list[Fault]:
    """Return the faults of a function that computes numbers from numbers.

    Parameters
    ----------
    answer : callable
        The student's function; it is called with the probes' names.
    right : callable, or sequence of callables
        What it should compute; one of them is enough.
    probes : sequence of mappings
        The arguments of each call.
    guesses : sequence of Guess
        The mistakes to recognise.
    topics : sequence of str
        What is lost if the answer is wrong and no guess explains it.
    example : mapping, optional
        The arguments of the visible test.

    >>> probes = [{"x": np.array([1.0, -2.0])}]
    >>> guess = Guess("sign", "The sign is lost.", lambda x: abs(x))
    >>> formula(lambda x: abs(x), lambda x: x, probes, [guess], topics=["sign"])[0].message
    'The sign is lost.'
    """
    accepted = [right] if callable(right) else list(right)
    own: list[Any] = []
    faults: list[Fault] = []
    for arguments in probes:
        values, new = probe(answer, arguments, [None])
        faults += [fault for fault in new if fault not in faults]
        if values is None or any(fault.topic == PART for fault in new):
            return faults
        own.append(values[0])
    if any(_same(own, function, probes) for function in accepted):
        return faults
    for guess in guesses:
        if _same(own, guess.function, probes):
            return [*faults, Fault(guess.topic, guess.message)]
    if example is not None:
        values, _ = probe(answer, example, [None])
        if values is not None and any(_same(values, f, [example]) for f in accepted):
            return [knows_only_the_example()]
    message = _first_difference(own, accepted[0], probes)
    return faults + [Fault(topic, message) for topic in topics]


def first_step(answer: Answer, own_step: Answer, *, seed: int = 0) -> list[Fault]:
    """Return the faults of a function that measures Adam's first step; the topic is `size`.

    `answer(g, epsilon)` → |θ1|/α from θ0 = 0, at α = 0.001 and the default decay factors. What
    the student's own step makes of it is right too.

    >>> def length(g, epsilon):
    ...     return np.sign(g)
    >>> first_step(length, length)[0].message
    'The length of a step has no sign: take the absolute value.'
    """
    rng = np.random.default_rng([seed, 11])
    sizes = [rng.normal(size=5) * 10.0 ** np.arange(-4, 1) for _ in range(3)]
    probes = [{"g": g, "epsilon": e} for g, e in zip(sizes, (0.0, 1e-3, 0.1), strict=True)]

    def signed(g: Any, epsilon: float) -> Any:
        rule = Adam(epsilon=epsilon)
        theta = np.zeros_like(g)
        return rule.update(g, rule.init(theta), theta)[0] / rule.alpha

    def right(g: Any, epsilon: float) -> Any:
        return np.abs(signed(g, epsilon))

    def by_own_step(g: Any, epsilon: float) -> Any:
        zero = np.zeros_like(g)
        try:
            theta = own_step(zero, g, zero.copy(), zero.copy(), 1, 0.001, 0.9, 0.999, epsilon)[0]
        except Exception:  # the step's own part says what is wrong with it
            return np.inf
        return np.abs(theta) / 0.001

    no_sign = "The length of a step has no sign: take the absolute value."
    guesses = [
        Guess("size", no_sign, signed),
        Guess("size", no_sign, lambda g, epsilon: -signed(g, epsilon)),
        Guess("size", no_sign, lambda g, epsilon: np.sign(g)),
        Guess(
            "size",
            "This is the step itself: divide by alpha.",
            lambda g, epsilon: right(g, epsilon) * 0.001,
        ),
        Guess(
            "size",
            "The epsilon that is handed in is not used.",
            lambda g, epsilon: right(g, 1e-8),
        ),
        Guess(
            "size",
            "The length is 1 for every gradient only as long as epsilon is 0.",
            lambda g, epsilon: right(g, 0.0),
        ),
    ]
    return formula(answer, [right, by_own_step], probes, guesses, topics=["size"])


def _same(own: Sequence[Any], function: Answer, probes: Sequence[Mapping[str, Any]]) -> bool:
    with np.errstate(all="ignore"):
        return all(agree(a, function(**p)) for a, p in zip(own, probes, strict=True))


def _first_difference(
    own: Sequence[Any], right: Answer, probes: Sequence[Mapping[str, Any]]
) -> str:
    for value, arguments in zip(own, probes, strict=True):
        expected = np.asarray(right(**arguments))
        if agree(value, expected):
            continue
        given = ", ".join(f"{k} = {_shown(v)}" for k, v in arguments.items() if not callable(v))
        if value.shape != expected.shape:
            return f"For {given} the shape is {value.shape}; {expected.shape} is asked."
        return (
            f"For {given} the answer is {_shown(value)} instead of {_shown(expected)}, and no "
            "classic mistake explains it."
        )
    raise ValueError("own and right must differ")


def _shown(value: Any) -> str:
    flat = np.ravel(value)
    numbers = ", ".join(f"{x:.4g}" for x in flat[:6]) + (", …" if flat.size > 6 else "")
    return numbers if np.ndim(value) == 0 else f"[{numbers}]"
