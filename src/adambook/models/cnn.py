"""The convolutional network of Figure 3: c64-c64-c128-1000."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch

from adambook.models.initial import initialize
from adambook.models.linear import Linear
from adambook.models.noise import check_rates, dropout


class CNN(torch.nn.Module):
    """Three stages of convolution, rectifier and pooling, then a full layer and logits.

    As the paper has it, each convolution is 5 x 5 and each pooling takes the maximum of 3 x 3
    with stride 2. Left open, and chosen here by name:

    - padding: convolutions keep the size (without padding the third would not fit into what is
      left); pooling is padded by `pool_padding`: 1 takes 32 to 16, 8 and 4, 0 to 15, 7 and 3;
    - dropout: on the input and on the full layer, as the paper says; 0.2 and 0.5 are the usual
      rates.

    Parameters
    ----------
    channels : sequence of int
        Of the three convolutions.
    full : int
        Units of the full layer.
    image : (int, int)
        Channels and side of the square pictures.
    classes : int
    pool_padding : {0, 1}
    drop_input, drop_full : float
        Dropout rates in [0, 1).
    seed, spread
        As for `MLP`.

    Raises
    ------
    ValueError
        If a rate or `pool_padding` is out of range.

    Source: Kingma and Ba (2015), section 6.3.

    >>> model = CNN()
    >>> sum(p.numel() for p in model.parameters()), model(torch.zeros(2, 3, 32, 32)).shape
    (2371266, torch.Size([2, 10]))
    """

    def __init__(
        self,
        channels: Sequence[int] = (64, 64, 128),
        full: int = 1000,
        *,
        image: tuple[int, int] = (3, 32),
        classes: int = 10,
        pool_padding: int = 1,
        drop_input: float = 0.2,
        drop_full: float = 0.5,
        seed: int = 0,
        spread: float | None = None,
    ) -> None:
        super().__init__()
        if pool_padding not in (0, 1):
            raise ValueError(f"pool_padding must be 0 or 1, got {pool_padding}")
        check_rates(drop_input=drop_input, drop_full=drop_full)
        self.drop_input, self.drop_full = drop_input, drop_full
        planes, side = image
        self.convolutions = torch.nn.ModuleList(
            torch.nn.Conv2d(a, b, 5, padding=2) for a, b in pairwise((planes, *channels))
        )
        self.pool = torch.nn.MaxPool2d(3, stride=2, padding=pool_padding)
        for _ in channels:
            side = (side + 2 * pool_padding - 3) // 2 + 1
        self.full = Linear(channels[-1] * side**2, full)
        self.last = Linear(full, classes)
        initialize(self, seed, spread)

    def forward(self, x: torch.Tensor, noise: torch.Generator | None = None) -> torch.Tensor:
        """Return the logits of pictures (n, planes, side, side); without `noise`, no dropout.

        The maximum is rectified, and not the maximum of rectified values taken: the same numbers,
        at a fourth of the places.
        """
        h = dropout(x, self.drop_input, noise)
        for convolution in self.convolutions:
            h = torch.relu(self.pool(convolution(h)))
        h = torch.relu(self.full(h.flatten(1)))
        return torch.as_tensor(self.last(dropout(h, self.drop_full, noise)))
