"""Training improves and validation degrades: the network learns its examples by heart.

Cause: 150 examples and 9,610 parameters. After some steps only the certainty on the training
examples grows, and with it the price of each mistake on new ones.

Cure: stop at the best validation loss and keep those parameters.
"""

from __future__ import annotations

import pandas as pd

from adambook import Adam
from adambook.clinic.training import digits, loss_on, network, train
from adambook.practice.early_stopping import EarlyStopping
from adambook.torch import Optimizer

EXAMPLES, STEPS = 150, 500


def sick() -> pd.DataFrame:
    """150 digits, full batch, 500 steps. `validation` is the loss on the 360 digits kept aside.

    >>> log = sick()
    >>> bool(log["loss"].iloc[-1] < 0.01)
    True
    >>> bool(log["validation"].iloc[-1] > 1.2 * log["validation"].min())
    True
    """
    model, data = network(64, 128, 10), digits()
    x, y = data.x[:EXAMPLES], data.y[:EXAMPLES]
    return train(
        model,
        Optimizer(model.parameters(), Adam(0.01)),
        iter(lambda: (x, y), None),
        STEPS,
        after_step=lambda: {"validation": loss_on(model, data.x_test, data.y_test)},
    )


def cured() -> pd.DataFrame:
    """The same run, stopped when 20 measurements in a row brought no better validation loss.

    The last row is that of the parameters which are kept.

    >>> log = cured()
    >>> bool(log["validation"].iloc[-1] == log["validation"].min())
    True
    """
    log, stopping = sick(), EarlyStopping(patience=20)
    for t, loss in log["validation"].items():
        if stopping.stop(loss, t):
            break
    return log.loc[: stopping.best_state]
