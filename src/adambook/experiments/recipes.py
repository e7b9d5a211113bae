"""Chapter 16: four small networks on the digits, trained at defaults and with each ingredient.

What is varied, one after the other: the step size α; constant, or warm-up and cosine to 0; weight
decay λ on matrices, chosen so that λ Σ α_t has a given value; clipping to a global norm of 1.
A fifth of the training digits is set aside for choosing; the test digits choose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from adambook import AdamW
from adambook.datasets import digits
from adambook.experiments.networks import NetworkTraining
from adambook.practice.groups import decay_groups
from adambook.practice.small_networks import NETWORKS, small_network
from adambook.rules.rule import StepSize
from adambook.schedules import cosine, warmup
from adambook.torch import Optimizer

ALPHAS = (1e-3, 3e-3, 1e-2, 3e-2)
WAYS = (("constant", 0.0, False), ("cosine", 0.0, False))
"""Schedule, λ Σ α_t and clipping, tried at every step size."""

ADDED = (("cosine", 0.3, False), ("cosine", 1.0, False), ("cosine", 0.0, True))
"""Tried at all but the least: what is left of a weight without gradient is about exp(-λ Σ α_t)."""

TUNING_SEED, FRESH_SEEDS = 0, range(1, 6)
"""The first chooses, by validation loss; the others are shown."""

DEFAULT = (1e-3, "constant", 0.0, False)
CHOSEN = {
    "dense": (3e-2, "cosine", 0.0, True),
    "convolutional": (3e-2, "cosine", 0.0, True),
    "recurrent": (1e-2, "cosine", 0.0, True),
    "transformer": (1e-2, "cosine", 0.3, False),
}
"""The setting with the least validation loss of the tuning seed: a test compares."""

BATCH, EPOCHS = 32, 12


@dataclass(frozen=True)
class Recipe:
    """One network, trained one way from one seed.

    >>> Recipe("dense", alpha=1e-3, schedule="constant", decay=0.0, clip=False, seed=0).epochs
    12
    """

    network: str
    alpha: float
    schedule: str
    decay: float
    clip: bool
    seed: int
    epochs: int = EPOCHS
    batch: int = BATCH

    @property
    def rows_an_epoch(self) -> int:
        """One."""
        return 1


@lru_cache(maxsize=1)
def split() -> tuple[dict[str, tuple[torch.Tensor, torch.Tensor]], str]:
    """Return the digits as float32 in [0, 1]: for training, choosing and testing, and a checksum.

    >>> {name: len(x) for name, (x, y) in split()[0].items()}
    {'train': 1149, 'validation': 288, 'test': 360}
    """
    data = digits()
    x, x_test = (torch.tensor(a.astype(np.float32) / 16) for a in (data.x_train, data.x_test))
    y, y_test = torch.tensor(data.y_train), torch.tensor(data.y_test)
    aside = torch.arange(len(x)) % 5 == 0
    parts = {
        "train": (x[~aside], y[~aside]),
        "validation": (x[aside], y[aside]),
        "test": (x_test, y_test),
    }
    return parts, data.checksum


def step_sizes(recipe: Recipe, steps: int) -> StepSize:
    """Return α, or a schedule over `steps` updates: warm-up for a twentieth, cosine to 0.

    >>> recipe = Recipe("dense", 1e-3, "cosine", 0.0, False, 0)
    >>> [round(step_sizes(recipe, 100)(t), 6) for t in (1, 5, 101)]
    [0.0002, 0.000996, 0.0]
    """
    if recipe.schedule == "constant":
        return recipe.alpha
    return warmup(cosine(recipe.alpha, steps), max(1, steps // 20))


def weight_decay(recipe: Recipe, steps: int) -> float:
    """Return λ such that λ Σ α_t over the run is `recipe.decay`.

    >>> round(weight_decay(Recipe("dense", 1e-3, "constant", 0.5, False, 0), 100), 12)
    5.0
    """
    alpha = step_sizes(recipe, steps)
    total = sum(alpha(t) if callable(alpha) else alpha for t in range(1, steps + 1))
    return recipe.decay / float(total)


def _cost(model: nn.Module, x: torch.Tensor, y: torch.Tensor, _: Any) -> Any:
    loss = functional.cross_entropy(model(x), y)
    return loss, loss


def _measured(model: nn.Module) -> dict[str, Any]:
    """Return loss in nats and share of errors on what is not trained on."""
    row = {}
    for name in ("validation", "test"):
        x, y = split()[0][name]
        z = model(x)
        row[name] = float(f"{float(functional.cross_entropy(z, y)):.6g}")
        row[f"{name}_error"] = round(float((z.argmax(dim=1) != y).double().mean()), 6)
    return row


class RecipeTraining(NetworkTraining):
    """A recipe under way.

    >>> unit = Recipe("dense", 1e-3, "cosine", 0.3, True, seed=0, epochs=1)
    >>> sorted(RecipeTraining(unit).epoch()[0])[:4]
    ['alpha', 'clip', 'cost', 'decay']
    """

    def __init__(self, recipe: Recipe) -> None:
        parts, checksum = split()
        x, y = parts["train"]
        steps = recipe.epochs * -(-len(x) // recipe.batch)
        rule = AdamW(step_sizes(recipe, steps), weight_decay=0.0)
        names = ("network", "alpha", "schedule", "decay", "clip")
        super().__init__(
            small_network(recipe.network, recipe.seed),
            rule,
            _cost,
            x,
            y,
            seed=recipe.seed,
            batch=recipe.batch,
            labels={name: getattr(recipe, name) for name in names},
            title="digits",
            checksum=checksum,
            also=_measured,
        )
        groups = decay_groups(self.model, weight_decay(recipe, steps))
        self.optimizer = Optimizer(groups, rule)
        if recipe.clip:
            self.optimizer.register_step_pre_hook(self._clip)

    def _clip(self, *_: Any) -> None:
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)


class Recipes:
    """17 settings a network for the tuning seed; the default and the chosen one for five others.

    >>> len(Recipes().units("cpu"))
    108
    """

    name = "recipes"

    def units(self, size: str) -> list[Recipe]:
        """Return the runs of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [Recipe(name, 1e-3, "cosine", 0.3, True, 0, epochs=1) for name in NETWORKS]
        tried = [(alpha, *way) for alpha in ALPHAS for way in WAYS]
        tried += [(alpha, *way) for alpha in ALPHAS[1:] for way in ADDED]
        return [
            Recipe(network, *setting, TUNING_SEED) for network in NETWORKS for setting in tried
        ] + [
            Recipe(network, *setting, seed)
            for seed in FRESH_SEEDS
            for network in NETWORKS
            for setting in (DEFAULT, CHOSEN[network])
        ]

    def begin(self, unit: Recipe) -> RecipeTraining:
        """Set a recipe to its start."""
        return RecipeTraining(unit)


BY_NAME = {"recipes": Recipes()}
