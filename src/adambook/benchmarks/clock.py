"""Timing side by side: every form in turn, many rounds, one process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

Form = Callable[[], object]


def side_by_side(
    forms: Mapping[str, Form], repeats: int, *, burst: int = 1, warm: int = 0
) -> dict[str, list[float]]:
    """Return the seconds of each call of each form.

    The forms take turns, so that a slow spell of the machine falls on all of them. In a turn a
    form is called `warm` times unseen, which brings its data back into the cache, and then
    `burst` times under the clock. Before the first turn each is called twice.

    Parameters
    ----------
    forms : name → function without arguments
    repeats : int
        Rounds.
    burst, warm : int
        Calls in a turn that count, and calls before them that do not.

    >>> times = side_by_side({"a": lambda: None, "b": lambda: None}, repeats=3)
    >>> {name: len(seconds) for name, seconds in times.items()}
    {'a': 3, 'b': 3}
    """
    times: dict[str, list[float]] = {name: [] for name in forms}
    for form in forms.values():
        form()
        form()
    with _no_collection():
        for _ in range(repeats):
            for name, form in forms.items():
                for _ in range(warm):
                    form()
                for _ in range(burst):
                    start = time.perf_counter()
                    form()
                    times[name].append(time.perf_counter() - start)
    return times


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of garbage from running under the clock."""
    was = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def spread(seconds: list[float]) -> tuple[float, float, float]:
    """Return the median and the quartiles of some times, in milliseconds.

    >>> spread([0.001, 0.002, 0.003])
    (2.0, 1.5, 2.5)
    """
    low, median, high = np.quantile(seconds, (0.25, 0.5, 0.75)) * 1e3
    return float(median), float(low), float(high)
