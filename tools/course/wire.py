"""What passes between the grader and a submission: data as JSON, never pickles.

A submission is not trusted, and unpickling what it sends would run its code in the grader.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from adambook.rules import RULES
from adambook.rules.rule import Rule

Reference = Callable[[Any], int]
Resolve = Callable[[int], Any]


def encode(value: Any, refer: Reference) -> Any:
    """Return a value as JSON's types; a function becomes the number that `refer` gives it.

    Raises
    ------
    TypeError
        If the value holds anything but numbers, text, arrays, rules, functions and lists of them.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
        return {"array": _packed(np.asarray(value)), "scalar": isinstance(value, np.generic)}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [encode(item, refer) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(k, refer), encode(v, refer)] for k, v in value.items()]}
    if isinstance(value, Rule):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        return {"rule": value.name, "given": encode(given, refer)}
    if callable(value):
        return {"function": refer(value)}
    raise TypeError(f"a {type(value).__name__} is no number, text, array, list or function")


def decode(coded: Any, resolve: Resolve) -> Any:
    """Return what `encode` was given; `resolve` makes a function of a number."""
    if not isinstance(coded, dict):
        return coded
    if "array" in coded:
        array = np.load(io.BytesIO(base64.b64decode(coded["array"])), allow_pickle=False)
        return array[()] if coded.get("scalar") else array
    if "rule" in coded:
        kind = {rule.__name__: rule for rule in RULES}[coded["rule"]]
        return kind(**decode(coded["given"], resolve))
    if "function" in coded:
        return resolve(coded["function"])
    if "dict" in coded:
        return {decode(k, resolve): decode(v, resolve) for k, v in coded["dict"]}
    make = list if "list" in coded else tuple
    return make(decode(item, resolve) for item in coded[make.__name__])


def dumps(message: dict[str, Any]) -> bytes:
    """Return a message as bytes."""
    return json.dumps(message).encode()


def loads(raw: bytes) -> dict[str, Any]:
    """Return the message of some bytes."""
    message = json.loads(raw)
    if not isinstance(message, dict):
        raise ValueError("a message must be an object")
    return message


def _packed(array: np.ndarray) -> str:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return base64.b64encode(buffer.getvalue()).decode()
