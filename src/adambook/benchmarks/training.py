"""A whole training step: the network of Figure 2 on random images, with each optimizer's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from adambook import Adam
from adambook.benchmarks.clock import side_by_side, spread
from adambook.benchmarks.steps import thread_count
from adambook.torch import Optimizer

BATCH = 128
GATHERING = "gathering a batch"
FORMS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "our PyTorch adapter": lambda parameters: Optimizer(parameters, Adam()),
    "PyTorch loop": lambda parameters: torch.optim.Adam(parameters, foreach=False, fused=False),
    "PyTorch foreach": lambda parameters: torch.optim.Adam(parameters, foreach=True),
    "PyTorch fused": lambda parameters: torch.optim.Adam(parameters, fused=True),
}


def network(width: int = 1000) -> torch.nn.Module:
    """Return two hidden layers of ReLU between 784 pixels and 10 classes, as in Figure 2.

    >>> sum(p.numel() for p in network().parameters())
    1796010
    """
    linear, relu = torch.nn.Linear, torch.nn.ReLU
    return torch.nn.Sequential(
        linear(784, width), relu(), linear(width, width), relu(), linear(width, 10)
    )


def whole_step(make: Callable[[Any], torch.optim.Optimizer]) -> tuple[Callable[[], Any], Any]:
    """Return a function that does one step of a new network, and the optimizer's part of it.

    >>> step, part = whole_step(FORMS["our PyTorch adapter"])
    >>> step()
    >>> part()
    """
    torch.manual_seed(0)
    model = network()
    x, y = torch.rand(BATCH, 784), torch.randint(0, 10, (BATCH,))
    optimizer = make(model.parameters())

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(model(x), y).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step, optimizer.step


def gathering(examples: int = 60_000) -> Callable[[], Any]:
    """Return a function that gathers one batch, drawn at random, from images held in memory.

    >>> gathering(examples=200)().shape
    torch.Size([128, 784])
    """
    images = torch.rand(examples, 784)
    rng = np.random.default_rng(0)

    def gather() -> Any:
        return images[torch.from_numpy(rng.integers(0, examples, BATCH))]

    return gather


def measure(*, repeats: int = 60, threads: int = 2) -> list[dict[str, Any]]:
    """Return the milliseconds of a whole step and of the optimizer's part, one row a form.

    The last row is what comes before a step: gathering its batch from memory.

    >>> [row["form"] for row in measure(repeats=1, threads=1)][0]
    'our PyTorch adapter'
    """
    with thread_count(threads):
        gathered = side_by_side({GATHERING: gathering()}, repeats)
        forms = {name: whole_step(make) for name, make in FORMS.items()}
        wholes = side_by_side({name: step for name, (step, _) in forms.items()}, repeats)
        parts = side_by_side({name: part for name, (_, part) in forms.items()}, repeats, warm=1)
    times = {**wholes, **gathered}
    rows = []
    for name, seconds in times.items():
        median, low, high = (round(value, 4) for value in spread(seconds))
        part = round(spread(parts[name])[0], 4) if name in parts else None
        row = {"form": name, "threads": threads, "calls": repeats, "median_ms": median}
        rows.append({**row, "low_ms": low, "high_ms": high, "optimizer_ms": part})
    return rows
