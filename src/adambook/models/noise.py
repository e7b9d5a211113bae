"""Dropout whose masks come from a generator, so that two runs can be given the same ones."""

from __future__ import annotations

import torch


def dropout(x: torch.Tensor, rate: float, noise: torch.Generator | None) -> torch.Tensor:
    r"""Return x with a share of its entries set to 0 and the others divided by $1 - \text{rate}$.

    Parameters
    ----------
    x : tensor
    rate : float
        The probability of each entry to be dropped, in [0, 1).
    noise : torch.Generator or None
        Where the mask comes from, on x's device; without one x is returned as it is, which is
        what the division keeps the mean equal to.

    Raises
    ------
    ValueError
        If the rate is out of range.

    Source: Srivastava et al. (2014), with the division moved from test time to training.

    >>> kept = dropout(torch.ones(1000), 0.2, torch.Generator().manual_seed(0))
    >>> sorted(set(kept.tolist())), 0.7 < float((kept > 0).float().mean()) < 0.9
    ([0.0, 1.25], True)
    """
    check_rates(rate=rate)
    if noise is None or rate == 0:
        return x
    mask = torch.rand(x.shape, generator=noise, device=x.device, dtype=x.dtype) >= rate
    return x * mask / (1 - rate)


def check_rates(**rates: float) -> None:
    """Refuse a dropout rate outside [0, 1).

    >>> check_rates(drop_input=1.0)
    Traceback (most recent call last):
    ...
    ValueError: drop_input must lie in [0, 1), got 1.0
    """
    for name, rate in rates.items():
        if not 0 <= rate < 1:
            raise ValueError(f"{name} must lie in [0, 1), got {rate}")
