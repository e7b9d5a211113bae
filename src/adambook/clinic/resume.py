"""A resumed run that jumps: the parameters were saved, the optimizer was not.

Cause: a fresh Adam has m = v = 0 and t = 0. Its first step is α times the sign of the gradient in
every coordinate, as at the very start, although the gradients are tiny by now.

Cure: save and load `optimizer.state_dict()` beside `model.state_dict()`.
"""

from __future__ import annotations

import copy

import pandas as pd
from torch import nn

from adambook import Adam
from adambook.clinic.training import Batch, batches, digits, loss_on, network, train
from adambook.torch import Optimizer

BREAK, STEPS = 400, 450


class Run:
    """A model, its optimizer and the batches to come: what a run consists of.

    >>> len(Run().train(3))
    3
    """

    def __init__(self) -> None:
        self.model: nn.Module = network(64, 256, 10)
        self.optimizer = Optimizer(self.model.parameters(), Adam(0.01))
        data = digits()
        order = batches(data.x, data.y, size=64)
        self.batches: list[Batch] = [next(order) for _ in range(STEPS)]

    def train(self, steps: int) -> pd.DataFrame:
        """Train on the next batches and log the loss on all digits, `total`, beside the rest."""
        data, model = digits(), self.model
        todo, self.batches = self.batches[:steps], self.batches[steps:]
        return train(
            model,
            self.optimizer,
            todo,
            steps,
            after_step=lambda: {"total": loss_on(model, data.x, data.y)},
        )


def _resumed(with_optimizer: bool) -> pd.DataFrame:
    first = Run()
    before = first.train(BREAK)
    saved = copy.deepcopy({"model": first.model.state_dict()})
    optimizer = copy.deepcopy(first.optimizer.state_dict())
    second = Run()
    second.batches = second.batches[BREAK:]
    second.model.load_state_dict(saved["model"])
    if with_optimizer:
        second.optimizer.load_state_dict(optimizer)
    log = pd.concat([before, second.train(STEPS - BREAK)], ignore_index=True)
    return log.set_index(pd.RangeIndex(1, STEPS + 1, name="t"))


def uninterrupted() -> pd.DataFrame:
    """450 steps without a break.

    >>> len(uninterrupted())
    450
    """
    return Run().train(STEPS)


def sick() -> pd.DataFrame:
    """A break after 400 steps; only the model is loaded.

    >>> log = sick()
    >>> bool(log["total"].loc[BREAK + 1 :].max() > 3 * log["total"].loc[BREAK])
    True
    """
    return _resumed(with_optimizer=False)


def cured() -> pd.DataFrame:
    """A break after 400 steps; model and optimizer are loaded. The run goes on to the same bits.

    >>> cured().equals(uninterrupted())
    True
    """
    return _resumed(with_optimizer=True)
