"""Chapter 10: the paper's curves, SFO at work in one dimension, and costs pass by pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from adambook.figures.look import COLOURS, LIGHTEST, figure, line, lines, optimizer, shades

Array = NDArray[np.float64]


def the_papers(dropout: Mapping[str, pd.Series], without: Mapping[str, pd.Series]) -> Figure:
    """Draw the two panels of Figure 2 as they were read off the paper.

    Parameters
    ----------
    dropout : optimizer → cost by epoch, Figure 2a
    without : optimizer → cost by epoch, Figure 2b's upper panel
    """
    fig, axes = figure(1, 2, width=7.6, height=3.7)
    titles = ("2a: with dropout", "2b: without noise")
    for ax, title, curves in zip(axes, titles, (dropout, without), strict=True):
        for name, cost in curves.items():
            ax.plot(cost.index, cost, **line(name), label=name, lw=1.3)
        ax.set(title=title, xlabel="epochs", yscale="log")
        ax.legend()
    axes[0].set(ylim=(5e-3, 0.16), ylabel="training cost (nats)")
    return fig


def over_the_papers(
    papers: Mapping[str, Mapping[str, pd.Series]], ours: Mapping[str, Mapping[str, pd.DataFrame]]
) -> Figure:
    """Draw the paper's curves, and ours over them, panel by panel.

    The paper's are thin and black in a panel that has some of ours, else in colour.

    Parameters
    ----------
    papers : title → {optimizer → cost by epoch}
    ours : title → {optimizer → costs, epochs down and seeds across}
        The mean over seeds is drawn, the band from the lowest to the highest. May be empty.
    """
    fig, axes = figure(1, len(papers), width=7.6, height=3.7, squeeze=False)
    black = {"color": COLOURS["paper"], "lw": 0.9}
    for ax, (title, curves) in zip(axes[0], papers.items(), strict=True):
        mine = ours.get(title, {})
        for name, cost in curves.items():
            style = black if mine else {"label": f"{name}, the paper's"}
            ax.plot(cost.index, cost, **{**line(name), **style})
        for name, costs in mine.items():
            x, colour = costs.index, COLOURS[name]
            ax.fill_between(x, costs.min(axis=1), costs.max(axis=1), color=colour, alpha=0.3)
            ax.plot(x, costs.mean(axis=1), **line(name), label=name)
        if mine:
            ax.plot([], [], **black, label="the paper's")
        ax.set(title=title, xlabel="epochs", yscale="log")
        ax.legend()
    axes[0, 0].set_ylabel("training cost (nats)")
    return fig


def two_models(
    x: Array, panels: Mapping[str, tuple[list[Array], list[Array], list[float], float]]
) -> Figure:
    """Draw two subfunctions, their quadratic models, and the lowest point of the models' sum.

    Parameters
    ----------
    x : array
        Where everything is drawn.
    panels : title → (truth, models, looks, lowest)
        The values of each subfunction, those of each model, where each was looked at last, and the
        lowest point of the models' sum.
    """
    fig, axes = figure(1, len(panels), width=7.6, height=3.6, sharey=True, squeeze=False)
    looks_of = tuple(zip((shades(3)[1], LIGHTEST), "os", strict=True))
    for ax, (title, (truth, models, looks, lowest)) in zip(axes[0], panels.items(), strict=True):
        pairs = zip(looks_of, truth, models, looks, strict=True)
        for k, ((colour, mark), values, model, look) in enumerate(pairs, 1):
            ax.plot(x, values, color=colour, label=f"$f_{k}$")
            ax.plot(x, model, "--", color=colour, lw=1.2, label=f"model $g_{k}$")
            here = (look, float(np.interp(look, x, values)))
            ax.plot(*here, mark, color=colour, ms=7)
            ax.annotate(f"$f_{k}$", here, xytext=(16, -4), textcoords="offset points", size=12)
        ax.plot(x, np.sum(truth, axis=0), color=COLOURS["paper"], lw=2.4, label="$F$")
        ax.plot(x, np.sum(models, axis=0), "--", color=COLOURS["paper"], lw=1.2, label="$G$")
        ax.axvline(lowest, color=COLOURS["SFO"], lw=1.2, label="next point")
        ax.set(title=title, xlabel="θ", ylim=(-1, 12))
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=7)
    return fig


def by_passes(
    panels: Mapping[str, Mapping[str, Array]], ylabel: str, low: float | None = None
) -> Figure:
    """Draw costs against passes over the data, on a logarithmic scale.

    Parameters
    ----------
    panels : title → {label → costs, one a pass}
        The same labels in each, if there are several: one legend stands below them.
        A label begins with the optimizer's name, which gives colour and line (`look.lines`). More
        than three of one optimizer are told apart by shades and marks of their settings.
    low : float, optional
        The lowest cost shown.
    """
    fig, axes = figure(1, len(panels), width=7.6, height=3.7, sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        settings = len(curves) > 3 and len({optimizer(label) for label in curves}) == 1
        styles = lines([""] * len(curves) if settings else curves)
        for k, ((label, costs), style) in enumerate(zip(curves.items(), styles, strict=True)):
            if settings:
                style |= {"marker": "os^Dv"[k % 5], "markevery": (k % 4, 4), "ms": 5}
            ax.plot(np.arange(1, len(costs) + 1), costs, **style, label=label)
        ax.set(title=title, xlabel="passes over the data", yscale="log")
        if len(panels) == 1:
            ax.legend()
    if len(panels) > 1:
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    axes[0, 0].set(ylabel=ylabel)
    if low is not None:
        axes[0, 0].set_ylim(bottom=low)
    return fig


def troughs(finals: pd.DataFrame, ylabel: str) -> Figure:
    """Draw final costs against the step size, one curve an optimizer.

    Parameters
    ----------
    finals : DataFrame
        Step sizes down, optimizers across; what diverged or was not run is NaN.
    """
    fig, ax = figure(width=7.0, height=3.6)
    for name in finals:
        cost = finals[name].dropna()
        ax.plot(cost.index, cost, marker="o", ms=3, **line(str(name)), label=name)
    ax.set(xlabel="step size α", ylabel=ylabel, xscale="log")
    ax.legend()
    return fig
