"""Four small networks for the 8 × 8 digits: dense, convolutional, recurrent, transformer.

The recurrent network and the transformer read a digit as a sequence of its eight rows. Each is
trained in about a second on one core, and none has anything that the names do not say.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from adambook.arguments import checked


class Recurrent(nn.Module):
    """A GRU over the eight rows of a digit; its last state is read out.

    >>> Recurrent()(torch.zeros(2, 8, 8)).shape
    torch.Size([2, 10])
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.rows = nn.GRU(8, width, batch_first=True)
        self.out = nn.Linear(width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (n, 10) for digits of shape (n, 8, 8)."""
        _, last = self.rows(x)
        logits: torch.Tensor = self.out(last[0])
        return logits


class Transformer(nn.Module):
    """Two layers of attention over the eight rows of a digit, each row with its place.

    The norms stand before attention and after it ("pre-norm"); the mean over rows is read out.

    >>> Transformer()(torch.zeros(2, 8, 8)).shape
    torch.Size([2, 10])
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.rows = nn.Linear(8, width)
        self.place = nn.Parameter(0.02 * torch.randn(8, width))
        layer = nn.TransformerEncoderLayer(
            width,
            nhead=4,
            dim_feedforward=2 * width,
            dropout=0.0,
            batch_first=True,
            norm_first=True,
        )
        self.layers = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits of shape (n, 10) for digits of shape (n, 8, 8)."""
        h = self.layers(self.rows(x) + self.place)
        logits: torch.Tensor = self.out(self.norm(h.mean(dim=1)))
        return logits


def dense() -> nn.Module:
    """Two hidden layers of 64 ReLUs.

    >>> dense()(torch.zeros(2, 8, 8)).shape
    torch.Size([2, 10])
    """
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)
    )


def convolutional() -> nn.Module:
    """Two convolutions of 3 × 3 with 16 and 32 channels, each halved by pooling, and a layer.

    >>> convolutional()(torch.zeros(2, 8, 8)).shape
    torch.Size([2, 10])
    """
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)),
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "dense": dense,
    "convolutional": convolutional,
    "recurrent": Recurrent,
    "transformer": Transformer,
}
"""The four by name."""


@checked
def small_network(name: str, seed: int) -> nn.Module:
    """Return one of the four by name, started from the seed, in float32.

    Raises
    ------
    ValueError
        If there is no such network.

    >>> sum(p.numel() for p in small_network("convolutional", seed=0).parameters())
    6090
    """
    if name not in NETWORKS:
        raise ValueError(f"there is no network {name!r}; there are {', '.join(NETWORKS)}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return NETWORKS[name]()
