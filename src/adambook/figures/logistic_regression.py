"""Chapter 9: our curves over the paper's, and how the final cost hangs on the step size."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from adambook.figures.look import COLOURS, figure, line


def over_the_papers(
    panels: dict[str, dict[str, pd.DataFrame]],
    papers: dict[str, pd.Series],
    *,
    last: int = 45,
    costs_shown: tuple[float, float] = (0.2, 0.7),
) -> Figure:
    """Draw our curves over the paper's, one panel for each way of choosing the settings.

    Parameters
    ----------
    panels : title → {optimizer → costs, epochs down and seeds across}
        The line is the mean over seeds, the band reaches from the lowest to the highest.
    papers : optimizer → the paper's curve
        Drawn in every panel as black dots and dashes.
    last : int
        The last epoch shown.
    costs_shown : (float, float)
        The lowest and the highest cost shown.
    """
    fig, axes = figure(1, len(panels), width=7.6, height=3.9, sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for name, paper in papers.items():
            ax.plot(paper.index, paper, **{**line(name), "color": COLOURS["paper"]}, lw=1.0)
        for name, costs in curves.items():
            ax.fill_between(
                costs.index, costs.min(axis=1), costs.max(axis=1), color=COLOURS[name], alpha=0.3
            )
            ax.plot(costs.index, costs.mean(axis=1), **line(name), label=name)
        ax.set(title=title, xlabel="epochs", xlim=(0, last), ylim=costs_shown)
    axes[0, 0].set_ylabel("training cost (nats, mean over the epoch)")
    axes[0, 0].plot([], [], color=COLOURS["paper"], lw=1.0, label="the paper's")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return fig


def sensitivity(
    finals: pd.DataFrame,
    decays: dict[str, str],
    *,
    costs_shown: tuple[float, float] = (0.22, 0.7),
) -> Figure:
    """Draw the final cost against the step size, one panel a decay.

    Parameters
    ----------
    finals : DataFrame
        One row a run: optimizer, decay, alpha, seed, final (see `compare.final_costs`).
    decays : name of a decay → title of its panel
    costs_shown : (float, float)
        The lowest and the highest cost shown.
    """
    fig, axes = figure(1, len(decays), width=7.6, height=3.5, sharey=True)
    for ax, (decay, title) in zip(axes, decays.items(), strict=True):
        for name, runs in finals[finals["decay"] == decay].groupby("optimizer"):
            band = runs.groupby("alpha")["final"].agg(["min", "mean", "max"])
            band = band.replace(np.inf, 1e9)
            colour = COLOURS[str(name)]
            ax.fill_between(band.index, band["min"], band["max"], color=colour, alpha=0.3)
            ax.plot(band.index, band["mean"], "o-", ms=3, color=colour, label=name)
        ax.set(title=title, xlabel="step size α", xscale="log", ylim=costs_shown)
    axes[0].set_ylabel("final training cost (nats)")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=4)
    return fig
