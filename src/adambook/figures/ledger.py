"""Chapter 13: the audit at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from adambook.figures.look import figure

SIGNS = {
    "TRUE": ("✓", "#009e73", "white"),
    "PARTLY": ("◐", "#56b4e9", "black"),
    "FALSE": ("✗", "#d55e00", "white"),
    "NOT SUPPORTED": ("–", "#e69f00", "black"),
    "VACUOUS": ("∅", "#cc79a7", "black"),
    "INCONCLUSIVE": ("?", "#ffffff", "black"),
}
"""A sign, a colour and the colour of the sign for each verdict; the signs alone suffice."""

SECTIONS = {
    "Abstract, introduction": (1, 12),
    "Algorithm 1": (13, 18),
    "2.1 Update rule": (19, 30),
    "3 Bias correction": (31, 35),
    "4 Convergence": (36, 50),
    "5 Related work": (51, 57),
    "6.1 Logistic regression": (58, 63),
    "6.2 Multilayer networks": (64, 67),
    "6.3 Convolutional networks": (68, 73),
    "6.4 Bias correction, VAE": (74, 77),
    "7, 8 Extensions, conclusion": (78, 86),
}
"""The claims of each section of the paper, by the first and the last number."""

ACROSS = 15
"""The most cells in a row."""


def at_a_glance(verdicts: Mapping[str, str]) -> Figure:
    """Draw every claim as a cell, by section of the paper; colour and sign are its verdict.

    Parameters
    ----------
    verdicts : claim's id → verdict
        As `{row["id"]: row["verdict"] for row in adambook.ledger.table.recorded()}` gives them.
    """
    fig, ax = figure(width=7.6, height=5.4)
    for row, (section, (first, last)) in enumerate(SECTIONS.items()):
        ax.text(-0.25, row + 0.5, section, ha="right", va="center", fontsize=9)
        for column, number in enumerate(range(first, last + 1)):
            _cell(ax, column, row, f"C{number:02}", verdicts[f"C{number:02}"])
    for place, (verdict, (sign, colour, _)) in enumerate(SIGNS.items()):
        count = sum(found == verdict for found in verdicts.values())
        x, y = -6.2 + 7.3 * (place % 3), len(SECTIONS) + 0.75 + 1.0 * (place // 3)
        _box(ax, x, y, colour)
        ax.text(x + 0.42, y + 0.42, sign, ha="center", va="center", color=_ink(verdict), **_SIGN)
        ax.text(x + 1.1, y + 0.42, f"{verdict.lower()}: {count}", va="center", fontsize=9)
    ax.set(xlim=(-6.6, ACROSS + 0.2), ylim=(len(SECTIONS) + 2.7, 0.0), aspect="equal")
    ax.axis("off")
    return fig


_SIGN: dict[str, Any] = {"fontsize": 10, "fontfamily": "DejaVu Sans"}


def _cell(ax: Any, column: int, row: int, name: str, verdict: str) -> None:
    """Draw one claim."""
    sign, colour, ink = SIGNS[verdict]
    _box(ax, column, row, colour)
    ax.text(column + 0.42, row + 0.28, sign, ha="center", va="center", color=ink, **_SIGN)
    ax.text(column + 0.42, row + 0.65, name[1:], ha="center", va="center", color=ink, fontsize=7.5)


def _box(ax: Any, x: float, y: float, colour: str) -> None:
    ax.add_patch(Rectangle((x, y), 0.84, 0.84, facecolor=colour, edgecolor="#444444", lw=0.6))


def _ink(verdict: str) -> str:
    return SIGNS[verdict][2]
