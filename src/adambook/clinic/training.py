"""What the patients share: the digits as tensors, a small network, and a loop that keeps a log."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional

from adambook import datasets
from adambook.minibatches import minibatches

Batch = tuple[torch.Tensor, torch.Tensor]
Cost = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Digits(NamedTuple):
    """Digits as tensors: pixels in [0, 1] as float64 of shape (n, 64), classes as int64."""

    x: torch.Tensor
    y: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor


@cache
def digits() -> Digits:
    """Return scikit-learn's digits as tensors, split as `adambook.datasets.digits` splits them.

    >>> digits().x.shape, float(digits().x.max())
    (torch.Size([1437, 64]), 1.0)
    """
    x, y, x_test, y_test = datasets.digits()
    pixels = (torch.tensor(a.reshape(-1, 64) / 16) for a in (x, x_test))
    train, test = pixels
    return Digits(train, torch.tensor(y), test, torch.tensor(y_test))


def batches(x: torch.Tensor, y: torch.Tensor, size: int, seed: int = 0) -> Iterator[Batch]:
    """Yield mini-batches without end, each epoch in a fresh order that the seed fixes.

    >>> x, y = next(batches(digits().x, digits().y, size=32))
    >>> x.shape, y.shape
    (torch.Size([32, 64]), torch.Size([32]))
    """
    for rows in minibatches(len(x), size, np.random.default_rng(seed)):
        yield x[rows], y[rows]


def network(*widths: int, seed: int = 0) -> nn.Sequential:
    """Return a fully connected ReLU network in float64 with PyTorch's start, fixed by the seed.

    >>> network(64, 32, 10)
    Sequential(
      (0): Linear(in_features=64, out_features=32, bias=True)
      (1): ReLU()
      (2): Linear(in_features=32, out_features=10, bias=True)
    )
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for inputs, outputs in itertools.pairwise(widths):
            layers += [nn.Linear(inputs, outputs, dtype=torch.float64), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def flat(model: nn.Module) -> torch.Tensor:
    """Return all parameters of a model as one vector, detached.

    >>> flat(network(64, 10)).shape
    torch.Size([650])
    """
    return nn.utils.parameters_to_vector(model.parameters()).detach()


def gradient_norm(model: nn.Module) -> float:
    """Return the global norm of a model's gradients.

    >>> model = network(2, 2)
    >>> model(torch.zeros(1, 2, dtype=torch.float64)).sum().backward()
    >>> round(gradient_norm(model), 4)
    1.4142
    """
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    return float(nn.utils.get_total_norm(gradients))


@torch.no_grad()
def loss_on(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Return the mean cross-entropy over a set, in nats, without a gradient.

    >>> model = network(64, 10)
    >>> bool(abs(loss_on(model, digits().x, digits().y) - np.log(10)) < 0.2)
    True
    """
    return float(functional.cross_entropy(model(x), y))


def train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Iterable[Batch],
    steps: int,
    *,
    cost: Cost = functional.cross_entropy,
    before_step: Callable[[], Any] = lambda: None,
    after_step: Callable[[], dict[str, float] | None] = lambda: None,
) -> pd.DataFrame:
    """Train, and return the log: one row a step, numbered from 1.

    Parameters
    ----------
    model, optimizer, data
        What is trained, by what, on which mini-batches.
    steps : int
    cost : callable
        Outputs and targets → loss.
    before_step : callable
        Called when the gradients are there: the place for clipping.
    after_step : callable
        Called after the step, for a scheduler; what it returns by name is logged too.

    Returns
    -------
    DataFrame
        `loss`: of the mini-batch, before the step; `gradient`: global norm, before clipping;
        `step` and `rms`: the largest |Δ| over all coordinates, and the root of the mean square;
        and what `after_step` returned.

    >>> from adambook import Adam
    >>> from adambook.torch import Optimizer
    >>> model = network(64, 10)
    >>> log = train(model, Optimizer(model.parameters(), Adam()), batches(*digits()[:2], 64), 5)
    >>> list(log.columns), len(log)
    (['loss', 'gradient', 'step', 'rms'], 5)
    """
    rows = []
    for x, y in itertools.islice(data, steps):
        optimizer.zero_grad()
        loss = cost(model(x), y)
        torch.autograd.backward(loss)
        norm, before = gradient_norm(model), flat(model)
        before_step()
        optimizer.step()
        delta = flat(model) - before
        row = {
            "loss": float(loss.detach()),
            "gradient": norm,
            "step": float(delta.abs().max()),
            "rms": float(delta.square().mean().sqrt()),
        }
        rows.append(row | (after_step() or {}))
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="t"))
