"""One step of every rule, in every form, at every size, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from tqdm import tqdm

from adambook.benchmarks.clock import side_by_side, spread
from adambook.benchmarks.forms import Problem
from adambook.benchmarks.sizes import parameters, shapes_of
from adambook.rules import RULES, Rule

SIZES = ("1e4", "1e6", "3e7")
ALL_SIZES = (*SIZES, "resnet18", "resnet50")
NETWORK_RULES = ("Adam",)
IN_CACHE = 2_000_000
"""Below this many parameters a form is called in bursts, with its own data in the cache."""

PLACES = 3
"""How often a larger problem is set up anew: where in memory its arrays lie changes its times."""


def rules_named(names: Sequence[str]) -> list[type[Rule]]:
    """Return the rules of these names; all of them for none.

    Raises
    ------
    ValueError
        If a name is no rule's.

    >>> rules_named(["AdaMax"])
    [<class 'adambook.rules.adamax.AdaMax'>]
    """
    known = {cls.__name__: cls for cls in RULES}
    for name in names:
        if name not in known:
            raise ValueError(f"rules must be among {', '.join(known)}, got {name!r}")
    return [known[name] for name in names] if names else list(RULES)


def rounds_for(count: int) -> int:
    """Return how many rounds a size gets when nobody says.

    >>> rounds_for(10_000), rounds_for(30_000_000)
    (150, 5)
    """
    return 150 if count <= 100_000 else 30 if count <= IN_CACHE else 5


def measure(
    rules: Sequence[str] = (),
    sizes: Sequence[str] = ALL_SIZES,
    *,
    repeats: int | None = None,
    threads: int = 2,
    quiet: bool = False,
) -> list[dict[str, Any]]:
    """Return one row for each rule, size and form: the median and quartiles of its times.

    Parameters
    ----------
    rules : names, default all; the networks' tensors are measured for Adam unless rules are named
    sizes : numbers of parameters as text, or names of `adambook.benchmarks.sizes.NETWORKS`
    repeats : rounds, in each of which every form has its turn; default `rounds_for`
    threads : threads of every form but NumPy's, whose operations have one
    quiet : show no progress

    Raises
    ------
    ValueError
        If a rule or a size is unknown.

    >>> rows = measure(["SGD"], ["100"], repeats=2, threads=1, quiet=True)
    >>> [row["form"] for row in rows][:2], rows[0]["parameters"]
    (['NumPy', 'one pass'], 100)
    """
    chosen = rules_named(rules)
    for size in sizes:
        shapes_of(size)  # what is no size is refused before anything is measured
    jobs = [
        (cls, size)
        for size in sizes
        for cls in chosen
        if rules or parameters_alone(size) or cls.__name__ in NETWORK_RULES
    ]
    rows: list[dict[str, Any]] = []
    problem: tuple[str, Problem | None] = ("", None)
    with thread_count(threads), tqdm(jobs, unit="rule", disable=quiet) as bar:
        for cls, size in bar:
            bar.set_description(f"{cls.__name__} {size}")
            if problem[0] != size:
                problem = size, Problem(shapes_of(size))
            rows += _rows(cls, size, problem[1], repeats, threads)  # type: ignore[arg-type]
    return rows


def parameters_alone(size: str) -> bool:
    """Whether a size is one flat array and no network.

    >>> parameters_alone("1e4"), parameters_alone("resnet18")
    (True, False)
    """
    return len(shapes_of(size)) == 1


def _rows(
    cls: type[Rule], size: str, problem: Problem, repeats: int | None, threads: int
) -> list[dict[str, Any]]:
    shapes = shapes_of(size)
    count = parameters(shapes)
    burst, warm, places = (3, 1, 1) if count <= IN_CACHE else (1, 0, PLACES)
    times: dict[str, list[float]] = {}
    for _ in range(places):
        forms = problem.forms(cls(), threads)
        turns = side_by_side(forms, repeats or rounds_for(count), burst=burst, warm=warm)
        for form, seconds in turns.items():
            times.setdefault(form, []).extend(seconds)
    rows = []
    for form, seconds in times.items():
        median, low, high = spread(seconds)
        rows.append(
            {
                "rule": cls.__name__,
                "size": size,
                "parameters": count,
                "tensors": len(shapes),
                "form": form,
                "threads": threads,
                "calls": len(seconds),
                "median_ms": float(f"{median:.4g}"),
                "low_ms": float(f"{low:.4g}"),
                "high_ms": float(f"{high:.4g}"),
            }
        )
    return rows


@contextmanager
def thread_count(threads: int) -> Iterator[None]:
    """Give PyTorch and Numba this many threads inside the block.

    Raises
    ------
    ValueError
        If the machine has fewer.

    >>> with thread_count(1):
    ...     torch.get_num_threads()
    1
    """
    import numba

    available: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    if not 1 <= threads <= available:
        raise ValueError(f"threads must lie in [1, {available}], got {threads}")
    before = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(threads)
    numba.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        numba.set_num_threads(before[1])
