"""Paths over the level lines of a function of two parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, figure, lines
from adambook.problems import Problem

POINTS = 201


def paths_on_contours(
    problem: Problem, panels: Mapping[str, Mapping[str, ArrayLike]], height: float = 3.2
) -> Figure:
    """Draw paths over the level lines of a problem, in a panel a case.

    Parameters
    ----------
    problem : adambook.problems.Problem
        A function of two parameters; its bounds are what is shown.
    panels : title → (label → path, shape (steps + 1, 2))
        A label that begins with the name of a rule has that rule's look.
    height : float
        In inches.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), height=height, sharey=True, squeeze=False)
    x, y = (np.linspace(low, high, POINTS) for low, high in problem.bounds)
    heights = problem.value(np.stack(np.meshgrid(x, y), axis=-1)) - problem.value(problem.minimum)
    levels = np.geomspace(heights.max() / 2000, heights.max(), 12)
    for ax, (title, paths) in zip(axes[0], panels.items(), strict=True):
        ax.contour(x, y, heights, levels=levels, colors="#bbbbbb", linewidths=0.7)
        for style, (label, path) in zip(lines(paths), paths.items(), strict=True):
            ax.plot(*np.asarray(path).T, marker="o", ms=2.5, lw=1, **style, label=label)
        ax.plot(*problem.minimum, "*", ms=9, color=COLOURS["bound"])
        ax.set(title=title, xlabel=r"$\theta_1$", xlim=problem.bounds[0], ylim=problem.bounds[1])
        ax.grid(False)
    axes[0][0].set_ylabel(r"$\theta_2$")
    if any(len(paths) > 1 for paths in panels.values()):
        axes[0][-1].legend(frameon=True, framealpha=0.9, fontsize=8.5)
    return fig
