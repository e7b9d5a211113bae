"""Paths over the level lines of a function of two parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, figure, lines
from adambook.problems import Problem

POINTS = 201


def paths_on_contours(
    problem: Problem,
    panels: Mapping[str, Mapping[str, ArrayLike]],
    height: float = 3.2,
    window: Sequence[tuple[float, float]] | None = None,
) -> Figure:
    """Draw paths over the level lines of a problem, in a panel a case.

    Parameters
    ----------
    problem : adambook.problems.Problem
        A function of two parameters.
    panels : title → (label → path, shape (steps + 1, 2))
        A label that begins with the name of a rule has that rule's look. The first path of a
        panel is the widest, so that it is seen under those that follow.
    height : float
        In inches.
    window : two pairs, optional
        What is shown of each parameter; default the problem's bounds.

    Returns
    -------
    Figure
    """
    fig, axes = figure(1, len(panels), height=height, sharey=True, squeeze=False)
    fig.set_layout_engine("constrained", wspace=0.06)
    shown = problem.bounds if window is None else window
    x, y = (np.linspace(low, high, POINTS) for low, high in shown)
    heights = problem.value(np.stack(np.meshgrid(x, y), axis=-1)) - problem.value(problem.minimum)
    levels = np.geomspace(heights.max() / 2000, heights.max(), 12)
    for ax, (title, paths) in zip(axes[0], panels.items(), strict=True):
        ax.contour(x, y, heights, levels=levels, colors="#bbbbbb", linewidths=0.7)
        wider = 1.5 * np.arange(len(paths))[::-1]
        for style, more, (label, path) in zip(lines(paths), wider, paths.items(), strict=True):
            size = {"ms": 2.5 + 1.3 * more, "lw": 1 + more / 2}
            ax.plot(*np.asarray(path).T, marker="o", **size, **style, label=label)
        ax.plot(*problem.minimum, "*", ms=9, color=COLOURS["bound"])
        ax.set(title=title, xlabel=r"$\theta_1$", xlim=shown[0], ylim=shown[1])
        ax.grid(False)
    axes[0][0].set_ylabel(r"$\theta_2$")
    for ax, paths in zip(axes[0], panels.values(), strict=True):
        if len(paths) > 1:
            ax.legend(fontsize=8.5, loc="lower right")
    return fig
