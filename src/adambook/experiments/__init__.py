"""The paper's experiments: one file a figure, a runner, and the records they leave."""

from __future__ import annotations

from importlib import import_module
from typing import Any

EXPERIMENTS = {
    "fig1-mnist": "Figure 1, left: logistic regression on MNIST, tuned over a grid",
    "fig1-mnist-fit": "Figure 1, left: settings near those that the paper's curves suggest",
    "fig1-imdb-tuning": "Figure 1, right: logistic regression on IMDB, a grid on three seeds",
    "fig1-imdb-fit": "Figure 1, right: settings near those that the paper's curves suggest",
    "fig4": "Figure 4: Adam with and without bias correction on a variational auto-encoder",
    "ledger-streams": "for the ledger: noisy, sparse and drifting streams, tuned over a grid",
    "ledger-regret": "for the ledger: regret by the number of coordinates, tuned over a grid",
}
"""The experiments by name, and what each is."""

MODULES = {
    "fig1-mnist": "fig1_mnist",
    "fig1-mnist-fit": "fig1_mnist",
    "fig1-imdb-tuning": "fig1_imdb",
    "fig1-imdb-fit": "fig1_imdb",
    "fig4": "fig4",
    "ledger-streams": "streams",
    "ledger-regret": "streams",
}
"""The file that holds each: its `BY_NAME` gives the experiment."""


def experiment(name: str) -> Any:
    """Return an experiment: an object with `units(size)` and `begin(unit)`.

    Raises
    ------
    ValueError
        If there is none of this name; the text lists those there are.

    >>> experiment("fig1-mnist").name
    'fig1-mnist'
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"there is no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    return import_module(f"adambook.experiments.{MODULES[name]}").BY_NAME[name]
