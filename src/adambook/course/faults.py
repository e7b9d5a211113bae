"""A fault, and the faults that any function of numbers can have."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Shape = tuple[int, ...] | None
PART = ""
"""The topic of a fault that costs the whole part."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer.

    Attributes
    ----------
    topic : str
        What it costs: the points of the test cell that asks for this topic. `""` costs the part.
    message : str
        A sentence for the student.

    >>> Fault("correction", "m is not corrected.").topic
    'correction'
    """

    topic: str
    message: str


def check(faults: Iterable[Fault], topic: str) -> None:
    """Raise an AssertionError that says what is wrong in `topic`, or with the whole part.

    >>> faults = [Fault("correction", "m is not corrected.")]
    >>> check(faults, "moments")
    >>> check(faults, "correction")
    Traceback (most recent call last):
    AssertionError: m is not corrected.
    """
    messages = [fault.message for fault in faults if fault.topic in (topic, PART)]
    if messages:
        raise AssertionError(" ".join(dict.fromkeys(messages)))


def probe(
    answer: Callable[..., Any], arguments: Mapping[str, Any], shapes: Iterable[Shape]
) -> tuple[tuple[Any, ...] | None, list[Fault]]:
    """Call a student's function twice with the same arguments; return its values and faults.

    Parameters
    ----------
    answer : callable
        The student's function.
    arguments : mapping
        What to call it with, by name. The function gets copies.
    shapes : iterable of tuples
        The shape of each float64 array that it has to return; None for any shape.

    Returns
    -------
    values : tuple of arrays, or None
        What the first call returned; None if that is not what was asked for.
    faults : list of Fault
        An argument that was changed costs the topic `arguments`. An exception, a wrong shape or
        dtype, and a second call that answers otherwise than the first cost the part.

    >>> def add(x, y):
    ...     x += y
    ...     return x
    >>> values, faults = probe(add, {"x": np.zeros(2), "y": np.ones(2)}, [(2,)])
    >>> values[0], faults[0].message
    (array([1., 1.]), 'The function changes its argument x in place: the caller has lost it.')
    """
    given = copy.deepcopy(dict(arguments))
    try:
        first = _values(answer(**given))
        again = _values(answer(**copy.deepcopy(dict(arguments))))
    except Exception as error:  # whatever a student's code raises is a fault of that code
        return None, [Fault(PART, _raised(error))]
    faults = [
        Fault(
            "arguments",
            f"The function changes its argument {name} in place: the caller has lost it.",
        )
        for name, value in arguments.items()
        if isinstance(value, np.ndarray) and not np.array_equal(given[name], value, equal_nan=True)
    ]
    wrong = _form(first, list(shapes))
    if wrong:
        return None, [Fault(PART, wrong)]
    if len(again) != len(first) or not all(map(agree, first, again)):
        faults.append(
            Fault(
                PART,
                "A second call with the same arguments gives another answer: something survives "
                "the first call, such as a global variable or a list as a default argument.",
            )
        )
    return first, faults


def knows_only_the_example() -> Fault:
    """Return the fault of an answer that holds the numbers of the visible test."""
    return Fault(
        PART,
        "The answer is right for the numbers of the visible test and for no others: it knows "
        "these numbers, and not the rule.",
    )


def agree(one: Any, other: Any) -> bool:
    """Return whether two arrays are equal but for rounding; NaN equals NaN.

    >>> agree(0.1 + 0.2, 0.3), agree([1.0], [1.001])
    (True, False)
    """
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and bool(
        np.allclose(one, other, rtol=1e-9, atol=1e-13, equal_nan=True)
    )


def _values(returned: Any) -> tuple[Any, ...]:
    values = returned if isinstance(returned, tuple | list) else (returned,)
    return tuple(np.array(value) for value in values)


def _form(values: tuple[Any, ...], shapes: list[Shape]) -> str:
    """Say what is wrong with the number, shape or dtype of the values, or nothing."""
    if len(values) != len(shapes):
        return f"The function returns {_count(len(values))}, and {_count(len(shapes))} is asked."
    for value, shape in zip(values, shapes, strict=True):
        if value.dtype.kind == "f" and value.dtype != np.float64:
            return (
                f"The answer is {value.dtype}, and float64 is asked: what is rounded to "
                f"{np.finfo(value.dtype).precision} digits cannot be checked."
            )
        if value.dtype != np.float64:
            return f"The function returns {value.dtype} where floating-point numbers are asked."
        if shape is not None and value.shape != shape:
            return f"The function returns an array of shape {value.shape}; {shape} is asked."
    return ""


def _count(n: int) -> str:
    return "1 value" if n == 1 else f"{n} values"


def _raised(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        return "This part has not been answered yet."
    return f"The function stops with {type(error).__name__}: {error}"
