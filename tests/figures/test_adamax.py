"""Chapter 7's figures draw what they are given."""

import numpy as np
import pytest

from adambook.figures import adamax


def test_norms_draws_the_limit_and_leaves_out_what_is_not_finite():
    p, values = np.array([2.0, 4.0, 8.0]), {"naive": [1.0, np.inf, np.nan], "safe": [1.0, 2.0, 2.1]}
    (ax,) = adamax.norms(p, values, 2.2).axes
    limit, naive, safe = ax.lines
    assert set(limit.get_ydata()) == {2.2}
    np.testing.assert_array_equal(naive.get_ydata(), [1.0, np.nan, np.nan])
    np.testing.assert_array_equal(safe.get_ydata(), values["safe"])
    np.testing.assert_array_equal(safe.get_xdata(), p)


def test_denominators_draws_two_standard_errors_each_way():
    t, exact = np.array([1, 10]), np.array([0.8, 1.9])
    means, errors = {"AdaMax": np.array([0.81, 1.88])}, {"AdaMax": np.array([0.01, 0.02])}
    (ax,) = adamax.denominators(t, means, errors, exact).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), exact)
    points, _, (bars,) = ax.containers[0].lines
    np.testing.assert_array_equal(points.get_ydata(), means["AdaMax"])
    (low, high) = bars.get_segments()[1][:, 1]
    assert (low, high) == pytest.approx((1.84, 1.92))


def test_bounds_draws_one_line_a_setting_from_step_one():
    (ax,) = adamax.bounds({"a": [1.0, 1.5], "b": [1.0, 2.0]}).axes
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [1, 2])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [1.0, 2.0])
    assert set(ax.lines[2].get_ydata()) == {1}
