"""Figure 4 as the paper drew it: the loss by step size, with bias correction and without."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd

from adambook.ledger.records import Records

BETAS = [(b1, b2) for b1, b2 in product((0.0, 0.9), (0.99, 0.999, 0.9999))]
VARIANTS = {"corrected": "bias-corrected(red)", "uncorrected": "no-correction(green)"}
SHOWN = 140.0
"""The top of the chart, in nats."""


def grid(records: Records, epochs: int) -> pd.DataFrame:
    """Return the paper's points of one horizon: beta1, beta2, variant, alpha, loss.

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
    return pd.DataFrame(rows, columns=["beta1", "beta2", "variant", "alpha", "loss"])


def _half_decade(log_alpha: float) -> float:
    """Return 1 or 3 times a power of ten if log_alpha is its logarithm to 0.01, else 0."""
    for digit in (1, 3):
        exponent = log_alpha - math.log10(digit)
        if abs(exponent - round(exponent)) < 0.01:
            return digit * 10.0 ** round(exponent)
    return 0.0


def usable_points(records: Records) -> dict[str, int]:
    """Return how many points at 10 epochs lie below 140 nats, by variant.

    >>> usable_points(Records())
    {'corrected': 21, 'uncorrected': 13}
    """
    shown = grid(records, 10).query("loss <= @SHOWN")["variant"].value_counts()
    return {variant: int(shown[variant]) for variant in VARIANTS}


def usable_ratios(records: Records) -> dict[tuple[float, float], tuple[float, float]]:
    """Return, by (β1, β2), in what range the largest usable α with correction over without lies.

    Usable: below 140 nats at 10 epochs. The limit lies somewhere between the last usable step
    size and the next of the grid; where no uncorrected point is usable the range has no upper end.

    >>> low, high = usable_ratios(Records())[0.9, 0.999]
    >>> round(low, 1), round(high, 1)
    (3.3, 30.0)
    """
    shown, found = grid(records, 10).query("loss <= @SHOWN"), {}
    for beta1, beta2 in BETAS:
        cell = shown[(shown["beta1"] == beta1) & (shown["beta2"] == beta2)]
        top = cell.groupby("variant")["alpha"].max()
        with_it, without = top["corrected"], top.get("uncorrected", 0.0)
        low = with_it / _next(without) if without else with_it / cell["alpha"].min()
        found[beta1, beta2] = float(low), float(_next(with_it) / without if without else np.inf)
    return found


def _next(alpha: float) -> float:
    """Return the step size after α on the grid 1, 3, 10, 30 and so on."""
    return alpha * (3.0 if f"{alpha:.0e}".startswith("1") else 10 / 3)
