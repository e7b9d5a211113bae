"""The pictures of convergence draw what they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures import convergence as draw


def drawn(ax):
    """The lines of an axes, by label: (x, y)."""
    return {line.get_label(): np.array(line.get_data()) for line in ax.lines}


def test_violation_draws_regret_bound_and_averages():
    fig = draw.violation([1, 2], [3.0, 9.0], [5.0, 6.0], [10, 20], [2.0, 1.0], [4.0, 0.5], 0.7)
    left, right = (drawn(ax) for ax in fig.axes)
    np.testing.assert_array_equal(left["regret $R(T)$"], [[1, 2], [3, 9]])
    np.testing.assert_array_equal(left["claimed bound"], [[1, 2], [5, 6]])
    np.testing.assert_array_equal(right["$R(T)/T$"], [[10, 20], [2, 1]])
    np.testing.assert_array_equal(right["claimed bound / $T$"], [[10, 20], [4, 0.5]])
    assert right["proved lower bound"][1].tolist() == [0.7, 0.7]


def test_iterates_are_drawn_in_a_panel_a_rule():
    fig = draw.iterates([1, 2], {"Adam": {"a": [0.0, 1.0]}, "AMSGrad": {"a": [0.0, -1.0]}}, -1.0)
    np.testing.assert_array_equal(drawn(fig.axes[0])["a"], [[1, 2], [0, 1]])
    np.testing.assert_array_equal(drawn(fig.axes[1])["a"], [[1, 2], [0, -1]])
    assert drawn(fig.axes[1])["best point"][1].tolist() == [-1, -1]


def test_a_regret_and_its_bound_share_a_colour():
    curves = {"R": [1.0, 2.0], "bound on R": [3.0, 4.0], "S": [5.0, 6.0]}
    (ax,) = draw.regrets([10, 20], curves, [7.0, 8.0]).axes
    lines = drawn(ax)
    for label, values in {**curves, "trivial bound": [7.0, 8.0]}.items():
        np.testing.assert_array_equal(lines[label], [[10, 20], values])
    regret, bound, other, _ = ax.lines
    assert regret.get_color() == bound.get_color() != other.get_color()
    assert regret.get_linestyle() != bound.get_linestyle()
