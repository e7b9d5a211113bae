"""Recorded results: a table of rows and, beside it, where each unit of them comes from."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd

from adambook.arguments import checked
from adambook.experiments.files import write_whole
from adambook.experiments.provenance import ROOT
from adambook.experiments.units import identity


def shipped() -> Path:
    """Return the folder of what comes with the code: the project's data/, or its installed copy.

    >>> (shipped() / "paper" / "figures.csv").exists()
    True
    """
    installed = Path(__file__).parents[1] / "data"
    return installed if installed.is_dir() else ROOT / "data"


def folder() -> Path:
    """Return where results are: `ADAMBOOK_RESULTS`, or those that come with the code.

    >>> folder().name
    'results'
    """
    return Path(os.environ.get("ADAMBOOK_RESULTS") or shipped() / "results")


@checked
class Results:
    """The record of one experiment: `NAME.csv`, one row per run and epoch, and `NAME.json`.

    Parameters
    ----------
    name : str
        The experiment's name.
    where : path, optional
        The folder; default `folder()`.

    Raises
    ------
    ValueError
        If a file is there but is no record of ours.

    >>> import tempfile
    >>> Results("nothing", tempfile.mkdtemp()).rows().empty
    True
    """

    def __init__(self, name: str, where: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(where) if where else folder()
        self.table = self.folder / f"{name}.csv"
        self.origins = self.folder / f"{name}.json"

    def rows(self) -> pd.DataFrame:
        """Return all rows, one per run and epoch; empty if nothing is recorded yet."""
        if not self.table.exists():
            return pd.DataFrame({"unit": pd.Series(dtype=str)})
        try:
            text = self.table.read_text(encoding="utf-8")
            rows = pd.read_csv(io.StringIO(text), dtype={"unit": str})
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
            raise ValueError(f"{self.table} is no table of results: {error}") from error
        if "unit" not in rows:
            raise ValueError(f"{self.table} is no table of results: it has no column 'unit'")
        if not text.endswith("\n"):
            raise ValueError(
                f"{self.table} is cut off in its last row; delete that row and run the experiment "
                "again, which brings back what is missing"
            )
        return rows

    def provenance(self) -> dict[str, Any]:
        """Return, by unit, its configuration, data, seconds and environment."""
        if not self.origins.exists():
            return {}
        try:
            origins = json.loads(self.origins.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{self.origins} is no record of provenance: {error}") from error
        if not isinstance(origins, dict):
            raise ValueError(f"{self.origins} is no record of provenance: it names no units")
        return origins

    def missing(self, units: list[Any]) -> list[Any]:
        """Return the units that are not recorded, or not with all their rows."""
        counts, known = self.rows()["unit"].value_counts(), self.provenance()
        return [
            unit
            for unit in units
            if identity(unit) not in known
            or counts.get(identity(unit), 0) != unit.epochs * unit.rows_an_epoch
        ]

    def record(self, unit: Any, rows: list[dict[str, Any]], origin: dict[str, Any]) -> None:
        """Add a unit's rows, in place of any it had, and where they come from."""
        name = identity(unit)
        new = pd.DataFrame(rows)
        new.insert(0, "unit", name)
        old = self.rows()
        old = old[old["unit"] != name]
        both = new if old.empty else pd.concat([old, new], ignore_index=True)
        both = both.sort_values(["unit"], kind="stable")
        origins = {**self.provenance(), name: origin}
        write_whole(self.table, both.to_csv(index=False, lineterminator="\n").encode())
        text = json.dumps(origins, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.origins, (text + "\n").encode())
