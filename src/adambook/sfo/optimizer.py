r"""The loop: go to the lowest point of the models' sum, look at one subfunction, mend its model.

SFO minimizes $F(\theta) = \sum_{i=1}^N f_i(\theta)$, N subfunctions such as the costs of N parts of
the data. It keeps a quadratic model $g_i$ of each (`Models`) and repeats:

1. **Move** to the minimum of $G = \sum_i g_i$: a Newton step with $H = \sum_i H_i$.
2. **Choose** the subfunction whose last look is farthest from here.
3. **Look**: one value and one gradient of that subfunction.
4. **Mend** its model: put it at this point, with this value and gradient; estimate its $H_j$
   from the changes of its gradient over its own last steps (`estimate`).

Everything happens in a subspace of at most 3(N + 1) directions (`Subspace`; the limit is that of
the authors' program): the last gradient and position of every subfunction are always in it, so
that M parameters need memory for O(N M) numbers and time for O(N M) operations a step beside the
gradient, as long as N² is small beside M: the N matrices H_i hold 9N(N + 1)² numbers more.

At first two subfunctions are active. One more joins when the mean gradient of the active ones no
longer stands out of its scatter, or when all have been gone through without that.

The paper says that bad steps must be detected by comparing what is seen with what the model said,
and leaves the how to its appendix. We go by the signs that its authors' program goes by:

- a look is doubted if the subfunction has risen since its own last look and lies above its model
  by more than the last step promised of all the others; at a first look, if it lies more than
  `STRAY` standard deviations above the mean of the others;
- when in doubt, the same subfunction is looked at where the last step began. If it is lower
  there, the step was bad: it is taken back. The model learns from both looks, so it has just seen
  the curvature along the step that failed;
- a step goes a share of the way to the lowest point. A bad step halves the share; any other step
  takes it 1/N of the way back to 1. A bad step also lets another subfunction take part;
- from the second pass on no step is longer than `REACH` times the mean of the steps so far.

Our own are these: a rise of no more than `ROUNDING` is none; a value that is not finite is
forgotten, and half of the step that led to it is tried; the first curvature is such that the first
step has the length `first_step`; a subfunction without pairs has the mean curvature of those that
have some. Unlike theirs, we learn a step that failed as it was, however high it led, halve the
share for no step that is kept, set no shortest step, do not look at a new subfunction twice in a
row, and always measure by H which last look is farthest: theirs does so in half of its choices, at
random, and in the others measures each distance by that subfunction's own curvature.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked
from adambook.rules.rule import floating
from adambook.sfo.models import Models
from adambook.sfo.subspace import Subspace

Array = NDArray[Any]
Look = tuple[float, Array]
Subfunctions = Callable[[Array, int], tuple[float, Array]]

STRAY = 3.0
"""How far above the others a first look may lie, in their standard deviations."""

REACH = 10.0
"""The longest step, in mean steps so far."""

ROUNDING = 1e-6
"""What a value may lie above its model, as a share of itself, for rounding alone."""


@checked
class SFO:
    r"""The Sum of Functions Optimizer, for N subfunctions of M parameters.

    Parameters
    ----------
    f : callable
        (θ, j) → ($f_j(\theta)$, its gradient at θ), j from 0 to n - 1. It must give the same for
        the same: noise, such as fresh dropout, looks like curvature.
    theta0 : array of floats, shape (M,)
        The start. It is not changed.
    n : int
        How many subfunctions. The authors advise √(examples)/10 of them; their program warns of
        fewer than 25.
    history : int
        Changes of the gradient kept for the curvature of each. The authors' program keeps 10;
        with as many, the fall of this one ends early on a network (experiment `fig2b-history`).
    first_step : float
        The length of the first step.

    Attributes
    ----------
    theta : array, shape (M,)
        The parameters to be looked at next.
    active : int
        How many subfunctions take part so far.
    looks : int
        How many looks have been taken, the second ones where in doubt included.
    bad : int
        How many steps were bad.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range, or f returns a gradient that is none.
    FloatingPointError
        If the first look is not finite.

    Source: Sohl-Dickstein, Poole and Ganguli (2014), section 2; for bad steps their program,
    `sfo.py` of the repository Sum-of-Functions-Optimizer.

    >>> centres = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, -1.0]])
    >>> def f(theta, j):
    ...     return float(np.sum((theta - centres[j]) ** 2)), 2 * (theta - centres[j])
    >>> sfo = SFO(f, np.zeros(2), n=3)
    >>> for _ in range(10):
    ...     costs = sfo.epoch()
    >>> sfo.theta.round(6)
    array([2., 1.])
    """

    def __init__(
        self, f: Subfunctions, theta0: ArrayLike, n: int, *, history: int = 3,
        first_step: float = 0.1,
    ) -> None:  # fmt: skip
        theta0, n, history = floating("theta0", theta0), operator.index(n), operator.index(history)
        if theta0.ndim != 1 or not theta0.size:
            raise ValueError(f"theta0 must be a vector, shape (M,), got shape {theta0.shape}")
        if n < 1 or history < 1:
            raise ValueError(f"n and history must be at least 1, got {n} and {history}")
        if not 0 < first_step < np.inf:
            raise ValueError(f"first_step must be a positive number, got {first_step!r}")
        self.f, self.theta0, self.n, self.first_step = f, theta0.copy(), n, first_step
        self.space = Subspace(theta0.size, 3 * (n + 1), theta0.dtype)
        most = len(self.space.basis)
        self.models = Models(n, most, history)
        self.z, self.before = np.zeros(most), np.zeros(most)
        self.promised, self.share, self.travelled = 0.0, 1.0, 0.0
        self.active, self.since_growth = min(2, n), 0
        self.looks, self.passes, self.steps, self.bad = 0, 0, 0, 0

    @property
    def theta(self) -> Array:
        """The parameters to be looked at next: θ_0 and what lies in the subspace."""
        return np.asarray(self.theta0 + self.space.vector(self.z[: self.space.size]))

    @property
    def nbytes(self) -> int:
        """The bytes that the basis and all the models hold."""
        arrays = [self.space.basis, self.theta0, *vars(self.models).values()]
        return sum(array.nbytes for array in arrays)

    def epoch(self) -> Array:
        """Look n times; return the value that each step came to, shape (at most n,).

        A second look of the last step comes on top, and is one less in the next pass.
        """
        self.passes += 1
        values = []
        while self.looks < self.passes * self.n:
            values.append(self.step())
        return np.array(values)

    def step(self) -> float:
        """Look at one subfunction, mend its model, move; return the value seen where it stood."""
        j = self.models.farthest(self.z, self.active)
        look, bad = self._look(j), False
        if not _finite(look):
            self._go_back(j)
            return look[0]
        if self._doubted(j, look[0]):
            look, bad = self._compare(j, look)
        self._mend(j, self.z, look)
        if not bad:
            self.travelled += float(np.linalg.norm(self.z - self.before))
        self.share = self.share / 2 if bad else self.share + (1 - self.share) / self.n
        self._grow(bad)
        self._move()
        return look[0]

    def _look(self, j: int) -> Look:
        self.looks += 1
        value, gradient = self.f(self.theta, j)
        return float(value), self._checked(gradient, j)

    def _checked(self, gradient: ArrayLike, j: int) -> Array:
        g = floating(f"the gradient of subfunction {j}", gradient)
        if g.shape != self.theta0.shape:
            raise ValueError(
                f"the gradient of subfunction {j} must have theta's shape {self.theta0.shape}, "
                f"got {g.shape}"
            )
        return g.astype(self.theta0.dtype)  # a copy: f may use its array again

    def _go_back(self, j: int) -> None:
        """Take half of the last step back, for the next look."""
        if not self.steps:
            raise FloatingPointError(f"subfunction {j} is not finite at the start")
        self.bad += 1
        self.share /= 2
        self.z = (self.z + self.before) / 2

    def _doubted(self, j: int, value: float) -> bool:
        """Whether a value asks for a look at where the last step began."""
        seen = self.models.seen
        if not seen[j]:
            others = self.models.value[seen]
            return bool(others.size and value > others.mean() + STRAY * others.std())
        last, model = self.models.value[j], self.models.predict(j, self.z)
        of_others = self.promised - (last - model)
        return bool(value > last and value - model - ROUNDING * abs(value) > of_others)

    def _compare(self, j: int, here: Look) -> tuple[Look, bool]:
        """Look at j where the last step began: learn the higher look, stay at the lower.

        Returns
        -------
        (value, gradient), bool
            The lower look, and whether the step is taken back for it.
        """
        self.z, self.before = self.before, self.z
        there = self._look(j)
        if _finite(there) and there[0] < here[0]:
            self.bad += 1
            self._mend(j, self.before, here)
            return there, True
        self.z, self.before = self.before, self.z
        if _finite(there):
            self._mend(j, self.before, there)
        return here, False

    def _mend(self, j: int, z: Array, look: Look) -> None:
        """Take the gradient into the subspace and put what was seen at z into model j."""
        value, gradient = look
        had = self.space.size
        coordinates = self.space.add(gradient)
        if self.space.size > had:
            self.models.widen(had)
        g = np.zeros_like(z)
        g[: len(coordinates)] = coordinates
        first = max(float(np.linalg.norm(coordinates)), np.finfo(float).tiny) / self.first_step
        self.models.learn(j, z, value, g, size=self.space.size, first=first)

    def _collapse(self) -> None:
        """Keep the span of the last gradients and positions, and of the last step."""
        models, size = self.models, self.space.size
        seen = models.seen
        needed = np.vstack([models.gradient[seen], models.position[seen], self.z, self.before])
        turn = self.space.collapse(needed[:, :size].T)
        q = np.zeros((len(self.z), len(self.z)))
        q[:size, : turn.shape[1]] = turn
        models.turn(q)
        self.z, self.before = self.z @ q, self.before @ q

    def _grow(self, bad: bool) -> None:
        """Let another subfunction take part when those that do have little more to say."""
        self.since_growth += 1
        if self.active == self.n or not self.models.seen[: self.active].all():
            return
        if (
            bad
            or self.since_growth > self.active
            or not self.models.agree(self.active, self.space.size)
        ):
            self.active, self.since_growth = self.active + 1, 0

    def _move(self) -> None:
        """Step toward the lowest point of the models' sum, as far as is allowed."""
        if self.space.scarce:
            self._collapse()
        size = self.space.size
        step, fall = self.models.minimum(self.z, size)
        length, share = float(np.linalg.norm(step)), self.share
        if self.steps >= self.n and self.travelled and length:
            share = min(share, REACH * self.travelled / (self.steps * length))
        self.before = self.z.copy()
        self.z[:size] += share * step
        self.promised = share * (2 - share) * fall  # of a parabola, at that share of the way
        self.steps += 1

    def arrays(self) -> dict[str, Any]:
        """Return all that the next steps depend on, as arrays by name.

        They are the optimizer's own, which the next step changes: write or copy them before it.
        """
        kept = {f"models.{name}": array for name, array in vars(self.models).items()}
        numbers = [self.promised, self.share, self.travelled, self.active, self.since_growth,
                   self.looks, self.passes, self.steps, self.bad]  # fmt: skip
        return {
            **kept,
            "basis": self.space.basis[: self.space.size],
            "z": self.z,
            "before": self.before,
            "numbers": np.array(numbers, np.float64),
        }

    def restore(self, arrays: dict[str, Any]) -> None:
        """Go back to where `arrays` was taken; the steps that follow are the same to the bit."""
        for name in vars(self.models):
            setattr(self.models, name, np.array(arrays[f"models.{name}"]))
        self.space.size = len(arrays["basis"])
        self.space.basis[: self.space.size] = arrays["basis"]
        self.space.basis[self.space.size :] = 0
        self.z, self.before = np.array(arrays["z"]), np.array(arrays["before"])
        self.promised, self.share, self.travelled, *counts = arrays["numbers"].tolist()
        self.active, self.since_growth, self.looks, self.passes, self.steps, self.bad = (
            int(count) for count in counts
        )


def _finite(look: Look) -> bool:
    return bool(np.isfinite(look[0]) and np.isfinite(look[1]).all())
