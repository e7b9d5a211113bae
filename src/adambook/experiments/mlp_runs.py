"""One training of the multilayer network of Figure 2 on MNIST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from adambook import AdaDelta, AdaGrad, Adam, AdaMax, Nesterov, RMSProp
from adambook.datasets import mnist
from adambook.experiments.classification import beside, cost
from adambook.experiments.networks import NetworkTraining, device
from adambook.experiments.stacks import schedule
from adambook.models.mlp import MLP
from adambook.rules.rule import Rule

OPTIMIZERS: dict[str, Callable[..., Rule]] = {
    "AdaGrad": AdaGrad,
    "RMSProp": RMSProp,
    "Nesterov": Nesterov,
    "AdaDelta": AdaDelta,
    "Adam": Adam,
    "AdaMax": AdaMax,
}
"""Those of Figure 2a, and AdaMax."""


@dataclass(frozen=True)
class MlpRun:
    """One optimizer, step size and seed, on 784-hidden-hidden-10.

    >>> MlpRun("Adam", 1e-3, seed=0, epochs=2).rows_an_epoch
    1
    """

    optimizer: str
    alpha: float
    seed: int
    epochs: int
    decay: str = "none"
    drop_input: float = 0.2
    drop_hidden: float = 0.5
    penalty: float = 0.0
    spread: float | None = None
    hidden: int = 1000
    batch: int = 128
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row."""
        return 1

    def rule(self, steps: int) -> Rule:
        """Return the optimizer, for epochs of so many steps.

        >>> MlpRun("RMSProp", 1e-3, seed=0, epochs=2).rule(469).rho
        0.9
        """
        return OPTIMIZERS[self.optimizer](alpha=schedule(self.decay, self.alpha, steps))


@dataclass(frozen=True)
class RhoRun(MlpRun):
    """RMSProp with a decay factor ρ of its own.

    >>> RhoRun("RMSProp", 1e-3, seed=0, epochs=2, rho=0.99).rule(469).rho
    0.99
    """

    rho: float = 0.99

    def rule(self, steps: int) -> Rule:
        """Return RMSProp, for epochs of so many steps."""
        return RMSProp(alpha=schedule(self.decay, self.alpha, steps), rho=self.rho)


@lru_cache(maxsize=1)
def load(stand_in: bool) -> tuple[dict[str, torch.Tensor], str, str]:
    """Return MNIST as flat float32 pixels in [0, 1] and labels, its title and its checksum.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     data, title, _ = load(stand_in=True)
    >>> sorted(data), data["x"].shape[1]
    (['x', 'x_test', 'y', 'y_test'], 784)
    """
    data = mnist(allow_stand_in=stand_in)
    arrays: dict[str, Any] = {"y": data.y_train, "y_test": data.y_test}
    for name, images in (("x", data.x_train), ("x_test", data.x_test)):
        arrays[name] = images.reshape(len(images), -1).astype(np.float32) / 255
    tensors = {name: torch.from_numpy(array).to(device()) for name, array in arrays.items()}
    return tensors, data.title, data.checksum


def begin(run: MlpRun) -> NetworkTraining:
    """Load the data, draw the start and return the training.

    >>> import warnings
    >>> run = MlpRun("Adam", 1e-3, seed=0, epochs=1, hidden=4, stand_in=True)
    >>> with warnings.catch_warnings(action="ignore"):
    ...     row = begin(run).epoch()[0]
    >>> row["optimizer"], row["epoch"], 0 < row["cost"] < 3
    ('Adam', 0, True)
    """
    data, title, checksum = load(run.stand_in)
    steps = -(-len(data["x"]) // run.batch)
    labels: dict[str, Any] = {
        name: getattr(run, name) for name in ("optimizer", "decay", "alpha", "penalty")
    }
    return NetworkTraining(
        network(run), run.rule(steps),
        cost(run.penalty), data["x"], data["y"], seed=run.seed, batch=run.batch,
        labels=labels, title=title, checksum=checksum, also=beside(data),
    )  # fmt: skip


def network(run: Any) -> MLP:
    """Return the network of a run at its start, which its seed fixes, on the device.

    >>> network(MlpRun("Adam", 1e-3, seed=0, epochs=1, hidden=4)).layers[1]
    Linear(in_features=4, out_features=4, bias=True)
    """
    model = MLP(
        (784, run.hidden, run.hidden, 10),
        drop_input=run.drop_input, drop_hidden=run.drop_hidden, seed=run.seed, spread=run.spread,
    )  # fmt: skip
    return model.to(device())
