"""Recorded curves beside the paper's: final cost, best setting, distance, grade."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked, shaped
from adambook.experiments.results import shipped

SETTING = ["optimizer", "decay", "alpha", "penalty"]
"""What tells one curve of an optimizer from another."""


def paper_points(panel: str, curve: str) -> pd.DataFrame:
    """Return the points of a curve of the paper as they were read off its vector graphics.

    Returns
    -------
    DataFrame
        x and y in the units of the panel's axes.

    Raises
    ------
    ValueError
        If the paper has no such curve.

    >>> len(paper_points("fig1_left", "Adam"))
    47
    """
    points = pd.read_csv(shipped() / "paper" / "figures.csv")
    points = points[(points["panel"] == panel) & (points["curve"] == curve)]
    if points.empty:
        raise ValueError(f"the paper has no curve {curve!r} in a panel {panel!r}")
    return points[["x", "y"]].reset_index(drop=True)


def paper_curve(panel: str, curve: str) -> pd.Series:
    """Return a curve of the paper, read off its vector graphics: cost by epoch x ≥ 0.

    Parameters
    ----------
    panel, curve : str
        Names as in data/paper/figures.csv, such as "fig1_left" and "Adam".

    Returns
    -------
    Series
        Cost in nats; its index is the epoch, rounded. Points where the curve leaves the frame
        lie between epochs and are left out.

    Raises
    ------
    ValueError
        If the paper has no such curve.

    >>> float(paper_curve("fig1_left", "Adam")[45].round(3))
    0.257
    """
    points = paper_points(panel, curve)
    epoch = points["x"].round()
    whole = (points["x"] - epoch).abs() < 0.05
    return pd.Series(points["y"].to_numpy(), index=epoch.astype(int))[whole.to_numpy()]


@checked
def final_cost(costs: ArrayLike) -> NDArray[np.float64]:
    """Return the mean cost over the last 5 % of epochs (geometric mean), along the last axis.

    Raises
    ------
    ValueError
        If there is no epoch.

    >>> float(final_cost([9.0, 4.0, 1.0] + [2.0] * 37 + [4.0, 9.0]))
    6.0
    """
    costs = np.atleast_1d(np.asarray(costs, np.float64))
    if costs.shape[-1] == 0:
        raise ValueError(f"costs must hold one epoch or more, got shape {costs.shape}")
    last = max(1, round(0.05 * costs.shape[-1]))
    return np.asarray(np.exp(np.log(costs[..., -last:]).mean(axis=-1)))


@checked
def final_costs(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a run: its setting, its seed, and its final cost in `final`.

    Raises
    ------
    ValueError
        If an epoch of a run is there twice.

    >>> run = {"optimizer": "Adam", "decay": "none", "alpha": 0.1, "penalty": 0.0, "seed": 0}
    >>> rows = pd.DataFrame([{**run, "epoch": e, "cost": c} for e, c in enumerate((2.0, 0.5))])
    >>> final_costs(rows)["final"].tolist()
    [0.5]
    """
    _check_once(rows)
    runs = rows.sort_values("epoch").groupby([*SETTING, "seed"], sort=True)
    return runs["cost"].agg(lambda cost: float(final_cost(cost))).rename("final").reset_index()


def _check_once(rows: pd.DataFrame) -> None:
    """Refuse rows in which an epoch of a run is there twice: their mean is no run's."""
    twice = rows[rows.duplicated([*SETTING, "seed", "epoch"])]
    if not twice.empty:
        run = ", ".join(f"{name} {twice[name].iloc[0]}" for name in [*SETTING, "seed", "epoch"])
        raise ValueError(f"rows must hold each epoch of a run once, got twice: {run}")


class Best(NamedTuple):
    """The best setting of an optimizer, and whether its step size lies inside the grid."""

    optimizer: str
    decay: str
    alpha: float
    penalty: float
    final: float
    interior: bool


@checked
def best(rows: pd.DataFrame, optimizer: str, **fixed: Any) -> Best:
    """Return an optimizer's setting with the lowest mean final cost over the seeds in `rows`.

    A setting of which one final cost is no number has no mean, and is not the best.

    Parameters
    ----------
    rows : DataFrame
        Recorded rows.
    optimizer : str
    fixed
        Columns to hold at a value, such as `decay="none"`.

    Raises
    ------
    ValueError
        If no row fits, no setting has a mean, or an epoch of a run is there twice.

    >>> run = {"optimizer": "Adam", "decay": "none", "penalty": 0.0, "seed": 0, "epoch": 0}
    >>> costs = {0.01: 0.4, 0.1: 0.3, 1.0: 0.9}
    >>> rows = pd.DataFrame([{**run, "alpha": a, "cost": c} for a, c in costs.items()])
    >>> best(rows, "Adam").alpha, best(rows, "Adam").interior
    (0.1, True)
    """
    chosen = rows[rows["optimizer"] == optimizer]
    for column, value in fixed.items():
        chosen = chosen[chosen[column] == value]
    if chosen.empty:
        raise ValueError(f"no recorded row has optimizer {optimizer!r} and {fixed}")
    mean = final_costs(chosen).groupby(SETTING)["final"].agg(lambda own: own.mean(skipna=False))
    if mean.isna().all():
        raise ValueError(f"rows must hold a setting of {optimizer!r} whose costs are all numbers")
    setting: Any = mean.idxmin()
    name, decay, alpha, penalty = setting
    alphas = chosen.loc[chosen["decay"] == decay, "alpha"]
    interior = bool(alphas.min() < alpha < alphas.max())
    return Best(name, decay, float(alpha), float(penalty), float(mean.min()), interior)


@checked
def curve(rows: pd.DataFrame, setting: Any, values: str = "cost") -> pd.DataFrame:
    """Return the cost (or another column) of one setting, epochs down and seeds across.

    `setting` has the attributes of `SETTING`, as `Best` and `closest` give them.

    >>> run = {"optimizer": "Adam", "decay": "none", "alpha": 0.1, "penalty": 0.0, "epoch": 0}
    >>> rows = pd.DataFrame([{**run, "seed": s, "cost": c} for s, c in enumerate((0.3, 0.4))])
    >>> curve(rows, best(rows, "Adam")).loc[0].tolist()
    [0.3, 0.4]
    """
    same = np.logical_and.reduce([rows[name] == getattr(setting, name) for name in SETTING])
    return rows[same].pivot(index="epoch", columns="seed", values=values)


@checked
def distance(ours: pd.Series, papers: pd.Series) -> float:
    r"""Return the RMS log error, $\sqrt{\mathrm{mean}_x(\ln y(x) - \ln y^*(x))^2}$, over x ≥ 1.

    x runs over the epochs that both curves have; epoch 0 is left out, for it hangs on the start.
    A value of 0.02 means 2 % apart.

    Raises
    ------
    ValueError
        If there is no such epoch.

    >>> x = pd.Series([1.0, 2.0, 4.0])
    >>> round(distance(1.1 * x, x), 4)
    0.0953
    """
    both = ours.index.intersection(papers.index)
    both = both[both >= 1]
    if both.empty:
        raise ValueError("ours and papers must have an epoch from 1 on in common")
    errors = np.log(ours[both].to_numpy()) - np.log(papers[both].to_numpy())
    return float(np.sqrt(np.mean(errors**2)))


class Closest(NamedTuple):
    """The recorded setting whose mean curve lies nearest to a curve of the paper."""

    optimizer: str
    decay: str
    alpha: float
    penalty: float
    distance: float


@checked
def closest(rows: pd.DataFrame, optimizer: str, papers: pd.Series) -> Closest:
    """Return an optimizer's recorded setting nearest to a curve of the paper.

    Settings of which a seed diverges are left out; the mean over seeds is what is compared.

    Raises
    ------
    ValueError
        If no setting of the optimizer is left, one has no epoch from 1 on with the paper, or an
        epoch of a run is there twice.

    >>> run = {"optimizer": "Adam", "decay": "none", "penalty": 0.0, "seed": 0, "epoch": 1}
    >>> rows = pd.DataFrame([{**run, "alpha": a, "cost": a} for a in (0.2, 0.3)])
    >>> closest(rows, "Adam", pd.Series({1: 0.31})).alpha
    0.3
    """
    chosen = rows[rows["optimizer"] == optimizer]
    _check_once(chosen)
    found = []
    setting: Any
    for setting, run in chosen.groupby(SETTING):
        if np.isfinite(run["cost"]).all():  # of every seed: a mean would pass over NaN
            mean = run.groupby("epoch")["cost"].mean()
            name, decay, alpha, penalty = setting
            found.append(Closest(name, decay, alpha, penalty, distance(mean, papers)))
    if not found:
        raise ValueError(f"no recorded setting of optimizer {optimizer!r} stays finite")
    return min(found, key=lambda c: c.distance)


@checked
def log_ratios(rows: pd.DataFrame, setting: Any, other: Any) -> pd.Series:
    """Return, seed by seed, the log of one setting's final cost over another's.

    Runs of one seed share their start and the order of their data, so the pairs are compared.
    Below 0, `setting` is the better one.

    >>> run = {"decay": "none", "alpha": 0.1, "penalty": 0.0, "seed": 0, "epoch": 0}
    >>> costs = {"Adam": 0.2, "SGD": 0.4}
    >>> rows = pd.DataFrame([{**run, "optimizer": o, "cost": c} for o, c in costs.items()])
    >>> log_ratios(rows, best(rows, "Adam"), best(rows, "SGD")).round(3).tolist()
    [-0.693]
    """
    final = [
        pd.Series(final_cost(curve(rows, s).T), curve(rows, s).columns) for s in (setting, other)
    ]
    return pd.Series(np.log(final[0] / final[1]))


@checked
def interval(differences: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return an interval of the mean: the bootstrap's, or Student's where that is wider.

    The bootstrap (BCa, 10,000 resamples, a fixed generator) asks for no distribution, but of few
    numbers it is too narrow: of three it cannot even leave the span between them, so that every
    fourth sample of mean 0 would be called different from 0, all three having one sign. Student's
    interval has its level for every n, if the numbers are normal. So each end is the farther one.
    Where rounding leaves the bootstrap no interval, it is Student's.

    Parameters
    ----------
    differences : array, shape (n,), n ≥ 2
        Finite numbers. If all are equal, the interval is that one point.
    level : float
        The confidence level, in (0, 1).

    Returns
    -------
    (float, float)
        The lower and the upper end, in the unit of the differences.

    Raises
    ------
    ValueError
        If there are fewer than two differences, they have more than one axis or are not finite,
        or the level lies outside (0, 1).

    Sources: Efron (1987) for the bootstrap; Student (1908).

    >>> low, high = interval([0.9, 1.0, 1.1, 1.0, 0.95])
    >>> round(low, 3), round(high, 3)
    (0.898, 1.082)
    """
    from scipy.stats import DegenerateDataWarning, bootstrap, sem, t

    differences = shaped("differences", differences, 1, least=2).astype(np.float64)
    if not np.all(np.isfinite(differences)):
        raise ValueError(f"differences must be finite, got {differences}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level!r}")
    if np.all(differences == differences[0]):
        return float(differences[0]), float(differences[0])
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", DegenerateDataWarning)
        found = bootstrap(
            (differences,),
            np.mean,
            n_resamples=10_000,
            confidence_level=level,
            rng=np.random.default_rng(0),
        ).confidence_interval
    half = t.ppf((1 + level) / 2, differences.size - 1) * sem(differences)
    mean = differences.mean()
    return float(np.fmin(found.low, mean - half)), float(np.fmax(found.high, mean + half))


@checked
def good_range(finals: pd.Series, factor: float = 1.1) -> tuple[float, float]:
    """Return the smallest and the largest step size whose cost is within `factor` of the best.

    Parameters
    ----------
    finals : Series
        Final cost by step size; infinite where the run diverged.
    factor : float
        At least 1.

    Raises
    ------
    ValueError
        If the lowest cost is not in (0, ∞), or the factor is below 1.

    >>> good_range(pd.Series({0.001: 0.5, 0.01: 0.31, 0.1: 0.3, 1.0: float("inf")}))
    (0.01, 0.1)
    """
    if not 0 < finals.min() < np.inf:
        raise ValueError(f"finals must hold a finite cost, all above 0, got {finals.to_dict()}")
    if factor < 1:
        raise ValueError(f"factor must be at least 1, got {factor!r}")
    good = finals.index[finals <= factor * finals.min()]
    return float(good.min()), float(good.max())


@checked
def sensitivity_width(finals: pd.Series, factor: float = 1.1) -> float:
    """Return how many decades of step sizes come within `factor` of the best (`good_range`).

    On a grid of two a decade this is a multiple of about one half; 0 means that one step size
    alone comes so near.

    >>> sensitivity_width(pd.Series({0.001: 0.5, 0.01: 0.31, 0.1: 0.3, 1.0: float("inf")}))
    1.0
    """
    low, high = good_range(finals, factor)
    return float(np.log10(high / low))


@checked
def grade(error: float) -> str:
    """Return the grade of a distance: A up to 2 %, B up to 10 %, C up to 30 %, D beyond.

    Raises
    ------
    ValueError
        If the distance is negative.

    >>> grade(0.013), grade(0.5)
    ('A', 'D')
    """
    if not error >= 0:
        raise ValueError(f"error must be at least 0, got {error!r}")
    limits = {"A": 0.02, "B": 0.10, "C": 0.30}
    return next((name for name, limit in limits.items() if error <= limit), "D")
