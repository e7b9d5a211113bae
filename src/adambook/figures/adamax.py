"""Chapter 7's plots: from the mean of squares to the maximum, and how far AdaMax goes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from adambook.figures.look import COLOURS, figure, hollow, lines


def norms(p: ArrayLike, values: Mapping[str, ArrayLike], limit: float) -> Figure:
    r"""Draw $v_t^{1/p}$ over p, one line a way to compute it, and the limit.

    Parameters
    ----------
    p : array, shape (n,)
        The exponents.
    values : mapping
        A label → $v_t^{1/p}$ at every p; where it is not finite nothing is drawn.
    limit : float
        $u_t$, drawn as a horizontal line.
    """
    fig, ax = figure()
    ax.axhline(limit, color=COLOURS["AdaMax"], linestyle="--", label="$u_t$, the limit")
    widths = np.linspace(4.5, 1.5, max(len(values), 2))
    for style, width, (label, v) in zip(lines(values), widths, values.items(), strict=False):
        v = np.asarray(v, dtype=np.float64)
        ax.plot(p, np.where(np.isfinite(v), v, np.nan), **style, lw=width, label=label)
    ax.set(xlabel="p", ylabel="$v_t^{1/p}$", ylim=(0, None))
    ax.set_xscale("log", base=2)
    ax.legend(loc="lower left")
    return fig


def denominators(
    t: ArrayLike,
    means: Mapping[str, ArrayLike],
    errors: Mapping[str, ArrayLike],
    exact: ArrayLike,
) -> Figure:
    r"""Draw measured mean denominators over t with their standard errors, and the exact mean.

    Parameters
    ----------
    t : array, shape (n,)
        Steps.
    means, errors : mapping
        "AdaMax" and "Adam" → the mean of the denominator at each step, and its standard error.
    exact : array, shape (n,)
        $E[u_t]$.
    """
    fig, ax = figure()
    ax.plot(t, exact, **hollow(9.0), label="$E[u_t]$, exact")
    for label, mean in means.items():
        bars = 2 * np.asarray(errors[label])
        ax.errorbar(
            np.asarray(t), mean, bars, color=COLOURS[label], fmt="o", ms=4, label=f"{label}, mean"
        )
    ax.set(xscale="log", xlabel="step t", ylabel="mean denominator", ylim=(0, None))
    ax.legend(loc="upper left")
    return fig


def bounds(values: Mapping[str, ArrayLike]) -> Figure:
    """Draw $A_t$ over t, one line a setting, 1 as a dotted line.

    Parameters
    ----------
    values : mapping
        A label → $A_1, …, A_T$.
    """
    fig, ax = figure()
    for style, (label, a) in zip(lines(values), values.items(), strict=True):
        ax.plot(np.arange(1, len(np.asarray(a)) + 1), a, **style, label=label)
    ax.axhline(1, color=COLOURS["SGD"], linestyle=":")
    ax.set(xlabel="step t", ylabel="$A_t$, in α", yscale="log")
    ax.legend()
    return fig
