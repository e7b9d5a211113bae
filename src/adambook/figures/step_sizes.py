"""The pictures of the chapter on a step size of one's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, HEAT, figure, lines, optimizer

VARIANTS = {"Momentum": "--", "Centred": ":"}


def on_log_axes(
    x: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]], *, xlabel: str, ylabel: str
) -> Figure:
    """Draw curves over a common x on logarithmic axes, in a panel a case.

    Parameters
    ----------
    x : array, shape (k,)
        Positive.
    panels : title → (label → array, shape (k,))
        A label that begins with the name of a rule has that rule's colour; a second curve of the
        same rule has another line.
    xlabel, ylabel : str
        What the axes are.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for style, (label, values) in zip(lines(curves), curves.items(), strict=True):
            ax.loglog(x, values, **style, label=label)
        ax.set(title=title, xlabel=xlabel)
        ax.legend()
    axes[0][0].set_ylabel(ylabel)
    return fig


def images(panels: Mapping[str, ArrayLike]) -> Figure:
    """Draw arrays as images, the logarithm of their values as colours.

    Parameters
    ----------
    panels : title → array, shape (height, width)
        Values; what is not positive and finite is left white.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), height=3.0, squeeze=False)
    for ax, (title, values) in zip(axes[0], panels.items(), strict=True):
        array = np.asarray(values, dtype=float)
        good = np.isfinite(array) & (array > 0)
        logs = np.where(good, np.log10(np.where(good, array, 1.0)), np.nan)
        image = ax.imshow(logs, cmap=HEAT)
        fig.colorbar(image, ax=ax, label=r"$\log_{10}$", shrink=0.85)
        ax.set(title=title, xticks=[], yticks=[])
        ax.spines[:].set_visible(True)
        ax.grid(False)
    return fig


def cost_by_step_size(
    alpha: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]], ceiling: float
) -> Figure:
    """Draw the cost reached against the step size, a curve a rule, in a panel a case.

    Parameters
    ----------
    alpha : array, shape (k,)
        Step sizes.
    panels : title → (name of a rule → array, shape (k,))
        Costs, in nats; those above the ceiling, and NaN, are drawn on it.
    ceiling : float
        The cost of guessing.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), height=3.8, sharey=True, squeeze=False)
    for ax, (title, costs) in zip(axes[0], panels.items(), strict=True):
        for name, values in costs.items():
            shown = np.fmin(np.asarray(values, dtype=float), ceiling)
            family = str(optimizer(name))
            style = VARIANTS.get(name.removeprefix(family), "-")
            ax.loglog(alpha, shown, style, marker="o", ms=3, color=COLOURS[family], label=name)
        ax.set(title=title, xlabel=r"step size $\alpha$")
    axes[0][0].set_ylabel("cost (nats)")
    handles, names = axes[0][0].get_legend_handles_labels()
    fig.legend(handles, names, ncols=4, loc="outside lower center", fontsize=8.5)
    return fig
