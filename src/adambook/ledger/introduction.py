"""Abstract and section 1: for which problems Adam is said to be good, and how good."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from adambook.experiments import compare
from adambook.experiments.inference import Comparison, compare_all
from adambook.experiments.streams import FRESH_SEEDS, NOISES, TUNING_SEEDS
from adambook.ledger.claim import OPEN, Measured, Verdict, claim, decide
from adambook.ledger.panels import ALL_PANELS, PANELS, default_regrets, mean_ranks, widths
from adambook.ledger.records import Records

PAGE = "3_experiments/13_the_ledger"
NAMES = ("SGD", "AdaGrad", "RMSProp", "Adam")
STREAMS = "adambook run ledger-streams: a minute of one core"
STANDING = 20 * 5.0
"""The mean excess loss after a jump if θ stays at 0: 20 coordinates, ½ (16 + 4)/2 each."""
TUNED = {"paper-like": OPEN, "defaults": OPEN}


def stream(records: Records, sparse: bool, drift: str, sigma: float = 1.0) -> pd.DataFrame:
    """Return the recorded rows of one kind of stream, its excess loss as the cost."""
    rows = records.rows("ledger-streams")
    same = (rows["sparse"] == sparse) & (rows["drift"] == drift) & (rows["sigma"] == sigma)
    return rows[same].rename(columns={"excess": "cost"})


def compare_on_stream(
    rows: pd.DataFrame, pairs: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], Comparison]:
    """Compare tuned optimizers on fresh seeds of a stream, seed by seed."""
    tuning, fresh = (rows[rows["seed"].isin(s)] for s in (TUNING_SEEDS, FRESH_SEEDS))
    best = {name: compare.best(tuning, name) for pair in pairs for name in pair}
    ratios = {pair: compare.log_ratios(fresh, *(best[name] for name in pair)) for pair in pairs}
    found = compare_all({str(pair): ratio for pair, ratio in ratios.items()})
    return {pair: found[str(pair)] for pair in pairs}


def as_evidence(where: str, found: dict[tuple[str, str], Comparison]) -> list[Measured]:
    """Return comparisons as numbers."""
    return [
        Measured(f"{where}: {a} against {b}, log ratio", c.mean, len(FRESH_SEEDS), (c.low, c.high))
        for (a, b), c in found.items()
    ]


def _waits(needs: str) -> Verdict:
    """The verdict as long as a record is missing."""
    return Verdict(
        "INCONCLUSIVE", "nothing is recorded yet", (Measured("rows recorded", 0),), needs=needs
    )


@claim("C06", "abstract; section 1", "experiment", PAGE)
def suits_moving_objectives(records: Records | None = None) -> Verdict:
    """Adam suits objectives that change over time; it does not need a stationary one.

    Passes if after a jump of the target at step 2000 the tuned excess losses of Adam and of
    RMSProp are less than half of AdaGrad's (95 % interval, 10 fresh seeds). Counts as partly true
    if Adam's is at least below 5 % of what standing still would cost.
    """
    records, pairs = records or Records(), (("AdaGrad", "Adam"), ("AdaGrad", "RMSProp"))
    if not records.has("ledger-streams"):
        return _waits(STREAMS)
    jump, walk = (
        compare_on_stream(stream(records, False, drift), (*pairs, ("SGD", "Adam")))
        for drift in ("jump", "walk")
    )
    rows = stream(records, False, "jump")
    tuned = compare.best(rows[rows["seed"].isin(TUNING_SEEDS)], "Adam")
    left = float(np.mean(compare.curve(rows[rows["seed"].isin(FRESH_SEEDS)], tuned))) / STANDING
    evidence = (
        Measured("Adam's excess after the jump over that of standing still", left, 10),
        *as_evidence("jump", jump),
        *as_evidence("walk", walk),
    )
    better = all(jump[pair].low > math.log(2) for pair in pairs)
    if better or left >= 0.05:
        column = "TRUE" if better else "NOT SUPPORTED"
        because = "tuned, half of AdaGrad's excess loss or less" if better else "it does not follow"
        return Verdict(column, because, evidence, columns={**TUNED, "tuned": column})
    return Verdict(
        "PARTLY",
        "it follows; but AdaGrad, tuned for the same horizon, does not have twice its excess loss",
        evidence,
        part="no stationary objective is needed; an advantage over AdaGrad is not shown",
        columns={**TUNED, "tuned": "PARTLY"},
    )


@claim("C07", "abstract", "experiment", PAGE)
def suits_noisy_and_sparse_gradients(records: Records | None = None) -> Verdict:
    """Adam suits very noisy gradients, and sparse ones.

    Passes if at the default α the excess loss stays below 1.1 times that at the start for noise
    from 0.001 to 1000, and on sparse features the tuned Adam is within 10 % of AdaGrad (95 %
    interval) and better than SGD.
    """
    records = records or Records()
    if not records.has("ledger-streams"):
        return _waits(STREAMS)
    start = 0.5 * 20
    noisy = {s: stream(records, False, "still", s)["cost"].max() for s in NOISES}
    sparse = compare_on_stream(
        stream(records, True, "still"), (("Adam", "AdaGrad"), ("Adam", "SGD"))
    )
    to_adagrad, to_sgd = sparse["Adam", "AdaGrad"], sparse["Adam", "SGD"]
    near = -math.log(1.1) < to_adagrad.low and to_adagrad.high < math.log(1.1)
    calm, better = max(noisy.values()) <= 1.1 * start, to_sgd.verdict == "better"
    evidence = (
        *(Measured(f"largest excess over that at the start, noise {s:g}", float(e / start), 16)
          for s, e in noisy.items()),
        *as_evidence("sparse", sparse),
    )  # fmt: skip
    columns = {**TUNED, "tuned": "TRUE" if near and better else "FALSE",
               "defaults": "TRUE" if calm else "FALSE"}  # fmt: skip
    if calm and near and better:
        return Verdict("TRUE", "no divergence, and level with AdaGrad", evidence, columns=columns)
    parts = {"noise makes it diverge nowhere": calm, "tuned, level with AdaGrad on sparse features":
             near, "better than SGD on sparse features": better}  # fmt: skip
    if not any(parts.values()):
        return Verdict("FALSE", "neither noise nor sparsity suits it", evidence, columns=columns)
    return Verdict(
        "PARTLY",
        "not in every respect: " + "; not: ".join(name for name, held in parts.items() if not held),
        evidence,
        part="; ".join(name for name, held in parts.items() if held),
        columns=columns,
    )


@claim("C08", "abstract", "experiment", PAGE)
def needs_little_tuning(records: Records | None = None) -> Verdict:
    """The hyper-parameters have intuitive meanings and typically need little tuning.

    Passes if in at least four of six panels the range of constant step sizes within 10 % of the
    best is wider for Adam than for SGD with Nesterov momentum, and Adam at its default ends
    within 10 % of its best.
    """
    records = records or Records()
    adam, nesterov = widths(records, "Adam"), widths(records, "Nesterov")
    regrets = default_regrets(records, "Adam", 1e-3)
    good = [
        title
        for title in adam
        if adam[title][0] > nesterov[title][0] and regrets.get(title, (9.0, 0))[0] <= 1.1
    ]
    evidence = tuple(
        Measured(f"{title}: {name}", value, seeds)
        for title, (wide, seeds) in adam.items()
        for name, value in (
            ("decades within 10 % of the best, Adam", wide),
            ("decades within 10 % of the best, Nesterov", nesterov[title][0]),
            ("Adam's default over its best", regrets.get(title, (math.nan, 0))[0]),
        )
    ) or (Measured("panels recorded", 0),)
    missing = len(PANELS) - len(adam)
    if len(good) >= 4 or len(good) + missing < 4:
        return decide(
            len(good) >= 4,
            *evidence,
            yes=f"in {len(good)} of six panels",
            no=f"in {len(good)} of {len(adam)} panels recorded; four are out of reach",
            unless="NOT SUPPORTED",
        )
    return Verdict(
        "INCONCLUSIVE",
        f"{len(adam)} of six panels are recorded, and {len(good)} of them pass",
        evidence,
        needs=ALL_PANELS,
        columns={"paper-like": OPEN, "tuned": "INCONCLUSIVE", "defaults": "INCONCLUSIVE"},
    )


@claim("C10", "section 1", "experiment", PAGE)
def consistently_outperforms_other_methods(records: Records | None = None) -> Verdict:
    """Across models and data sets Adam consistently does better than other methods.

    Passes if, tuned, Adam has the lowest mean rank over fresh seeds in every panel recorded, and
    at least four are.
    """
    records = records or Records()
    ranks = mean_ranks(records)
    evidence = tuple(
        Measured(f"{title}: mean rank of {name}, tuned", rank, seeds)
        for title, (own, seeds) in ranks.items()
        for name, rank in own.items()
    ) or (Measured("panels recorded", 0),)
    first = [title for title, (own, _) in ranks.items() if min(own, key=own.get) == "Adam"]  # type: ignore[arg-type]
    columns = {"paper-like": OPEN, "tuned": "INCONCLUSIVE", "defaults": OPEN}
    if len(ranks) < 4:
        return Verdict(
            "INCONCLUSIVE",
            f"{len(ranks)} of six panels are recorded; Adam ranks first in {len(first)} of them",
            evidence,
            needs=ALL_PANELS,
            columns=columns,
        )
    holds = len(first) == len(ranks)
    columns["tuned"] = "TRUE" if holds else "NOT SUPPORTED"
    return Verdict(
        columns["tuned"],
        f"tuned, Adam ranks first in {len(first)} of {len(ranks)} panels",
        evidence,
        columns=columns,
    )


Networks = dict[str, tuple[torch.nn.Module, tuple[int, ...]]]


def papers_networks() -> Networks:
    """Return the paper's networks, without memory for their weights, and a batch's shape."""
    nn = torch.nn
    with torch.device("meta"):
        pool = [nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        return {
            "logistic regression": (nn.Linear(784, 10), (128, 784)),
            "multilayer network": (
                nn.Sequential(
                    nn.Linear(784, 1000), nn.ReLU(), nn.Linear(1000, 1000), nn.ReLU(),
                    nn.Linear(1000, 10),
                ),
                (128, 784),
            ),
            "convolutional network": (
                nn.Sequential(
                    nn.Conv2d(3, 64, 5, padding=2), *pool, nn.Conv2d(64, 64, 5, padding=2), *pool,
                    nn.Conv2d(64, 128, 5, padding=2), *pool, nn.Flatten(), nn.Linear(2048, 1000),
                    nn.ReLU(), nn.Linear(1000, 10),
                ),
                (128, 3, 32, 32),
            ),
        }  # fmt: skip


@claim("C11", "section 1", "measurement", PAGE)
def gradient_costs_little_more_than_the_function(
    networks: Callable[[], Networks] = papers_networks,
) -> Verdict:
    """The gradient of an objective costs the same order of operations as its value.

    Passes if for the paper's networks value and gradient together take 2 to 4 times the
    operations of the value alone (products of matrices and convolutions, counted).
    """
    ratios = {}
    for name, (model, shape) in networks().items():
        x = torch.zeros(shape, device="meta")
        with FlopCounterMode(display=False) as forward:
            value = model(x).sum()
        with FlopCounterMode(display=False) as backward:
            value.backward()
        ratios[name] = 1 + backward.get_total_flops() / forward.get_total_flops()
    return decide(
        all(2 <= ratio <= 4 for ratio in ratios.values()),
        *(Measured(f"{n}: value and gradient over value", ratio) for n, ratio in ratios.items()),
        yes="two to three times; the first layer needs no gradient of its input",
        no="the gradient takes more than a few times the value",
    )


@claim("C12", "section 1", "experiment", PAGE)
def joins_the_strengths_of_adagrad_and_rmsprop(records: Records | None = None) -> Verdict:
    """Adam joins what AdaGrad does well, sparse gradients, and RMSProp, moving objectives.

    Passes if, tuned, Adam's excess loss is at most 1.1 times the best optimizer's in all four
    cells: dense or sparse features, target at rest or jumping.
    """
    records = records or Records()
    if not records.has("ledger-streams"):
        return _waits(STREAMS)
    pairs = tuple(("Adam", name) for name in NAMES if name != "Adam")
    worst: dict[str, Comparison] = {}
    for sparse in (False, True):
        for drift in ("still", "jump"):
            found = compare_on_stream(stream(records, sparse, drift), pairs)
            pair = max(found, key=lambda p: found[p].mean)
            cell = f"{'sparse' if sparse else 'dense'}, {drift}: Adam against {pair[1]}"
            worst[cell] = found[pair]
    good = [cell for cell, c in worst.items() if c.high <= math.log(1.1)]
    bad = [cell for cell, c in worst.items() if c.low > math.log(1.1)]
    evidence = tuple(
        Measured(f"{cell}, log ratio (largest)", c.mean, len(FRESH_SEEDS), (c.low, c.high))
        for cell, c in worst.items()
    )
    if len(good) == 4 or len(bad) == 4:
        verdict, part = ("TRUE", "") if good else ("FALSE", "")
    else:
        verdict, part = (
            "PARTLY",
            "; ".join(f"in the cell {c.split(':')[0]}" for c in good) or "none",
        )
    return Verdict(
        verdict,
        f"within 1.1 times the best in {len(good)} of four cells, beyond it in {len(bad)}",
        evidence,
        part=part,
        columns={**TUNED, "tuned": verdict},
    )
