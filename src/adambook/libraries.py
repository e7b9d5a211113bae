"""Which rule of this book, with which numbers, is the optimizer of which library."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules import (
    Adam,
    AdaMax,
    AdaMaxOutside,
    AdamReordered,
    AdamW,
    AMSGrad,
    AMSGradCorrected,
    NAdam,
    RAdam,
    Rule,
)


class Equivalent(NamedTuple):
    """An optimizer of a library, and the rule of this book that takes the same steps.

    Attributes
    ----------
    library, optimizer : str
        "PyTorch", "Optax" or "Keras", and the name there.
    options : dict
        What is not left at the library's default, by the library's own names.
    ours : callable
        t → the rule of step t, at the library's defaults. Where the library's ε stands next to an
        uncorrected root, ours changes with t.
    remark : str
        Where the form differs from the rule of the same name elsewhere.
    """

    library: str
    optimizer: str
    options: dict[str, Any]
    ours: Callable[[int], Rule]
    remark: str


def always(rule: Rule) -> Callable[[int], Rule]:
    """Return a function of t that is the same rule at every step.

    >>> always(Adam())(7)
    Adam(alpha=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)
    """
    return lambda t: rule


def with_epsilon_hat(
    rule: Callable[..., Rule], epsilon_hat: float, **numbers: float
) -> Callable[[int], Rule]:
    r"""Return t → the rule with $\epsilon_t = \hat\epsilon/\sqrt{1-\beta_2^t}$.

    An ε̂ next to $\sqrt{v_t}$ is this $\epsilon_t$ next to $\sqrt{\hat v_t}$.

    >>> round(with_epsilon_hat(Adam, 1e-7, beta2=0.96)(1).epsilon * 1e7, 6)
    5.0
    """
    beta2 = numbers.get("beta2", 0.999)
    return lambda t: rule(epsilon=epsilon_hat / math.sqrt(1 - beta2**t), **numbers)


EQUIVALENTS: tuple[Equivalent, ...] = (
    Equivalent("PyTorch", "Adam", {}, always(Adam()), "as Algorithm 1"),
    Equivalent("Optax", "adam", {}, always(Adam(1e-3)), "as Algorithm 1"),
    Equivalent("Keras", "Adam", {}, always(AdamReordered(epsilon=1e-7)), "ε̂ beside √v"),
    Equivalent(
        "PyTorch", "Adam", {"amsgrad": True}, always(AMSGrad()), "maximum of v, then corrected"
    ),
    Equivalent("Optax", "amsgrad", {}, always(AMSGradCorrected()), "maximum of corrected v"),
    Equivalent(
        "Keras",
        "Adam",
        {"amsgrad": True},
        with_epsilon_hat(AMSGrad, 1e-7),
        "maximum of v, ε̂ beside its root",
    ),
    Equivalent("PyTorch", "AdamW", {}, always(AdamW()), "λ = 0.01"),
    Equivalent("Optax", "adamw", {}, always(AdamW(weight_decay=1e-4)), "λ = 0.0001"),
    Equivalent(
        "Keras",
        "AdamW",
        {},
        with_epsilon_hat(AdamW, 1e-7, weight_decay=4e-3),
        "λ = 0.004, ε̂ beside √v",
    ),
    Equivalent("PyTorch", "NAdam", {}, always(NAdam(2e-3)), "schedule with ψ = 0.004"),
    Equivalent("Optax", "nadam", {}, always(NAdam(psi=math.inf)), "no schedule"),
    Equivalent("Keras", "Nadam", {}, always(NAdam(psi=1.0, epsilon=1e-7)), "schedule with ψ = 1"),
    Equivalent("PyTorch", "Adamax", {}, always(AdaMax()), "ε inside the maximum"),
    Equivalent("Optax", "adamax", {}, always(AdaMax(1e-3)), "ε inside the maximum"),
    Equivalent(
        "Keras", "Adamax", {}, always(AdaMaxOutside(1e-3, epsilon=1e-7)), "ε on the denominator"
    ),
    Equivalent("PyTorch", "RAdam", {}, always(RAdam()), "adaptive where ρ > 5, ε beside √v"),
)
"""What tests compare: PyTorch always, Optax and Keras where they are installed."""


def equivalent_path(
    ours: Callable[[int], Rule], gradients: ArrayLike, theta0: ArrayLike
) -> NDArray[np.float64]:
    """Follow the rule of each step along given gradients.

    Parameters
    ----------
    ours : callable
        t → rule, as in `Equivalent`; all of one class.
    gradients : array, shape (T, n)
    theta0 : array, shape (n,)

    Returns
    -------
    ndarray, shape (T + 1, n)

    >>> path = equivalent_path(always(Adam(0.25, epsilon=0.0)), np.ones((2, 1)), np.array([1.0]))
    >>> path[:, 0].round(12)
    array([1.  , 0.75, 0.5 ])
    """
    theta = np.asarray(theta0, dtype=np.float64)
    path, state = [theta], ours(1).init(theta)
    rows: Iterable[NDArray[np.float64]] = np.asarray(gradients, dtype=np.float64)
    for t, g in enumerate(rows, 1):
        delta, state = ours(t).update(g, state, theta)
        theta = theta + delta
        path.append(theta)
    return np.array(path)
