"""A small network on real digits as one function of a vector: loss, gradient and curvature."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked

Vector = NDArray[np.float64]


@checked
def squared_error(outputs: Any, labels: Any) -> Any:
    r"""Return half the mean squared distance of the outputs to the labels as unit vectors.

    Parameters
    ----------
    outputs : tensor, shape (n, 10)
    labels : tensor of int, shape (n,)

    >>> import torch
    >>> float(squared_error(torch.zeros(3, 10), torch.arange(3)))
    0.5
    """
    import torch

    targets = torch.nn.functional.one_hot(labels, 10).to(outputs.dtype)
    return 0.5 * ((outputs - targets) ** 2).sum(dim=1).mean()


@checked
class DigitsNetwork:
    r"""The 1797 digits of scikit-learn and a network with one tanh layer: the full-batch cost.

    θ holds $W_1, b_1, W_2, b_2$ one after the other. PyTorch differentiates, in float64 and in
    one batch, so that there is no noise at all.

    Parameters
    ----------
    hidden : int
        Units in the hidden layer, at least 1. θ has 75 hidden + 10 numbers.
    cost : callable
        (outputs of shape (n, 10), labels) → cost, of tensors; `squared_error`, or
        `torch.nn.functional.cross_entropy`.

    Raises
    ------
    ValueError
        If `hidden` is below 1.

    >>> network = DigitsNetwork(hidden=2)
    >>> network.start(seed=0).shape, round(network.loss(np.zeros(160)), 4)
    ((160,), 0.5)
    """

    def __init__(self, hidden: int, cost: Callable[[Any, Any], Any] = squared_error) -> None:
        import torch
        from sklearn.datasets import load_digits

        if hidden < 1:
            raise ValueError(f"hidden must be at least 1, got {hidden}")
        self.cost = cost
        self.sizes = [(64, hidden), (hidden,), (hidden, 10), (10,)]
        x, y = load_digits(return_X_y=True)
        self.x, self.y = torch.from_numpy(x / 16.0), torch.from_numpy(y)

    def start(self, seed: int) -> Vector:
        r"""Return θ at which training starts: weights uniform in ±1/√(inputs), biases 0."""
        rng = np.random.default_rng(seed)
        return np.concatenate(
            [
                rng.uniform(-1, 1, math.prod(size)) * (len(size) - 1) / math.sqrt(size[0])
                for size in self.sizes
            ]
        )

    def _loss(self, theta: Any) -> Any:
        import torch

        parts = torch.split(theta, [math.prod(size) for size in self.sizes])
        w1, b1, w2, b2 = (p.reshape(s) for p, s in zip(parts, self.sizes, strict=True))
        return self.cost(torch.tanh(self.x @ w1 + b1) @ w2 + b2, self.y)

    def loss(self, theta: Vector) -> float:
        """Return the cost over all digits."""
        import torch

        with torch.no_grad():
            return float(self._loss(torch.from_numpy(theta)))

    def gradient(self, theta: Vector) -> Vector:
        """Return the gradient of `loss`, θ's shape."""
        import torch

        point = torch.tensor(theta, requires_grad=True)
        (g,) = torch.autograd.grad(self._loss(point), point)
        return np.asarray(g)

    def curvature(self, theta: Vector, direction: Vector) -> Vector:
        """Return the Hessian of `loss` at θ times a direction, θ's shape."""
        import torch

        point = torch.tensor(theta, requires_grad=True)
        (g,) = torch.autograd.grad(self._loss(point), point, create_graph=True)
        (product,) = torch.autograd.grad(g @ torch.from_numpy(direction), point)
        return np.asarray(product)
