"""The ranges of hyper-parameters: declared where the parameter is, checked in one place."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.floating]


@dataclass(frozen=True)
class Range:
    """An interval of the real line, closed below, open or closed above.

    >>> Range(0.0, 1.0).check("beta1", 0.9)
    0.9
    >>> Range(0.0, 1.0).check("beta1", 1.0)
    Traceback (most recent call last):
    ...
    ValueError: beta1 must lie in [0, 1), got 1.0
    """

    low: float
    high: float
    closed: bool = False

    def __str__(self) -> str:
        high = "∞" if math.isinf(self.high) else f"{self.high:g}"
        return f"[{self.low:g}, {high}{']' if self.closed else ')'}"

    def check(self, name: str, value: object) -> Number:
        """Return `value` as a float, or as a read-only float64 array; refuse what is outside.

        Raises
        ------
        TypeError
            If `value` is not a real number or an array of them.
        ValueError
            If any entry lies outside the range (NaN always does).
        """
        given = None if isinstance(value, list | tuple) else unmasked(name, value)
        if given is None or given.dtype.kind not in "iuf":
            raise TypeError(
                f"{name} must be a real number or a NumPy array of them in {self}, got {value!r}"
            )
        numbers = np.array(given, np.float64)
        below = numbers <= self.high if self.closed else numbers < self.high
        inside = (numbers >= self.low) & below
        if not np.all(inside):
            bad = f"an array that holds {numbers[~inside][0]}" if numbers.ndim else repr(value)
            raise ValueError(f"{name} must lie in {self}, got {bad}")
        if numbers.ndim == 0:
            return float(numbers)
        numbers.setflags(write=False)
        return numbers


def unmasked(name: str, value: object) -> NDArray[Any]:
    """Return a value as NumPy's plain array; refuse what NumPy cannot read, or reads past a mask.

    >>> unmasked("theta", np.ma.masked_equal([1.0, 2.0], 2.0))
    Traceback (most recent call last):
    ...
    TypeError: theta must have no masked entries, which would be computed with like any other
    """
    if type(value) is np.ndarray:
        return value
    if isinstance(value, np.ndarray) and isinstance(value, np.ma.MaskedArray) and value.mask.any():
        raise TypeError(
            f"{name} must have no masked entries, which would be computed with like any other"
        )
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors with a graph
        raise TypeError(f"{name} must be an array of real numbers, got {value!r:.100}") from error


def hyperparameter(default: float, low: float, high: float, *, closed: bool = False) -> Any:
    """Declare a field of a rule with its default and its range."""
    return dataclasses.field(default=default, metadata={"range": Range(low, high, closed)})


def step_size(default: float) -> Any:
    """A step size α in [0, ∞)."""
    return hyperparameter(default, 0.0, math.inf)


def decay(default: float) -> Any:
    """A decay factor β, ρ or μ in [0, 1)."""
    return hyperparameter(default, 0.0, 1.0)


def nonnegative(default: float) -> Any:
    """A constant such as ε in [0, ∞)."""
    return hyperparameter(default, 0.0, math.inf)
