r"""Step sizes that change with the step: give one to a rule as its `alpha`.

A schedule is a callable from the number t of the update, 1 for the first, to the step size
$\alpha_t$ of that update. Each one here is a frozen, picklable value: two schedules with the same
fields are equal, and the representation of one is the call that makes it.

`alpha` may be an array wherever a float may stand: the schedule then returns an array, a whole
grid of step sizes that fall together.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from adambook.rules.ranges import Number, Range

STEP_SIZE = Range(0.0, math.inf)
FRACTION = Range(0.0, 1.0, closed=True)
NUMBERS = SimpleNamespace(
    sqrt=math.sqrt,
    cos=math.cos,
    pi=math.pi,
    minimum=min,
    where=lambda test, yes, no: yes if test else no,
    value=lambda alpha, t: alpha(t) if callable(alpha) else alpha,
)
"""What a schedule may call on numbers; `adambook.symbolic` has the same for symbols."""


class _Schedule:
    """What the schedules share: fields checked when set, and a step number checked when called."""

    def __call__(self, t: int) -> Number:
        try:
            step = operator.index(t)
        except TypeError:
            raise TypeError(f"t must be a whole number, got {t!r}") from None
        if step < 1:
            raise ValueError(f"t must be at least 1 (the first update), got {t!r}")
        return self._at(step, NUMBERS)  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        """Whether the other is of the same kind with the same fields, arrays entry by entry."""
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(mine, vars(other)[name]) for name, mine in vars(self).items())

    def __hash__(self) -> int:
        fields = (x.tobytes() if isinstance(x, np.ndarray) else x for x in vars(self).values())
        return hash((type(self), *fields))

    def _at(self, t: Any, xp: Any) -> Any:
        raise NotImplementedError

    def _check(self, valid: Range, *names: str) -> None:
        for name in names:
            object.__setattr__(self, name, valid.check(name, getattr(self, name)))

    def _check_count(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            try:
                count = operator.index(value)
            except TypeError:
                raise TypeError(f"{name} must be an integer, got {value!r}") from None
            if count < 1:
                raise ValueError(f"{name} must be at least 1, got {value!r}")
            object.__setattr__(self, name, count)


def _same(one: Any, other: Any) -> bool:
    arrays = isinstance(one, np.ndarray) or isinstance(other, np.ndarray)
    return np.array_equal(one, other) if arrays else bool(one == other)


def _half_cosine(x: Any, xp: Any) -> Any:
    """Return (1 + cos πx)/2, which falls from 1 at x = 0 to 0 at x = 1."""
    return (1 + xp.cos(xp.pi * x)) / 2


@dataclass(frozen=True, eq=False)
class constant(_Schedule):
    r"""The same step size at every update: $\alpha_t = \alpha$.

    Parameters
    ----------
    alpha : float or array, in [0, ∞)

    Raises
    ------
    TypeError, ValueError
        If alpha is no step size; when called, if t is no whole number ≥ 1.

    >>> from adambook.schedules import constant
    >>> constant(0.1)(7)
    0.1
    """

    alpha: Number

    def __post_init__(self) -> None:
        self._check(STEP_SIZE, "alpha")

    def _at(self, t: Any, xp: Any) -> Any:
        return self.alpha


@dataclass(frozen=True, eq=False)
class inverse_sqrt(_Schedule):
    r"""The decay that online learning asks for: $\alpha_t = \alpha/\sqrt{\lceil t/p\rceil}$.

    With $p = 1$, the default, this is $\alpha/\sqrt t$, the schedule of Theorem 4.1. With p the
    number of updates in an epoch it is constant within an epoch and falls from one to the next:
    the other reading of the paper's experiments.
    Source: Kingma and Ba (2015), Theorem 4.1 and section 6.1.

    Parameters
    ----------
    alpha : float or array, in [0, ∞)
        The step size of the first period.
    period : int, ≥ 1
        The number p of updates in a period.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as said; when called, if t is no whole number ≥ 1.

    >>> from adambook.schedules import inverse_sqrt
    >>> inverse_sqrt(0.1)(4), [inverse_sqrt(0.1, period=2)(t) for t in (1, 2, 7, 8)]
    (0.05, [0.1, 0.1, 0.05, 0.05])
    """

    alpha: Number
    period: int = 1

    def __post_init__(self) -> None:
        self._check(STEP_SIZE, "alpha")
        self._check_count("period")

    def _at(self, t: Any, xp: Any) -> Any:
        return self.alpha / xp.sqrt(-(-t // self.period))


@dataclass(frozen=True, eq=False)
class warmup(_Schedule):
    r"""A linear rise before anything else: $\min(1, t/\tau)\,\alpha_t$ over $\tau$ updates.

    The factor multiplies whatever schedule it is given and does not delay it: the schedule inside
    sees the same t. Source: Goyal et al. (2017), section 2.2; in this form Ma and Yarats (2021).

    Parameters
    ----------
    alpha : float or array in [0, ∞), or a schedule
        The step size, or the schedule, that is reached at t = τ.
    steps : int, ≥ 1
        The number τ of updates that the rise takes.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as said; when called, if t is no whole number ≥ 1.

    >>> from adambook.schedules import inverse_sqrt, warmup
    >>> [warmup(0.4, steps=4)(t) for t in (1, 2, 4, 9)]
    [0.1, 0.2, 0.4, 0.4]
    >>> warmup(inverse_sqrt(0.4), steps=8)(4)
    0.1
    """

    alpha: Number | Callable[[int], Number]
    steps: int

    def __post_init__(self) -> None:
        if not callable(self.alpha):
            self._check(STEP_SIZE, "alpha")
        self._check_count("steps")

    def _at(self, t: Any, xp: Any) -> Any:
        return xp.minimum(1.0, t / self.steps) * xp.value(self.alpha, t)


@dataclass(frozen=True, eq=False)
class cosine(_Schedule):
    r"""Half a cosine from α down to α': $\alpha_t = w_t\alpha + (1-w_t)\alpha'$.

    $w_t = \frac12\left(1 + \cos\frac{\pi(t-1)}{T}\right)$ for $t \le T$, and $w_t = 0$ after. The
    first update has α; after T updates the step size has come to α' and stays there.
    `torch.optim.lr_scheduler.CosineAnnealingLR` gives the same first T updates and then rises
    again. Source: Loshchilov and Hutter (2017), equation 5, without restarts.

    Parameters
    ----------
    alpha : float or array, in [0, ∞)
        The step size of the first update.
    steps : int, ≥ 1
        The number T of updates that the fall takes.
    final : float or array, in [0, ∞)
        The step size α' after it.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as said; when called, if t is no whole number ≥ 1.

    >>> from adambook.schedules import cosine
    >>> [round(cosine(0.2, steps=4, final=0.1)(t), 4) for t in (1, 3, 5, 6)]
    [0.2, 0.15, 0.1, 0.1]
    """

    alpha: Number
    steps: int
    final: Number = 0.0

    def __post_init__(self) -> None:
        self._check(STEP_SIZE, "alpha", "final")
        self._check_count("steps")

    def _at(self, t: Any, xp: Any) -> Any:
        w = _half_cosine(xp.minimum(1.0, (t - 1) / self.steps), xp)
        return w * self.alpha + (1 - w) * self.final


@dataclass(frozen=True, eq=False)
class step_decay(_Schedule):
    r"""A staircase: $\alpha_t = \alpha\,\gamma^{\lfloor (t-1)/p\rfloor}$.

    The step size is multiplied by γ after every p updates, as in
    `torch.optim.lr_scheduler.StepLR`.

    Parameters
    ----------
    alpha : float or array, in [0, ∞)
        The step size of the first p updates.
    factor : float, in [0, 1]
        The factor γ.
    period : int, ≥ 1
        The number p of updates on one stair.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as said; when called, if t is no whole number ≥ 1.

    >>> from adambook.schedules import step_decay
    >>> [step_decay(0.4, factor=0.5, period=2)(t) for t in (1, 2, 3, 5)]
    [0.4, 0.4, 0.2, 0.1]
    """

    alpha: Number
    factor: Number
    period: int

    def __post_init__(self) -> None:
        self._check(STEP_SIZE, "alpha")
        self._check(FRACTION, "factor")
        self._check_count("period")

    def _at(self, t: Any, xp: Any) -> Any:
        return self.alpha * self.factor ** ((t - 1) // self.period)


@dataclass(frozen=True, eq=False)
class one_cycle(_Schedule):
    r"""One rise and one fall, each half a cosine: from aα up to α at t = rT, down to bα at t = T.

    With $w(x) = \frac12(1+\cos\pi x)$: for $t \le rT$,
    $\alpha_t = \alpha\,(1 - (1-a)\,w(\frac{t-1}{rT-1}))$; for $rT < t \le T$,
    $\alpha_t = \alpha\,(b + (1-b)\,w(\frac{t-rT}{T-rT}))$; bα after. The values are those of
    `torch.optim.lr_scheduler.OneCycleLR`, whose defaults these are too; the published policy has
    straight lines. Source: Smith and Topin (2019).

    Parameters
    ----------
    alpha : float or array, in [0, ∞)
        The largest step size.
    steps : int
        The number T of updates in the cycle.
    rise : float, in [0, 1], with 1 < rT < T
        The share r of the cycle at whose end the step size is largest.
    first, last : float, in [0, 1]
        The fractions a and b of alpha at the first update and at update T.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as said; when called, if t is no whole number ≥ 1.

    >>> from adambook.schedules import one_cycle
    >>> [round(one_cycle(1.0, steps=10, first=0.2, last=0.0)(t), 4) for t in (1, 2, 3, 10)]
    [0.2, 0.6, 1.0, 0.0]
    """

    alpha: Number
    steps: int
    rise: float = 0.3
    first: float = 1 / 25
    last: float = 1 / 250_000

    def __post_init__(self) -> None:
        self._check(STEP_SIZE, "alpha")
        self._check_count("steps")
        self._check(FRACTION, "rise", "first", "last")
        if not 1 < self.rise * self.steps < self.steps:
            raise ValueError(
                f"rise * steps must lie in (1, {self.steps}), the number of steps, "
                f"got {self.rise!r} * {self.steps}"
            )

    def _at(self, t: Any, xp: Any) -> Any:
        peak = self.rise * self.steps
        rises = t <= peak
        fallen = xp.minimum(1.0, (t - peak) / (self.steps - peak))
        w = xp.where(rises, 1 - _half_cosine((t - 1) / (peak - 1), xp), _half_cosine(fallen, xp))
        return self.alpha * (w + (1 - w) * xp.where(rises, self.first, self.last))
