"""The pictures of the chapter on Adam's family."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from adambook.figures.look import COLOURS, HEAT, figure, lines, optimizer


def decay_maps(
    alphas: ArrayLike, lambdas: ArrayLike, maps: Mapping[str, ArrayLike], worst: float
) -> Figure:
    """Draw costs over α and λ, a map a kind of weight decay, each with its best cell marked.

    Parameters
    ----------
    alphas, lambdas : arrays, shapes (a,) and (k,)
        Step sizes and weight decays, from small to large.
    maps : title → array, shape (k, a)
        The cost of each pair.
    worst : float
        Where the colours end; larger costs are left white, the best are dark.
    """
    alphas, lambdas = np.asarray(alphas), np.asarray(lambdas)
    fig, axes = figure(1, len(maps), sharey=True, squeeze=False, height=4.0)
    best = min(float(np.min(values)) for values in maps.values())
    colours = HEAT.reversed().with_extremes(over="white")
    for ax, (title, values) in zip(axes[0], maps.items(), strict=True):
        costs = np.asarray(values)
        mesh = ax.pcolormesh(
            _edges(alphas), _edges(lambdas), costs, vmin=best, vmax=worst, cmap=colours
        )
        row, column = np.unravel_index(costs.argmin(), costs.shape)
        ax.plot(alphas[column], lambdas[row], "*", color="white", markeredgecolor="black", ms=14)
        ax.set(xscale="log", yscale="log", title=title, xlabel="α")
        ax.grid(False)
    axes[0][0].set_ylabel("λ")
    fig.colorbar(mesh, ax=axes[0].tolist(), extend="max", label="test cost, in nats")
    return fig


def _edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the borders of cells around points that are even on a logarithmic axis."""
    logs = np.log(centres)
    middle = (logs[1:] + logs[:-1]) / 2
    ends = 2 * logs[[0, -1]] - middle[[0, -1]]
    edges: NDArray[np.float64] = np.exp(np.concatenate([ends[:1], middle, ends[1:]]))
    return edges


def sensitivity(alphas: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]]) -> Figure:
    """Draw a cost over the step size, in a panel a group of rules.

    Parameters
    ----------
    alphas : array, shape (a,)
        Step sizes.
    panels : title → (label → array, shape (a,))
        Costs.
    """
    fig, axes = figure(1, len(panels), sharey=True, squeeze=False, height=4.0)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for style, (label, costs) in zip(lines(curves), curves.items(), strict=True):
            ax.loglog(alphas, costs, marker=".", **style, label=label)
        ax.set(title=title, xlabel="α")
        ax.legend(fontsize=8)
    axes[0][0].set_ylabel("training cost, in nats")
    return fig


def steps(panels: Mapping[str, Mapping[str, ArrayLike]]) -> Figure:
    """Draw sizes of steps in multiples of α over t, both axes logarithmic, in panels.

    Parameters
    ----------
    panels : title → (label → array, shape (T,))
        |Δ_t|/α for t = 1, …, T.
    """
    fig, axes = figure(1, len(panels), squeeze=False, height=3.6)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        names = [optimizer(label) for label in curves]
        for k, (label, sizes) in enumerate(curves.items()):
            values, style = np.asarray(sizes), lines(curves)[k]
            if names[k] in names[k + 1 :]:  # what comes over it has gaps
                style["linestyle"] = "-"
            ax.loglog(np.arange(1, len(values) + 1), values, **style, label=label)
        ax.axhline(1, color=COLOURS["bound"], linestyle=":")
        ax.set(title=title, xlabel="step t")
        ax.legend(fontsize=8)
    axes[0][0].set_ylabel("size of the step, in α")
    return fig
