"""Parameter groups: weight decay for matrices, none for biases and the gains of norms."""

from __future__ import annotations

from typing import Any

from torch import nn

from adambook.arguments import checked


@checked
def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return two groups for an optimizer: arrays of two or more axes are decayed, others are not.

    A bias or a norm's gain has one axis. Decaying it does not make the function smoother: it
    only pulls the gain towards 0.

    Parameters
    ----------
    model : torch.nn.Module
    weight_decay : float
        λ ≥ 0 of the first group; that of the second is 0.

    Raises
    ------
    ValueError
        If `weight_decay` is negative.

    >>> first, second = decay_groups(nn.Linear(3, 2), weight_decay=0.1)
    >>> [tuple(p.shape) for p in first["params"]], first["weight_decay"]
    ([(2, 3)], 0.1)
    >>> [tuple(p.shape) for p in second["params"]], second["weight_decay"]
    ([(2,)], 0.0)
    """
    if weight_decay < 0:
        raise ValueError(f"weight_decay must be at least 0, got {weight_decay!r}")
    trained = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
