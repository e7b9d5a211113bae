"""The pictures of chapter 1 show the numbers they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures.contours import paths_on_contours
from adambook.figures.gradient_descent import (
    curvature_of_pixels,
    factor_by_step,
    noise_by_batch,
    settling,
    steps_by_condition,
    three_ways,
)
from adambook.problems import ravine

K = np.arange(1.0, 5.0)


def drawn(ax):
    return [list(line.get_ydata()) for line in ax.get_lines()]


def test_noise_shows_formula_and_measurement():
    (ax,) = noise_by_batch(K, 1 / K, 2 / K).axes
    assert drawn(ax) == [(1 / K).tolist(), (2 / K).tolist()]


def test_three_ways_places_the_same_costs_at_epochs_and_at_updates():
    left, right = three_ways({"a": K, "b": K / 2}, {"a": 1, "b": 10}).axes
    assert drawn(left) == [K.tolist(), (K / 2).tolist()]
    assert drawn(right) == [K[1:].tolist(), (K[1:] / 2).tolist()]
    assert right.get_lines()[1].get_xdata().tolist() == [10, 20, 30]


def test_settling_draws_a_level_only_where_there_is_one():
    (ax,) = settling(K, {"a": K, "b": K / 2}, {"b": 0.5}).axes
    assert drawn(ax) == [K.tolist(), (K / 2).tolist(), [0.5, 0.5]]


def test_factor_marks_the_worse_of_the_two():
    (ax,) = factor_by_step(K, {"a": K, "b": K[::-1]}, best=2.0).axes
    assert drawn(ax)[2] == np.maximum(K, K[::-1]).tolist()
    assert ax.get_lines()[3].get_xdata()[0] == 2.0


def test_steps_pairs_line_and_dots():
    (ax,) = steps_by_condition(K, {"SGD": K}, {"SGD": 3 * K}).axes
    assert drawn(ax) == [K.tolist(), (3 * K).tolist()]


def test_curvature_shows_logarithms_and_leaves_zero_white():
    left, right, _ = curvature_of_pixels([[1.0, 0.0], [0.1, 0.01]], [1.0, 3.0, 2.0]).axes
    np.testing.assert_allclose(
        np.ma.filled(left.images[0].get_array(), np.nan), [[0, np.nan], [-1, -2]]
    )
    assert drawn(right) == [[3.0, 2.0, 1.0]]


def test_contours_show_each_path_in_its_panel():
    path = np.array([[0.0, 1.0], [1.0, 0.5]])
    left, right = paths_on_contours(ravine(), {"a": {"SGD": path}, "b": {"Adam": 2 * path}}).axes
    np.testing.assert_array_equal(left.get_lines()[0].get_xydata(), path)
    np.testing.assert_array_equal(right.get_lines()[0].get_xydata(), 2 * path)
    assert "a" in (left.get_title(loc="left"), left.get_title())


def test_each_panel_with_several_paths_names_its_own_and_shows_the_first_under_the_others():
    path = np.array([[0.0, 1.0], [1.0, 0.5]])
    panels = {"a": {"SGD": path, "Momentum": path}, "b": {"AdaGrad": path, "Adam": path}}
    fig = paths_on_contours(ravine(), panels, window=((0.0, 2.0), (-1.0, 1.0)))
    for ax, paths in zip(fig.axes, panels.values(), strict=True):
        assert [text.get_text() for text in ax.get_legend().get_texts()] == list(paths)
        first, second = ax.get_lines()[:2]
        assert first.get_linewidth() > second.get_linewidth()
        assert ax.get_xlim() == (0.0, 2.0) and ax.get_ylim() == (-1.0, 1.0)
