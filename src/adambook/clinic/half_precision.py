"""ε underflows in float16: NaN in the first step.

Cause: everything is float16, whose least number is 6e-8. The default ε of 1e-8 rounds to 0, and
so does (1-β2) g² for every |g| below 0.0055. Where the gradient is exactly 0, as for the weights
of a pixel that is always blank, the step is 0/0.

Cure: parameters, moments and update in float32; float16 for the products of the forward and
backward pass alone (`torch.autocast`), with the loss scaled so that small gradients survive.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn
from torch.nn import functional

from adambook import Adam
from adambook.clinic.training import batches, digits, flat, network
from adambook.practice.loss_scaling import LossScaler
from adambook.torch import Optimizer

STEPS = 200


def _row(loss: torch.Tensor, model: nn.Module) -> dict[str, float]:
    finite = torch.isfinite(flat(model)).double().mean()
    return {"loss": float(loss.detach()), "finite": float(finite)}


def _log(rows: list[dict[str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="t"))


def sick() -> pd.DataFrame:
    """The digits with parameters, gradients and moments in float16. `finite`: share of parameters.

    >>> log = sick()
    >>> bool(log["finite"].iloc[0] < 1), bool(log["loss"].iloc[-1:].isna().all())
    (True, True)
    """
    model, data = network(64, 32, 10).half(), digits()
    optimizer, rows = Optimizer(model.parameters(), Adam(0.01)), []
    for _, (x, y) in zip(range(STEPS), batches(data.x, data.y, size=64), strict=False):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(x.half()), y)
        torch.autograd.backward(loss)
        optimizer.step()
        rows.append(_row(loss, model))
    return _log(rows)


def cured() -> pd.DataFrame:
    r"""The same run with float16 products, float32 parameters and moments, and a scaled loss.

    `scale` is the factor on the loss. It begins too large, at $2^{24}$: a step whose gradients
    overflow is left out and halves it.

    >>> log = cured()
    >>> bool((log["finite"] == 1).all()), bool(log["loss"].iloc[-20:].mean() < 0.5)
    (True, True)
    """
    model, data = network(64, 32, 10).float(), digits()
    optimizer, scaler, rows = Optimizer(model.parameters(), Adam(0.01)), LossScaler(2.0**24), []
    for _, (x, y) in zip(range(STEPS), batches(data.x, data.y, size=64), strict=False):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.float16):
            loss = functional.cross_entropy(model(x.float()), y)
        torch.autograd.backward(scaler.scaled(loss))
        if scaler.unscale(model.parameters()):
            optimizer.step()
        rows.append(_row(loss, model) | {"scale": scaler.scale})
    return _log(rows)
