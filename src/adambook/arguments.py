"""Arguments that are what their annotations say, or one sentence that names the one that is not."""

from __future__ import annotations

import inspect
import operator
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial, wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules.rule import Rule

F = TypeVar("F", bound=Callable[..., Any])


def _spelled_out(hint: Any) -> Any:
    """Return what a hint stands for: from Python 3.12 on, NumPy's are names for others."""
    for name in (hint, typing.get_origin(hint)):
        if hasattr(name, "__value__"):
            return name.__value__
    return hint


ARRAY = typing.get_args(_spelled_out(ArrayLike))
"""The kinds that NumPy's union of that name stands for."""


def checked(function: F) -> F:
    """Check a function's arguments against its annotations whenever it is called.

    Of a class, what makes an instance is checked. What is annotated as `Any` or as a protocol is
    not looked at, nor what a sequence holds. A number is what NumPy reads as one; NaN is none.

    Raises
    ------
    TypeError
        At the call, if an argument is not what its annotation says.
    ValueError
        At the call, if it is NaN where a number is due.

    >>> @checked
    ... def half(x: float) -> float:
    ...     return x / 2
    >>> half(3)
    1.5
    >>> half("3")
    Traceback (most recent call last):
    ...
    TypeError: x must be a number other than NaN, got '3'
    """
    given: Any = function
    if isinstance(given, type):
        kind: Any = given
        kind.__init__ = checked(kind.__init__)
        return function
    check = partial(_check, given, inspect.signature(given))

    def call(*args: Any, **options: Any) -> Any:
        check(args, options)
        return function(*args, **options)

    # with the function's own globals: doctest and Sphinx tell by them which file it is from
    own = types.FunctionType(call.__code__, given.__globals__, closure=call.__closure__)
    return typing.cast(F, wraps(function)(own))


def _check(
    function: Any, signature: inspect.Signature, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    hints = _hints(function)
    for name, value in signature.bind(*args, **options).arguments.items():
        if name in hints and not fits(value, hints[name]):
            error = ValueError if _nan(value) else TypeError
            raise error(f"{name} must be {described(hints[name])}, got {value!r:.100}")


_hints = cache(typing.get_type_hints)


def flag(name: str, value: object) -> bool:
    """Return a flag, or refuse what is neither True nor False.

    >>> flag("check_finite", 1)
    Traceback (most recent call last):
    ...
    TypeError: check_finite must be True or False, got 1
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def shaped(name: str, value: ArrayLike, *axes: int, least: int = 1) -> NDArray[Any]:
    """Return an array, or refuse one with other numbers of axes, or an axis that is too short.

    Parameters
    ----------
    name : str
        What the error calls the array.
    value : array
    axes : int
        The numbers of axes that it may have.
    least : int
        The fewest entries along each axis.

    Raises
    ------
    ValueError
        If it has another number of axes, or fewer entries along one.

    >>> shaped("costs", [3.0, 2.0], 1, 2).shape
    (2,)
    >>> shaped("costs", [], 1, 2)
    Traceback (most recent call last):
    ...
    ValueError: costs must be an array of 1 or 2 axes, each of 1 or more, got shape (0,)
    """
    array = np.asarray(value)
    if array.ndim not in axes or min(array.shape, default=0) < least:
        words = " or ".join(map(str, axes)) + (" axes" if max(axes) > 1 else " axis")
        raise ValueError(
            f"{name} must be an array of {words}, each of {least} or more, got shape {array.shape}"
        )
    return array


def fits(value: object, hint: Any) -> bool:
    """Whether a value is what a type hint says.

    >>> fits(3, float), fits(3.5, int), fits(None, float | None), fits([1, 2], ArrayLike)
    (True, False, True, True)
    """
    hint = _spelled_out(hint)
    origin, inner = typing.get_origin(hint), _parts(hint)
    if origin in (typing.Union, types.UnionType):
        numbers = any(one in ARRAY and one is not str for one in inner)
        return numbers and _numbers(value) or any(fits(value, one) for one in _plain(inner))
    if isinstance(hint, TypeVar):
        return hint.__bound__ is None or fits(value, hint.__bound__)
    if isinstance(hint, type) and hint in SIMPLE:
        return SIMPLE[hint](value)
    if origin is tuple and inner[-1] is not ...:
        alike = isinstance(value, tuple | list) and len(value) == len(inner)
        return alike and all(map(fits, typing.cast(Any, value), inner))
    if origin is np.ndarray:
        return _numbers(value, "biufc")
    kind = Iterable if origin is Sequence else origin or hint
    if not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return True
    return isinstance(value, kind) and not isinstance(value, str)


def _parts(hint: Any) -> tuple[Any, ...]:
    """Return the arguments of a hint; those of NumPy's union as its own kinds, one by one."""
    inner = typing.get_args(hint)
    return (*(one for one in inner if one is not ArrayLike), *ARRAY * (ArrayLike in inner))


def _plain(inner: tuple[Any, ...]) -> list[Any]:
    """Return the parts of a union, without those that together are NumPy's ArrayLike."""
    whole = set(ARRAY) <= set(inner)
    return [one for one in inner if not whole or one not in ARRAY]


def _numbers(value: object, kinds: str = "biuf") -> bool:
    try:
        return np.asarray(value).dtype.kind in kinds
    except (TypeError, ValueError, RuntimeError):  # the last from tensors that need a gradient
        return False


def _whole(value: object) -> bool:
    try:
        return not isinstance(value, bool) and operator.index(typing.cast(Any, value)) is not None
    except TypeError:
        return False


def _number(value: object) -> bool:
    one = not isinstance(value, bool) and _numbers(value) and np.ndim(typing.cast(Any, value)) == 0
    return one and not np.isnan(float(typing.cast(Any, value)))


def _nan(value: object) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


SIMPLE: dict[Any, Callable[[object], bool]] = {
    bool: lambda value: isinstance(value, bool | np.bool_),
    int: _whole,
    float: _number,
    str: lambda value: isinstance(value, str),
    object: lambda value: True,
    Any: lambda value: True,
    type(None): lambda value: value is None,
}


def described(hint: Any) -> str:
    """Return a type hint in words.

    >>> described(int | None), described(Callable[[int], float])
    ('a whole number or None', 'a function')
    """
    hint = _spelled_out(hint)
    origin, inner = typing.get_origin(hint), _parts(hint)
    if origin in (typing.Union, types.UnionType):
        arrays = ["an array of numbers"] * (set(ARRAY) <= set(inner))
        return " or ".join(arrays + [described(one) for one in _plain(inner)])
    if isinstance(hint, type) and hint in WORDS:
        return WORDS[hint]
    if origin is Callable:
        return "a function"
    if origin is tuple and inner[-1] is not ...:
        return f"{len(inner)} values, each {described(inner[0])}"
    if origin is not None and issubclass(origin, Sequence):
        return f"several, each {described(inner[0])}"
    return f"a {getattr(origin or hint, '__name__', 'value')}"


WORDS: dict[Any, str] = {
    Rule: "a rule such as adambook.Adam()",
    bool: "True or False",
    int: "a whole number",
    float: "a number other than NaN",
    str: "a text",
    type(None): "None",
}
