"""The pictures of the family draw what they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures import family as draw
from adambook.figures import look


def drawn(ax):
    """The lines of an axes, by label: (x, y)."""
    return {line.get_label(): np.array(line.get_data()) for line in ax.lines}


def test_decay_maps_share_their_colours_and_mark_the_best_cell():
    maps = {"one": [[3.0, 2.0], [1.0, 4.0]], "two": [[0.5, 2.0], [1.0, 4.0]]}
    fig = draw.decay_maps([0.1, 1.0], [0.01, 0.02], maps, worst=3.0)
    one, two = fig.axes[:2]
    np.testing.assert_array_equal(one.collections[0].get_array(), maps["one"])
    x, y = one.collections[0].get_coordinates()[[0, 1, 2], [0, 1, 2]].T  # the cells' corners
    np.testing.assert_allclose(np.sqrt(x[1:] * x[:-1]), [0.1, 1.0])
    np.testing.assert_allclose(np.sqrt(y[1:] * y[:-1]), [0.01, 0.02])
    assert one.collections[0].get_clim() == two.collections[0].get_clim() == (0.5, 3.0)
    assert [float(v[0]) for v in one.lines[0].get_data()] == [0.1, 0.02]
    assert [float(v[0]) for v in two.lines[0].get_data()] == [0.1, 0.01]


def test_sensitivity_draws_a_curve_a_rule_in_its_panel():
    fig = draw.sensitivity([0.1, 1.0], {"a": {"Adam": [1, 2]}, "b": {"NAdam": [3, 4]}})
    np.testing.assert_array_equal(drawn(fig.axes[0])["Adam"], [[0.1, 1.0], [1, 2]])
    np.testing.assert_array_equal(drawn(fig.axes[1])["NAdam"], [[0.1, 1.0], [3, 4]])


def test_steps_count_from_one_beside_alpha():
    (ax,) = draw.steps({"a": {"AdaBelief": [1.0, 2.0, 4.0]}}).axes
    np.testing.assert_array_equal(drawn(ax)["AdaBelief"], [[1, 2, 3], [1, 2, 4]])
    assert list(ax.lines[-1].get_ydata()) == [1, 1]


def test_of_two_curves_of_a_rule_the_second_is_seen_over_the_first_where_they_part():
    first, second = (
        draw.steps({"a": {"AdaBelief, a": [1.0], "AdaBelief, b": [1.0]}}).axes[0].lines[:2]
    )
    assert first.get_linestyle() == "-" != second.get_linestyle()
    assert first.get_color() == second.get_color()


def test_a_rule_keeps_its_own_colour_and_no_two_labels_share_one():
    labels = ["NAdam", "Adam", "RAdam", "SGD"]
    found = [style["color"] for style in look.lines(labels)]
    assert found[1] == look.COLOURS["Adam"] and found[3] == look.COLOURS["SGD"]
    assert len(set(found)) == len(labels)
