"""Figure 2b: the multilayer network without noise, Adam against SFO, by epochs and by time.

The paper gives the network of Figure 2a without dropout, with weight decay, the program of SFO's
authors, and the cost against epochs and against time. Left open, and read here as:

- `penalty`, the weight decay λ, and whether the cost shown contains it: 1e-8, and it does not.
  The paper's curve ends at 5.8e-6. A cost that contained (λ/2)|W|² could not be lower than that,
  and |W|² is several hundred at PyTorch's start alone; so either λ is of this size or the
  penalty is not shown. This λ keeps both readings open: it changes no digit of what is shown;
- `subfunctions`, into how many parts SFO's data is cut: 24, its authors' advice of √examples/10.
  One part a batch of 128 would be 469, and nearly twenty times the memory;
- `history`, from how many changes of its gradient a part's curvature is estimated: 3. The authors'
  program keeps 10; with 10 the fall of ours ends early (`fig2b-history` tries five numbers);
- the cost shown: of Adam the mean over an epoch's batches, before each step; of SFO the mean over
  a pass of what it saw where it stayed. For both, the cost on 10,000 training images at the end
  of the epoch is recorded beside it (`clean_cost`), and that is what compares them;
- the time: the median seconds of an epoch, in the record's provenance, the measuring of
  `clean_cost` and the test cost included: two passes forward over 10,000 images, for both alike;
- the start: PyTorch's default rule; `batch` 128 for Adam, as everywhere.

Adam has the same budget as in Figure 1: eight step sizes with three seeds; what is shown has ten
fresh ones. Its step size is constant; `fig2b-decay` tries two that fall, and `fig2b-batch` larger
batches with the better of them. SFO has no step size.
`fig2b-noise` tries what the text says of SFO and dropout: fresh masks at every look, and masks
frozen for each image, beside no noise.

Cost: 8.3 seconds of one core an epoch of Adam, 12.6 a pass of SFO (processor time of one thread),
whose basis takes 540 MB of memory and of each checkpoint. The size `cpu`, all of it, has 1334 and
380, and 435 passes with layers of 200 units, 1.2 seconds each: 4.5 hours of one core.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import torch

from adambook.experiments.classification import beside, cost
from adambook.experiments.mlp_runs import MlpRun, begin, load, network
from adambook.experiments.stacks import recorded
from adambook.experiments.tuning import ranked
from adambook.models.flat import Flat
from adambook.sfo import SFO

ALPHAS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
BATCHES, BATCH_ALPHAS = (256, 600), (1e-3, 3e-3)
FALLING = {"step": (1e-3, 3e-3, 1e-2, 3e-2), "epoch": (3e-4, 1e-3, 3e-3, 1e-2)}
EPOCHS = 29
TUNING_SEEDS, FRESH_SEEDS = range(3), range(3, 13)
PENALTY = 1e-8
SUBFUNCTIONS = 24
NOISES = ("none", "frozen", "fresh")
HISTORIES = (1, 2, 3, 5, 10)
SMOKE: dict[str, Any] = {"hidden": 20, "stand_in": True}


@dataclass(frozen=True)
class SfoRun:
    """SFO on the network of Figure 2, with one seed.

    `noise` is "none", "frozen" (each image keeps its dropout mask) or "fresh" (a new one at each
    look).

    >>> SfoRun(seed=0).rows_an_epoch
    1
    """

    seed: int
    epochs: int = EPOCHS
    noise: str = "none"
    subfunctions: int = SUBFUNCTIONS
    penalty: float = PENALTY
    spread: float | None = None
    hidden: int = 1000
    history: int = 3
    first_step: float = 0.1
    stand_in: bool = False

    @property
    def rows_an_epoch(self) -> int:
        """One row."""
        return 1

    @property
    def drop_input(self) -> float:
        """The dropout rate of the pixels, as in Figure 2a; 0 without noise."""
        return 0.0 if self.noise == "none" else MlpRun.drop_input

    @property
    def drop_hidden(self) -> float:
        """The dropout rate of the hidden layers, as in Figure 2a; 0 without noise."""
        return 0.0 if self.noise == "none" else MlpRun.drop_hidden


class SfoTraining:
    """SFO under way: a pass is as many looks as there are parts of the data.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     training = SfoTraining(SfoRun(seed=0, **SMOKE))
    ...     row = training.epoch()[0]
    >>> row["optimizer"], row["epoch"], 0 < row["cost"] < 3
    ('SFO', 0, True)
    """

    def __init__(self, run: SfoRun) -> None:
        if run.noise not in NOISES:
            raise ValueError(f"noise must be one of {', '.join(NOISES)}, got {run.noise!r}")
        self.run = run
        data, self.title, self.checksum = load(run.stand_in)
        self.model, self.beside, self.cost = network(run), beside(data), cost(run.penalty)
        self.flat = Flat(self.model)
        order = np.random.default_rng([run.seed, 0]).permutation(len(data["x"]))
        parts = np.array_split(order, run.subfunctions)
        self.parts = [(data["x"][rows], data["y"][rows]) for rows in map(torch.as_tensor, parts)]
        self.shown: dict[float, float] = {}
        self.looks, self.epochs_done = 0, 0
        self.sfo = SFO(
            self._look, self.flat.theta, run.subfunctions, history=run.history,
            first_step=run.first_step,
        )  # fmt: skip

    def _look(self, theta: np.ndarray, j: int) -> tuple[float, np.ndarray]:
        """Return the objective of part j and its gradient; keep what is shown for it."""
        self.flat.set(theta)
        x, y = self.parts[j]
        self.looks += 1
        mask = self.looks if self.run.noise == "fresh" else j
        noise = torch.Generator(x.device).manual_seed(1_000_003 * self.run.seed + mask)

        def summed() -> torch.Tensor:
            whole, shown = self.cost(self.model, x, y, noise)
            objective = torch.as_tensor(whole)
            self.shown[float(objective.detach())] = float(shown.detach())
            return objective

        return self.flat.value_and_gradient(summed)

    def epoch(self) -> list[dict[str, Any]]:
        """Look as often as there are parts; return the row of the pass."""
        self.shown.clear()
        with np.errstate(all="ignore"):
            values = self.sfo.epoch()
        self.flat.set(self.sfo.theta)
        self.epochs_done += 1
        return [
            {
                "optimizer": "SFO",
                "decay": "none",
                "alpha": np.nan,
                "penalty": self.run.penalty,
                "noise": self.run.noise,
                "seed": self.run.seed,
                "epoch": self.epochs_done - 1,
                "cost": recorded(np.mean([self.shown.get(value, value) for value in values])),
                **self.beside(self.model),
                "bad": self.sfo.bad,
                "history": self.run.history,
            }
        ]

    def arrays(self) -> dict[str, Any]:
        """Return all that the next passes depend on."""
        return {**self.sfo.arrays(), "progress": np.array([self.looks, self.epochs_done])}

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken."""
        self.sfo.restore(arrays)
        self.looks, self.epochs_done = (int(n) for n in arrays["progress"])


def _adam(size: str, alpha: float, seed: int) -> MlpRun:
    more: dict[str, Any] = {"epochs": 2, **SMOKE} if size == "smoke" else {"epochs": EPOCHS}
    return MlpRun("Adam", alpha, seed, drop_input=0.0, drop_hidden=0.0, penalty=PENALTY, **more)


def _sfo(size: str, seed: int, noise: str = "none", epochs: int = EPOCHS) -> SfoRun:
    more: dict[str, Any] = {"epochs": 2, **SMOKE} if size == "smoke" else {"epochs": epochs}
    return SfoRun(seed, noise=noise, **more)


def _begin(unit: Any) -> Any:
    return SfoTraining(unit) if isinstance(unit, SfoRun) else begin(unit)


class Fig2bTuning:
    """Adam with eight step sizes and three seeds; `cpu` and `paper` are the same.

    >>> units = Fig2bTuning().units("cpu")
    >>> len(units), sum(unit.epochs for unit in units)
    (24, 696)
    """

    name = "fig2b-tuning"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[MlpRun]:
        """Return the runs of a size."""
        if size == "smoke":
            return [_adam(size, alpha, seed=0) for alpha in ALPHAS[3:5]]
        return [_adam(size, alpha, seed) for seed in TUNING_SEEDS for alpha in ALPHAS]


class Fig2bDecay:
    """Adam with a step size that falls as 1/√t, t in steps and in epochs; one seed.

    >>> [(unit.decay, unit.alpha) for unit in Fig2bDecay().units("cpu")][3:5]
    [('step', 0.03), ('epoch', 0.0003)]
    """

    name = "fig2b-decay"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[MlpRun]:
        """Return the runs of a size; `cpu` and `paper` are the same."""
        settings = [(decay, alpha) for decay, alphas in FALLING.items() for alpha in alphas]
        if size == "smoke":
            settings = settings[:1]
        return [replace(_adam(size, alpha, seed=0), decay=decay) for decay, alpha in settings]


class Fig2bBatch:
    """Adam with larger batches and a step size that falls as 1/√epoch; one seed.

    >>> [(unit.batch, unit.alpha) for unit in Fig2bBatch().units("cpu")]
    [(256, 0.001), (256, 0.003), (600, 0.001), (600, 0.003)]
    """

    name = "fig2b-batch"
    begin = staticmethod(begin)

    def units(self, size: str) -> list[MlpRun]:
        """Return the runs of a size; `cpu` and `paper` are the same."""
        settings = list(product(BATCHES, BATCH_ALPHAS))
        if size == "smoke":
            settings = settings[:1]
        return [
            replace(_adam(size, alpha, seed=0), decay="epoch", batch=batch)
            for batch, alpha in settings
        ]


class Fig2b:
    """Adam at its best step size, and SFO, with ten fresh seeds each.

    >>> run = {"optimizer": "Adam", "penalty": 0.0, "seed": 0, "epoch": 0, "decay": "none"}
    >>> units = Fig2b().units("cpu", pd.DataFrame([{**run, "alpha": 0.1, "cost": 1.0}]))
    >>> len(units), units[0].alpha, units[1].subfunctions
    (20, 0.1, 24)
    """

    name, after = "fig2b", "fig2b-tuning"
    begin = staticmethod(_begin)

    def units(self, size: str, rows: pd.DataFrame) -> list[MlpRun | SfoRun]:
        """Return the runs of a size, given the rows of `fig2b-tuning`."""
        (_, alpha), *_ = ranked(rows, "Adam")
        seeds = FRESH_SEEDS[:1] if size == "smoke" else FRESH_SEEDS
        return [unit for seed in seeds for unit in (_adam(size, alpha, seed), _sfo(size, seed))]


class Fig2bNoise:
    """SFO with no noise, with frozen and with fresh dropout masks: ten passes, three seeds.

    >>> [(unit.noise, unit.epochs) for unit in Fig2bNoise().units("cpu")][:3]
    [('none', 10), ('frozen', 10), ('fresh', 10)]
    """

    name = "fig2b-noise"
    begin = staticmethod(_begin)

    def units(self, size: str) -> list[SfoRun]:
        """Return the runs of a size; `cpu` and `paper` are the same."""
        seeds = FRESH_SEEDS[:1] if size == "smoke" else FRESH_SEEDS[:3]
        return [_sfo(size, seed, noise, epochs=10) for seed in seeds for noise in NOISES]


class Fig2bHistory:
    """SFO with curvatures from 1 to 10 changes of the gradient, on layers of 200 units.

    >>> [(unit.seed, unit.history) for unit in Fig2bHistory().units("cpu")][4:7]
    [(3, 10), (4, 1), (4, 2)]
    """

    name = "fig2b-history"
    begin = staticmethod(_begin)

    def units(self, size: str) -> list[SfoRun]:
        """Return the runs of a size; `cpu` and `paper` are the same."""
        if size == "smoke":
            return [SfoRun(FRESH_SEEDS[0], epochs=2, history=pairs, **SMOKE) for pairs in (3, 10)]
        pairs_by_seed = product(FRESH_SEEDS[:3], HISTORIES)
        return [SfoRun(seed, history=pairs, hidden=200) for seed, pairs in pairs_by_seed]


STAGES = (Fig2bTuning(), Fig2bDecay(), Fig2bBatch(), Fig2b(), Fig2bNoise(), Fig2bHistory())
BY_NAME = {made.name: made for made in STAGES}
