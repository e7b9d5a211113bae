"""Over all panels together: ranks, Friedman's test, Nemenyi's difference, the middle half.

The paper's panels are few, so the chance of each sum of ranks is counted out, not approximated.
Sources: Demšar (2006) for the tests of ranks, Agarwal et al. (2021) for the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import studentized_range

from adambook.arguments import shaped
from adambook.experiments import compare
from adambook.ledger.panels import PANELS, Panel, judged_rows
from adambook.ledger.records import NotRecorded, Records

RESAMPLES = 2000
Finals = Mapping[str, pd.DataFrame]
"""By panel, the log of the final cost: seeds down, optimizers across."""


def final_logs(
    records: Records, column: str, panels: tuple[Panel, ...] = PANELS
) -> dict[str, pd.DataFrame]:
    """Return the panels that are recorded under a column's settings, as `Finals`."""
    found = {}
    for panel in panels:
        try:
            rows, chosen = judged_rows(panel, records, column)
        except NotRecorded:
            continue
        curves = {o: compare.curve(rows, setting).T for o, setting in chosen.items()}
        finals = {o: pd.Series(compare.final_cost(c), c.index) for o, c in curves.items()}
        found[panel.named(rows)] = pd.DataFrame(np.log(pd.DataFrame(finals).dropna()))
    return found


def in_every_panel(finals: Finals) -> list[str]:
    """Return the optimizers that every panel has.

    >>> in_every_panel({"a": pd.DataFrame(columns=["x", "y"]), "b": pd.DataFrame(columns=["y"])})
    ['y']
    """
    names = [list(table.columns) for table in finals.values()]
    return [name for name in names[0] if all(name in own for own in names)] if names else []


def mean_ranks(finals: Finals) -> dict[str, float]:
    """Return the mean over panels of each optimizer's rank by its mean final cost; 1 is lowest.

    >>> table = pd.DataFrame({"good": [0.1, 0.2], "bad": [0.3, 0.3]})
    >>> mean_ranks({"one": table, "two": table})
    {'good': 1.0, 'bad': 2.0}
    """
    names = in_every_panel(finals)
    ranks = [table[names].mean().rank() for table in finals.values()]
    return {name: float(np.mean([rank[name] for rank in ranks])) for name in names}


def friedman(panels: int, ranks: ArrayLike) -> float:
    r"""Return the probability of mean ranks as far apart as these if all orders are as likely.

    Far apart: the sum over optimizers of $(\bar r - (k+1)/2)^2$. All $k!^n$ orders of n panels
    are counted, by convolution over the panels. Source: Friedman (1937).

    Parameters
    ----------
    panels : int
        At least 1.
    ranks : array, shape (k,)
        Mean ranks, so that their sum is k (k + 1)/2; k at most 5 and few panels.

    Raises
    ------
    ValueError
        If there is no panel, or the ranks have another sum.

    >>> friedman(1, [1, 2, 3])
    1.0
    >>> round(friedman(3, [1, 2, 3]), 4)  # 6 of the 216 orders agree so well
    0.0278
    """
    mean = shaped("ranks", ranks, 1).astype(np.float64)
    k = len(mean)
    if panels < 1:
        raise ValueError(f"panels must be at least 1, got {panels}")
    if not abs(mean.sum() - k * (k + 1) / 2) < 1e-6:
        raise ValueError(f"ranks must sum to k (k + 1)/2, here {k * (k + 1) / 2:g}, got {mean}")
    orders = [np.array(order) for order in permutations(range(1, k + 1))]
    sums = {(0,) * k: 1}
    for _ in range(panels):
        after: dict[tuple[int, ...], int] = {}
        for total, count in sums.items():
            for order in orders:
                key = tuple(int(n) for n in np.array(total) + order)
                after[key] = after.get(key, 0) + count
        sums = after
    middle = panels * (k + 1) / 2
    seen = float(((mean * panels - middle) ** 2).sum())
    as_far = sum(n for s, n in sums.items() if ((np.array(s) - middle) ** 2).sum() >= seen - 1e-9)
    return float(as_far / math.factorial(k) ** panels)


def critical_difference(panels: int, optimizers: int, level: float = 0.95) -> float:
    r"""Return how far two mean ranks must be apart to count: $q\sqrt{k(k+1)/6n}$.

    q is the quantile of the studentized range over √2. Source: Nemenyi (1963), Demšar (2006).

    Raises
    ------
    ValueError
        If there is no panel, there are fewer than two optimizers, or the level is not in (0, 1).

    >>> round(critical_difference(10, 3), 3)
    1.048
    """
    if panels < 1 or optimizers < 2:
        raise ValueError(
            f"panels must be at least 1 and optimizers at least 2, got {panels} and {optimizers}"
        )
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level!r}")
    q = float(studentized_range.ppf(level, optimizers, np.inf)) / math.sqrt(2)
    return q * math.sqrt(optimizers * (optimizers + 1) / (6 * panels))


def panels_needed(optimizers: int) -> int:
    """Return how few panels could show a method first, were it the best in every one of them.

    The least n at which `critical_difference` is below 1, the distance of first and second if the
    second is the same in every panel. Raises ValueError if there are fewer than two optimizers.

    >>> panels_needed(3)
    11
    """
    return max(2, math.floor(critical_difference(1, optimizers) ** 2) + 1)


def middle_half_mean(values: ArrayLike) -> float:
    """Return the mean of the middle half of the values, the interquartile mean.

    Raises
    ------
    ValueError
        If there is no value, or more than one axis.

    >>> middle_half_mean([0.0, 1.0, 2.0, 100.0])
    1.5
    """
    ordered = np.sort(shaped("values", values, 1).astype(np.float64))
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())


class Summary(NamedTuple):
    """A number over all panels and seeds, with its 95 % bootstrap interval, seeds resampled.

    The bootstrap is too narrow, the more so the fewer the seeds of a panel (`compare.interval`
    says why), and is not widened here: no verdict rests on it.
    """

    value: float
    low: float
    high: float


def above_the_best(finals: Finals) -> dict[str, Summary]:
    """Return each optimizer's log cost above the panel's best mean one, over the middle half.

    The interval resamples the seeds within each panel, all optimizers of a seed together.
    Raises ValueError if there is no panel.

    >>> table = pd.DataFrame({"good": [0.1, 0.1], "bad": [0.3, 0.3]})
    >>> {name: round(s.value, 3) for name, s in above_the_best({"one": table}).items()}
    {'good': 0.0, 'bad': 0.2}
    """
    names = in_every_panel(finals)
    apart = [(t[names] - t[names].mean().min()).to_numpy() for t in finals.values()]

    def middle(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.array([middle_half_mean(column) for column in np.concatenate(parts).T])

    low, high = _resampled(apart, middle)
    return {
        n: Summary(*map(float, s)) for n, *s in zip(names, middle(apart), low, high, strict=True)
    }


def chance_of_improvement(finals: Finals, first: str) -> dict[str, Summary]:
    """Return the probability that a run of `first` ends below one of each other optimizer.

    Any seed of the one against any seed of the other, and the mean over panels; ties count half,
    two that diverged among them. Raises ValueError if not every panel has `first`.

    >>> table = pd.DataFrame({"good": [0.1, 0.2], "bad": [0.3, 0.3]})
    >>> chance_of_improvement({"one": table}, "good")["bad"].value
    1.0
    """
    names = in_every_panel(finals)
    if first not in names:
        raise ValueError(f"first must be one of the optimizers of every panel, {names}")
    names.remove(first)
    parts = [table[[first, *names]].to_numpy() for table in finals.values()]

    def mean(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        each = []
        for part in parts:
            own, others = part[:, None, :1], part[None, :, 1:]
            sign = 1.0 * (others > own) - (others < own)  # 0 too where both diverged
            each.append((sign.mean(axis=(0, 1)) + 1) / 2)
        return np.asarray(np.mean(each, axis=0))

    low, high = _resampled(parts, mean)
    return {n: Summary(*map(float, s)) for n, *s in zip(names, mean(parts), low, high, strict=True)}


def _resampled(parts: list[NDArray[np.float64]], statistic: object) -> NDArray[np.float64]:
    """Return the 2.5 and 97.5 % points of a statistic, the seeds of each panel drawn anew."""
    if not parts:
        raise ValueError("finals must hold one panel or more")
    rng, draws = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        drawn = [part[rng.integers(len(part), size=len(part))] for part in parts]
        draws.append(statistic(drawn))  # type: ignore[operator]
    return np.asarray(np.quantile(draws, (0.025, 0.975), axis=0))
