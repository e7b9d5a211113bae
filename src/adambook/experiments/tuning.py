"""From the rows of one stage to the settings of the next."""

from __future__ import annotations

from typing import Any

import pandas as pd

from adambook.experiments.compare import final_costs


def ranked(rows: pd.DataFrame, optimizer: str, **fixed: Any) -> list[tuple[str, float]]:
    """Return an optimizer's (decay, α), the lowest mean final cost over the seeds first.

    A setting that diverged with any seed comes last.

    Parameters
    ----------
    rows : DataFrame
        Recorded rows.
    optimizer : str
    fixed
        Columns to hold at a value, such as `dropout=True`.

    Raises
    ------
    ValueError
        If no row fits.

    >>> run = {"optimizer": "Adam", "decay": "none", "penalty": 0.0, "seed": 0, "epoch": 0}
    >>> costs = {0.01: 0.4, 0.1: 0.3, 1.0: float("inf")}
    >>> rows = pd.DataFrame([{**run, "alpha": a, "cost": c} for a, c in costs.items()])
    >>> ranked(rows, "Adam")
    [('none', 0.1), ('none', 0.01), ('none', 1.0)]
    """
    chosen = rows[rows["optimizer"] == optimizer]
    for column, value in fixed.items():
        chosen = chosen[chosen[column] == value]
    if chosen.empty:
        raise ValueError(f"no recorded row has optimizer {optimizer!r} and {fixed}")
    finals = final_costs(chosen).groupby(["decay", "alpha"])["final"]
    mean = finals.agg(lambda own: own.mean(skipna=False))
    return [(str(decay), float(alpha)) for decay, alpha in mean.sort_values().index]
