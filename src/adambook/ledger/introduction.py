"""Abstract and section 1: for which problems Adam is said to be good, and how good."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from adambook.experiments import compare
from adambook.experiments.inference import Comparison, compare_all
from adambook.experiments.streams import FRESH_SEEDS, NOISES, TUNING_SEEDS
from adambook.ledger.claim import (
    ABSENT,
    COLUMNS,
    OPEN,
    Measured,
    Verdict,
    claim,
    decide,
    mean_of,
)
from adambook.ledger.panels import (
    ADAPTIVE,
    ALL_PANELS,
    CONVEX,
    IMDB_CLEAN,
    PANELS,
    conclude,
    default_regrets,
    fewer_epochs,
    four_of_six,
    last,
    widths,
)
from adambook.ledger.ranks import (
    Finals,
    above_the_best,
    chance_of_improvement,
    critical_difference,
    final_logs,
    friedman,
    mean_ranks,
)
from adambook.ledger.records import Records

PAGE = "3_experiments/13_the_ledger"
NAMES = ("SGD", "AdaGrad", "RMSProp", "Adam")
STREAMS = "adambook run ledger-streams: a minute of one core"
STANDING = 20 * 5.0
"""The mean excess loss after a jump if θ stays at 0: 20 coordinates, ½ (16 + 4)/2 each."""
NO_FIGURE = {"paper-like": ABSENT}
"""The paper has no such experiment, and so no settings of it."""

DEFAULTS = {**ADAPTIVE, "SGD": 1e-2}


def stream(records: Records, sparse: bool, drift: str, sigma: float = 1.0) -> pd.DataFrame:
    """Return the recorded rows of one kind of stream, its excess loss as the cost."""
    rows = records.rows("ledger-streams")
    same = (rows["sparse"] == sparse) & (rows["drift"] == drift) & (rows["sigma"] == sigma)
    return rows[same].rename(columns={"excess": "cost"})


class Default(NamedTuple):
    """What a library does if nobody asks: its step size, without decay."""

    optimizer: str
    alpha: float
    decay: str = "none"
    penalty: float = 0.0


def compare_on_stream(
    rows: pd.DataFrame, pairs: tuple[tuple[str, str], ...], column: str
) -> dict[tuple[str, str], Comparison]:
    """Compare optimizers on a stream, seed by seed: tuned on fresh seeds, defaults on all."""
    tuning, fresh = (rows[rows["seed"].isin(s)] for s in (TUNING_SEEDS, FRESH_SEEDS))
    names = {name for pair in pairs for name in pair}
    if column == "tuned":
        chosen: dict[str, Any] = {name: compare.best(tuning, name) for name in names}
    else:
        chosen, fresh = {name: Default(name, DEFAULTS[name]) for name in names}, rows
    ratios = {pair: compare.log_ratios(fresh, *(chosen[n] for n in pair)) for pair in pairs}
    found = compare_all({str(pair): ratio for pair, ratio in ratios.items()})
    return {pair: found[str(pair)] for pair in pairs}


SEEDS = {"tuned": len(FRESH_SEEDS), "defaults": len(TUNING_SEEDS) + len(FRESH_SEEDS)}


def as_evidence(
    column: str, where: str, found: dict[tuple[str, str], Comparison]
) -> list[Measured]:
    """Return comparisons as numbers."""
    return [
        Measured(
            f"{column}, {where}: {a} against {b}, log ratio", c.mean, SEEDS[column], (c.low, c.high)
        )
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
    columns, evidence = dict(NO_FIGURE), []
    for column in SEEDS:
        jump, walk = (
            compare_on_stream(stream(records, False, drift), (*pairs, ("SGD", "Adam")), column)
            for drift in ("jump", "walk")
        )
        left = _left_after_a_jump(records, column)
        better = all(jump[pair].low > math.log(2) for pair in pairs)
        follows = float(left.value) < 0.05
        columns[column] = "TRUE" if better else "PARTLY" if follows else "NOT SUPPORTED"
        ahead = jump[pairs[0]].high < 0
        evidence += [left, *as_evidence(column, "jump", jump), *as_evidence(column, "walk", walk)]
        if column == "tuned":
            than = "has the lower excess loss" if ahead else "has not twice its excess loss"
    if columns["tuned"] != "PARTLY":
        better = columns["tuned"] == "TRUE"
        because = "tuned, half of AdaGrad's excess loss or less" if better else "it does not follow"
        return Verdict(columns["tuned"], because, tuple(evidence), columns=columns)
    return Verdict(
        "PARTLY",
        f"tuned, it follows; but AdaGrad, tuned for the same horizon, {than}",
        tuple(evidence),
        part="tuned, no stationary objective is needed; an advantage over AdaGrad is not shown",
        columns=columns,
    )


def _left_after_a_jump(records: Records, column: str) -> Measured:
    """Return Adam's excess loss after the jump over that of standing still."""
    rows = stream(records, False, "jump")
    if column == "tuned":
        setting: Any = compare.best(rows[rows["seed"].isin(TUNING_SEEDS)], "Adam")
        rows = rows[rows["seed"].isin(FRESH_SEEDS)]
    else:
        setting = Default("Adam", DEFAULTS["Adam"])
    left = compare.curve(rows, setting).to_numpy().ravel() / STANDING
    return mean_of(f"{column}: Adam's excess after the jump over that of standing still", left)


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
        stream(records, True, "still"), (("Adam", "AdaGrad"), ("Adam", "SGD")), "tuned"
    )
    to_adagrad, to_sgd = sparse["Adam", "AdaGrad"], sparse["Adam", "SGD"]
    near = -math.log(1.1) < to_adagrad.low and to_adagrad.high < math.log(1.1)
    calm, better = max(noisy.values()) <= 1.1 * start, to_sgd.verdict == "better"
    evidence = (
        *(Measured(f"largest excess over that at the start, noise {s:g}", float(e / start), 16)
          for s, e in noisy.items()),
        *as_evidence("tuned", "sparse", sparse),
    )  # fmt: skip
    columns = {**NO_FIGURE, "tuned": "TRUE" if near and better else "FALSE",
               "defaults": "TRUE" if calm else "FALSE"}  # fmt: skip
    if calm and near and better:
        idle = [f"{s:g}" for s, e in noisy.items() if e >= 0.9 * start]
        because = "no divergence at any noise, and within 10 % of AdaGrad on sparse features" + (
            f"; no progress either at noise {' and '.join(idle)}" if idle else ""
        )
        return Verdict("TRUE", because, evidence, columns=columns)
    parts = {"noise makes it diverge nowhere": calm, "tuned, level with AdaGrad on sparse features":
             near, "better than SGD on sparse features": better}  # fmt: skip
    if not any(parts.values()):
        return Verdict("FALSE", "neither noise nor sparsity suits it", evidence, columns=columns)
    return Verdict(
        "PARTLY",
        "not in every respect"
        + "".join(f"; not: {name}" for name, held in parts.items() if not held),
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
    wide = {t for t in adam if float(adam[t].value) > float(nesterov[t].value)}
    near = {t for t in regrets if float(regrets[t].value) <= 1.1}
    columns = {
        "paper-like": ABSENT,
        "tuned": four_of_six(len(wide), len(adam)),
        "defaults": four_of_six(len(near), len(adam)),
    }
    verdict = four_of_six(len(wide & near), len(adam))
    return Verdict(
        verdict,
        f"of {len(adam)} panels recorded ({len(PANELS)} in all) Adam's range is wider in "
        f"{len(wide)}, and its default is within 10 % in {len(near)}{fewer_epochs(adam)}",
        tuple(m for t in adam for m in (adam[t], nesterov[t], regrets.get(t)) if m is not None)
        or (Measured("panels recorded", 0),),
        needs=ALL_PANELS if verdict == "INCONCLUSIVE" else "",
        columns=columns,
    )


@claim("C10", "section 1", "experiment", PAGE)
def consistently_outperforms_other_methods(records: Records | None = None) -> Verdict:
    """Across models and data sets Adam consistently does better than other methods.

    Passes if in each panel recorded Adam has the lowest mean rank over the seeds, at least four
    are, and over them its mean rank is below every other by Nemenyi's critical difference. One
    panel in which another method ranks first is enough against it.
    """
    records = records or Records()
    columns, evidence = {}, []
    for column in COLUMNS:
        finals = final_logs(records, column)
        columns[column], found = _first_everywhere(column, finals)
        evidence += found
    return conclude(
        columns,
        (*evidence, *_on_the_papers_curves(records)),
        yes="first in every panel, and by more than chance",
        no=_who_is_first(final_logs(records, "tuned")),
        needs=ALL_PANELS,
        but="so far the panels recorded are regressions; the networks are missing"
        if {p.title for p in CONVEX} >= set(final_logs(records, "tuned"))
        else "",
    )


def _first_everywhere(column: str, finals: Finals) -> tuple[str, list[Measured]]:
    """Return whether Adam is first in each panel and over all, with the ranks."""
    if not finals:
        return OPEN, []
    seeds = min(len(table) for table in finals.values())
    inside = {title: table.rank(axis=1).mean() for title, table in finals.items()}
    evidence = [
        Measured(f"{column}, {title}: mean rank of {name}", float(rank), len(finals[title]))
        for title, ranks in inside.items()
        for name, rank in ranks.items()
    ]
    over_all, n = mean_ranks(finals), len(finals)
    rest = min(rank for name, rank in over_all.items() if name != "Adam")
    apart = critical_difference(n, len(over_all))
    if n > 1:
        evidence += _over_all(column, finals, over_all, apart, seeds)
    if any(ranks.idxmin() != "Adam" for ranks in inside.values()):
        return "NOT SUPPORTED", evidence
    leads = n >= 4 and rest - over_all["Adam"] > apart
    return ("TRUE" if leads else "INCONCLUSIVE"), evidence


def _who_is_first(finals: Finals) -> str:
    """Return the method that ranks first, tuned, in each panel, in words."""
    firsts = [f"{title}: {table.rank(axis=1).mean().idxmin()}" for title, table in finals.items()]
    return "not first in every panel; tuned, the first are " + "; ".join(firsts)


def _over_all(
    column: str, finals: Finals, over_all: dict[str, float], apart: float, seeds: int
) -> list[Measured]:
    """Return the statistics over several panels as numbers."""
    where = f"{column}, over {len(finals)} panels"
    chance = friedman(len(finals), list(over_all.values()))
    return [
        *(Measured(f"{where}: mean rank of {n}", r, seeds) for n, r in over_all.items()),
        Measured(f"{where}: Friedman's p, counted out", chance, seeds),
        Measured(f"{where}: ranks that differ must be apart by (Nemenyi)", apart),
        *(Measured(f"{where}: log cost above the best, middle half, {n}", s.value, seeds,
                   (s.low, s.high)) for n, s in above_the_best(finals).items()),
        *(Measured(f"{where}: chance that a run of Adam ends below one of {n}", s.value, seeds,
                   (s.low, s.high)) for n, s in chance_of_improvement(finals, "Adam").items()),
    ]  # fmt: skip


def _on_the_papers_curves(records: Records) -> list[Measured]:
    """Return by how much Adam leads the next at the end of the paper's own curves (single runs)."""
    found = []
    for panel in PANELS:
        if panel == IMDB_CLEAN:  # not shown
            continue
        ends = {o: last(records.paper(panel.paper, c)) for o, c in panel.curves.items()}
        lead = math.log(min(v for o, v in ends.items() if o != "Adam") / ends["Adam"])
        found.append(Measured(f"the paper's own curves, {panel.title}: Adam's lead, log", lead, 1))
    return found


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

    Passes if, tuned, Adam's excess loss is at most 1.1 times the best optimizer's (95 % interval,
    10 fresh seeds) in all four cells: dense or sparse features, target at rest or jumping.
    """
    records = records or Records()
    if not records.has("ledger-streams"):
        return _waits(STREAMS)
    columns, evidence, good = dict(NO_FIGURE), [], {}
    for column in SEEDS:
        worst = _worst_by_cell(records, column)
        good[column] = [cell for cell, (_, c) in worst.items() if c.high <= math.log(1.1)]
        beyond = [cell for cell, (_, c) in worst.items() if c.low > math.log(1.1)]
        whole = len(good[column]) == 4 or len(beyond) == 4
        columns[column] = "PARTLY" if not whole else "TRUE" if good[column] else "FALSE"
        evidence += [
            Measured(
                f"{column}, {cell}: Adam against {name}, log ratio (largest)", c.mean,
                SEEDS[column], (c.low, c.high),
            )
            for cell, (name, c) in worst.items()
        ]  # fmt: skip
    verdict = columns["tuned"]
    return Verdict(
        verdict,
        f"tuned, within 1.1 times the best in {len(good['tuned'])} of four cells; at the default "
        f"step sizes in {len(good['defaults'])}",
        tuple(evidence),
        part=""
        if verdict != "PARTLY"
        else "tuned, where features are " + " or ".join(good["tuned"] or ["neither"]),
        columns=columns,
    )


def _worst_by_cell(records: Records, column: str) -> dict[str, tuple[str, Comparison]]:
    """Return, by cell of the 2 × 2, the optimizer that Adam does worst against, and how."""
    pairs = tuple(("Adam", name) for name in NAMES if name != "Adam")
    worst = {}
    for sparse in (False, True):
        for drift, target in (("still", "at rest"), ("jump", "jumping")):
            found = compare_on_stream(stream(records, sparse, drift), pairs, column)
            pair = max(found, key=lambda p: found[p].mean)
            cell = f"{'sparse' if sparse else 'dense'} and the target {target}"
            worst[cell] = pair[1], found[pair]
    return worst
