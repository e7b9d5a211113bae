"""The pictures of the chapter on averages that forget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, figure, lines


def weights_by_age(weights: Mapping[str, ArrayLike], marks: Mapping[str, float]) -> Figure:
    """Draw the weight of a value against its age.

    Parameters
    ----------
    weights : label → array, shape (k,)
        The weights of ages 0, 1, …, k-1.
    marks : label → float
        An age to mark on the curve of that label, the memory.

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.0)
    for style, (label, values) in zip(lines(weights), weights.items(), strict=True):
        ages = np.arange(len(np.asarray(values)))
        ax.plot(ages, values, marker=".", ms=4, **style, label=label)
        if label in marks:
            ax.axvline(marks[label], color=style["color"], linestyle=":")
    ax.set(xlabel="age of the value, in steps", ylabel="weight", ylim=(0, None))
    ax.legend()
    return fig


def averages_over(
    t: ArrayLike, x: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]], ylabel: str
) -> Figure:
    """Draw values in grey and averages of them in colour, in a panel a case.

    Parameters
    ----------
    t, x : arrays, shape (T,)
        Steps and values; every panel shows them.
    panels : title → (label → array, shape (T,))
        Averages.
    ylabel : str
        What the values are.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        ax.plot(t, x, color="#bbbbbb", lw=0.8)
        for style, (label, values) in zip(lines(curves), curves.items(), strict=True):
            ax.plot(t, values, **style, label=label)
        ax.set(title=title, xlabel="step $t$")
        ax.legend()
    axes[0][0].set_ylabel(ylabel)
    return fig


def factor_by_momentum(
    mu: ArrayLike, factors: Mapping[str, ArrayLike], critical: Mapping[str, float]
) -> Figure:
    r"""Draw by what the error is multiplied in a step, in the long run, against μ.

    Parameters
    ----------
    mu : array, shape (k,)
        Momentum.
    factors : label → array, shape (k,)
        The factor at one αλ.
    critical : label → float
        The best μ of that curve, $(1-\sqrt{\alpha\lambda})^2$; a dot at its square root.

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.0)
    for style, (label, values) in zip(lines(factors), factors.items(), strict=True):
        ax.plot(mu, values, **style, label=label)
        ax.plot([critical[label]], [np.sqrt(critical[label])], "o", color=style["color"])
    ax.set(xlabel=r"momentum $\mu$", ylabel="factor on the error", ylim=(0, 1.02))
    ax.legend(loc="lower right")
    return fig


def errors_over(panels: Mapping[str, ArrayLike]) -> Figure:
    """Draw how an error goes to 0, in a panel a case.

    Parameters
    ----------
    panels : title → array, shape (T + 1,)
        Errors, with the start first.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), height=2.8, sharey=True, squeeze=False)
    for ax, (title, errors) in zip(axes[0], panels.items(), strict=True):
        ax.axhline(0, color=COLOURS["bound"], lw=0.8)
        ax.plot(np.arange(len(np.asarray(errors))), errors, ".-", ms=4, color=COLOURS["Momentum"])
        ax.set(title=title, xlabel="step $t$")
    axes[0][0].set_ylabel("error")
    return fig
