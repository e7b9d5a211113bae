"""What every rule shares: checked hyper-parameters, named state, and one pure update."""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adambook.rules import once
from adambook.rules.ranges import Number, Range, unmasked

Schedule = Callable[[int], Number]
StepSize = Number | Schedule


@dataclasses.dataclass(frozen=True)
class Rule:
    """An optimizer as a frozen set of hyper-parameters over one elementwise rule.

    A subclass declares its hyper-parameters as fields, names its state in `state_names`, and
    gives two functions, each in terms of one coordinate:

    `arithmetic(xp)`
        returns `step(c, g, theta, *state) -> (delta, *state)`, written with the operators and
        `xp.sqrt`, `xp.abs`, `xp.maximum`, `xp.minimum` alone. NumPy, PyTorch, Numba and SymPy
        run this text.
    `scalars(self, t, xp)`
        returns what depends on the hyper-parameters and on t alone, by name: the fields of `c`.
        It is computed once a step, in float64; `xp` has
        `sqrt`, `maximum`, `where` and `product` (see `adambook.rules.once`).

    `alpha` is a float, an array, or a schedule: a callable from t = 1, 2, … to a float. An array
    must broadcast against the parameters, so one update moves a whole grid of step sizes.

    Rules compare by their numbers; one that holds an array cannot be compared or hashed.

    A rule of your own is a few lines, and all engines run it:

    >>> from adambook.rules.ranges import step_size
    >>> def cubic(xp):
    ...     def step(c, g, theta):
    ...         delta = -c.alpha * g**3
    ...         return (delta,)
    ...
    ...     return step
    >>> @dataclasses.dataclass(frozen=True)
    ... class Cubic(Rule):
    ...     alpha: StepSize = step_size(0.1)
    ...     arithmetic = staticmethod(cubic)
    ...
    ...     def scalars(self, t, xp):
    ...         return {"alpha": self.alpha}
    >>> delta, _ = Cubic().update(np.array([2.0]), Cubic().init(np.zeros(1)), np.zeros(1))
    >>> delta.round(12)
    array([-0.8])
    """

    state_names: ClassVar[tuple[str, ...]] = ()
    State: ClassVar[type[Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        state = namedtuple(f"{cls.__name__}State", ("t", *cls.state_names))  # type: ignore[misc]
        state.__module__, state.__qualname__ = cls.__module__, f"{cls.__qualname__}.State"
        state.__doc__ = f"The state of {cls.__name__}: the step count t and one array a name."
        cls.State = state

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (field.name == "alpha" and callable(value)):
                checked = field.metadata["range"].check(field.name, value)
                object.__setattr__(self, field.name, checked)

    @property
    def name(self) -> str:
        """The rule's name, as it is imported."""
        return type(self).__name__

    @staticmethod
    def arithmetic(xp: Any) -> Callable[..., tuple[Any, ...]]:
        """Return the rule for one coordinate, over the array library `xp`."""
        raise NotImplementedError

    def scalars(self, t: Any, xp: Any) -> dict[str, Any]:
        """Return what step t needs beside the gradient and the state, by name."""
        raise NotImplementedError

    def constants(self, t: int | NDArray[np.integer]) -> Any:
        """Return the scalars of step t as a named tuple of Python floats (or float64 arrays).

        A column of steps, shape (steps, 1), gives arrays of as many rows where alpha is no
        schedule.

        Raises
        ------
        TypeError, ValueError
            If a schedule's value at t is no step size.

        >>> from adambook import Adam
        >>> round(Adam(beta1=0.9).constants(2).correction1, 12)
        0.19
        """
        return self._scalars_of(self._values(t), t)

    def _values(self, t: Any) -> dict[str, Number]:
        """Return the hyper-parameters at step t: a schedule's value is checked like a number."""
        values: dict[str, Number] = {}
        for field in dataclasses.fields(self):
            value: StepSize = getattr(self, field.name)
            if callable(value):
                limits: Range = field.metadata["range"]
                value = limits.check(f"{field.name} at step {t}", value(t))
            values[field.name] = value
        return values

    def _scalars_of(self, values: dict[str, Number], t: Any) -> Any:
        exact = SimpleNamespace(**{name: np.asarray(value) for name, value in values.items()})
        with np.errstate(all="ignore"):
            scalars = type(self).scalars(exact, t, once)  # type: ignore[arg-type]
        plain = (float(x) if np.ndim(x) == 0 else x for x in scalars.values())
        return _scalars(*scalars)._make(plain)

    def init(self, theta: ArrayLike) -> Any:
        """Return the state before the first step: t = 0 and zeros of theta's shape and dtype.

        Raises
        ------
        TypeError
            If theta does not hold real floating-point numbers.

        >>> from adambook import Adam
        >>> Adam().init(np.array([1.0, 2.0]))
        AdamState(t=0, m=array([0., 0.]), v=array([0., 0.]))
        """
        theta = floating("theta", theta)
        return self.State(0, *(np.zeros_like(theta) for _ in self.state_names))

    def update(
        self, g: ArrayLike, state: Any, theta: ArrayLike, *, check_finite: bool = False
    ) -> tuple[NDArray[Any], Any]:
        """Return (delta, new state): theta + delta is the next iterate. Nothing given is changed.

        Parameters
        ----------
        g : array, the shape of theta
            The gradient at theta. It is read in theta's dtype.
        state
            What `init` or the last `update` returned.
        theta : array of floats
            The parameters, of any shape.
        check_finite : bool
            Refuse a gradient that holds NaN or an infinity.

        Raises
        ------
        TypeError
            If g or theta is not floating-point or has masked entries, or the state is another
            rule's or dtype's.
        ValueError
            If the shapes of g, theta and the state differ, or an array among the
            hyper-parameters does not broadcast to theta's shape.
        FloatingPointError
            If `check_finite` is set and g is not finite.

        >>> from adambook import Momentum
        >>> rule, theta = Momentum(alpha=0.1, mu=0.5), np.array([1.0])
        >>> delta, state = rule.update(np.array([2.0]), rule.init(theta), theta)
        >>> delta.round(12), state
        (array([-0.2]), MomentumState(t=1, m=array([2.])))
        """
        theta, g = floating("theta", theta), floating("g", g)
        if not isinstance(state, self.State):
            raise TypeError(
                f"state must be what {self.name}.init returned, got {type(state).__name__}"
            )
        for name, array in {"g": g, **state._asdict()}.items():
            if name != "t" and np.shape(array) != theta.shape:
                raise ValueError(
                    f"{name} must have theta's shape {theta.shape}, got {np.shape(array)}"
                )
            if name not in ("t", "g") and array.dtype != theta.dtype:
                raise TypeError(f"{name} must have theta's dtype {theta.dtype}, got {array.dtype}")
        t = state.t + 1
        if check_finite and not np.all(np.isfinite(g)):
            raise FloatingPointError(f"the gradient of theta is not finite at step {t}")
        values = self._values(t)
        check_broadcast(values, theta.shape)
        c = in_dtype(self._scalars_of(values, t), theta.dtype)
        delta, *arrays = self.arithmetic(np)(
            c, g.astype(theta.dtype, copy=False), theta, *state[1:]
        )
        return np.asarray(delta), self.State(t, *map(np.asarray, arrays))


@cache
def _scalars(*names: str) -> Any:
    """Return the named tuple class of a rule's scalars."""
    return namedtuple("Scalars", names)


def check_broadcast(values: dict[str, Number], shape: tuple[int, ...]) -> None:
    """Refuse an array among the hyper-parameters that does not broadcast to theta's shape."""
    for name, value in values.items():
        own = np.shape(value)
        pairs = zip(reversed(own), reversed(shape), strict=False)
        if len(own) > len(shape) or any(k not in (1, n) for k, n in pairs):
            raise ValueError(f"{name} must broadcast to theta's shape {shape}, got shape {own}")


def checked_rule(rule: object) -> Rule:
    """Return `rule` if it is one, or say what was given instead."""
    if not isinstance(rule, Rule):
        raise TypeError(f"rule must be a rule such as adambook.Adam(), got {rule!r}")
    return rule


def refuse_arrays(values: Mapping[str, object]) -> None:
    """Refuse an array among hyper-parameters, where an engine takes numbers and schedules."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            raise ValueError(f"{name} must be one number or a schedule, got an array")


def one_number_each(rule: Rule, t: int) -> Any:
    """Return the constants of step t; refuse a schedule whose value there is an array."""
    constants = rule.constants(t)
    if any(isinstance(value, np.ndarray) for value in constants):
        raise ValueError(f"alpha at step {t} must be one number, got an array")
    return constants


def floating(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return `value` as an array of real floating-point numbers, or say what it is instead.

    Numbers in the other byte order are copied into this machine's: so is what is computed of them.
    """
    array = unmasked(name, value)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must hold real floating-point numbers, got dtype {array.dtype}")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def in_dtype(constants: Any, dtype: Any) -> Any:
    """Cast the arrays among the constants; Python floats already follow the arrays' dtype."""
    return type(constants)(
        *(v.astype(dtype) if isinstance(v, np.ndarray) else v for v in constants)
    )
