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
gradient.

At first two subfunctions are active. One more joins when the mean gradient of the active ones no
longer stands out of its scatter, or when all have been gone through without that.

The paper says that bad steps must be detected by comparing what is seen with what the model said,
and leaves the how to its appendix. The readings here are our own:

- a look is bad if $N_{\mathrm{active}}$ times what it lies above its model is more than `SHARE` of
  all the falls of G promised since that subfunction's last look;
- after a bad look the longest step allowed is halved, after another it grows by √2; no step
  is longer than `REACH` times the mean of the steps so far;
- a value that is not finite is forgotten, and half of the step that led to it is tried;
- the first curvature is such that the first step has the length `first_step`.
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
Subfunctions = Callable[[Array, int], tuple[float, Array]]

SHARE = 0.5
"""How much of the promised fall a look may lie above its model."""

REACH = 3.0
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
        How many subfunctions. The authors advise √(examples)/10 of them.
    history : int
        Looks kept for the curvature of each; 10 in the authors' program.
    first_step : float
        The length of the first step.

    Attributes
    ----------
    theta : array, shape (M,)
        The parameters to be looked at next.
    active : int
        How many subfunctions take part so far.
    bad : int
        How many looks were bad.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range, or f returns a gradient that is none.
    FloatingPointError
        If the first look is not finite.

    Source: Sohl-Dickstein, Poole and Ganguli (2014), section 2.

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
        self, f: Subfunctions, theta0: ArrayLike, n: int, *, history: int = 10,
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
        self.promised, self.promised_before = 0.0, np.zeros(n)
        self.active, self.since_growth = min(2, n), 0
        self.longest, self.travelled, self.moves, self.bad = np.inf, 0.0, 0, 0

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
        """Look n times; return the n values seen, shape (n,)."""
        return np.array([self.step() for _ in range(self.n)])

    def step(self) -> float:
        """Look at one subfunction, mend its model, move; return the value seen."""
        j = self.models.farthest(self.z, self.active)
        value, gradient = self.f(self.theta, j)
        gradient = self._checked(gradient, j)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            self._go_back(j)
            return float(value)
        bad = self._is_bad(j, float(value))
        self._mend(j, float(value), gradient)
        self._bound(bad)
        if not bad:
            self._grow()
        self._move()
        return float(value)

    def _checked(self, gradient: ArrayLike, j: int) -> Array:
        g = floating(f"the gradient of subfunction {j}", gradient)
        if g.shape != self.theta0.shape:
            raise ValueError(
                f"the gradient of subfunction {j} must have theta's shape {self.theta0.shape}, "
                f"got {g.shape}"
            )
        return g.astype(self.theta0.dtype, copy=False)

    def _go_back(self, j: int) -> None:
        """Take half of the last step back, for the next look."""
        if not self.moves:
            raise FloatingPointError(f"subfunction {j} is not finite at the start")
        self.bad += 1
        self.longest = float(np.linalg.norm(self.z - self.before)) / 2
        self.z = (self.z + self.before) / 2

    def _is_bad(self, j: int, value: float) -> bool:
        """Whether the value seen lies farther above the model than the promised fall allows."""
        if not self.models.seen[j]:
            return False
        above = value - self.models.predict(j, self.z) - ROUNDING * abs(value)
        return bool(self.active * above > SHARE * (self.promised - self.promised_before[j]))

    def _mend(self, j: int, value: float, gradient: Array) -> None:
        """Take the gradient into the subspace and put what was seen into model j."""
        if self.space.full:
            self._collapse()
        had = self.space.size
        coordinates = self.space.add(gradient)
        if self.space.size > had:
            self.models.widen(had)
        g = np.zeros_like(self.z)
        g[: len(coordinates)] = coordinates
        first = max(float(np.linalg.norm(coordinates)), np.finfo(float).tiny) / self.first_step
        self.models.learn(j, self.z, value, g, size=self.space.size, first=first)
        self.promised_before[j] = self.promised

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

    def _bound(self, bad: bool) -> None:
        """Halve the longest step allowed after a bad look; let it grow after another."""
        last = float(np.linalg.norm(self.z - self.before))
        self.bad += bad
        self.longest = min(self.longest, last) / 2 if bad else self.longest * np.sqrt(2)

    def _grow(self) -> None:
        """Let another subfunction take part when those that do have little more to say."""
        self.since_growth += 1
        if self.active == self.n or not self.models.seen[: self.active].all():
            return
        agree = self.models.agree(self.active, self.space.size)
        if not agree or self.since_growth > self.active:
            self.active, self.since_growth = self.active + 1, 0

    def _move(self) -> None:
        """Step toward the lowest point of the models' sum, as far as is allowed."""
        size = self.space.size
        step, fall = self.models.minimum(self.z, size)
        length = float(np.linalg.norm(step))
        mean = self.travelled / self.moves if self.moves else np.inf
        share = min(1.0, min(self.longest, REACH * mean) / length) if length else 1.0
        self.before = self.z.copy()
        self.z[:size] += share * step
        self.promised += share * (2 - share) * fall  # of a parabola, at that share of the way
        self.longest = min(self.longest, 4 * length)
        self.travelled, self.moves = self.travelled + share * length, self.moves + 1

    def arrays(self) -> dict[str, Any]:
        """Return all that the next steps depend on, as arrays by name."""
        kept = {f"models.{name}": array for name, array in vars(self.models).items()}
        numbers = [self.promised, self.active, self.since_growth, self.longest, self.travelled,
                   self.moves, self.bad]  # fmt: skip
        return {
            **kept,
            "basis": self.space.basis[: self.space.size],
            "z": self.z,
            "before": self.before,
            "promised_before": self.promised_before,
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
        self.promised_before = np.array(arrays["promised_before"])
        promised, active, since, longest, travelled, moves, bad = arrays["numbers"].tolist()
        self.promised, self.longest, self.travelled = promised, longest, travelled
        self.active, self.since_growth = int(active), int(since)
        self.moves, self.bad = int(moves), int(bad)
