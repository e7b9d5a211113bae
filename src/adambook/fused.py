"""Rules bound to NumPy arrays of parameters, stepped in place by one compiled pass."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked
from adambook.one_pass import Pass, ScalarTable
from adambook.rules.ranges import unmasked
from adambook.rules.rule import Rule, checked_rule


@checked
class FusedStack:
    """Rules of one class, each bound to a row of a stack of parameters, stepped in place.

    A whole grid of step sizes, schedules and other hyper-parameters moves in one compiled call.

    Parameters
    ----------
    rules : sequence of Rule, all of one class
        The optimizer of each row; their hyper-parameters are numbers or schedules, not arrays.
    theta : ndarray, shape (len(rules), n), float32 or float64, C-contiguous and writeable
        The parameters. They are changed by `step`.
    check_finite : bool
        Refuse a gradient that holds NaN or an infinity.

    Attributes
    ----------
    t : int
        Steps done.
    state : dict of ndarray
        The rules' state by name, each of theta's shape and dtype.

    Raises
    ------
    TypeError, ValueError
        If theta is none of this, the rules differ in class or in number from theta's rows, or a
        hyper-parameter is an array.

    >>> import numpy as np
    >>> from adambook import SGD
    >>> theta = np.zeros((2, 3))
    >>> FusedStack([SGD(alpha=0.1), SGD(alpha=0.2)], theta).step(np.ones((2, 3)))
    >>> theta
    array([[-0.1, -0.1, -0.1],
           [-0.2, -0.2, -0.2]])
    """

    dimensions = 2
    bfloat16 = False

    def __init__(
        self, rules: Sequence[Rule], theta: NDArray[Any], *, check_finite: bool = False
    ) -> None:
        self.rules = tuple(checked_rule(rule) for rule in rules)
        self._check_theta(theta)
        self.theta, self.check_finite = theta, check_finite
        self.t = 0
        self._scalars = ScalarTable(self.rules, theta.dtype)
        kind = np.dtype(np.uint16) if self.bfloat16 else theta.dtype
        names = self._scalars.rule.state_names
        self.state = {name: np.zeros(theta.shape, kind) for name in names}
        self._bound: tuple[Any, ...] = ()

    def step(self, g: NDArray[Any], *, threads: int | None = None) -> None:
        """Move theta by one step, in place.

        Parameters
        ----------
        g : ndarray, theta's shape and dtype, C-contiguous
        threads : int, optional
            At most this many, from 1; default Numba's own number. The result does not depend on it.

        Raises
        ------
        TypeError, ValueError
            If g differs from theta in shape or dtype, theta or an array of the state was replaced
            by one that does not fit, threads is below 1, or a schedule's value is no step size.
            Nothing is changed then.
        FloatingPointError
            If `check_finite` is set and g is not finite. Nothing is changed then.
        """
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be at least 1, got {threads}")
        self._bind()
        self._check("g", g, self.theta.dtype)
        if self.check_finite and not np.isfinite(g).all():
            raise FloatingPointError(f"the gradient of theta is not finite at step {self.t + 1}")
        scalars = self._scalars.at(self.t + 1)
        np.add(self._offsets, g.ctypes.data, out=self._gradients)
        self._pass(scalars, threads)
        self.t += 1

    def _check_theta(self, theta: NDArray[Any]) -> None:
        """Refuse parameters that cannot be stepped in place, a row a rule."""
        _check_array("theta", theta, self.dimensions)
        if not theta.flags.writeable:
            raise ValueError("theta must be writeable: it is changed in place")
        rows = theta[None].shape[-2]
        if len(self.rules) != rows:
            raise ValueError(f"a stack takes one rule a row, got {len(self.rules)} for {rows} rows")

    def _check(self, name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> None:
        """Refuse an array that is not laid out as theta is, or is of another element type."""
        shape = self.theta.shape
        if (
            type(array) is np.ndarray
            and array.dtype == dtype
            and array.shape == shape
            and array.flags.c_contiguous
        ):
            return
        _check_array(name, array, self.dimensions, (*FLOATS, dtype))
        if array.shape != shape:
            raise ValueError(f"{name} must have theta's shape {shape}, got {array.shape}")
        if array.dtype != dtype:
            whose = "theta's dtype" if dtype == self.theta.dtype else "dtype"
            raise TypeError(f"{name} must have {whose} {dtype}, got {array.dtype}")

    def _bind(self) -> None:
        """Look up where theta and the state are in memory, if another array took a place."""
        names, dtype = self._scalars.rule.state_names, self._scalars.dtype
        arrays: tuple[Any, ...] = (self.theta, *map(self.state.get, names))
        if len(arrays) == len(self._bound) and all(map(operator.is_, arrays, self._bound)):
            return
        self._check_theta(self.theta)
        if self.theta.dtype != dtype:
            raise TypeError(f"theta must stay {dtype}, got {self.theta.dtype}")
        kind = np.dtype(np.uint16) if self.bfloat16 else dtype
        for name, array in zip(names, arrays[1:], strict=True):
            self._check(name, array, kind)
        n, rows = self.theta.shape[-1], len(self.rules)
        self._offsets = np.arange(rows) * n * self.theta.itemsize
        columns = [a.ctypes.data + np.arange(rows) * n * a.itemsize for a in arrays]
        columns.insert(1, self._offsets)  # where the gradient lies is another matter each step
        addresses = np.stack(columns, axis=1)
        self._gradients = addresses[:, 1]
        what = type(self.rules[0]), addresses, (n,) * rows, np.arange(rows)
        self._pass = Pass(*what, bfloat16=self.bfloat16)
        self._bound = arrays

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy keeps: no address, for its arrays lie elsewhere."""
        without = ("_pass", "_gradients")
        return {k: v for k, v in self.__dict__.items() if k not in without} | {"_bound": ()}


@checked
class Fused(FusedStack):
    """A rule bound to one flat array of parameters, stepped in place.

    The rule's own text is compiled once for each element type (Numba) and kept on disk, so later
    processes start at once. Results do not depend on the number of threads.

    Parameters
    ----------
    rule : Rule
        The optimizer; its hyper-parameters must be numbers or a schedule, not arrays.
    theta : ndarray, shape (n,), float32 or float64, C-contiguous and writeable
        The parameters. They are changed by `step`.
    check_finite : bool
        Refuse a gradient that holds NaN or an infinity.

    Attributes
    ----------
    t : int
        Steps done.
    state : dict of ndarray
        The rule's state by name, each of theta's shape and dtype.

    Raises
    ------
    TypeError, ValueError
        If theta is none of this, or a hyper-parameter is an array.

    >>> import numpy as np
    >>> from adambook import Adam
    >>> from adambook.fused import Fused
    >>> theta = np.array([1.0, -2.0])
    >>> fused = Fused(Adam(alpha=0.1, epsilon=0.0), theta)
    >>> fused.step(np.array([3.0, -1e-6]))
    >>> theta.round(12), fused.t
    (array([ 0.9, -1.9]), 1)
    """

    dimensions = 1

    def __init__(self, rule: Rule, theta: NDArray[Any], *, check_finite: bool = False) -> None:
        super().__init__([rule], theta, check_finite=check_finite)
        self.rule = self.rules[0]


@checked
class FusedBFloat16(Fused):
    """A rule bound to one flat float32 array, its state kept in bfloat16: half the bytes.

    Each step reads the state, computes in float32, and rounds the new state to the nearest
    bfloat16 (8 significant bits), a tie to the even one. An average that moves by less than half
    a unit in its last place a step, as v does near its mean with β2 = 0.999, therefore stands
    still: see the chapter on what a step costs.

    Parameters, attributes and errors are those of `Fused`, but theta must be float32, and the
    arrays of `state` hold the bits of bfloat16 numbers as uint16 (see `from_bfloat16`).

    >>> from adambook import Adam
    >>> theta = np.zeros(2, np.float32)
    >>> fused = FusedBFloat16(Adam(alpha=0.1, epsilon=0.0), theta)
    >>> fused.step(np.array([1.0, -3.0], np.float32))
    >>> theta.round(3), from_bfloat16(fused.state["m"])
    (array([-0.1,  0.1], dtype=float32), array([ 0.10009766, -0.30078125], dtype=float32))
    """

    bfloat16 = True

    def __init__(self, rule: Rule, theta: NDArray[Any], *, check_finite: bool = False) -> None:
        if isinstance(theta, np.ndarray) and theta.dtype != np.float32:
            raise TypeError(f"theta must be float32 beside a bfloat16 state, got {theta.dtype}")
        super().__init__(rule, theta, check_finite=check_finite)


@checked
def from_bfloat16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return the float32 numbers whose upper 16 bits are given.

    >>> from_bfloat16(np.array([0x3F80, 0xC040], np.uint16))
    array([ 1., -3.], dtype=float32)
    """
    return (bits.astype(np.uint32) << 16).view(np.float32)


@checked
def one_buffer(arrays: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Copy arrays of one dtype into one flat buffer; return it and views of it in their shapes.

    A rule steps the buffer as one array; a model reads its parameters through the views.

    >>> buffer, (weights, bias) = one_buffer([np.ones((2, 2)), np.zeros(3)])
    >>> buffer[:] = np.arange(7)
    >>> weights, bias
    (array([[0., 1.],
           [2., 3.]]), array([4., 5., 6.]))
    """
    buffer = np.concatenate([array.ravel() for array in arrays])
    ends = np.cumsum([array.size for array in arrays])[:-1]
    parts = np.split(buffer, ends)
    return buffer, [x.reshape(a.shape) for x, a in zip(parts, arrays, strict=True)]


FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def _check_array(name: str, array: object, dimensions: int, kinds: Any = FLOATS) -> None:
    """Refuse what is no contiguous array of numbers with so many dimensions."""
    if not isinstance(array, np.ndarray) or array.dtype not in kinds:
        kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise TypeError(f"{name} must be a NumPy array of float32 or float64, got {kind}")
    unmasked(name, array)
    if array.ndim != dimensions or not array.flags.c_contiguous:
        strides = f" with strides {array.strides}" if array.ndim == dimensions else ""
        shape = {1: "flat", 2: "of shape (rows, n)"}[dimensions]
        raise ValueError(f"{name} must be {shape} and contiguous, got shape {array.shape}{strides}")
