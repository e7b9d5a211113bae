"""Initial weights from a seed: the same for every optimizer that is given the seed."""

from __future__ import annotations

import math

import torch


def initialize(model: torch.nn.Module, seed: int, spread: float | None = None) -> None:
    r"""Set the weights and biases of all linear and convolutional layers.

    Without `spread`, each is uniform on $\pm 1/\sqrt{\text{inputs}}$ of its layer, the rule that
    PyTorch's layers follow by default. With it, weights are normal with that standard deviation
    and biases 0.

    Parameters
    ----------
    model : torch.nn.Module
        Its parameters are changed.
    seed : int
        The draws are made on the CPU, so that every device starts alike.
    spread : float, optional
        A standard deviation, > 0.

    Raises
    ------
    ValueError
        If `spread` is not positive.

    >>> layer = torch.nn.Linear(100, 10)
    >>> initialize(layer, seed=0)
    >>> bool(layer.weight.abs().max() <= 0.1), bool(layer.weight.abs().max() > 0.09)
    (True, True)
    """
    if spread is not None and not spread > 0:
        raise ValueError(f"spread must be positive, got {spread}")
    draws = torch.Generator().manual_seed(seed)
    for layer in model.modules():
        if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            for values in layer.parameters():
                drawn = torch.empty(values.shape)
                if spread is None:
                    drawn.uniform_(-bound, bound, generator=draws)
                elif values is layer.weight:
                    drawn.normal_(0.0, spread, generator=draws)
                else:
                    drawn.zero_()
                with torch.no_grad():
                    values.copy_(drawn)
