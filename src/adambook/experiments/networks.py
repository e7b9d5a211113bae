"""A torch network under way: the one loop that trains the multilayer, convolutional and VAE models.

The data stay in memory, each epoch's order is gathered once, a batch is a slice of it, and the
noise of an epoch (dropout, sampling) comes from one generator. Order and noise depend on the seed
and the epoch alone, so that two optimizers with the same seed see the same, and a run that is
taken up again needs nothing but the parameters and the optimizer's state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from adambook.rules.rule import Rule
from adambook.torch import Optimizer

Cost = Callable[[torch.nn.Module, torch.Tensor, torch.Tensor, torch.Generator], Any]
"""(model, x, y, noise) → (objective, shown): what is differentiated, and the mean to record."""

BATCHES_UNCHECKED = 50
"""A diverged run is noticed after at most this many batches."""


def device() -> torch.device:
    """Return where networks are trained: the accelerator if there is one, else the CPU.

    >>> device().type in ("cpu", "cuda")
    True
    """
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class NetworkTraining:
    """A network under way, as `adambook.experiments.units.Training` asks.

    Parameters
    ----------
    model : torch.nn.Module
        At its start; it is trained in place.
    rule : Rule
        The optimizer.
    cost : callable
        (model, x, y, noise) → (objective, shown), two scalar tensors: the objective is
        differentiated, the mean of what is shown is recorded, in nats per example.
    x, y : tensors, shape (n, ...)
        The training examples, on the model's device.
    seed : int
        Fixes the order of the examples and the noise of each epoch.
    batch : int
        Examples a step; the last batch of an epoch is shorter if it does not divide n.
    labels : dict
        What every row says of the run: optimizer, step size and so on.
    title, checksum : str
        The data's, for the record.
    also : callable, optional
        model → further columns of a row, such as the cost on test data.

    >>> import torch
    >>> from adambook import Adam
    >>> x, y = torch.randn(64, 3), torch.arange(64) % 2
    >>> def cost(model, x, y, noise):
    ...     mean = torch.nn.functional.cross_entropy(model(x), y)
    ...     return mean, mean
    >>> training = NetworkTraining(torch.nn.Linear(3, 2), Adam(), cost, x, y, seed=0, batch=16,
    ...                            labels={"optimizer": "Adam"}, title="noise", checksum="none")
    >>> sorted(training.epoch()[0])
    ['cost', 'epoch', 'optimizer', 'seed']
    """

    def __init__(
        self,
        model: torch.nn.Module,
        rule: Rule,
        cost: Cost,
        x: torch.Tensor,
        y: torch.Tensor,
        *,
        seed: int,
        batch: int,
        labels: dict[str, Any],
        title: str,
        checksum: str,
        also: Callable[[torch.nn.Module], dict[str, Any]] | None = None,
    ) -> None:
        self.model, self.cost, self.x, self.y = model, cost, x, y
        self.seed, self.batch, self.labels, self.also = seed, batch, labels, also
        self.title, self.checksum = title, checksum
        self.optimizer = Optimizer(model.parameters(), rule)
        self.epochs_done, self.diverged = 0, False

    def epoch(self) -> list[dict[str, Any]]:
        """Train one more epoch and return its row; a run that has diverged is not trained on."""
        cost = self._mean_cost() if not self.diverged else float("inf")
        row = {**self.labels, "seed": self.seed, "epoch": self.epochs_done, "cost": cost}
        if self.also is not None:
            self.model.eval()
            with torch.no_grad():
                row.update(self.also(self.model))
        self.epochs_done += 1
        return [row]

    def in_order(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the examples and what belongs to them, in the order of the epoch to come."""
        order = np.random.default_rng([self.seed, self.epochs_done]).permutation(len(self.x))
        rows = torch.from_numpy(order).to(self.x.device)
        return self.x[rows], self.y[rows]

    def _mean_cost(self) -> float:
        """Train one epoch; return the mean over its examples of the cost before each step."""
        n, where = len(self.x), self.x.device
        x, y = self.in_order()
        noise = torch.Generator(where).manual_seed(1_000_003 * self.seed + self.epochs_done)
        self.model.train()
        total = torch.zeros((), dtype=torch.float64, device=where)
        for k, start in enumerate(range(0, n, self.batch)):
            part = slice(start, min(start + self.batch, n))
            objective, shown = self.cost(self.model, x[part], y[part], noise)
            self.optimizer.zero_grad()
            objective.backward()
            self.optimizer.step()
            total += shown.detach().double() * (part.stop - part.start)
            if k % BATCHES_UNCHECKED == 0 and not torch.isfinite(total):
                break
        mean = float(total) / n
        self.diverged = not np.isfinite(mean)
        return float("inf") if self.diverged else float(f"{mean:.6g}")

    def arrays(self) -> dict[str, Any]:
        """Return the model's and the optimizer's state, and the epochs done."""
        arrays = {f"model.{k}": v.cpu().numpy() for k, v in self.model.state_dict().items()}
        for i, state in self.optimizer.state_dict()["state"].items():
            for name, value in state.items():
                arrays[f"optimizer.{i}.{name}"] = np.asarray(torch.as_tensor(value).cpu())
        progress = np.array([self.epochs_done, self.diverged])
        return {**arrays, "progress": progress}

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        saved = self.optimizer.state_dict()
        model: dict[str, Any] = {}
        for key, array in arrays.items():
            kind, _, rest = key.partition(".")
            if kind == "model":
                model[rest] = torch.from_numpy(np.array(array))
            elif kind == "optimizer":
                i, _, name = rest.partition(".")
                value = int(array) if name == "t" else torch.from_numpy(np.array(array))
                saved["state"].setdefault(int(i), {})[name] = value
        self.model.load_state_dict(model)
        self.optimizer.load_state_dict(saved)
        self.epochs_done, self.diverged = int(arrays["progress"][0]), bool(arrays["progress"][1])
