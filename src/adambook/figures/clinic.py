"""Chapter 17's plots: the log of a sick run on the left, of the cured one on the right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from adambook.figures.look import figure

COLOURS = {"sick": "#b2182b", "cured": "#2166ac"}
STYLES = ("-", "--", ":")


def pair(
    sick: pd.DataFrame,
    cured: pd.DataFrame,
    panels: Mapping[str, Sequence[str]],
    *,
    log: Collection[str] = (),
    x: str = "t",
    marks: Mapping[str, float] | None = None,
) -> Figure:
    """Draw two logs side by side, on the same axes, one row of panels a quantity.

    Where a column is not finite the panel is hatched, and says so; so does one without a column.

    Parameters
    ----------
    sick, cured : DataFrame
        Logs as the clinic's runs return them.
    panels : mapping
        Title of a row → the columns it draws.
    log : collection of titles
        The rows with a logarithmic axis.
    x : str
        The column, or the index, that runs along the axis.
    marks : mapping, optional
        Text → x of a dotted line.
    """
    rows = len(panels)
    fig, axes = figure(
        rows, 2, width=7.6, height=0.9 + 1.75 * rows, sharex=True, sharey="row", squeeze=False
    )
    for column, (name, frame) in enumerate({"sick": sick, "cured": cured}.items()):
        frame = frame.reset_index().set_index(x)
        for ax, (title, columns) in zip(axes[:, column], panels.items(), strict=True):
            _draw(ax, frame, columns, COLOURS[name])
            for text, at in (marks or {}).items():
                ax.axvline(at, color="#222222", linestyle=":", linewidth=1.1, label=text)
            ax.set_title(f"{name}: {title}")
            if title in log:
                ax.set_yscale("log")
        axes[-1, column].set_xlabel({"t": "update t"}.get(x, x))
    for ax, title in zip(axes[:, 0], panels, strict=True):
        if title in log:
            _name_what_lies_between(ax)
    for ax in axes[:, 1]:
        if len(ax.get_legend_handles_labels()[1]) > 1:
            ax.legend(fontsize=9)
    return fig


def _draw(ax: Any, frame: pd.DataFrame, columns: Sequence[str], colour: str) -> None:
    for style, name in zip(STYLES, columns, strict=False):
        if name in frame:
            finite = frame[name].where(np.isfinite(frame[name]))
            marker = "o" if finite.count() < 5 else ""
            ax.plot(finite.index, finite, style, marker=marker, color=colour, lw=1.4, label=name)
            if finite.isna().any():
                first = finite.index[finite.isna()][0]
                ax.axvspan(first, frame.index[-1], color=colour, alpha=0.12, hatch="//")
                _write(ax, "not finite", colour)
    if not any(name in frame for name in columns):
        _write(ax, "not used", colour)


def _name_what_lies_between(ax: Any) -> None:
    """Where a logarithmic axis shows fewer than two powers of ten, name 2 and 5 of each too."""
    low, high = ax.get_ylim()
    few = np.floor(np.log10(high)) - np.ceil(np.log10(low)) < 1
    ax.yaxis.set_minor_formatter(NullFormatter())
    if few:
        ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        for write in (ax.yaxis.set_minor_formatter, ax.yaxis.set_major_formatter):
            write(FuncFormatter(lambda y, _: f"{y:,.7g}"))


def _write(ax: Any, text: str, colour: str) -> None:
    """Write in the middle of a panel."""
    ax.text(0.5, 0.5, text, color=colour, ha="center", transform=ax.transAxes)
