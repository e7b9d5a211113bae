"""The pictures of bias correction draw what they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures import bias_correction as draw
from adambook.theory import Peak


def drawn(ax):
    """The lines of an axes that carry a label, by label: (x, y)."""
    lines = (line for line in ax.lines if not line.get_label().startswith("_"))
    return {line.get_label(): np.array(line.get_data()) for line in lines}


def test_averages_are_drawn_against_steps_from_one():
    panels = {"a": {"truth": [4.0, 4.0], "mean": [0.4, 0.8]}, "b": {"truth": [1.0, 2.0, 3.0]}}
    fig = draw.averages_of_squares(panels)
    assert [ax.get_title(loc="left") or ax.get_title() for ax in fig.axes] == ["a", "b"]
    np.testing.assert_array_equal(drawn(fig.axes[0])["mean"], [[1, 2], [0.4, 0.8]])
    np.testing.assert_array_equal(drawn(fig.axes[1])["truth"], [[1, 2, 3], [1, 2, 3]])


def test_a_peak_is_marked_where_it_is():
    fig = draw.startup_factor([1, 2, 3], {"h": [3.0, 5.0, 4.0]}, {"h": Peak(2, 5.0)})
    (ax,) = fig.axes
    np.testing.assert_array_equal(drawn(ax)["h"], [[1, 2, 3], [3, 5, 4]])
    marks = [line.get_data() for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(marks, [[[2], [5.0]]])
    assert [text.get_text() for text in ax.texts] == ["5.00 at $t=2$"]


def test_costs_are_drawn_against_step_sizes():
    fig = draw.cost_by_step_size([0.1, 1.0], {"1": {"a": [2.0, 3.0]}, "5": {"a": [1.0, 9.0]}}, 2.3)
    np.testing.assert_array_equal(drawn(fig.axes[1])["a"], [[0.1, 1.0], [1.0, 9.0]])
    assert drawn(fig.axes[0])["guessing"][1].tolist() == [2.3, 2.3]


def test_noise_panels_draw_mean_size_bound_and_limit():
    fig = draw.noise_panels([3, 4], [1.4, 1.2], [0.6, 0.5], [1.0, 1.1], 0.2)
    left, right = fig.axes
    np.testing.assert_array_equal(left.lines[0].get_data(), [[3, 4], [1.4, 1.2]])
    lines = drawn(right)
    assert lines["largest possible"][1].tolist() == [1.0, 1.1]
    assert lines["root mean square"][1].tolist() == [0.6, 0.5]
    assert lines["its limit"][1].tolist() == [0.2, 0.2]


def test_error_by_memory_draws_the_parts_and_the_sum():
    fig = draw.error_by_memory([10, 20], [1.0, 2.0], [3.0, 4.0], [4.0, 6.0], [4.1, 5.9], 15.0)
    lines = drawn(fig.axes[0])
    values = {label: line[1].tolist() for label, line in lines.items()}
    assert values["squared bias"] == [1, 2] and values["variance"] == [3, 4]
    assert values["their sum"] == [4, 6] and values["measured"] == [4.1, 5.9]
    assert lines["predicted best"][0].tolist() == [15, 15]
