"""Chapter 12's figure draws what it is given."""

import numpy as np
import pandas as pd

from adambook.figures import correction_in_a_vae

COLUMNS = ["beta1", "beta2", "alpha", "corrected", "loss"]
PAPER = pd.DataFrame(
    [(b1, b2, a, c, 100 + 10 * c) for b1 in (0, 0.9) for b2 in (0.99, 0.999)
     for a in (1e-3, 1e-2) for c in (True, False)], columns=COLUMNS,
)  # fmt: skip


def test_one_panel_a_cell_with_a_line_for_each_side():
    fig = correction_in_a_vae.grid(PAPER)
    assert [len(ax.lines) for ax in fig.axes] == [2] * 4
    assert fig.axes[3].get_title(loc="left") == "β₁ = 0.9, β₂ = 0.999"


def test_ours_are_means_over_seeds_and_infinity_leaves_the_frame():
    ours = pd.DataFrame(
        [(0, 0.99, 1e-3, True, 104.0), (0, 0.99, 1e-3, True, 106.0), (0, 0.99, 1e-2, True, np.inf)],
        columns=COLUMNS,
    )
    ax = correction_in_a_vae.grid(PAPER, ours).axes[0]
    drawn = ax.lines[-1].get_ydata()
    assert drawn[0] == 105.0
    assert drawn[1] > ax.get_ylim()[1]


def legend(fig):
    return [text.get_text() for text in fig.legends[0].get_texts()]


def test_the_key_names_both_sides_even_if_the_first_panel_has_none_of_ours():
    ours = pd.DataFrame([(0.9, 0.999, 1e-3, True, 104.0)], columns=COLUMNS)
    assert legend(correction_in_a_vae.grid(PAPER)) == ["corrected", "not"]
    assert legend(correction_in_a_vae.grid(PAPER, ours)) == ["the paper's", "corrected", "not"]


def test_a_prediction_is_drawn_over_the_curve_it_is_of():
    losses = pd.DataFrame({"one": [30.0, np.inf], "two": [28.0, 27.0]}, index=[1e-3, 1e-2])
    fig = correction_in_a_vae.miniature(losses, {"two": losses["two"] + 0.5}, (26.0, 40.0))
    drawn = {line.get_label(): list(line.get_ydata()) for line in fig.axes[0].lines}
    assert drawn["two"] == [28.0, 27.0] and drawn["two: predicted"] == [28.5, 27.5]
    assert drawn["one"][1] > 40.0


def test_changes_are_measured_from_the_corrected_loss():
    table = pd.DataFrame(
        {"beta2": [0.99, 0.9999], "corrected": [120.0, 150.0], "predicted": [119.0, 121.0],
         "uncorrected": [118.0, 122.0]}
    )  # fmt: skip
    fig = correction_in_a_vae.changes({"paper": table})
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in fig.axes[0].lines[:2]]
    assert points == [(-1.0, -2.0), (-29.0, -28.0)]


def test_every_start_has_a_line_a_seed_from_the_first_epoch_and_one_name_in_the_key():
    rows = pd.DataFrame(
        [(d, s, e, 200.0 - e + s) for d in (0.01, 0.003) for s in (0, 1) for e in (1, 0)],
        columns=["deviation", "seed", "epoch", "cost"],
    )
    (ax,) = correction_in_a_vae.starts(rows, 189.5).axes
    assert [list(line.get_xdata()) for line in ax.lines] == [[1, 2]] * 4 + [[2]]
    assert list(ax.lines[1].get_ydata()) == [201.0, 200.0]
    assert list(ax.lines[-1].get_ydata()) == [189.5]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["start 0.003", "start 0.01", "the paper's"]
