"""The panels in which optimizers are compared, and the comparison under three kinds of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from adambook.experiments import compare
from adambook.experiments.inference import Comparison, compare_all
from adambook.ledger.claim import ABSENT, COLUMNS, OPEN, Measured, Verdict, mean_of
from adambook.ledger.records import NotRecorded, Records


@dataclass(frozen=True)
class Panel:
    """A panel of the paper, and where our runs of it are.

    Attributes
    ----------
    tuning, fresh, grid : str
        Tables of the runs that settings are chosen by, of those that are judged, and of the whole
        grid of step sizes.
    tuning_seeds, fresh_seeds : range
        The seeds of each.
    curves : mapping
        Optimizer → the paper's name of its curve.
    defaults : mapping
        Optimizer → step size that its library default is, with no decay.
    fixed : mapping
        Columns to hold at a value.
    epochs : int
        The fewest epochs of a fresh run that can speak for the end of the paper's curve.
    whole : int
        The epochs of the paper's curve, where our runs may have fewer; else 1.
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
    whole: int = 1

    def named(self, rows: pd.DataFrame) -> str:
        """Return the title, with the number of epochs if the rows have fewer than the paper's.

        >>> MLP.named(pd.DataFrame({"epoch": range(50)}))
        'Figure 2a, 50 epochs'
        """
        epochs = int(rows["epoch"].max()) + 1
        return self.title if epochs >= self.whole else f"{self.title}, {epochs} epochs"

    def rows(self, records: Records, which: str) -> pd.DataFrame:
        """Return the rows of "tuning", "fresh" or "grid": the seeds and epochs that all runs have.

        Raises
        ------
        NotRecorded
            If the optimizers of the panel have no seed in common, or not two fresh ones.
        """
        rows = records.rows(getattr(self, which))
        for column, value in self.fixed.items():
            rows = rows[rows[column] == value]
        wanted = set(self.fresh_seeds if which == "fresh" else self.tuning_seeds)
        runs = rows[rows["seed"].isin(wanted)].groupby(["optimizer", "seed"])["epoch"].max()
        runs = runs[runs + 1 >= self.epochs] if which == "fresh" else runs
        seeds = [set(runs[o].index) if o in runs.index else set() for o in self.curves]
        common = set.intersection(*seeds)
        if len(common) < (2 if which == "fresh" else 1):
            raise NotRecorded(f"{self.title} is not recorded for every optimizer and seed")
        last = runs[runs.index.get_level_values("seed").isin(common)].min()
        return pd.DataFrame(rows[rows["seed"].isin(common) & (rows["epoch"] <= last)])

    def chosen_on(self, records: Records) -> str:
        """Return how many seeds the settings were chosen on, in words.

        Raises
        ------
        NotRecorded
            If there is none.
        """
        seeds = self.rows(records, "tuning")["seed"].nunique()
        return f"settings chosen on {seeds} seed{'s' * (seeds > 1)}"


ADAPTIVE = {"AdaGrad": 1e-2, "RMSProp": 1e-3, "Nesterov": 1e-2, "Adam": 1e-3}
FIG1 = Panel(
    "Figure 1, left", "fig1_left", "fig1-mnist", "fig1-mnist", "fig1-mnist", range(3), range(3, 13),
    {"AdaGrad": "AdaGrad", "Nesterov": "SGDNesterov", "Adam": "Adam"}, ADAPTIVE,
    "39 minutes of one core",
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
    epochs=50, whole=200,
)  # fmt: skip
CNN = Panel(
    "Figure 3", "fig3_right", "fig3-tuning", "fig3", "fig3-tuning", range(1), range(2, 7),
    {"AdaGrad": "AdaGrad", "Nesterov": "SGDNesterov", "Adam": "Adam"}, ADAPTIVE,
    "adambook run fig3 with a second long seed, 6 hours of one core", {"dropout": False}, 45, 45,
)  # fmt: skip
CNN_DROPOUT = Panel(
    "Figure 3, dropout", "fig3_right", "fig3-tuning", "fig3", "fig3-tuning", range(1), range(2, 7),
    {o: f"{c}+dropout" for o, c in CNN.curves.items()}, ADAPTIVE, CNN.cost, {"dropout": True},
    45, 45,
)  # fmt: skip
ALL_PANELS = CNN.cost
"""What is missing of the six panels."""
PANELS = (FIG1, IMDB, IMDB_CLEAN, MLP, CNN, CNN_DROPOUT)
CONVEX = (FIG1, IMDB, IMDB_CLEAN)
"""Regressions; the other panels are networks, and not convex."""


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

    Raises
    ------
    NotRecorded
        If the panel, or a setting of the column, is not recorded.
    """
    rows, chosen = judged_rows(panel, records, column)
    try:
        ratios = {pair: compare.log_ratios(rows, *(chosen[o] for o in pair)) for pair in pairs}
        found = compare_all({" / ".join(pair): ratio for pair, ratio in ratios.items()})
    except (ValueError, KeyError) as error:
        raise NotRecorded(f"{panel.title}: the {column} settings are not recorded") from error
    seeds = min(len(ratio) for ratio in ratios.values())
    epochs = int(rows["epoch"].max()) + 1
    return Compared({pair: found[" / ".join(pair)] for pair in pairs}, seeds, epochs)


def judged_rows(panel: Panel, records: Records, column: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows that a column is judged on, and its setting of each optimizer.

    The fresh seeds; the tuning seeds for settings that were not chosen by their cost and have no
    fresh runs, if there are two of them.

    Raises
    ------
    NotRecorded
        If the panel, or a setting of the column, is not recorded.
    """
    rows = panel.rows(records, "fresh")
    try:
        chosen = settings(panel, records, column)
    except ValueError as error:
        raise NotRecorded(f"{panel.title}: {error}") from error
    if _all_in(chosen, rows):
        return rows, chosen
    rows = panel.rows(records, "tuning")
    if column == "tuned" or rows["seed"].nunique() < 2:
        raise NotRecorded(f"{panel.title}: the {column} settings have no runs to be judged on")
    return rows, chosen


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
        by = f", {panel.chosen_on(records)}" if column == "tuned" else ""
        for (a, b), c in compared.pairs.items():
            name = (
                f"{column}, {compared.epochs} epochs{by}: {a} against {b}, {c.verdict}, log ratio"
            )
            evidence.append(Measured(name, c.mean, compared.seeds, (c.low, c.high)))
    return columns, tuple(evidence)


def conclude(
    columns: Mapping[str, str],
    evidence: tuple[Measured, ...],
    *,
    yes: str,
    no: str,
    needs: str,
    but: str = "",
) -> Verdict:
    """Return the verdict on an experiment from its columns.

    TRUE or FALSE if every column that is recorded says so, PARTLY if they differ, INCONCLUSIVE
    if none is decided. `but` follows the reason in brackets: what the verdict rests on, if it is
    less than was planned.
    """
    yes, no = (f"{text} ({but})" if but else text for text in (yes, no))
    decided = {n: v for n, v in columns.items() if v not in (OPEN, ABSENT, "INCONCLUSIVE")}
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


def grid_finals(records: Records, optimizer: str) -> dict[str, pd.DataFrame]:
    """Return, by panel recorded, the final costs of the whole grid of an optimizer."""
    found = {}
    for panel in PANELS:
        try:
            rows = panel.rows(records, "grid")
        except NotRecorded:
            continue
        finals = compare.final_costs(rows)
        found[panel.named(rows)] = pd.DataFrame(finals[finals["optimizer"] == optimizer])
    return found


def default_regrets(records: Records, optimizer: str, alpha: float) -> dict[str, Measured]:
    """Return, by panel recorded, the final cost at a step size without decay over the best.

    The best is the setting with the lowest mean over the seeds; the ratio is taken seed by seed.
    """
    found = {}
    for title, finals in grid_finals(records, optimizer).items():
        table = finals.pivot_table(index="seed", columns=["decay", "alpha"], values="final")
        if ("none", alpha) in table.columns:
            ratio = table["none", alpha] / table[table.mean().idxmin()]
            name = f"{title}: final cost at the default over the best of the grid, {optimizer}"
            found[title] = over_seeds(name, ratio)
    return found


def over_seeds(name: str, values: Any) -> Measured:
    """Return the mean of one number a seed, with an interval if there are two seeds or more.

    >>> str(over_seeds("ratio", [1.5]))
    'ratio: 1.5, 1 seed'
    """
    return mean_of(name, values) if len(values) > 1 else Measured(name, float(np.mean(values)), 1)


def widths(records: Records, optimizer: str) -> dict[str, Measured]:
    """Return, by panel recorded, the decades of constant step sizes within 10 % of the best."""
    found = {}
    for title, finals in grid_finals(records, optimizer).items():
        mean = finals[finals["decay"] == "none"].groupby("alpha")["final"].mean()
        name = f"{title}: decades of step sizes within 10 % of the best, {optimizer}"
        seeds = finals["seed"].nunique()
        found[title] = Measured(name, compare.sensitivity_width(mean), seeds)
    return found


def four_of_six(good: int, recorded: int) -> str:
    """Return whether four of the six panels pass: already, never any more, or not decided yet.

    >>> four_of_six(4, 4), four_of_six(0, 3), four_of_six(1, 3)
    ('TRUE', 'NOT SUPPORTED', 'INCONCLUSIVE')
    """
    if good >= 4:
        return "TRUE"
    return "NOT SUPPORTED" if good + len(PANELS) - recorded < 4 else "INCONCLUSIVE"


def fewer_epochs(titles: Iterable[str]) -> str:
    """Return which panels are named with fewer epochs than the paper's, as the end of a sentence.

    >>> fewer_epochs(["Figure 1, left", "Figure 3, 3 epochs"])
    "; with fewer epochs than the paper's: Figure 3, 3 epochs"
    """
    short = [title for title in titles if title.endswith(" epochs")]
    return f"; with fewer epochs than the paper's: {', '.join(short)}" if short else ""


def last(values: Any) -> float:
    """Return the geometric mean of the last twentieth of a curve of the paper."""
    return float(compare.final_cost(np.asarray(values)))
