"""Statistics over panels: against counted cases, tables in print and what resampling must show."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare

from adambook.ledger.panels import CONVEX
from adambook.ledger.ranks import (
    above_the_best,
    chance_of_improvement,
    critical_difference,
    final_logs,
    friedman,
    mean_ranks,
    middle_half_mean,
    panels_needed,
)
from adambook.ledger.records import Records


def panels(*costs, seeds=6, noise=0.01):
    """Log costs of A, B and C in several panels."""
    rng = np.random.default_rng(0)
    return {
        f"panel {i}": pd.DataFrame(
            np.array(row) + noise * rng.standard_normal((seeds, 3)), columns=list("ABC")
        )
        for i, row in enumerate(costs)
    }


def test_perfect_agreement_of_four_panels_has_one_chance_in_216():
    assert friedman(4, [1, 2, 3]) == pytest.approx(6 / 6**4)
    assert friedman(4, [2, 2, 2]) == 1.0


def test_counted_chance_is_that_of_all_orders_one_by_one():
    panels = [np.mean(orders, axis=0) for orders in product(permutations((1, 2, 3)), repeat=3)]
    apart = [((ranks - 2) ** 2).sum() for ranks in panels]
    for ranks, own in zip(panels[:36], apart[:36], strict=True):
        as_far = np.mean([other >= own - 1e-9 for other in apart])
        assert friedman(3, ranks) == pytest.approx(as_far)


def test_counted_chance_goes_to_the_chi_square_one():
    rng = np.random.default_rng(1)
    scores = rng.standard_normal((12, 3)) + [0.0, 0.5, 1.0]
    ranks = pd.DataFrame(scores).rank(axis=1).mean()
    assert abs(friedman(12, ranks) - friedmanchisquare(*scores.T).pvalue) < 0.05


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (3, 2.343), (5, 2.728)])
def test_critical_difference_has_the_tabled_quantiles(k, q):
    """Demšar (2006), table 5."""
    assert critical_difference(10, k) == pytest.approx(q * np.sqrt(k * (k + 1) / 60), abs=1e-3)


def test_ranks_see_an_order_and_not_by_how_much():
    near, far = panels([0.0, 0.1, 0.2]), panels([0.0, 5.0, 9.0])
    assert mean_ranks(near) == mean_ranks(far) == {"A": 1.0, "B": 2.0, "C": 3.0}
    assert mean_ranks(panels([0.0, 0.1, 0.2], [0.2, 0.1, 0.0])) == {"A": 2.0, "B": 2.0, "C": 2.0}


def test_chance_of_improvement_is_one_half_for_equals_and_one_for_the_better():
    found = chance_of_improvement(panels([0.0, 0.0, 1.0], [0.0, 0.0, 1.0], seeds=40), "A")
    assert found["B"].low < 0.5 < found["B"].high
    assert found["C"] == (1.0, 1.0, 1.0)


def test_a_wild_run_moves_the_mean_and_not_the_middle_half():
    values = [0.0, 0.1, 0.2, 0.3, 0.2, 0.1, 0.0, 0.2]
    assert middle_half_mean([*values[:-1], 100.0]) == pytest.approx(middle_half_mean(values))
    found = above_the_best(panels([0.0, 0.1, 0.5]))
    assert found["A"].low < 0.02 < found["B"].low < found["B"].high < found["C"].low


def test_panels_without_runs_are_left_out():
    assert final_logs(Records({}), "tuned") == {}
    recorded = final_logs(Records(), "tuned", CONVEX)
    assert len(recorded) == len(CONVEX)
    assert all(len(table) >= 2 and "Adam" in table for table in recorded.values())


@pytest.mark.parametrize("ranks", [[np.nan, 1, 2], [5, 1], [1, 1, 1]])
def test_ranks_with_a_sum_that_ranks_cannot_have_are_refused(ranks):
    with pytest.raises(ValueError, match=r"^ranks must sum to k \(k \+ 1\)/2, here "):
        friedman(2, ranks)


@pytest.mark.parametrize("panels", [0, -1])
def test_no_panel_has_no_chance(panels):
    with pytest.raises(ValueError, match="^panels must be at least 1, got "):
        friedman(panels, [1, 2])


@pytest.mark.parametrize(("panels", "optimizers"), [(0, 3), (10, 1)])
def test_a_difference_needs_a_panel_and_two_optimizers(panels, optimizers):
    with pytest.raises(ValueError, match="^panels must be at least 1 and optimizers at least 2"):
        critical_difference(panels, optimizers)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_of_ranks_out_of_range_is_refused(level):
    with pytest.raises(ValueError, match=r"^level must lie in \(0, 1\), got "):
        critical_difference(10, 3, level)


@pytest.mark.parametrize("k", [2, 3, 40])
def test_the_panels_needed_are_the_first_with_a_difference_below_one(k):
    n = panels_needed(k)
    assert critical_difference(n, k) < 1 <= critical_difference(n - 1, k)


def test_a_middle_half_of_nothing_is_refused():
    with pytest.raises(ValueError, match="^values must be an array of 1 axis"):
        middle_half_mean([])


def test_two_runs_that_diverged_are_a_tie():
    table = pd.DataFrame({"A": [np.inf, np.inf], "B": [np.inf, np.inf], "C": [0.1, 0.2]})
    found = chance_of_improvement({"one": table}, "A")
    assert found["B"].value == 0.5 and found["C"].value == 0.0


def test_no_panel_and_an_optimizer_that_is_not_there_are_refused():
    with pytest.raises(ValueError, match="^finals must hold one panel or more"):
        above_the_best({})
    with pytest.raises(ValueError, match="^first must be one of the optimizers of every panel"):
        chance_of_improvement(panels([0.0, 0.1, 0.2]), "D")
