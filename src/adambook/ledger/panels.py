"""The panels in which optimizers are compared, and the comparison under three kinds of settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from adambook.experiments import compare
from adambook.experiments.inference import Comparison, compare_all
from adambook.ledger.claim import COLUMNS, OPEN, Measured, Verdict
from adambook.ledger.records import NotRecorded, Records


@dataclass(frozen=True)
class Panel:
    """A panel of the paper, and where our runs of it are.

    tuning, fresh, grid : tables of the runs that settings are chosen by, of those that are judged,
        and of the whole grid of step sizes
    tuning_seeds, fresh_seeds : the seeds of each
    curves : optimizer → the paper's name of its curve
    defaults : optimizer → step size that its library default is, with no decay
    fixed : columns to hold at a value
    epochs : the fewest epochs of a fresh run that can speak for the end of the paper's curve
    """

    title: str
    paper: str
    tuning: str
    fresh: str
    grid: str
    tuning_seeds: range
    fresh_seeds: range
    curves: Mapping[str, str]
    defaults: Mapping[str, float]
    cost: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 1

    def rows(self, records: Records, which: str) -> pd.DataFrame:
        """Return the rows of "tuning", "fresh" or "grid": the epochs that all runs have.

        Raises
        ------
        NotRecorded
            If an optimizer of the panel lacks a tuning seed, or two fresh ones.
        """
        rows = records.rows(getattr(self, which))
        for column, value in self.fixed.items():
            rows = rows[rows[column] == value]
        wanted = set(self.fresh_seeds if which == "fresh" else self.tuning_seeds)
        runs = rows[rows["seed"].isin(wanted)].groupby(["optimizer", "seed"])["epoch"].max()
        runs = runs[runs + 1 >= self.epochs] if which == "fresh" else runs
        seeds = [set(runs[o].index) if o in runs.index else set() for o in self.curves]
        common = set.intersection(*seeds)
        if common != wanted and (which != "fresh" or len(common) < 2):
            raise NotRecorded(f"{self.title} is not recorded for every optimizer and seed")
        last = runs[runs.index.get_level_values("seed").isin(common)].min()
        return pd.DataFrame(rows[rows["seed"].isin(common) & (rows["epoch"] <= last)])


ADAPTIVE = {"AdaGrad": 1e-2, "RMSProp": 1e-3, "Nesterov": 1e-2, "Adam": 1e-3}
FIG1 = Panel(
    "Figure 1, left", "fig1_left", "fig1-mnist", "fig1-mnist", "fig1-mnist", range(3), range(3, 8),
    {"AdaGrad": "AdaGrad", "Nesterov": "SGDNesterov", "Adam": "Adam"}, ADAPTIVE,
    "31 minutes of one core",
)  # fmt: skip
IMDB = Panel(
    "Figure 1, right", "fig1_right", "fig1-imdb-tuning", "fig1-imdb", "fig1-imdb-tuning",
    range(3), range(3, 13),
    {o: f"{c}+dropout" for o, c in {"AdaGrad": "Adagrad", "RMSProp": "RMSProp",
     "Nesterov": "SGDNesterov", "Adam": "Adam"}.items()}, ADAPTIVE,
    "adambook run fig1-imdb, about 3 hours of one core", {"dropout": 0.5},
)  # fmt: skip
IMDB_CLEAN = Panel(
    "Figure 1, right, no dropout", "fig1_right", "fig1-imdb-tuning", "fig1-imdb",
    "fig1-imdb-tuning", range(3),
    range(3, 13), IMDB.curves, ADAPTIVE, IMDB.cost, {"dropout": 0.0},
)  # fmt: skip
MLP = Panel(
    "Figure 2a", "fig2a", "fig2a-narrowed", "fig2a", "fig2a-tuning", range(1), range(3, 8),
    {"AdaGrad": "AdaGrad", "RMSProp": "RMSProp", "Nesterov": "SGDNesterov",
     "AdaDelta": "AdaDelta", "Adam": "Adam"}, {**ADAPTIVE, "AdaDelta": 1.0},
    "adambook run fig2a, 6 hours of one core",
    epochs=50,
)  # fmt: skip
CNN = Panel(
    "Figure 3", "fig3_right", "fig3-tuning", "fig3", "fig3-tuning", range(1), range(2, 7),
    {"AdaGrad": "AdaGrad", "Nesterov": "SGDNesterov", "Adam": "Adam"}, ADAPTIVE,
    "adambook run fig3 with two long seeds, 20 hours of one core", {"dropout": False}, 45,
)  # fmt: skip
CNN_DROPOUT = Panel(
    "Figure 3, dropout", "fig3_right", "fig3-tuning", "fig3", "fig3-tuning", range(1), range(2, 7),
    {o: f"{c}+dropout" for o, c in CNN.curves.items()}, ADAPTIVE, CNN.cost, {"dropout": True}, 45,
)  # fmt: skip
ALL_PANELS = "fig1-imdb, fig2a and fig3, recorded and tuned: about 30 hours of one core"
PANELS = (FIG1, IMDB, IMDB_CLEAN, MLP, CNN, CNN_DROPOUT)


class Compared(NamedTuple):
    """Pairs of optimizers under one kind of settings, over how many seeds and epochs."""

    pairs: dict[tuple[str, str], Comparison]
    seeds: int
    epochs: int


def settings(panel: Panel, records: Records, column: str) -> dict[str, Any]:
    """Return, by optimizer, the setting that a column judges it by.

    Paper-like: the setting of the tuning runs nearest to the paper's curve. Tuned: the one with
    the lowest final cost. Defaults: the library's step size, without decay.
    """
    rows = panel.rows(records, "tuning")
    chosen: dict[str, Any] = {}
    for optimizer, curve in panel.curves.items():
        if column == "paper-like":
            chosen[optimizer] = compare.closest(rows, optimizer, records.paper(panel.paper, curve))
        elif column == "tuned":
            chosen[optimizer] = compare.best(rows, optimizer)
        else:
            alpha = panel.defaults[optimizer]
            chosen[optimizer] = compare.best(rows, optimizer, alpha=alpha, decay="none")
    return chosen


def compare_pairs(
    panel: Panel, records: Records, column: str, pairs: tuple[tuple[str, str], ...]
) -> Compared:
    """Compare final costs of pairs of optimizers on the fresh seeds, as one family.

    Settings that were not chosen by their cost and have no fresh runs are compared on the tuning
    seeds.

    Raises
    ------
    NotRecorded
        If the panel, or a setting of the column, is not recorded.
    """
    rows = panel.rows(records, "fresh")
    try:
        chosen = settings(panel, records, column)
        if column != "tuned" and not _all_in(chosen, rows):
            rows = panel.rows(records, "tuning")  # nothing was chosen by its cost
        ratios = {pair: compare.log_ratios(rows, *(chosen[o] for o in pair)) for pair in pairs}
        found = compare_all({" / ".join(pair): ratio for pair, ratio in ratios.items()})
    except (ValueError, KeyError) as error:
        raise NotRecorded(f"{panel.title}: the {column} settings are not recorded") from error
    seeds = min(len(ratio) for ratio in ratios.values())
    epochs = int(rows["epoch"].max()) + 1
    return Compared({pair: found[" / ".join(pair)] for pair in pairs}, seeds, epochs)


def _all_in(chosen: Mapping[str, Any], rows: pd.DataFrame) -> bool:
    """Say whether every setting has rows."""
    return all(not compare.curve(rows, setting).empty for setting in chosen.values())


def judge_columns(
    panel: Panel,
    records: Records,
    pairs: tuple[tuple[str, str], ...],
    test: Callable[[dict[tuple[str, str], Comparison]], str],
) -> tuple[dict[str, str], tuple[Measured, ...]]:
    """Return a verdict for each column by `test`, and the comparisons as evidence."""
    columns, evidence = dict.fromkeys(COLUMNS, OPEN), []
    for column in COLUMNS:
        try:
            compared = compare_pairs(panel, records, column, pairs)
        except NotRecorded:
            continue
        columns[column] = test(compared.pairs)
        for (a, b), c in compared.pairs.items():
            name = f"{column}, {compared.epochs} epochs: {a} against {b}, log ratio, {c.verdict}"
            evidence.append(Measured(name, c.mean, compared.seeds, (c.low, c.high)))
    return columns, tuple(evidence)


def conclude(
    columns: Mapping[str, str], evidence: tuple[Measured, ...], *, yes: str, no: str, needs: str
) -> Verdict:
    """Return the verdict on an experiment from its columns.

    TRUE or FALSE if every column that is recorded says so, PARTLY if they differ, INCONCLUSIVE
    if none is decided.
    """
    decided = {n: v for n, v in columns.items() if v not in (OPEN, "INCONCLUSIVE")}
    if not decided:
        return Verdict(
            "INCONCLUSIVE", "no column is decided by what is recorded", evidence,
            needs=needs, columns=columns,
        )  # fmt: skip
    if set(decided.values()) == {"TRUE"}:
        return Verdict("TRUE", yes, evidence, columns=columns)
    if set(decided.values()) <= {"FALSE", "NOT SUPPORTED"}:
        worst = "FALSE" if "FALSE" in decided.values() else "NOT SUPPORTED"
        return Verdict(worst, no, evidence, columns=columns)
    holds = [name for name, verdict in decided.items() if verdict == "TRUE"]
    part = f"with {' and '.join(holds)} settings" if holds else "in part under each setting"
    return Verdict("PARTLY", no, evidence, part=part, columns=columns)


def adam_grids(records: Records, optimizer: str = "Adam") -> dict[str, tuple[pd.DataFrame, int]]:
    """Return, by panel recorded, the final costs of an optimizer's grid, and how many seeds."""
    found = {}
    for panel in PANELS:
        try:
            finals = compare.final_costs(panel.rows(records, "grid"))
        except NotRecorded:
            continue
        found[panel.title] = (finals[finals["optimizer"] == optimizer], len(panel.tuning_seeds))
    return found


def default_regrets(records: Records, optimizer: str, alpha: float) -> dict[str, tuple[float, int]]:
    """Return, by panel recorded, the final cost at a step size without decay over the best."""
    found = {}
    for title, (finals, seeds) in adam_grids(records, optimizer).items():
        mean = finals.groupby(["decay", "alpha"])["final"].mean()
        if ("none", alpha) in mean.index:
            found[title] = float(mean["none", alpha] / mean.min()), seeds
    return found


def widths(records: Records, optimizer: str) -> dict[str, tuple[float, int]]:
    """Return, by panel recorded, the decades of constant step sizes within 10 % of the best."""
    found = {}
    for title, (finals, seeds) in adam_grids(records, optimizer).items():
        mean = finals[finals["decay"] == "none"].groupby("alpha")["final"].mean()
        found[title] = compare.sensitivity_width(mean), seeds
    return found


def mean_ranks(records: Records) -> dict[str, tuple[dict[str, float], int]]:
    """Return, by panel recorded, each tuned optimizer's mean rank over fresh seeds."""
    found = {}
    for panel in PANELS:
        try:
            rows, chosen = panel.rows(records, "fresh"), settings(panel, records, "tuned")
        except NotRecorded:
            continue
        finals = {o: compare.final_cost(compare.curve(rows, s).T) for o, s in chosen.items()}
        ranks = pd.DataFrame(finals).rank(axis=1).mean()
        found[panel.title] = (
            {str(k): float(v) for k, v in ranks.items()},
            len(rows["seed"].unique()),
        )
    return found


def profile_areas(records: Records) -> tuple[dict[str, float], int]:
    """Return the area under each optimizer's performance profile, and over how many panels.

    The profile at a factor f from 1 to 2 is the share of panels in which the tuned mean final
    cost is at most f times the best one. Only optimizers of every panel recorded are compared.
    """
    ratios: dict[str, list[float]] = {}
    count = 0
    for panel in PANELS:
        try:
            rows, chosen = panel.rows(records, "fresh"), settings(panel, records, "tuned")
        except NotRecorded:
            continue
        finals = {
            o: float(compare.final_cost(compare.curve(rows, s).T).mean()) for o, s in chosen.items()
        }
        count += 1
        for optimizer, cost in finals.items():
            ratios.setdefault(optimizer, []).append(cost / min(finals.values()))
    factors = np.linspace(1, 2, 101)
    areas = {
        name: float(np.mean([np.mean(np.array(own) <= f) for f in factors]))
        for name, own in ratios.items()
        if len(own) == count
    }
    return areas, count


def last(values: Any) -> float:
    """Return the geometric mean of the last twentieth of a curve of the paper."""
    return float(compare.final_cost(np.asarray(values)))
