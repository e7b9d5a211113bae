"""Training the paper's models: this project's loops beside a plain PyTorch loop.

The plain loop is what a user writes first: `torch.utils.data.DataLoader` over the examples,
`torch.nn` layers, `torch.optim.Adam` at its defaults. Ours is what the experiments run: data that
stay in memory, one gather an epoch, full layers by oneDNN, the one-pass Adam, and for logistic
regression a whole stack of settings in one product. Both see random examples of the real shapes, so
no data set is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

from adambook import Adam
from adambook.benchmarks.clock import Form, side_by_side, spread
from adambook.benchmarks.steps import thread_count
from adambook.experiments import fig1_mnist, fig4
from adambook.experiments.classification import cost
from adambook.experiments.networks import Cost, NetworkTraining
from adambook.models.cnn import CNN
from adambook.models.logistic_regression import with_ones
from adambook.models.mlp import MLP
from adambook.models.vae import VAE

BATCH = 128


class Loops(NamedTuple):
    """Two ways to train one model through the same number of batches.

    `ours` trains `settings` models in a call, `plain` one; `gather` does nothing but bring the
    examples of a call of `ours` together, as `ours` does.
    """

    ours: Form
    plain: Form
    gather: Form
    settings: int
    batches: int


def _examples(batches: int, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return random pictures in [0, 1] and labels of ten classes, the same at every call."""
    noise = torch.Generator().manual_seed(0)
    x = torch.rand((batches * BATCH, *shape), generator=noise)
    return x, torch.randint(10, (len(x),), generator=noise)


def plain_loop(
    model: nn.Module, of_batch: Callable[..., Any], x: torch.Tensor, y: torch.Tensor
) -> Form:
    """Return one epoch of the plain loop, as a function to be called again and again.

    Parameters
    ----------
    model : torch.nn.Module
        Trained in place, by `torch.optim.Adam` at its defaults.
    of_batch : callable
        (model, x, y) → cost.
    x, y : tensors

    >>> model = nn.Linear(3, 2)
    >>> before = model.weight.detach().clone()
    >>> plain_loop(model, lambda m, x, y: cross_entropy(m(x), y), torch.rand(9, 3),
    ...            torch.arange(9) % 2)()
    >>> torch.equal(before, model.weight)
    False
    """
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters())

    def epoch() -> None:
        model.train()
        for inputs, labels in loader:
            optimizer.zero_grad()
            of_batch(model, inputs, labels).backward()
            optimizer.step()

    return epoch


def _ours(model: nn.Module, of_batch: Cost, x: torch.Tensor, y: torch.Tensor) -> NetworkTraining:
    return NetworkTraining(
        model, Adam(), of_batch, x, y, seed=0, batch=BATCH, labels={}, title="random",
        checksum="none",
    )  # fmt: skip


def _of_logits(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return cross_entropy(model(x), y)


def logistic_regression(batches: int) -> Loops:
    """Softmax regression on 784 pixels: the stack of Figure 1's 30 settings, and one model.

    >>> loops = logistic_regression(batches=1)
    >>> loops.settings, loops.ours() is None, loops.plain() is None
    (30, False, True)
    """
    x, y = _examples(batches, (784,))
    stack = fig1_mnist.Stack("Adam", 0, fig1_mnist.GRID["Adam"], stand_in=True)
    with warnings.catch_warnings(action="ignore"):  # whatever it loads is replaced
        training = fig1_mnist.StackTraining(stack)
    training.x, training.y = with_ones(x.numpy()), y.numpy()
    training.x_test, training.y_test = training.x[:1], training.y[:1]
    plain = plain_loop(nn.Linear(784, 10), _of_logits, x, y)

    def gather() -> None:
        order = np.random.default_rng(0).permutation(len(training.x))
        for rows in np.split(order, batches):
            training.x[rows], training.y[rows]

    return Loops(training.epoch, plain, gather, len(training.settings), batches)


def mlp(batches: int) -> Loops:
    """The network of Figure 2a, with its dropout.

    >>> mlp(batches=1).settings
    1
    """
    x, y = _examples(batches, (784,))
    layers = [
        nn.Dropout(0.2), nn.Linear(784, 1000), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(1000, 1000), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1000, 10),
    ]  # fmt: skip
    plain = plain_loop(nn.Sequential(*layers), _of_logits, x, y)
    training = _ours(MLP(), cost(), x, y)
    return Loops(training.epoch, plain, training.in_order, 1, batches)


def vae(batches: int) -> Loops:
    """The auto-encoder of Figure 4; the plain loop's has the layers of `torch.nn`.

    >>> vae(batches=1).settings
    1
    """
    x, _ = _examples(batches, (784,))

    def of_batch(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(model(x, torch.randn(len(x), 50)))

    ours, theirs = (VAE(torch.Generator().manual_seed(0)) for _ in range(2))
    for name, layer in list(theirs.named_children()):
        assert isinstance(layer, nn.Linear)
        setattr(theirs, name, nn.Linear(layer.in_features, layer.out_features))
    theirs.load_state_dict(ours.state_dict())
    plain = plain_loop(theirs, of_batch, x, x[:, :0])
    training = _ours(ours, fig4.cost, x, x[:, :0])
    return Loops(training.epoch, plain, training.in_order, 1, batches)


def cnn(batches: int) -> Loops:
    """The network of Figure 3, without dropout; ours keeps the planes last in memory.

    >>> cnn(batches=1).settings
    1
    """
    x, y = _examples(batches, (3, 32, 32))
    layers: list[nn.Module] = []
    for planes, channels in ((3, 64), (64, 64), (64, 128)):
        layers += [nn.Conv2d(planes, channels, 5, padding=2), nn.ReLU()]
        layers += [nn.MaxPool2d(3, stride=2, padding=1)]
    layers += [nn.Flatten(), nn.Linear(2048, 1000), nn.ReLU(), nn.Linear(1000, 10)]
    plain = plain_loop(nn.Sequential(*layers), _of_logits, x, y)
    model = CNN(drop_input=0.0, drop_full=0.0)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    last = x.contiguous(memory_format=torch.channels_last)
    training = _ours(model, cost(), last, y)
    return Loops(training.epoch, plain, training.in_order, 1, batches)


MODELS: dict[str, tuple[Callable[[int], Loops], int]] = {
    "logistic regression": (logistic_regression, 40),
    "MLP": (mlp, 20),
    "VAE": (vae, 30),
    "CNN": (cnn, 4),
}
"""The models, and how many batches of 128 each trains through in a turn."""


def measure(
    models: Sequence[str] = (),
    *,
    batches: int | None = None,
    repeats: int = 7,
    threads: int = 2,
    quiet: bool = False,
) -> list[dict[str, Any]]:
    """Return one row a model: milliseconds a step and setting of both loops, and their ratio.

    The two take turns in one process. `ratio` is the median over turns of plain by ours, `low`
    and `high` its quartiles; `gather` is the share of our time that goes into bringing the
    examples together.

    Parameters
    ----------
    models : names of `MODELS`, default all
    batches : batches in a turn, default the model's own
    repeats : turns
    threads : threads of both loops
    quiet : show no progress

    Raises
    ------
    ValueError
        If a model is unknown, or the machine has fewer threads.

    >>> rows = measure(["VAE"], batches=1, repeats=2, threads=1, quiet=True)
    >>> rows[0]["model"], rows[0]["ratio"] > 0
    ('VAE', True)
    """
    for name in models:
        if name not in MODELS:
            raise ValueError(f"models must be among {', '.join(MODELS)}, got {name!r}")
    rows = []
    with thread_count(threads), threadpool_limits(threads):
        for name in tqdm(models or MODELS, unit="model", disable=quiet):
            make, usual = MODELS[name]
            rows.append(_row(name, make(batches or usual), repeats, threads))
    return rows


def _row(name: str, loops: Loops, repeats: int, threads: int) -> dict[str, Any]:
    forms = {"ours": loops.ours, "plain": loops.plain, "gather": loops.gather}
    times = side_by_side(forms, repeats)
    ours = np.array(times["ours"]) / (loops.batches * loops.settings)
    plain = np.array(times["plain"]) / loops.batches
    low, ratio, high = np.quantile(plain / ours, (0.25, 0.5, 0.75))
    numbers = {
        "ours_ms": spread(ours.tolist())[0],
        "plain_ms": spread(plain.tolist())[0],
        "ratio": float(ratio),
        "low": float(low),
        "high": float(high),
        "gather": float(np.median(times["gather"]) / np.median(times["ours"])),
    }
    rounded = {key: float(f"{value:.4g}") for key, value in numbers.items()}
    return {
        "model": name, "settings": loops.settings, "threads": threads, "turns": repeats, **rounded,
    }  # fmt: skip
