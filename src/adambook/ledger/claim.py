"""What a claim and a verdict are, and the list that every claim is entered in."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from adambook.arguments import checked
from adambook.experiments.compare import interval

VERDICTS = ("TRUE", "PARTLY", "FALSE", "NOT SUPPORTED", "VACUOUS", "INCONCLUSIVE")
"""The fixed vocabulary. VACUOUS: it holds, and says nothing. INCONCLUSIVE: not decided yet."""

KINDS = ("definition", "theorem", "measurement", "experiment")
"""Definitions and theorems are computed, measurements simulated, experiments read from records."""

COLUMNS = ("paper-like", "tuned", "defaults")
"""The settings under which an experimental claim is judged, each on its own."""

OPEN = "not run"
"""What a column says as long as its runs are not recorded."""

ABSENT = "does not apply"
"""What a column says if the claim is not about its kind of settings: no run could fill it."""


class Measured(NamedTuple):
    """One number of the evidence: its name, its value, over how many seeds, with what interval.

    `seeds` is 0 where nothing is random; `interval` is a 95 % interval where there is one.
    """

    name: str
    value: float | str
    seeds: int = 0
    interval: tuple[float, float] | None = None

    def __str__(self) -> str:
        text = f"{self.name}: {_short(self.value)}"
        if self.interval is not None:
            text += f" ({_short(self.interval[0])} to {_short(self.interval[1])})"
        return text + (f", {self.seeds} seed{'s' * (self.seeds > 1)}" if self.seeds else "")


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


@checked
@dataclass(frozen=True)
class Verdict:
    """What became of a claim, and why.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    because : str
        The reason, in one sentence.
    evidence : tuple of Measured
        The numbers it rests on; never empty.
    part : str
        For PARTLY, which part holds.
    needs : str
        For INCONCLUSIVE, the run that would decide it and what it costs.
    columns : mapping
        For an experiment, a verdict for each of `COLUMNS`, or `OPEN`, or `ABSENT`.

    >>> Verdict("TRUE", "measured", (Measured("error", 1e-16),)).verdict
    'TRUE'
    >>> Verdict("PERHAPS", "felt", (Measured("mood", 1.0),))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: verdict must be one of TRUE, PARTLY, ... got 'PERHAPS'
    """

    verdict: str
    because: str
    evidence: tuple[Measured, ...]
    part: str = ""
    needs: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of("verdict", self.verdict, VERDICTS)
        for name, value in self.columns.items():
            _one_of("column", name, COLUMNS)
            _one_of(f"the column {name!r}", value, (*VERDICTS, OPEN, ABSENT))
        if not self.evidence:
            raise ValueError("evidence must hold at least one number: no verdict by assertion")
        if (self.verdict == "PARTLY") != bool(self.part):
            raise ValueError(f"part is for PARTLY and PARTLY needs one, got {self.part!r}")
        if (self.verdict == "INCONCLUSIVE") != bool(self.needs):
            raise ValueError(f"needs is for INCONCLUSIVE, which needs it, got {self.needs!r}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")


def decide(
    condition: bool, *evidence: Measured, yes: str, no: str, unless: str = "FALSE"
) -> Verdict:
    """Return TRUE with the sentence `yes` if the condition holds, else `unless` with `no`.

    >>> decide(2 < 1, Measured("two", 2.0), yes="it is smaller", no="it is not").verdict
    'FALSE'
    """
    if condition:
        return Verdict("TRUE", yes, evidence)
    return Verdict(unless, no, evidence)


def mean_of(name: str, values: ArrayLike) -> Measured:
    """Return the mean of one number a seed as evidence, with its 95 % interval.

    >>> str(mean_of("gain", [1.0, 1.0]))
    'gain: 1 (1 to 1), 2 seeds'
    """
    each = np.asarray(values, np.float64)
    return Measured(name, float(each.mean()), each.size, interval(each))


def largest(name: str, values: Any, seeds: int = 0) -> Measured:
    """Return the largest of some errors as evidence; NaN counts as infinite.

    >>> str(largest("error", [0.5, float("nan")]))
    'error: inf'
    """
    numbers = [float(x) for x in values]
    top = math.inf if any(math.isnan(x) for x in numbers) else max(numbers)
    return Measured(name, top, seeds)


@dataclass(frozen=True)
class Claim:
    """One claim of the paper, with the function that judges it.

    Attributes
    ----------
    id : str
        "C01" to "C86".
    where : str
        The place in the paper.
    kind : str
        One of `KINDS`.
    chapter : str
        The page of this book that treats it, below chapters/.
    judge : callable
        The function; its docstring is the statement and the pass rule.

    >>> from adambook import ledger
    >>> ledger.find("C38").statement
    'The sum of |g_t|/√t is at most 2 G∞ times the norm of the gradients.'
    """

    id: str
    where: str
    kind: str
    chapter: str
    judge: Callable[[], Verdict] = field(repr=False)

    @property
    def statement(self) -> str:
        """What the paper claims, in our words."""
        return self._text()[0]

    @property
    def pass_rule(self) -> str:
        """When it counts as true."""
        return self._text()[1]

    @property
    def function(self) -> str:
        """The function that judges it, by its full name."""
        return f"{self.judge.__module__}.{self.judge.__name__}"

    def _text(self) -> tuple[str, str]:
        words = " ".join((inspect.getdoc(self.judge) or "").split())
        statement, _, rule = words.partition(" Passes if")
        return statement, f"Passes if{rule}"


REGISTER: dict[str, Claim] = {}
"""Every claim by its id, in no particular order."""


def claim(id: str, where: str, kind: str, chapter: str) -> Callable[[Any], Any]:
    """Enter the decorated function as the judge of a claim.

    Its docstring states the claim in our words and then, from the words "Passes if" on, the
    rule. All its arguments have defaults: they are what the claim hangs on (a rule, a bound, the
    records), so that a test can put a broken one in their place.

    >>> @claim("C00", "nowhere", "theorem", "intro")
    ... def nothing():
    ...     '''Nothing is claimed.
    ...
    ...     Passes if nothing happens.
    ...     '''
    >>> REGISTER.pop("C00").pass_rule
    'Passes if nothing happens.'
    """
    _one_of("kind", kind, KINDS)

    def enter(judge: Any) -> Any:
        if id in REGISTER and REGISTER[id].judge.__qualname__ != judge.__qualname__:
            raise ValueError(f"{id} is entered twice: {REGISTER[id].function} and {judge.__name__}")
        entry = Claim(id, where, kind, chapter, judge)
        if not all(part.strip(" .") for part in entry._text()) or entry.pass_rule == "Passes if":
            raise ValueError(f"the docstring of {judge.__name__} lacks statement or 'Passes if'")
        REGISTER[id] = entry
        return judge

    return enter
