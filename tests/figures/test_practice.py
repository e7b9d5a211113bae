"""Chapter 16's figures draw what they are given."""

import numpy as np
import pandas as pd

from adambook.figures import practice
from adambook.practice import RangeTest


def test_schedules_have_a_panel_each_and_no_empty_one():
    fig = practice.schedules({"a": [1.0, 0.5], "b": [1.0, 1.0], "c": [0.0, 1.0], "d": [0.2, 0.1]})
    shown = [ax for ax in fig.axes if ax.get_visible()]
    assert [ax.get_title(loc="left") for ax in shown] == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(shown[3].lines[0].get_ydata(), [0.2, 0.1])
    np.testing.assert_array_equal(shown[3].lines[0].get_xdata(), [1, 2])


def test_range_tests_mark_the_lowest_point_and_the_best_run():
    alphas, losses = np.array([0.1, 0.2]), np.array([2.0, 1.0])
    (ax,) = practice.range_tests(
        {"net": RangeTest(alphas, losses, losses, 0.2)}, {"net": 0.05}
    ).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), losses)
    assert set(ax.lines[2].get_xdata()) == {0.2} and set(ax.lines[3].get_xdata()) == {0.05}


def test_curves_stand_against_examples():
    panels = {"rule": {"1": ([8, 16], [2.0, 1.0])}, "other": {"1": ([8, 16], [2.0, 1.5])}}
    left, right = practice.against_examples(panels, "loss").axes
    np.testing.assert_array_equal(left.lines[0].get_xdata(), [8, 16])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [2.0, 1.5])


def test_a_sweep_draws_every_curve():
    (ax,) = practice.sweep([1, 2], {"a": [3, 4], "b": [5, 6]}, "x", "y").axes
    assert [line.get_label() for line in ax.lines] == ["a", "b"]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [5, 6])


def test_magnitudes_leave_zeros_out_and_put_a_power_of_two_in_its_bin():
    (ax,) = practice.magnitudes(
        {"g": [0.0, 2.0**-10, -(2.0**-10), 2.0**3]}, {"least": 2.0**-24}
    ).axes
    corners = ax.patches[0].get_xy()
    highest = corners[corners[:, 1] == corners[:, 1].max()]
    np.testing.assert_array_equal(np.unique(highest[:, 0]), [-10, -9])
    assert highest[0, 1] == 2 / 3
    assert set(ax.lines[0].get_xdata()) == {-24}


def test_recipes_join_the_two_runs_of_a_seed():
    ends = pd.DataFrame(
        {"network": "dense", "seed": [1, 1], "recipe": [False, True], "cost": [0.5, 0.1]}
    )
    (ax,) = practice.recipes(ends, ["dense"], {"cost": "training"}).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [0.5, 0.1])
    assert [line.get_ydata()[0] for line in ax.lines[1:]] == [0.5, 0.1]
