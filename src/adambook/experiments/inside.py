"""What goes on inside Adam in the paper's networks: runs that only the ledger needs.

`ledger-moments`: √v̂ by layer in the convolutional network of Figure 3, 1955 steps.
`ledger-sparsity`: how sparse the gradients of Figure 4's network are, on 10,000 of its images.
`ledger-adamax`: AdaMax on the regression of Figure 1, left, over a grid of constant step sizes.
`ledger-adamax-network`: AdaMax on the network of Figure 2a, likewise, for ten epochs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from adambook.experiments import fig3, fig4, mlp_runs
from adambook.experiments.fig1_mnist import Fig1Mnist, Stack
from adambook.experiments.networks import NetworkTraining
from adambook.torch import Optimizer

EPSILON = 1e-8
SMALL_SHARE = 1e-3
"""An entry of the gradient counts as small below this share of the root mean square."""


@dataclass(frozen=True)
class MomentsRun(fig3.CnnRun):
    """Adam at its defaults on CIFAR-10, every layer's √v̂ looked at after each epoch.

    >>> MomentsRun("Adam", 1e-3, seed=0, epochs=5, dropout=False).rows_an_epoch
    10
    """

    @property
    def rows_an_epoch(self) -> int:
        """One row for each weight and bias: three convolutions, two full layers."""
        return 10


def corrected_root(optimizer: Optimizer, parameter: torch.Tensor) -> torch.Tensor:
    """Return √v̂ of a parameter, as Adam's last step divided by it.

    >>> from adambook import Adam
    >>> layer = torch.nn.Linear(1, 1, bias=False)
    >>> optimizer = Optimizer(layer.parameters(), Adam())
    >>> layer(torch.tensor([[3.0]])).backward()
    >>> optimizer.step()
    >>> round(corrected_root(optimizer, layer.weight).item(), 4)
    3.0
    """
    state = optimizer.state[parameter]
    c = optimizer.rule.constants(int(state["t"]))
    return torch.sqrt(state["v"] / c.correction2)


class LookedInto:
    """A network under way that is looked into after each epoch.

    Parameters
    ----------
    training : NetworkTraining
    look : callable
        training → the rows of an epoch, each a dict of what is added to what the training says.

    >>> from adambook import Adam
    >>> def cost(model, x, y, noise):
    ...     return (torch.nn.functional.cross_entropy(model(x), y),) * 2
    >>> network = NetworkTraining(
    ...     torch.nn.Linear(3, 2), Adam(), cost, torch.rand(8, 3), torch.arange(8) % 2, seed=0,
    ...     batch=4, labels={}, title="noise", checksum="none")
    >>> rows = LookedInto(network, shares_by_layer).epoch()
    >>> [row["layer"] for row in rows], rows[0]["share_below_epsilon"]
    (['weight', 'bias'], 0.0)
    """

    def __init__(
        self,
        training: NetworkTraining,
        look: Callable[[NetworkTraining], list[dict[str, Any]]],
    ) -> None:
        self.training, self.look = training, look
        self.title, self.checksum = training.title, training.checksum

    def epoch(self) -> list[dict[str, Any]]:
        """Train an epoch and return its rows."""
        (row,) = self.training.epoch()
        return [{**row, **more} for more in self.look(self.training)]

    def arrays(self) -> dict[str, Any]:
        """Return the network's arrays."""
        return self.training.arrays()

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        self.training.restore(arrays)


def shares_by_layer(training: NetworkTraining) -> list[dict[str, Any]]:
    """Return, by layer, the share of √v̂ below ε and below 10 ε, and its median.

    >>> import warnings
    >>> (unit,) = LedgerMoments().units("smoke")
    >>> with warnings.catch_warnings(action="ignore"):  # stand-in data
    ...     training = LedgerMoments().begin(unit).training
    ...     _ = training.epoch()
    >>> len(shares_by_layer(training))
    10
    """
    rows = []
    for name, parameter in training.model.named_parameters():
        root = corrected_root(training.optimizer, parameter)
        shares = {
            f"share_below_{label}": float((root < limit).double().mean())
            for label, limit in (("epsilon", EPSILON), ("10_epsilon", 10 * EPSILON))
        }
        rows.append({"layer": name, "root": float(root.double().median()), **shares})
    return rows


class LedgerMoments:
    """Three seeds of five epochs at Adam's defaults, without dropout; all images.

    >>> len(LedgerMoments().units("cpu"))
    3
    """

    name = "ledger-moments"

    def units(self, size: str) -> list[MomentsRun]:
        """Return the runs of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [MomentsRun("Adam", 1e-3, 0, 1, False, **fig3.SMALL)]
        return [MomentsRun("Adam", 1e-3, seed, 5, False) for seed in range(3)]

    def begin(self, unit: MomentsRun) -> LookedInto:
        """Load the data and draw the start."""
        return LookedInto(fig3.begin(unit), shares_by_layer)


@dataclass(frozen=True)
class SparsityRun(fig4.VaeRun):
    """Adam on a part of MNIST, the gradient's entries looked at after each epoch.

    >>> SparsityRun(0.9, 0.999, 1e-3, True).examples
    10000
    """

    examples: int = 10_000


def share_of_small_entries(model: torch.nn.Module, x: torch.Tensor) -> dict[str, float]:
    """Return how many entries of ten batches' gradients are small, and their Hoyer sparsity.

    Small: below a thousandth of the root mean square of that gradient.

    >>> model = fig4.VAE(torch.Generator().manual_seed(0), pixels=4, hidden=3, latent=2)
    >>> sorted(share_of_small_entries(model, torch.ones(100, 4)))
    ['hoyer', 'share_small']
    """
    shares, concentrated = [], []
    noise = torch.Generator(x.device).manual_seed(0)
    for batch in torch.split(x[:1000], 100):
        with torch.enable_grad():
            objective, _ = fig4.cost(model, batch, batch[:, :0], noise)
            gradients = torch.autograd.grad(objective, list(model.parameters()))
        g = torch.cat([part.reshape(-1) for part in gradients]).double().abs()
        root = g.square().mean().sqrt()
        shares.append(float((g < SMALL_SHARE * root).double().mean()))
        concentrated.append(hoyer(g))
    return {"share_small": float(np.mean(shares)), "hoyer": float(np.mean(concentrated))}


def hoyer(g: torch.Tensor) -> float:
    r"""Return Hoyer's sparsity of a vector, $(\sqrt n - |g|_1/|g|_2)/(\sqrt n - 1)$.

    It is 0 if all entries have one size, and 1 if one entry alone is not 0. Source: Hoyer (2004).

    >>> hoyer(torch.ones(4)), hoyer(torch.tensor([0.0, 3.0, 0.0, 0.0]))
    (0.0, 1.0)
    """
    n = float(len(g)) ** 0.5
    return float((n - g.abs().sum() / g.square().sum().sqrt()) / (n - 1))


class LedgerSparsity:
    """Two seeds of 60 epochs at Adam's defaults.

    >>> [unit.epochs for unit in LedgerSparsity().units("cpu")]
    [60, 60]
    """

    name = "ledger-sparsity"

    def units(self, size: str) -> list[SparsityRun]:
        """Return the runs of a size; `paper` takes all images and 100 epochs."""
        more: dict[str, Any] = {
            "smoke": {"epochs": 2, "examples": 200, "stand_in": True},
            "cpu": {"epochs": 60},
            "paper": {"epochs": 100, "examples": fig4.EXAMPLES},
        }[size]
        seeds = range(1) if size == "smoke" else range(2)
        return [SparsityRun(0.9, 0.999, 1e-3, True, seed=seed, **more) for seed in seeds]

    def begin(self, unit: SparsityRun) -> NetworkTraining:
        """Load the data and draw the start."""
        training = fig4.Fig4().begin(unit)
        training.also = lambda model: share_of_small_entries(model, training.x)
        return training


class LedgerAdaMax(Fig1Mnist):
    """AdaMax with ten constant step sizes and three seeds.

    >>> [len(unit.alphas) for unit in LedgerAdaMax().units("cpu")]
    [10, 10, 10]
    """

    name = "ledger-adamax"
    alphas = (2e-4, 6e-4, 2e-3, 6e-3, 2e-2, 6e-2, 2e-1, 6e-1, 2.0, 6.0)

    def units(self, size: str) -> list[Stack]:
        """Return the stacks of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [Stack("AdaMax", 0, self.alphas[2:4], ("none",), epochs=1, stand_in=True)]
        return [Stack("AdaMax", seed, self.alphas, ("none",)) for seed in range(3)]


class LedgerAdaMaxNetwork:
    """AdaMax on the network of Figure 2a: six constant step sizes, three seeds, ten epochs.

    >>> units = LedgerAdaMaxNetwork().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (18, 180)
    """

    name = "ledger-adamax-network"
    alphas = (2e-4, 6e-4, 2e-3, 6e-3, 2e-2, 6e-2)
    begin = staticmethod(mlp_runs.begin)

    def units(self, size: str) -> list[mlp_runs.MlpRun]:
        """Return the runs of a size, a seed after the other; `cpu` and `paper` are the same."""
        if size == "smoke":
            return [mlp_runs.MlpRun("AdaMax", 2e-3, 0, epochs=1, hidden=20, stand_in=True)]
        return [mlp_runs.MlpRun("AdaMax", a, s, epochs=10) for s in range(3) for a in self.alphas]


BY_NAME = {
    made.name: made
    for made in (LedgerMoments(), LedgerSparsity(), LedgerAdaMax(), LedgerAdaMaxNetwork())
}
