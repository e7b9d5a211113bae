"""Section 6 and 6.1: the protocol, and logistic regression on MNIST and on film reviews."""

from __future__ import annotations

import math

import pandas as pd

from adambook.experiments import compare
from adambook.experiments.inference import Comparison, compare_all
from adambook.ledger.claim import ABSENT, OPEN, Measured, Verdict, claim, mean_of
from adambook.ledger.panels import (
    FIG1,
    IMDB,
    IMDB_CLEAN,
    conclude,
    judge_columns,
    last,
    settings,
)
from adambook.ledger.records import NotRecorded, Records

PAGE = "3_experiments/09_logistic_regression"
Pairs = dict[tuple[str, str], Comparison]


def verdict_of(*tests: bool) -> str:
    """Return TRUE if all tests hold, FALSE if none, PARTLY else.

    >>> verdict_of(True, False)
    'PARTLY'
    """
    return "TRUE" if all(tests) else "PARTLY" if any(tests) else "FALSE"


def above(limit: float, interval: tuple[float, float]) -> str:
    """Return TRUE if an interval lies above a limit, FALSE if below, else INCONCLUSIVE.

    >>> above(0.0, (0.1, 0.2)), above(0.0, (-0.1, 0.2))
    ('TRUE', 'INCONCLUSIVE')
    """
    low, high = interval
    return "TRUE" if low > limit else "FALSE" if high < limit else "INCONCLUSIVE"


def not_recorded(records: Records, *panels: object) -> Verdict | None:
    """Return the verdict INCONCLUSIVE if a panel lacks rows, with the paper's own final costs."""
    missing = []
    for panel in panels:
        try:
            for stage in ("tuning", "fresh"):
                panel.rows(records, stage)  # type: ignore[attr-defined]
        except NotRecorded:
            missing.append(panel)
    if not missing:
        return None
    return Verdict(
        "INCONCLUSIVE",
        "not recorded in full: " + ", ".join(panel.title for panel in missing),  # type: ignore[attr-defined]
        tuple(own_finals(records, panels[0])),
        needs=f"{missing[0].title}: {missing[0].cost}",  # type: ignore[attr-defined]
        columns=dict.fromkeys(("paper-like", "tuned", "defaults"), OPEN),
    )


def own_finals(records: Records, panel: object) -> list[Measured]:
    """Return the last costs of the paper's own curves of a panel."""
    return [
        Measured(f"the paper's own curve, last costs, {o}", last(records.paper(panel.paper, c)), 1)  # type: ignore[attr-defined]
        for o, c in panel.curves.items()  # type: ignore[attr-defined]
    ]


@claim("C58", "section 6", "experiment", PAGE)
def shown_settings_are_the_best_of_a_dense_grid(records: Records | None = None) -> Verdict:
    """All optimizers start alike and are shown at the best settings of a dense search.

    Passes if each of the paper's curves of Figure 1, left, ends at most 20 % above what our grid of
    thirty settings reaches for that optimizer (95 % interval, fresh seeds).
    """
    records = records or Records()
    if (waits := not_recorded(records, FIG1)) is not None:
        return waits
    rows, chosen = FIG1.rows(records, "fresh"), settings(FIG1, records, "tuned")
    ratios = {}
    for optimizer, curve in FIG1.curves.items():
        ours = compare.final_cost(compare.curve(rows, chosen[optimizer]).T)
        ratios[optimizer] = mean_of(
            f"{optimizer}: the paper's final cost over the tuned one",
            last(records.paper("fig1_left", curve)) / ours,
        )
    far = [n for n, ratio in ratios.items() if ratio.interval is None or ratio.interval[1] > 1.2]
    column = "NOT SUPPORTED" if far else "TRUE"
    return Verdict(
        column,
        f"{' and '.join(far)} in Figure 1, left, is far from what a grid finds"
        if far
        else "every curve is near the best of a grid",
        tuple(ratios.values()),
        columns={"paper-like": column, "tuned": ABSENT, "defaults": ABSENT},
    )


@claim("C59", "section 6.1", "experiment", PAGE)
def step_sizes_fall_like_the_root_of_t(records: Records | None = None) -> Verdict:
    """The logistic regressions are run with α_t = α/√t.

    Passes if for each curve of Figure 1, left, a recorded run with α/√t, t counting steps or
    epochs, lies as near to it as the nearest run with constant α.
    """
    records = records or Records()
    if not records.has("fig1-mnist-fit"):
        return not_recorded(Records({}), FIG1)  # type: ignore[return-value]
    both = pd.concat([records.rows("fig1-mnist-fit"), FIG1.rows(records, "tuning")])
    evidence, fits = [], {}
    for optimizer, curve in FIG1.curves.items():
        paper = records.paper("fig1_left", curve)
        apart = {
            decay: compare.closest(both[both["decay"] == decay], optimizer, paper).distance
            for decay in ("none", "epoch", "step")
        }
        fits[optimizer] = min(apart["epoch"], apart["step"]) <= apart["none"]
        evidence += [Measured(f"{optimizer}: apart with decay {d}", x, 1) for d, x in apart.items()]
    holds = all(fits.values())
    good = [name for name, fit in fits.items() if fit]
    column = "TRUE" if holds else "NOT SUPPORTED"
    return Verdict(
        column,
        "decaying step sizes fit every curve best"
        if holds
        else f"of the three, α/√t fits {' and '.join(good) or 'none'} best, a constant α the "
        "others (the paper's curves are single runs)",
        tuple(evidence),
        columns={"paper-like": column, "tuned": ABSENT, "defaults": ABSENT},
    )


@claim("C60", "Figure 1, left", "experiment", PAGE)
def on_mnist_adam_is_like_nesterov_and_faster_than_adagrad(
    records: Records | None = None,
) -> Verdict:
    """On MNIST regression Adam converges like SGD with Nesterov momentum, both faster than AdaGrad.

    Passes if Adam's final cost is similar to Nesterov's (two one-sided tests, ±5 %) and AdaGrad's
    is above both by more than 5 % (95 % interval, fresh seeds).
    """
    records = records or Records()
    if (waits := not_recorded(records, FIG1)) is not None:
        return waits
    pairs = (("Nesterov", "Adam"), ("AdaGrad", "Adam"), ("AdaGrad", "Nesterov"))

    def test(found: Pairs) -> str:
        slower = all(found[pair].low > math.log(1.05) for pair in pairs[1:])
        return verdict_of(found[pairs[0]].similar, slower)

    columns, evidence = judge_columns(FIG1, records, pairs, test)
    return conclude(
        columns,
        evidence,
        yes="as claimed under every kind of settings",
        no="that AdaGrad is slower hangs on its step size; tuned, it is not",
        needs=FIG1.cost,
    )


@claim("C61", "section 6.1", "experiment", PAGE)
def decaying_adam_matches_adagrad(records: Records | None = None) -> Verdict:
    """Adam with α/√t should in theory match AdaGrad.

    Passes if on both panels of Figure 1 the tuned Adam with α/√t (by the step) and the tuned
    AdaGrad are similar (two one-sided tests, ±5 %).
    """
    records = records or Records()
    evidence, similar = [], {}
    for panel in (FIG1, IMDB):
        try:
            tuning, fresh = panel.rows(records, "tuning"), panel.rows(records, "fresh")
            ratio = compare.log_ratios(
                fresh, compare.best(tuning, "Adam", decay="step"), compare.best(tuning, "AdaGrad")
            ).dropna()
        except (NotRecorded, ValueError):
            continue
        if len(ratio) < 2:
            continue
        found = compare_all({"pair": ratio})["pair"]
        similar[panel.title] = found.similar
        by = panel.chosen_on(records)
        name = f"{panel.title}, {by}: Adam with α/√t against AdaGrad, log ratio"
        evidence.append(Measured(name, found.mean, len(ratio), (found.low, found.high)))
    columns = {"paper-like": ABSENT, "tuned": "INCONCLUSIVE", "defaults": ABSENT}
    if not all(similar.values()):
        columns["tuned"] = "FALSE"
        return Verdict("FALSE", "not on every panel recorded", tuple(evidence), columns=columns)
    if len(similar) < 2:
        return Verdict(
            "INCONCLUSIVE",
            f"{len(similar)} of two panels are recorded, and agree with it",
            tuple(evidence) or (Measured("panels recorded", 0),),
            needs=f"{IMDB.title}: {IMDB.cost}",
            columns=columns,
        )
    columns["tuned"] = "TRUE"
    return Verdict(
        "TRUE",
        "similar on both panels; only for β1 = 0, β2 → 1 is it a theorem "
        f"({IMDB.title}: {IMDB.chosen_on(records)})",
        tuple(evidence), columns=columns,
    )  # fmt: skip


@claim("C62", "Figure 1, right", "experiment", PAGE)
def on_reviews_adagrad_beats_nesterov(records: Records | None = None) -> Verdict:
    """On film reviews AdaGrad is far better than SGD with Nesterov momentum, with dropout or not.

    Passes if Nesterov's final cost is above AdaGrad's by more than 20 % (95 % interval) in both
    conditions. (The paper shows one of them.)
    """
    records, pair = records or Records(), ("Nesterov", "AdaGrad")
    if (waits := not_recorded(records, IMDB, IMDB_CLEAN)) is not None:
        return waits

    def test(found: Pairs) -> str:
        c = found[pair]
        return above(math.log(1.2), (c.low, c.high))

    (one, first), (two, second) = (
        judge_columns(panel, records, (pair,), test) for panel in (IMDB, IMDB_CLEAN)
    )
    columns = {
        name: OPEN
        if OPEN in (one[name], two[name])
        else "INCONCLUSIVE"
        if "INCONCLUSIVE" in (one[name], two[name])
        else verdict_of(*(c[name] == "TRUE" for c in (one, two)))
        for name in one
    }
    tuned = [math.exp(float(e.value)) for e in first + second if e.name.startswith("tuned")]
    return conclude(
        columns,
        (*first, *second, *own_finals(records, IMDB)),
        yes="in both conditions",
        no="not in both conditions under every kind of settings; tuned, Nesterov's cost is "
        + " and ".join(f"{ratio:.2f}" for ratio in tuned)
        + " times AdaGrad's with dropout and without",
        needs=IMDB.cost,
        but=IMDB.chosen_on(records),
    )


@claim("C63", "Figure 1, right", "experiment", PAGE)
def on_reviews_adam_is_as_fast_as_adagrad(records: Records | None = None) -> Verdict:
    """On film reviews Adam converges as fast as AdaGrad.

    Passes if their final costs are similar (two one-sided tests, ±5 %, fresh seeds) or Adam's is
    lower (95 % interval, and by more than 2 % in the mean).
    """
    records, pair = records or Records(), ("Adam", "AdaGrad")
    if (waits := not_recorded(records, IMDB)) is not None:
        return waits

    def test(found: Pairs) -> str:
        close = found[pair]
        if close.similar or close.verdict == "better":
            return "TRUE"
        return "FALSE" if close.verdict == "worse" else "INCONCLUSIVE"

    columns, evidence = judge_columns(IMDB, records, (pair,), test)
    return conclude(
        columns, evidence, yes="level or better", no="not under every kind of settings",
        needs=IMDB.cost, but=IMDB.chosen_on(records),
    )  # fmt: skip
