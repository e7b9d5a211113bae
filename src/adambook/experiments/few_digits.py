"""Small trainings on scikit-learn's digits, many at once: softmax regression on few examples.

The matrix products are small: `threadpoolctl.threadpool_limits(1)` around a run makes it faster.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adambook.experiments.digits import images
from adambook.minibatches import minibatches
from adambook.models import cost_and_gradient
from adambook.rules import Rule

Array = NDArray[np.float64]


class Split(NamedTuple):
    """Digits to train on and digits to test on: images with a 1 appended, and classes."""

    x: Array
    y: NDArray[np.int64]
    x_test: Array
    y_test: NDArray[np.int64]


def digits_split(train: int, seed: int) -> Split:
    """Return the 1797 digits in a random order, the first `train` to train on.

    Raises
    ------
    ValueError
        If `train` leaves nothing to train on, or nothing to test on.

    >>> split = digits_split(train=300, seed=0)
    >>> split.x.shape, split.x_test.shape
    ((300, 65), (1497, 65))
    """
    x, y = images()
    if not 0 < train < len(x):
        raise ValueError(f"train must lie in [1, {len(x) - 1}], got {train}")
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order], y[order]
    return Split(x[:train], y[:train], x[train:], y[train:])


def train_stack(
    rule: Rule,
    split: Split,
    models: int,
    *,
    epochs: int,
    batch: int,
    seed: int,
    penalty: float | Array = 0.0,
) -> Iterator[tuple[Array, Any]]:
    r"""Train a stack of models on the same mini-batches; yield θ and the state after each step.

    Parameters
    ----------
    rule : Rule
        One for all; a hyper-parameter may be an array of shape (models, 1, 1), a number a model.
    split : Split
    models : int
        How many. All start at 0.
    epochs, batch : int
        Passes over the training examples, in a new order each, and examples a step.
    seed : int
        Of the orders.
    penalty : float or array that broadcasts to (models, 1, 1)
        λ of $\frac\lambda2\|\theta\|^2$, whose gradient λθ is added to that of the cost.

    Yields
    ------
    theta : array, shape (models, 10, 65)
    state : State
        That of the rule.

    >>> from adambook import SGD
    >>> split = digits_split(train=64, seed=0)
    >>> steps = list(train_stack(SGD(0.1), split, 2, epochs=3, batch=32, seed=0))
    >>> len(steps), steps[-1][0].shape
    (6, (2, 10, 65))
    """
    rng = np.random.default_rng(seed)
    theta = np.zeros((models, 10, split.x.shape[1]))
    state = rule.init(theta)
    batches = minibatches(len(split.x), batch, rng)
    for chosen in islice(batches, epochs * -(-len(split.x) // batch)):
        _, g = cost_and_gradient(theta, split.x[chosen], split.y[chosen])
        delta, state = rule.update(g + penalty * theta, state, theta)
        theta = theta + delta
        yield theta, state


def final(training: Iterator[tuple[Array, Any]]) -> tuple[Array, Any]:
    """Run a training to its end and return the last θ and state; no iterate is kept.

    Raises
    ------
    ValueError
        If there is no step.

    >>> from adambook import SGD
    >>> split = digits_split(train=64, seed=0)
    >>> theta, state = final(train_stack(SGD(0.1), split, 1, epochs=2, batch=32, seed=0))
    >>> theta.shape, state.t
    ((1, 10, 65), 4)
    """
    last = deque(training, maxlen=1)
    if not last:
        raise ValueError("a training without a step has no last iterate")
    return last[0]


def costs(theta: Array, x: Array, y: NDArray[np.int64]) -> Array:
    """Return the mean cross-entropy of each model on given examples, in nats, shape (models,).

    >>> split = digits_split(train=64, seed=0)
    >>> costs(np.zeros((2, 10, 65)), split.x, split.y).round(4)
    array([2.3026, 2.3026])
    """
    return np.asarray(cost_and_gradient(theta, x, y)[0])
