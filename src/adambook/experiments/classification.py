"""What the classifying networks of Figures 2 and 3 share: the cost, and what is measured beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from adambook.experiments.networks import Cost
from adambook.experiments.stacks import recorded

LOOKED_AT = 10_000
"""How many training examples the cost without noise is measured on, after every epoch."""

AT_ONCE = 1000


def cost(penalty: float = 0.0) -> Cost:
    r"""Return the cost of a batch: what is differentiated, and what is shown.

    Shown is the mean cross-entropy under the noise; differentiated is that and
    $\frac\lambda2\sum W^2$ over the weights (the parameters that are not biases).

    >>> model = torch.nn.Linear(3, 2)
    >>> model.forward = lambda x, noise: torch.zeros(len(x), 2)
    >>> x, y = torch.zeros(4, 3), torch.tensor([0, 1, 0, 1])
    >>> objective, shown = cost()(model, x, y, torch.Generator())
    >>> round(float(shown), 4)
    0.6931
    """

    def of_batch(
        model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, noise: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        shown = cross_entropy(model(x, noise), y)
        return (shown + penalty / 2 * weights_squared(model) if penalty else shown), shown

    return of_batch


def weights_squared(model: torch.nn.Module) -> torch.Tensor:
    """Return the sum of the squares of a model's weights, without the biases.

    >>> round(float(weights_squared(torch.nn.Linear(1, 1, bias=True)).detach()), 4) <= 1.0
    True
    """
    squared: Callable[[torch.Tensor], torch.Tensor] = _Squared.apply
    return torch.stack([squared(p) for p in model.parameters() if p.dim() > 1]).sum()


class _Squared(torch.autograd.Function):
    """The sum of the squares of p: one pass over p, and one for the gradient 2p.

    Autograd's own `p.square().sum()` takes six, which is a seventh of a step of the multilayer
    network; the gradient has the same bits.
    """

    @staticmethod
    def forward(ctx: Any, p: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(p)
        return p.flatten().dot(p.flatten())

    @staticmethod
    def backward(ctx: Any, *above: torch.Tensor) -> torch.Tensor:
        p: torch.Tensor = ctx.saved_tensors[0]
        return 2 * above[0] * p


def measure(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """Return the mean cross-entropy without noise, and the share of wrong classes.

    >>> model = torch.nn.Linear(2, 2, bias=False)
    >>> _ = model.weight.data.copy_(torch.eye(2))
    >>> measure(model, torch.zeros(3, 2), torch.tensor([0, 0, 1]))
    (0.693147, 0.333333)
    """
    total, wrong = 0.0, 0
    with torch.no_grad():
        for part, labels in zip(torch.split(x, AT_ONCE), torch.split(y, AT_ONCE), strict=True):
            logits = model(part)
            total += float(cross_entropy(logits, labels, reduction="sum"))
            wrong += int((logits.argmax(dim=1) != labels).sum())
    return recorded(total / len(x)), round(wrong / len(x), 6)


def beside(data: Mapping[str, torch.Tensor]) -> Callable[[torch.nn.Module], dict[str, Any]]:
    """Return what adds to a row: the cost without noise, and the test set's cost and error.

    Parameters
    ----------
    data : mapping with x, y, x_test, y_test

    >>> data = {name: torch.zeros(2, 2) for name in ("x", "x_test")}
    >>> data |= {name: torch.zeros(2, dtype=torch.int64) for name in ("y", "y_test")}
    >>> sorted(beside(data)(torch.nn.Linear(2, 2)))
    ['clean_cost', 'test_cost', 'test_error']
    """

    def columns(model: torch.nn.Module) -> dict[str, Any]:
        clean, _ = measure(model, data["x"][:LOOKED_AT], data["y"][:LOOKED_AT])
        test, error = measure(model, data["x_test"], data["y_test"])
        return {"clean_cost": clean, "test_cost": test, "test_error": error}

    return columns
