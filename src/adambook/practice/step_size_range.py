"""The range test: one short run with a growing step size, to see which step sizes work at all."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from adambook.arguments import checked, shaped
from adambook.rules.rule import Rule
from adambook.theory.arguments import decay, positive, step_count
from adambook.torch import Optimizer

Cost = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
STOP = 3.0
"""The test ends when the smoothed loss is this many times its lowest value."""


class RangeTest(NamedTuple):
    """What a range test saw, one entry an update.

    `lowest` is the step size at which the smoothed loss was lowest: from there on it was too
    large. (The step size of the steepest fall, which is often taken, is decided by noise.)
    """

    alphas: NDArray[np.float64]
    losses: NDArray[np.float64]
    smooth: NDArray[np.float64]
    lowest: float


def geometric(low: float, high: float, steps: int) -> Callable[[int], float]:
    r"""Return the schedule $\alpha_t = \mathrm{low}\,(\mathrm{high}/\mathrm{low})^{(t-1)/(T-1)}$.

    Parameters
    ----------
    low, high : float
        The step sizes of the first update and of update T, above 0.
    steps : int
        T, from 2.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    >>> [round(geometric(1e-4, 1.0, 5)(t), 6) for t in (1, 2, 5)]
    [0.0001, 0.001, 1.0]
    """
    low, high = positive("low", low), positive("high", high)
    if step_count("steps", steps) < 2:
        raise ValueError(f"steps must be a whole number ≥ 2, got {steps!r}")
    ratio = math.log(high / low) / (steps - 1)

    def alpha(t: int) -> float:
        return low * math.exp(ratio * (t - 1))

    return alpha


@checked
def smoothed(losses: NDArray[np.float64], beta: float = 0.8) -> NDArray[np.float64]:
    r"""Return the exponentially weighted average of a curve, corrected for its start.

    It is `adambook.theory.moving_average`, but takes a loss that is not finite: from it on the
    average is not either.

    Raises
    ------
    ValueError
        If the losses have no or more than one axis, or beta lies outside [0, 1).

    >>> smoothed(np.array([2.0, 2.0, 2.0])).round(12)
    array([2., 2., 2.])
    """
    losses, beta = shaped("losses", losses, 1), decay("beta", beta)
    weights = beta ** np.arange(len(losses))
    sums = [weights[: k + 1] @ losses[k::-1] for k in range(len(losses))]
    return np.asarray(sums / np.cumsum(weights))


@checked
def range_test(
    model: nn.Module,
    rule: Rule,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    *,
    low: float = 1e-5,
    high: float = 1.0,
    steps: int = 100,
    cost: Cost = functional.cross_entropy,
) -> RangeTest:
    """Train a copy of the model while α grows from `low` to `high`; return losses and step sizes.

    It ends early when the smoothed loss is three times its lowest value or is not finite. The
    model itself is not changed.

    Parameters
    ----------
    model : torch.nn.Module
    rule : Rule
        The optimizer; its own α is not used.
    batches : iterable of (x, y)
        At least `steps` mini-batches.
    low, high, steps
        As for `geometric`.
    cost : callable
        Outputs and targets → loss.

    Raises
    ------
    ValueError
        If a parameter is out of its range, the batches end too early, or the test ended before its
        fifth update.

    Source: Smith (2017), section 3.3, there with a linear growth.

    >>> from adambook import Adam
    >>> _ = torch.manual_seed(0)
    >>> x, y = torch.randn(64, 3), torch.arange(64) % 2
    >>> seen = range_test(nn.Linear(3, 2), Adam(), [(x, y)] * 100)
    >>> bool(seen.alphas[0] <= seen.lowest <= seen.alphas[-1])
    True
    """
    model, alpha = copy.deepcopy(model), geometric(low, high, steps)
    replaced: dict[str, Any] = {"alpha": alpha}
    optimizer = Optimizer(model.parameters(), dataclasses.replace(rule, **replaced))
    losses: list[float] = []
    for x, y in islice(batches, steps):
        optimizer.zero_grad()
        loss = cost(model(x), y)
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(float(loss.detach()))
        smooth = smoothed(np.array(losses))
        if not math.isfinite(losses[-1]) or smooth[-1] > STOP * smooth.min():
            break
    else:
        if len(losses) < steps:
            raise ValueError(f"batches must hold at least {steps} mini-batches, got {len(losses)}")
    return _seen(np.array([alpha(t) for t in range(1, len(losses) + 1)]), np.array(losses))


def _seen(alphas: NDArray[np.float64], losses: NDArray[np.float64]) -> RangeTest:
    if len(losses) < 5:
        raise ValueError(f"the range test ended after {len(losses)} updates: take a smaller low")
    smooth = smoothed(losses)
    return RangeTest(alphas, losses, smooth, float(alphas[np.nanargmin(smooth)]))
