r"""Averages of a run's iterates: the paper's section 7.2.

The last iterate of a noisy run is noisy. The mean of many is less so, and it costs one array. A
rule is not changed by it: the average is read, and the run goes on from its own iterate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules.ranges import Range
from adambook.rules.rule import floating


class PolyakAverage:
    r"""The mean of all iterates, $\bar\theta_t = \frac1t\sum_{k=1}^t\theta_k$.

    (The paper prints n for the upper end of the sum.) Source: Kingma and Ba (2015), section 7.2;
    Polyak and Juditsky (1992).

    Attributes
    ----------
    t : int
        Iterates seen.
    value : array
        Their mean, in the iterates' dtype.

    >>> average = PolyakAverage()
    >>> for theta in ([1.0, 2.0], [3.0, 4.0]):
    ...     average.add(theta)
    >>> average.value
    array([2., 3.])
    """

    def __init__(self) -> None:
        self.t = 0
        self._mean: Any = None

    def add(self, theta: ArrayLike) -> None:
        """Take in the next iterate; it is not changed.

        Raises
        ------
        TypeError
            If theta does not hold real floating-point numbers.
        ValueError
            If its shape differs from that of the first iterate.
        """
        theta = _iterate(theta, self._mean)
        self.t += 1
        old = np.zeros_like(theta) if self._mean is None else self._mean
        self._mean = _between(old, theta, self._share())

    def _share(self) -> float:
        """Return the weight of the newest iterate in the average; 1 for the first."""
        return 1 / self.t

    @property
    def value(self) -> NDArray[Any]:
        """The average; ValueError before the first iterate."""
        if self.t == 0:
            raise ValueError("there is no average before the first iterate")
        mean: NDArray[Any] = self._mean
        return mean.copy()


class ExponentialAverage(PolyakAverage):
    r"""An average that forgets, with its bias corrected.

    $\bar\theta_t = \beta\bar\theta_{t-1}+(1-\beta)\theta_t$ starts at $\bar\theta_0 = 0$, so like
    Adam's moments it is divided by the sum of its weights:
    $\hat\theta_t = \bar\theta_t/(1-\beta^t)$.
    Source: Kingma and Ba (2015), section 7.2, where β is β2.

    Parameters
    ----------
    beta : float
        The decay factor, in [0, 1); the average looks back over about 1/(1-β) iterates.

    Raises
    ------
    ValueError
        If beta lies outside [0, 1).

    >>> average = ExponentialAverage(beta=0.5)
    >>> for theta in (1.0, 4.0):
    ...     average.add(theta)
    >>> float(average.value)  # (0.25 * 1 + 0.5 * 4) / 0.75
    3.0
    """

    def __init__(self, beta: float) -> None:
        super().__init__()
        self.beta = float(Range(0.0, 1.0).check("beta", beta))

    def _share(self) -> float:
        return (1 - self.beta) / (1 - self.beta**self.t)  # after the correction


def _between(old: NDArray[Any], new: NDArray[Any], share: float) -> Any:
    """Return the old mean with a share of the new iterate, even if their difference overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        change = new - old
        mean = old + share * change
        if np.isfinite(change).all():
            return mean
        return np.where(np.isfinite(change), mean, (1 - share) * old + share * new)


def _iterate(theta: ArrayLike, mean: Any) -> NDArray[Any]:
    """Return an iterate as an array of floats of the mean's shape."""
    theta = floating("theta", theta)
    if mean is not None and theta.shape != mean.shape:
        raise ValueError(f"theta must have the shape {mean.shape}, got {theta.shape}")
    return theta
