"""The pictures of the chapter on bias correction."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, GAPS, dashed, figure, lines, shades
from adambook.theory import Peak


def averages_of_squares(panels: Mapping[str, Mapping[str, ArrayLike]]) -> Figure:
    """Draw, in a panel a case, several averages over t = 1, 2, ….

    Parameters
    ----------
    panels : title → (label → array, shape (T,))
        The first label of a panel is the truth, and is drawn in black.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), sharey=False, squeeze=False)
    styles = (
        {"color": COLOURS["bound"]},
        {"color": shades(3)[1], "linestyle": "--"},
        {"color": COLOURS["Adam"]},
    )
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for style, (label, values) in zip(styles, curves.items(), strict=False):
            ax.plot(np.arange(1, np.size(values) + 1), values, **style, label=label)
        ax.set(title=title, xlabel="step $t$", ylim=(0, None))
    axes[0][0].legend()
    return fig


def startup_factor(
    t: ArrayLike, factors: Mapping[str, ArrayLike], peaks: Mapping[str, Peak]
) -> Figure:
    """Draw the uncorrected step over the corrected one, with the largest value of each curve.

    Parameters
    ----------
    t : array, shape (T,)
        The steps.
    factors : label → array, shape (T,)
        The factor at those steps.
    peaks : label → Peak
        Where the curve of that label is largest.

    Returns
    -------
    Figure
    """
    fig, ax = figure()
    for style, (label, values) in zip(lines(factors), factors.items(), strict=True):
        ax.loglog(t, values, **style, label=label)
        peak = peaks[label]
        ax.plot([peak.t], [peak.value], "o", color=style["color"])
        note = f"{peak.value:.2f} at $t={peak.t}$"
        ax.annotate(note, (peak.t, peak.value), (0, 5), textcoords="offset points", ha="center")
    ax.axhline(1, color=COLOURS["bound"], linestyle=":", label="with correction")
    ax.set(xlabel="step $t$", ylabel="step without correction / with")
    ax.margins(y=0.12)
    ax.legend(loc="upper right")
    return fig


def cost_by_step_size(
    alpha: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]], guessing: float
) -> Figure:
    """Draw the cost reached against the step size, a curve a rule, in a panel a case.

    Parameters
    ----------
    alpha : array, shape (k,)
        Step sizes.
    panels : title → (label → array, shape (k,))
        Costs, in nats.
    guessing : float
        The cost of equal probabilities, drawn as a level.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for style, (label, costs) in zip(lines(curves), curves.items(), strict=True):
            ax.loglog(alpha, costs, marker="o", **style, label=label, markersize=4)
        ax.axhline(guessing, color=COLOURS["bound"], linestyle=":", label="guessing")
        ax.set(title=title, xlabel=r"step size $\alpha$")
    axes[0][0].set_ylabel("cost (nats)")
    axes[0][0].legend(loc="upper left")
    return fig


def noise_panels(
    t: ArrayLike, inverse_root: ArrayLike, step: ArrayLike, bound: ArrayLike, floor: float
) -> Figure:
    r"""Draw the mean of $1/\sqrt{\hat v_t}$ and the size of a step that is made of noise alone.

    Parameters
    ----------
    t : array, shape (k,)
        The steps.
    inverse_root : array, shape (k,)
        $E[1/\sqrt{\hat v_t}]$, times the standard deviation of a gradient.
    step, bound : arrays, shape (k,)
        The root mean square of $\hat m_t/\sqrt{\hat v_t}$, and its supremum.
    floor : float
        What `step` tends to.

    Returns
    -------
    Figure
    """
    fig, (left, right) = figure(1, 2)
    left.semilogx(t, inverse_root, color=COLOURS["Adam"])
    left.axhline(1, color=COLOURS["bound"], linestyle=":")
    left.set(title=r"mean of $\sigma/\sqrt{\hat v_t}$", xlabel="step $t$", ylim=(0.9, None))
    right.loglog(t, bound, color=COLOURS["bound"], label="largest possible")
    right.loglog(t, step, color=COLOURS["Adam"], label="root mean square")
    right.axhline(floor, color=COLOURS["Adam"], linestyle=":", label="its limit")
    right.set(title=r"$|\hat m_t|/\sqrt{\hat v_t}$ of pure noise", xlabel="step $t$")
    right.legend(loc="center right")
    right.set_yticks([0.25, 0.5, 1, 2], ["0.25", "0.5", "1", "2"], minor=False)
    right.minorticks_off()
    return fig


def error_by_memory(
    memory: ArrayLike,
    bias: ArrayLike,
    spread: ArrayLike,
    error: ArrayLike,
    measured: ArrayLike,
    predicted: float,
) -> Figure:
    r"""Draw what a longer memory costs in bias and saves in variance.

    Parameters
    ----------
    memory : array, shape (k,)
        1/(1 - β2), in steps.
    bias, spread, error, measured : arrays, shape (k,)
        Squared bias, variance, their sum, and the mean squared error of simulated runs.
    predicted : float
        The memory at which the sum should be smallest.

    Returns
    -------
    Figure
    """
    fig, ax = figure()
    parts = {"squared bias": bias, "variance": spread}
    for gaps, (label, part) in zip(cycle(GAPS[1:]), parts.items(), strict=False):
        style = {"color": shades(3)[1], "linestyle": dashed(gaps)}
        ax.loglog(memory, part, **style, label=label)
    ax.loglog(memory, error, color=COLOURS["bound"], lw=2.4, label="their sum")
    ax.loglog(memory, measured, "o", color=COLOURS["Adam"], label="measured", markersize=4)
    ax.axvline(predicted, color=COLOURS["SGD"], linestyle=":", label="predicted best")
    ax.set(xlabel=r"memory $1/(1-\beta_2)$, in steps", ylabel=r"mean squared error of $\hat v_t$")
    ax.set_ylim(float(np.min(error)) / 20, None)
    ax.legend()
    return fig
