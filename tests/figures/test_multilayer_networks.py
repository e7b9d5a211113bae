"""Chapter 10's figures draw what they are given."""

import numpy as np
import pandas as pd

from adambook.figures import multilayer_networks as figures
from adambook.figures.look import COLOURS


def labels(ax):
    return [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]


def test_the_papers_panels_hold_their_own_curves():
    curve = pd.Series([0.1, 0.05], index=[1, 2])
    fig = figures.the_papers({"Adam": curve, "AdaGrad": curve}, {"SFO": curve})
    assert [labels(ax) for ax in fig.axes] == [["Adam", "AdaGrad"], ["SFO"]]
    assert all(ax.get_yscale() == "log" for ax in fig.axes)


def test_ours_lie_in_colour_over_the_papers_black_which_has_colours_where_ours_are_missing():
    curve = pd.Series([0.1, 0.05], index=[1, 2])
    costs = pd.DataFrame({0: [0.2, 0.1], 1: [0.4, 0.3]}, index=[1, 2])
    fig = figures.over_the_papers(
        {"a": {"Adam": curve}, "b": {"SFO": curve}}, {"a": {"Adam": costs}}
    )
    assert [labels(ax) for ax in fig.axes] == [["Adam", "the paper's"], ["SFO, the paper's"]]
    assert fig.axes[1].lines[0].get_color() == COLOURS["SFO"]
    paper, ours = fig.axes[0].lines[:2]
    assert (paper.get_color(), ours.get_color()) == (COLOURS["paper"], COLOURS["Adam"])
    np.testing.assert_allclose(ours.get_ydata(), [0.3, 0.2])


def test_the_sum_is_the_sum_of_what_is_drawn():
    x = np.linspace(-1, 1, 5)
    fig = figures.two_models(x, {"one": ([x**2, x + 2], [x**2, x + 1], [0.0, 1.0], 0.5)})
    drawn = {line.get_label(): np.asarray(line.get_ydata()) for line in fig.axes[0].lines}
    np.testing.assert_allclose(drawn["$F$"], x**2 + x + 2)
    np.testing.assert_allclose(drawn["$G$"], x**2 + x + 1)
    assert drawn["next point"].size == 2


def test_curves_of_one_optimizer_share_its_colour_and_differ_in_style():
    fig = figures.by_passes({"a": {"Adam, 1": [2.0, 1.0], "Adam, 2": [2.0, 1.5]}}, "cost", low=0.1)
    first, second = fig.axes[0].lines
    assert first.get_color() == second.get_color() == COLOURS["Adam"]
    assert first.get_linestyle() != second.get_linestyle()
    assert list(first.get_xdata()) == [1, 2] and fig.axes[0].get_ylim()[0] == 0.1


def test_many_settings_of_one_optimizer_have_shades_lines_and_marks_of_their_own_and_one_legend():
    curves = {f"SFO, {kept} kept": [2.0, 1.0] for kept in (1, 2, 3, 5, 10)}
    fig = figures.by_passes({"seed 1": curves, "seed 2": curves}, "cost")
    looks = {(line.get_color(), line.get_marker()) for line in fig.axes[0].lines}
    assert len(looks) == len({colour for colour, _ in looks}) == 5
    assert len({line.get_linestyle() for line in fig.axes[0].lines}) > 1
    assert [text.get_text() for text in fig.legends[0].get_texts()] == list(curves)
    assert all(ax.get_legend() is None for ax in fig.axes)


def test_a_step_size_that_was_not_run_is_left_out():
    finals = pd.DataFrame({"Adam": [0.3, np.nan], "SFO": [0.2, 0.1]}, index=[0.1, 1.0])
    fig = figures.troughs(finals, "cost")
    assert [len(line.get_xdata()) for line in fig.axes[0].lines] == [1, 2]
