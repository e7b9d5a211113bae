r"""Convex online problems, a function $f_t$ a round, on which Adam walks away from the best point.

In each period one large gradient C says "left", then period - 1 small ones say "right". Left wins
on the sum, but the small ones are divided by a $\sqrt{\hat v}$ that has forgotten the large one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked
from adambook.problems.problem import Array
from adambook.rules import Rule


@checked
@dataclass(frozen=True)
class LinearSequence:
    r"""$f_t(x) = Cx$ for t ≡ 1 (mod period), $-x$ otherwise, on the interval [-1, 1].

    The sum over a period has slope C - (period - 1) > 0, and so has every sum from the first round
    on: the best fixed point is -1 for every T. With projection onto the interval, Adam at
    β1 = 0, β2 = 1/(1+C²), α/√t, period 3, goes to +1 (theorem 1 of the source).

    Attributes
    ----------
    C : float
        The large gradient, above period - 1.
    period : int
        At least 2; 3 in the source's theorem, 101 (with C = 101) in its simulation.

    Source: Reddi, Kale and Kumar (2018), sections 3 and 5.

    >>> sequence = LinearSequence(C=4.0)
    >>> [float(sequence.gradient(t, 0.5)) for t in (1, 2, 3, 4)]
    [4.0, -1.0, -1.0, 4.0]
    >>> sequence.comparator, sequence.interval
    (-1.0, (-1.0, 1.0))
    """

    C: float
    period: int = 3
    comparator = -1.0
    start = 1.0
    interval = (-1.0, 1.0)

    def __post_init__(self) -> None:
        if self.period < 2 or not self.period - 1 < self.C < math.inf:
            raise ValueError(
                "period must be at least 2 and C finite and above period - 1, "
                f"got period {self.period!r} and C {self.C!r}"
            )

    def slope(self, t: int) -> float:
        """Return C in the first round of a period, -1 in the others."""
        return self.C if t % self.period == 1 else -1.0

    def loss(self, t: int, x: ArrayLike) -> Array:
        """Return f_t(x), of x's shape, for t = 1, 2, and so on."""
        return np.asarray(self.slope(t) * np.asarray(x))

    def gradient(self, t: int, x: ArrayLike) -> Array:
        """Return the derivative of f_t at x, of x's shape."""
        return np.full(np.shape(x), self.slope(t))

    def slopes(self, rounds: int) -> NDArray[np.float64]:
        """Return `slope(t)` for t = 1, …, rounds."""
        return np.where(np.arange(1, rounds + 1) % self.period == 1, self.C, -1.0)

    def gradients(self) -> Iterator[Callable[[ArrayLike], Array]]:
        """Yield the derivatives of f_1, f_2, … without end, as `minimize` takes them."""
        t = 0
        while True:
            t += 1
            yield partial(self.gradient, t)

    def losses(self, path: ArrayLike) -> NDArray[np.float64]:
        r"""Return $f_t(x_t)$, t = 1, …, T, for a path $x_1, \dots, x_{T+1}$ of `minimize`."""
        x = np.asarray(path, dtype=np.float64)
        if x.size != len(x):
            raise ValueError(f"path must hold one number a round, got shape {x.shape}")
        return np.array([float(self.loss(t, x_t)) for t, x_t in enumerate(x.ravel()[:-1], 1)])

    def comparator_losses(self, rounds: int) -> NDArray[np.float64]:
        """Return f_t at the best fixed point, t = 1, …, T."""
        return np.array([float(self.loss(t, self.comparator)) for t in range(1, rounds + 1)])


@checked
@dataclass(frozen=True)
class ClippedSequence(LinearSequence):
    r"""The same slopes on the whole line: no projection is needed to keep the best point at -1.

    $f_t(x) = C\max(x, -1)$ for t ≡ 1 (mod period), $\max(-x, -1)$ otherwise: convex, with slopes
    in {C, 0, -1}. Left of -1 only the small functions still change, and they grow; right of 1 only
    the large one does. So -1 minimises every sum. This meets each condition of the paper's
    Theorem 4.1 for Algorithm 1 itself, bias correction included, which has no projection.

    At the kinks the gradient is that of the flat side.

    Source: this book, chapter 8, after Reddi, Kale and Kumar (2018).

    >>> sequence = ClippedSequence(C=4.0)
    >>> [float(sequence.loss(1, x)) for x in (-2.0, 0.5)]
    [-4.0, 2.0]
    >>> [float(sequence.gradient(2, x)) for x in (0.5, 2.0)]
    [-1.0, 0.0]
    """

    interval = (-math.inf, math.inf)

    def loss(self, t: int, x: ArrayLike) -> Array:
        """Return f_t(x), of x's shape, for t = 1, 2, and so on."""
        slope = self.slope(t)
        return np.asarray(abs(slope) * np.maximum(math.copysign(1, slope) * np.asarray(x), -1.0))

    def gradient(self, t: int, x: ArrayLike) -> Array:
        """Return a derivative of f_t at x, of x's shape; 0 on the flat side and at the kink."""
        slope = self.slope(t)
        return np.where(math.copysign(1, slope) * np.asarray(x) > -1, slope, 0.0)


@checked
@dataclass(frozen=True)
class StochasticLinear:
    r"""$f_t(x) = Cx$ with probability $p = (1+\delta)/(C+1)$, $-x$ otherwise, on [-1, 1].

    $E f_t(x) = \delta x$, so -1 is best on average.

    Attributes
    ----------
    C : float
        The large gradient, above 1.
    delta : float
        δ in (0, C).

    Source: Reddi, Kale and Kumar (2018), theorem 3.

    >>> import numpy as np
    >>> stream = StochasticLinear(C=9.0, delta=1.0).gradients(np.random.default_rng(0))
    >>> {float(next(stream)(np.zeros(()))) for _ in range(100)} == {9.0, -1.0}
    True
    """

    C: float
    delta: float
    comparator = -1.0
    start = 1.0
    interval = (-1.0, 1.0)

    def __post_init__(self) -> None:
        if not (1 < self.C < math.inf and 0 < self.delta < self.C):
            raise ValueError(
                f"C must lie in (1, ∞) and delta in (0, C), got {self.C!r} and {self.delta!r}"
            )

    def slopes(self, rng: np.random.Generator, rounds: int) -> NDArray[np.float64]:
        """Return the slopes of f_1, …, drawn one after the other from `rng`."""
        probability = (1 + self.delta) / (self.C + 1)
        return np.where(rng.random(rounds) < probability, self.C, -1.0)

    def gradients(self, rng: np.random.Generator) -> Iterator[Callable[[ArrayLike], Array]]:
        """Yield the derivatives of f_1, f_2, … drawn one after the other from `rng`."""
        while True:
            yield partial(_constant, float(self.slopes(rng, 1)[0]))


def _constant(slope: float, x: ArrayLike) -> Array:
    """Return the slope, in x's shape."""
    return np.full(np.shape(x), slope)


@checked
def play(
    rule: Rule,
    gradients: Iterator[Callable[[NDArray[np.float64]], Array]],
    start: ArrayLike,
    rounds: int,
    interval: tuple[float, float],
) -> NDArray[np.float64]:
    r"""Follow a rule with projection: $\theta_{t+1} = \min(\max(\theta_t+\Delta_t, low), high)$.

    `minimize` with every iterate brought back into the interval. With (-inf, inf) it is
    `minimize`.

    Parameters
    ----------
    rule : Rule
        The optimizer.
    gradients : iterator of callables
        θ → gradient, one a round.
    start : array of floats
        $\theta_1$, inside the interval.
    rounds : int
        T ≥ 0.
    interval : (low, high)
        Where every coordinate must stay.

    Returns
    -------
    ndarray, shape (rounds + 1, *start.shape)
        $\theta_1, \dots, \theta_{T+1}$.

    Raises
    ------
    ValueError
        If the start lies outside the interval, the number of rounds is negative, or the gradients
        end early.

    >>> from adambook import SGD
    >>> sequence = LinearSequence(C=4.0)
    >>> play(SGD(alpha=0.4), sequence.gradients(), 1.0, 4, sequence.interval).round(2)
    array([ 1. , -0.6, -0.2,  0.2, -1. ])
    """
    low, high = interval
    theta = np.asarray(start, dtype=np.float64)
    if not np.all((low <= theta) & (theta <= high)):
        raise ValueError(f"start must lie in [{low}, {high}], got {start!r}")
    if rounds < 0:
        raise ValueError(f"rounds must be at least 0, got {rounds}")
    path, state = np.empty((rounds + 1, *theta.shape)), rule.init(theta)
    path[0] = theta
    done = 0
    for gradient in islice(gradients, rounds):
        g = gradient(path[done].copy())  # it may keep or change what it is given
        delta, state = rule.update(g, state, path[done])
        path[done + 1] = np.clip(path[done] + delta, low, high)
        done += 1
    if done < rounds:
        raise ValueError(f"gradients must hold one for each of {rounds} rounds, got {done}")
    return path
