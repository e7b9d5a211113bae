"""Chapter 4's figures draw what they are given."""

import numpy as np

from adambook.figures import update_rule


def test_quantities_draws_the_root_of_the_scale_and_every_step():
    g, v, steps = np.array([1.0, -2.0]), np.array([4.0, 9.0]), np.array([-1.0, 0.5])
    mean, scale, step = update_rule.quantities(g, g, g, v, v, steps).axes
    np.testing.assert_array_equal(mean.lines[0].get_ydata(), g)
    np.testing.assert_array_equal(scale.lines[1].get_ydata(), [2.0, 3.0])
    np.testing.assert_array_equal(step.lines[0].get_ydata(), steps)
    np.testing.assert_array_equal(step.lines[0].get_xdata(), [1, 2])


def test_rotation_draws_a_solid_and_a_dotted_path_for_each_optimizer():
    path, loss = np.array([[1.0, 2.0], [0.5, 1.0]]), np.array([1.0, 0.1])
    fig = update_rule.rotation({"Adam": (path, 2 * path)}, {"Adam": (loss, 3 * loss)})
    plane, fall = fig.axes
    np.testing.assert_array_equal(plane.lines[1].get_xdata(), [2.0, 1.0])
    np.testing.assert_array_equal(fall.lines[1].get_ydata(), 3 * loss)
    assert [line.get_linestyle() for line in fall.lines] == ["-", ":"]


def test_scale_and_signal_draw_a_curve_for_each_label():
    x, y = np.array([1e-8, 1.0]), np.array([0.5, 1.0])
    (ax,) = update_rule.scale(x, {"one": y, "two": y / 2}).axes
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), y / 2)
    (ax,) = update_rule.signal(x, {"Adam": y}, {"Adam": 0.229}).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), y)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [0.229, 0.229])
