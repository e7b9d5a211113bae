"""Multi-class logistic regression (softmax), for one parameter array or a whole stack of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked

Array = NDArray[Any]


@checked
def with_ones(x: Array) -> Array:
    """Flatten each example and append a 1, so that the bias is the last column of θ.

    Parameters
    ----------
    x : array of floats, shape (n, ...)

    Returns
    -------
    array, shape (n, d + 1), x's dtype

    Raises
    ------
    ValueError
        If x is a single number.

    >>> with_ones(np.zeros((2, 3))).tolist()
    [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]
    """
    if x.ndim == 0:
        raise ValueError("x must have an axis of examples, got a single number")
    flat = x.reshape(len(x), math.prod(x.shape[1:]))
    return np.concatenate([flat, np.ones((len(x), 1), x.dtype)], axis=1)


def log_probabilities(theta: Array, x: Array) -> Array:
    r"""Return $\log p(c \mid x) = \theta_c^\top x - \log\sum_{c'} e^{\theta_{c'}^\top x}$.

    Parameters
    ----------
    theta : array, shape (k, classes, d)
        k models at once; all share one matrix product.
    x : array, shape (n, d)

    Returns
    -------
    array, shape (n, k, classes), in nats

    >>> log_probabilities(np.zeros((1, 10, 3)), np.ones((1, 3))).round(4)[0, 0, 0]
    np.float64(-2.3026)
    """
    k, classes, d = theta.shape
    logits = (x @ theta.reshape(k * classes, d).T).reshape(len(x), k, classes)
    logits -= logits.max(axis=-1, keepdims=True)
    log_p: Array = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return log_p


@checked
def cost_and_gradient(
    theta: Array, x: Array, y: Array, penalty: float = 0.0
) -> tuple[Array, Array]:
    r"""Return the mean cross-entropy and the gradient of cost plus $\frac\lambda2\|W\|^2$.

    $J(\theta) = -\frac1n\sum_i \log p(y_i \mid x_i)$ and
    $\nabla_{\theta_c} J = \frac1n\sum_i (p(c \mid x_i) - [y_i = c])\,x_i$. The penalty acts on all
    columns of θ but the last, the bias; it is in the gradient and not in the cost.

    Parameters
    ----------
    theta : array, shape (classes, d) or (k, classes, d)
        One model or k of them.
    x : array, shape (n, d)
        Examples, with the column of ones last (`with_ones`).
    y : array of int, shape (n,)
        Classes from 0.
    penalty : float
        λ ≥ 0.

    Returns
    -------
    cost : array, shape () or (k,), in nats
    gradient : array, theta's shape

    Raises
    ------
    ValueError
        If the shapes do not fit, or y holds anything but the numbers of classes.

    >>> cost, g = cost_and_gradient(np.zeros((10, 3)), np.ones((4, 3)), np.array([0, 1, 2, 3]))
    >>> cost.round(4), g.shape
    (np.float64(2.3026), (10, 3))
    """
    _check_shapes(theta, x, y)
    _check_classes(y, theta.shape[-2])
    if theta.ndim == 2:
        cost, gradient = cost_and_gradient(theta[None], x, y, penalty)
        return cost[0], gradient[0]
    n, k, classes = len(x), theta.shape[0], theta.shape[1]
    log_p = log_probabilities(theta, x)
    rows = np.arange(n)
    cost = -log_p[rows, :, y].mean(axis=0)
    p = np.exp(log_p, out=log_p)
    p[rows, :, y] -= 1
    p /= n
    gradient = (p.reshape(n, k * classes).T @ x).reshape(theta.shape)
    if penalty:
        gradient[..., :-1] += penalty * theta[..., :-1]
    return cost, gradient


@checked
def accuracy(theta: Array, x: Array, y: Array) -> Array:
    """Return the share of examples whose most probable class is y, shape () or (k,).

    The arguments are those of `cost_and_gradient`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    >>> accuracy(np.array([[1.0, 0.0], [0.0, 0.5]]), np.ones((2, 2)), np.array([0, 1]))
    np.float64(0.5)
    """
    _check_shapes(theta, x, y)
    scores = np.tensordot(x, theta, axes=([1], [theta.ndim - 1]))
    right: Array = np.mean(scores.argmax(axis=-1).T == y, axis=-1)
    return right


def _check_shapes(theta: Array, x: Array, y: Array) -> None:
    fit = theta.ndim in (2, 3) and x.ndim == 2
    if not fit or theta.shape[-1] != x.shape[1] or y.shape != x.shape[:1]:
        raise ValueError(
            "theta must be (classes, d) or (k, classes, d), x (n, d) and y (n,); "
            f"got {theta.shape}, {x.shape} and {y.shape}"
        )


def _check_classes(y: Array, classes: int) -> None:
    """Refuse labels that are no class: a negative one would count from the last."""
    whole = y.dtype.kind in "iu"
    if not whole or not len(y) or not 0 <= int(y.min()) <= int(y.max()) < classes:
        got = f"from {y.min()} to {y.max()}" if len(y) else "none"
        raise ValueError(
            f"y must hold whole numbers from 0 to {classes - 1}, one or more, got {y.dtype} {got}"
        )
