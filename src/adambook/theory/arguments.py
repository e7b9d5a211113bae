"""Checks that the functions of this package share: one clear sentence for what is out of range."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def decay(name: str, value: Any) -> float:
    """Return a decay factor as a float, or raise ValueError: it must lie in [0, 1)."""
    beta = number(name, value)
    if not 0 <= beta < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {value!r}")
    return beta


def positive(name: str, value: Any) -> float:
    """Return a finite number above 0 as a float, or raise ValueError."""
    x = number(name, value)
    if not 0 < x < math.inf:
        raise ValueError(f"{name} must lie in (0, ∞), got {value!r}")
    return x


def nonnegative(name: str, value: Any) -> float:
    """Return a finite number, 0 or more, as a float, or raise ValueError."""
    x = number(name, value)
    if not 0 <= x < math.inf:
        raise ValueError(f"{name} must lie in [0, ∞), got {value!r}")
    return x


def number(name: str, value: Any) -> float:
    """Return a real number as a float, infinite beyond the largest one, or raise ValueError."""
    kind = getattr(getattr(value, "dtype", None), "kind", "f")  # NumPy's; others have none
    plain = isinstance(value, bool | str | bytes | list | tuple)
    if plain or np.ndim(value) != 0 or kind not in "iufO":
        raise ValueError(f"{name} must be one real number, got {value!r}")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except TypeError:
        raise ValueError(f"{name} must be one real number, got {value!r}") from None


def step_count(name: str, value: Any) -> int:
    """Return a whole number of steps, at least 1, or raise ValueError."""
    try:
        t = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        t = 0
    if t < 1:
        raise ValueError(f"{name} must be a whole number ≥ 1, got {value!r}")
    return t


def step_count_or_infinity(name: str, value: Any) -> int | float:
    """Return a whole number of steps, 1 to 1.8e308, or `math.inf`, or raise ValueError."""
    if isinstance(value, float) and value == math.inf:
        return math.inf
    try:
        t = step_count(name, value)
    except ValueError:
        raise ValueError(f"{name} must be a whole number ≥ 1 or math.inf, got {value!r}") from None
    if math.isinf(number(name, t)):
        raise ValueError(f"{name} must be at most the largest float64, 1.8e308, or math.inf")
    return t


def finite_array(name: str, value: ArrayLike, dimensions: tuple[int, ...]) -> NDArray[np.float64]:
    """Return a non-empty array of finite float64 with one of the given numbers of dimensions."""
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "biufO":  # NumPy would read texts and drop imaginary parts
            raise TypeError
        array = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must hold real numbers, got {value!r}") from None
    if array.ndim not in dimensions or array.size == 0:
        axes = " or ".join(map(str, dimensions))
        raise ValueError(
            f"{name} must be a non-empty array of {axes} axes, got shape {array.shape}"
        )
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite, got a NaN or an infinity")
    return array
