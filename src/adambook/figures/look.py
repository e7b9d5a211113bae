"""One look for all figures: sizes, fonts, and a colour for each optimizer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

COLOURS = {
    "SGD": "#4a4a4a",
    "Momentum": "#703800",
    "Nesterov": "#0072b2",
    "AdaGrad": "#009e73",
    "RMSProp": "#e69f00",
    "AdaDelta": "#56b4e9",
    "Adam": "#d55e00",
    "AdaMax": "#cc79a7",
    "AMSGrad": "#5b3a8c",
    "SFO": "#7a1f4d",
    "AdamW": "#332288",
    "NAdam": "#117733",
    "RAdam": "#aa4499",
    "AdaBelief": "#44aa99",
    "ADOPT": "#999933",
    "ADOPTClipped": "#661100",
    "ScheduleFree": "#4477aa",
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
    "AdamW": (12, 1.5, 2, 1.5),
    "NAdam": (5, 1),
    "RAdam": (2.5, 2.5),
    "AdaBelief": (8, 3, 3, 3),
    "ADOPT": (1, 1, 4, 1),
    "ADOPTClipped": (1, 1, 1, 1, 4, 1),
    "ScheduleFree": (9, 1, 1, 1, 1, 1),
    "paper": (),
    "bound": (4, 2),
}
"""A line an optimizer: lengths on and off, in line widths; () is a line without gaps."""

DARKEST, LIGHTEST = "#14233c", "#7896bd"
"""Ends of the shades of slate for curves that are no optimizer's: settings, sequences, cases."""

GAPS: tuple[tuple[float, ...], ...] = ((), (5, 2), (1.2, 1.4), (6, 1.5, 1.2, 1.5), (9, 2), (3, 1))
"""Lines of curves that share a colour or have one close by, in order."""

MIDDLE = "#8c8c8c"
"""A grey with a contrast of 3.4 to white and, turned round, of 4 to a dark page."""

HEAT = LinearSegmentedColormap.from_list(
    "heat", ["#d0e6bc", "#83c7b0", "#3f9dbb", "#2c63a4", "#221d60"]
)
"""Colours of a map, from pale to dark; on dark pages, where lightness is turned, from dim to light.

Neither end is white, which is for cells without a value.
"""

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


def dashed(gaps: tuple[float, ...]) -> Any:
    """Return a line style of matplotlib from lengths on and off, in line widths.

    >>> dashed(()), dashed((4, 2))
    ('-', (0, (4, 2)))
    """
    return (0, gaps) if gaps else "-"


def line(name: str) -> dict[str, Any]:
    """Return colour and line style of an optimizer, as `plot` takes them.

    >>> line("Adam")
    {'color': '#d55e00', 'linestyle': '-'}
    >>> line("AdaGrad")
    {'color': '#009e73', 'linestyle': (0, (1, 1.5))}
    """
    return {"color": COLOURS[name], "linestyle": dashed(DASHES[name])}


def optimizer(label: str) -> str | None:
    """Return the optimizer that a label begins with, if it begins with one.

    >>> optimizer("AdamW, λ = 0.1"), optimizer("β = 0.9")
    ('AdamW', None)
    """
    return max((name for name in COLOURS if label.startswith(name)), key=len, default=None)


def shades(count: int) -> list[str]:
    """Return shades of slate from dark to light: the colours of what is no optimizer.

    >>> shades(3)
    ['#14233c', '#465d7d', '#7896bd']
    """
    ends = np.array([to_rgb(DARKEST), to_rgb(LIGHTEST)])
    parts = np.linspace(0.0, 1.0, count)[:, None]
    return [to_hex(colour) for colour in (1 - parts) * ends[0] + parts * ends[1]]


def lines(labels: Iterable[str]) -> list[dict[str, Any]]:
    """Return colour and line style for the curves of one plot.

    A curve whose label begins with the name of an optimizer has that one's colour and, if it is the
    first of them, its line. The others are settings or cases: they have shades and lines in order.

    >>> [style["color"] for style in lines(["Adam", "Adam, ε = 1", "β = 0.9"])]
    ['#d55e00', '#d55e00', '#14233c']
    """
    names = [optimizer(label) for label in labels]
    greys = iter(shades(names.count(None)))
    styles = []
    for k, name in enumerate(names):
        before = names[:k].count(name)
        gaps = dashed(GAPS[before % len(GAPS)])
        if name is None:
            styles.append({"color": next(greys), "linestyle": gaps})
        else:
            styles.append(line(name) | ({"linestyle": gaps} if before else {}))
    return styles


def hollow(width: float = 7.0) -> dict[str, Any]:
    """Return a wide line that is empty inside: what lies on it keeps its own colours.

    `width` is that of the whole line with its two edges of 1.3, in points.

    >>> style = hollow(7.0)
    >>> style["color"], style["linewidth"]
    ('white', 4.4)
    """
    edge = Stroke(linewidth=width, foreground=COLOURS["bound"])
    return {
        "color": "white",
        "linewidth": width - 2.6,
        "path_effects": [edge, Normal()],
        "solid_capstyle": "butt",
    }


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
