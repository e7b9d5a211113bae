"""Verdicts on cases whose answer is known, and on two controls among the recorded runs."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from adambook.experiments import compare, inference
from adambook.experiments.provenance import ROOT
from adambook.experiments.results import Results


def sample(mean, spread=0.005, n=10, seed=0):
    """n numbers with exactly this mean and standard deviation."""
    z = np.random.default_rng(seed).standard_normal(n)
    return mean + spread * (z - z.mean()) / z.std()


@pytest.mark.parametrize(
    ("mean", "spread", "verdict"),
    [
        (-0.30, 0.01, "better"),
        (0.30, 0.01, "worse"),
        (0.00, 0.01, "similar"),
        (-0.015, 0.001, "similar"),  # certainly different, but by less than 2 %
        (-0.03, 0.001, "better"),  # by more than 2 %, though within 5 %
        (0.06, 0.20, "inconclusive"),
        (0.045, 0.08, "inconclusive"),
    ],
)
def test_a_known_difference_gets_its_word(mean, spread, verdict):
    found = inference.compare_all({"pair": sample(mean, spread)})["pair"]
    assert found.verdict == verdict
    assert found.low < mean < found.high
    assert found.mean == pytest.approx(mean)


def test_turning_the_pair_round_turns_the_word_round():
    x = sample(0.2, 0.01)
    there, back = (inference.compare_all({"pair": s})["pair"] for s in (x, -x))
    assert (there.verdict, back.verdict) == ("worse", "better")
    assert there.low == pytest.approx(-back.high, rel=0.02)


def test_a_difference_that_is_clear_alone_may_not_be_among_many():
    """One sample at the edge: found by itself, not among twenty that show nothing."""
    edge = {"edge": sample(0.1, 0.13)}
    rest = {f"noise {k}": sample(0.0, 0.1, seed=k) for k in range(1, 20)}
    assert inference.differing(edge) == {"edge"}
    assert inference.differing({**edge, **rest}) == set()


def test_holm_lets_the_clear_ones_make_room_for_the_next():
    """Tested as one of six the edge is not found; once the other five are settled, it is."""
    edge = {"edge": sample(0.1, 0.13)}
    clear = {f"clear {k}": sample(1.0, 0.1, seed=k) for k in range(1, 6)}
    strict = compare.interval(edge["edge"], 1 - 0.05 / 6)
    assert strict[0] < 0 < strict[1]
    assert inference.differing({**edge, **clear}) == {"edge", *clear}


@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_equal_pairs_are_rarely_called_different(seeds):
    """60 families of 3 samples without a difference: at most about 5 % may claim one."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(60):
        family = {str(k): rng.standard_normal(seeds) for k in range(3)}
        wrong += bool(inference.differing(family))
    assert wrong <= 6  # 97 % of the time, if each family has 5 %


def test_of_few_runs_the_interval_is_students_and_of_many_the_bootstraps():
    few, many = sample(1.0, 0.1)[:3], np.exp(np.random.default_rng(0).standard_normal(200))
    half = stats.t.ppf(0.975, 2) * stats.sem(few)
    assert compare.interval(few) == pytest.approx((few.mean() - half, few.mean() + half))
    high = stats.bootstrap((many,), np.mean, rng=np.random.default_rng(0)).confidence_interval.high
    assert compare.interval(many)[1] == pytest.approx(high, rel=0.01)
    assert compare.interval(many)[1] > many.mean() + 1.01 * 1.972 * stats.sem(many)


def test_similar_asks_for_an_interval_inside_not_for_a_small_mean():
    assert inference.similar(sample(0.0, 0.02))
    assert not inference.similar(sample(0.0, 0.2))
    assert not inference.similar(sample(0.048, 0.01))


def test_runs_that_all_agree_have_an_interval_of_one_point():
    assert compare.interval([0.3, 0.3, 0.3]) == (0.3, 0.3)
    assert inference.compare_all({"pair": [0.3, 0.3, 0.3]})["pair"].verdict == "worse"


@pytest.mark.parametrize("bad", [[0.1], [], [0.1, np.nan], [0.1, np.inf]])
def test_too_few_runs_or_diverged_ones_are_refused(bad):
    with pytest.raises(ValueError, match="pair must be two finite differences or more"):
        inference.compare_all({"pair": bad})


def test_width_counts_decades_and_leaves_out_the_diverged():
    finals = pd.Series({1e-3: 0.9, 1e-2: 0.32, 1e-1: 0.30, 1.0: 0.31, 10.0: np.inf})
    assert compare.good_range(finals) == (1e-2, 1.0)
    assert compare.sensitivity_width(finals) == pytest.approx(2.0)
    assert compare.sensitivity_width(finals, factor=1.0) == 0.0


@pytest.fixture(scope="module")
def recorded():
    return Results("fig1-mnist", ROOT / "data" / "results").rows()


def test_control_adagrad_with_a_tenth_of_its_step_size_is_found_worse(recorded):
    fresh = recorded[recorded["seed"] >= 3]
    tuned = compare.best(recorded[recorded["seed"] < 3], "AdaGrad")
    slow = tuned._replace(alpha=float(f"{tuned.alpha / 10:g}"))
    ratio = compare.log_ratios(fresh, slow, tuned)
    assert inference.compare_all({"slow over tuned": ratio})["slow over tuned"].verdict == "worse"


def test_control_adam_is_similar_to_itself_with_other_seeds(recorded):
    tuned = compare.best(recorded[recorded["seed"] < 3], "Adam")
    final = compare.final_cost(compare.curve(recorded[recorded["seed"] >= 3], tuned).T)
    half = len(final) // 2
    ratio = np.log(final[:half] / final[half : 2 * half])
    assert inference.compare_all({"Adam over Adam": ratio})["Adam over Adam"].verdict == "similar"


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5])
def test_a_family_s_level_out_of_range_is_refused(level):
    with pytest.raises(ValueError, match=r"^level must lie in \(0, 1\), got "):
        inference.differing({"A": [1.0, 2.0], "B": [1.0, 3.0]}, level)


@pytest.mark.parametrize("level", [0.5, 1.0, 0.2])
def test_a_level_at_which_two_tests_ask_for_nothing_is_refused(level):
    with pytest.raises(ValueError, match=r"^level must lie in \(0.5, 1\), got "):
        inference.similar([0.0, 0.01], level=level)
