"""Figure 4: Adam with and without bias correction, training a variational auto-encoder.

The paper gives β1 ∈ {0, 0.9}, β2 ∈ {0.99, 0.999, 0.9999}, step sizes by their logarithm, 10 and 100
epochs, and the model by reference to Kingma and Welling (2014): one hidden layer of 500 softplus
units on each side, a latent space of 50. Left open, and read here as:

- the data: MNIST's grey levels in [0, 1], its first 50,000 training images, 100 a step. (The
  paper's points at small step sizes fix the number of steps an epoch; grey levels the height.)
- the step sizes: {1, 3}·10^k, where the paper's markers stand;
- the start: every parameter normal with standard deviation 0.01, which is how Kingma and Welling's
  N(0, 0.01) is read here; `fig4-start` tries others (`StartRun.deviation`);
- the loss: the negative lower bound in nats per image, one sample of z each, the mean over the
  batches of the last epoch, each before its step; no prior on the parameters;
- ε = 1e-8; α constant.

Cost: 5 to 7 seconds of one core an epoch with MKL's default kernels, 2 with the others that the
appendix on reproducing names. The 10,920 recorded epochs, most of them with those, took 6.8 hours.
`fig4-start` has 1,160 epochs, which took 0.9 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, cast

import numpy as np
import pandas as pd
import torch

from adambook import Adam, AdamUncorrected
from adambook.datasets import mnist
from adambook.experiments.compare import paper_points
from adambook.experiments.networks import NetworkTraining, device
from adambook.models.vae import VAE

BETA1, BETA2 = (0.9, 0.0), (0.9999, 0.999, 0.99)
ALPHAS = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
SEEDS = range(3)
POINT = ["beta1", "beta2", "alpha", "corrected"]
"""What tells one point of the figure from another."""

LARGEST_SHOWN = 3e-3  # with one exception, the largest α with a loss in the figure at 100 epochs
RULES = {True: Adam, False: AdamUncorrected}
EXAMPLES, BATCH = 50_000, 100
DEVIATION = 0.01
"""The standard deviation of the start."""

NARROW = 0.003
"""A narrower start, with which the whole figure is tried."""

OTHERS = (0.001, 0.03)
"""Further starts, tried where the largest step size that works is at its edge."""

EDGE = tuple((0.9, 0.9999, alpha, False) for alpha in ALPHAS[:4])
"""That curve's points in the paper: β1, β2, α, not corrected."""


@dataclass(frozen=True)
class VaeRun:
    """One point of the figure: a cell of (β1, β2), a step size, corrected or not.

    >>> VaeRun(0.9, 0.999, 1e-3, corrected=True).rows_an_epoch
    1
    """

    beta1: float
    beta2: float
    alpha: float
    corrected: bool
    seed: int = 0
    epochs: int = 10
    examples: int = EXAMPLES
    batch: int = BATCH
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row."""
        return 1


@dataclass(frozen=True)
class StartRun(VaeRun):
    """One point of the figure from another start: normal with standard deviation `deviation`.

    >>> StartRun(0.9, 0.999, 1e-3, corrected=True).deviation == NARROW
    True
    """

    deviation: float = NARROW


def cost(
    model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, noise: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the negative lower bound of a batch, to be differentiated and to be shown.

    >>> vae = VAE(torch.Generator().manual_seed(0), pixels=4, hidden=3, latent=2, scale=0.0)
    >>> x = torch.ones(5, 4)
    >>> round(float(cost(vae, x, x, torch.Generator())[1].detach()), 4)
    2.7726
    """
    size = (len(x), cast(VAE, model).latent)
    eta = torch.randn(size, generator=noise, device=x.device)
    bound = model(x, eta)
    return bound, bound


@lru_cache(maxsize=1)
def _data(examples: int, stand_in: bool) -> tuple[Any, ...]:
    """Return MNIST's first examples as float32 rows in [0, 1], and their checksum."""
    data = mnist(allow_stand_in=stand_in)
    grey = data.x_train[:examples].reshape(-1, 784).astype(np.float32) / 255
    return torch.from_numpy(grey).to(device()), data.title, data.checksum


def _begin(run: VaeRun, deviation: float, *names: str) -> NetworkTraining:
    """Return a run at its start; its rows tell the fields `names` beside its point."""
    x, title, checksum = _data(run.examples, run.stand_in)
    rule = RULES[run.corrected](alpha=run.alpha, beta1=run.beta1, beta2=run.beta2)
    labels = {name: getattr(run, name) for name in (*POINT, "epochs", *names)}
    model = VAE(torch.Generator().manual_seed(run.seed), scale=deviation).to(x.device)
    # the second tensor holds labels, of which there are none
    return NetworkTraining(
        model, rule, cost, x, x[:, :0], seed=run.seed, batch=run.batch,
        labels=labels, title=title, checksum=checksum,
    )  # fmt: skip


class Fig4:
    """All cells and step sizes, corrected and not: 10 epochs with three seeds, 100 with one.

    Seed 0 of every point comes first, then seeds 1 and 2, then the 100 epochs, among these the
    step sizes that the paper shows before those too large for its frame.

    >>> units = Fig4().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (336, 10920)
    """

    name = "fig4"

    def units(self, size: str) -> list[VaeRun]:
        """Return the runs of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [
                VaeRun(0.9, 0.999, 1e-3, corrected, epochs=2, examples=300, stand_in=True)
                for corrected in (True, False)
            ]
        points = list(product(BETA1, BETA2, ALPHAS, (True, False)))
        short = [VaeRun(*point, seed=seed) for seed in SEEDS for point in points]
        long = [VaeRun(*point, epochs=100) for point in points]
        return short + sorted(long, key=lambda run: run.alpha > LARGEST_SHOWN)

    def begin(self, unit: VaeRun) -> NetworkTraining:
        """Load the data and draw the start."""
        return _begin(unit, DEVIATION)


class Fig4Start:
    """One curve of ten epochs from three other starts, with three seeds; the others from one.

    That curve is `EDGE`. All other points of ten epochs have the start `NARROW` and seed 0.

    >>> units = Fig4Start().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (116, 1160)
    """

    name = "fig4-start"

    def units(self, size: str) -> list[StartRun]:
        """Return the runs of a size; `cpu` and `paper` are the same here."""
        if size == "smoke":
            return [StartRun(0.9, 0.9999, 1e-3, False, epochs=2, examples=300, stand_in=True)]
        deviations = (NARROW, *OTHERS)
        edge = [
            StartRun(*point, seed=seed, deviation=deviation)
            for seed, deviation, point in product(SEEDS, deviations, EDGE)
        ]
        points = [p for p in product(BETA1, BETA2, ALPHAS, (True, False)) if p not in EDGE]
        return edge + [StartRun(*point) for point in points]

    def begin(self, unit: StartRun) -> NetworkTraining:
        """Load the data and draw the start."""
        return _begin(unit, unit.deviation, "deviation")


def losses(rows: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """Return the loss of each recorded run of a length: the mean cost of its last epoch.

    Parameters
    ----------
    rows : DataFrame
        Recorded rows.
    epochs : int
        10 or 100.

    Returns
    -------
    DataFrame
        `POINT`, seed and loss in nats; infinite where the run diverged. Empty if nothing is
        recorded.

    >>> run = {"beta1": 0.9, "beta2": 0.99, "alpha": 1e-3, "corrected": True, "seed": 0}
    >>> rows = pd.DataFrame([{**run, "epochs": 2, "epoch": e, "cost": 9.0 - e} for e in (0, 1)])
    >>> losses(rows, 2)["loss"].tolist()
    [8.0]
    """
    if rows.empty:
        return pd.DataFrame(columns=[*POINT, "seed", "loss"])
    last = rows[(rows["epochs"] == epochs) & (rows["epoch"] == epochs - 1)]
    return last[[*POINT, "seed", "cost"]].rename(columns={"cost": "loss"}).reset_index(drop=True)


def paper_losses(epochs: int) -> pd.DataFrame:
    """Return the paper's points, read off its vector graphics: `POINT` and loss in nats.

    Where a curve leaves the frame between two step sizes, that crossing is no point and is left
    out; a step size that is missing lies above the frame.

    Raises
    ------
    ValueError
        If `epochs` is neither 10 nor 100.

    >>> paper = paper_losses(10)
    >>> one = paper[(paper["beta1"] == 0.9) & (paper["beta2"] == 0.999) & paper["corrected"]]
    >>> one.loc[one["alpha"] == 1e-3, "loss"].item()
    106.96
    """
    if epochs not in (10, 100):
        raise ValueError(f"epochs must be 10 or 100, got {epochs!r}")
    points = []
    for beta1, beta2, corrected in product(BETA1, BETA2, (True, False)):
        colour = "bias-corrected(red)" if corrected else "no-correction(green)"
        try:
            curve = paper_points(f"fig4_{epochs}ep_b1={beta1:g}_b2={beta2:g}", colour)
        except ValueError:  # one curve lies wholly above the frame
            continue
        for alpha in ALPHAS:
            near = curve.loc[(curve["x"] - np.log10(alpha)).abs() < 0.01, "y"]
            points += [(beta1, beta2, alpha, corrected, float(y)) for y in near]
    return pd.DataFrame(points, columns=[*POINT, "loss"])


BY_NAME = {experiment.name: experiment for experiment in (Fig4(), Fig4Start())}
