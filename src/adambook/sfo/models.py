"""A quadratic model of each subfunction, in the coordinates of the shared subspace."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked
from adambook.sfo.hessian import estimate

Array = NDArray[Any]


@checked
class Models:
    r"""The models $g_i(z) = f_i + f_i'^\top(z - z_i) + \frac12 (z - z_i)^\top H_i (z - z_i)$.

    $z_i$ is where subfunction i was looked at last, $f_i$ and $f_i'$ what was seen there, and
    $H_i$ is estimated from its last looks. All are coordinates in the subspace; the arrays have
    room for its largest size, and zeros where it has not grown yet.

    Parameters
    ----------
    n : int
        How many subfunctions there are.
    size : int
        The most directions the subspace can have.
    history : int
        How many pairs of a step and a change of the gradient are kept for each.

    Attributes
    ----------
    seen : array of bool, shape (n,)
        Which subfunctions have been looked at.
    value, position, gradient : arrays, shape (n,), (n, size), (n, size)
        $f_i$, $z_i$ and $f_i'$.
    hessian : array, shape (n, size, size)
    across : array, shape (n,)
        The curvature each has in directions that are new to it.

    Source: Sohl-Dickstein, Poole and Ganguli (2014), section 2.

    >>> models = Models(n=1, size=1, history=10)
    >>> for z in (3.0, 1.0):
    ...     models.learn(0, np.array([z]), z**2, np.array([2 * z]), size=1, first=4.0)
    >>> models.predict(0, np.array([5.0])), models.minimum(np.ones(1), size=1)[0]
    (25.0, array([-1.]))
    """

    def __init__(self, n: int, size: int, history: int) -> None:
        self.seen = np.zeros(n, bool)
        self.value = np.zeros(n)
        self.position = np.zeros((n, size))
        self.gradient = np.zeros((n, size))
        self.steps = np.zeros((n, history, size))
        self.changes = np.zeros((n, history, size))
        self.pairs = np.zeros(n, int)
        self.hessian = np.zeros((n, size, size))
        self.across = np.zeros(n)

    def predict(self, j: int, z: Array) -> float:
        """Return the model's value $g_j(z)$."""
        d = z - self.position[j]
        return float(self.value[j] + self.gradient[j] @ d + d @ self.hessian[j] @ d / 2)

    def learn(
        self, j: int, z: Array, value: float, gradient: Array, *, size: int, first: float
    ) -> None:
        """Put in what was seen of subfunction j at z, and estimate its curvature anew.

        A subfunction seen for the first time is given the mean curvature of those that have
        pairs, or, if none has, the curvature `first` in all directions.

        Parameters
        ----------
        j : int
        z, gradient : arrays, shape (the most directions,)
        value : float
        size : int
            The directions that the subspace has now.
        first : float
        """
        if self.seen[j]:
            self._add_pair(j, z - self.position[j], gradient - self.gradient[j])
        self.value[j], self.position[j], self.gradient[j] = value, z, gradient
        if self.pairs[j]:
            self._estimate(j, size)
        elif not self.seen[j]:
            self._borrow(j, size, first)
        self.seen[j] = True

    def _add_pair(self, j: int, step: Array, change: Array) -> None:
        """Put a pair at the end of j's history; one without a step or a change tells nothing."""
        if np.any(step) and np.any(change):
            for kept, new in ((self.steps[j], step), (self.changes[j], change)):
                kept[:-1] = kept[1:]
                kept[-1] = new
            self.pairs[j] = min(self.pairs[j] + 1, len(self.steps[j]))

    def _estimate(self, j: int, size: int) -> None:
        s, y = (kept[j, -self.pairs[j] :, :size].T for kept in (self.steps, self.changes))
        left = np.any(s, axis=0) & np.any(y, axis=0)  # a collapse may have left nothing of one
        if left.any():
            self.hessian[j, :size, :size], self.across[j] = estimate(s[:, left], y[:, left])

    def _borrow(self, j: int, size: int, first: float) -> None:
        others = self.pairs > 0
        if others.any():
            self.hessian[j] = self.hessian[others].mean(axis=0)
            self.across[j] = self.across[others].mean()
        else:
            self.hessian[j, :size, :size] = first * np.eye(size)
            self.across[j] = first

    def widen(self, new: int) -> None:
        """Give every model its curvature in a direction that the subspace has just gained."""
        self.hessian[:, new, new] = self.across

    def turn(self, q: Array) -> None:
        r"""Change the coordinates: vectors to $Q^\top z$, curvatures to $Q^\top H Q$.

        Parameters
        ----------
        q : array, shape (the most directions, the most directions)
        """
        for name in ("position", "gradient", "steps", "changes"):
            setattr(self, name, getattr(self, name) @ q)
        self.hessian = q.T @ self.hessian @ q

    def curvature(self) -> Array:
        r"""Return $H = \sum_i H_i$ over the subfunctions seen, shape (most, most)."""
        return np.asarray(self.hessian[self.seen].sum(axis=0))

    def minimum(self, z: Array, size: int) -> tuple[Array, float]:
        r"""Return the step from z to the lowest point of $\sum_i g_i$, and how much that falls.

        The step d solves $H d = -\sum_i \bigl(f_i' + H_i (z - z_i)\bigr)$; the fall is
        $\frac12 d^\top H d$.

        Returns
        -------
        step : array, shape (size,)
        fall : float
        """
        seen = self.seen
        offsets = z[:size] - self.position[seen, :size]
        bent = np.einsum("ikl,il->k", self.hessian[seen, :size, :size], offsets)
        slope = self.gradient[seen, :size].sum(axis=0) + bent
        h = self.curvature()[:size, :size]
        step = -np.linalg.solve(h, slope)
        return step, float(step @ h @ step / 2)

    def farthest(self, z: Array, active: int) -> int:
        r"""Return which of the first `active` subfunctions to look at next.

        One never seen; else the one whose last look is farthest,
        $\arg\max_i (z - z_i)^\top H (z - z_i)$.
        """
        if not self.seen[:active].all():
            return int(np.argmin(self.seen[:active]))
        d = z - self.position[:active]
        return int(np.argmax(np.einsum("ik,kl,il->i", d, self.curvature(), d)))

    def agree(self, active: int, size: int) -> bool:
        r"""Return whether the mean gradient stands out of its own scatter over subfunctions.

        In the metric of the inverse curvature,
        $\bar f'^\top H^{-1} \bar f' \ge \frac{1}{n(n-1)}
        \sum_i (f_i' - \bar f')^\top H^{-1} (f_i' - \bar f')$, over the n active ones.
        """
        g = self.gradient[:active, :size]
        mean = g.mean(axis=0)
        both = np.vstack([mean, g - mean])
        solved = np.linalg.solve(self.curvature()[:size, :size], both.T).T
        squares = np.sum(both * solved, axis=1)
        return bool(squares[0] >= squares[1:].sum() / (active * (active - 1)))
