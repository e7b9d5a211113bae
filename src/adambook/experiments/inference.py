"""From the differences between paired runs to a word: better, worse, similar or inconclusive.

What is compared is the log of a ratio of final costs, A over B, seed by seed
(`compare.log_ratios`): below 0, A is the better one. The thresholds were fixed before the runs:
a difference counts from 2 % on, and costs within 5 % of each other are similar.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from adambook.arguments import checked, shaped
from adambook.experiments.compare import interval

LEVEL = 0.95
COUNTS = float(np.log(1.02))
"""A smaller difference of log costs is not called better or worse."""
SIMILAR = float(np.log(1.05))
"""Similar means: shown to lie between minus this and this."""


class Comparison(NamedTuple):
    """What the paired runs of A and B say.

    Attributes
    ----------
    mean : float
        The mean log ratio of costs, A over B.
    low, high : float
        Its 95 % interval (`compare.interval`), not adjusted.
    differs : bool
        Whether it differs from 0, with all comparisons of the family taken into account.
    similar : bool
        Whether it is shown to lie within ±log 1.05.
    verdict : str
        better, worse, similar or inconclusive; A is meant.
    """

    mean: float
    low: float
    high: float
    differs: bool
    similar: bool
    verdict: str


@checked
def differing(samples: Mapping[str, ArrayLike], level: float = LEVEL) -> set[str]:
    r"""Return those samples whose mean differs from 0, all decided at one level together.

    Holm's procedure on intervals (`compare.interval`): with k samples undecided, each is tested by
    the interval of level $1 - (1 - \text{level})/k$; those that leave out 0 are settled, and the
    rest is tested again with the smaller k, until none is left or none is added. The probability
    that any equal pair is called different stays below 1 - level, as far as each interval has its
    level: for normal differences it has. Source: Holm (1979).

    Parameters
    ----------
    samples : name → array, shape (n,), n ≥ 2
    level : float
        In (0, 1).

    Raises
    ------
    ValueError
        If the level is outside, or a sample is none that `compare.interval` takes.

    >>> sorted(differing({"far": [1.0, 1.1, 0.9, 1.0], "near": [0.1, -0.1, 0.2, -0.2]}))
    ['far']
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie in (0, 1), got {level!r}")
    found: set[str] = set()
    while rest := [name for name in samples if name not in found]:
        strict = 1 - (1 - level) / len(rest)
        new = {name for name in rest if _leaves_out_zero(interval(samples[name], strict))}
        if not new:
            break
        found |= new
    return found


def _leaves_out_zero(bounds: tuple[float, float]) -> bool:
    return bounds[0] > 0 or bounds[1] < 0


@checked
def similar(sample: ArrayLike, margin: float = SIMILAR, level: float = LEVEL) -> bool:
    r"""Return whether the mean is shown to lie within ±margin: two one-sided tests.

    Each test has the level given, so together they ask that the interval of level
    $1 - 2(1 - \text{level})$, here 90 %, lies inside. Source: Schuirmann (1987).

    Raises
    ------
    ValueError
        If the sample holds fewer than two numbers, has more than one axis or is not finite, or
        the level lies outside (0.5, 1): below, the two tests together would ask for nothing.

    >>> similar([0.01, -0.01, 0.0, 0.01]), similar([0.2, -0.2, 0.1, -0.1])
    (True, False)
    """
    if not 0.5 < level < 1:
        raise ValueError(f"level must lie in (0.5, 1), got {level!r}")
    low, high = interval(shaped("sample", sample, 1, least=2), 1 - 2 * (1 - level))
    return -margin < low and high < margin


@checked
def compare_all(samples: Mapping[str, ArrayLike], level: float = LEVEL) -> dict[str, Comparison]:
    """Return the verdict on each pair of a family, such as the pairs of one figure's panel.

    *Better* and *worse*: the mean differs from 0 (`differing`, over the family) and by more than
    log 1.02. *Similar*: not so, and within ±log 1.05 (`similar`). *Inconclusive*: neither.

    Parameters
    ----------
    samples : name → array, shape (n,), n ≥ 2
        Log ratios of final costs, one a seed.
    level : float
        In (0.5, 1).

    Raises
    ------
    ValueError
        If a sample has fewer than two runs or one that is not finite, or the level is outside.

    >>> compare_all({"A over B": [-0.20, -0.22, -0.19, -0.21]})["A over B"].verdict
    'better'
    """
    for name, sample in samples.items():
        if np.size(sample) < 2 or not np.all(np.isfinite(sample)):
            raise ValueError(f"{name} must be two finite differences or more, got {sample!r}")
    different = differing(samples, level)
    return {
        name: _comparison(np.asarray(sample, np.float64), name in different, level)
        for name, sample in samples.items()
    }


def _comparison(sample: np.ndarray, differs: bool, level: float) -> Comparison:
    mean, close = float(sample.mean()), similar(sample, level=level)
    if differs and abs(mean) > COUNTS:
        verdict = "better" if mean < 0 else "worse"
    else:
        verdict = "similar" if close else "inconclusive"
    return Comparison(mean, *interval(sample, level), differs, close, verdict)
