"""Chapter 16's plots: schedules, range tests, batch sizes, ε, float16 and the recipes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, DARKEST, LIGHTEST, MIDDLE, figure, lines

PAIR = {False: ("#b2182b", "o"), True: ("#2166ac", "s")}
"""Without a recipe and with it, in the clinic's colours for sick and cured."""


def schedules(values: Mapping[str, ArrayLike]) -> Figure:
    """Draw schedules, one small panel each, on the same axes.

    Parameters
    ----------
    values : mapping
        A name → α_t for t = 1, …, T.
    """
    columns = 3
    rows = -(-len(values) // columns)
    fig, axes = figure(
        rows, columns, width=7.6, height=1.7 * rows, sharex=True, sharey=True, squeeze=False
    )
    for ax, (name, alphas) in zip(axes.flat, values.items(), strict=False):
        alphas = np.asarray(alphas)
        ax.plot(np.arange(1, len(alphas) + 1), alphas, color=DARKEST)
        ax.set(title=name, ylim=(0, None))
    for ax in axes.flat[len(values) :]:
        ax.set_visible(False)
    for ax in axes[-1]:
        ax.set_xlabel("update t")
    for ax in axes[:, 0]:
        ax.set_ylabel(r"$\alpha_t$")
    return fig


def range_tests(seen: Mapping[str, Any], best: Mapping[str, float]) -> Figure:
    """Draw range tests: loss over step size, with the lowest point and the best of full runs.

    Parameters
    ----------
    seen : mapping
        A name → a `RangeTest`.
    best : mapping
        The same name → the step size whose full run ended best.
    """
    fig, axes = figure(1, len(seen), width=7.6, height=2.9, sharey=True, squeeze=False)
    for ax, (name, test) in zip(axes[0], seen.items(), strict=True):
        ax.plot(test.alphas, test.losses, ".", ms=3, color="#999999", label="loss")
        ax.plot(test.alphas, test.smooth, color=COLOURS["Adam"], label="smoothed")
        ax.axvline(test.lowest, color=COLOURS["paper"], linestyle="--", label="lowest")
        ax.axvline(best[name], color=LIGHTEST, linestyle=":", lw=2, label="best of full runs")
        ax.set(xscale="log", title=name, xlabel="α", ylim=(0, 4))
    axes[0, 0].set_ylabel("loss of the mini-batch (nats)")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def against_examples(
    panels: Mapping[str, Mapping[str, tuple[ArrayLike, ArrayLike]]], quantity: str
) -> Figure:
    """Draw curves against the number of examples seen, one panel a rule.

    Parameters
    ----------
    panels : mapping
        A title → {label → (examples, values)}.
    quantity : str
        What the values are.
    """
    fig, axes = figure(1, len(panels), width=7.6, height=3.1, sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for style, (label, (x, y)) in zip(lines(curves), curves.items(), strict=True):
            ax.plot(np.asarray(x), np.asarray(y), **style, label=label)
        ax.set(title=title, xlabel="examples", yscale="log")
    axes[0, 0].set_ylabel(quantity)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def sweep(x: ArrayLike, curves: Mapping[str, ArrayLike], xlabel: str, ylabel: str) -> Figure:
    """Draw final losses against a hyper-parameter, both axes logarithmic, with points.

    Parameters
    ----------
    x : array, shape (n,)
        Values of the hyper-parameter.
    curves : mapping
        A label → values, shape (n,).
    xlabel, ylabel : str
    """
    fig, ax = figure(width=6.2, height=3.2)
    for style, marker, (label, y) in zip(lines(curves), "os^v", curves.items(), strict=False):
        ax.plot(np.asarray(x), np.asarray(y), marker=marker, **style, label=label)
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return fig


def magnitudes(values: Mapping[str, ArrayLike], marks: Mapping[str, float]) -> Figure:
    """Draw how many of some numbers have which size, as powers of two, beside a format's limits.

    Parameters
    ----------
    values : mapping
        A label → numbers of any sign; zeros are left out.
    marks : mapping
        A label → a size, drawn as a vertical line.
    """
    fig, ax = figure(width=7.2, height=3.3)
    bins = np.arange(-60, 20)
    fills = cycle([(DARKEST, ""), ("none", "////"), (LIGHTEST, "")])
    for (fill, hatch), (label, x) in zip(fills, values.items(), strict=False):
        sizes = np.abs(np.ravel(x))
        powers = np.log2(sizes[sizes > 0])
        weights = np.full(len(powers), 1 / len(powers))
        ax.hist(
            powers,
            bins,
            weights=weights,
            histtype="stepfilled",
            facecolor=fill,
            edgecolor=DARKEST,
            hatch=hatch,
            label=label,
        )
    for (label, at), style in zip(marks.items(), (":", "--", "-"), strict=False):
        ax.axvline(np.log2(at), color=COLOURS["paper"], linestyle=style, lw=1.2, label=label)
    ax.set(xlabel="size, as a power of 2", ylabel="share")
    fig.legend(loc="outside lower center", ncols=3, fontsize=9)
    return fig


def recipes(ends: pd.DataFrame, networks: Sequence[str], columns: Mapping[str, str]) -> Figure:
    """Draw each seed at the defaults and by recipe, joined by a line, one panel a quantity.

    Parameters
    ----------
    ends : DataFrame
        One row a run: network, seed, recipe (a bool) and the columns to draw.
    networks : sequence of str
        In the order in which they are drawn.
    columns : mapping
        A column → the title of its panel.
    """
    fig, axes = figure(1, len(columns), width=7.6, height=3.3, squeeze=False)
    for ax, (column, title) in zip(axes[0], columns.items(), strict=True):
        for i, network in enumerate(networks):
            runs = ends[ends["network"] == network]
            pairs = runs.pivot(index="seed", columns="recipe", values=column)
            for _, pair in pairs.iterrows():
                ax.plot([i - 0.17, i + 0.17], [pair[False], pair[True]], color=MIDDLE, lw=0.9)
            for recipe, (colour, marker) in PAIR.items():
                x = np.full(len(pairs), i - 0.17 + 0.34 * recipe)
                label = ("recipe" if recipe else "defaults") if i == 0 else None
                ax.plot(x, pairs[recipe], marker, ms=4, color=colour, label=label)
        ax.set(title=title, yscale="log", xticks=range(len(networks)))
        ax.set_xticklabels([n if len(n) < 8 else n[:5] + "." for n in networks])
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig
