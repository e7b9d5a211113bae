"""How well √v̂ orders the curvatures of a network: multilayer against convolutional.

The paper says that in convolutional networks v̂ approximates the geometry of the cost badly,
compared with multilayer ones. `ledger-geometry` puts √v̂ beside the diagonal of the Hessian of the
mean cost, weight by weight, in three networks after each epoch of Adam at its defaults:

- "mlp": the network of Figure 2 on MNIST, without dropout;
- "cnn": the network of Figure 3 on whitened CIFAR-10, without dropout;
- "mlp on CIFAR-10": the first network on the second's data, so that a difference between the first
  two can be laid on the data or on the convolutions.

The size `paper` takes the networks as printed. The size `cpu` takes them at half their width
(784-500-500-10, c32-c32-c64-500), 10,000 images of each set and four epochs; the Hessian is that
of the mean cost of 200 of them. Cost: about 11 minutes of one core.

Weights alone are compared, not biases; those whose v is exactly 0 (blank pixels, units that never
fired) have no gradient and no curvature, and would agree for nothing: they are counted, and left
out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from torch.nn.functional import unfold

from adambook import Adam
from adambook.experiments import fig3, mlp_runs
from adambook.experiments.classification import cost
from adambook.experiments.inside import LookedInto, corrected_root
from adambook.experiments.networks import NetworkTraining, device
from adambook.models.mlp import MLP

NETWORKS = ("mlp", "cnn", "mlp on CIFAR-10")
AT_ONCE = 10


Layer = torch.nn.Linear | torch.nn.Conv2d


def hessian_diagonal(model: torch.nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    r"""Return the diagonal of the Hessian of the mean cross-entropy, for each layer's weights.

    In a network of linear and convolutional layers, rectifiers and maxima the logits z are, where
    they have a derivative, piecewise linear in each single weight w. So nothing is left of the
    Hessian's diagonal but, with the model's own probabilities p,

    $$\frac1n\sum_x\Bigl[\sum_c p_c\Bigl(\frac{\partial z_c}{\partial w}\Bigr)^2
      - \Bigl(\sum_c p_c\frac{\partial z_c}{\partial w}\Bigr)^2\Bigr],$$

    the diagonal of the Fisher information. It is never negative and does not depend on labels.

    Parameters
    ----------
    model : torch.nn.Module
        Whose parameters with weights are `Linear` and `Conv2d` layers, each used once.
    x : tensor, shape (n, ...)

    Returns
    -------
    dict
        The layer's name → a tensor of the shape of its weights.

    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 2, bias=False))
    >>> _ = torch.nn.init.zeros_(model[0].weight)
    >>> hessian_diagonal(model, torch.tensor([[1.0, 2.0]]))["0"].tolist()
    [[0.25, 1.0], [0.25, 1.0]]
    """
    layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, Layer)}
    total = {name: torch.zeros_like(layer.weight) for name, layer in layers.items()}
    for part in torch.split(x, AT_ONCE):
        p, seen = _derivatives(model, layers, part)
        for name, (a, slopes) in seen.items():
            total[name] += _sum_of_squares(layers[name], p, a, slopes)
    return {name: part / len(x) for name, part in total.items()}


def _derivatives(
    model: torch.nn.Module, layers: dict[str, Layer], x: torch.Tensor
) -> tuple[torch.Tensor, dict[str, tuple[torch.Tensor, torch.Tensor]]]:
    """Return p (classes, n), and of each layer its input and ∂z_c/∂(its output), classes first."""
    seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def remember(name: str) -> Any:
        return lambda layer, inputs, output: seen.update({name: (inputs[0].detach(), output)})

    hooks = [layer.register_forward_hook(remember(name)) for name, layer in layers.items()]
    with torch.enable_grad():
        logits = model(x)
        outputs = [output for _, output in seen.values()]
        slopes = [
            torch.autograd.grad(logits[:, c].sum(), outputs, retain_graph=True)
            for c in range(logits.shape[1])
        ]
    for hook in hooks:
        hook.remove()
    by_layer = [torch.stack(parts) for parts in zip(*slopes, strict=True)]
    found = {name: (a, s) for (name, (a, _)), s in zip(seen.items(), by_layer, strict=True)}
    return torch.softmax(logits.detach(), dim=1).T, found


def _sum_of_squares(
    layer: Layer, p: torch.Tensor, a: torch.Tensor, slopes: torch.Tensor
) -> torch.Tensor:
    """Return the sum over examples of the bracket in `hessian_diagonal`, shape of the weights."""
    if isinstance(layer, torch.nn.Linear):
        mean = torch.einsum("cn,cno->no", p, slopes)
        spread = torch.einsum("cn,cno->no", p, slopes**2) - mean**2
        return spread.T @ a**2
    assert not isinstance(layer.padding, str)
    patches = unfold(a, layer.kernel_size, padding=layer.padding, stride=layer.stride)
    by_weight = torch.einsum("cnol,nkl->cnok", slopes.flatten(3), patches)
    mean = torch.einsum("cn,cnok->nok", p, by_weight)
    spread = torch.einsum("cn,cnok->nok", p, by_weight**2) - mean**2
    return spread.sum(dim=0).view_as(layer.weight)


@dataclass(frozen=True)
class GeometryRun:
    """One network and seed, trained by Adam at its defaults.

    >>> GeometryRun("cnn", seed=0, epochs=6).rows_an_epoch
    1
    """

    network: str
    seed: int
    epochs: int
    examples: int = 10_000
    looked_at: int = 200
    hidden: int = 500
    channels: tuple[int, ...] = (32, 32, 64)
    batch: int = 128
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row."""
        return 1


def agreement(root: torch.Tensor, curvature: torch.Tensor) -> dict[str, float]:
    """Return the rank correlation of √v̂ and curvatures where √v̂ is not 0, and that share.

    >>> agreement(torch.tensor([0.0, 1.0, 2.0, 3.0]), torch.tensor([9.0, 1.0, 4.0, 9.0]))
    {'correlation': 1.0, 'share_without_gradient': 0.25}
    """
    moved = root > 0
    found = spearmanr(root[moved].numpy(), curvature[moved].numpy()).statistic
    return {
        "correlation": round(float(found), 6),
        "share_without_gradient": round(float((~moved).double().mean()), 6),
    }


def look(training: NetworkTraining, examples: int) -> list[dict[str, Any]]:
    """Return, over all weights of a network, how √v̂ agrees with the Hessian's diagonal.

    `correlation` ranks all weights together, `within_layers` is the mean of the correlations of
    the layers, `halves` that of the diagonals of the two halves of the examples: how far the
    examples fix the order at all.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):  # stand-in data
    ...     training = begin(LedgerGeometry().units("smoke")[0]).training
    ...     _ = training.epoch()
    >>> (row,) = look(training, examples=4)
    >>> -1 <= row["correlation"] <= 1
    True
    """
    half = examples // 2
    first, second = (
        hessian_diagonal(training.model, x)
        for x in (training.x[:half], training.x[half : 2 * half])
    )
    weights = dict(training.model.named_parameters())
    roots = {
        name: corrected_root(training.optimizer, weights[f"{name}.weight"]).cpu() for name in first
    }
    diagonals = {name: ((first[name] + second[name]) / 2).cpu() for name in first}
    inside = [agreement(roots[name].flatten(), d.flatten()) for name, d in diagonals.items()]
    together = agreement(_joined(roots), _joined(diagonals))
    moved = _joined(roots) > 0
    halves = spearmanr(_joined(first)[moved].numpy(), _joined(second)[moved].numpy()).statistic
    return [
        {
            **together,
            "within_layers": round(float(np.mean([row["correlation"] for row in inside])), 6),
            "halves": round(float(halves), 6),
        }
    ]


def _joined(parts: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([part.flatten().cpu() for part in parts.values()])


def begin(unit: GeometryRun) -> LookedInto:
    """Load the data, draw the start and return the training.

    Raises
    ------
    ValueError
        If the network is none of `NETWORKS`.

    >>> begin(GeometryRun("rnn", seed=0, epochs=1))
    Traceback (most recent call last):
    ...
    ValueError: network must be one of mlp, cnn, mlp on CIFAR-10, got 'rnn'
    """
    if unit.network not in NETWORKS:
        raise ValueError(f"network must be one of {', '.join(NETWORKS)}, got {unit.network!r}")
    training = _on_mnist(unit) if unit.network == "mlp" else _on_cifar10(unit)
    training.labels = {"optimizer": "Adam", "alpha": 1e-3, "network": unit.network}
    return LookedInto(training, lambda network: look(network, unit.looked_at))


def _multilayer(unit: GeometryRun, inputs: int) -> MLP:
    sizes = (inputs, unit.hidden, unit.hidden, 10)
    return MLP(sizes, drop_input=0.0, drop_hidden=0.0, seed=unit.seed).to(device())


def _on_mnist(unit: GeometryRun) -> NetworkTraining:
    data, title, checksum = mlp_runs.load(unit.stand_in)
    return NetworkTraining(
        _multilayer(unit, 784), Adam(), cost(), data["x"][: unit.examples],
        data["y"][: unit.examples], seed=unit.seed, batch=unit.batch, labels={}, title=title,
        checksum=checksum,
    )  # fmt: skip


def _on_cifar10(unit: GeometryRun) -> NetworkTraining:
    """Return the run of Figure 3 on a part of its images, or the multilayer network on them."""
    run = fig3.CnnRun(
        "Adam", 1e-3, unit.seed, unit.epochs, dropout=False, examples=unit.examples,
        channels=unit.channels, full=unit.hidden, batch=unit.batch, stand_in=unit.stand_in,
    )  # fmt: skip
    training = fig3.begin(run)
    training.also = None
    if unit.network == "cnn":
        return training
    x = training.x.flatten(1).contiguous()
    return NetworkTraining(
        _multilayer(unit, x.shape[1]), Adam(), cost(), x, training.y, seed=unit.seed,
        batch=unit.batch, labels={}, title=training.title, checksum=training.checksum,
    )  # fmt: skip


class LedgerGeometry:
    """Three networks and six seeds, four epochs each.

    >>> [unit.network for unit in LedgerGeometry().units("cpu")][::6]
    ['mlp', 'cnn', 'mlp on CIFAR-10']
    """

    name = "ledger-geometry"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[GeometryRun]:
        """Return the runs of a size; `paper` takes all images and the paper's widths."""
        more: Any = {
            "smoke": {"epochs": 1, "examples": 60, "looked_at": 4, "hidden": 10,
                      "channels": (2, 2, 4), "stand_in": True},
            "cpu": {"epochs": 4},
            "paper": {"epochs": 6, "examples": 60_000, "looked_at": 1000, "hidden": 1000,
                      "channels": (64, 64, 128)},
        }[size]  # fmt: skip
        seeds = 1 if size == "smoke" else 6
        return [GeometryRun(n, seed, **more) for n in NETWORKS for seed in range(seeds)]


BY_NAME = {made.name: made for made in (LedgerGeometry(),)}
