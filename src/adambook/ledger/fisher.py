"""Adam's second moment beside the Fisher information, on softmax regression of the digits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from adambook.experiments.digits import images
from adambook.ledger.runs_on_digits import softmax_path
from adambook.minibatches import minibatches
from adambook.models.logistic_regression import cost_and_gradient, log_probabilities
from adambook.rules import Adam

Array = NDArray[np.float64]


def fisher_diagonal(theta: Array, x: Array) -> Array:
    r"""Return the diagonal of the Fisher information of softmax regression, shape of theta.

    The labels are the model's own: $F_{cj} = \frac1n\sum_i p_c(x_i)(1-p_c(x_i))\,x_{ij}^2$.

    >>> fisher_diagonal(np.zeros((2, 1)), np.ones((3, 1))).tolist()
    [[0.25], [0.25]]
    """
    p = np.exp(log_probabilities(theta[None], x)[:, 0])
    return np.asarray((p * (1 - p)).T @ x**2 / len(x))


def mean_square_of_batches(theta: Array, batch: int, seed: int, passes: int = 5) -> Array:
    """Return the mean of squared batch gradients at a fixed θ: what v̂ averages there.

    >>> mean_square_of_batches(np.zeros((10, 65)), 1797, seed=0, passes=1).shape
    (10, 65)
    """
    x, y = images()
    order = minibatches(len(y), batch, np.random.default_rng(seed))
    count = passes * -(-len(y) // batch)
    squares = (
        cost_and_gradient(theta, x[i], y[i])[1] ** 2
        for i, _ in zip(order, range(count), strict=False)
    )
    return np.asarray(sum(squares) / count)


@lru_cache(maxsize=1)
def second_moments_on_digits() -> dict[str, dict[str, float]]:
    """Return rank correlation with the Fisher diagonal, and scale, by epoch and batch.

    Pixels that are blank in every image have neither; they are left out. The scale is the median
    of v̂ over the Fisher diagonal.
    """
    x, _ = images()
    path = softmax_path(Adam(alpha=0.01), epochs=20, seed=0)
    used, found = np.broadcast_to((x != 0).any(axis=0), path[0].shape), {}
    for epoch in (0, 5, 20):
        theta = path[epoch * 29]
        fisher = fisher_diagonal(theta, x)[used]
        for batch in (1, 128):
            square = mean_square_of_batches(theta, batch, seed=1, passes=1 if batch == 1 else 20)
            found[f"epoch {epoch}, batch {batch}"] = {
                "rank correlation": float(spearmanr(square[used], fisher).statistic),
                "scale": float(np.median(square[used] / fisher)),
            }
    return found
