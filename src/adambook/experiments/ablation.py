"""What the first moment and what the second one brings in a convolutional network.

The paper says that in convolutional networks averaging the gradient matters more than scaling it.
`ledger-ablation` crosses the two: β1 = 0 or 0.9, with Adam's scaling or without. Without scaling
these are gradient descent and the heavy ball; with it Adam, whose β1 is 0 in one cell.

The network is that of Figure 3 with a quarter of its channels and a tenth of its full layer,
c16-c16-c32-100, on 10,000 whitened images of CIFAR-10, without dropout, four epochs of 79 steps.
Its start is PyTorch's own (`adambook.models.initial`), not the small one of Figure 3: from that
one, gradient descent alone would spend most of the run on a plateau. Each cell has five step
sizes, two a decade: `ledger-ablation-tuning` tries them with one seed, `ledger-ablation` runs the
best of each cell with ten fresh ones. The plan was three; they left the question open, and seven
were added to them, once. Cost: 34 minutes of one core, as recorded, 25 of them for the ten seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from adambook import SGD, Adam, Momentum
from adambook.experiments import fig3
from adambook.experiments.networks import NetworkTraining
from adambook.experiments.tuning import ranked
from adambook.rules.rule import Rule

CELLS = tuple(product((0.0, 0.9), (False, True)))
"""(β1, scaled)."""

GRID = {
    (0.0, False): (1e-2, 3e-2, 1e-1, 3e-1, 1.0),
    (0.9, False): (1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
    (0.0, True): (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    (0.9, True): (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
}
EPOCHS, TUNING, FRESH = 4, range(1), range(1, 11)


@dataclass(frozen=True)
class AblationRun:
    """One cell of the four, a step size and a seed.

    >>> AblationRun(0.9, True, 1e-3, seed=0).channels
    (16, 16, 32)
    """

    beta1: float
    scaled: bool
    alpha: float
    seed: int
    epochs: int = EPOCHS
    channels: tuple[int, ...] = (16, 16, 32)
    full: int = 100
    whitening: str = "zca"
    batch: int = 128
    examples: int = 10_000
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row."""
        return 1


def rule(beta1: float, scaled: bool, alpha: float) -> Rule:
    """Return the rule of a cell.

    >>> rule(0.0, False, 0.1), rule(0.9, False, 0.1)
    (SGD(alpha=0.1), Momentum(alpha=0.1, mu=0.9))
    """
    if scaled:
        return Adam(alpha=alpha, beta1=beta1)
    return Momentum(alpha=alpha, mu=beta1) if beta1 else SGD(alpha=alpha)


def cell_name(beta1: float, scaled: bool) -> str:
    """Return what the rows call a cell.

    >>> cell_name(0.9, False)
    'β1 = 0.9, not scaled'
    """
    return f"β1 = {beta1:g}, {'scaled' if scaled else 'not scaled'}"


def begin(run: AblationRun) -> NetworkTraining:
    """Load the data, draw the start and return the training.

    >>> import warnings
    >>> unit = LedgerAblationTuning().units("smoke")[0]
    >>> with warnings.catch_warnings(action="ignore"):  # stand-in data
    ...     begin(unit).epoch()[0]["optimizer"]
    'β1 = 0, not scaled'
    """
    training = fig3.begin(
        fig3.CnnRun(
            "Adam", run.alpha, run.seed, run.epochs, dropout=False, whitening=run.whitening,
            spread=None, channels=run.channels, full=run.full, batch=run.batch,
            examples=run.examples, stand_in=run.stand_in,
        )
    )  # fmt: skip
    labels: dict[str, Any] = {
        "optimizer": cell_name(run.beta1, run.scaled), "decay": "none", "alpha": run.alpha,
        "penalty": 0.0, "beta1": run.beta1, "scaled": run.scaled,
    }  # fmt: skip
    return NetworkTraining(
        training.model, rule(run.beta1, run.scaled, run.alpha), training.cost, training.x,
        training.y, seed=run.seed, batch=run.batch, labels=labels, title=training.title,
        checksum=training.checksum,
    )  # fmt: skip


SMALL: dict[str, Any] = {
    "epochs": 1, "channels": (2, 2, 4), "full": 10, "examples": 100, "whitening": "standard",
    "stand_in": True,
}  # fmt: skip


def _more(size: str) -> dict[str, Any]:
    return {"smoke": SMALL, "cpu": {}, "paper": {"examples": 50_000}}[size]


class LedgerAblationTuning:
    """Four cells, five step sizes, one seed.

    >>> len(LedgerAblationTuning().units("cpu"))
    20
    """

    name = "ledger-ablation-tuning"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[AblationRun]:
        """Return the runs of a size; `smoke` has one step size, `paper` all images."""
        return [
            AblationRun(*cell, alpha, seed, **_more(size))
            for seed in TUNING
            for cell in CELLS
            for alpha in (GRID[cell][2:3] if size == "smoke" else GRID[cell])
        ]


class LedgerAblation:
    """The best step size of each cell, with ten fresh seeds.

    >>> run = {"decay": "none", "penalty": 0.0, "seed": 0, "epoch": 0}
    >>> rows = pd.DataFrame(
    ...     {**run, "optimizer": cell_name(*cell), "alpha": a, "cost": a}
    ...     for cell in CELLS for a in (0.1, 0.2))
    >>> units = LedgerAblation().units("cpu", rows)
    >>> len(units), {unit.alpha for unit in units}
    (40, {0.1})
    """

    name, after = "ledger-ablation", "ledger-ablation-tuning"
    begin = staticmethod(begin)

    def units(self, size: str, rows: pd.DataFrame) -> list[AblationRun]:
        """Return the runs of a size, given the rows of `ledger-ablation-tuning`."""
        return [
            AblationRun(*cell, ranked(rows, cell_name(*cell))[0][1], seed, **_more(size))
            for seed in (FRESH[:1] if size == "smoke" else FRESH)
            for cell in CELLS
        ]


BY_NAME = {made.name: made for made in (LedgerAblationTuning(), LedgerAblation())}
