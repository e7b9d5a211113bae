"""Early stopping: keep the parameters of the best validation loss, and say when to give up."""

from __future__ import annotations

import copy
import math
from typing import Any

from adambook.theory.arguments import step_count


class EarlyStopping:
    """The best validation loss so far, the parameters that had it, and how long ago it was.

    Parameters
    ----------
    patience : int
        How many measurements without a new best end the run, from 1.

    Attributes
    ----------
    best : float
        The lowest validation loss so far; infinite before the first.
    best_state : object
        A copy of what was given with it.
    waited : int
        Measurements since then.

    Raises
    ------
    ValueError
        If `patience` is no whole number ≥ 1.

    Source: Prechelt (1998) compares such rules.

    >>> stopping = EarlyStopping(patience=2)
    >>> [stopping.stop(loss, {"epoch": e}) for e, loss in enumerate([3.0, 2.0, 2.5, 2.1, 1.0])]
    [False, False, False, True, False]
    >>> stopping.best, stopping.best_state
    (1.0, {'epoch': 4})
    """

    def __init__(self, patience: int) -> None:
        self.patience = step_count("patience", patience)
        self.best, self.best_state, self.waited = math.inf, None, 0

    def stop(self, loss: float, state: Any) -> bool:
        """Record a validation loss and the state it belongs to; return whether to stop now.

        A loss that is NaN is never the best.

        Parameters
        ----------
        loss : float
        state
            What to keep if this loss is the best: `model.state_dict()`, or an array. It is copied.
        """
        if loss < self.best:
            self.best, self.best_state, self.waited = float(loss), copy.deepcopy(state), 0
        else:
            self.waited += 1
        return self.waited >= self.patience
