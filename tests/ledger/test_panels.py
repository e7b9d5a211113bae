"""Panels of optimizers on made-up rows: settings, comparisons and columns, each by itself."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from adambook.ledger import panels
from adambook.ledger.claim import OPEN
from adambook.ledger.panels import FIG1
from adambook.ledger.records import NotRecorded, Records

ALPHAS = {1e-3: 1.2, 1e-2: 1.0, 1e-1: 1.3}
PAIR = (("Adam", "AdaGrad"),)


def made(adam=0.2, other=0.4, seeds=range(8), epochs=2):
    """Rows of Figure 1, left: three step sizes an optimizer, the middle one the best."""
    costs = {"AdaGrad": other, "Nesterov": other, "Adam": adam}
    return pd.DataFrame(
        {"optimizer": name, "decay": "none", "alpha": alpha, "penalty": 1e-4, "seed": seed,
         "epoch": epoch, "cost": cost * factor * (1 + 1e-3 * np.sin(seed + 10 * cost + 99 * alpha))}
        for name, cost in costs.items() for alpha, factor in ALPHAS.items()
        for seed in seeds for epoch in range(epochs)
    )  # fmt: skip


def records(**options):
    return Records({"fig1-mnist": made(**options)})


def test_rows_keep_the_seeds_of_a_stage_that_every_optimizer_has():
    table = made()
    table = table[(table["optimizer"] != "Adam") | (table["seed"] != 4)]
    found = FIG1.rows(Records({"fig1-mnist": table}), "fresh")
    assert set(found["seed"]) == {3, 5, 6, 7}
    assert set(FIG1.rows(Records({"fig1-mnist": table}), "tuning")["seed"]) == {0, 1, 2}


def test_rows_end_where_the_shortest_run_ends():
    table = made(epochs=5)
    table = table[(table["optimizer"] != "Adam") | (table["epoch"] < 3)]
    assert FIG1.rows(Records({"fig1-mnist": table}), "fresh")["epoch"].max() == 2


def test_a_panel_that_ends_before_the_papers_says_after_how_many_epochs():
    rows = made(epochs=5)
    assert dataclasses.replace(FIG1, whole=6).named(rows) == "Figure 1, left, 5 epochs"
    assert dataclasses.replace(FIG1, whole=5).named(rows) == "Figure 1, left"


def test_one_fresh_seed_is_not_enough():
    with pytest.raises(NotRecorded, match="not recorded for every optimizer and seed"):
        FIG1.rows(records(seeds=range(4)), "fresh")


def test_tuned_settings_are_the_lowest_and_defaults_the_librarys():
    assert {s.alpha for s in panels.settings(FIG1, records(), "tuned").values()} == {1e-2}
    defaults = panels.settings(FIG1, records(), "defaults")
    assert {name: s.alpha for name, s in defaults.items()} == {
        "AdaGrad": 1e-2, "Nesterov": 1e-2, "Adam": 1e-3,
    }  # fmt: skip


def test_settings_like_the_papers_lie_nearest_to_its_curve():
    paper = Records().paper("fig1_left", "Adam")
    near = made(epochs=40)
    for alpha, factor in {1e-3: 3.0, 1e-2: 2.0, 1e-1: 1.01}.items():
        at = near["alpha"] == alpha
        near.loc[at, "cost"] = factor * near.loc[at, "epoch"].map(
            lambda x: np.interp(x, paper.index, paper)
        )
    found = panels.settings(FIG1, Records({"fig1-mnist": near}), "paper-like")
    assert found["Adam"].alpha == 1e-1


def test_pairs_are_compared_at_their_settings_over_the_fresh_seeds():
    compared = panels.compare_pairs(FIG1, records(), "tuned", PAIR)
    assert compared.seeds == 5 and compared.epochs == 2
    assert compared.pairs[PAIR[0]].mean == pytest.approx(np.log(0.5), rel=0.01)
    compared = panels.compare_pairs(FIG1, records(), "defaults", PAIR)
    assert compared.pairs[PAIR[0]].mean == pytest.approx(np.log(1.2 * 0.5), rel=0.01)


def test_a_setting_without_fresh_runs_is_judged_on_the_tuning_seeds_unless_it_was_chosen_there():
    table = made()
    table = table[(table["alpha"] != 1e-3) | (table["seed"] < 3)]
    rows, chosen = panels.judged_rows(FIG1, Records({"fig1-mnist": table}), "defaults")
    assert set(rows["seed"]) == {0, 1, 2} and chosen["Adam"].alpha == 1e-3
    rows, _ = panels.judged_rows(FIG1, Records({"fig1-mnist": table}), "tuned")
    assert set(rows["seed"]) == set(range(3, 8))
    table = table[(table["alpha"] != 1e-2) | (table["seed"] < 3)]
    with pytest.raises(NotRecorded, match="the tuned settings have no runs to be judged on"):
        panels.judged_rows(FIG1, Records({"fig1-mnist": table}), "tuned")


def test_columns_hold_what_the_test_says_and_evidence_a_line_for_each_pair():
    def better(found):
        return "TRUE" if found[PAIR[0]].high < 0 else "FALSE"

    columns, evidence = panels.judge_columns(FIG1, records(), PAIR, better)
    assert columns["tuned"] == columns["defaults"] == "TRUE"
    assert len(evidence) == sum(verdict != OPEN for verdict in columns.values())
    tuned = next(number for number in evidence if number.name.startswith("tuned, 2 epochs"))
    assert "Adam against AdaGrad, better" in tuned.name and tuned.seeds == 5
    assert tuned.value == pytest.approx(np.log(0.5), rel=0.01)
    columns, _ = panels.judge_columns(FIG1, records(adam=0.9), PAIR, better)
    assert columns["tuned"] == "FALSE"
    columns, evidence = panels.judge_columns(FIG1, Records({}), PAIR, better)
    assert set(columns.values()) == {OPEN} and evidence == ()


def test_regret_of_a_default_is_its_cost_over_the_best_of_the_grid():
    found = panels.default_regrets(records(), "Adam", 1e-3)["Figure 1, left"]
    assert found.value == pytest.approx(1.2, rel=1e-3)
    assert panels.default_regrets(records(), "Adam", 0.5) == {}


def test_widths_count_the_step_sizes_within_a_tenth_of_the_best():
    table = made()
    table.loc[table["alpha"] == 1e-3, "cost"] /= 1.15
    found = panels.widths(Records({"fig1-mnist": table}), "Adam")["Figure 1, left"]
    assert found.value == pytest.approx(1.0)
    assert panels.widths(records(), "Adam")["Figure 1, left"].value == 0.0
