"""Figure 4, the paper's points and ours: the loss by step size, corrected and not."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd

from adambook.experiments.fig4 import ALPHAS, BETA1, BETA2
from adambook.ledger.records import Records

BETAS = [(b1, b2) for b1, b2 in product((0.0, 0.9), (0.99, 0.999, 0.9999))]
BETA2S = (0.99, 0.999, 0.9999)
VARIANTS = {"corrected": "bias-corrected(red)", "uncorrected": "no-correction(green)"}
COMPLETE = 2 * len(BETA1) * len(BETA2) * len(ALPHAS)
SHOWN = 140.0
"""The top of the chart, in nats."""


def grid(records: Records, epochs: int) -> pd.DataFrame:
    """Return the paper's points of one horizon: beta1, beta2, variant, alpha, loss, error.

    Curves also have points where they leave the chart, between two step sizes; those are left out.

    >>> grid(Records(), 10).query("beta1 == 0.9 and beta2 == 0.99")["loss"].min().round(1)
    np.float64(105.5)
    """
    rows = []
    for beta1, beta2 in BETAS:
        panel = f"fig4_{epochs}ep_b1={beta1:g}_b2={beta2:g}"
        for variant, curve in VARIANTS.items():
            for log_alpha, loss in records.points(panel, curve).to_numpy():
                alpha = _half_decade(log_alpha)
                if alpha:
                    rows.append((beta1, beta2, variant, alpha, loss))
    table = pd.DataFrame(rows, columns=["beta1", "beta2", "variant", "alpha", "loss"])
    return table.assign(error=0.0)


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
        found[epochs] = grid(records, epochs) if ours.empty else ours
    return found


def _half_decade(log_alpha: float) -> float:
    """Return 1 or 3 times a power of ten if log_alpha is its logarithm to 0.01, else 0."""
    for digit in (1, 3):
        exponent = log_alpha - math.log10(digit)
        if abs(exponent - round(exponent)) < 0.01:
            return digit * 10.0 ** round(exponent)
    return 0.0


def usable_points(points: pd.DataFrame) -> dict[str, int]:
    """Return how many points lie below 140 nats, by variant.

    >>> usable_points(grid(Records(), 10))
    {'corrected': 22, 'uncorrected': 11}
    """
    shown = points[points["loss"] <= SHOWN]["variant"].value_counts()
    return {variant: int(shown[variant]) for variant in VARIANTS}
