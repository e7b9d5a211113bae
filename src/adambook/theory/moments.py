r"""Adam's corrected moments along a given sequence of gradients, read off the real rule."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules import Adam
from adambook.theory.arguments import decay, finite_array


class Moments(NamedTuple):
    r"""The corrected moments at every step, each of the shape of the gradients."""

    m_hat: NDArray[np.float64]
    v_hat: NDArray[np.float64]


def corrected_moments(g: ArrayLike, beta1: float, beta2: float) -> Moments:
    r"""Return $\hat m_t$ and $\hat v_t$ for t = 1, …, T, computed by `adambook.Adam`.

    Parameters
    ----------
    g : array, shape (T,) or (T, d)
        The gradients, one step a row.
    beta1, beta2 : float
        Decay factors in [0, 1).

    Raises
    ------
    ValueError
        If a decay factor lies outside [0, 1), or g is no finite, non-empty array of that shape.

    Source: Kingma and Ba (2015), Algorithm 1.

    >>> moments = corrected_moments([1.0, 0.0], 0.5, 0.5)
    >>> moments.m_hat.round(4), moments.v_hat.round(4)
    (array([1.    , 0.3333]), array([1.    , 0.3333]))
    """
    g = finite_array("g", g, (1, 2))
    adam = Adam(beta1=decay("beta1", beta1), beta2=decay("beta2", beta2))
    theta = np.zeros(g.shape[1:])
    state = adam.init(theta)
    moments = Moments(np.empty_like(g), np.empty_like(g))
    for step, gradient in enumerate(g):
        _, state = adam.update(gradient, state, theta)
        c = adam.constants(state.t)
        moments.m_hat[step] = state.m / c.correction1
        moments.v_hat[step] = state.v / c.correction2
    return moments
