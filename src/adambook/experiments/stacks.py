"""Many settings of the optimizers at once: one model a setting, all on the same batches."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.fused import FusedStack
from adambook.rules.rule import Rule
from adambook.schedules import constant, inverse_sqrt

DECAYS = ("none", "epoch", "step")
"""What t may count in α/√t: nothing (α is constant), epochs, or steps."""


def schedule(decay: str, alpha: float, steps_an_epoch: int) -> Any:
    """Return α, α/√epoch or α/√t, both counted from 1.

    Raises
    ------
    ValueError
        If `decay` is none of `DECAYS`.

    >>> [round(schedule("epoch", 0.1, steps_an_epoch=2)(t), 4) for t in (1, 2, 3, 4, 5)]
    [0.1, 0.1, 0.0707, 0.0707, 0.0577]
    """
    if decay not in DECAYS:
        raise ValueError(f"decay must be one of {', '.join(DECAYS)}, got {decay!r}")
    if decay == "none":
        return constant(alpha)
    return inverse_sqrt(alpha, period=steps_an_epoch if decay == "epoch" else 1)


def recorded(cost: Any) -> float:
    """Return a cost as it is recorded: to six digits; a diverged one is infinite.

    >>> recorded(0.12345678), recorded(float("nan"))
    (0.123457, inf)
    """
    return float(f"{cost:.6g}") if np.isfinite(cost) else float("inf")


class StackedOptimizers:
    """One compiled optimizer for each model of a stack.

    Parameters
    ----------
    rules : iterable of Rule
        One for each model. Neighbours of one class move in one compiled pass.
    theta : array, shape (k, ...), float32 or float64
        The models, one along the first axis. They are changed by `step`.

    >>> from adambook import SGD
    >>> theta = np.ones((2, 1))
    >>> StackedOptimizers([SGD(alpha=0.5), SGD(alpha=0.25)], theta).step(np.ones((2, 1)))
    >>> theta.tolist()
    [[0.5], [0.75]]
    """

    def __init__(self, rules: Iterable[Rule], theta: NDArray[Any]) -> None:
        self.theta = theta
        flat = theta.reshape(len(theta), -1)
        self.groups: list[tuple[slice, FusedStack]] = []
        start = 0
        for _, same in groupby(rules, type):
            group = list(same)
            rows = slice(start, start + len(group))
            self.groups.append((rows, FusedStack(group, flat[rows])))
            start = rows.stop

    def step(self, gradients: NDArray[Any]) -> None:
        """Move each model by one step along its gradient; `gradients` has theta's shape.

        One thread does it: the others would stay awake a while after the step, and stand in the
        way of those that NumPy keeps for the products before and after it.
        """
        flat = gradients.reshape(len(gradients), -1)
        for rows, stack in self.groups:
            stack.step(flat[rows], threads=1)

    def arrays(self) -> dict[str, Any]:
        """Return the models, the optimizers' states and their common step count."""
        states = {
            f"{name} {i}": array
            for i, (_, stack) in enumerate(self.groups)
            for name, array in stack.state.items()
        }
        return {"theta": self.theta, "t": np.array(self.groups[0][1].t), **states}

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        self.theta[...] = arrays["theta"]
        for i, (_, stack) in enumerate(self.groups):
            stack.t = int(arrays["t"])
            for name, array in stack.state.items():
                array[...] = arrays[f"{name} {i}"]
