"""Classic mistakes, each made in the real rule: in its text, or in its scalars."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations
from types import SimpleNamespace
from typing import Any

from adambook.rules.rule import Rule

Scalars = Callable[[Any, Any, Any], dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Slip:
    """One mistake: what it costs, what to tell the student, and how to make it.

    Attributes
    ----------
    topic, message : str
        As in `Fault`.
    edits : tuple of pairs
        Text of the rule's arithmetic, and what stands there instead.
    scalars : callable, optional
        (the rule's `scalars`, self, t, xp) → the wrong scalars.
    state_alone : bool
        Whether the topic is about the state, so that it is in order where the state is right.

    >>> Slip("step", "The sign is wrong.", edits=(("-c.alpha", "c.alpha"),)).topic
    'step'
    """

    topic: str
    message: str
    edits: tuple[tuple[str, str], ...] = ()
    scalars: Callable[[Scalars, Any, Any, Any], dict[str, Any]] | None = None
    state_alone: bool = False


def with_slips(rule: Rule, *slips: Slip) -> Rule:
    """Return a rule with the same hyper-parameters that makes these mistakes.

    Raises
    ------
    ValueError
        If the text that a slip replaces is not there.

    >>> import numpy as np
    >>> from adambook import SGD
    >>> uphill = with_slips(SGD(alpha=0.5), Slip("step", "", edits=(("-c.alpha", "c.alpha"),)))
    >>> uphill.update(np.array([2.0]), uphill.init(np.zeros(1)), np.zeros(1))[0]
    array([1.])
    """
    given = {field.name: getattr(rule, field.name) for field in dataclasses.fields(rule)}
    kind: Any = type(rule)  # mypy takes a dataclass for unhashable
    wrong: Rule = _wrong_class(kind, slips)(**given)
    return wrong


def wrong_rules(rule: Rule, slips: Sequence[Slip]) -> Iterator[tuple[tuple[Slip, ...], Rule]]:
    """Yield the slips one by one, then in pairs, each with the rule that makes them."""
    for count in (1, 2):
        for chosen in combinations(slips, count):
            try:
                yield chosen, with_slips(rule, *chosen)
            except ValueError:  # the first one has removed what the second one replaces
                if count == 1:
                    raise


@cache
def _wrong_class(kind: Any, slips: tuple[Slip, ...]) -> Any:
    text = textwrap.dedent(inspect.getsource(kind.arithmetic))
    scalars: Scalars = kind.scalars
    for slip in slips:
        for old, new in slip.edits:
            if old not in text:
                raise ValueError(f"the text of {kind.__name__} does not hold {old!r}")
            text = text.replace(old, new)
        if slip.scalars is not None:
            scalars = _edited(slip.scalars, scalars)
    space: dict[str, Any] = {}
    exec(compile(text, f"<{kind.__name__} with slips>", "exec"), space)
    arithmetic = space[kind.arithmetic.__name__]
    body = {"arithmetic": staticmethod(arithmetic), "scalars": scalars}
    return dataclasses.dataclass(frozen=True)(type(kind.__name__, (kind,), body))


def _edited(edit: Callable[..., dict[str, Any]], scalars: Scalars) -> Scalars:
    return lambda self, t, xp: edit(scalars, self, t, xp)


def fixed(**values: float) -> Callable[..., dict[str, Any]]:
    """Return an edit of the scalars that gives some of them a constant value."""
    return lambda scalars, self, t, xp: scalars(self, t, xp) | values


def other_hyperparameters(change: Callable[[Any], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return an edit of the scalars that computes them from other hyper-parameters."""
    return lambda scalars, self, t, xp: scalars(
        SimpleNamespace(**(vars(self) | change(self))), t, xp
    )


def other_step(shift: int) -> Callable[..., dict[str, Any]]:
    """Return an edit of the scalars that counts t from elsewhere."""
    return lambda scalars, self, t, xp: scalars(self, t + shift, xp)
