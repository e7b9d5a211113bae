"""The pictures of the chapter on gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, DARKEST, GAPS, HEAT, dashed, figure, hollow, lines

MARKERS = ("o", "s", "^", "D")


def noise_by_batch(size: ArrayLike, predicted: ArrayLike, measured: ArrayLike) -> Figure:
    """Draw the variance of the mini-batch gradient against the size of the mini-batch.

    Parameters
    ----------
    size, predicted, measured : arrays, shape (k,)
        Examples in a mini-batch; the variance by the formula, and as it was measured.

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.0)
    ax.loglog(size, predicted, color=COLOURS["bound"], label=r"$\sigma^2/B$")
    ax.loglog(size, measured, "o", color=COLOURS["SGD"], label="measured")
    ax.set(xlabel="examples in a mini-batch, $B$", ylabel="variance of the gradient")
    ax.legend()
    return fig


def three_ways(costs: Mapping[str, ArrayLike], updates: Mapping[str, int]) -> Figure:
    """Draw the cost against epochs and against updates, a curve for each way.

    Parameters
    ----------
    costs : label → array, shape (epochs + 1,)
        Costs after 0, 1, … epochs, in nats.
    updates : label → int
        Updates an epoch.

    Returns
    -------
    Figure
    """
    fig, (left, right) = figure(1, 2, sharey=True)
    for style, marker, (label, values) in zip(lines(costs), MARKERS, costs.items(), strict=False):
        epochs = np.arange(len(np.asarray(values)))
        left.semilogy(epochs, values, marker=marker, ms=4, **style)
        done = epochs * updates[label]
        right.loglog(done[1:], np.asarray(values)[1:], marker=marker, ms=4, **style, label=label)
    left.set(xlabel="epochs (examples read / n)", ylabel="cost (nats)")
    left.yaxis.set_minor_formatter(NullFormatter())
    right.set(xlabel="updates of the parameters")
    right.legend()
    return fig


def settling(t: ArrayLike, runs: Mapping[str, ArrayLike], levels: Mapping[str, float]) -> Figure:
    """Draw mean squared errors over steps, with the level that each should settle at.

    Parameters
    ----------
    t : array, shape (T,)
        The steps.
    runs : label → array, shape (T,)
        Mean squared errors.
    levels : label → float
        A run without a level is left out here.

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.0)
    for style, (label, errors) in zip(lines(runs), runs.items(), strict=True):
        ax.loglog(t, errors, **style, label=label)
        if label in levels:
            ax.axhline(levels[label], color=style["color"], linestyle=":")
    ax.set(xlabel="step $t$", ylabel=r"mean of $\theta_t^2$")
    ax.legend()
    return fig


def factor_by_step(alpha: ArrayLike, factors: Mapping[str, ArrayLike], best: float) -> Figure:
    """Draw by what the error is multiplied in a step, against the step size.

    Parameters
    ----------
    alpha : array, shape (k,)
        Step sizes.
    factors : label → array, shape (k,)
        The factor at one curvature.
    best : float
        The step size at which the largest factor is smallest.

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.0)
    for gaps, (label, values) in zip(cycle(GAPS), factors.items(), strict=False):
        ax.plot(alpha, values, color=DARKEST, linestyle=dashed(gaps), label=label)
    worst = np.max([np.asarray(values) for values in factors.values()], axis=0)
    ax.plot(alpha, worst, **hollow(), zorder=1.5, label="the worse of the two")
    ax.axvline(best, color=COLOURS["SGD"], linestyle=":")
    ax.axhline(1, color=COLOURS["SGD"], linestyle=":")
    ax.set(xlabel=r"step size $\alpha$", ylabel="factor on the error", ylim=(0, None))
    ax.legend()
    return fig


def steps_by_condition(
    condition: ArrayLike, predicted: Mapping[str, ArrayLike], measured: Mapping[str, ArrayLike]
) -> Figure:
    """Draw how many steps a rule needs against the condition number.

    Parameters
    ----------
    condition : array, shape (k,)
        Condition numbers κ.
    predicted, measured : name of a rule → array, shape (k,)
        Steps by the formula (lines) and counted (dots).

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.2)
    for name, steps in predicted.items():
        ax.loglog(condition, steps, color=COLOURS[name], label=f"{name}, by the formula")
        ax.loglog(condition, measured[name], "o", ms=4, color=COLOURS[name], label="counted")
    ax.set(xlabel=r"condition number $\kappa$", ylabel="steps to a millionth of the error")
    ax.legend()
    return fig


def curvature_of_pixels(pixels: ArrayLike, eigenvalues: ArrayLike) -> Figure:
    """Draw the curvature along each weight as an image, and the curvatures of the whole, sorted.

    Parameters
    ----------
    pixels : array, shape (height, width)
        Curvatures; 0 is left white.
    eigenvalues : array, shape (k,)
        Positive, in any order.

    Returns
    -------
    Figure
    """
    fig, (left, right) = figure(1, 2, height=3.1)
    values = np.asarray(pixels, dtype=float)
    shown = np.log10(np.where(values > 0, values, np.nan))
    image = left.imshow(shown, cmap=HEAT)
    fig.colorbar(image, ax=left, label=r"$\log_{10}$ of the curvature", shrink=0.85)
    left.set(title="curvature along a pixel's weight", xticks=[], yticks=[])
    left.spines[:].set_visible(True)
    left.grid(False)
    right.semilogy(np.sort(np.asarray(eigenvalues))[::-1], ".", color=COLOURS["Adam"])
    right.set(title="curvatures along the Hessian's axes", xlabel="number of the axis")
    return fig
