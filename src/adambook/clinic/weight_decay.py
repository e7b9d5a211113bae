r"""Weight decay that does nothing: α λ times the number of steps is far below 1.

Cause: AdamW multiplies θ by $1-\alpha\lambda$ a step, so over a run by $\prod(1-\alpha_t\lambda)
\approx e^{-\lambda\sum\alpha_t}$. At α = 0.003 and λ = 0.01 that is 1.5 % in 500 steps.

Cure: choose λ from the run: $\lambda\sum_t\alpha_t$ of the order of 1.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch import nn

from adambook import AdamW
from adambook.clinic.training import digits, loss_on, network, train
from adambook.torch import Optimizer

ALPHA, STEPS, EXAMPLES = 3e-3, 500, 150


def blank_pixels() -> torch.Tensor:
    """Return the pixels that are 0 in all training digits: their weights have no gradient.

    >>> blank_pixels()
    tensor([ 0, 32, 39])
    """
    return (digits().x == 0).all(dim=0).nonzero().flatten()


def _run(weight_decay: float) -> pd.DataFrame:
    model, data = network(64, 128, 10), digits()
    x, y, first = data.x[:EXAMPLES], data.y[:EXAMPLES], model[0]
    assert isinstance(first, nn.Linear)
    blank, others = first.weight.detach()[:, blank_pixels()].norm(), first.weight.detach().norm()

    def watch() -> dict[str, float]:
        weights = first.weight.detach()
        return {
            "validation": loss_on(model, data.x_test, data.y_test),
            "blank": float(weights[:, blank_pixels()].norm() / blank),
            "weights": float(weights.norm() / others),
        }

    optimizer = Optimizer(model.parameters(), AdamW(ALPHA, weight_decay=weight_decay))
    return train(model, optimizer, iter(lambda: (x, y), None), STEPS, after_step=watch)


def sick() -> pd.DataFrame:
    """150 digits with AdamW, α = 0.003 and λ = 0.01, for 500 steps.

    `blank` and `weights` are norms relative to the start: of the weights that have no gradient,
    and of all weights of the first layer.

    >>> round(float(sick()["blank"].iloc[-1]), 4)
    0.9851
    """
    return _run(0.01)


def cured() -> pd.DataFrame:
    """The same run with λ = 1, so that λ times the sum of the step sizes is 1.5.

    >>> round(float(cured()["blank"].iloc[-1]), 4)
    0.2226
    """
    return _run(1.0)
