"""A schedule stepped twice: the step size is at its end half-way, and then comes back.

Cause: `scheduler.step()` stands in the training loop and once more in a callback. After half of
the updates the cosine has reached 0; PyTorch's goes on and rises again, to the full α at the end.

Cure: one call an update. Or none: give the rule a schedule as its α. It reads the optimizer's
own t, and nobody can step it twice.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn

from adambook import Adam
from adambook.clinic import ridge
from adambook.torch import Optimizer

ALPHA, STEPS = 0.03, 800


def _run(calls: int) -> pd.DataFrame:
    schedulers = []

    def make(model: nn.Module) -> torch.optim.Optimizer:
        optimizer = Optimizer(model.parameters(), Adam(ALPHA))
        schedulers.append(torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS))
        return optimizer

    def schedule(optimizer: torch.optim.Optimizer) -> dict[str, float]:
        used = float(optimizer.param_groups[0]["lr"])
        for _ in range(calls):
            schedulers[0].step()
        return {"alpha": used}

    return ridge.fit(make, STEPS, schedule)


def sick() -> pd.DataFrame:
    """Penalised softmax regression, cosine over 800 steps, two scheduler steps an update.

    `alpha` is the step size of each update and `gap` the distance from the minimum.

    >>> log = sick()
    >>> bool(log["alpha"].loc[STEPS // 2 + 1] < 1e-6), bool(log["alpha"].iloc[-1] > 0.029)
    (True, True)
    """
    return _run(calls=2)


def cured() -> pd.DataFrame:
    """The same run with one scheduler step an update.

    >>> log = cured()
    >>> bool(log["alpha"].is_monotonic_decreasing), bool(log["alpha"].iloc[-1] < 1e-6)
    (True, True)
    """
    return _run(calls=1)
