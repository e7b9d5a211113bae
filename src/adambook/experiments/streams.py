r"""Small streams that only the ledger needs: noisy, sparse and drifting problems, tuned.

`ledger-streams`: 20 coordinates. At step t coordinate i is seen with probability p_i, and then has
the gradient $\theta_i - c_{t,i} + \sigma\xi$. Dense: p_i = 1. Sparse: p_i = 1/i². The target c
stands still, jumps at half time, or wanders. The excess loss is
$\frac12\sum_i p_i(\theta_i - c_{t,i})^2$; the mean over the second half of the run is recorded.

`ledger-regret`: d coordinates, seen with probability 1/i²; the loss of those seen is
$|\theta_i - y_{t,i}|$ with y = +1 or -1 at odds of 3 to 2. The regret after T rounds is recorded,
for d from 5 to 80.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import SGD, AdaGrad, Adam, RMSProp
from adambook.experiments.stacks import recorded
from adambook.schedules import inverse_sqrt

OPTIMIZERS = {"SGD": SGD, "AdaGrad": AdaGrad, "RMSProp": RMSProp, "Adam": Adam}
DECAYS = ("none", "step")
ALPHAS = tuple(float(f"{a * 10.0**k:.0e}") for k in range(-4, 2) for a in (1, 3))
DRIFTS = ("still", "jump", "walk")
NOISES = (1e-3, 1e-2, 0.1, 10.0, 100.0, 1000.0)
TUNING_SEEDS, FRESH_SEEDS = range(6), range(6, 16)
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Stream:
    """One optimizer on one kind of stream: all step sizes, decays and seeds at once.

    >>> Stream("Adam", sparse=False, drift="jump").rows_an_epoch
    384
    """

    optimizer: str
    sparse: bool
    drift: str
    sigma: float = 1.0
    alphas: tuple[float, ...] = ALPHAS
    decays: tuple[str, ...] = DECAYS
    seeds: int = 16
    coordinates: int = 20
    steps: int = 4000
    epochs: int = 1

    @property
    def rows_an_epoch(self) -> int:
        """One row for each step size, decay and seed."""
        return len(self.alphas) * len(self.decays) * self.seeds


@dataclass(frozen=True)
class Rounds:
    """One optimizer on online rounds with d coordinates: all step sizes and seeds at once.

    >>> Rounds("SGD", dimension=10).rows_an_epoch
    192
    """

    optimizer: str
    dimension: int
    alphas: tuple[float, ...] = ALPHAS
    seeds: int = 16
    steps: int = 3000
    epochs: int = 1

    @property
    def rows_an_epoch(self) -> int:
        """One row for each step size and seed."""
        return len(self.alphas) * self.seeds


class _Whole:
    """A run that is done in one piece, as one epoch: there is nothing to put away."""

    title, checksum = "drawn from the seed", "none"

    def __init__(self, unit: Any) -> None:
        self.unit = unit

    def arrays(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def restore(self, arrays: dict[str, Any]) -> None:
        """Begin anew: the one epoch was not finished."""


class StreamRun(_Whole):
    """A stream of `ledger-streams` under way: dense or sparse, still or drifting.

    >>> run = StreamRun(Stream("Adam", False, "still", alphas=(0.01,), seeds=1, steps=200))
    >>> [round(row["excess"]) for row in run.epoch()]
    [1, 7]
    """

    def epoch(self) -> list[dict[str, Any]]:
        """Run it; return a row for each setting and seed, with its mean excess loss."""
        unit = self.unit
        rng = np.random.default_rng([int(unit.sparse), DRIFTS.index(unit.drift)])
        shape = (unit.seeds, unit.coordinates)
        p = 1 / np.arange(1.0, unit.coordinates + 1) ** 2 if unit.sparse else np.ones(shape[1])
        centre = rng.choice([-1.0, 1.0], shape)
        excess = np.zeros((len(unit.decays), len(unit.alphas), unit.seeds))
        theta = np.zeros((len(unit.decays), len(unit.alphas), *shape))
        rule = OPTIMIZERS[unit.optimizer](alpha=_grid(unit))
        state, half = rule.init(theta), unit.steps // 2
        with np.errstate(all="ignore"):
            for t in range(1, unit.steps + 1):
                centre = _moved(centre, unit.drift, t == half, rng)
                seen = rng.random(shape) < p
                noise = unit.sigma * rng.standard_normal(shape)
                delta, state = rule.update(seen * (theta - centre + noise), state, theta)
                if t > half:
                    excess += 0.5 * ((theta - centre) ** 2) @ p
                theta = theta + delta
        return [
            {
                "optimizer": unit.optimizer,
                "decay": decay,
                "alpha": alpha,
                "penalty": 0.0,
                "sparse": unit.sparse,
                "drift": unit.drift,
                "sigma": unit.sigma,
                "seed": seed,
                "epoch": 0,
                "excess": recorded(excess[i, j, seed] / (unit.steps - half)),
            }
            for i, decay in enumerate(unit.decays)
            for j, alpha in enumerate(unit.alphas)
            for seed in range(unit.seeds)
        ]


def _grid(unit: Stream) -> Any:
    """Return the step sizes of all settings at step t, shaped (decays, alphas, 1, 1)."""
    alphas = np.array(unit.alphas)[None, :, None, None]
    falls = np.array([decay == "step" for decay in unit.decays])[:, None, None, None]

    def alpha(t: int) -> Array:
        return np.where(falls, alphas * inverse_sqrt(1.0)(t), alphas)

    return alpha


def _moved(centre: Array, drift: str, now: bool, rng: np.random.Generator) -> Array:
    """Return where the target is at the next step."""
    if drift == "walk":
        return centre + 0.02 * rng.standard_normal(centre.shape)
    return (
        centre + 3.0 * rng.choice([-1.0, 1.0], centre.shape) if drift == "jump" and now else centre
    )


class RoundsRun(_Whole):
    """Online rounds under way.

    >>> run = RoundsRun(Rounds("Adam", 10, alphas=(0.1,), seeds=1, steps=500))
    >>> run.epoch()[0]["regret"] > 0
    True
    """

    def epoch(self) -> list[dict[str, Any]]:
        """Play it; return a row for each step size and seed, with the regret against the best."""
        unit = self.unit
        rng = np.random.default_rng(unit.dimension)
        shape = (unit.seeds, unit.dimension)
        p = 1 / np.arange(1.0, unit.dimension + 1) ** 2
        alphas = np.array(unit.alphas)[:, None, None]
        rule = OPTIMIZERS[unit.optimizer](alpha=lambda t: alphas * inverse_sqrt(1.0)(t))
        theta = np.zeros((len(unit.alphas), *shape))
        state, paid = rule.init(theta), np.zeros((len(unit.alphas), unit.seeds))
        balance, count = np.zeros(shape), np.zeros(shape)
        for _ in range(unit.steps):
            seen = rng.random(shape) < p
            y = np.where(rng.random(shape) < 0.6, 1.0, -1.0)
            paid += (seen * np.abs(theta - y)).sum(axis=-1)
            balance, count = balance + seen * y, count + seen
            delta, state = rule.update(seen * np.sign(theta - y), state, theta)
            theta = theta + delta
        best = (count - np.abs(balance)).sum(axis=-1)  # the sum over rounds of |sign - y|
        return [
            {
                "optimizer": unit.optimizer,
                "decay": "step",
                "alpha": alpha,
                "penalty": 0.0,
                "dimension": unit.dimension,
                "seed": seed,
                "epoch": 0,
                "regret": recorded(paid[j, seed] - best[seed]),
            }
            for j, alpha in enumerate(unit.alphas)
            for seed in range(unit.seeds)
        ]


class LedgerStreams:
    """Two densities × three drifts × four optimizers, and Adam at its default over six noises.

    >>> len(LedgerStreams().units("cpu"))
    30
    """

    name = "ledger-streams"

    def units(self, size: str) -> list[Stream]:
        """Return the streams of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [Stream(name, True, "jump", seeds=2, steps=50) for name in OPTIMIZERS]
        return [
            Stream(name, sparse, drift)
            for name in OPTIMIZERS
            for sparse in (False, True)
            for drift in DRIFTS
        ] + [Stream("Adam", False, "still", s, (1e-3,), ("none",), steps=20_000) for s in NOISES]

    def begin(self, unit: Stream) -> StreamRun:
        """Set the stream to its start."""
        return StreamRun(unit)


class LedgerRegret:
    """Five dimensions × SGD, AdaGrad and Adam, all with α/√t.

    >>> len(LedgerRegret().units("cpu"))
    15
    """

    name = "ledger-regret"
    dimensions = (5, 10, 20, 40, 80)

    def units(self, size: str) -> list[Rounds]:
        """Return the rounds of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [Rounds("Adam", 10, seeds=2, steps=50)]
        names = ("SGD", "AdaGrad", "Adam")
        return [Rounds(name, d) for d in self.dimensions for name in names]

    def begin(self, unit: Rounds) -> RoundsRun:
        """Set the rounds to their start."""
        return RoundsRun(unit)


BY_NAME = {experiment.name: experiment for experiment in (LedgerStreams(), LedgerRegret())}
