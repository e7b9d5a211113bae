"""Chapter 11's figures draw what they are given."""

import numpy as np
import pandas as pd

from adambook.figures import convolutional_networks as figures
from adambook.figures.look import COLOURS

PAPERS = {c: {"Adam": pd.Series([2.0, 1.0])} for c in ("plain", "dropout")}


def test_without_rows_the_papers_curves_have_their_colours_and_the_key():
    fig = figures.over_the_papers(PAPERS, {"plain": {}, "dropout": {}})
    assert len(fig.axes) == 4
    for ax in fig.axes:
        assert [line.get_color() for line in ax.lines] == [COLOURS["Adam"]]
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2.0, 1.0])
    assert [text.get_text() for text in fig.legends[0].texts] == ["Adam"]


def test_with_rows_the_papers_curves_are_black_and_ours_the_mean_over_seeds_with_its_band():
    ours = {"plain": {"Adam": pd.DataFrame({0: [2.2, 1.0], 1: [2.4, 1.2], 2: [2.0, 0.5]})}}
    fig = figures.over_the_papers(PAPERS, ours)
    start, other, whole, _ = fig.axes
    for ax in (start, whole):
        paper, mean = ax.lines[:2]
        assert (paper.get_color(), mean.get_color()) == (COLOURS["paper"], COLOURS["Adam"])
        np.testing.assert_allclose(mean.get_ydata(), [2.2, 0.9])
        band = ax.collections[0].get_paths()[0].vertices
        assert set(band[band[:, 0] == 1][:, 1].round(9)) == {0.5, 1.2}
    assert len(other.lines) == 1
    assert (start.get_yscale(), whole.get_yscale()) == ("linear", "log")
    assert [text.get_text() for text in fig.legends[0].texts] == ["Adam", "the paper's"]


def test_the_start_shows_the_epochs_of_all_seeds_and_the_whole_the_seeds_of_all_epochs():
    seeds = pd.DataFrame({0: [2.2, 1.0, np.nan], 1: [2.4, 1.2, np.nan], 2: [2.0, 0.8, 0.1]})
    fig = figures.over_the_papers(PAPERS, {"plain": {"Adam": seeds}})
    start, _, whole, _ = fig.axes
    assert list(start.lines[1].get_xdata()) == [0, 1]
    np.testing.assert_allclose(start.lines[1].get_ydata(), [2.2, 1.0])
    np.testing.assert_array_equal(whole.lines[1].get_ydata(), [2.0, 0.8, 0.1])


def test_pictures_of_a_row_share_one_scale():
    row = np.arange(8.0).reshape(2, 2, 2)
    fig = figures.pictures({"raw": row, "white": row - 4})
    images = [ax.get_images()[0] for ax in fig.axes]
    assert [image.get_clim() for image in images] == [(0, 7)] * 2 + [(-4, 3)] * 2
    assert [text.get_text() for text in fig.texts] == ["raw", "white"]


def test_a_notebook_shows_the_whole_of_every_title():
    fig = figures.pictures({"one": np.eye(2)[None], "two": np.eye(2)[None]})
    fig.canvas.draw()
    shown = fig.get_tightbbox()
    for text in fig.texts:
        box = text.get_window_extent().transformed(fig.dpi_scale_trans.inverted())
        assert shown.x0 <= box.x0 and box.y1 <= shown.y1


def test_a_long_title_does_not_push_the_pictures_of_its_row_apart():
    fig = figures.pictures({"a title longer than a picture is wide": np.ones((3, 2, 2))})
    fig.canvas.draw()
    lefts = [ax.get_position().x0 for ax in fig.axes]
    np.testing.assert_allclose(lefts[1] - lefts[0], lefts[2] - lefts[1])


def test_every_layer_has_a_curve_and_epsilon_lies_where_it_is():
    fig = figures.roots(pd.DataFrame({"a": [1e-3, 1e-4], "b": [1e-2, 1e-3]}), 1e-8)
    lines = fig.axes[0].lines
    assert [list(line.get_xdata()) for line in lines[:2]] == [[1, 2]] * 2
    assert [line.get_ydata()[0] for line in lines[2:]] == [1e-8, 1e-7]


def test_each_optimizer_has_a_panel_with_a_line_for_each_step_size_over_the_papers():
    paper = {name: pd.Series([2.3, 0.1]) for name in ("Adam", "Nesterov")}
    ours = {
        "Nesterov": {0.01: pd.Series([2.2, 0.4]), 0.03: pd.Series([2.1, 0.3])},
        "Adam": {1e-4: pd.Series([2.0, 0.2])},
    }
    momentum, adam = figures.step_sizes(paper, ours).axes
    keys = [[text.get_text() for text in ax.get_legend().get_texts()] for ax in (momentum, adam)]
    assert keys == [["the paper's", "α = 0.03", "α = 0.01"], ["the paper's", "α = 0.0001"]]
    assert [list(line.get_ydata()) for line in momentum.lines] == [
        [2.3, 0.1],
        [2.1, 0.3],
        [2.2, 0.4],
    ]
    assert [line.get_linestyle() for line in momentum.lines][1] == "-"
    assert (adam.get_title(loc="left"), adam.get_yscale()) == ("Adam", "log")
    assert adam.lines[1].get_color() == COLOURS["Adam"]
