"""The loss falls, then stands well above its minimum. A constant step size hovers.

Cause: at the minimum the gradient of a mini-batch is still noise, and Adam turns noise into steps
of a fixed fraction of α. Where steps stay, the distance to the minimum stays.

Cure: let α fall to 0, here along half a cosine.
"""

from __future__ import annotations

import pandas as pd

from adambook import Adam
from adambook.clinic import ridge
from adambook.rules.rule import StepSize
from adambook.schedules import cosine
from adambook.torch import Optimizer

ALPHA, STEPS = 0.03, 800


def _run(alpha: StepSize) -> pd.DataFrame:
    return ridge.fit(lambda model: Optimizer(model.parameters(), Adam(alpha)), STEPS)


def sick() -> pd.DataFrame:
    r"""Penalised softmax regression, α = 0.03 throughout. `gap` is $J(\theta_t) - \min J$.

    >>> log = sick()
    >>> bool(log["gap"].iloc[-100:].min() > 1e-4)
    True
    """
    return _run(ALPHA)


def cured() -> pd.DataFrame:
    """The same run with α falling from 0.03 to 0 along half a cosine.

    >>> bool(cured()["gap"].iloc[-1] < 1e-4)
    True
    """
    return _run(cosine(ALPHA, STEPS))
