"""Comparing curves: final cost, best setting, distance to the paper."""

import numpy as np
import pandas as pd
import pytest

from adambook.experiments import compare
from adambook.experiments.tuning import ranked


def rows(finals):
    """One run of 46 epochs for each (optimizer, decay, alpha, seed, cost)."""
    return pd.DataFrame(
        {"optimizer": o, "decay": d, "alpha": a, "penalty": 0.0, "seed": s, "epoch": e, "cost": c}
        for o, d, a, s, c in finals
        for e in range(46)
    )


def test_best_setting_has_the_lowest_mean_over_seeds_not_the_luckiest_seed():
    table = rows(
        [
            ("Adam", "none", 0.1, 0, 0.20),
            ("Adam", "none", 0.1, 1, 0.40),
            ("Adam", "none", 0.2, 0, 0.25),
            ("Adam", "none", 0.2, 1, 0.25),
            ("Adam", "none", 0.4, 0, np.inf),
            ("Adam", "none", 0.4, 1, 0.10),
            ("SGD", "none", 0.1, 0, 0.01),
        ]
    )
    best = compare.best(table, "Adam")
    assert (best.alpha, best.interior) == (0.2, True)
    assert best.final == pytest.approx(0.25)


def test_best_setting_at_an_end_of_its_grid_is_not_interior():
    table = rows([("Adam", "none", a, 0, c) for a, c in ((0.1, 0.3), (0.2, 0.2))])
    assert not compare.best(table, "Adam").interior
    with pytest.raises(ValueError, match="no recorded row"):
        compare.best(table, "Adam", decay="step")


def test_distance_leaves_out_the_first_epoch_and_is_symmetric():
    ours = pd.Series([100.0, 1.0, 1.0])
    papers = pd.Series([1.0, 1.1, 1 / 1.1])
    assert compare.distance(ours, papers) == pytest.approx(np.log(1.1))
    assert compare.distance(papers, ours) == pytest.approx(np.log(1.1))


def test_closest_finds_the_curve_the_paper_would_have_drawn():
    papers = compare.paper_curve("fig1_left", "Adam")
    frames = [
        pd.DataFrame(
            {
                "optimizer": "Adam",
                "decay": "none",
                "alpha": alpha,
                "penalty": 0.0,
                "seed": 0,
                "epoch": papers.index,
                "cost": papers.to_numpy() * factor,
            }
        )
        for alpha, factor in ((0.1, 1.5), (0.2, 1.03), (0.3, np.inf))
    ]
    found = compare.closest(pd.concat(frames), "Adam", papers)
    assert found.alpha == 0.2
    assert found.distance == pytest.approx(np.log(1.03))


@pytest.mark.parametrize(("optimizer", "cost"), [("SGD", 0.3), ("Adam", np.inf)])
def test_without_a_setting_that_stays_finite_none_is_closest(optimizer, cost):
    papers = compare.paper_curve("fig1_left", "Adam")
    with pytest.raises(ValueError, match=f"^no recorded setting of optimizer '{optimizer}' stays"):
        compare.closest(rows([("Adam", "none", 0.1, 0, cost)]), optimizer, papers)


def test_paper_curves_stand_at_whole_epochs_and_within_the_frame():
    for name in ("AdaGrad", "SGDNesterov", "Adam"):
        curve = compare.paper_curve("fig1_left", name)
        assert curve.index.is_unique
        assert curve.between(0.2, 0.8).all()
    with pytest.raises(ValueError, match="no curve 'Lion'"):
        compare.paper_curve("fig1_left", "Lion")


def test_log_ratios_pair_the_runs_of_a_seed():
    """Seed 1 is twice as costly for both; paired, the difference is the same."""
    table = rows(
        [
            ("Adam", "none", 0.1, 0, 0.2),
            ("Adam", "none", 0.1, 1, 0.4),
            ("AdaGrad", "none", 0.1, 0, 0.22),
            ("AdaGrad", "none", 0.1, 1, 0.44),
        ]
    )
    pair = [compare.best(table, name) for name in ("Adam", "AdaGrad")]
    ratios = compare.log_ratios(table, *pair)
    np.testing.assert_allclose(ratios, [-np.log(1.1)] * 2)
    assert list(ratios.index) == [0, 1]


def test_interval_holds_the_mean_of_a_known_sample_and_widens_with_its_spread():
    x = np.random.default_rng(0).normal(3.0, 1.0, 30)
    low, high = compare.interval(x)
    assert low < x.mean() < high
    wide = compare.interval(10 * x)
    assert wide[1] - wide[0] == pytest.approx(10 * (high - low), rel=1e-6)


def test_curves_without_a_common_epoch_have_no_distance():
    with pytest.raises(ValueError, match="an epoch from 1 on in common"):
        compare.distance(pd.Series({0: 1.0, 1: 0.5}), pd.Series({0: 1.0, 2: 0.3}))


def test_an_epoch_that_is_there_twice_is_refused_not_averaged():
    run = {"optimizer": "Adam", "decay": "none", "alpha": 0.1, "penalty": 0.0, "seed": 0}
    rows = pd.DataFrame([{**run, "epoch": 1, "cost": cost} for cost in (0.4, 0.1)])
    for read in (compare.final_costs, lambda r: compare.closest(r, "Adam", pd.Series({1: 0.4}))):
        with pytest.raises(ValueError, match="each epoch of a run once, got twice: optimizer Adam"):
            read(rows)


@pytest.mark.parametrize("differences", [[1.0, np.inf, 2.0], [1.0, np.nan]])
def test_an_interval_of_what_is_not_finite_is_refused(differences):
    with pytest.raises(ValueError, match="^differences must be finite, got "):
        compare.interval(differences)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, 2.0])
def test_a_level_of_an_interval_out_of_range_is_refused(level):
    with pytest.raises(ValueError, match=r"^level must lie in \(0, 1\), got "):
        compare.interval([1.0, 2.0, 4.0], level)


@pytest.mark.filterwarnings("error")
def test_differences_equal_but_for_rounding_have_students_interval():
    low, high = compare.interval([1.0, 1.0 + 2**-52, 1.0])
    assert 1 - 1e-14 < low < 1 < high < 1 + 1e-14


@pytest.mark.parametrize("costs", [[np.inf, np.inf], [-1.0, 1.0], [np.nan, np.nan]])
def test_step_sizes_of_which_none_stays_finite_have_no_good_range(costs):
    with pytest.raises(ValueError, match="^finals must hold a finite cost, all above 0, got "):
        compare.good_range(pd.Series(costs, [0.1, 1.0]))


def test_a_factor_below_one_is_refused():
    with pytest.raises(ValueError, match="^factor must be at least 1, got 0.5"):
        compare.sensitivity_width(pd.Series({0.1: 1.0, 1.0: 2.0}), 0.5)


def test_a_setting_with_a_run_that_is_no_number_is_not_the_best():
    run = {"optimizer": "Adam", "decay": "none", "penalty": 0.0, "epoch": 0}
    costs = {0.1: (0.3, np.nan), 1.0: (0.5, 0.5)}
    rows = pd.DataFrame(
        [{**run, "alpha": a, "seed": s, "cost": c[s]} for a, c in costs.items() for s in (0, 1)]
    )
    assert compare.best(rows, "Adam").alpha == 1.0
    assert ranked(rows, "Adam") == [("none", 1.0), ("none", 0.1)]


def _seeds(alpha, *costs):
    run = {"optimizer": "Adam", "decay": "none", "alpha": alpha, "penalty": 0.0, "epoch": 1}
    return [{**run, "seed": seed, "cost": cost} for seed, cost in enumerate(costs)]


def test_a_setting_of_which_one_seed_is_nan_is_not_the_closest():
    rows = pd.DataFrame([*_seeds(0.1, 0.5, np.nan), *_seeds(0.2, 0.7, 0.7)])
    assert compare.closest(rows, "Adam", pd.Series({1: 0.5})).alpha == 0.2


def test_there_is_no_best_among_settings_that_are_all_nan():
    rows = pd.DataFrame(_seeds(0.1, np.nan))
    with pytest.raises(ValueError, match="rows must hold a setting of 'Adam' whose costs are all"):
        compare.best(rows, "Adam")
