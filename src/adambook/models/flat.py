"""A network's cost as a function of one flat vector, for optimizers that want one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils import parameters_to_vector, vector_to_parameters


class Flat:
    r"""The map from θ, all parameters of a model in one vector, to $J(\theta)$ and its gradient.

    Parameters
    ----------
    model : torch.nn.Module
        Its parameters are set to whatever θ is asked for.

    >>> import numpy as np
    >>> model = torch.nn.Linear(2, 1, bias=False)
    >>> flat = Flat(model)
    >>> flat.set(np.array([3.0, 4.0], np.float32))
    >>> value, gradient = flat.value_and_gradient(lambda: model.weight.square().sum())
    >>> value, gradient
    (25.0, array([6., 8.], dtype=float32))
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self.parameters = list(model.parameters())

    @property
    def theta(self) -> NDArray[Any]:
        """The parameters now, as one vector."""
        return parameters_to_vector(self.parameters).detach().cpu().numpy().copy()

    def set(self, theta: NDArray[Any]) -> None:
        """Set the model's parameters, whose dtype stays.

        Raises
        ------
        ValueError
            If θ has another shape than `theta`.
        """
        count = sum(p.numel() for p in self.parameters)
        if np.shape(theta) != (count,):
            raise ValueError(f"theta must have shape ({count},), got {np.shape(theta)}")
        first = self.parameters[0]
        with torch.no_grad():
            vector = torch.tensor(theta, device=first.device, dtype=first.dtype)  # a copy
            vector_to_parameters(vector, self.parameters)

    def value_and_gradient(self, cost: Callable[[], torch.Tensor]) -> tuple[float, NDArray[Any]]:
        """Return what `cost` computes with the model, and its gradient as one vector."""
        value = cost()
        gradient = parameters_to_vector(torch.autograd.grad(value, self.parameters))
        return float(value.detach()), gradient.cpu().numpy()
