"""Logistic regression with two classes and one logit, for a stack of parameter vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def logits(theta: Array, x: Any) -> Array:
    r"""Return $z = w^\top x + b$ for each example and model.

    Parameters
    ----------
    theta : array, shape (k, d + 1)
        k models; the last column is the bias b, the others are the weights w.
    x : array or sparse array, shape (n, d)
        Examples. A sparse one costs no more than its entries.

    Returns
    -------
    array, shape (n, k)

    >>> logits(np.array([[2.0, 1.0], [0.0, 5.0]]), np.array([[3.0]])).tolist()
    [[7.0, 5.0]]
    """
    z: Array = x @ theta[:, :-1].T + theta[:, -1]
    return z


def cost(z: Array, y: Array) -> Array:
    r"""Return the mean cross-entropy, $\frac1n\sum_i \ln(1 + e^{z_i}) - y_i z_i$, in nats.

    Parameters
    ----------
    z : array, shape (n, k)
        Logits.
    y : array, shape (n,)
        Labels, 0 or 1.

    Returns
    -------
    array, shape (k,)

    >>> cost(np.zeros((4, 1)), np.array([0, 1, 1, 0])).round(4)
    array([0.6931])
    """
    mean: Array = np.mean(np.logaddexp(0, z) - y[:, None] * z, axis=0)
    return mean


def cost_and_gradient(theta: Array, x: Any, y: Array, penalty: float = 0.0) -> tuple[Array, Array]:
    r"""Return the mean cross-entropy and the gradient of cost plus $\frac\lambda2\|w\|^2$.

    $\nabla_w J = \frac1n\sum_i (p_i - y_i)\,x_i + \lambda w$ and
    $\partial J/\partial b = \frac1n\sum_i (p_i - y_i)$, with $p_i = 1/(1 + e^{-z_i})$. The
    penalty is in the gradient and not in the cost; it spares the bias.

    Parameters
    ----------
    theta : array, shape (k, d + 1)
        k models, the bias last.
    x : array or sparse array, shape (n, d)
    y : array of theta's dtype, shape (n,)
        Labels, 0 or 1.
    penalty : float
        λ ≥ 0.

    Returns
    -------
    cost : array, shape (k,), in nats
    gradient : array, theta's shape and dtype

    Raises
    ------
    ValueError
        If the shapes do not fit.

    >>> J, g = cost_and_gradient(np.zeros((1, 3)), np.eye(2), np.array([0.0, 1.0]))
    >>> J.round(4), g
    (array([0.6931]), array([[ 0.25, -0.25,  0.  ]]))
    """
    if theta.ndim != 2 or x.shape != (*y.shape, theta.shape[1] - 1):
        raise ValueError(
            "theta must be (k, d + 1), x (n, d) and y (n,); "
            f"got {theta.shape}, {x.shape} and {y.shape}"
        )
    z = logits(theta, x)
    with np.errstate(over="ignore"):  # exp(-z) = inf gives the p = 0 that it stands for
        residual = (1 / (1 + np.exp(-z)) - y[:, None]) / len(y)
    gradient = np.empty_like(theta)
    gradient[:, :-1] = (x.T @ residual).T
    gradient[:, -1] = residual.sum(axis=0)
    if penalty:
        gradient[:, :-1] += penalty * theta[:, :-1]
    return cost(z, y), gradient


def error(z: Array, y: Array) -> Array:
    """Return the share of examples whose more probable class is not y, shape (k,).

    >>> error(np.array([[1.0], [-1.0]]), np.array([1, 1]))
    array([0.5])
    """
    wrong: Array = np.mean((z > 0) != (y[:, None] > 0.5), axis=0)
    return wrong
