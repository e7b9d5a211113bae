"""Chapter 12: the loss against the step size, with bias correction and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adambook.figures.look import COLOURS, figure

SIDES = {True: ("corrected", COLOURS["Adam"], "-"), False: ("not", COLOURS["RMSProp"], "--")}


def _panel(ax: Any, points: pd.DataFrame, style: dict[str, Any], marker: str) -> None:
    for corrected, curve in points.groupby("corrected"):
        label, colour, line = SIDES[bool(corrected)]
        mean = curve.groupby("alpha")["loss"].mean().replace(np.inf, 1e6)
        ax.plot(mean.index, mean, marker + line, label=label, **{"color": colour, **style})


def grid(
    paper: pd.DataFrame,
    ours: pd.DataFrame | None = None,
    *,
    losses_shown: tuple[float, float] = (95.0, 140.0),
) -> Figure:
    """Draw one panel for each β1 and β2, the paper's points and ours over them.

    Parameters
    ----------
    paper, ours : DataFrame
        beta1, beta2, alpha, corrected, loss; ours may have several seeds, whose mean is drawn.
        An infinite loss leaves the frame. The paper's lines are thin if ours are drawn too.
    losses_shown : (float, float)
        The lowest and the highest loss shown, in nats.
    """
    beta1s, beta2s = sorted(paper["beta1"].unique()), sorted(paper["beta2"].unique())
    fig, axes = figure(
        len(beta1s), len(beta2s), width=7.6, height=4.6, sharex=True, sharey=True, squeeze=False
    )
    for row, beta1 in zip(axes, beta1s, strict=True):
        for ax, beta2 in zip(row, beta2s, strict=True):
            for points, style, marker in ((paper, {}, "."), (ours, {}, "o")):
                if points is None:
                    continue
                cell = points[(points["beta1"] == beta1) & (points["beta2"] == beta2)]
                if points is paper and ours is not None:
                    style = {"color": COLOURS["paper"], "lw": 0.9}
                else:
                    style = {"ms": 4}
                _panel(ax, cell, style, marker)
            ax.set(title=f"β1 = {beta1:g}, β2 = {beta2:g}", xscale="log", ylim=losses_shown)
    for ax in axes[-1]:
        ax.set_xlabel("step size α")
    for ax in axes[:, 0]:
        ax.set_ylabel("loss (nats)")
    handles = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles[0][-2:], handles[1][-2:], loc="outside upper right", ncols=2)
    return fig
