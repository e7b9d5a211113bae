"""Gradients that several verdicts are tried on, and how far a sample is from its expectation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook import minimize
from adambook.rules.rule import Rule


def gaussian(shape: tuple[int, ...], seed: int) -> NDArray[np.float64]:
    """Return standard normal numbers, always the same for one seed.

    >>> gaussian((2,), seed=0).round(4)
    array([ 0.1257, -0.1321])
    """
    return np.random.default_rng(seed).standard_normal(shape)


def worst_z(runs: NDArray[np.float64], expected: ArrayLike) -> float:
    """Return the largest |mean - expected| in standard errors; runs stand along the last axis.

    >>> worst_z(np.array([[0.0, 2.0], [1.0, 3.0]]), [1.0, 2.0])
    0.0
    """
    error = runs.std(axis=-1, ddof=1) / np.sqrt(runs.shape[-1])
    return float(np.max(np.abs(runs.mean(axis=-1) - np.asarray(expected)) / error))


def follow(rule: Rule, g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the path from 0 along given gradients, one row a step.

    >>> from adambook import SGD
    >>> follow(SGD(alpha=0.5), np.array([1.0, 2.0]))
    array([ 0. , -0.5, -1.5])
    """

    def given(row: Any) -> Any:
        return lambda _: row

    return minimize(rule, [given(row) for row in g], np.zeros(g.shape[1:]), len(g))
