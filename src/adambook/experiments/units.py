"""A unit of work: a frozen configuration, and the identity that follows from it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any, Protocol


class Training(Protocol):
    """A run under way: it can be advanced by an epoch, put away, and taken up again."""

    def epoch(self) -> list[dict[str, Any]]:
        """Train one more epoch and return its rows."""
        ...

    def arrays(self) -> dict[str, Any]:
        """Return all that the next epochs depend on, as arrays by name."""
        ...

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        ...


class Unit(Protocol):
    """What is trained, recorded and resumed as one: a frozen dataclass."""

    @property
    def epochs(self) -> int:
        """How many epochs it is trained."""
        ...

    @property
    def rows_an_epoch(self) -> int:
        """How many rows one epoch records."""
        ...


def configuration(unit: Any) -> dict[str, Any]:
    """Return a unit's fields as plain values, in the order of their names.

    >>> from adambook.experiments import experiment
    >>> configuration(experiment("fig1-mnist").units("smoke")[0])["optimizer"]
    'AdaGrad'
    """
    return dict(sorted(dataclasses.asdict(unit).items()))


def identity(unit: Any) -> str:
    """Return the first 12 hex digits of the SHA-256 of a unit's configuration.

    >>> from adambook.experiments import experiment
    >>> len(identity(experiment("fig1-mnist").units("smoke")[0]))
    12
    """
    text = json.dumps([type(unit).__name__, configuration(unit)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
