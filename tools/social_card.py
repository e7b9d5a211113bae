"""Draw the picture that a shared link shows, with python tools/social_card.py into _static."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from refresh_notebooks import ROOT

from adambook import Adam, theory
from adambook.figures import look

WIDTH, HEIGHT, DPI = 1200, 630, 100


def draw() -> Figure:
    """Return the step of Adam on growing gradients under the paper's bound that it breaks."""
    t = np.arange(1, 401)
    growing = theory.extremal_gradients(0.9, 0.999, 400)
    steps = theory.step_sizes(Adam(alpha=1.0, epsilon=0.0), growing)
    fig = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="#14181e")
    fig.text(0.06, 0.84, "Adam, from first principles", color="white", fontsize=38)
    words = (
        "The optimizer derived, its paper checked by code,\nits experiments repeated on real data."
    )
    fig.text(0.06, 0.68, words, color="#c8ccd2", fontsize=19, linespacing=1.4)
    ax = fig.add_axes((0.06, 0.1, 0.88, 0.5), facecolor="none")
    ax.axhline(theory.paper_step_bound(0.9, 0.999), color="#c8ccd2", linestyle=(0, (4, 2)))
    ax.plot(t, steps, color=look.COLOURS["Adam"], linewidth=4)
    ax.text(5, 3.3, "the paper's bound on a step", color="#c8ccd2", fontsize=15)
    ax.text(395, 3.45, "Adam's step", color=look.COLOURS["Adam"], fontsize=15, ha="right")
    ax.set(xlim=(1, 400), ylim=(0, 4.4))
    ax.set_axis_off()
    return fig


if __name__ == "__main__":
    draw().savefig(ROOT / "_static" / "social-card.png", dpi=DPI, facecolor="#14181e")
