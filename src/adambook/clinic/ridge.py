"""A strongly convex patient: softmax regression with a penalty, and its minimum to ten digits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import nn
from torch.nn import functional

from adambook.clinic.training import batches, digits, flat, network, train

PENALTY = 1e-2


def cost(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    r"""The cross-entropy plus $\frac\lambda2\|\theta\|^2$ with λ = 0.01: strongly convex.

    >>> model, data = network(64, 10), digits()
    >>> bool(cost(model, data.x, data.y) > functional.cross_entropy(model(data.x), data.y))
    True
    """
    return functional.cross_entropy(model(x), y) + _penalty(model)


def _penalty(model: nn.Module) -> torch.Tensor:
    theta = nn.utils.parameters_to_vector(model.parameters())
    return PENALTY / 2 * (theta @ theta)


@cache
def minimum() -> float:
    """The least value of `cost` over all training digits, found by L-BFGS-B.

    >>> round(minimum(), 4)
    0.7361
    """
    model, data = network(64, 10), digits()

    @torch.enable_grad()
    def value_and_gradient(theta: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        nn.utils.vector_to_parameters(torch.tensor(theta), model.parameters())
        value = cost(model, data.x, data.y)
        gradients = torch.autograd.grad(value, list(model.parameters()))
        return float(value.detach()), torch.cat([g.flatten() for g in gradients]).numpy()

    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000}
    start, method = flat(model).numpy(), "L-BFGS-B"
    return float(minimize(value_and_gradient, start, jac=True, method=method, options=options).fun)


def fit(
    make: Callable[[nn.Module], torch.optim.Optimizer],
    steps: int,
    schedule: Callable[[torch.optim.Optimizer], dict[str, float]] = lambda optimizer: {},
) -> pd.DataFrame:
    r"""Fit the digits in mini-batches of 32; log the distance of the full cost from its minimum.

    Parameters
    ----------
    make : callable
        Model → optimizer.
    steps : int
    schedule : callable
        Called with the optimizer after each step; what it returns is logged.

    Returns
    -------
    DataFrame
        `gap` is $J(\theta_t) - \min J$ over all training digits, in nats, beside what `train` logs.

    >>> from adambook import Adam
    >>> from adambook.torch import Optimizer
    >>> log = fit(lambda model: Optimizer(model.parameters(), Adam(0.1)), steps=20)
    >>> bool(log["gap"].iloc[-1] < log["gap"].iloc[0])
    True
    """
    model, data = network(64, 10), digits()
    optimizer = make(model)

    @torch.no_grad()
    def watch() -> dict[str, float]:
        gap = float(cost(model, data.x, data.y)) - minimum()
        return {"gap": gap, **schedule(optimizer)}

    def penalised(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(z, y) + _penalty(model)

    data_order = batches(data.x, data.y, size=32)
    return train(model, optimizer, data_order, steps, cost=penalised, after_step=watch)
