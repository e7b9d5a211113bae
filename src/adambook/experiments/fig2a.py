"""Figure 2a: a multilayer network with dropout on MNIST, five optimizers, 200 epochs.

The paper gives the network (two hidden layers of 1000 rectified units), the batch of 128 and that
there is dropout. Left open, and read here as (each a field of `MlpRun`):

- `drop_input`, `drop_hidden`, where and how much: 0.2 of the pixels and 0.5 of each hidden layer,
  the rates of the first papers on dropout. `fig2a-pixels` tries Adam with other rates of the
  pixels, none among them;
- the cost shown: the mean over an epoch's batches, under the dropout noise and before each step
  (`cost`): the paper's curves are jagged, as noise makes them. Without noise, on 10,000 training
  images at the epoch's end, it is recorded beside it (`clean_cost`);
- `decay`: none, since the text names a decay for the logistic regressions alone. The `paper`
  size also tunes α/√epoch and α/√t;
- `penalty`: 0; the text names weight decay for the network without noise alone;
- `spread`, the start: PyTorch's default rule, uniform on ±1/√inputs;
- Nesterov's momentum 0.9, RMSProp's ρ 0.9, AdaDelta's ρ 0.95 and ε 1e-6: usual values.

Three stages, each optimizer with the same budget (`Budget`). At the size `cpu`: eight step sizes
for 10 epochs; the best three of them for 50; the best of these with three fresh seeds for 50, one
of which goes on to 201. A few epochs favour large steps, hence the second stage. At the size
`paper`: eight step sizes times the three decays for 50 epochs, the best three for 201 with three
seeds, the best of these for 201 with five fresh seeds.

`fig2a-fit` looks for the paper's curve where the grid has none within a tenth of it, with steps
that fall among others; and it tries the step of RMSProp below the three, since the smallest of
them was its best.

Cost: 8.2 seconds of one core an epoch (processor time of one thread). The size `cpu` has 2,655
epochs in its three stages: 6 hours of one core, 3 of two (4.7 of one as recorded, with other
kernels); `fig2a-fit` has 1,053, `fig2a-pixels` 220.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pandas as pd

from adambook.experiments.mlp_runs import OPTIMIZERS, MlpRun, RhoRun, begin
from adambook.experiments.stacks import DECAYS
from adambook.experiments.tuning import ranked

GRID = {
    "AdaGrad": (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
    "RMSProp": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    "Nesterov": (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
    "AdaDelta": (1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 30.0),
    "Adam": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
}
"""Eight step sizes an optimizer, two a decade, around values in use."""

BETWEEN = (6e-3, 8e-3)
"""Step sizes of AdaGrad between those of its grid, where the paper's curve may be."""

LONG = (("none", 1e-4), ("epoch", 1e-3), ("epoch", 6e-4))
"""Decays and step sizes of Adam: after 200 epochs they may end lower than its best after 50."""

SHORT = (("none", 3e-5), ("epoch", 3e-4), ("epoch", 1e-3))
"""Decays and step sizes of RMSProp beside those of its grid."""

PIXELS = (0.0, 0.1, 0.3)
"""Dropout rates of the pixels, beside the 0.2 of all other runs."""

PIXELS_ON = ((0.0, 1e-4), (0.3, 3e-4))
"""Such rates and steps of Adam that are near the paper's first ten epochs: do they stay there?"""


@dataclass(frozen=True)
class Budget:
    """What a size spends: epochs of each stage, seeds that tune, seeds that are shown.

    `fresh` holds (seed, epochs); `kept` says how many settings reach the second stage.

    >>> SIZES["cpu"].epochs, SIZES["cpu"].fresh
    ((10, 50), ((3, 201), (4, 50), (5, 50)))
    """

    epochs: tuple[int, int]
    tuning: range
    fresh: tuple[tuple[int, int], ...]
    decays: tuple[str, ...] = ("none",)
    kept: int = 3
    hidden: int = 1000
    stand_in: bool = False


SIZES = {
    "smoke": Budget((1, 2), range(1), ((3, 2),), kept=1, hidden=20, stand_in=True),
    "cpu": Budget((10, 50), range(1), ((3, 201), (4, 50), (5, 50))),
    "paper": Budget((50, 201), range(3), tuple((s, 201) for s in range(3, 8)), DECAYS),
}


def _run(size: str, optimizer: str, decay: str, alpha: float, seed: int, epochs: int) -> MlpRun:
    of = SIZES[size]
    return MlpRun(
        optimizer, alpha, seed, epochs, decay=decay, hidden=of.hidden, stand_in=of.stand_in
    )


class Fig2aTuning:
    """Every optimizer and step size, for a few epochs with one seed.

    >>> units = Fig2aTuning().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (40, 400)
    """

    name = "fig2a-tuning"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[MlpRun]:
        """Return the runs of a size; `smoke` has three step sizes of two optimizers."""
        grid = {n: GRID[n][2:5] for n in ("Nesterov", "Adam")} if size == "smoke" else GRID
        return [
            _run(size, name, decay, alpha, 0, SIZES[size].epochs[0])
            for name, decay in product(grid, SIZES[size].decays)
            for alpha in grid[name]
        ]


class Fig2aNarrowed:
    """The best settings of each optimizer, for longer.

    >>> run = {"optimizer": "Adam", "penalty": 0.0, "seed": 0, "epoch": 0, "decay": "none"}
    >>> rows = pd.DataFrame([{**run, "alpha": a, "cost": a} for a in (0.1, 0.2, 0.3, 0.4)])
    >>> [unit.alpha for unit in Fig2aNarrowed().units("cpu", rows)]
    [0.1, 0.2, 0.3]
    """

    name, after = "fig2a-narrowed", "fig2a-tuning"
    begin = staticmethod(begin)

    def units(self, size: str, rows: pd.DataFrame) -> list[MlpRun]:
        """Return the runs of a size, given the rows of `fig2a-tuning`."""
        of = SIZES[size]
        return [
            _run(size, name, decay, alpha, seed, of.epochs[1])
            for name in _present(rows)
            for decay, alpha in ranked(rows, name)[: of.kept]
            for seed in of.tuning
        ]


class Fig2a:
    """Each optimizer at its best setting, with fresh seeds; the long runs first.

    >>> run = {"optimizer": "Adam", "penalty": 0.0, "seed": 0, "epoch": 0, "decay": "none"}
    >>> rows = pd.DataFrame([{**run, "alpha": a, "cost": a} for a in (0.1, 0.2)])
    >>> [(unit.alpha, unit.seed, unit.epochs) for unit in Fig2a().units("cpu", rows)]
    [(0.1, 3, 201), (0.1, 4, 50), (0.1, 5, 50)]
    """

    name, after = "fig2a", "fig2a-narrowed"
    begin = staticmethod(begin)

    def units(self, size: str, rows: pd.DataFrame) -> list[MlpRun]:
        """Return the runs of a size, given the rows of `fig2a-narrowed`."""
        return [
            _run(size, name, *ranked(rows, name)[0], seed, epochs)
            for seed, epochs in SIZES[size].fresh
            for name in _present(rows)
        ]


class Fig2aFit:
    """Nearer to three of the paper's curves than the grid comes; one seed.

    Adam with a smaller step, and with one that falls, for 201 epochs; AdaGrad between two steps of
    the grid; RMSProp likewise, and with ρ = 0.99 and 0.999, since the paper gives none.

    >>> [(unit.optimizer, unit.alpha) for unit in Fig2aFit().units("cpu")][:3]
    [('Adam', 0.0001), ('Adam', 0.001), ('Adam', 0.0006)]
    """

    name = "fig2a-fit"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[MlpRun]:
        """Return the runs of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [RhoRun("RMSProp", 1e-3, 0, epochs=2, hidden=20, stand_in=True)]
        return [
            *(MlpRun("Adam", alpha, 0, 201, decay=decay) for decay, alpha in LONG),
            *(RhoRun("RMSProp", a, 0, 50, rho=r) for r in (0.99, 0.999) for a in (1e-4, 3e-4)),
            *(MlpRun("RMSProp", alpha, 0, 50, decay=decay) for decay, alpha in SHORT),
            *(MlpRun("AdaGrad", alpha, 0, 50) for alpha in BETWEEN),
        ]


class Fig2aPixels:
    """Adam with other dropout rates of the pixels, as long as `fig2a-tuning`, two longer; one seed.

    >>> units = Fig2aPixels().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (14, 220)
    """

    name = "fig2a-pixels"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[MlpRun]:
        """Return the runs of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [MlpRun("Adam", 1e-3, 0, 2, drop_input=0.0, hidden=20, stand_in=True)]
        few, more = SIZES["cpu"].epochs
        tried = [(rate, alpha, few) for rate in PIXELS for alpha in GRID["Adam"][2:6]]
        longer = [(rate, alpha, more) for rate, alpha in PIXELS_ON]
        return [MlpRun("Adam", a, 0, n, drop_input=rate) for rate, a, n in (*tried, *longer)]


def _present(rows: pd.DataFrame) -> list[str]:
    return [name for name in OPTIMIZERS if (rows["optimizer"] == name).any()]


STAGES = Fig2aTuning(), Fig2aNarrowed(), Fig2a()
BY_NAME = {made.name: made for made in (*STAGES, Fig2aFit(), Fig2aPixels())}
