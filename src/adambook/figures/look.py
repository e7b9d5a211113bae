"""One look for all figures: sizes, fonts, and a colour for each optimizer."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

COLOURS = {
    "SGD": "#7f7f7f",
    "Momentum": "#a6761d",
    "Nesterov": "#0072b2",
    "AdaGrad": "#009e73",
    "RMSProp": "#e69f00",
    "AdaDelta": "#56b4e9",
    "Adam": "#d55e00",
    "AdaMax": "#cc79a7",
    "AMSGrad": "#5b3a8c",
    "SFO": "#7a1f4d",
    "paper": "#222222",
    "bound": "#222222",
}
"""A colour an optimizer, the same in every chapter; told apart by colour-blind readers too."""

DASHES: dict[str, tuple[float, ...]] = {
    "SGD": (4, 1.5, 1, 1.5),
    "Momentum": (7, 2),
    "Nesterov": (3.7, 1.6),
    "AdaGrad": (1, 1.5),
    "RMSProp": (7, 1.5, 1, 1.5),
    "AdaDelta": (4, 1.5, 1, 1.5, 1, 1.5),
    "Adam": (),
    "AdaMax": (2, 1),
    "AMSGrad": (10, 2),
    "SFO": (6, 1, 1, 1, 1, 1),
    "paper": (),
    "bound": (4, 2),
}
"""A line an optimizer: lengths on and off, in line widths; () is a line without gaps."""

LOOK: dict[Any, Any] = {
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "svg.hashsalt": "adambook",
}


def line(name: str) -> dict[str, Any]:
    """Return colour and line style of an optimizer, as `plot` takes them.

    >>> line("Adam")
    {'color': '#d55e00', 'linestyle': '-'}
    >>> line("AdaGrad")
    {'color': '#009e73', 'linestyle': (0, (1, 1.5))}
    """
    dashes = DASHES[name]
    return {"color": COLOURS[name], "linestyle": (0, dashes) if dashes else "-"}


def figure(
    rows: int = 1, columns: int = 1, *, width: float = 7.2, height: float = 3.4, **options: Any
) -> tuple[Figure, Any]:
    """Return a figure and its axes in the book's look, which stays in force for what follows.

    The figure belongs to nobody: it is shown where it ends a cell, and needs no closing.

    Parameters
    ----------
    rows, columns : int
        The grid of axes.
    width, height : float
        Size in inches.
    options
        What `matplotlib.pyplot.subplots` takes (`sharey`, `subplot_kw`, …).

    >>> fig, ax = figure()
    >>> bool(ax.spines["top"].get_visible()), plt.fignum_exists(fig.number)
    (False, False)
    """
    plt.rcParams.update(LOOK)
    fig, axes = plt.subplots(rows, columns, figsize=(width, height), **options)
    plt.close(fig)  # a notebook shows the figure that ends its cell: once, and nothing else
    return fig, axes
