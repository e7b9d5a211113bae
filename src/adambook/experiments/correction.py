r"""Figure 4 read through the start-up factor: what it predicts, and what a grid of losses shows.

Without correction step t is $h(t)$ times as long as with it (`theory.uncorrected_step`). Two
predictions follow, which need no run without correction:

- as long as α is too small, the loss at α is the corrected loss at $\alpha\,\bar h(T)$, with the
  mean factor of all T steps (`predictions`);
- the largest usable α is smaller by at most the factor's peak $h^*$ (`limits`).

A table of points has the columns of `fig4.POINT` and `loss`; several seeds are averaged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from adambook.experiments.compare import grade, sensitivity_width
from adambook.experiments.fig4 import ALPHAS, BATCH, EXAMPLES, POINT
from adambook.theory import uncorrected_mean, uncorrected_peak

TOP = 140.0
"""The top of the paper's frame, in nats: a point above it counts as unusable."""

CELL = ["beta1", "beta2"]


def _sides(points: pd.DataFrame) -> dict[tuple[float, float], tuple[pd.Series, pd.Series]]:
    """Return by (β1, β2) the finite losses by α, with correction and without."""
    mean = points.groupby(POINT)["loss"].mean()
    mean = mean[np.isfinite(mean)]
    found: dict[Any, Any] = {}
    for cell, rows in mean.reset_index().groupby(CELL):
        sides = (rows[rows["corrected"] == side] for side in (True, False))
        found[cell] = tuple(side.set_index("alpha")["loss"] for side in sides)
    return found


def _usable(losses: pd.Series) -> float:
    """Return the largest α whose loss lies in the frame, or NaN."""
    return float(losses.index[losses <= TOP].max())


def predictions(
    points: pd.DataFrame, epochs: int, steps_an_epoch: int = EXAMPLES // BATCH
) -> pd.DataFrame:
    r"""Return the uncorrected losses that the corrected ones predict, beside the true ones.

    Predicted is the corrected loss at $\alpha\,\bar h$, between two step sizes by a straight line
    in ln α. Only points where the prediction is meant to hold are kept: α h̄ is at most the best
    corrected step size, and the longest uncorrected steps, α h*, are not longer than those that
    the corrected run can use.

    Parameters
    ----------
    points : DataFrame
        `fig4.POINT` and loss in nats.
    epochs, steps_an_epoch : int
        Their product is T.

    Returns
    -------
    DataFrame
        beta1, beta2, alpha, mean_factor, corrected, uncorrected, predicted.

    >>> rows = [(0.9, 0.9999, a, True, y) for a, y in ((1e-4, 150.0), (3e-4, 120.0), (1e-2, 110.0))]
    >>> rows += [(0.9, 0.9999, 1e-4, False, 121.0)]
    >>> points = pd.DataFrame(rows, columns=[*POINT, "loss"])
    >>> predictions(points, 10)["predicted"].round(1).tolist()
    [121.5]
    """
    rows = []
    for (beta1, beta2), (corrected, uncorrected) in _sides(points).items():
        if corrected.empty:
            continue
        factor = uncorrected_mean(beta1, beta2, epochs * steps_an_epoch)
        peak = uncorrected_peak(beta1, beta2).value
        best, usable = corrected.idxmin(), _usable(corrected)
        for alpha, loss in zip(uncorrected.index.to_numpy(), uncorrected, strict=True):
            if alpha in corrected and alpha * factor <= best and alpha * peak <= usable:
                at = np.log(alpha * factor)
                predicted = np.interp(at, np.log(corrected.index), corrected)
                rows.append((beta1, beta2, alpha, factor, corrected[alpha], loss, predicted))
    names = [*CELL, "alpha", "mean_factor", "corrected", "uncorrected", "predicted"]
    return pd.DataFrame(rows, columns=names)


def limits(points: pd.DataFrame) -> pd.DataFrame:
    r"""Return by how much the largest usable step size shrinks without correction.

    A grid of step sizes gives the two limits, and so their ratio, between `low` and `high` only.
    A step size that is missing counts as unusable; cells without a usable point on either side
    are left out.

    Returns
    -------
    DataFrame
        beta1, beta2, peak (h*), low, high; inside: whether the peak lies between them.

    >>> rows = [(0.9, 0.999, a, c, 100.0) for a, c in ((1e-3, False), (1e-2, True))]
    >>> found = limits(pd.DataFrame(rows, columns=[*POINT, "loss"])).round(2)
    >>> found[["peak", "low", "high"]].to_numpy().tolist()
    [[6.57, 3.33, 30.0]]
    """
    following = dict(zip(ALPHAS, (*ALPHAS[1:], np.inf), strict=True))
    rows = []
    for (beta1, beta2), sides in _sides(points).items():
        alpha, other = map(_usable, sides)
        if np.isfinite([alpha, other]).all():
            peak = uncorrected_peak(beta1, beta2).value
            low, high = alpha / following[other], following[alpha] / other
            inside = low * (1 - 1e-9) <= peak <= high * (1 + 1e-9)
            rows.append((beta1, beta2, peak, low, high, inside))
    return pd.DataFrame(rows, columns=[*CELL, "peak", "low", "high", "inside"])


def whole_cells(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points of those cells that have every step size on both sides.

    >>> rows = [(0.9, b, a, c, 1.0) for b in (0.9, 0.99) for a in ALPHAS for c in (True, False)]
    >>> len(whole_cells(pd.DataFrame(rows[1:], columns=[*POINT, "loss"])))
    14
    """
    count = points.drop_duplicates(POINT).groupby(CELL).size()
    whole = count.index[count == 2 * len(ALPHAS)]
    return points[pd.MultiIndex.from_frame(points[CELL]).isin(whole)]


def gaps(points: pd.DataFrame) -> pd.DataFrame:
    """Return the loss without correction minus that with it, where both are finite.

    Returns
    -------
    DataFrame
        beta1, beta2, alpha, gap in nats: below 0 the correction did harm.

    >>> rows = [(0.9, 0.99, 1e-3, c, 100.0 + c) for c in (True, False)]
    >>> gaps(pd.DataFrame(rows, columns=[*POINT, "loss"]))["gap"].tolist()
    [-1.0]
    """
    mean = points.groupby(POINT)["loss"].mean().unstack("corrected")
    mean = mean.reindex(columns=[True, False]).replace(np.inf, np.nan).dropna()
    return (mean[False] - mean[True]).rename("gap").reset_index()


def best_of_each(points: pd.DataFrame) -> pd.DataFrame:
    """Return the lowest loss of each cell with and without correction, each at its best α.

    Returns
    -------
    DataFrame
        beta1 and beta2 as index; corrected, uncorrected, in nats, infinite where none is finite;
        gap, the second minus the first.

    >>> rows = [(0.9, 0.99, a, c, 100.0 - c + a) for a in (0.5, 1.0) for c in (True, False)]
    >>> best_of_each(pd.DataFrame(rows, columns=[*POINT, "loss"]))["gap"].tolist()
    [1.0]
    """
    mean = points.groupby(POINT)["loss"].mean()
    best = mean.groupby([*CELL, "corrected"]).min().unstack("corrected")
    best = best.reindex(columns=[True, False]).fillna(np.inf)
    best = best.rename(columns={True: "corrected", False: "uncorrected"}).rename_axis(columns=None)
    return best.assign(gap=best["uncorrected"] - best["corrected"])


def widths(points: pd.DataFrame, factor: float = 1.05) -> pd.DataFrame:
    """Return by cell how many decades of α come within `factor` of each side's lowest loss.

    A cell without a finite loss on one of the sides is left out.

    >>> losses = {1e-3: (100.0, 104.0), 1e-2: (102.0, 100.0), 1e-1: (103.0, 300.0)}
    >>> rows = [(0.9, 0.999, a, c, l[not c]) for a, l in losses.items() for c in (True, False)]
    >>> widths(pd.DataFrame(rows, columns=[*POINT, "loss"])).to_dict("records")
    [{'beta1': 0.9, 'beta2': 0.999, 'corrected': 2.0, 'uncorrected': 1.0}]
    """
    rows = [
        (*cell, *(sensitivity_width(side, factor) for side in sides))
        for cell, sides in _sides(points).items()
        if all(len(side) for side in sides)
    ]
    return pd.DataFrame(rows, columns=[*CELL, "corrected", "uncorrected"])


def statements(points: pd.DataFrame) -> str:
    """Return what a grid of losses says on three sentences of the paper's section 6.4.

    1. With correction as well or better, whatever the hyper-parameters.
    2. The best results need β2 near 1 and correction.
    3. Without correction a β2 near 1 makes training unstable.

    >>> rows = [(0.9, 0.99, 1e-3, c, 100.0 + c) for c in (True, False)]
    >>> print(statements(pd.DataFrame(rows, columns=[*POINT, "loss"])).splitlines()[1])
       most by 1.0 nats, at beta1 0.9, beta2 0.99, alpha 0.001;
    """
    gap, best = gaps(points), best_of_each(points)
    worst = gap.iloc[int(gap["gap"].to_numpy().argmin())]
    long = best.index.get_level_values("beta2") > 0.99
    inside = best.loc[long, "corrected"].min()
    others = min(best["uncorrected"].min(), best.loc[~long, "corrected"].min())
    mean = points.groupby(POINT)["loss"].mean().reset_index()
    usable = mean[mean["loss"] <= TOP]
    count = usable.groupby(["corrected", "beta2"]).size().unstack("beta2").fillna(0).astype(int)
    framed = {side: " ".join(map(str, count.loc[side])) for side in count.index}
    lines = [
        f"1. of {len(gap)} pairs {(gap['gap'] < -1).sum()} are better without by over a nat,",
        f"   most by {max(0.0, -worst['gap']):.1f} nats, at beta1 {worst['beta1']:g}, "
        f"beta2 {worst['beta2']:g}, alpha {worst['alpha']:g};",
        f"   each at its best alpha: {(best['gap'] < 0).sum()} of {len(best)} cells are, "
        f"most by {max(0.0, -best['gap'].min()):.1f} nats",
        f"2. lowest, corrected with beta2 > 0.99: {inside:.1f}; of all others: {others:.1f}",
        f"3. points in the frame by beta2, corrected: {framed.get(True, 0)};"
        f" not: {framed.get(False, 0)}",
    ]
    return "\n".join(lines)


def nearness(ours: pd.DataFrame, paper: pd.DataFrame) -> pd.DataFrame:
    """Return, for each of the figure's curves, how far our points are from the paper's.

    Returns
    -------
    DataFrame
        beta1, beta2, corrected; points (in both, ours finite); largest (nats); apart (root mean
        square of the log of the ratio) and its grade; odd: points that are in the frame, below
        `TOP`, in one of the two and not in the other.

    >>> points = pd.DataFrame([(0.9, 0.99, 1e-3, True, 100.0)], columns=[*POINT, "loss"])
    >>> found = nearness(points.assign(loss=101.0), points)
    >>> found[["points", "largest", "grade", "odd"]].to_numpy().tolist()
    [[1, 1.0, 'A', 0]]
    """
    mean = ours.groupby(POINT)["loss"].mean().rename("ours")
    theirs = paper.set_index(POINT)["loss"].reindex(mean.index, fill_value=np.inf)
    both = pd.concat([mean, theirs.rename("paper")], axis=1).reset_index()
    rows = []
    for curve, points in both.groupby([*CELL, "corrected"]):
        odd = int(((points["ours"] <= TOP) != (points["paper"] <= TOP)).sum())
        known = points[np.isfinite(points["ours"]) & np.isfinite(points["paper"])]
        if known.empty:
            continue
        apart = float(np.sqrt((np.log(known["ours"] / known["paper"]) ** 2).mean()))
        largest = float((known["ours"] - known["paper"]).abs().max())
        rows.append((*curve, len(known), largest, apart, grade(apart), odd))
    names = [*CELL, "corrected", "points", "largest", "apart", "grade", "odd"]
    return pd.DataFrame(rows, columns=names)
