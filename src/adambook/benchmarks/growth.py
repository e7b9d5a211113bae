"""How the cost grows: with parameters, models or networks at once, with workers, with epochs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn.functional import cross_entropy

from adambook import Adam
from adambook.benchmarks.clock import side_by_side, spread
from adambook.benchmarks.memory import bare_loops
from adambook.benchmarks.steps import thread_count
from adambook.fused import Fused, FusedStack
from adambook.models import logistic_regression as model
from adambook.models.initial import initialize

PARAMETERS = (10**5, 3 * 10**5, 10**6, 3 * 10**6, 10**7, 3 * 10**7, 10**8)
STACKS = (1, 2, 4, 8, 16, 32)
NETWORKS = (1, 2, 4)
BATCH, CLASSES, FEATURES = 128, 10, 785


def slope(x: ArrayLike, y: ArrayLike) -> float:
    """Return the slope of the straight line through (log x, log y): 1 for y in proportion to x.

    >>> round(slope([1, 10, 100], [3, 300, 30_000]), 6)
    2.0
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def with_parameters(
    sizes: Sequence[int] = PARAMETERS, *, repeats: int = 9, threads: int = 2
) -> list[dict[str, Any]]:
    """Return the milliseconds of a step of Adam, and of bare loops, against the parameters.

    >>> [row["x"] for row in with_parameters([10], repeats=1, threads=1)]
    [10, 10]
    """
    rows = []
    with thread_count(threads):
        for n in sizes:
            g = np.random.default_rng(0).standard_normal(n, dtype=np.float32)
            fused = Fused(Adam(), g.copy())
            forms: dict[str, Callable[[], object]] = {"one pass": partial(fused.step, g)}
            forms |= bare_loops(g, g.copy(), [np.zeros_like(g), np.zeros_like(g)], threads)
            times = side_by_side(forms, repeats if n > 10**6 else 5 * repeats, burst=2, warm=1)
            rows += [_row("parameters", n, form, seconds) for form, seconds in times.items()]
    return rows


def _row(what: str, x: float, form: str, seconds: list[float]) -> dict[str, Any]:
    median, low, high = (float(f"{value:.4g}") for value in spread(seconds))
    return {
        "what": what,
        "x": x,
        "form": form,
        "median_ms": median,
        "low_ms": low,
        "high_ms": high,
    }


def stacked_step(k: int, *, one_call: bool) -> Callable[[], object]:
    """Return a training step of k models of logistic regression on one batch.

    All share the matrix products; the optimizers are one `FusedStack`, or k times `Fused`.

    >>> stacked_step(2, one_call=True)()
    """
    rng = np.random.default_rng(0)
    x = rng.random((BATCH, FEATURES), dtype=np.float32)
    y = rng.integers(0, CLASSES, BATCH)
    theta = np.zeros((k, CLASSES, FEATURES), np.float32)
    rules = [Adam(alpha) for alpha in np.geomspace(1e-4, 1e-2, k)]
    if one_call:
        stack = FusedStack(rules, theta.reshape(k, -1))

        def step() -> None:
            stack.step(model.cost_and_gradient(theta, x, y)[1].reshape(k, -1))

        return step
    engines = [Fused(rule, row.reshape(-1)) for rule, row in zip(rules, theta, strict=True)]

    def steps() -> None:
        gradient = model.cost_and_gradient(theta, x, y)[1]
        for engine, g in zip(engines, gradient, strict=True):
            engine.step(g.reshape(-1))

    return steps


def with_stacks(stacks: Sequence[int] = STACKS, *, repeats: int = 40) -> list[dict[str, Any]]:
    """Return the milliseconds of a training step against the models in the stack, one thread.

    >>> len(with_stacks([1, 2], repeats=1))
    4
    """
    rows = []
    with threadpool_limits(1), thread_count(1):
        for k in stacks:
            forms = {
                "one call": stacked_step(k, one_call=True),
                "a call a model": stacked_step(k, one_call=False),
            }
            times = side_by_side(forms, repeats)
            rows += [_row("stack", k, form, seconds) for form, seconds in times.items()]
    return rows


def _network(units: int, seed: int) -> nn.Sequential:
    """Return the network of Figure 2 of `torch.nn`'s layers, which `torch.func` can stack."""
    layers = [
        nn.Linear(FEATURES - 1, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(),
        nn.Linear(units, CLASSES),
    ]  # fmt: skip
    network = nn.Sequential(*layers)
    initialize(network, seed)
    return network


def stacked_gradients(
    k: int, units: int = 1000, *, together: bool
) -> Callable[[], Sequence[torch.Tensor]]:
    """Return what computes the gradients of k networks of Figure 2, without dropout, on one batch.

    Together, each layer is one batched product of all networks (`torch.func.vmap`); otherwise the
    networks take turns. Both return the gradients of the first layers' weights.

    >>> a, b = (stacked_gradients(2, units=3, together=how)() for how in (True, False))
    >>> all(torch.allclose(g, h, atol=1e-6) for g, h in zip(a, b, strict=True))
    True
    """
    noise = torch.Generator().manual_seed(0)
    x = torch.rand((BATCH, FEATURES - 1), generator=noise)
    y = torch.randint(CLASSES, (BATCH,), generator=noise)
    models = [_network(units, seed) for seed in range(k)]
    weights, _ = stack_module_state(models)

    def cost(weights: dict[str, torch.Tensor]) -> torch.Tensor:
        return cross_entropy(functional_call(models[0], weights, (x,)), y)

    def at_once() -> Sequence[torch.Tensor]:
        return list(vmap(grad(cost))(weights)["0.weight"])

    def in_turn() -> Sequence[torch.Tensor]:
        for one in models:
            one.zero_grad()
            cross_entropy(one(x), y).backward()  # type: ignore[no-untyped-call]
        return [torch.as_tensor(one[0].weight.grad) for one in models]

    return at_once if together else in_turn


def with_networks(
    stacks: Sequence[int] = NETWORKS, units: int = 1000, *, repeats: int = 15
) -> list[dict[str, Any]]:
    """Return the milliseconds for the gradients of k networks, together and in turn, one thread.

    >>> len(with_networks([1, 2], units=3, repeats=1))
    4
    """
    rows = []
    with threadpool_limits(1), thread_count(1):
        for k in stacks:
            forms: dict[str, Callable[[], object]] = {
                "together": stacked_gradients(k, units, together=True),
                "in turn": stacked_gradients(k, units, together=False),
            }
            times = side_by_side(forms, repeats)
            rows += [_row("networks", k, form, seconds) for form, seconds in times.items()]
    return rows


def work(steps: int) -> float:
    """Train a stack of 8 models so many steps on one thread, as a unit of the runner does.

    >>> work(1) > 0
    True
    """
    with threadpool_limits(1):
        step, start = stacked_step(8, one_call=True), time.perf_counter()
        for _ in range(steps):
            step()
    return time.perf_counter() - start


def with_workers(
    workers: Sequence[int] = (1, 2), *, tasks: int = 4, steps: int = 1200, repeats: int = 3
) -> list[dict[str, Any]]:
    """Return the milliseconds for a set of tasks against the processes that share them.

    The processes are started, and have done a task each, before the clock.

    >>> with_workers([1], tasks=1, steps=1, repeats=1)[0]["what"]
    'workers'
    """
    rows = []
    for count in workers:
        with joblib.Parallel(n_jobs=count) as parallel:
            parallel(joblib.delayed(work)(1) for _ in range(count))
            seconds = []
            for _ in range(repeats):
                start = time.perf_counter()
                parallel(joblib.delayed(work)(steps) for _ in range(tasks))
                seconds.append(time.perf_counter() - start)
        rows.append(_row("workers", count, f"{tasks} tasks", seconds))
    return rows


def resident_bytes() -> int:
    """Return the memory that this process holds, in bytes; 0 where the system does not say.

    >>> resident_bytes() >= 0
    True
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def with_epochs(epochs: int = 20, *, steps: int = 100) -> list[dict[str, Any]]:
    """Return the memory in MiB after each epoch of a stack of 8 models.

    >>> [row["x"] for row in with_epochs(2, steps=1)]
    [1, 2]
    """
    step = stacked_step(8, one_call=True)
    rows = []
    for epoch in range(1, epochs + 1):
        with threadpool_limits(1):
            for _ in range(steps):
                step()
        mib = round(resident_bytes() / 2**20, 2)
        rows.append({"what": "epochs", "x": epoch, "form": "memory", "mib": mib})
    return rows


def measure(*, quick: bool = False, threads: int = 2) -> list[dict[str, Any]]:
    """Return the rows of all five kinds of growth; `quick` takes few and small points.

    >>> sorted({row["what"] for row in measure(quick=True, threads=1)})
    ['epochs', 'networks', 'parameters', 'stack', 'workers']
    """
    if quick:
        return [
            *with_parameters([10**4, 10**5], repeats=3, threads=threads),
            *with_stacks([1, 4], repeats=3),
            *with_networks([1, 2], units=30, repeats=3),
            *with_workers([1], tasks=1, steps=5, repeats=1),
            *with_epochs(3, steps=5),
        ]
    return [
        *with_parameters(threads=threads),
        *with_stacks(),
        *with_networks(),
        *with_workers(),
        *with_epochs(),
    ]
