"""Chapter 11: the paper's curves with ours over them, whitened pictures, √v̂ layer by layer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from adambook.figures.look import COLOURS, GAPS, MIDDLE, dashed, figure, line, shades


def over_the_papers(
    papers: Mapping[str, Mapping[str, pd.Series]],
    ours: Mapping[str, Mapping[str, pd.DataFrame]],
) -> Figure:
    """Draw the start on a plain axis and all epochs on a logarithmic one.

    Parameters
    ----------
    papers : condition → {optimizer → cost by epoch}
        Two conditions: the first in full lines, the second thin. In colour, or black if
        there is anything of ours.
    ours : condition → {optimizer → costs, epochs down and seeds across}
        The mean over seeds is drawn in colour, the band from the lowest to the highest.
    """
    fig, axes = figure(1, 2, width=7.6, height=3.9)
    some = any(len(curves) for curves in ours.values())
    for ax in axes:
        for condition, width in zip(papers, (1.8, 0.8), strict=True):
            for name, cost in papers[condition].items():
                black = {"color": COLOURS["paper"]} if some else {}
                label = None if some else f"{name}, {condition}"
                ax.plot(cost.index, cost, **{**line(name), **black}, lw=width, label=label)
            for name, costs in ours.get(condition, {}).items():
                x, colour = costs.index, COLOURS[name]
                ax.fill_between(x, costs.min(axis=1), costs.max(axis=1), color=colour, alpha=0.3)
                label = f"ours: {name}, {condition}"
                ax.plot(x, costs.mean(axis=1), color=colour, lw=width, label=label)
        ax.set_xlabel("epochs")
    axes[0].set(title="the start", xlim=(0, 3), ylim=(0.5, 3.0), ylabel="training cost (nats)")
    axes[1].set(title="all epochs", yscale="log")
    axes[0].legend(fontsize=8)
    return fig


def pictures(rows: Mapping[str, NDArray[np.float64]]) -> Figure:
    """Draw rows of grey pictures, each with its title.

    Parameters
    ----------
    rows : title → pictures, shape (n, side, side)
        White and black are the smallest and the largest value of a row, as ink on paper.
    """
    columns = max(len(row) for row in rows.values())
    fig, axes = figure(len(rows), columns, width=7.0, height=1.1 * len(rows) + 0.4, squeeze=False)
    for strip, (title, row) in zip(axes, rows.items(), strict=True):
        for ax, picture in zip(strip, row, strict=True):
            ax.imshow(picture, cmap="gray_r", vmin=row.min(), vmax=row.max())
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color=MIDDLE)
            ax.grid(False)
        # The figure's own text widens no column, and no tight edge cuts it off.
        fig.text(0, 1.1, title, transform=strip[0].transAxes, fontsize=10.5)
    fig.set_layout_engine("constrained", h_pad=0.2, rect=(0, 0, 1, 0.95))
    return fig


def roots(medians: pd.DataFrame, epsilon: float) -> Figure:
    """Draw √v̂ by epoch, one curve a layer, over ε.

    Parameters
    ----------
    medians : DataFrame
        Epochs down, layers across: the median of √v̂ over a layer's coordinates.
    epsilon : float
        Drawn as a dashed line, and ten times it as a dotted one.
    """
    fig, ax = figure(width=7.0, height=3.6)
    styles = zip(medians, shades(medians.shape[1]), GAPS, strict=False)
    for name, colour, gaps in styles:
        ax.plot(medians.index + 1, medians[name], color=colour, ls=dashed(gaps), label=name)
    ax.axhline(epsilon, color=COLOURS["bound"], linestyle="--", lw=1)
    ax.axhline(10 * epsilon, color=COLOURS["bound"], linestyle=":", lw=1)
    ax.annotate("ε", (1, epsilon), xytext=(0, 3), textcoords="offset points")
    ax.annotate("10 ε", (1, 10 * epsilon), xytext=(0, 3), textcoords="offset points")
    ax.set(xlabel="epochs", ylabel=r"median of $\sqrt{\hat v}$", yscale="log")
    ax.legend(ncols=2)
    return fig
