"""The pictures of chapter 3 show the numbers they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures.look import COLOURS, lines
from adambook.figures.step_sizes import cost_by_step_size, images, on_log_axes

K = np.arange(1.0, 5.0)


def test_curves_have_the_colour_of_their_rule_and_a_style_of_their_own():
    own, again = (style["linestyle"] for style in lines(["AdaGrad", "AdaGrad, again"]))
    assert own != again
    left, right = on_log_axes(
        K, {"p": {"AdaGrad": K, "AdaGrad, again": 2 * K}, "q": {"Adam": K}}, xlabel="t", ylabel="y"
    ).axes
    first, second = left.get_lines()
    assert list(first.get_ydata()) == list(K)
    assert list(second.get_ydata()) == list(2 * K)
    assert first.get_color() == second.get_color() == COLOURS["AdaGrad"]
    assert right.get_lines()[0].get_color() == COLOURS["Adam"]


def test_images_show_logarithms_and_leave_zero_white():
    left, right = images({"a": [[1.0, 0.0]], "b": [[0.01, np.inf]]}).axes[:2]
    np.testing.assert_equal(np.ma.filled(left.images[0].get_array(), np.nan), [[0, np.nan]])
    np.testing.assert_equal(np.ma.filled(right.images[0].get_array(), np.nan), [[-2, np.nan]])


def test_costs_above_guessing_are_drawn_on_it():
    centred = {"RMSPropCentred": [0.5, 3.0, np.nan, np.inf]}
    left, right = cost_by_step_size(K, {"a": centred, "b": {"SGD": K / 4}}, 2.0).axes
    (line,) = left.get_lines()
    assert list(line.get_ydata()) == [0.5, 2, 2, 2]
    assert line.get_color() == COLOURS["RMSProp"]
    assert list(right.get_lines()[0].get_ydata()) == list(K / 4)
