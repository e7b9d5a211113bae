"""What a bfloat16 state does to the loss: Figure 2's network on MNIST, dropout as there."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from adambook import Adam
from adambook.benchmarks.steps import thread_count
from adambook.benchmarks.training import network
from adambook.datasets import mnist
from adambook.fused import Fused, FusedBFloat16, one_buffer
from adambook.minibatches import minibatches

STATES: dict[str, type[Fused]] = {"float32": Fused, "bfloat16": FusedBFloat16}
DROPOUT, BATCH = 0.5, 128


def in_one_buffer(model: torch.nn.Module) -> tuple[Any, Any]:
    """Move a model's parameters into one flat array, their gradients into another; return both.

    >>> model = torch.nn.Linear(2, 1)
    >>> theta, g = in_one_buffer(model)
    >>> theta[:] = [1.0, 2.0, 3.0]
    >>> model(torch.ones(2)).item(), g.tolist()
    (6.0, [0.0, 0.0, 0.0])
    """
    parameters = list(model.parameters())
    theta, views = one_buffer([p.detach().numpy() for p in parameters])
    g, gradients = one_buffer([np.zeros_like(view) for view in views])
    for p, view, gradient in zip(parameters, views, gradients, strict=True):
        p.data, p.grad = torch.from_numpy(view), torch.from_numpy(gradient)
    return theta, g


def train(state: str, seed: int, data: Any, epochs: int) -> list[dict[str, Any]]:
    """Train with one kind of state; return one row an epoch with costs in nats.

    The seed fixes the start, the batches and the dropout, so that two kinds of state see the
    same run but for their rounding.

    >>> x, y = torch.zeros(128, 784), torch.zeros(128, dtype=torch.int64)
    >>> [row["epoch"] for row in train("bfloat16", 0, (x, y, x, y), epochs=2)]
    [1, 2]
    """
    torch.manual_seed(seed)
    model = with_dropout(network())
    theta, g = in_one_buffer(model)
    engine = STATES[state](Adam(alpha=1e-3), theta)
    x, y, x_test, y_test = data
    rows, rng = [], np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for batch in islice(minibatches(len(x), BATCH, rng), -(-len(x) // BATCH)):
            g[:] = 0
            cost = cross_entropy(model(x[batch]), y[batch])
            cost.backward()  # type: ignore[no-untyped-call]
            engine.step(g)
            total += cost.item() * len(batch)
        model.eval()
        with torch.no_grad():
            test = cross_entropy(model(x_test), y_test).item()
        costs = {"cost": round(total / len(x), 5), "test_cost": round(test, 5)}
        rows.append({"state": state, "seed": seed, "epoch": epoch, **costs})
    return rows


def with_dropout(model: Any) -> torch.nn.Module:
    """Return a sequence of layers with dropout after every ReLU.

    >>> [type(layer).__name__ for layer in with_dropout(network(3))][:3]
    ['Linear', 'ReLU', 'Dropout']
    """
    layers: list[torch.nn.Module] = []
    for layer in model:
        layers.append(layer)
        if isinstance(layer, torch.nn.ReLU):
            layers.append(torch.nn.Dropout(DROPOUT))
    return torch.nn.Sequential(*layers)


def measure(
    *, epochs: int = 2, seeds: int = 2, threads: int = 2, examples: int | None = None
) -> list[dict[str, Any]]:
    """Return the costs of training with float32 and with bfloat16 state, one row an epoch.

    Without MNIST, its stand-in is used, and the rows say so.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     rows = measure(epochs=1, seeds=1, threads=1, examples=128)
    >>> [row["state"] for row in rows]
    ['float32', 'bfloat16']
    """
    images = mnist(allow_stand_in=True)

    def tensor(x: Any) -> torch.Tensor:
        pixels = np.zeros((len(x), 28, 28), np.float32)
        pixels[:, : x.shape[1], : x.shape[2]] = x / np.float32(255)
        return torch.from_numpy(pixels.reshape(len(x), -1))

    data = (
        tensor(images.x_train)[:examples],
        torch.from_numpy(images.y_train.astype(np.int64))[:examples],
        tensor(images.x_test),
        torch.from_numpy(images.y_test.astype(np.int64)),
    )
    rows: list[dict[str, Any]] = []
    with thread_count(threads):
        for seed in tqdm(range(seeds), desc="precision", unit="seed"):
            for state in STATES:
                rows += train(state, seed, data, epochs)
    return [{"data": images.title, **row} for row in rows]
