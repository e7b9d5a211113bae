"""Chapter 4: the quantities of Adam along a run, what scale and rotation do, and the signal."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from adambook.figures.look import COLOURS, MIDDLE, figure, lines, shades

Array = NDArray[Any]


def quantities(g: Array, m: Array, m_hat: Array, v: Array, v_hat: Array, steps: Array) -> Figure:
    """Draw, over t = 1, …, T, a coordinate's gradients with their means, its scale, its steps.

    Parameters
    ----------
    g, m, m_hat, v, v_hat : arrays, shape (T,)
        The gradient, and the moments before and after the correction.
    steps : array, shape (T,)
        Δ_t/α.
    """
    t = np.arange(1, len(g) + 1)
    fig, (mean, scale, step) = figure(3, 1, width=7.2, height=6.4, sharex=True)
    slate = shades(3)[1]
    mean.plot(t, g, ".", ms=3, color=MIDDLE, label="gradient $g_t$")
    mean.plot(t, m, "--", color=COLOURS["Adam"], label="$m_t$")
    mean.plot(t, m_hat, color=COLOURS["Adam"], label=r"$\hat m_t$")
    scale.plot(t, np.abs(g), ".", ms=3, color=MIDDLE, label="$|g_t|$")
    scale.plot(t, np.sqrt(v), "--", color=slate, label=r"$\sqrt{v_t}$")
    scale.plot(t, np.sqrt(v_hat), color=slate, label=r"$\sqrt{\hat v_t}$")
    step.plot(t, steps, color="#222222", label=r"$\Delta_t/\alpha$")
    for height in (-1, 1):
        step.axhline(height, color=MIDDLE, lw=0.8)
    mean.set_title("the mean")
    scale.set_title("the scale")
    step.set(title="the step: minus the mean over the scale", xlabel="step t")
    for ax in (mean, scale, step):  # above the panel, beside its title: no dot lies there
        above = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2}
        ax.legend(**above, ncols=3, markerscale=2.5)
    return fig


def rotation(
    paths: dict[str, tuple[Array, Array]], losses: dict[str, tuple[Array, Array]]
) -> Figure:
    """Draw paths on a quadratic and on the same quadratic rotated, and their losses.

    Parameters
    ----------
    paths : optimizer → (straight, rotated), arrays of shape (T + 1, 2)
        The rotated path is turned back, so that equal behaviour gives equal paths.
    losses : optimizer → (straight, rotated), arrays of shape (T + 1,)
    """
    fig, (plane, fall) = figure(1, 2, width=7.6, height=3.6)
    for name, both in paths.items():
        for path, style in zip(both, ("-", ":"), strict=True):
            plane.plot(path[:, 0], path[:, 1], style, color=COLOURS[name])
    for name, both in losses.items():
        for loss, style, word in zip(both, ("-", ":"), ("straight", "rotated"), strict=True):
            fall.semilogy(loss, style, color=COLOURS[name], label=f"{name}, {word}")
    plane.plot(0, 0, "+", color="#222222", ms=10)
    plane.set(title="paths, turned back into one frame", xlabel="θ₁", ylabel="θ₂")
    fall.set(title="loss", xlabel="step t")
    fall.legend()
    return fig


def scale(gradients: Array, steps: dict[str, Array]) -> Figure:
    """Draw |Δ|/α for constant gradients over many orders of magnitude.

    Parameters
    ----------
    gradients : array, shape (n,)
        The sizes of the gradient.
    steps : label → array, shape (n,)
        |Δ|/α at each, one curve a label.
    """
    fig, ax = figure(height=3.2)
    for style, (label, step) in zip(lines(steps), steps.items(), strict=True):
        ax.semilogx(gradients, step, **style, label=label)
    ax.set(xlabel="size of the gradient |g|", ylabel="|Δ| / α", ylim=(-0.05, 1.35))
    ax.legend(loc="lower right")
    return fig


def signal(epochs: Array, ratios: dict[str, Array], floors: dict[str, float]) -> Figure:
    """Draw the RMS of the normalised step along a run, with the floor of pure noise.

    Parameters
    ----------
    epochs : array, shape (n,)
    ratios : label → array, shape (n,)
    floors : label → float
        Drawn as a dotted line of the label's colour.
    """
    fig, ax = figure(height=3.2)
    for style, (label, ratio) in zip(lines(ratios), ratios.items(), strict=True):
        ax.plot(epochs, ratio, **style, label=label)
        ax.axhline(floors[label], color=style["color"], ls=":", lw=1.2)
    ax.set(xlabel="epoch", ylabel=r"RMS of $\hat m_t/\sqrt{\hat v_t}$", ylim=(0, None))
    fig.legend(loc="outside lower center", ncols=3)
    return fig
