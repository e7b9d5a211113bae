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
