"""Figure 1, right: logistic regression on the words of film reviews, with dropout noise.

The paper gives the 10,000 most frequent words, dropout noise of 50 % on them, and the decay
α_t = α/√t of its logistic regressions. Left open, and read here as (each a field of `ImdbStack`):

- `words`, whether an entry counts a word or says that it occurs: counts, as "bag of words" says;
- `rescaled`, whether kept entries are multiplied by 1/keep: no, the simplest noise. The paper's
  curves do not tell the four readings of `words` and `rescaled` apart (`Fig1ImdbFit`);
- `decays`, what t counts in α/√t: all three readings are run (`stacks.DECAYS`);
- `penalty`: 0, because dropout is the one regulariser that the text names for this data set;
- `batch`: 128, as on MNIST; the start: θ = 0; Nesterov's momentum and RMSProp's ρ: 0.9, usual
  values and our defaults;
- the cost: the mean over an epoch's batches, under the noise and before each step (`cost`); the
  cost without noise at the epoch's end is recorded beside it (`clean_cost`). Without rescaling,
  the inputs are then multiplied by keep, which is their mean under the noise.

The text claims the order of the optimizers "with and without dropout"; the paper's panel shows it
with dropout only. Both are run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from adambook import AdaGrad, Adam, Nesterov, RMSProp
from adambook.datasets import imdb_bow
from adambook.experiments.stacks import DECAYS, StackedOptimizers, recorded, schedule
from adambook.models import binary_logistic_regression as model
from adambook.models.dropout import dropped

OPTIMIZERS = {"AdaGrad": AdaGrad, "RMSProp": RMSProp, "Nesterov": Nesterov, "Adam": Adam}
WORDS = ("counts", "binary")
N_WORDS = 10_000
EPOCHS = 177

Setting = tuple[str, str, float]
"""An optimizer, a decay (`stacks.DECAYS`) and a step size α."""


@dataclass(frozen=True)
class ImdbStack:
    """Settings that share the order of the reviews and the noise on them, trained as one stack.

    >>> ImdbStack((("Adam", "none", 1e-3), ("AdaGrad", "step", 0.1)), seed=0).rows_an_epoch
    2
    """

    settings: tuple[Setting, ...]
    seed: int
    dropout: float = 0.5
    words: str = "counts"
    rescaled: bool = False
    penalty: float = 0.0
    epochs: int = EPOCHS
    batch: int = 128
    clean: bool = True
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row for each setting."""
        return len(self.settings)


@lru_cache(maxsize=2)
def _data(words: str, stand_in: bool) -> tuple[Any, ...]:
    """Return the reviews as sparse float32 rows, labels as float32, and their checksum."""
    from scipy.sparse import csr_array

    if words not in WORDS:
        raise ValueError(f"words must be one of {', '.join(WORDS)}, got {words!r}")
    data = imdb_bow(1000 if stand_in else N_WORDS, allow_stand_in=stand_in)
    counts = [csr_array(x) for x in (data.x_train, data.x_test)]
    x, x_test = ((c > 0 if words == "binary" else c).astype(np.float32) for c in counts)
    y, y_test = (labels.astype(np.float32) for labels in (data.y_train, data.y_test))
    return x, y, x_test, y_test, data.title, data.checksum


class ImdbTraining:
    """A stack under way: one sparse product a step serves all settings.

    Order and noise are drawn from the seed and the epoch alone, so that settings in different
    stacks meet the same ones too.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     training = ImdbTraining(Fig1ImdbTuning().units("smoke")[0])
    >>> training.theta.shape[0], training.epochs_done
    (6, 0)
    """

    def __init__(self, stack: ImdbStack) -> None:
        self.stack = stack
        self.x, self.y, self.x_test, self.y_test, self.title, self.checksum = _data(
            stack.words, stack.stand_in
        )
        n, features = self.x.shape
        self.theta = np.zeros((len(stack.settings), features + 1), np.float32)
        steps = -(-n // stack.batch)
        rules = (
            OPTIMIZERS[name](alpha=schedule(decay, alpha, steps))
            for name, decay, alpha in stack.settings
        )
        self.optimizers = StackedOptimizers(rules, self.theta)
        self.epochs_done = 0

    def epoch(self) -> list[dict[str, Any]]:
        """Train one epoch; return a row for each setting, with its costs in nats."""
        with np.errstate(all="ignore"):  # too large a step size overflows; its cost is recorded
            cost = self._train()
            clean = self._without_noise() if self.stack.clean else [{}] * len(cost)
        self.epochs_done += 1
        stack = self.stack
        return [
            {
                "optimizer": optimizer,
                "decay": decay,
                "alpha": alpha,
                "penalty": stack.penalty,
                "dropout": stack.dropout,
                "words": stack.words,
                "rescaled": stack.rescaled,
                "seed": stack.seed,
                "epoch": self.epochs_done - 1,
                "cost": recorded(own),
                **more,
            }
            for (optimizer, decay, alpha), own, more in zip(
                stack.settings, cost, clean, strict=True
            )
        ]

    def _train(self) -> Any:
        """Do one epoch of steps; return each setting's mean cost before them."""
        stack, n = self.stack, len(self.y)
        rng = np.random.default_rng([stack.seed, self.epochs_done])
        order = rng.permutation(n)
        x, y = self.x[order], self.y[order]
        if stack.dropout:
            x = dropped(x, stack.dropout, rng, rescaled=stack.rescaled)
        total = np.zeros(len(stack.settings))
        for start in range(0, n, stack.batch):
            rows = slice(start, start + stack.batch)
            cost, gradient = model.cost_and_gradient(self.theta, x[rows], y[rows], stack.penalty)
            if stack.penalty:
                cost += stack.penalty / 2 * (self.theta[:, :-1] ** 2).sum(axis=1)
            total += cost.astype(np.float64) * len(y[rows])
            self.optimizers.step(gradient)
        return total / n

    def _without_noise(self) -> list[dict[str, float]]:
        """Return each setting's cost on the training set, and cost and error on the test set."""
        scale = np.float32(1 if self.stack.rescaled else 1 - self.stack.dropout)
        mean = self.theta.copy()
        mean[:, :-1] *= scale
        clean = model.cost(model.logits(mean, self.x), self.y)
        z = model.logits(mean, self.x_test)
        test, wrong = model.cost(z, self.y_test), model.error(z, self.y_test)
        return [
            {
                "clean_cost": recorded(clean[i]),
                "test_cost": recorded(test[i]),
                "test_error": round(float(wrong[i]), 6),
            }
            for i in range(len(mean))
        ]

    def arrays(self) -> dict[str, Any]:
        """Return θ, the optimizers' states and the epochs done."""
        return {**self.optimizers.arrays(), "epoch": np.array(self.epochs_done)}

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        self.optimizers.restore(arrays)
        self.epochs_done = int(arrays["epoch"])


GRID = {
    "AdaGrad": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 30.0),
    "RMSProp": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
    "Nesterov": (1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 30.0),
    "Adam": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0),
}
"""Ten step sizes an optimizer, two a decade; the best of each is inside its grid."""

PENALTY = {0.5: 0.0, 0.0: 1e-4}
"""Dropout rate → λ. Without either, the reviews can be told apart without error: the cost has no
minimum then, and the largest step size of AdaGrad wins."""

TUNING_SEEDS, FRESH_SEEDS = range(3), range(3, 13)
"""Settings are chosen by the first; what is shown of them comes from the second."""

FINALISTS: dict[float, tuple[Setting, ...]] = {
    0.5: (
        ("AdaGrad", "none", 1e-1),
        ("AdaGrad", "epoch", 3e-1),
        ("RMSProp", "epoch", 3e-3),
        ("RMSProp", "step", 3e-2),
        ("Nesterov", "epoch", 3e-1),
        ("Nesterov", "step", 3.0),
        ("Adam", "step", 1e-1),
        ("Adam", "epoch", 1e-2),
    ),
    0.0: (
        ("AdaGrad", "epoch", 3e-1),
        ("AdaGrad", "epoch", 1.0),
        ("RMSProp", "epoch", 3e-3),
        ("RMSProp", "step", 3e-2),
        ("Nesterov", "step", 3.0),
        ("Nesterov", "epoch", 3e-1),
        ("Adam", "epoch", 3e-3),
        ("Adam", "step", 3e-2),
    ),
}
"""Dropout rate → the two best settings of each optimizer in tuning; a test compares them with the
recorded rows. What is shown is the better of the two by all tuning seeds."""

NEAR_THE_PAPER = {
    "none": {"AdaGrad": 5e-2, "RMSProp": 1e-3, "Nesterov": 5e-4, "Adam": 3e-3},
    "epoch": {"AdaGrad": 1e-1, "RMSProp": 3e-3, "Nesterov": 3e-3, "Adam": 1e-2},
}
"""Decay → step sizes around which the paper's curves are looked for."""


class Fig1ImdbTuning:
    """Tuning: 10 step sizes × 3 decays × 3 seeds for each optimizer, with and without dropout.

    >>> units = Fig1ImdbTuning().units("cpu")
    >>> len(units), sum(unit.rows_an_epoch for unit in units)
    (24, 720)
    """

    name = "fig1-imdb-tuning"

    def units(self, size: str) -> list[ImdbStack]:
        """Return the stacks of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [
                ImdbStack(_grid(name, alphas[3:5]), 0, epochs=2, clean=False, stand_in=True)
                for name, alphas in GRID.items()
            ]
        return [
            ImdbStack(_grid(name, alphas), seed, dropout, penalty=penalty, clean=False)
            for dropout, penalty in PENALTY.items()
            for seed in TUNING_SEEDS
            for name, alphas in GRID.items()
        ]

    def begin(self, unit: ImdbStack) -> ImdbTraining:
        """Load the data and set the stack to its start."""
        return ImdbTraining(unit)


class Fig1Imdb(Fig1ImdbTuning):
    """The tuned settings on ten fresh seeds, with and without dropout.

    >>> units = Fig1Imdb().units("cpu")
    >>> len(units), sorted({unit.seed for unit in units})
    (20, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    """

    name = "fig1-imdb"

    def units(self, size: str) -> list[ImdbStack]:
        """Return the stacks of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [ImdbStack(FINALISTS[0.5], 3, epochs=2, stand_in=True)]
        return [
            ImdbStack(settings, seed, dropout, penalty=PENALTY[dropout])
            for seed in FRESH_SEEDS
            for dropout, settings in FINALISTS.items()
        ]


class Fig1ImdbFit(Fig1ImdbTuning):
    """What the authors may have run: step sizes five a decade, words and noise read four ways.

    30 epochs are enough: the readings differ most at the start.

    >>> units = Fig1ImdbFit().units("cpu")
    >>> len(units), len({(unit.words, unit.rescaled) for unit in units})
    (4, 4)
    """

    name = "fig1-imdb-fit"

    def units(self, size: str) -> list[ImdbStack]:
        """Return the stacks of a size; `cpu` and `paper` are the same here."""
        near = tuple(setting for name in OPTIMIZERS for setting in _near(name))
        if size == "smoke":
            return [ImdbStack(near[:2], 0, words="binary", rescaled=True, epochs=2, stand_in=True)]
        return [
            ImdbStack(near, 0, words=words, rescaled=rescaled, epochs=30, clean=False)
            for words, rescaled in product(WORDS, (False, True))
        ]


def _grid(name: str, alphas: tuple[float, ...]) -> tuple[Setting, ...]:
    return tuple((name, decay, alpha) for decay in DECAYS for alpha in alphas)


def _near(name: str) -> tuple[Setting, ...]:
    return tuple(
        (name, decay, float(f"{alphas[name] * 10 ** (k / 5):.3g}"))
        for decay, alphas in NEAR_THE_PAPER.items()
        for k in range(-3, 4)
    )


BY_NAME = {
    experiment.name: experiment for experiment in (Fig1ImdbTuning(), Fig1Imdb(), Fig1ImdbFit())
}
