"""The pictures of the chapter on convergence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, figure, lines


def violation(
    rounds: ArrayLike,
    regret: ArrayLike,
    bound: ArrayLike,
    later: ArrayLike,
    average: ArrayLike,
    average_bound: ArrayLike,
    level: float,
) -> Figure:
    """Draw a regret that crosses the bound claimed for it, and what becomes of the averages.

    Parameters
    ----------
    rounds, regret, bound : arrays, shape (k,)
        The regret R(T), and what is claimed to bound it, at the first T.
    later, average, average_bound : arrays, shape (n,)
        R(T)/T and the bound over T, at T over a longer time.
    level : float
        What R(T)/T stays above.

    Returns
    -------
    Figure
    """
    fig, (left, right) = figure(1, 2)
    left.plot(rounds, regret, color=COLOURS["Adam"], label="regret $R(T)$")
    left.plot(rounds, bound, color=COLOURS["bound"], label="claimed bound")
    left.set(title="regret", xlabel="round $T$")
    left.legend()
    right.loglog(later, average, color=COLOURS["Adam"], label="$R(T)/T$")
    right.loglog(later, average_bound, color=COLOURS["bound"], label="claimed bound / $T$")
    right.axhline(level, color=COLOURS["SGD"], linestyle=":", label="proved lower bound")
    right.set(title="average regret", xlabel="round $T$")
    right.legend()
    return fig


def iterates(
    rounds: ArrayLike, panels: Mapping[str, Mapping[str, ArrayLike]], best: float
) -> Figure:
    """Draw where each rule stands, round by round, in a panel a rule.

    Parameters
    ----------
    rounds : array, shape (k,)
        The rounds.
    panels : title → (label → array, shape (k,))
        The iterates at those rounds.
    best : float
        The best fixed point.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), sharey=True, squeeze=False)
    for ax, (title, paths) in zip(axes[0], panels.items(), strict=True):
        for style, (label, path) in zip(lines(paths), paths.items(), strict=True):
            ax.plot(rounds, path, **style, label=label)
        ax.axhline(best, color=COLOURS["bound"], linestyle=":", label="best point")
        ax.set(title=title, xlabel="round $t$")
    axes[0][0].set_ylabel(r"$\theta_t$")
    axes[0][0].legend(loc="center right")
    return fig


def regrets(rounds: ArrayLike, curves: Mapping[str, ArrayLike], trivial: ArrayLike) -> Figure:
    """Draw true regrets and the bounds that are proved for them.

    Parameters
    ----------
    rounds : array, shape (k,)
        The horizons T.
    curves : label → array, shape (k,)
        A true regret, its bound, the next regret, its bound, …
    trivial : array, shape (k,)
        What bounds the regret of every rule.

    Returns
    -------
    Figure
    """
    fig, ax = figure(height=3.8)
    names = ["", *list(curves)[::2]]  # the darkest shade would be near AMSGrad's colour
    colours = [style["color"] for style in lines(names)][1:]
    widths = np.linspace(5.0, 1.6, len(colours))  # of the regrets, which may lie on each other
    for k, (label, values) in enumerate(curves.items()):
        style = {"ls": "--"} if k % 2 else {"ls": "-", "lw": widths[k // 2]}
        ax.loglog(rounds, values, color=colours[k // 2], **style, label=label)
    ax.loglog(rounds, trivial, color=COLOURS["bound"], linestyle=":", label="trivial bound")
    ax.set(xlabel="round $T$", ylabel="regret")
    ax.legend()
    return fig
