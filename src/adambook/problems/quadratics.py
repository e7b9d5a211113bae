r"""Quadratics: conditioned, rotated, with a centre that drifts, with noise on the gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.arguments import checked
from adambook.problems.problem import Array, Problem, coordinates


@checked
def quadratic(hessian: ArrayLike, minimum: ArrayLike | None = None) -> Problem:
    r"""Return $f(\theta) = \frac12(\theta-c)^TH(\theta-c)$, gradient $H(\theta-c)$.

    Parameters
    ----------
    hessian : array, shape (d, d)
        H, symmetric with positive eigenvalues.
    minimum : array, shape (d,), optional
        c; the origin if left out.

    Raises
    ------
    ValueError
        If H is not finite, symmetric and positive definite, or c is not finite or has another
        length.

    >>> problem = quadratic([[2.0, 0.0], [0.0, 4.0]])
    >>> float(problem.value([1.0, 1.0])), problem.gradient([1.0, 1.0])
    (3.0, array([2., 4.]))
    """
    H = np.array(hessian, dtype=np.float64)
    if H.ndim != 2 or not 0 < H.shape[0] == H.shape[1] or not np.isfinite(H).all():
        raise ValueError(f"hessian must be a matrix of finite numbers, got shape {H.shape}")
    if not np.allclose(H, H.T, atol=1e-8 * np.abs(H).max()):
        raise ValueError(f"hessian must be a symmetric matrix, got shape {H.shape}")
    smallest = float(np.linalg.eigvalsh(H)[0])
    if not smallest > 0:
        raise ValueError(f"hessian must have positive eigenvalues, got {smallest:g}")
    d = len(H)
    c = np.zeros(d) if minimum is None else np.array(minimum, dtype=np.float64)
    if c.shape != (d,):
        raise ValueError(f"minimum must have shape ({d},), got {c.shape}")
    if not np.isfinite(c).all():
        raise ValueError(f"minimum must hold {d} finite numbers, got {c}")

    def value(theta: ArrayLike) -> Array:
        offset = coordinates(theta, d) - c
        return np.asarray(np.einsum("...i,ij,...j->...", offset, H, offset) / 2)

    def gradient(theta: ArrayLike) -> Array:
        return np.asarray((coordinates(theta, d) - c) @ H)

    bounds = tuple((float(x) - 2, float(x) + 2) for x in c)
    return Problem("quadratic", value, gradient, c.copy(), c + 1.5, bounds)


@checked
def conditioned_quadratic(condition: float, angle: float = 0.0) -> Problem:
    r"""Return a quadratic in the plane with curvatures 1 and κ, its axes turned by an angle.

    $H = R\,\mathrm{diag}(1, \kappa)\,R^T$, R the rotation by `angle`. At angle 0 each coordinate
    has a curvature of its own, which Adam's scaling by coordinate undoes; at π/4 it cannot.

    Parameters
    ----------
    condition : float
        κ ≥ 1, the condition number; at most 1e15 at an angle, where rounding loses the 1 beside it.
    angle : float
        In radians, finite.

    Raises
    ------
    ValueError
        If the condition number or the angle is out of its range.

    >>> conditioned_quadratic(100.0).gradient([1.0, 1.0])
    array([  1., 100.])
    """
    if not 1 <= condition < math.inf:
        raise ValueError(f"condition must lie in [1, ∞), got {condition!r}")
    if angle and condition > 1e15:
        raise ValueError(f"condition must be at most 1e15 at an angle, got {condition!r}")
    if not math.isfinite(angle):
        raise ValueError(f"angle must be finite, got {angle!r}")
    turn = np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=np.float64
    )
    H = turn @ np.diag([1.0, condition]) @ turn.T
    return quadratic((H + H.T) / 2)


@checked
@dataclass(frozen=True)
class DriftingQuadratic:
    r"""$f_t(\theta) = \frac12 h\,\|\theta-c_t\|^2$: a minimum that moves, $c_t$ = `centre(t)`.

    Attributes
    ----------
    curvature : float
        h > 0.
    centre : callable
        t → array, where the minimum is at step t = 1, 2, ….

    >>> import numpy as np
    >>> from adambook import SGD, minimize
    >>> problem = DriftingQuadratic(2.0, lambda t: np.array([0.1 * t]))
    >>> minimize(SGD(alpha=0.5), problem.gradients(), np.array([0.0]), steps=3)[:, 0].round(4)
    array([0. , 0.1, 0.2, 0.3])
    """

    curvature: float
    centre: Callable[[int], Array]

    def __post_init__(self) -> None:
        if not 0 < self.curvature < math.inf:
            raise ValueError(f"curvature must lie in (0, ∞), got {self.curvature!r}")

    def value(self, t: int, theta: ArrayLike) -> Array:
        """Return f_t at θ of shape (..., d), one number for each."""
        return np.asarray(
            self.curvature / 2 * np.sum((np.asarray(theta) - self.centre(t)) ** 2, axis=-1)
        )

    def gradient(self, t: int, theta: ArrayLike) -> Array:
        """Return the gradient of f_t at θ."""
        return np.asarray(self.curvature * (np.asarray(theta) - self.centre(t)))

    def gradients(self) -> Iterator[Callable[[ArrayLike], Array]]:
        """Yield the gradients of f_1, f_2, … without end, as `minimize` takes them."""
        t = 0
        while True:
            t += 1
            yield partial(self.gradient, t)


@checked
def noisy_gradients(
    gradient: Callable[[NDArray[np.float64]], ArrayLike], sigma: float, rng: np.random.Generator
) -> Iterator[Callable[[NDArray[np.float64]], Array]]:
    r"""Yield the gradient with fresh Gaussian noise of standard deviation σ on every entry.

    Works for any problem; each step's noise is drawn when its gradient is asked for.

    Parameters
    ----------
    gradient : callable
        θ → gradient.
    sigma : float
        σ ≥ 0, in the unit of the gradient.
    rng : numpy.random.Generator
        Where the noise comes from.

    Raises
    ------
    ValueError
        If sigma is negative or not finite, when the first gradient is asked for.

    >>> import numpy as np
    >>> stream = noisy_gradients(lambda theta: 2 * theta, 0.0, np.random.default_rng(0))
    >>> next(stream)(np.array([1.0]))
    array([2.])
    """
    if not 0 <= sigma < math.inf:
        raise ValueError(f"sigma must lie in [0, ∞), got {sigma!r}")

    def noisy(theta: NDArray[np.float64]) -> Array:
        g = np.asarray(gradient(theta))
        return np.asarray(g + sigma * rng.standard_normal(g.shape))

    while True:
        yield noisy
