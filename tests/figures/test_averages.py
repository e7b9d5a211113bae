"""The pictures of chapter 2 show the numbers they are given."""

import matplotlib

matplotlib.use("Agg")

import numpy as np

from adambook.figures.averages import (
    averages_over,
    errors_over,
    factor_by_momentum,
    weights_by_age,
)

K = np.arange(1.0, 5.0)


def drawn(ax):
    return [list(line.get_ydata()) for line in ax.get_lines()]


def test_weights_stand_at_their_ages_and_the_memory_is_marked():
    (ax,) = weights_by_age({"a": K, "b": K / 2}, {"b": 2.5}).axes
    first, second, mark = ax.get_lines()
    assert list(first.get_xdata()) == [0, 1, 2, 3]
    assert drawn(ax)[:2] == [list(K), list(K / 2)]
    assert list(mark.get_xdata()) == [2.5, 2.5]


def test_averages_stand_over_the_values_in_every_panel():
    left, right = averages_over(K, -K, {"p": {"a": K}, "q": {"b": K / 2}}, "cost").axes
    assert drawn(left) == [list(-K), list(K)]
    assert drawn(right) == [list(-K), list(K / 2)]
    assert left.get_ylabel() == "cost"


def test_factor_puts_a_dot_at_the_root_of_the_critical_momentum():
    (ax,) = factor_by_momentum(K / 5, {"a": K / 4}, {"a": 0.25}).axes
    assert drawn(ax) == [list(K / 4), [0.5]]


def test_errors_are_drawn_from_the_start_on():
    left, right = errors_over({"a": K, "b": -K}).axes
    assert drawn(left)[1] == list(K)
    assert drawn(right)[1] == list(-K)
