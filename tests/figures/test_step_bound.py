"""Chapter 5's figures draw what they are given."""

import numpy as np

from adambook.figures import step_bound


def test_growth_draws_the_bound_the_run_and_the_papers_bound():
    sizes, bounds = np.array([1.0, 1.1, 1.2]), np.array([1.0, 1.3, 1.5])
    (ax,) = step_bound.growth(sizes, bounds, 3.16).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), bounds)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), sizes)
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [1, 2, 3])
    assert set(ax.lines[2].get_ydata()) == {3.16}


def test_regimes_draws_one_labelled_line_a_pair():
    bounds = {"one": [1.0, 1.0], "two": [1.0, 2.0, 4.0]}
    (ax,) = step_bound.regimes(bounds).axes
    assert [line.get_label() for line in ax.lines] == ["one", "two"]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), bounds["two"])


def test_sequences_puts_the_last_step_at_zero():
    left, right = step_bound.sequences({"spike": [0, 0, 1]}, {"spike": [0, 0, 3]}, 3.16).axes
    np.testing.assert_array_equal(left.lines[0].get_xdata(), [-2, -1, 0])
    np.testing.assert_array_equal(left.lines[0].get_ydata(), [0, 0, 1])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [0, 0, 3])
    assert set(right.lines[1].get_ydata()) == {3.16}


def test_loss_spike_draws_the_loss_before_and_the_size_of_each_step():
    left, right = step_bound.loss_spike({"run": [2.0, 5.0, 1.0]}, {"run": [3.0, 1.0, 0.5]}).axes
    np.testing.assert_array_equal(left.lines[0].get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(left.lines[0].get_ydata(), [2.0, 5.0, 1.0])
    np.testing.assert_array_equal(right.lines[0].get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [3.0, 1.0, 0.5])


def test_shares_above_counts_the_steps_that_are_strictly_larger():
    (ax,) = step_bound.shares_above({"run": [[0.0, 1.0], [2.0, 3.0]]}, {"mark": 4.0}).axes
    x, share = ax.lines[0].get_data()
    for at, expected in [(0.0, 0.75), (0.7, 0.75), (1.5, 0.5), (2.5, 0.25)]:
        assert share[np.argmin(abs(x - at))] == expected
    assert np.isnan(share[-1])
    assert set(ax.lines[1].get_xdata()) == {4.0}


def test_bound_map_holds_every_bound_and_hides_the_infinite_ones():
    betas = np.array([0.5, 0.9])
    bounds = np.array([[1.0, np.inf], [3.0, 1.0]])
    ax = step_bound.bound_map(betas, betas, bounds).axes[0]
    drawn = ax.collections[0].get_array()
    np.testing.assert_array_equal(drawn.mask, np.isinf(bounds))
    assert drawn[1, 0] == 3.0
    valley, wall = ax.lines[0], ax.lines[1]
    np.testing.assert_allclose(valley.get_xdata(), valley.get_ydata())
    np.testing.assert_allclose(wall.get_ydata(), 1 - betas**2)
