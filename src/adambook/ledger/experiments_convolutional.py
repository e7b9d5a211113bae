"""Section 6.3: the convolutional network."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from adambook.experiments import compare
from adambook.ledger.claim import OPEN, Measured, Verdict, claim, mean_of
from adambook.ledger.experiments_logistic import Pairs, not_recorded, verdict_of
from adambook.ledger.panels import CNN, CNN_DROPOUT, conclude, judge_columns, settings
from adambook.ledger.records import Records

PAGE = "3_experiments/13_the_ledger"
NOTHING = {"paper-like": OPEN, "tuned": OPEN, "defaults": OPEN}
CONDITIONS = {"no dropout": "", "dropout": "+dropout"}


def _waits(because: str, needs: str, *evidence: Measured) -> Verdict:
    return Verdict("INCONCLUSIVE", because, evidence, needs=needs, columns=NOTHING)


def _on_side(found: Measured, limit: float) -> str:
    """Return TRUE if the interval lies above the limit, FALSE if below, else INCONCLUSIVE."""
    assert found.interval is not None
    low, high = found.interval
    return "TRUE" if low > limit else "FALSE" if high < limit else "INCONCLUSIVE"


@claim("C68", "Figure 3, left", "experiment", PAGE)
def adam_and_adagrad_are_fast_at_first(records: Records | None = None) -> Verdict:
    """In the first three epochs Adam and AdaGrad bring the cost down fast.

    Passes if both are below SGD with Nesterov momentum at x = 1, 2 and 3, with and without
    dropout: on the paper's own curves as long as no runs are recorded (one seed), then in the
    mean over our fresh seeds, tuned.
    """
    records = records or Records()
    curves = _recorded_starts(records) or {
        condition: {
            name: records.paper("fig3_left", curve + suffix) for name, curve in CNN.curves.items()
        }
        for condition, suffix in CONDITIONS.items()
    }
    below: dict[str, list[bool]] = {"Adam": [], "AdaGrad": []}
    evidence = []
    for condition, costs in curves.items():
        for name, held in below.items():
            for x in (1, 2, 3):
                ratio = float(costs[name][x] / costs["Nesterov"][x])
                held.append(ratio < 1)
                evidence.append(Measured(f"{condition}, x = {x}: {name} over Nesterov", ratio, 1))
    own = "" if _recorded_starts(records) else " on the paper's own curves (one seed)"
    good = [name for name, held in below.items() if all(held)]
    if len(good) == 2 or not good:
        return Verdict(
            "TRUE" if good else "NOT SUPPORTED",
            ("both are" if good else "neither is") + f" below Nesterov throughout{own}",
            tuple(evidence), columns=NOTHING,
        )  # fmt: skip
    return Verdict(
        "PARTLY",
        f"{good[0]} is below Nesterov throughout, the other is not{own}",
        tuple(evidence),
        part=f"for {good[0]}",
        columns=NOTHING,
    )


def _recorded_starts(records: Records) -> dict[str, dict[str, pd.Series]]:
    """Return our tuned mean curves by condition and optimizer, or nothing."""
    starts = [replace(panel, epochs=4) for panel in (CNN, CNN_DROPOUT)]
    if not_recorded(records, *starts) is not None:
        return {}
    return {
        condition: {
            name: compare.curve(panel.rows(records, "fresh"), setting).mean(axis=1)
            for name, setting in settings(panel, records, "tuned").items()
        }
        for condition, panel in zip(CONDITIONS, starts, strict=True)
    }


@claim("C69", "Figure 3, right", "experiment", PAGE)
def adagrad_is_left_behind(records: Records | None = None) -> Verdict:
    """In the end Adam and SGD converge much faster than AdaGrad.

    Passes if without dropout AdaGrad's final cost is more than ten times that of Adam and of
    Nesterov (95 % interval, fresh seeds).
    """
    records = records or Records()
    if (waits := not_recorded(records, CNN)) is not None:
        return waits
    pairs = (("AdaGrad", "Adam"), ("AdaGrad", "Nesterov"))

    def test(found: Pairs) -> str:
        return verdict_of(*(c.low > math.log(10) for c in found.values()))

    columns, evidence = judge_columns(CNN, records, pairs, test)
    return conclude(
        columns, evidence, yes="by more than a factor ten",
        no="not by a factor ten under every kind of settings", needs=CNN.cost,
    )  # fmt: skip


@claim("C70", "section 6.3", "experiment", PAGE)
def epsilon_takes_over_in_the_convolutional_network(records: Records | None = None) -> Verdict:
    """After a few epochs v̂ vanishes and is dominated by ε in the convolutional network.

    Passes if by epoch 5 more than half of the coordinates of a convolutional layer have √v̂ below
    10 ε in the mean over seeds.
    """
    records = records or Records()
    if not records.has("ledger-moments"):
        return _waits(
            "v̂ is not recorded yet",
            "adambook run ledger-moments: 10 minutes of one core",
            Measured("largest mean-square gradient that 10 ε = 1e-7 would take over", 1e-14),
        )
    rows = records.rows("ledger-moments")
    early = rows[(rows["epoch"] <= 5) & rows["layer"].str.startswith("conv")]
    share = early.groupby(["layer", "epoch"])["share_below_10_epsilon"].mean()
    column, seeds = "TRUE" if share.max() > 0.5 else "FALSE", int(rows["seed"].nunique())
    return Verdict(
        column,
        "in one layer at least" if column == "TRUE" else "in no layer",
        (Measured("largest share of √v̂ below 10 ε in a layer", float(share.max()), seeds),),
        columns={**NOTHING, "defaults": column},
    )


@claim("C71", "section 6.3", "experiment", PAGE)
def second_moment_fits_convolutions_badly(records: Records | None = None) -> Verdict:
    """v̂ approximates the geometry of the cost worse in convolutional nets than in multilayer ones.

    Passes if the rank correlation of √v̂ with the diagonal of the Hessian is smaller in the
    convolutional network by more than 0.2 (95 % interval over seeds).
    """
    records = records or Records()
    if not records.has("ledger-geometry"):
        return _waits(
            "the correlations are not recorded yet",
            "√v̂ and Hutchinson's diagonal in both networks, 5 seeds: an hour of two cores",
            Measured("networks with a recorded Hessian diagonal", 0),
        )
    rows = records.rows("ledger-geometry").groupby(["seed", "network"])["correlation"].mean()
    gap = (rows.unstack("network")["mlp"] - rows.unstack("network")["cnn"]).dropna()
    found = mean_of("correlation, multilayer minus convolutional", gap)
    column = _on_side(found, 0.2)
    return Verdict(
        column,
        f"the correlations differ by {gap.mean():.2f}",
        (found,),
        needs="" if column != "INCONCLUSIVE" else "more seeds",
        columns={**NOTHING, "defaults": column},
    )


@claim("C72", "section 6.3", "experiment", PAGE)
def momentum_matters_more_than_scaling(records: Records | None = None) -> Verdict:
    """In convolutional nets averaging the gradient matters more than scaling it by v̂.

    Passes if in a 2 × 2 of {β1 = 0, 0.9} × {Adam, SGD}, tuned, the effect of β1 on the log of the
    final cost is larger than that of the scaling (95 % interval over seeds).
    """
    records = records or Records()
    if not records.has("ledger-ablation"):
        return _waits(
            "the ablation is not recorded yet",
            "four tuned optimizers on a small convolutional network, 5 seeds: 3 hours of two cores",
            Measured("cells of the 2 × 2 recorded", 0),
        )
    final = records.rows("ledger-ablation").groupby(["seed", "beta1", "scaled"])["cost"].last()
    table = np.log(final).unstack(["beta1", "scaled"])
    momentum = (table[0.0] - table[0.9]).mean(axis=1)
    scaling = table.T.groupby("scaled").mean().T
    gain = momentum - (scaling[False] - scaling[True])
    found = mean_of("effect of β1 minus effect of the scaling", gain)
    column = _on_side(found, 0.0)
    return Verdict(
        column,
        "by the difference of the two effects",
        (found,),
        needs="" if column != "INCONCLUSIVE" else "more seeds",
        columns={**NOTHING, "tuned": column},
    )


@claim("C73", "section 6.3", "experiment", PAGE)
def adam_is_a_little_better_than_momentum(records: Records | None = None) -> Verdict:
    """On the convolutional network Adam improves a little on SGD with momentum.

    Passes if without dropout Adam's final cost is below Nesterov's, by at most a factor 2 (95 %
    interval, fresh seeds).
    """
    records, pair = records or Records(), ("Adam", "Nesterov")
    if (waits := not_recorded(records, CNN)) is not None:
        return waits

    def test(found: Pairs) -> str:
        c = found[pair]
        if c.high < 0 and c.low >= -math.log(2):
            return "TRUE"
        return "INCONCLUSIVE" if c.low < 0 < c.high or c.low < -math.log(2) < c.high else "FALSE"

    columns, evidence = judge_columns(CNN, records, (pair,), test)
    return conclude(
        columns, evidence, yes="a little better", no="not a little better", needs=CNN.cost
    )
