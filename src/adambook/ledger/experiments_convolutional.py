"""Section 6.3: the convolutional network."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from adambook.experiments import compare
from adambook.ledger.claim import ABSENT, OPEN, Measured, Verdict, claim, mean_of
from adambook.ledger.experiments_logistic import Pairs, above, not_recorded, verdict_of
from adambook.ledger.panels import (
    CNN,
    CNN_DROPOUT,
    conclude,
    judge_columns,
    over_seeds,
    settings,
)
from adambook.ledger.records import Records

PAGE = "3_experiments/13_the_ledger"
NOTHING = {"paper-like": OPEN, "tuned": OPEN, "defaults": OPEN}
ONE_SETTING = {"paper-like": ABSENT, "tuned": OPEN}
"""The paper says nothing of the settings, and shows no curve that could tell them."""

CONDITIONS = {"no dropout": "", "dropout": "+dropout"}
PAPERS = "on the paper's own curves (one seed)"


def _waits(because: str, needs: str, *evidence: Measured) -> Verdict:
    columns = {**ONE_SETTING, "defaults": OPEN}
    return Verdict("INCONCLUSIVE", because, evidence, needs=needs, columns=columns)


@claim("C68", "Figure 3, left", "experiment", PAGE)
def adam_and_adagrad_are_fast_at_first(records: Records | None = None) -> Verdict:
    """In the first three epochs Adam and AdaGrad bring the cost down fast.

    Passes if both are below SGD with Nesterov momentum at x = 1, 2 and 3, with and without
    dropout, in the mean over our fresh seeds, tuned; on the paper's own curves (one seed), which
    are its paper-like settings, as long as no runs are recorded.
    """
    records = records or Records()
    found = {PAPERS: _below_nesterov(_papers_starts(records), PAPERS)}
    columns = {**NOTHING, "paper-like": found[PAPERS].verdict}
    if ours := _recorded_starts(records):
        found["tuned"] = _below_nesterov(ours, "tuned")
        columns["tuned"] = found["tuned"].verdict
    judged = found.get("tuned", found[PAPERS])
    return Verdict(
        judged.verdict,
        "; ".join(f"{source}, {start.in_words}" for source, start in found.items()),
        tuple(number for start in found.values() for number in start.evidence),
        part=f"for {judged.good[0]}" if judged.verdict == "PARTLY" else "",
        columns=columns,
    )


class Start(NamedTuple):
    """The verdict on some curves' start, who is below Nesterov throughout, and by how much."""

    verdict: str
    good: list[str]
    evidence: list[Measured]

    @property
    def in_words(self) -> str:
        """Return who is below, as the end of a sentence."""
        if len(self.good) == 1:
            return f"{self.good[0]} is below Nesterov throughout, the other is not"
        return f"{'both are' if self.good else 'neither is'} below Nesterov throughout"


Costs = dict[str, dict[str, pd.DataFrame]]
"""By condition and optimizer, the costs: epochs down and seeds across."""


def _below_nesterov(curves: Costs, source: str) -> Start:
    """Compare the first three epochs, in the mean over seeds."""
    below: dict[str, list[bool]] = {"Adam": [], "AdaGrad": []}
    evidence = []
    for condition, costs in curves.items():
        mean = {name: cost.mean(axis=1) for name, cost in costs.items()}
        for (name, held), x in product(below.items(), (1, 2, 3)):
            ratio = float(mean[name][x] / mean["Nesterov"][x])
            held.append(ratio < 1)
            about = f"{source}, {condition}, x = {x}: {name} over Nesterov"
            evidence.append(Measured(about, ratio, costs[name].shape[1]))
    good = [name for name, held in below.items() if all(held)]
    return Start(("NOT SUPPORTED", "PARTLY", "TRUE")[len(good)], good, evidence)


def _papers_starts(records: Records) -> Costs:
    return {
        condition: {
            name: records.paper("fig3_left", curve + suffix).to_frame()
            for name, curve in CNN.curves.items()
        }
        for condition, suffix in CONDITIONS.items()
    }


def _recorded_starts(records: Records) -> Costs:
    """Return our tuned curves by condition and optimizer, or nothing."""
    starts = [replace(panel, epochs=4) for panel in (CNN, CNN_DROPOUT)]
    if not_recorded(records, *starts) is not None:
        return {}
    return {
        condition: {
            name: compare.curve(panel.rows(records, "fresh"), setting)
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

    Passes if by the end of epoch 5 more than half of the coordinates of a convolutional layer have
    √v̂ below 10 ε in the mean over seeds.
    """
    records = records or Records()
    if not records.has("ledger-moments"):
        return _waits(
            "v̂ is not recorded yet",
            "adambook run ledger-moments: 22 minutes of one core",
            Measured("largest mean-square gradient that 10 ε = 1e-7 would take over", 1e-14),
        )
    rows = records.rows("ledger-moments")
    early = rows[(rows["epoch"] < 5) & rows["layer"].str.startswith("conv")]
    shares = {
        limit: early.groupby(["layer", "epoch", "seed"])[f"share_below_{limit}epsilon"].mean()
        for limit in ("10_", "")
    }
    mean = shares["10_"].groupby(["layer", "epoch"]).mean()
    where: Any = mean.idxmax()
    layer, epoch = where
    column = "TRUE" if mean.max() > 0.5 else "FALSE"
    at = (
        f"largest share of √v̂ below {{}} in a convolution's parameters ({layer}, epoch {epoch + 1})"
    )
    return Verdict(
        column,
        "in one layer at least" if column == "TRUE" else "in no layer, up to the last epoch judged",
        (
            over_seeds(at.format("10 ε"), shares["10_"][layer, epoch]),
            over_seeds(at.format("ε"), shares[""][layer, epoch]),
            Measured("smallest median of √v̂ of a layer", float(early["root"].min())),
            Measured("last epoch judged", int(early["epoch"].max()) + 1),
        ),
        columns={**ONE_SETTING, "defaults": column},
    )


@claim("C71", "section 6.3", "experiment", PAGE)
def second_moment_fits_convolutions_badly(records: Records | None = None) -> Verdict:
    """v̂ approximates the geometry of the cost worse in convolutional nets than in multilayer ones.

    Passes if after a few epochs the rank correlation of √v̂ with the diagonal of the Hessian is
    smaller in the convolutional network by more than 0.2 (95 % interval over seeds).
    """
    records = records or Records()
    if not records.has("ledger-geometry"):
        return _waits(
            "the correlations are not recorded yet",
            "adambook run ledger-geometry: 11 minutes of one core",
            Measured("networks with a recorded Hessian diagonal", 0),
        )
    rows = records.rows("ledger-geometry")
    table = rows[rows["epoch"] == rows["epoch"].max()].set_index("seed")
    by = {str(name): own for name, own in table.groupby("network")}
    gap = (by["mlp"]["correlation"] - by["cnn"]["correlation"]).dropna()
    if len(gap) < 2:
        return _waits(
            "one seed alone is recorded",
            "a second seed: adambook run ledger-geometry, 3 minutes of one core",
            Measured("correlation, multilayer minus convolutional", float(gap.mean()), 1),
        )
    found = mean_of("correlation, multilayer minus convolutional", gap)
    column = above(0.2, found.interval or (0.0, 0.0))
    return Verdict(
        column,
        f"the correlations differ by {gap.mean():.2f}, in networks of half the paper's width after "
        f"{int(table['epoch'].iloc[0]) + 1} epochs of 10,000 images",
        (
            found,
            *(over_seeds(f"{name}: rank correlation of √v̂ with the Hessian's diagonal",
                         own["correlation"]) for name, own in by.items()),
            *(over_seeds(f"{name}: the same, mean of the layers", own["within_layers"])
              for name, own in by.items()),
            *(over_seeds(f"{name}: diagonals on two halves of the images", own["halves"])
              for name, own in by.items()),
        ),
        needs="" if column != "INCONCLUSIVE" else "more seeds: adambook run ledger-geometry",
        columns={**ONE_SETTING, "defaults": column},
    )  # fmt: skip


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
            "adambook run ledger-ablation-tuning and ledger-ablation: 34 minutes of one core",
            Measured("cells of the 2 × 2 recorded", 0),
        )
    rows = records.rows("ledger-ablation").sort_values("epoch")
    final = rows.groupby(["seed", "beta1", "scaled"])["cost"].last()
    table = np.log(final).unstack(["beta1", "scaled"]).dropna()
    momentum = (table[0.0] - table[0.9]).mean(axis=1)
    scaling = table.T.groupby("scaled").mean().T
    scaled = scaling[False] - scaling[True]
    found = mean_of("effect of β1 minus effect of the scaling", momentum - scaled)
    column = above(0.0, found.interval or (0.0, 0.0))
    return Verdict(
        column,
        "by the difference of the two effects on the log cost, in a small network after a few "
        "hundred steps, settings chosen on one seed",
        (
            found,
            mean_of("effect of β1: fall of the log cost", momentum),
            mean_of("effect of the scaling: fall of the log cost", scaled),
            *(mean_of(f"final cost, β1 = {b:g}, {'scaled' if s else 'not scaled'}",
                      np.exp(table[b, s])) for b, s in table.columns),
        ),
        needs="" if column != "INCONCLUSIVE" else "more seeds: 25 minutes of one core for ten",
        columns={**ONE_SETTING, "tuned": column, "defaults": OPEN},
    )  # fmt: skip


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
