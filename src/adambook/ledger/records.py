"""The records a verdict may read: rows of our runs, and the paper's curves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from adambook.benchmarks import record
from adambook.experiments import compare
from adambook.experiments.results import Results


class NotRecorded(LookupError):
    """There is no row of the run that a claim needs."""


class Records:
    """All recorded rows, read once, and the curves of the paper's figures.

    Parameters
    ----------
    tables : dict of DataFrame, optional
        Rows by experiment, in place of those in data/results.
    origins : dict, optional
        Their provenance by experiment, likewise.

    >>> Records({}).rows("fig9")
    Traceback (most recent call last):
    ...
    adambook.ledger.records.NotRecorded: no rows of fig9 are recorded
    """

    def __init__(
        self,
        tables: dict[str, pd.DataFrame] | None = None,
        origins: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        self.tables, self.own_origins = tables, origins or {}

    def rows(self, name: str) -> pd.DataFrame:
        """Return the rows of an experiment.

        Raises
        ------
        NotRecorded
            If there are none.
        ValueError
            If what is recorded is damaged or not whole.
        """
        table = _recorded(name) if self.tables is None else self.tables.get(name)
        if table is None or table.empty:
            raise NotRecorded(f"no rows of {name} are recorded")
        return pd.DataFrame(table)

    def benchmark(self, name: str) -> pd.DataFrame:
        """Return the rows of a benchmark (`adambook bench`), such as "steps".

        Raises
        ------
        NotRecorded
            If there are none.
        """
        if self.tables is not None:
            return self.rows(f"bench-{name}")
        try:
            return record.read(name)
        except FileNotFoundError as error:
            raise NotRecorded(str(error)) from error

    def origins(self, name: str) -> dict[str, Any]:
        """Return, by unit, where the rows of an experiment come from."""
        if self.tables is None:
            return Results(name).provenance()
        return self.own_origins.get(name, {})

    def has(self, name: str) -> bool:
        """Say whether rows of an experiment are recorded."""
        try:
            return not self.rows(name).empty
        except NotRecorded:
            return False

    def paper(self, panel: str, curve: str) -> pd.Series:
        """Return a curve of the paper, its cost by epoch (see `compare.paper_curve`)."""
        return compare.paper_curve(panel, curve)


@lru_cache(maxsize=32)
def _recorded(name: str) -> Any:
    return Results(name).whole_rows()
