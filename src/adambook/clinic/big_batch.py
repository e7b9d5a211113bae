r"""A scaled-up batch that stops learning: eight times the batch, an eighth of the updates.

Cause: the run is as long in epochs as before, but it has only an eighth as many updates, of the
same size α each.

Cure: for a batch κ times larger, α becomes $\sqrt\kappa\,\alpha$, $1-\beta_i$ becomes
$\kappa(1-\beta_i)$, and ε becomes $\epsilon/\sqrt\kappa$ (Malladi et al., 2022).
"""

from __future__ import annotations

import pandas as pd

from adambook import Adam
from adambook.clinic.training import batches, digits, loss_on, network, train
from adambook.practice.batch_size import scaled_to_batch
from adambook.torch import Optimizer

SMALL, FACTOR, EPOCHS = 8, 8, 10
TUNED = Adam(alpha=1e-3)


def _run(rule: Adam, size: int) -> pd.DataFrame:
    model, data = network(64, 32, 10), digits()
    log = train(
        model,
        Optimizer(model.parameters(), rule),
        batches(data.x, data.y, size),
        EPOCHS * len(data.x) // size,
        after_step=lambda: {"total": loss_on(model, data.x, data.y)},
    )
    return log.assign(examples=size * log.index)


def small() -> pd.DataFrame:
    """The run that was tuned: batches of 8, α = 0.001, ten epochs. `total`: loss on all digits.

    >>> bool(small()["total"].iloc[-1] < 0.3)
    True
    """
    return _run(TUNED, SMALL)


def sick() -> pd.DataFrame:
    """Batches of 64, all else as before.

    >>> bool(sick()["total"].iloc[-1] > 0.5)
    True
    """
    return _run(TUNED, SMALL * FACTOR)


def cured() -> pd.DataFrame:
    """Batches of 64 and the square-root rule with κ = 8.

    >>> bool(cured()["total"].iloc[-1] < 0.3)
    True
    """
    return _run(scaled_to_batch(TUNED, FACTOR), SMALL * FACTOR)
