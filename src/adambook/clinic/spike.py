"""A loss spike after a quiet stretch: one bad batch, and a run of large steps.

Cause: after a long quiet stretch v is tiny. A gradient a thousand times larger fills m at once
(it stays there for about ten steps) and v hardly (it needs a thousand): the steps are up to
7.27 α where they were a small fraction of α.

Cure: clip the gradient to a norm that is usual in the run, so that one batch counts as one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
from torch import nn

from adambook import Adam
from adambook.clinic.training import Batch, batches, digits, loss_on, network, train
from adambook.torch import Optimizer

BAD, STEPS = 1500, 1600


def _with_one_bad_batch() -> Iterator[Batch]:
    """The digits in batches of 64; in batch number `BAD` every label is one class too high."""
    data = digits()
    for t, (x, y) in enumerate(batches(data.x, data.y, size=64), start=1):
        yield (x, (y + 1) % 10) if t == BAD else (x, y)


def _run(clip: Callable[[nn.Module], Any]) -> pd.DataFrame:
    model, data = network(64, 32, 10), digits()
    log = train(
        model,
        Optimizer(model.parameters(), Adam(0.01)),
        _with_one_bad_batch(),
        STEPS,
        before_step=lambda: clip(model),
        after_step=lambda: {"total": loss_on(model, data.x, data.y)},
    )
    return log.assign(step=log["step"] / 0.01)


def sick() -> pd.DataFrame:
    """The digits, and one batch with wrong labels at step 1500. `total` is the loss on all digits.

    `step` is the largest |Δ| in multiples of α.

    >>> log = sick()
    >>> bool(log["total"].loc[BAD - 1] < 0.01), bool(log["total"].loc[BAD:].max() > 0.05)
    (True, True)
    """
    return _run(lambda model: None)


def cured() -> pd.DataFrame:
    """The same run with gradients clipped to a global norm of 0.1.

    >>> bool(cured()["total"].loc[BAD:].max() < 0.1)
    True
    """
    return _run(lambda model: nn.utils.clip_grad_norm_(model.parameters(), 0.1))
