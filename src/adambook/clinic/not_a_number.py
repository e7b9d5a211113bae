"""The loss is infinite once, and NaN from then on. A logarithm of an underflowed probability.

Cause: the loss is written as -log(softmax(z)). In float32 a probability below 1e-45 is 0, its
logarithm is -∞, and the derivative multiplies ∞ by 0, which is NaN. One NaN among the gradients
reaches θ, m and v in the same step, and an average that holds NaN keeps it.

Cure: `cross_entropy` on the logits, which subtracts logarithms and never forms the probability.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch.nn import functional

from adambook import Adam
from adambook.clinic.training import Cost, batches, digits, flat, network, train
from adambook.torch import Optimizer


def log_of_softmax(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean of -log(softmax(z)[y]), as one would write it down. Do not use it.

    >>> z = torch.tensor([[0.0, 200.0]])
    >>> float(log_of_softmax(z, torch.tensor([0])))
    inf
    >>> float(functional.cross_entropy(z, torch.tensor([0])))
    200.0
    """
    p = torch.softmax(z, dim=1)
    return -torch.log(p[torch.arange(len(y)), y]).mean()


def _run(cost: Cost, check_finite: bool = False) -> pd.DataFrame:
    model, data = network(64, 10).float(), digits()
    pixels = (16 * data.x).float()  # 0 to 16, as they come
    return train(
        model,
        Optimizer(model.named_parameters(), Adam(0.3), check_finite=check_finite),
        batches(pixels, data.y, size=64),
        steps=100,
        cost=cost,
        after_step=lambda: {"finite": float(torch.isfinite(flat(model)).double().mean())},
    )


def sick(check_finite: bool = False) -> pd.DataFrame:
    """The digits in float32 with the loss written by hand. `finite` is a share of parameters.

    With `check_finite` the optimizer raises FloatingPointError at the step where it happens.

    >>> log = sick()
    >>> float(log["finite"].iloc[0]), float(log["finite"].iloc[-1])
    (1.0, 0.0)
    """
    return _run(log_of_softmax, check_finite)


def cured() -> pd.DataFrame:
    """The same run with `torch.nn.functional.cross_entropy`.

    >>> bool(cured()["loss"].notna().all())
    True
    """
    return _run(functional.cross_entropy)
