"""The paper's experiments: one file a figure, a runner, and the records they leave."""

from __future__ import annotations

from importlib import import_module
from typing import Any

EXPERIMENTS = {
    "fig1-mnist": "Figure 1, left: logistic regression on MNIST, tuned over a grid",
    "fig1-mnist-fit": "Figure 1, left: settings near those that the paper's curves suggest",
    "fig1-imdb-tuning": "Figure 1, right: logistic regression on IMDB, a grid on three seeds",
    "fig1-imdb": "Figure 1, right: the tuned settings on ten fresh seeds",
    "fig1-imdb-fit": "Figure 1, right: settings near those that the paper's curves suggest",
    "fig2a-tuning": "Figure 2a: a network with dropout on MNIST, a grid for a few epochs",
    "fig2a-narrowed": "Figure 2a: the best step sizes of fig2a-tuning, for longer",
    "fig2a": "Figure 2a: each optimizer at its tuned step size, fresh seeds",
    "fig2a-fit": "Figure 2a, beside it: settings nearer to three of the paper's curves",
    "fig2a-pixels": "Figure 2a, beside it: Adam with other dropout rates of the pixels",
    "fig2b-tuning": "Figure 2b: Adam on the same network without noise, a grid on three seeds",
    "fig2b-decay": "Figure 2b, beside it: Adam with a step size that falls",
    "fig2b-batch": "Figure 2b, beside it: Adam with larger batches",
    "fig2b": "Figure 2b: Adam at its tuned step size, and SFO",
    "fig2b-noise": "Figure 2b, beside it: SFO under dropout, with fresh and with frozen masks",
    "fig2b-history": "Figure 2b, beside it: SFO with shorter and longer histories",
    "fig3-tuning": "Figure 3: a convolutional network on CIFAR-10, a grid for a few epochs",
    "fig3": "Figure 3: each optimizer at its tuned step size, with and without dropout",
    "fig3-smaller": "Figure 3, beside it: momentum and Adam at smaller step sizes, no dropout",
    "fig4": "Figure 4: Adam with and without bias correction on a variational auto-encoder",
    "fig4-start": "Figure 4, beside it: the points of 10 epochs from narrower and wider starts",
    "ledger-streams": "for the ledger: noisy, sparse and drifting streams, tuned over a grid",
    "ledger-regret": "for the ledger: regret by the number of coordinates, tuned over a grid",
    "ledger-moments": "for the ledger: v̂ by layer in the network of Figure 3",
    "ledger-sparsity": "for the ledger: how sparse the gradients of Figure 4's network are",
    "ledger-adamax": "for the ledger: AdaMax on the regression of Figure 1, left",
    "ledger-adamax-network": "for the ledger: AdaMax on the network of Figure 2a",
    "ledger-geometry": "for the ledger: √v̂ beside the Hessian's diagonal in three networks",
    "ledger-ablation-tuning": "for the ledger: β1 and scaling crossed, a grid on one seed",
    "ledger-ablation": "for the ledger: β1 and scaling crossed, tuned, fresh seeds",
    "recipes": "Adam in practice: four small networks on the digits, at defaults and by recipe",
}
"""The experiments by name, and what each is."""

MODULES = {
    "fig1-mnist": "fig1_mnist",
    "fig1-mnist-fit": "fig1_mnist",
    "fig1-imdb-tuning": "fig1_imdb",
    "fig1-imdb": "fig1_imdb",
    "fig1-imdb-fit": "fig1_imdb",
    "fig2a-tuning": "fig2a",
    "fig2a-narrowed": "fig2a",
    "fig2a": "fig2a",
    "fig2a-fit": "fig2a",
    "fig2a-pixels": "fig2a",
    "fig2b-tuning": "fig2b",
    "fig2b-decay": "fig2b",
    "fig2b-batch": "fig2b",
    "fig2b": "fig2b",
    "fig2b-noise": "fig2b",
    "fig2b-history": "fig2b",
    "fig3-tuning": "fig3",
    "fig3": "fig3",
    "fig3-smaller": "fig3",
    "fig4": "fig4",
    "fig4-start": "fig4",
    "ledger-streams": "streams",
    "ledger-regret": "streams",
    "ledger-moments": "inside",
    "ledger-sparsity": "inside",
    "ledger-adamax": "inside",
    "ledger-adamax-network": "inside",
    "ledger-geometry": "geometry",
    "ledger-ablation-tuning": "ablation",
    "ledger-ablation": "ablation",
    "recipes": "recipes",
}
"""The file that holds each: its `BY_NAME` gives the experiment."""


def experiment(name: str) -> Any:
    """Return an experiment: an object with `units(size)` and `begin(unit)`.

    One whose units follow from another's rows has `after` and `units(size, rows)` instead.

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
