"""The figures of the chapter on cost show the numbers they are given."""

import pandas as pd
from matplotlib.figure import Figure

from adambook.figures.step_cost import against_parameters, memory_bars, side_by_side

TIMES = {"NumPy": 8.0, "one pass": 2.0, "bare loop": 1.0, "bare loop 2": 4.0}
ROWS = pd.DataFrame(
    [
        {"rule": rule, "size": size, "tensors": tensors, "form": form, "median_ms": ms}
        for size, tensors in (("1e4", 1), ("1e6", 1), ("resnet18", 62))
        for rule in ("SGD", "Adam")
        for form, ms in {
            "NumPy": 8.0,
            "one pass": 2.0,
            "bare loop": 1.0,
            "bare loop 2": 4.0,
        }.items()
    ]
)


def test_each_flat_size_has_a_panel_with_times_over_the_fastest_bare_loop():
    fig = side_by_side(ROWS)
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["1e4 parameters", "1e6 parameters"]
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert lines["one pass"].get_xdata().tolist() == [2.0, 2.0]
    assert lines["NumPy"].get_xdata().tolist() == [8.0, 8.0]


def test_no_form_stands_on_another_where_their_times_are_equal():
    equal = ROWS.assign(median_ms=1.0)
    lines = {line.get_label(): line for line in side_by_side(equal).axes[0].lines}
    numpy, ours = (lines[form].get_ydata() for form in ("NumPy", "one pass"))
    assert (abs(numpy - ours) > 0.1).all() and (abs(numpy - [0, 1]) < 0.5).all()


def test_rules_may_be_picked_and_stand_in_the_order_given():
    fig = side_by_side(ROWS, rules=["SGD"])
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == ["SGD"]


def test_memory_bars_are_stacked_to_the_sum():
    fig = memory_bars({"SGD": {"θ": 28.0, "state": 0.0}, "Adam": {"θ": 28.0, "state": 56.0}})
    assert isinstance(fig, Figure)
    ends = [bar.get_x() + bar.get_width() for bar in fig.axes[0].patches]
    assert max(ends) == 84.0


def test_growth_is_drawn_per_parameter():
    rows = pd.DataFrame(
        [
            {"what": "parameters", "x": n, "form": form, "median_ms": ms}
            for n, ms in ((10**5, 0.1), (10**6, 2.0))
            for form in ("one pass", "bare loop")
        ]
    )
    line = against_parameters(rows).axes[0].lines[0]
    assert line.get_ydata().round(9).tolist() == [1.0, 2.0]
