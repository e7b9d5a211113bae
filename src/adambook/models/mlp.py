"""The multilayer network of Figure 2: two hidden layers of 1000 rectified units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch

from adambook.models.initial import initialize
from adambook.models.linear import Linear
from adambook.models.noise import check_rates, dropout


class MLP(torch.nn.Module):
    r"""A fully connected network: $h_{k+1} = \max(0, W_k h_k + b_k)$, and logits at the end.

    The paper gives the layers and that Figure 2a has dropout, not where nor how much;
    0.2 of the input and 0.5 of each hidden layer are usual rates (Srivastava et al., 2014).

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, input first.
    drop_input, drop_hidden : float
        Dropout rates in [0, 1).
    seed : int
        Fixes the initial weights.
    spread : float, optional
        Standard deviation of the initial weights; default PyTorch's own rule (`initialize`).

    Raises
    ------
    ValueError
        If there are fewer than two layers, or a rate is out of range.

    Source: Kingma and Ba (2015), section 6.2.

    >>> model = MLP()
    >>> sum(p.numel() for p in model.parameters()), model(torch.zeros(2, 784)).shape
    (1796010, torch.Size([2, 10]))
    """

    def __init__(
        self,
        sizes: Sequence[int] = (784, 1000, 1000, 10),
        *,
        drop_input: float = 0.2,
        drop_hidden: float = 0.5,
        seed: int = 0,
        spread: float | None = None,
    ) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"sizes must have at least two layers, got {tuple(sizes)}")
        check_rates(drop_input=drop_input, drop_hidden=drop_hidden)
        self.drop_input, self.drop_hidden = drop_input, drop_hidden
        self.layers = torch.nn.ModuleList(Linear(a, b) for a, b in pairwise(sizes))
        initialize(self, seed, spread)

    def forward(self, x: torch.Tensor, noise: torch.Generator | None = None) -> torch.Tensor:
        """Return the logits of flat inputs, shape (n, classes); without `noise`, no dropout."""
        h = dropout(x, self.drop_input, noise)
        *hidden, last = self.layers
        for layer in hidden:
            h = dropout(torch.relu(layer(h)), self.drop_hidden, noise)
        return torch.as_tensor(last(h))
