"""Checkpoints: what a unit needs to go on after the epoch it has reached."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

Rows = list[dict[str, Any]]


def save(path: Path, arrays: dict[str, Any], rows: Rows) -> None:
    """Write the arrays and the rows so far, whole or not at all.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "unit.npz"
    >>> save(path, {"theta": np.ones(2)}, [{"epoch": 0}])
    >>> load(path)[1]
    [{'epoch': 0}]
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(file, rows=np.array(json.dumps(rows)), **arrays)
    part.replace(path)


def load(path: Path) -> tuple[dict[str, Any], Rows] | None:
    """Return the arrays and rows of a checkpoint; None if there is none that can be read.

    >>> load(Path("no such file")) is None
    True
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
            arrays = {name: saved[name] for name in saved.files}
        return arrays, json.loads(str(arrays.pop("rows")))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
