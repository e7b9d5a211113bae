"""A checklist before the run: what a model, an optimizer and one batch say about themselves."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from adambook.arguments import checked

Batch = tuple[torch.Tensor, torch.Tensor]
Cost = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

LARGEST_MEAN, SMALLEST_SPREAD, LARGEST_SPREAD = 2.0, 0.1, 4.0
"""Inputs are called standardised if their mean and standard deviation lie within these."""

SMALLEST_STEP, LARGEST_STEP = 1e-6, 0.3
"""The first step is ordinary if its root mean square is between these shares of a matrix's."""

LEARNED, UPDATES = 0.1, 200
"""One batch counts as learned by heart if its loss falls to this share in this many updates."""


class Finding(NamedTuple):
    """One thing that the checklist found: a short name and a sentence."""

    name: str
    sentence: str


class Case(NamedTuple):
    """A copy of what is checked, after one forward and one backward pass."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    x: torch.Tensor
    y: torch.Tensor
    cost: Cost
    outputs: torch.Tensor
    loss: torch.Tensor


@checked
def check(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    *,
    cost: Cost = functional.cross_entropy,
) -> list[Finding]:
    """Return what is wrong or out of the ordinary before training starts; [] if nothing is.

    Works on a copy: model, optimizer and random numbers are as before. It takes one step and
    then up to 200 on the same batch, with dropout off. A finding is a reason to look, not a
    proof of a mistake: a frozen layer may be meant.

    Parameters
    ----------
    model : torch.nn.Module
        At the start of training.
    optimizer : torch.optim.Optimizer
        Over the model's parameters: `adambook.torch.Optimizer` or PyTorch's own.
    batch : (x, y)
        One mini-batch as the run will see it.
    cost : callable
        Outputs and targets → loss, a scalar.

    Returns
    -------
    list of Finding
        In the order of the checks: inputs, parameters, optimizer, first loss, gradients, first
        step, one batch.

    >>> import torch
    >>> from adambook import Adam
    >>> from adambook.torch import Optimizer
    >>> model = torch.nn.Linear(4, 3)
    >>> x, y = torch.eye(4)[[0, 1, 2]], torch.tensor([0, 1, 2])
    >>> for finding in check(model, Optimizer([model.weight], Adam(0.05)), (x, y)):
    ...     print(finding.sentence)
    bias is not in the optimizer: it will not be trained.
    """
    with torch.random.fork_rng(devices=[]):
        case = _prepared(model, optimizer, batch, cost)
        findings = [f for part in (_inputs, _parameters, _optimizer, _loss) for f in part(case)]
        if not torch.isfinite(case.loss):
            return findings
        if not case.loss.requires_grad:
            sentence = "The loss does not depend on any parameter that is trained."
            return [*findings, Finding("no gradient", sentence)]
        torch.autograd.backward(case.loss)
        findings += [*_gradients(case), *_first_step(case)]
        if any(f.name == "not finite" for f in findings):
            return findings
        return findings + list(_one_batch(case))


def _prepared(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, cost: Cost) -> Case:
    """Copy model and optimizer together, so that the copies belong to each other."""
    model, optimizer = copy.deepcopy((model, optimizer))
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.eval()
        elif isinstance(module, nn.RNNBase | nn.MultiheadAttention):
            module.dropout = 0.0  # theirs is no module of its own
    optimizer.zero_grad()
    model.zero_grad()
    x, y = batch
    outputs = model(x)
    return Case(model, optimizer, x, y, cost, outputs, cost(outputs, y))


def _inputs(case: Case) -> Iterator[Finding]:
    """Inputs that are not finite, or far from mean 0 and spread 1."""
    if not case.x.is_floating_point():
        return
    x = case.x.double()
    if not torch.isfinite(x).all():
        yield Finding("not finite", "The inputs hold NaN or an infinity.")
        return
    mean, spread = float(x.mean()), float(x.std())
    if abs(mean) > LARGEST_MEAN or not SMALLEST_SPREAD <= spread <= LARGEST_SPREAD:
        yield Finding(
            "inputs",
            f"The inputs have mean {mean:.3g} and standard deviation {spread:.3g}: "
            "scale them to about 0 and 1.",
        )


def _parameters(case: Case) -> Iterator[Finding]:
    """Parameters that are not finite, frozen, or one tensor under two names."""
    first: dict[int, str] = {}
    for name, p in case.model.named_parameters(remove_duplicate=False):
        if id(p) in first:
            yield Finding("shared", f"{first[id(p)]} and {name} are one tensor.")
            continue
        first[id(p)] = name
        if not torch.isfinite(p).all():
            yield Finding("not finite", f"{name} holds NaN or an infinity.")
        if not p.requires_grad:
            yield Finding("frozen", f"{name} is frozen: requires_grad is False.")


def _optimizer(case: Case) -> Iterator[Finding]:
    """What is missing from the groups, foreign to the model, there twice, or set at odds."""
    named = {id(p): name for name, p in case.model.named_parameters()}
    groups = [(p, group) for group in case.optimizer.param_groups for p in group["params"]]
    held = [id(p) for p, _ in groups]
    for name, p in case.model.named_parameters():
        if p.requires_grad and id(p) not in held:
            yield Finding(
                "not in the optimizer", f"{name} is not in the optimizer: it will not be trained."
            )
        if held.count(id(p)) > 1:
            yield Finding("twice", f"{name} is in the optimizer {held.count(id(p))} times.")
    foreign = sum(p not in named for p in held)
    if foreign:
        yield Finding(
            "not in the model",
            f"The optimizer holds {foreign} tensors that are not the model's: "
            "was the model replaced or moved after the optimizer was made?",
        )
    for p, group in groups:
        name = named.get(id(p), "a tensor")
        if group.get("weight_decay", 0) and p.ndim < 2:
            yield Finding(
                "weight decay",
                f"{name} has one axis, a bias or a gain, and is decayed: "
                "put it in a group with weight_decay=0.",
            )
        epsilon = group.get("epsilon", group.get("eps"))
        if epsilon and float(torch.tensor(epsilon, dtype=p.dtype)) == 0:
            yield Finding(
                "epsilon",
                f"The epsilon of {epsilon:g} is 0 in {str(p.dtype).removeprefix('torch.')}, "
                f"the type of {name}: keep parameters in float32.",
            )


def _loss(case: Case) -> Iterator[Finding]:
    """A first loss that is not finite, or far from that of a guess among the classes."""
    loss = float(case.loss.detach())
    if not math.isfinite(loss):
        yield Finding("not finite", f"The first loss is {loss}.")
        return
    if case.cost is not functional.cross_entropy:  # the outputs may then be anything
        return
    classes = case.outputs.shape[1] if case.outputs.ndim > 1 else 0
    if classes < 2:
        return
    guess = math.log(classes)
    if not guess / 2 < loss < 1.5 * guess:
        reason = (
            "the last layer starts too large or the inputs are not scaled"
            if loss > guess
            else "the model is not at its start, or the inputs contain the answer"
        )
        yield Finding(
            "first loss",
            f"The first loss is {loss:.3g} where a guess among {classes} classes has "
            f"{guess:.3g}: {reason}.",
        )


def _gradients(case: Case) -> Iterator[Finding]:
    """Gradients that are missing, zero throughout, or not finite."""
    for name, p in case.model.named_parameters():
        if not p.requires_grad:
            continue
        if p.grad is None:
            yield Finding("no gradient", f"{name} has no gradient: the loss does not depend on it.")
        elif not torch.isfinite(p.grad).all():
            yield Finding("not finite", f"The gradient of {name} holds NaN or an infinity.")
        elif not p.grad.any():
            yield Finding("no gradient", f"The gradient of {name} is zero throughout.")


def _first_step(case: Case) -> Iterator[Finding]:
    """A first step that is large or negligible beside the matrix it moves, or not finite."""
    before = {name: p.detach().clone() for name, p in case.model.named_parameters()}
    case.optimizer.step()
    for name, p in case.model.named_parameters():
        if not torch.isfinite(p).all() and torch.isfinite(before[name]).all():
            yield Finding("not finite", f"{name} holds NaN or an infinity after the first step.")
            continue
        moved, size = _rms(p.detach() - before[name]), _rms(before[name])
        if p.ndim < 2 or p.grad is None or not p.grad.any() or size == 0:
            continue
        if moved > LARGEST_STEP * size or moved < SMALLEST_STEP * size:
            word = "large" if moved > LARGEST_STEP * size else "small"
            yield Finding(
                "step size",
                f"The first step changes {name} by {moved / size:.1g} of its size: that is {word}.",
            )


def _rms(x: torch.Tensor) -> float:
    """The root of the mean square."""
    return float(x.double().square().mean().sqrt())


def _one_batch(case: Case) -> Iterator[Finding]:
    """A batch that cannot be learned by heart with the optimizer as it is."""
    first = float(case.loss.detach())
    loss = first
    for _ in range(UPDATES):
        case.optimizer.zero_grad()
        cost = case.cost(case.model(case.x), case.y)
        loss = float(cost.detach())
        if not loss > LEARNED * first:
            break
        torch.autograd.backward(cost)
        case.optimizer.step()
    if not loss <= LEARNED * first:
        yield Finding(
            "one batch",
            f"{UPDATES} updates on this one batch take the loss from {first:.3g} to {loss:.3g} "
            "only: model, loss or step size do not fit.",
        )
