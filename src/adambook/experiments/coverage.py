"""What of an experiment is recorded, what is missing, and what the rest costs."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import pandas as pd

from adambook.experiments import experiment
from adambook.experiments.runner import record_of, stage_before, units_of
from adambook.experiments.units import configuration, identity

SECONDS_AN_EPOCH = {
    "fig2a-tuning": 8.2,
    "fig2a-narrowed": 8.2,
    "fig2a": 8.2,
    "fig2a-fit": 8.2,
    "fig2a-pixels": 8.2,
    "fig2b-tuning": 8.3,
    "fig2b-decay": 8.3,
    "fig2b-batch": 4.2,
    "fig2b": 10.5,
    "fig2b-noise": 12.6,
    "fig2b-history": 1.2,
    "fig3-tuning": 76.0,
    "fig3": 76.0,
    "fig3-smaller": 76.0,
    "fig4": 6.6,
    "fig4-start": 6.6,
}
"""Of one core, as the experiments' files say (`fig2b`: one run of Adam and one of SFO a seed).

Used as long as nothing of an experiment is recorded; then the record says it."""


class Coverage(NamedTuple):
    """Runs and epochs of an experiment: recorded, and in all; and what an epoch costs.

    >>> print(Coverage("fig9", 3, 12, 30, 120, 40.0))
    fig9: 3 of 12 runs are recorded, 30 of 120 epochs; the rest takes 1.0 hours of one core.
    """

    name: str
    runs: int
    all_runs: int
    epochs: int
    all_epochs: int
    seconds_an_epoch: float

    @property
    def hours_left(self) -> float:
        """Hours of one core for what is missing."""
        return (self.all_epochs - self.epochs) * self.seconds_an_epoch / 3600

    def __str__(self) -> str:
        """Return all of it in a sentence."""
        rest = (
            f"; the rest takes {self.hours_left:.1f} hours of one core" if self.hours_left else ""
        )
        return (
            f"{self.name}: {self.runs} of {self.all_runs} runs are recorded, "
            f"{self.epochs} of {self.all_epochs} epochs{rest}."
        )


def coverage(
    name: str,
    size: str = "cpu",
    *,
    keep: Callable[[Any], bool] = lambda unit: True,
    where: Any = None,
) -> Coverage:
    """Return how much of an experiment is recorded.

    Parameters
    ----------
    name : str
        An experiment's name, of `adambook.experiments.EXPERIMENTS`.
    size : {"smoke", "cpu", "paper"}
    keep : callable
        unit → whether it counts, such as `lambda unit: unit.epochs == 10`.
    where : path, optional
        The folder of results; default the project's own.

    Raises
    ------
    ValueError
        If there is no such experiment.

    >>> coverage("fig1-mnist").all_epochs
    1794
    """
    results = record_of(name, size, where)
    units = [unit for unit in planned(name, size, where) if keep(unit)]
    missing = {identity(unit) for unit in results.missing(units)}
    done, origins = [u for u in units if identity(u) not in missing], results.provenance()
    took = (origin.get("seconds_an_epoch") for origin in origins.values())
    known = [seconds for seconds in took if seconds is not None]
    return Coverage(
        name, len(done), len(units), sum(u.epochs for u in done), sum(u.epochs for u in units),
        median(known) if known else SECONDS_AN_EPOCH.get(name, 0.0),
    )  # fmt: skip


def planned(name: str, size: str, where: Any = None) -> list[Any]:
    """Return an experiment's units, or, before its settings are known, as many with some settings.

    A later stage takes the best settings of the one before. How many runs and epochs it has does
    not depend on which they are.

    >>> sum(unit.epochs for unit in planned("fig3", "cpu", "nowhere"))
    348
    """
    try:
        return units_of(name, size, where)
    except ValueError:
        earlier = stage_before(name)
        if earlier is None:
            raise
    made_up = [
        {"decay": "none", "penalty": 0.0, **configuration(unit), "epoch": 0, "cost": 1.0}
        for unit in planned(earlier, size, where)
    ]
    return list(experiment(name).units(size, pd.DataFrame(made_up)))
