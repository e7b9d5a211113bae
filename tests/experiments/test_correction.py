"""Figure 4 and the start-up factor: predictions from the corrected side alone, limits, gaps."""

import numpy as np
import pandas as pd
import pytest

from adambook.experiments import correction
from adambook.experiments.fig4 import ALPHAS, POINT, paper_losses
from adambook.theory import uncorrected_mean, uncorrected_peak

CELLS = [(b1, b2) for b1 in (0.0, 0.9) for b2 in (0.99, 0.999, 0.9999)]


def made(corrected, uncorrected, cells=CELLS):
    """Points whose losses are functions of (cell, α)."""
    rows = [
        (*cell, alpha, side, f(cell, alpha))
        for cell in cells
        for alpha in ALPHAS
        for side, f in ((True, corrected), (False, uncorrected))
    ]
    return pd.DataFrame(rows, columns=[*POINT, "loss"])


def bowl(alpha):
    """A loss linear in ln α on both sides of its best step size, 1e-2, and unusable beyond."""
    return 100 + 5 * np.log(1e-2 / alpha) if alpha <= 1e-2 else 1000.0


def test_a_grid_that_follows_the_law_is_predicted_exactly():
    def faster(cell, alpha):
        return bowl(alpha * uncorrected_mean(*cell, 5000))

    found = correction.predictions(made(lambda cell, alpha: bowl(alpha), faster), epochs=10)
    assert len(found) > 12
    np.testing.assert_allclose(found["predicted"], found["uncorrected"], rtol=1e-12)


def test_predictions_do_not_look_at_the_uncorrected_losses():
    points = made(lambda cell, alpha: bowl(alpha), lambda cell, alpha: 100.0)
    other = made(lambda cell, alpha: bowl(alpha), lambda cell, alpha: 130.0)
    one, two = (correction.predictions(p, epochs=10)["predicted"] for p in (points, other))
    pd.testing.assert_series_equal(one, two)


def test_points_whose_first_steps_are_too_long_are_left_out():
    found = correction.predictions(made(lambda c, a: bowl(a), lambda c, a: 100.0), epochs=10)
    longest = [
        row.alpha * uncorrected_peak(row.beta1, row.beta2).value for row in found.itertuples()
    ]
    assert max(longest) <= 1e-2
    assert (found["alpha"] * found["mean_factor"]).max() <= 1e-2


def test_the_true_ratio_of_two_limits_lies_between_the_bounds():
    rng = np.random.default_rng(0)
    for limit, other in 10 ** rng.uniform(-4.4, -2, (50, 2)):
        points = made(
            lambda c, a, limit=limit: 100.0 if a <= limit else np.inf,
            lambda c, a, other=other: 100.0 if a <= other else 200.0,
            cells=[(0.9, 0.999)],
        )
        found = correction.limits(points).iloc[0]
        assert found["low"] < limit / other < found["high"]
        assert found["inside"] == (found["low"] <= found["peak"] <= found["high"])


def test_a_cell_without_a_usable_point_on_one_side_has_no_ratio():
    assert correction.limits(made(lambda c, a: 100.0, lambda c, a: 1000.0)).empty


def test_the_gap_is_of_the_means_over_seeds_and_diverged_runs_have_none():
    points = made(
        lambda c, a: 100.0, lambda c, a: 90.0 if a < 1e-3 else np.inf, cells=[(0.9, 0.99)]
    )
    both = pd.concat([points.assign(seed=0), points.assign(seed=1, loss=points["loss"] + 2)])
    found = correction.gaps(both)
    assert found["alpha"].tolist() == [3e-5, 1e-4, 3e-4]
    assert found["gap"].tolist() == [-10.0] * 3


def test_a_side_without_a_finite_loss_is_infinitely_worse():
    best = correction.best_of_each(made(lambda c, a: 100.0 + a, lambda c, a: np.inf))
    assert (best["gap"] == np.inf).all() and len(best) == 6


def test_the_statements_of_a_grid_in_which_the_correction_never_hurts():
    found = correction.statements(made(lambda c, a: 100.0 + a, lambda c, a: 101.0 + a))
    assert found.startswith("1. of 42 pairs 0 are better without by over a nat,")
    assert "most by 0.0 nats" in found and "0 of 6 cells are, most by 0.0" in found
    assert "corrected with beta2 > 0.99: 100.0; of all others: 100.0" in found
    assert found.endswith("corrected: 14 14 14; not: 14 14 14")


def test_the_statements_name_the_point_that_speaks_most_against_the_paper():
    def better(cell, alpha):
        return 80.0 if (*cell, alpha) == (0.0, 0.999, 1e-4) else 150.0

    found = correction.statements(made(lambda c, a: 100.0, better))
    assert "1 are better without by over a nat" in found
    assert "most by 20.0 nats, at beta1 0, beta2 0.999, alpha 0.0001" in found
    assert "of all others: 80.0" in found
    assert "1 of 6 cells are, most by 20.0 nats" in found


def test_points_in_the_frame_on_one_side_only_are_counted_as_odd():
    points = made(lambda c, a: 100.0, lambda c, a: 100.0, cells=[(0.9, 0.99)])
    paper = points[(points["alpha"] < 1e-2) | points["corrected"]]
    found = correction.nearness(points, paper).set_index("corrected")
    assert found["odd"].to_dict() == {True: 0, False: 2}
    assert found["points"].to_dict() == {True: 7, False: 5}
    assert (found["grade"] == "A").all()


def test_whole_cells_leaves_out_a_cell_that_is_still_running():
    points = made(lambda c, a: 1.0, lambda c, a: 2.0)
    running = points[
        ~((points["beta1"] == 0.9) & (points["beta2"] == 0.999) & (points["alpha"] > 0.02))
    ]
    left = correction.whole_cells(running)
    assert left.groupby(["beta1", "beta2"]).ngroups == 5
    assert (0.9, 0.999) not in set(zip(left["beta1"], left["beta2"], strict=True))


@pytest.mark.parametrize("epochs", [10, 100])
def test_on_the_papers_own_points_the_law_is_nearer_than_no_change(epochs):
    found = correction.predictions(paper_losses(epochs), epochs)
    law = (found["uncorrected"] - found["predicted"]).abs().mean()
    none = (found["uncorrected"] - found["corrected"]).abs().mean()
    assert law < 0.7 * none


def test_the_width_of_each_side_is_its_own_and_a_cell_with_one_side_alone_has_none():
    points = made(
        lambda c, a: 100.0 if a <= 1e-3 else 106.0,
        lambda c, a: np.inf if c[0] == 0.0 else 104.9 if a < 1e-3 else 100.0,
    )
    found = correction.widths(points)
    assert set(found["beta1"]) == {0.9} and len(found) == 3
    assert np.allclose(found["corrected"], np.log10(1e-3 / min(ALPHAS)))
    assert np.allclose(found["uncorrected"], np.log10(max(ALPHAS) / min(ALPHAS)))


def test_a_point_is_in_the_frame_if_the_mean_of_its_seeds_is():
    """One seed below 140 nats and one far above are no usable step size."""
    rows = [(0.9, 0.99, 1e-3, True, loss) for loss in (138.0, 150.0)]
    rows += [(0.9, 0.99, 1e-3, False, loss) for loss in (138.0, 141.0)]
    text = correction.statements(pd.DataFrame(rows, columns=[*correction.POINT, "loss"]))
    assert "corrected: 0; not: 1" in text.splitlines()[-1]
