"""Chapter 18: the forms of a step side by side, the memory of the family, and growth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adambook.figures.look import COLOURS, figure, shades

OURS, THEIRS, OTHERS = shades(3)
FORMS = {
    "NumPy": (OTHERS, "s"),
    "PyTorch loop": (THEIRS, "v"),
    "PyTorch foreach": (THEIRS, "^"),
    "PyTorch fused": (THEIRS, "D"),
    "Optax, jitted": (OTHERS, "P"),
    "our PyTorch adapter": (OURS, "X"),
    "one pass": (OURS, "o"),
}
"""A shade and a mark for each form of a step, no form being an optimizer; PyTorch's are hollow."""


def side_by_side(rows: pd.DataFrame, *, rules: list[str] | None = None) -> Figure:
    """Draw the time of each form as a multiple of the memory limit, one panel a size.

    In its row each form has a height of its own, so that no mark covers another.

    Parameters
    ----------
    rows : what `adambook bench` measures, one row a rule, size and form
    rules : the rules to show, from the top; default all, in the order of the rows
    """
    flat = rows[rows["tensors"] == 1]
    sizes = flat["size"].drop_duplicates().tolist()
    names = rules or flat["rule"].drop_duplicates().tolist()
    height = 1.4 + 0.36 * len(names)
    fig, axes = figure(1, len(sizes), width=7.6, height=height, sharey=True, squeeze=False)
    for ax, size in zip(axes[0], sizes, strict=True):
        times = flat[flat["size"] == size].pivot(index="rule", columns="form", values="median_ms")
        bare = times[[name for name in times if str(name).startswith("bare")]].min(axis=1)
        y = np.arange(len(names))
        for row in y[::2]:
            ax.axhspan(row - 0.5, row + 0.5, color="#eef1f5", zorder=0)
        heights = np.linspace(-0.36, 0.36, len(FORMS))
        for lift, (form, (colour, mark)) in zip(heights, FORMS.items(), strict=True):
            if form in times:
                x = (times[form] / bare).reindex(names)
                inside = "none" if form.startswith("PyTorch") else colour
                ax.plot(x, y + lift, mark, color=colour, mfc=inside, ms=5, label=form)
        ax.axvline(1.0, color=COLOURS["bound"], lw=1.0, zorder=1)
        ax.set(xscale="log", title=f"{size} parameters", xlabel="time / bare loop's")
        ax.set_xlim(left=0.75)
        ax.grid(False, axis="y")
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].set_ylim(len(names) - 0.5, -0.5)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def memory_bars(gigabytes: dict[str, dict[str, float]]) -> Figure:
    """Draw the memory of training, one stacked bar a rule.

    Parameters
    ----------
    gigabytes : rule → {part of the memory → gigabytes}
    """
    names, parts = list(gigabytes), list(next(iter(gigabytes.values())))
    fig, ax = figure(height=1.2 + 0.3 * len(names))
    left = np.zeros(len(names))
    for part, colour in zip(parts, shades(len(parts))[::-1], strict=True):
        widths = np.array([gigabytes[name][part] for name in names])
        ax.barh(names, widths, left=left, color=colour, label=part)
        left += widths
    ax.invert_yaxis()
    ax.set(xlabel="gigabytes")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig


def against_parameters(rows: pd.DataFrame) -> Figure:
    """Draw nanoseconds a parameter against the number of parameters, ours and a bare loop's.

    Parameters
    ----------
    rows : what `adambook bench growth` measures
    """
    chosen = rows[rows["what"] == "parameters"]
    times = chosen.pivot(index="x", columns="form", values="median_ms")
    bare = times[[name for name in times if str(name).startswith("bare")]].min(axis=1)
    fig, ax = figure(height=3.0)
    per = 1e6 / times.index.to_numpy(dtype=float)
    ax.plot(times.index, times["one pass"] * per, "o-", color=COLOURS["Adam"], label="Adam")
    ax.plot(times.index, bare * per, "--", color=COLOURS["bound"], label="bare loop")
    ax.set(xscale="log", xlabel="parameters", ylabel="ns a parameter", ylim=(0, None))
    ax.legend()
    return fig
