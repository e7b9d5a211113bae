"""The pictures of the chapter on how Adam fails."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, LIGHTEST, figure, lines

STYLES = ("--", "-.", ":", "-")
WAYS = ListedColormap(["#cfe0f7", "#f8d5c2"])
"""Grounds of the right and the wrong way: pale, so that dark lines are seen on both."""


def journeys(rounds: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]]) -> Figure:
    """Draw iterates over a logarithmic time, in a panel a problem; the best point is -1.

    Parameters
    ----------
    rounds : array, shape (k,)
        The rounds, from 1.
    panels : title → (label → array, shape (k,))
        The iterates at those rounds. A label is a rule's name, or begins with it and a comma.
    """
    fig, axes = figure(1, len(panels), sharey=True, squeeze=False, height=3.8)
    for ax, (title, paths) in zip(axes[0], panels.items(), strict=True):
        for style, (label, path) in zip(STYLES, paths.items(), strict=False):
            colour = COLOURS[label.partition(",")[0]]
            ax.semilogx(rounds, path, color=colour, linestyle=style, label=label)
        ax.axhline(-1, color=COLOURS["bound"], linestyle=":", label="best point")
        ax.set(title=title, xlabel="round $t$")
    axes[0][0].set_ylabel(r"$\theta_t$")
    handles, labels = axes[0][0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=3)
    return fig


def drift_map(periods: ArrayLike, weights: ArrayLike, drifts: ArrayLike, edge: ArrayLike) -> Figure:
    """Draw the sign of a drift over the period and 1 - β2, its exact edge and the line 4/n².

    Parameters
    ----------
    periods, weights : arrays, shapes (p,) and (w,)
        n, and 1 - β2.
    drifts : array, shape (w, p)
        The drift; above 0 is the wrong way.
    edge : array, shape (p,)
        1 - β2 at which the drift is 0.
    """
    periods, weights = np.asarray(periods), np.asarray(weights)
    fig, ax = figure(width=6.6, height=4.6)
    dark = COLOURS["bound"]
    ax.pcolormesh(periods, weights, np.sign(drifts), cmap=WAYS, shading="nearest")
    ax.plot(periods, edge, color=LIGHTEST, lw=5, solid_capstyle="butt", label="exact edge")
    ax.plot(periods, 4 / periods**2.0, color=dark, linestyle="--", label="$4/n^2$")
    ax.set(xscale="log", yscale="log", xlabel="period $n$", ylabel=r"$1-\beta_2$")
    ax.set(xlim=(periods.min(), periods.max()), ylim=(weights.min(), weights.max()))
    for beta2 in (0.99, 0.999, 0.9999):
        ax.axhline(1 - beta2, color=dark, linewidth=1, linestyle=":")
        ax.text(periods.min() * 1.05, (1 - beta2) * 1.08, rf"$\beta_2 = {beta2}$", fontsize=9)
    ax.text(0.97, 0.93, "wrong way", transform=ax.transAxes, ha="right", va="top")
    ax.text(0.30, 0.07, "right way", transform=ax.transAxes)
    ax.grid(False)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def cycles(stable: ArrayLike, unstable: ArrayLike, size: float) -> Figure:
    """Draw two runs on a parabola, in multiples of the cycle's size.

    Parameters
    ----------
    stable, unstable : arrays, shape (k,)
        The last iterates of a run that ends in the cycle, and of one that does not.
    size : float
        θ* of each, to which the iterates are scaled already; drawn at ±size.
    """
    fig, axes = figure(1, 2, height=3.0)
    titles = ("falls into the cycle", "cannot stay on the cycle")
    for ax, path, title in zip(axes, (stable, unstable), titles, strict=True):
        values = np.asarray(path)
        ax.plot(np.arange(len(values)), values, color=COLOURS["Adam"], linewidth=0.9)
        for level in (-size, size):
            ax.axhline(level, color=COLOURS["bound"], linestyle="--", linewidth=1)
        ax.set_title(title, pad=10)
        ax.set(xlabel="step")
    axes[0].set_ylabel(r"$\theta_t/\theta^*$")
    return fig


def stability(beta1: ArrayLike, beta2: ArrayLike, radius: ArrayLike, edge: ArrayLike) -> Figure:
    """Draw where the cycle is stable: the spectral radius over (β1, β2), and the exact edge.

    Parameters
    ----------
    beta1, beta2 : arrays, shapes (m,) and (n,)
        Decay factors.
    radius : array, shape (n, m)
        The spectral radius; stable below 1.
    edge : array, shape (n,)
        The β1 of the edge, at each β2.
    """
    fig, ax = figure(width=6.0, height=4.0)
    mesh = ax.pcolormesh(
        beta1, beta2, radius, cmap="coolwarm", vmin=0.5, vmax=1.5, shading="nearest"
    )
    fig.colorbar(mesh, ax=ax, extend="both", label="spectral radius")
    ax.plot(edge, beta2, color=COLOURS["bound"], label=r"$\beta_1^*(\beta_2)$")
    dot = {"color": "white", "markeredgecolor": "black", "ms": 7, "zorder": 5}
    ax.plot(0.9, 0.999, "o", **dot, clip_on=False, label="Adam's defaults")
    ax.set(xlabel=r"$\beta_1$", ylabel=r"$\beta_2$")
    ax.grid(False)
    fig.legend(loc="outside lower center", ncols=2)
    return fig


def sharpnesses(steps: ArrayLike, runs: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Draw the preconditioned sharpness over its threshold, and the cost, along runs.

    Parameters
    ----------
    steps : array, shape (k,)
        The steps at which it was measured.
    runs : label → (sharpness over threshold, cost), arrays of shape (k,)
    """
    fig, (left, right) = figure(1, 2, height=3.8)
    for style, (label, (ratio, cost)) in zip(lines(runs), runs.items(), strict=True):
        left.plot(steps, ratio, **style, label=label)
        right.semilogy(steps, cost, **style)
    left.axhline(1, color=COLOURS["bound"], linestyle="--", label="edge of stability")
    left.set(title="sharpness / threshold", xlabel="step", ylim=(0, None))
    right.set(title="cost", xlabel="step")
    handles, labels = left.get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2)
    return fig


def shifts(weights: ArrayLike, cases: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Draw the distance of Adam's limit from the minimum over 1 - β2, and its closed form.

    Parameters
    ----------
    weights : array, shape (k,)
        1 - β2.
    cases : label → (measured, first-order theory), arrays of shape (k,)
    """
    fig, ax = figure()
    for style, (label, (measured, theory)) in zip(lines(cases), cases.items(), strict=True):
        ax.loglog(weights, np.abs(measured), "o", color=style["color"], label=label)
        ax.loglog(weights, np.abs(theory), **style)
    ax.set(xlabel=r"$1-\beta_2$", ylabel="distance from the minimum")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend(title="dots: measured; lines: first order")
    return fig


def floors(alphas: ArrayLike, cases: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Draw how far from a minimum Adam stays, over α, and what theory says.

    Parameters
    ----------
    alphas : array, shape (k,)
    cases : label → (measured, theory), arrays of shape (k,)
    """
    fig, ax = figure()
    for style, (label, (measured, theory)) in zip(lines(cases), cases.items(), strict=True):
        ax.loglog(alphas, measured, "o", color=style["color"], label=label)
        ax.loglog(alphas, theory, **style)
    ax.set(xlabel="α", ylabel="root mean square distance")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend(title="dots: measured; lines: theory")
    return fig
