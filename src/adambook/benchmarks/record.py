"""Recorded benchmarks: `bench-NAME.csv` with one row a measurement, and where it was made."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd

from adambook.experiments.files import write_whole
from adambook.experiments.provenance import environment
from adambook.experiments.results import folder


def path_of(name: str, where: str | os.PathLike[str] | None = None) -> Path:
    """Return the table of a benchmark, in a folder or in the project's own.

    >>> path_of("steps", "somewhere").name
    'bench-steps.csv'
    """
    return (Path(where) if where else folder()) / f"bench-{name}.csv"


def write(
    name: str, rows: list[dict[str, Any]], seconds: float, where: str | os.PathLike[str] | None
) -> Path:
    """Write a benchmark's rows and, beside them, the machine and versions; return the table.

    Raises
    ------
    OSError
        If the folder cannot be written.

    >>> import tempfile
    >>> table = write("steps", [{"form": "one pass", "median_ms": 1.5}], 0.1, tempfile.mkdtemp())
    >>> read("steps", table.parent)["median_ms"].tolist()
    [1.5]
    """
    table = path_of(name, where)
    make_folder(table.parent)
    origin = {"seconds": round(seconds, 1), "load": load(), "environment": environment()}
    text = json.dumps(origin, indent=1, sort_keys=True, ensure_ascii=False)
    beside, waiting = table.with_suffix(".json"), table.with_suffix(".json.new")
    try:
        write_whole(waiting, (text + "\n").encode())  # first, so that a full disk changes nothing
        csv = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
        write_whole(table, csv.encode())
        waiting.replace(beside)
    finally:
        waiting.unlink(missing_ok=True)
    return table


def make_folder(where: Path) -> None:
    """Make a folder to record in, if it is not there.

    Raises
    ------
    OSError
        If it cannot be made or written to.

    >>> import tempfile
    >>> make_folder(Path(tempfile.mkdtemp()) / "new")
    """
    try:
        where.mkdir(parents=True, exist_ok=True)
        fault = "" if os.access(where, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)
    except OSError as error:
        fault = str(error.strerror)
    if fault:
        raise OSError(
            f"results cannot be written to {where}: {fault}; name another folder with --results"
        )


def load() -> float | None:
    """Return how many processes ran or waited to run in the last minute, where it is known.

    >>> load() is None or load() >= 0
    True
    """
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def read(name: str, where: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Return the recorded rows of a benchmark.

    Raises
    ------
    FileNotFoundError
        If it is not recorded.
    ValueError
        If its table is cut off.

    >>> read("steps", "/nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: the benchmark 'steps' is not recorded; run: adambook bench steps --record
    """
    path = path_of(name, where)
    again = f"run: adambook bench {name} --record"
    if not path.exists():
        raise FileNotFoundError(f"the benchmark {name!r} is not recorded; {again}")
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        raise ValueError(f"{path} is cut off in its last row; {again}")
    return pd.read_csv(io.StringIO(text), dtype={"size": str})


def origin(name: str, where: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Return where a recorded benchmark was made: commit, versions, machine, seconds, load.

    Raises
    ------
    FileNotFoundError
        If it is not recorded.

    >>> origin("steps", "/nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: the benchmark 'steps' is not recorded; run: adambook bench steps --record
    """
    read(name, where)
    text = path_of(name, where).with_suffix(".json").read_text(encoding="utf-8")
    return dict(json.loads(text))
