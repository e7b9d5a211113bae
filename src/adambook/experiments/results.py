"""Recorded results: a table of rows and, beside it, where each unit of them comes from."""

from __future__ import annotations

import csv
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
    named = os.environ.get("ADAMBOOK_RESULTS")
    return Path(os.path.expanduser(named)) if named else shipped() / "results"


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
        if not self._is_there():
            return pd.DataFrame({"unit": pd.Series(dtype=str), "epoch": pd.Series(dtype=int)})
        text = self._text()
        self._check_fields(text)
        rows = pd.read_csv(io.StringIO(text), dtype={"unit": str}, low_memory=False)
        for column in ("unit", "epoch"):
            if (blank := rows[column].isna()).any():
                raise self._damaged(int(blank.to_numpy().argmax()) + 2, f"it names no {column}")
        for column in rows.columns.drop("unit"):
            if (row := _no_number(rows[column])) is not None:
                fault = f"{column} must be a number, got {rows[column][row]!r}"
                raise self._damaged(row + 2, fault)
        self._check_epochs(rows["epoch"])
        self._check_blanks(rows)
        return rows

    def _is_there(self) -> bool:
        """Whether there is a table; raise ValueError if folder or table is something else."""
        kinds = {"folder": (self.folder, os.path.isdir), "file": (self.table, os.path.isfile)}
        for kind, (path, is_one) in kinds.items():
            if os.path.lexists(path) and not is_one(path):
                raise ValueError(f"{path} is no {kind}, and no link to one")
        return self.table.exists()

    def check_whole(self, rows: pd.DataFrame) -> None:
        """Raise ValueError unless the rows are the whole of what units gave on real data.

        Raises
        ------
        ValueError
            If a unit lacks rows or has some twice, has no provenance, or is from a stand-in.

        >>> results = Results("fig2b")
        >>> results.check_whole(results.rows())
        """
        origins = self.provenance()
        sizes = rows.groupby(["unit", "epoch"]).size()
        for unit, own in sizes.groupby(level="unit"):
            epochs = own.index.get_level_values("epoch").tolist()
            if fault := _not_whole(origins.get(str(unit)), epochs, own.nunique()):
                raise ValueError(
                    f"{self.table} cannot be relied on: unit {unit} {fault}; delete its rows and "
                    "run the experiment again"
                )

    def _check_epochs(self, epochs: pd.Series) -> None:
        """Raise ValueError unless every epoch is a whole number from 0 on."""
        numbers = pd.to_numeric(epochs, errors="coerce")
        if (odd := ~((numbers % 1 == 0) & (numbers >= 0)).to_numpy()).any():
            row = int(odd.argmax())
            fault = f"epoch must be a whole number from 0 on, got {epochs[row]!s}"
            raise self._damaged(row + 2, fault)

    def _check_blanks(self, rows: pd.DataFrame) -> None:
        """Raise ValueError where a column is blank in some rows of a unit and not in others."""
        blank = rows.drop(columns="unit").isna()
        for column in blank.columns[blank.any()]:
            mixed = ~blank[column].groupby(rows["unit"]).transform("all")
            if (bad := (blank[column] & mixed).to_numpy()).any():
                raise self._damaged(int(bad.argmax()) + 2, f"it has no {column}")

    def _text(self) -> str:
        """Return what the table holds, if it is text, begins as a table of ours and ends a row."""
        try:
            text = self.table.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{self.table} is no table of results: {error}") from error
        head = text.partition("\n")[0].split(",")
        for column in ("unit", "epoch"):
            if column not in head:
                raise ValueError(
                    f"{self.table} is no table of results: it has no column {column!r}"
                )
        if twice := sorted({column for column in head if head.count(column) > 1}):
            raise ValueError(
                f"{self.table} is no table of results: it has the column {twice[0]!r} twice"
            )
        if not text.endswith("\n"):
            raise ValueError(
                f"{self.table} is cut off in its last row; delete that row and run the experiment "
                "again, which brings back what is missing"
            )
        return text

    def _check_fields(self, text: str) -> None:
        """Raise ValueError unless each row is text and has as many fields as the header."""
        if "\0" in text:
            raise self._damaged(text[: text.index("\0")].count("\n") + 1, "it holds a byte 0")
        lines = csv.reader(io.StringIO(text), strict=True)
        try:
            width = len(next(lines))
            for fields in lines:
                if len(fields) != width:
                    fault = f"it has {len(fields)} fields and the header {width}"
                    raise self._damaged(lines.line_num, fault)
        except csv.Error as error:
            raise self._damaged(lines.line_num, str(error)) from error

    def _damaged(self, line: int, fault: str) -> ValueError:
        return ValueError(
            f"{self.table} is damaged in line {line}: {fault}; delete that line and run the "
            "experiment again, which brings back what is missing"
        )

    def provenance(self) -> dict[str, Any]:
        """Return, by unit, its configuration, data, seconds and environment."""
        if not self.origins.exists():
            return {}
        try:
            origins = json.loads(self.origins.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{self.origins} is no record of provenance: {error}") from error
        if not isinstance(origins, dict) or not all(isinstance(o, dict) for o in origins.values()):
            raise ValueError(f"{self.origins} is no record of provenance: it names no units")
        return origins

    def missing(self, units: list[Any]) -> list[Any]:
        """Return the units that are not recorded, or not with all rows of each of their epochs."""
        counts: dict[str, dict[int, int]] = {}
        sizes = self.rows().groupby(["unit", "epoch"]).size().reset_index().to_numpy()
        for name, epoch, rows in sizes:
            counts.setdefault(name, {})[epoch] = rows
        known = self.provenance()
        return [
            unit
            for unit in units
            if identity(unit) not in known
            or counts.get(identity(unit)) != dict.fromkeys(range(unit.epochs), unit.rows_an_epoch)
        ]

    def record(self, unit: Any, rows: list[dict[str, Any]], origin: dict[str, Any]) -> None:
        """Add a unit's rows, in place of any it had, and where they come from.

        Killed at any moment, it leaves no rows beside the provenance of others: while a unit's
        rows are exchanged it has none, and so is missing.
        """
        name = identity(unit)
        new = pd.DataFrame(rows)
        new.insert(0, "unit", name)
        old = self.rows()
        old = old[old["unit"] != name]
        both = new if old.empty else pd.concat([old, new], ignore_index=True)
        both = both.sort_values(["unit"], kind="stable")
        origins = self.provenance()
        if origins.pop(name, None) is not None:
            self._write_origins(origins)
        write_whole(self.table, both.to_csv(index=False, lineterminator="\n").encode())
        self._write_origins({**origins, name: origin})

    def _write_origins(self, origins: dict[str, Any]) -> None:
        text = json.dumps(origins, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.origins, (text + "\n").encode())


def _not_whole(origin: dict[str, Any] | None, epochs: list[int], sizes: int) -> str:
    """Return what is wrong with a unit of these epochs, as the end of a sentence, or nothing."""
    if origin is None:
        return "has no provenance"
    if str(origin.get("data", {}).get("name")).startswith("STAND-IN"):
        return "is from stand-in data"
    trained = origin.get("configuration", {}).get("epochs", len(epochs))
    if epochs != list(range(trained)):
        return f"has {len(epochs)} of its {trained} epochs"
    return "has more rows of some epochs than of others" if sizes > 1 else ""


def _no_number(column: pd.Series) -> Any:
    """Return the index of the first value that is no number where most are; None without any."""
    if pd.api.types.is_numeric_dtype(column):
        return None
    given = column.dropna()
    numbers = pd.to_numeric(given, errors="coerce").notna()
    return (~numbers).idxmax() if 0.5 < numbers.mean() < 1 else None
