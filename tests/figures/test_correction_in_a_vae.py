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
    assert fig.axes[3].get_title(loc="left") == "β1 = 0.9, β2 = 0.999"


def test_ours_are_means_over_seeds_and_infinity_leaves_the_frame():
    ours = pd.DataFrame(
        [(0, 0.99, 1e-3, True, 104.0), (0, 0.99, 1e-3, True, 106.0), (0, 0.99, 1e-2, True, np.inf)],
        columns=COLUMNS,
    )
    ax = correction_in_a_vae.grid(PAPER, ours).axes[0]
    drawn = ax.lines[-1].get_ydata()
    assert drawn[0] == 105.0
    assert drawn[1] > ax.get_ylim()[1]
