"""Figure 3: a convolutional network on CIFAR-10, with and without dropout.

The paper gives c64-c64-c128-1000 with 5 x 5 convolutions and 3 x 3 pooling with stride 2, the
batch of 128, whitened input, and dropout on the input and the fully connected layer. Left open,
and read here as (each a field of `CnnRun`):

- `whitening`: "zca", with ε = 0.01 on pixels in [0, 1], the whitening of that time; "standard"
  gives each colour plane mean 0 and variance 1;
- `pool_padding`, the pooling's edge: 1, which takes 32 pixels to 16, 8 and 4; convolutions keep
  the size, for without padding the third does not fit;
- `spread`, the start: normal weights with standard deviation 0.01. The paper's Nesterov stands at
  2.30 and 2.07 in its first two epochs, next to ln 10: it leaves a plateau that a small start
  makes. With this one Nesterov without dropout stands there too with small steps: at 2.29 after
  the first epoch with α = 0.01, at 2.30 after three with 0.001 (`fig3-tuning`);
- `drop_input`, `drop_full`: 0.2 and 0.5, usual values;
- the cost shown: the mean over an epoch's batches, under dropout noise where there is any and
  before each step (`cost`); without noise it is recorded beside it (`clean_cost`);
- step sizes are constant, since no decay is named; Nesterov's momentum 0.9; no penalty.

Each of the six curves has the same budget. At the size `cpu`: five step sizes for 3 epochs, and
the best of each with three fresh seeds for 4 epochs and a fourth for 46. At the size `paper`: five
step sizes for 10 epochs with two seeds, and the best with five fresh seeds for 49. What is best
after a few epochs need not last: `fig3-smaller` runs momentum and Adam without dropout for as long
at the next smaller step size.

Cost: about 76 seconds of one core an epoch, with what is measured beside it. The size `cpu` has 438
epochs: 9 hours of one core, 5 of two; `fig3-smaller` has 92.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import pandas as pd
import torch

from adambook import AdaGrad, Adam, Nesterov
from adambook.datasets import cifar10
from adambook.experiments.classification import beside, cost
from adambook.experiments.networks import NetworkTraining, device
from adambook.experiments.tuning import ranked
from adambook.models.cnn import CNN
from adambook.models.whitening import standardize, zca

OPTIMIZERS = {"AdaGrad": AdaGrad, "Nesterov": Nesterov, "Adam": Adam}
GRID = {
    "AdaGrad": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
    "Nesterov": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
    "Adam": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3),
}
"""Five step sizes an optimizer, two a decade, around values in use."""

WHITENINGS = {"zca": zca, "standard": standardize}


@dataclass(frozen=True)
class CnnRun:
    """One optimizer, step size and seed, with or without dropout.

    >>> CnnRun("Adam", 1e-3, seed=0, epochs=3, dropout=True).drop_input
    0.2
    """

    optimizer: str
    alpha: float
    seed: int
    epochs: int
    dropout: bool
    drop_input: float = 0.2
    drop_full: float = 0.5
    whitening: str = "zca"
    pool_padding: int = 1
    spread: float | None = 0.01
    channels: tuple[int, ...] = (64, 64, 128)
    full: int = 1000
    batch: int = 128
    examples: int = 50_000
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row."""
        return 1


@lru_cache(maxsize=1)
def _data(
    whitening: str, examples: int, stand_in: bool
) -> tuple[dict[str, torch.Tensor], str, str]:
    """Return CIFAR-10 whitened, planes last in memory, with its labels, title and checksum."""
    if whitening not in WHITENINGS:
        raise ValueError(f"whitening must be one of {', '.join(WHITENINGS)}, got {whitening!r}")
    data = cifar10(allow_stand_in=stand_in)
    x, x_test = WHITENINGS[whitening](data.x_train[:examples], data.x_test[:examples])
    y, y_test = data.y_train[:examples], data.y_test[:examples]
    arrays = {"x": x, "x_test": x_test, "y": y, "y_test": y_test}
    tensors = {name: torch.from_numpy(array).to(device()) for name, array in arrays.items()}
    for name in ("x", "x_test"):
        tensors[name] = tensors[name].contiguous(memory_format=torch.channels_last)
    return tensors, data.title, data.checksum


def network(run: CnnRun) -> CNN:
    """Return the network of a run at its start, which its seed fixes, on the device.

    >>> run = CnnRun("Adam", 1e-3, seed=0, epochs=1, dropout=False, channels=(2, 2, 2), full=5)
    >>> network(run).full
    Linear(in_features=32, out_features=5, bias=True)
    """
    rates = (run.drop_input, run.drop_full) if run.dropout else (0.0, 0.0)
    model = CNN(
        run.channels, run.full, pool_padding=run.pool_padding, drop_input=rates[0],
        drop_full=rates[1], seed=run.seed, spread=run.spread,
    )  # fmt: skip
    return model.to(device(), memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def begin(run: CnnRun) -> NetworkTraining:
    """Load the data, draw the start and return the training.

    Raises
    ------
    ValueError
        If `whitening` is none of `WHITENINGS`.

    >>> begin(CnnRun("Adam", 1e-3, seed=0, epochs=1, dropout=False, whitening="pca"))
    Traceback (most recent call last):
    ...
    ValueError: whitening must be one of zca, standard, got 'pca'
    """
    data, title, checksum = _data(run.whitening, run.examples, run.stand_in)
    labels: dict[str, Any] = {
        "optimizer": run.optimizer, "decay": "none", "alpha": run.alpha, "penalty": 0.0,
        "dropout": run.dropout,
    }  # fmt: skip
    return NetworkTraining(
        network(run), OPTIMIZERS[run.optimizer](alpha=run.alpha), cost(), data["x"], data["y"],
        seed=run.seed, batch=run.batch, labels=labels, title=title, checksum=checksum,
        also=beside(data),
    )  # fmt: skip


@dataclass(frozen=True)
class Budget:
    """What a size spends: epochs and seeds that tune; (seed, epochs) of what is shown.

    >>> SIZES["cpu"].fresh
    ((3, 4), (4, 4), (5, 4), (2, 46))
    """

    epochs: int
    tuning: range
    fresh: tuple[tuple[int, int], ...]


SIZES = {
    "smoke": Budget(1, range(1), ((2, 2),)),
    "cpu": Budget(3, range(1), ((3, 4), (4, 4), (5, 4), (2, 46))),
    "paper": Budget(10, range(2), tuple((seed, 49) for seed in range(2, 7))),
}
SMALL: dict[str, Any] = {
    "channels": (4, 4, 8), "full": 20, "examples": 200, "whitening": "standard", "stand_in": True,
}  # fmt: skip


def _run(size: str, optimizer: str, alpha: float, seed: int, epochs: int, dropout: bool) -> CnnRun:
    more = SMALL if size == "smoke" else {}
    return CnnRun(optimizer, alpha, seed, epochs, dropout, **more)


class Fig3Tuning:
    """Every optimizer and step size, with and without dropout, for a few epochs.

    >>> units = Fig3Tuning().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (30, 90)
    """

    name = "fig3-tuning"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[CnnRun]:
        """Return the runs of a size; `smoke` has two step sizes of Adam."""
        grid = {"Adam": GRID["Adam"][2:4]} if size == "smoke" else GRID
        return [
            _run(size, name, alpha, seed, SIZES[size].epochs, dropout)
            for seed, dropout, name in product(SIZES[size].tuning, (False, True), grid)
            for alpha in grid[name]
        ]


class Fig3:
    """The six curves at their best step sizes, with fresh seeds; the short runs first.

    >>> run = {"optimizer": "Adam", "penalty": 0.0, "seed": 0, "epoch": 0, "decay": "none"}
    >>> rows = [{**run, "dropout": d, "alpha": a, "cost": a} for a in (1, 2) for d in (0, 1)]
    >>> [(u.alpha, u.dropout, u.epochs) for u in Fig3().units("cpu", pd.DataFrame(rows))][:3]
    [(1.0, False, 4), (1.0, True, 4), (1.0, False, 4)]
    """

    name, after = "fig3", "fig3-tuning"
    begin = staticmethod(begin)

    def units(self, size: str, rows: pd.DataFrame) -> list[CnnRun]:
        """Return the runs of a size, given the rows of `fig3-tuning`."""
        return [
            _run(size, name, ranked(rows, name, dropout=dropout)[0][1], seed, epochs, dropout)
            for seed, epochs in SIZES[size].fresh
            for name in OPTIMIZERS
            if (rows["optimizer"] == name).any()
            for dropout in (False, True)
        ]


class Fig3Smaller:
    """Momentum and Adam at the next step size below the best of three epochs; no dropout.

    Seed and length are those of the longest runs of `fig3`.

    >>> run = {"optimizer": "Adam", "penalty": 0.0, "seed": 0, "epoch": 0, "decay": "none"}
    >>> rows = [{**run, "dropout": False, "alpha": a, "cost": a} for a in (1e-3, 3e-3)]
    >>> made = Fig3Smaller().units("cpu", pd.DataFrame(rows))
    >>> [(u.alpha, u.dropout, u.epochs, u.seed) for u in made]
    [(0.0003, False, 46, 2)]
    """

    name, after = "fig3-smaller", "fig3-tuning"
    begin = staticmethod(begin)

    def units(self, size: str, rows: pd.DataFrame) -> list[CnnRun]:
        """Return the runs of a size, given the rows of `fig3-tuning`."""
        seed, epochs = SIZES[size].fresh[-1]
        return [
            _run(size, name, smaller(rows, name), seed, epochs, dropout=False)
            for name in ("Nesterov", "Adam")
            if (rows["optimizer"] == name).any()
        ]


def smaller(rows: pd.DataFrame, optimizer: str) -> float:
    """Return the step size of `GRID` below the best of an optimizer in the rows without dropout.

    Below the smallest of the grid it is a third.

    >>> run = {"optimizer": "Adam", "penalty": 0.0, "seed": 0, "epoch": 0, "decay": "none"}
    >>> smaller(pd.DataFrame([{**run, "dropout": False, "alpha": 1e-3, "cost": 1.0}]), "Adam")
    0.0003
    """
    best = ranked(rows, optimizer, dropout=False)[0][1]
    return max((alpha for alpha in GRID[optimizer] if alpha < best), default=best / 3)


BY_NAME = {made.name: made for made in (Fig3Tuning(), Fig3(), Fig3Smaller())}
