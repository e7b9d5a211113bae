"""The benchmarks by name: what is measured, and how it is told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import pandas as pd

from adambook.benchmarks import (
    growth,
    loops,
    precision,
    record,
    report,
    startup,
    steps,
    training,
)


@dataclass(frozen=True)
class Choice:
    """What somebody asked for; what is left open has the benchmark's own default.

    >>> Choice(quick=True).threads_or_all() >= 1
    True
    """

    quick: bool = False
    rules: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    repeats: int | None = None
    threads: int | None = None

    def threads_or_all(self) -> int:
        """Return the number of threads: that asked for, or one a core."""
        available: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
        return available if self.threads is None else self.threads


def _steps(choice: Choice) -> list[dict[str, Any]]:
    rules = choice.rules or (("Adam", "AdaMax") if choice.quick else ())
    sizes = choice.sizes or (("1e4", "1e6") if choice.quick else steps.ALL_SIZES)
    repeats = choice.repeats or (5 if choice.quick else None)
    return steps.measure(rules, sizes, repeats=repeats, threads=choice.threads_or_all())


def _training(choice: Choice) -> list[dict[str, Any]]:
    repeats = choice.repeats or (5 if choice.quick else 60)
    return training.measure(repeats=repeats, threads=choice.threads_or_all())


def _loops(choice: Choice) -> list[dict[str, Any]]:
    repeats = choice.repeats or (2 if choice.quick else 7)
    batches = 1 if choice.quick else None
    return loops.measure(batches=batches, repeats=repeats, threads=choice.threads_or_all())


def _startup(choice: Choice) -> list[dict[str, Any]]:
    return startup.measure(repeats=choice.repeats or (1 if choice.quick else 5))


def _growth(choice: Choice) -> list[dict[str, Any]]:
    return growth.measure(quick=choice.quick, threads=choice.threads_or_all())


def _precision(choice: Choice) -> list[dict[str, Any]]:
    threads = choice.threads_or_all()
    if choice.quick:
        return precision.measure(epochs=1, seeds=1, threads=threads, examples=1280)
    return precision.measure(threads=threads)


def _check_picture(picture: Path) -> None:
    """Refuse, before minutes of measuring, a picture that could not be written after them."""
    from matplotlib.backend_bases import FigureCanvasBase

    kinds = FigureCanvasBase.get_supported_filetypes()
    if picture.suffix[1:].lower() not in kinds:
        raise ValueError(f"a picture's name must end in one of .{', .'.join(kinds)}, got {picture}")
    if not os.access(picture.parent, os.W_OK | os.X_OK):
        raise OSError(f"a picture cannot be written to {picture.parent}: name another folder")


Suite = tuple[Callable[[Choice], list[dict[str, Any]]], Callable[[pd.DataFrame], str]]
SUITES: dict[str, Suite] = {
    "steps": (_steps, report.steps_text),
    "training": (_training, report.training_text),
    "loops": (_loops, lambda rows: rows.to_string(index=False)),
    "startup": (_startup, lambda rows: rows.to_string(index=False)),
    "growth": (_growth, report.growth_text),
    "precision": (_precision, lambda rows: rows.to_string(index=False)),
}


def run(
    name: str, choice: Choice, *, where: Path | None = None, picture: Path | None = None
) -> str:
    """Measure one benchmark and return what it says as text.

    Parameters
    ----------
    name : one of `SUITES`
    choice : what to measure of it
    where : a folder to record in; None to record nothing
    picture : a file to draw measured steps into

    Raises
    ------
    ValueError
        If the name, a rule, a size or the number of threads is none there is, or rules, sizes or
        a picture are asked of anything but steps.
    OSError
        If something cannot be written.

    >>> run("x", Choice())
    Traceback (most recent call last):
    ...
    ValueError: benchmark must be one of steps, training, loops, startup, growth, precision, got 'x'
    """
    if name not in SUITES:
        raise ValueError(f"benchmark must be one of {', '.join(SUITES)}, got {name!r}")
    if picture and name != "steps":
        raise ValueError(f"a picture is drawn of steps only, and {name} was asked for")
    if name != "steps" and (choice.rules or choice.sizes):
        raise ValueError(f"rules and sizes are chosen of steps only, and {name} was asked for")
    if picture:
        _check_picture(picture)
    if where is not None:
        record.make_folder(where)
    measure, tell = SUITES[name]
    start = time.perf_counter()
    measured = measure(choice)
    seconds = time.perf_counter() - start
    rows = pd.DataFrame(measured)
    told = tell(rows)
    if where is not None:
        told += f"\n\n{len(rows)} rows in {record.write(name, measured, seconds, where)}"
    if picture is not None:
        from adambook.figures import step_cost

        step_cost.side_by_side(rows).savefig(picture)
        told += f"\n\nThe picture is in {picture}"
    return told
