"""Chapter 12: the loss against the step size, and what the start-up factor predicts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from adambook.figures.look import COLOURS, GAPS, dashed, figure, shades

SIDES: dict[bool, tuple[str, str, Any]] = {
    True: ("corrected", COLOURS["Adam"], "-"),
    False: ("not", shades(3)[1], "--"),
}


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
        len(beta1s), len(beta2s), width=7.6, height=4.9, sharex=True, sharey=True, squeeze=False
    )
    fig.set_layout_engine("constrained", hspace=0.1)  # titles keep off the ticks above them
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
            ax.set(title=f"β₁ = {beta1:g}, β₂ = {beta2:g}", xscale="log", ylim=losses_shown)
    for ax in axes[-1]:
        ax.set_xlabel("step size α")
    for ax in axes[:, 0]:
        ax.set_ylabel("loss (nats)")
    fig.legend(handles=_key(with_papers=ours is not None), loc="outside upper right", ncols=3)
    return fig


def _key(with_papers: bool) -> list[Line2D]:
    lines = [
        Line2D([], [], color=colour, linestyle=line, label=label)
        for label, colour, line in SIDES.values()
    ]
    return [
        Line2D([], [], color=COLOURS["paper"], lw=0.9, label="the paper's")
    ] * with_papers + lines


def miniature(
    losses: pd.DataFrame, predicted: Mapping[str, pd.Series], losses_shown: tuple[float, float]
) -> Figure:
    """Draw losses against the step size, and over them what was predicted.

    Parameters
    ----------
    losses : DataFrame
        Step sizes down, curves across: the corrected one first.
    predicted : name of a curve → loss by step size
    losses_shown : (float, float)
        The lowest and the highest loss shown, in nats.
    """
    fig, ax = figure(width=7.0, height=3.6)
    colours = (COLOURS["Adam"], *shades(3)[1:])
    for name, colour, marker in zip(losses, colours, "os^", strict=False):
        loss = losses[name].replace(np.inf, 1e6)
        ax.plot(loss.index, loss, marker + "-", ms=4, color=colour, label=name)
        if name in predicted:
            expected = predicted[str(name)]
            label = f"{name}: predicted"
            ax.plot(expected.index, expected, ":", color=colour, lw=2.5, label=label)
    ax.set(xlabel="step size α", ylabel="loss (nats)", xscale="log", ylim=losses_shown)
    ax.legend()
    return fig


def changes(panels: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw what leaving out the correction changed against what was predicted, panel by panel.

    Parameters
    ----------
    panels : title → table of `experiments.correction.predictions`
        On the dashed line the prediction is exact.
    """
    fig, axes = figure(1, len(panels), width=7.6, height=3.7, squeeze=False)
    for ax, (title, table) in zip(axes[0], panels.items(), strict=True):
        cells = zip("o^s", shades(3)[::-1], table.groupby("beta2"), strict=False)
        for marker, colour, (beta2, rows) in cells:
            x = rows["predicted"] - rows["corrected"]
            y = rows["uncorrected"] - rows["corrected"]
            ax.plot(x, y, marker, color=colour, ms=6, mfc="none", label=f"β₂ = {beta2:g}")
        ax.axline((0, 0), slope=1, color=COLOURS["bound"], linestyle="--", lw=1)
        ax.set(title=title, xlabel="predicted change (nats)")
        ax.legend()
    axes[0, 0].set_ylabel("change found (nats)")
    return fig


def starts(rows: pd.DataFrame, paper: float) -> Figure:
    """Draw the cost of each epoch from starts of several widths, a line for each seed.

    Parameters
    ----------
    rows : DataFrame
        deviation (the start's standard deviation), seed, epoch (from 0) and cost, in nats.
    paper : float
        The paper's loss of the last epoch, in nats, drawn as a star.
    """
    fig, ax = figure(width=7.0, height=3.6)
    widths = sorted(rows["deviation"].unique())
    looks = zip(widths, shades(len(widths)), GAPS, strict=False)
    for deviation, colour, gaps in looks:
        own = rows[rows["deviation"] == deviation].sort_values("epoch")
        for seed, run in own.groupby("seed"):
            label = f"start {deviation:g}" if seed == own["seed"].min() else None
            look = {"color": colour, "linestyle": dashed(gaps), "label": label}
            ax.plot(run["epoch"] + 1, run["cost"], **look)
    last = rows["epoch"].max() + 1
    ax.plot([last], [paper], "*", ms=11, color=COLOURS["paper"], label="the paper's")
    ax.set(xlabel="epoch", ylabel="loss (nats)")
    ax.legend()
    return fig
