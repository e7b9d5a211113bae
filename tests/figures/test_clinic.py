"""Chapter 17's figure draws what the logs hold."""

import numpy as np
import pandas as pd
import pytest

from adambook.figures import clinic


def log(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.RangeIndex(1, n + 1, name="t"))


def test_each_quantity_has_a_row_with_sick_on_the_left_and_cured_on_the_right():
    sick, cured = log(loss=[1.0, 2.0], step=[3.0, 4.0]), log(loss=[1.0, 0.5], step=[3.0, 1.0])
    fig = clinic.pair(sick, cured, {"loss": ["loss"], "size": ["step"]}, log=["loss"])
    assert [ax.get_title(loc="left") for ax in fig.axes] == [
        "sick: loss",
        "cured: loss",
        "sick: size",
        "cured: size",
    ]
    for ax, frame in zip(fig.axes, (sick, cured), strict=False):
        np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 2])
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), frame["loss"])
        assert ax.get_yscale() == "log"
    assert fig.axes[2].get_yscale() == "linear"
    assert fig.axes[0].get_ylim() == fig.axes[1].get_ylim()


@pytest.mark.parametrize(("losses", "named"), [([0.18, 3], ["0.2", "0.5", "2"]), ([1e-4, 1], [])])
def test_within_less_than_two_powers_of_ten_heights_between_them_are_named(losses, named):
    left, _ = clinic.pair(log(loss=losses), log(loss=losses), {"l": ["loss"]}, log=["l"]).axes
    low, high = left.get_ylim()
    heights = [y for y in left.yaxis.get_minorticklocs() if low < y < high]
    words = left.yaxis.get_minor_formatter().format_ticks(heights)
    assert [word for word in words if word] == named


def test_what_is_not_finite_is_hatched_and_said():
    sick, cured = log(loss=[1.0, np.inf, np.nan]), log(loss=[1.0, 0.5, 0.2])
    left, right = clinic.pair(sick, cured, {"loss": ["loss"]}).axes
    assert [text.get_text() for text in left.texts] == ["not finite"]
    assert left.patches[0].get_x() == 2
    assert not right.texts and not right.patches


def test_marks_and_another_axis_are_drawn():
    sick = cured = log(loss=[1.0, 0.5], examples=[8, 16])
    left, _ = clinic.pair(sick, cured, {"loss": ["loss"]}, x="examples", marks={"end": 12}).axes
    np.testing.assert_array_equal(left.lines[0].get_xdata(), [8, 16])
    assert set(left.lines[1].get_xdata()) == {12}
    assert left.get_xlabel() == "examples"


def test_a_quantity_that_one_log_does_not_have_is_said_to_be_missing():
    left, right = clinic.pair(log(loss=[1.0]), log(scale=[8.0]), {"factor": ["scale"]}).axes
    assert [text.get_text() for text in left.texts] == ["not used"]
    assert not left.lines and not right.texts
