"""The records a verdict may read: rows of our runs, and the paper's curves."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from adambook.benchmarks import record
from adambook.experiments import compare
from adambook.experiments.results import Results

RUN = (*compare.SETTING, "seed", "cost")
COLUMNS = {
    "fig1-imdb": (*RUN, "dropout"),
    "fig1-imdb-tuning": (*RUN, "dropout"),
    "fig2b": ("optimizer", "seed", "cost", "clean_cost"),
    "fig2b-noise": ("noise", "seed", "cost"),
    "fig3": (*RUN, "dropout"),
    "fig3-tuning": (*RUN, "dropout"),
    "fig4": ("beta1", "beta2", "alpha", "corrected", "epochs", "seed", "cost"),
    "ledger-ablation": ("beta1", "scaled", "seed", "cost"),
    "ledger-geometry": ("network", "seed", "correlation", "within_layers", "halves"),
    "ledger-moments": ("layer", "seed", "root", "share_below_epsilon", "share_below_10_epsilon"),
    "ledger-regret": ("optimizer", "alpha", "dimension", "seed", "regret"),
    "ledger-sparsity": ("seed", "share_small"),
    "ledger-streams": (*compare.SETTING, "sparse", "drift", "sigma", "seed", "excess"),
    "bench-steps": ("rule", "size", "form", "threads", "median_ms"),
    "bench-training": ("form", "median_ms", "optimizer_ms"),
}
"""By table, the columns that a verdict reads beside unit and epoch; of the others, `RUN`."""

WORDS = {"optimizer", "decay", "noise", "drift", "layer", "network", "rule", "size", "form"}
"""The columns that hold words; the others hold numbers."""


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
            If the recorded table is damaged, lacks a column of `COLUMNS`, or is not whole.
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
        ValueError
            If the recorded table lacks a column of `COLUMNS`.
        """
        if self.tables is not None:
            return self.rows(f"bench-{name}")
        try:
            return _with_columns(f"bench-{name}", record.read(name), record.path_of(name))
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
    results = Results(name)
    rows = _with_columns(name, results.rows(), results.table)
    results.check_whole(rows)
    return rows


def _with_columns(name: str, rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of a table that has the columns a verdict reads, or say which it lacks."""
    for column in COLUMNS.get(name, RUN) if len(rows) else ():
        if column not in rows:
            raise ValueError(f"{path} has no column {column!r}, which the ledger reads")
        if column not in WORDS and not pd.api.types.is_numeric_dtype(rows[column]):
            fault = f"must hold numbers, got {rows[column].iloc[0]!r}"
            raise ValueError(f"the column {column!r} of {path} {fault}")
    return rows
