"""Instability at the start: the loss jumps in the first steps.

Cause: the first step moves every weight by the full α, whatever its gradient is worth, and all of
them together: in a layer of 256 inputs the outputs change by up to 256 α times the input.

Cure: warm-up. α rises from near 0 over the first steps, while the averages fill.
"""

from __future__ import annotations

import pandas as pd

from adambook import Adam
from adambook.clinic.training import batches, digits, network, train
from adambook.rules.rule import StepSize
from adambook.schedules import warmup
from adambook.torch import Optimizer

ALPHA = 0.05


def _run(alpha: StepSize) -> pd.DataFrame:
    model, data = network(64, 256, 256, 10), digits()
    optimizer = Optimizer(model.parameters(), Adam(alpha))
    return train(model, optimizer, batches(data.x, data.y, size=64), steps=100)


def sick() -> pd.DataFrame:
    """Two hidden layers of 256 with α = 0.05 from the first step.

    >>> log = sick()
    >>> bool(log["loss"].loc[2] > 2 * log["loss"].loc[1])
    True
    """
    return _run(ALPHA)


def cured() -> pd.DataFrame:
    """The same run with a warm-up of 50 steps.

    >>> log = cured()
    >>> bool(log["loss"].max() < 1.1 * log["loss"].loc[1])
    True
    """
    return _run(warmup(ALPHA, 50))
