"""Figure 1, left: multi-class logistic regression on MNIST, for a whole grid at once.

The paper gives the model, the batch of 128 and the decay α_t = α/√t. Left open, and read here as:

- what t counts in the decay: all three readings are run (`DECAYS`);
- the L2 penalty λ, and whether the cost contains it: 1e-4, and it does not;
- the pixels' scale: [0, 1]; the start: θ = 0; Nesterov's momentum: 0.9;
- the cost shown: the mean over an epoch's batches, each before its step, so that the point at
  x = k is the epoch after k epochs (the first point is far below ln 10, the cost at θ = 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from adambook import AdaGrad, Adam, AdaMax, Nesterov
from adambook.datasets import mnist
from adambook.experiments.stacks import DECAYS, StackedOptimizers, recorded, schedule
from adambook.models import logistic_regression as model

OPTIMIZERS = {"AdaGrad": AdaGrad, "Nesterov": Nesterov, "Adam": Adam, "AdaMax": AdaMax}
GRID = {
    "AdaGrad": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0),
    "Nesterov": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 30.0),
    "Adam": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0),
}
"""Ten step sizes an optimizer, two a decade; the best of each is inside its grid."""

TUNING_SEEDS, FRESH_SEEDS = range(3), range(3, 13)
"""Settings are chosen by the first; what is shown of them comes from the second."""

NEAR_THE_PAPER = {"AdaGrad": 1e-3, "Nesterov": 1e-2, "Adam": 1e-3}
BATCH = 128
EPOCHS = 46


@dataclass(frozen=True)
class Stack:
    """One optimizer and seed: every step size and decay, trained as one stack of models.

    >>> Stack("Adam", seed=0, alphas=(1e-3, 1e-2)).rows_an_epoch
    6
    """

    optimizer: str
    seed: int
    alphas: tuple[float, ...]
    decays: tuple[str, ...] = DECAYS
    penalty: float = 1e-4
    epochs: int = EPOCHS
    batch: int = BATCH
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row for each step size and decay."""
        return len(self.alphas) * len(self.decays)


@lru_cache(maxsize=2)
def _data(stand_in: bool) -> tuple[Any, ...]:
    """Return MNIST as rows of floats in [0, 1] with a 1 appended, its labels, and its checksum."""
    data = mnist(allow_stand_in=stand_in)
    x, x_test = (
        model.with_ones(images.astype(np.float32) / 255) for images in (data.x_train, data.x_test)
    )
    return x, data.y_train, x_test, data.y_test, data.title, data.checksum


class StackTraining:
    """A stack under way.

    All models see the same batches, in an order that the seed and the epoch fix, and share one
    matrix product a step; each has its own compiled optimizer.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     training = StackTraining(Fig1Mnist().units("smoke")[0])
    >>> training.theta.shape[0], training.epochs_done
    (9, 0)
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.x, self.y, self.x_test, self.y_test, self.title, self.checksum = _data(stack.stand_in)
        self.settings = list(product(stack.decays, stack.alphas))
        classes, features = int(self.y.max()) + 1, self.x.shape[1]
        self.theta = np.zeros((len(self.settings), classes, features), np.float32)
        steps = -(-len(self.x) // stack.batch)
        make = OPTIMIZERS[stack.optimizer]
        rules = (make(alpha=schedule(*setting, steps)) for setting in self.settings)
        self.optimizers = StackedOptimizers(rules, self.theta)
        self.epochs_done = 0

    def epoch(self) -> list[dict[str, Any]]:
        """Train one epoch; return a row for each setting, with its costs in nats."""
        order = np.random.default_rng([self.stack.seed, self.epochs_done]).permutation(len(self.x))
        total = np.zeros(len(self.settings))
        with np.errstate(all="ignore"):  # too large a step size overflows; its cost is recorded
            for start in range(0, len(order), self.stack.batch):
                rows = order[start : start + self.stack.batch]
                cost, gradient = model.cost_and_gradient(
                    self.theta, self.x[rows], self.y[rows], self.stack.penalty
                )
                total += cost.astype(np.float64) * len(rows)
                self.optimizers.step(gradient)
            log_p = model.log_probabilities(self.theta, self.x_test)
            test = -log_p[np.arange(len(log_p)), :, self.y_test].mean(axis=0)
            wrong = (log_p.argmax(axis=-1) != self.y_test[:, None]).mean(axis=0)
        self.epochs_done += 1
        return [
            {
                "optimizer": self.stack.optimizer,
                "decay": decay,
                "alpha": alpha,
                "penalty": self.stack.penalty,
                "seed": self.stack.seed,
                "epoch": self.epochs_done - 1,
                "cost": recorded(total[i] / len(order)),
                "test_cost": recorded(test[i]),
                "test_error": round(float(wrong[i]), 6),
            }
            for i, (decay, alpha) in enumerate(self.settings)
        ]

    def arrays(self) -> dict[str, Any]:
        """Return θ, the optimizers' states and the epochs done."""
        return {**self.optimizers.arrays(), "epoch": np.array(self.epochs_done)}

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        self.optimizers.restore(arrays)
        self.epochs_done = int(arrays["epoch"])


class Fig1Mnist:
    """The tuned comparison: 10 step sizes × 3 decays × 13 seeds for each optimizer.

    >>> units = Fig1Mnist().units("cpu")
    >>> len(units), sum(unit.rows_an_epoch for unit in units)
    (39, 1170)
    """

    name = "fig1-mnist"

    def units(self, size: str) -> list[Stack]:
        """Return the stacks of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [
                Stack(name, 0, alphas[2:5], epochs=2, stand_in=True)
                for name, alphas in GRID.items()
            ]
        return [Stack(name, seed, GRID[name]) for seed in range(13) for name in GRID]

    def begin(self, unit: Stack) -> StackTraining:
        """Load the data and set the stack to its start."""
        return StackTraining(unit)


class Fig1MnistFit(Fig1Mnist):
    """What the authors may have run: step sizes ten a decade near theirs, three penalties.

    >>> sorted({unit.penalty for unit in Fig1MnistFit().units("cpu")})
    [0.0, 0.0003, 0.002]
    """

    name = "fig1-mnist-fit"

    def units(self, size: str) -> list[Stack]:
        """Return the stacks of a size; `cpu` and `paper` are the same here."""
        penalties = (0.0, 3e-4, 2e-3)
        exponents = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
        stacks = [
            Stack(name, 0, tuple(float(f"{a * 10**k:.3g}") for k in exponents), penalty=penalty)
            for penalty in penalties
            for name, a in NEAR_THE_PAPER.items()
        ]
        if size == "smoke":
            return [Stack("Adam", 0, stacks[2].alphas[:2], epochs=1, stand_in=True)]
        return stacks


BY_NAME = {experiment.name: experiment for experiment in (Fig1Mnist(), Fig1MnistFit())}
