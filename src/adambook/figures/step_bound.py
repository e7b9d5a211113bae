"""Chapter 5's plots: how far one step of Adam goes, and how far it can go."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, HEAT, figure, hollow, lines


def growth(steps: ArrayLike, bounds: ArrayLike, paper_bound: float) -> Figure:
    r"""Draw a run's $|\nu_t|$ beside $S_t$, with the paper's bound and 1 as horizontal lines.

    Parameters
    ----------
    steps, bounds : array, shape (T,)
        $|\nu_t|$ and $S_t$ for t = 1, …, T, in multiples of α.
    paper_bound : float
        The bound of the paper's section 2.1, a multiple of α.
    """
    steps, bounds = np.asarray(steps), np.asarray(bounds)
    t = np.arange(1, len(steps) + 1)
    fig, ax = figure()
    ax.plot(t, bounds, **hollow(), label="$S_t$")
    ax.plot(t, steps, color=COLOURS["Adam"], label="Adam on growing gradients")
    ax.axhline(paper_bound, color=COLOURS["paper"], linestyle="--", label="the paper's bound")
    ax.axhline(1, color=COLOURS["SGD"], linestyle=":", label="α")
    ax.set(xlabel="step t", ylabel="size of the step, in α", ylim=(0, None))
    fig.legend(loc="outside lower center", ncols=4)
    return fig


def regimes(bounds: Mapping[str, ArrayLike]) -> Figure:
    """Draw $S_t$ over t, both axes logarithmic, one line a pair of decay factors.

    Parameters
    ----------
    bounds : mapping
        A label → $S_1, …, S_T$.
    """
    fig, ax = figure()
    for style, (label, values) in zip(lines(bounds), bounds.items(), strict=True):
        values = np.asarray(values)
        ax.plot(np.arange(1, len(values) + 1), values, **style, label=label)
    ax.set(xscale="log", yscale="log", xlabel="step t", ylabel="$S_t$, in α")
    ax.legend()
    return fig


def sequences(
    gradients: Mapping[str, ArrayLike], steps: Mapping[str, ArrayLike], paper_bound: float
) -> Figure:
    r"""Draw sequences of gradients on the left, and the steps they cause on the right.

    Parameters
    ----------
    gradients, steps : mapping
        A label → $g_t$ and $|\nu_t|$, aligned at their last entry, which is drawn at 0.
    paper_bound : float
        Drawn as a horizontal line on the right.
    """
    fig, (left, right) = figure(1, 2, height=3.8)
    for style, (label, g) in zip(lines(gradients), gradients.items(), strict=True):
        for ax, values in ((left, np.asarray(g)), (right, np.asarray(steps[label]))):
            ax.plot(np.arange(1 - len(values), 1), values, **style, label=label)
    left.set(xlabel="step, counted from the last", title="gradient")
    right.axhline(paper_bound, color=COLOURS["paper"], linestyle="--", label="the paper's bound")
    right.set(xlabel="step, counted from the last", title="size of the step, in α")
    handles, labels = right.get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=3)
    return fig


def loss_spike(losses: Mapping[str, ArrayLike], steps: Mapping[str, ArrayLike]) -> Figure:
    """Draw losses after a jump of the gradients, and the largest step beside them.

    Parameters
    ----------
    losses, steps : mapping
        A label → the loss before each step, and the largest |Δ|/α of each step.
    """
    fig, (left, right) = figure(1, 2, height=3.8)
    for style, (label, values) in zip(lines(losses), losses.items(), strict=True):
        left.plot(np.arange(len(np.asarray(values))), values, **style, label=label)
        sizes = np.asarray(steps[label])
        right.plot(np.arange(1, len(sizes) + 1), sizes, **style, label=label)
    left.set(xlabel="steps after the jump", title="loss")
    right.axhline(1, color=COLOURS["SGD"], linestyle=":")
    right.set(xlabel="steps after the jump", title="largest step, in α", ylim=(0, None))
    handles, labels = left.get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return fig


def shares_above(sizes: Mapping[str, ArrayLike], marks: Mapping[str, float]) -> Figure:
    """Draw, for every x, the share of steps larger than x.

    Parameters
    ----------
    sizes : mapping
        A label → values of |Δ|/α, of any shape.
    marks : mapping
        A label → an x at which to draw a vertical line.
    """
    fig, ax = figure()
    x = np.linspace(0, max(marks.values()) * 1.05, 400)
    for style, (label, values) in zip(lines(sizes), sizes.items(), strict=True):
        ordered = np.sort(np.ravel(values))
        share = 1 - np.searchsorted(ordered, x, side="right") / len(ordered)
        ax.plot(x, np.where(share > 0, share, np.nan), **style, label=label)
    ax.set(yscale="log", xlabel="x, in α", ylabel="share of steps larger than x")
    for (label, mark), dashes in zip(marks.items(), (":", "--", "-"), strict=False):
        ax.axvline(mark, color=COLOURS["paper"], linestyle=dashes, linewidth=1.2, label=label)
    fig.legend(loc="outside lower center", ncols=len(sizes) + len(marks))
    return fig


def bound_map(beta1: ArrayLike, beta2: ArrayLike, bounds: ArrayLike) -> Figure:
    r"""Draw $S_\infty$ over 1 - β1 and 1 - β2, with its valley β1 = β2 and its wall β1 = √β2.

    Parameters
    ----------
    beta1, beta2 : array, shapes (m,) and (n,)
        Decay factors in (0, 1).
    bounds : array, shape (n, m)
        $S_\infty$ at every pair; where it is infinite the map stays grey.
    """
    beta1, beta2, bounds = np.asarray(beta1), np.asarray(beta2), np.asarray(bounds)
    fig, ax = figure(width=6.6, height=4.8)
    mesh = ax.pcolormesh(
        1 - beta1, 1 - beta2, bounds, norm=LogNorm(1, 100), cmap=HEAT, shading="nearest"
    )
    ax.set_facecolor("#cccccc")
    fig.colorbar(mesh, ax=ax, extend="max", label=r"$S_\infty$, in α")
    dark = COLOURS["bound"]
    ax.plot(1 - beta1, 1 - beta1, color=dark, ls="--", label=r"valley: $\beta_1 = \beta_2$")
    ax.plot(1 - beta1, 1 - beta1**2, color=dark, label=r"wall: $\beta_1 = \sqrt{\beta_2}$")
    ax.plot(0.1, 0.001, "o", color="white", markeredgecolor="black", label="Adam's defaults")
    ax.set(xscale="log", yscale="log", xlabel=r"$1 - \beta_1$", ylabel=r"$1 - \beta_2$")
    ax.set(xlim=(1 - beta1.max(), 1 - beta1.min()), ylim=(1 - beta2.max(), 1 - beta2.min()))
    ax.grid(False)
    ax.legend(loc="upper left")
    return fig
