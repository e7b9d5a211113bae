"""The loss shoots up and never comes back. The step is larger than the weights.

Cause: every coordinate of an Adam step is about α at first, whatever the gradients are. With
α = 1 and weights of about 0.1 one step replaces the network by another, and ReLUs that it pushes
below zero for every input get no gradient again.

Cure: a step size that is small beside the weights; a range test finds it.
"""

from __future__ import annotations

import pandas as pd

from adambook import Adam
from adambook.clinic.training import batches, digits, flat, network, train
from adambook.torch import Optimizer


def _run(alpha: float) -> pd.DataFrame:
    model, data = network(64, 32, 10), digits()
    log = train(
        model,
        Optimizer(model.parameters(), Adam(alpha)),
        batches(data.x, data.y, size=64),
        steps=200,
        after_step=lambda: {"weight": float(flat(model).abs().median())},
    )
    return log.assign(ratio=log["step"] / log["weight"].shift(fill_value=_start()))


def _start() -> float:
    """The median size of a parameter before the first step."""
    return float(flat(network(64, 32, 10)).abs().median())


def sick() -> pd.DataFrame:
    """The digits with α = 1. `ratio` is the largest |Δ| over the median |θ| before the step.

    >>> log = sick()
    >>> bool(log["ratio"].iloc[0] > 5), bool(log["loss"].max() > 10 * log["loss"].iloc[0])
    (True, True)
    """
    return _run(1.0)


def cured() -> pd.DataFrame:
    """The same run with α = 0.01.

    >>> log = cured()
    >>> bool(log["ratio"].iloc[0] < 1), bool(log["loss"].iloc[-20:].mean() < 0.5)
    (True, True)
    """
    return _run(0.01)
