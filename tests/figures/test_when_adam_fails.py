"""The pictures of Adam's failures draw what they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures import when_adam_fails as draw


def drawn(ax):
    """The lines of an axes, by label: (x, y)."""
    return {line.get_label(): np.array(line.get_data()) for line in ax.lines}


def test_journeys_are_drawn_in_a_panel_a_problem():
    panels = {"one": {"Adam, a": [0.0, 1.0]}, "two": {"Adam, a": [0.5, -1.0]}}
    fig = draw.journeys([1, 10], panels)
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["one", "two"]
    np.testing.assert_array_equal(drawn(fig.axes[1])["Adam, a"], [[1, 10], [0.5, -1.0]])
    assert drawn(fig.axes[0])["best point"][1].tolist() == [-1, -1]


def test_the_drift_map_has_the_signs_and_the_line_4_over_n_squared():
    fig = draw.drift_map([2, 4, 8], [0.01, 0.1], [[1, -2, 3], [-4, 5, 6]], [0.3, 0.2, 0.1])
    (ax,) = fig.axes
    np.testing.assert_array_equal(ax.collections[0].get_array(), [[1, -1, 1], [-1, 1, 1]])
    np.testing.assert_array_equal(drawn(ax)["$4/n^2$"][1], [1, 0.25, 0.0625])
    np.testing.assert_array_equal(drawn(ax)["exact edge"][1], [0.3, 0.2, 0.1])


def test_cycles_are_drawn_with_their_size():
    left, right = draw.cycles([1, -1], [3, 4, 5], 2.0).axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), [1, -1])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [3, 4, 5])
    assert [line.get_ydata()[0] for line in right.lines[1:]] == [-2, 2]


def test_the_stability_map_draws_radius_and_edge():
    fig = draw.stability([0.1, 0.2], [0.5, 0.9], [[0.5, 1.2], [0.6, 1.1]], [0.15, 0.16])
    ax = fig.axes[0]
    np.testing.assert_array_equal(ax.collections[0].get_array(), [[0.5, 1.2], [0.6, 1.1]])
    np.testing.assert_array_equal(ax.lines[0].get_data(), [[0.15, 0.16], [0.5, 0.9]])


def test_sharpness_and_cost_of_a_run_share_a_colour():
    left, right = draw.sharpnesses([1, 2], {"run": ([0.5, 1.0], [3.0, 2.0])}).axes
    np.testing.assert_array_equal(drawn(left)["run"], [[1, 2], [0.5, 1.0]])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [3.0, 2.0])
    assert left.lines[0].get_color() == right.lines[0].get_color()
    assert drawn(left)["edge of stability"][1].tolist() == [1, 1]


def test_shifts_are_drawn_by_their_size_with_dots_for_measurements():
    (ax,) = draw.shifts([0.1, 0.01], {"a": ([-0.2, -0.02], [-0.1, -0.01])}).axes
    dots, line = ax.lines
    assert dots.get_marker() == "o" and line.get_marker() == "None"
    np.testing.assert_array_equal(dots.get_ydata(), [0.2, 0.02])
    np.testing.assert_array_equal(line.get_ydata(), [0.1, 0.01])


def test_floors_are_drawn_with_dots_for_measurements():
    (ax,) = draw.floors([0.1, 0.01], {"a": ([0.2, 0.06], [0.22, 0.07])}).axes
    dots, line = ax.lines
    np.testing.assert_array_equal(dots.get_data(), [[0.1, 0.01], [0.2, 0.06]])
    np.testing.assert_array_equal(line.get_ydata(), [0.22, 0.07])
