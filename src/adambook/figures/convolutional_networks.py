"""Chapter 11: the paper's curves with ours over them, whitened pictures, √v̂ layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from adambook.figures.look import COLOURS, GAPS, MIDDLE, dashed, figure, line, shades


def over_the_papers(
    papers: Mapping[str, Mapping[str, pd.Series]],
    ours: Mapping[str, Mapping[str, pd.DataFrame]],
) -> Figure:
    """Draw a column for each condition: above the start, below all epochs on a logarithmic axis.

    Parameters
    ----------
    papers : condition → {optimizer → cost by epoch}
        In colour; thin and black if there is anything of ours.
    ours : condition → {optimizer → costs, epochs down and seeds across}
        The mean over seeds is drawn in colour, the band from the lowest to the highest. A seed
        may be missing at late epochs. Above are the epochs that every seed has, below the seeds
        that have every epoch.
    """
    some = any(len(curves) for curves in ours.values())
    thin: dict[str, Any] = {"color": COLOURS["paper"], "lw": 1.0} if some else {}
    fig, axes = figure(2, len(papers), width=7.6, height=6.6, sharey="row", squeeze=False)
    for (condition, curves), start, whole in zip(papers.items(), *axes, strict=True):
        for ax in (start, whole):
            for name, cost in curves.items():
                ax.plot(cost.index, cost, **{**line(name), **thin}, label="" if some else name)
            for name, run in ours.get(condition, {}).items():
                costs = run.dropna(axis="index" if ax is start else "columns")
                low, high = costs.min(axis=1), costs.max(axis=1)
                ax.fill_between(costs.index, low, high, color=COLOURS[name], alpha=0.3)
                ax.plot(costs.index, costs.mean(axis=1), **line(name), label=name)
        start.set(title=f"{condition}: the start", xlim=(0, 3), ylim=(0.5, 2.5))
        whole.set(title=f"{condition}: all epochs", yscale="log", xlabel="epochs")
    for ax in axes[:, 0]:
        ax.set_ylabel("training cost (nats)")
    if some:
        axes[0, 0].plot([], [], **thin, label="the paper's")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def step_sizes(
    papers: Mapping[str, pd.Series], ours: Mapping[str, Mapping[float, pd.Series]]
) -> Figure:
    """Draw a panel for each optimizer: its cost by epoch at each of its step sizes.

    Parameters
    ----------
    papers : optimizer → cost by epoch
        Thin and black.
    ours : optimizer → {step size → cost by epoch}
        The largest step size is drawn without gaps.
    """
    fig, axes = figure(1, len(ours), width=7.4, height=3.6, sharey=True, squeeze=False)
    for ax, (name, curves) in zip(axes[0], ours.items(), strict=True):
        paper = papers[name]
        ax.plot(paper.index, paper, color=COLOURS["paper"], lw=0.9, label="the paper's")
        for alpha, gaps in zip(sorted(curves, reverse=True), GAPS, strict=False):
            look = {"color": COLOURS[name], "linestyle": dashed(gaps), "label": f"α = {alpha:g}"}
            ax.plot(curves[alpha].index, curves[alpha], **look)
        ax.set(title=name, xlabel="epochs", yscale="log")
        ax.legend()
    axes[0, 0].set_ylabel("training cost (nats)")
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
