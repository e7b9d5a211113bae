"""Figure 4, the paper's points and ours: the loss by step size, corrected and not."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from adambook.experiments.fig4 import ALPHAS, BETA1, BETA2, paper_losses
from adambook.ledger.records import Records

BETAS = [(b1, b2) for b1, b2 in product((0.0, 0.9), (0.99, 0.999, 0.9999))]
BETA2S = (0.99, 0.999, 0.9999)
VARIANTS = ("corrected", "uncorrected")
COMPLETE = 2 * len(BETA1) * len(BETA2) * len(ALPHAS)
SHOWN = 140.0
"""The top of the chart, in nats."""


def grid(epochs: int) -> pd.DataFrame:
    """Return the paper's points of one horizon: beta1, beta2, variant, alpha, loss, error.

    >>> grid(10).query("beta1 == 0.9 and beta2 == 0.99")["loss"].min().round(1)
    np.float64(105.5)
    """
    points = paper_losses(epochs)
    named = points.assign(variant=np.where(points["corrected"], *VARIANTS), error=0.0)
    return named[["beta1", "beta2", "variant", "alpha", "loss", "error"]]


def recorded_grid(records: Records, epochs: int) -> pd.DataFrame:
    """Return our points of one horizon, the mean over seeds and its standard error.

    Empty as long as a point is missing.

    >>> recorded_grid(Records({}), 10).empty
    True
    """
    if not records.has("fig4"):
        return pd.DataFrame()
    rows = records.rows("fig4")
    rows = rows[(rows["epochs"] == epochs) & (rows["epoch"] == epochs - 1)]
    rows = rows.assign(variant=np.where(rows["corrected"], "corrected", "uncorrected"))
    cells = rows.groupby(["beta1", "beta2", "variant", "alpha"])["cost"]
    table = pd.DataFrame({"loss": cells.mean(), "error": cells.sem().fillna(0.0)})
    return table.reset_index() if len(table) == COMPLETE else pd.DataFrame()


def seeds_of(records: Records, epochs: int) -> int:
    """Return over how many seeds `both_horizons` speaks: ours, or 1 for the paper's points.

    >>> seeds_of(Records({}), 10)
    1
    """
    if recorded_grid(records, epochs).empty:
        return 1
    rows = records.rows("fig4")
    last = rows[(rows["epochs"] == epochs) & (rows["epoch"] == epochs - 1)]
    return int(last.groupby(["beta1", "beta2", "alpha", "corrected"])["seed"].nunique().min())


def both_horizons(records: Records) -> dict[int, pd.DataFrame]:
    """Return the points at 10 and 100 epochs: ours where they are recorded, else the paper's.

    >>> {n: len(points) for n, points in both_horizons(Records({})).items()}
    {10: 46, 100: 54}
    """
    found = {}
    for epochs in (10, 100):
        ours = recorded_grid(records, epochs)
        found[epochs] = grid(epochs) if ours.empty else ours
    return found


def usable_points(points: pd.DataFrame) -> dict[str, int]:
    """Return how many points lie below 140 nats, by variant.

    >>> usable_points(grid(10))
    {'corrected': 22, 'uncorrected': 11}
    """
    shown = points[points["loss"] <= SHOWN]["variant"].value_counts()
    return {variant: int(shown[variant]) for variant in VARIANTS}
