"""Small real problems: softmax regression and a small network on scikit-learn's digits.

1797 images of 8 × 8 pixels that come with scikit-learn. They train in a second, so a verdict can
look at every step of a real run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from adambook.experiments.digits import images
from adambook.minibatches import minibatches
from adambook.minimize import minimize
from adambook.models.logistic_regression import (
    cost_and_gradient,
    log_probabilities,
    with_ones,
)
from adambook.rules.rule import Rule

Array = NDArray[np.float64]
ALL, TRAIN, TEST = slice(None), slice(0, 1200), slice(1200, None)
"""All examples, the first two thirds of them, and the rest."""


def softmax_path(rule: Rule, epochs: int, seed: int, batch: int = 64) -> Array:
    """Return the path of softmax regression from θ = 0, shape (steps + 1, 10, 65).

    >>> from adambook import Adam
    >>> softmax_path(Adam(), epochs=1, seed=0).shape
    (30, 10, 65)
    """
    x, y = images()
    order = minibatches(len(y), batch, np.random.default_rng(seed))
    gradients = (lambda theta, i=i: cost_and_gradient(theta, x[i], y[i])[1] for i in order)
    steps = epochs * -(-len(y) // batch)
    with threadpool_limits(1):
        return np.asarray(minimize(rule, gradients, np.zeros((10, x.shape[1])), steps))


def network_path(
    rule: Rule, epochs: int, seed: int, batch: int = 64, examples: slice = ALL
) -> Array:
    """Return the path of a network 64-64-10 (ReLU), shape (steps + 1, 4810).

    >>> from adambook import Adam
    >>> network_path(Adam(), epochs=1, seed=0).shape
    (30, 4810)
    """
    rng = np.random.default_rng(seed)
    x, y = images()[0][examples], images()[1][examples]
    order = minibatches(len(y), batch, rng)
    hidden = rng.uniform(-1, 1, (64, 65)) / 8  # ± 1/√(inputs), PyTorch's default
    output = rng.uniform(-1, 1, (10, 65)) / 8
    gradients = (lambda theta, i=i: _network_gradient(theta, x[i], y[i]) for i in order)
    start = np.concatenate([hidden.ravel(), output.ravel()])
    with threadpool_limits(1):
        return np.asarray(minimize(rule, gradients, start, epochs * -(-len(y) // batch)))


def _layers(theta: Array, x: Array) -> tuple[Array, Array]:
    """Return what the output layer sees, and its weights."""
    hidden, output = theta[: 64 * 65].reshape(64, 65), theta[64 * 65 :].reshape(10, 65)
    return with_ones(np.maximum(x @ hidden.T, 0.0)), output


def _network_gradient(theta: Array, x: Array, y: NDArray[np.int64]) -> Array:
    """Return the gradient of the mean cross-entropy of the network, as one vector."""
    active, output = _layers(theta, x)
    _, by_output = cost_and_gradient(output, active, y)
    error = np.exp(log_probabilities(output[None], active)[:, 0])
    error[np.arange(len(y)), y] -= 1
    back = (error @ output[:, :-1]) * (active[:, :-1] > 0) / len(y)
    return np.concatenate([(back.T @ x).ravel(), by_output.ravel()])


def held_out_cost(theta: Array) -> float:
    """Return the network's mean cross-entropy on the examples of `TEST`, in nats.

    >>> round(held_out_cost(np.zeros(4810)), 4)
    2.3026
    """
    x, y = images()[0][TEST], images()[1][TEST]
    active, output = _layers(theta, x)
    return float(cost_and_gradient(output, active, y)[0])


def final_costs(
    rule: Any, alphas: tuple[float, ...], seeds: range, epochs: int = 20
) -> dict[float, list[float]]:
    """Return, by step size, the cost of softmax regression after training, one a seed.

    >>> from adambook import Adam
    >>> costs = final_costs(Adam, (1e-4, 1e-2), seeds=range(1), epochs=1)
    >>> costs[1e-2][0] < costs[1e-4][0]
    True
    """
    x, y = images()
    column = np.array(alphas)[:, None, None]
    found: dict[float, list[float]] = {alpha: [] for alpha in alphas}
    for seed in seeds:
        order = minibatches(len(y), 64, np.random.default_rng(seed))
        gradients = (lambda theta, i=i: cost_and_gradient(theta, x[i], y[i])[1] for i in order)
        start = np.zeros((len(alphas), 10, x.shape[1]))
        with threadpool_limits(1):
            end = minimize(rule(alpha=column), gradients, start, epochs * 29)[-1]
            costs, _ = cost_and_gradient(end, x, y)
        for alpha, cost in zip(alphas, costs, strict=True):
            found[alpha].append(float(cost))
    return found


def usable_step_size(rule: Any, alphas: tuple[float, ...], seeds: range) -> float:
    """Return the largest step size whose cost after one epoch is below ln 10, that of guessing.

    In the mean over seeds; all smaller step sizes need not be usable.

    >>> from adambook import Adam
    >>> usable_step_size(Adam, (1e-2, 1e2), seeds=range(1))
    0.01
    """
    costs = final_costs(rule, alphas, seeds, epochs=1)
    return max(alpha for alpha, cost in costs.items() if np.mean(cost) < np.log(10))
