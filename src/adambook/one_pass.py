"""Any rule compiled into one pass over memory: all is read once and written once."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import inspect
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from adambook.rules.rule import Rule, refuse_arrays
from adambook.team import Team, team_of_pytorch

PIECE = 1 << 14
"""Elements a thread takes at a time. Pieces do not depend on the threads, so bits do not."""

SERIAL_BELOW = 1 << 16
"""Fewer elements than this are stepped by one thread: waking more costs longer than the step."""

BLOCK = 64
"""The most steps whose scalars are computed ahead."""

TEMPLATE = '''\
"""{rule}: one pass over memory, made from the rule's own text."""

from collections import namedtuple

import numba
import numpy as np
from numba.extending import intrinsic

{source}

step = numba.njit(error_model="numpy")({function}(np))
Scalars = namedtuple("Scalars", "{scalars}")


@intrinsic
def pointer(typing, address, like):
    def code(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return numba.types.CPointer(like.dtype)(address, like), code


@numba.njit(error_model="numpy")
def array(address, first, count, like):
    return numba.carray(pointer(address + first * like.itemsize, like), (count,))


@numba.njit(error_model="numpy")
def row(scalars, r):
    one = scalars.dtype.type(1)
    return Scalars({values})


{storage}
@numba.njit(error_model="numpy")
def move(k, addresses, pieces, rows, scalars):
    tensor, first, count = pieces[k, 0], pieces[k, 1], pieces[k, 2]
    c = row(scalars, rows[tensor])
    theta = array(addresses[tensor, 0], first, count, scalars)
    g = array(addresses[tensor, 1], first, count, scalars){arrays}
    for i in range(theta.size):
        {outputs} = step(c, g[i], theta[i]{elements})
        theta[i] += delta{stores}


@numba.njit(cache=True, error_model="numpy")
def serial(addresses, pieces, rows, scalars):
    for k in range(pieces.shape[0]):
        move(k, addresses, pieces, rows, scalars)


@numba.njit(cache=True, error_model="numpy", parallel=True)
def parallel(addresses, pieces, rows, scalars):
    for k in numba.prange(pieces.shape[0]):
        move(k, addresses, pieces, rows, scalars)


@intrinsic
def take(typing, counter):
    def code(context, builder, signature, arguments):
        number = context.get_value_type(counter)
        place = builder.inttoptr(arguments[0], number.as_pointer())
        return builder.atomic_rmw("add", place, number(1), "monotonic")

    return counter(counter), code


@numba.njit(error_model="numpy")
def table(address, height, width, like):
    return numba.carray(pointer(address, like), (height, width))


def worker(real):
    like, whole = np.empty(0, real), np.empty(0, np.int64)

    @numba.cfunc("void(intp)", cache=True)
    def work(job):
        count, tensors, columns, height, width = array(job, 1, 5, whole)
        places = array(job, 6, 4, whole)
        addresses = table(places[0], tensors, columns, whole)
        pieces = table(places[1], count, 3, whole)
        rows = array(places[2], 0, tensors, whole)
        scalars = table(places[3], height, width, like)
        k = take(job)
        while k < count:
            move(k, addresses, pieces, rows, scalars)
            k = take(job)

    return work
'''


BFLOAT16 = """
BITS = np.empty(0, np.uint16)


@numba.njit
def wide(bits):
    return np.uint32(np.uint32(bits) << np.uint32(16)).view(np.float32)


@numba.njit
def narrow(x):
    bits = np.float32(x).view(np.uint32)
    odd = np.uint32(bits >> np.uint32(16)) & np.uint32(1)
    rounded = np.uint32(np.uint32(bits + np.uint32(0x7FFF)) + odd) >> np.uint32(16)
    return np.uint16(0x7FC0) if x != x else np.uint16(rounded)

"""
"""How a state in bfloat16 is read and written: NumPy and Numba know its bits as uint16."""


def source(rule: type[Rule], *, bfloat16: bool = False) -> str:
    """Return the text of the module that is compiled for a rule: its own lines in a loop.

    With `bfloat16` the state is stored in 16 bits, rounded to the nearest, a tie to the even;
    the arithmetic stays in float32.

    >>> from adambook import SGD
    >>> "delta = -c.alpha * g" in source(SGD)
    True
    """
    names = rule.state_names
    load, store, like = ("wide({})", "narrow({})", "BITS") if bfloat16 else ("{}", "{}", "scalars")
    scalars = scalar_names(rule)
    values = {name: f"scalars[r, {k}]" for k, name in enumerate(scalars)}
    text, divisors = without_divisions(inspect.getsource(rule.arithmetic))
    values |= {f"per_{name}": f"one / {values[name]}" for name in divisors}
    return TEMPLATE.format(
        rule=rule.__name__,
        source=text,
        function=rule.arithmetic.__name__,
        scalars=" ".join(values),
        values=", ".join(values.values()),
        arrays="".join(
            f"\n    {n} = array(addresses[tensor, {k}], first, count, {like})"
            for k, n in enumerate(names, 2)
        ),
        outputs=", ".join(["delta", *(f"{n}_i" for n in names)]) + ("" if names else ","),
        elements="".join(", " + load.format(f"{n}[i]") for n in names),
        stores="".join(f"\n        {n}[i] = " + store.format(f"{n}_i") for n in names),
        storage=BFLOAT16 if bfloat16 else "",
    )


def without_divisions(text: str) -> tuple[str, list[str]]:
    """Return a rule's text with x / c.name as x * c.per_name, and the names divided by.

    A processor divides several times slower than it multiplies, and a scalar is the same for all
    elements: its reciprocal is taken once a piece. Where no number leaves the normal range, this
    changes a quotient by three roundings at most: 2e-7 of it in float32, 4e-16 in float64.

    >>> without_divisions("m_hat = m / c.correction1")
    ('m_hat = m * c.per_correction1', ['correction1'])
    >>> without_divisions("whole = m // c.correction1")
    ('whole = m // c.correction1', [])
    """
    divisor = re.compile(r"(?<!/)/ c\.(\w+)")
    return divisor.sub(r"* c.per_\1", text), sorted(set(divisor.findall(text)))


def scalar_names(rule: type[Rule]) -> tuple[str, ...]:
    """Return the names of the scalars that a rule's arithmetic is handed each step.

    >>> from adambook import Momentum
    >>> scalar_names(Momentum)
    ('alpha', 'mu')
    """
    names: tuple[str, ...] = rule().constants(1)._fields
    return names


def compiled(rule: type[Rule], *, bfloat16: bool = False) -> ModuleType:
    """Return the module of a rule's loops, each compiled when it is first needed.

    `step(row(scalars, r), g, theta, *state)` is the rule itself, with row r of the scalars;
    `serial` goes through the pieces one by one, `parallel` on Numba's threads; `worker(dtype)` is
    a C function that takes one piece after the other until none is left, for any team of threads.

    >>> from adambook import SGD
    >>> compiled(SGD) is compiled(SGD, bfloat16=False)
    True
    """
    return _compiled(rule, bfloat16)  # type: ignore[arg-type]  # classes are hashable


@cache
def _compiled(rule: type[Rule], bfloat16: bool) -> ModuleType:
    text = source(rule, bfloat16=bfloat16)
    name = f"{rule.__name__.lower()}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    path = _folder() / f"{name}.py"
    _keep(text, path)
    spec = importlib.util.spec_from_file_location(f"adambook_fused_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Numba's cache on disk looks the module up by name
    spec.loader.exec_module(module)
    return module


def _keep(text: str, path: Path) -> None:
    """Have a file hold a text: what is there is run only if it is that text to the byte."""
    data = text.encode()
    if not path.is_file() or path.read_bytes() != data:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(data)
        part.replace(path)


def _folder() -> Path:
    """Return a folder to keep compiled code in: the user's cache, or a temporary one."""
    folder = platformdirs.user_cache_path("adambook") / "fused"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="adambook-fused-"))


@lru_cache(maxsize=256)
def pieces_of(sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """Return how arrays of these sizes are cut: rows of (array, first element, count).

    >>> pieces_of((3, PIECE + 1)).tolist() == [[0, 0, 3], [1, 0, PIECE], [1, PIECE, 1]]
    True
    """
    rows = [
        (k, first, min(PIECE, size - first))
        for k, size in enumerate(sizes)
        for first in range(0, size, PIECE)
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


class ScalarTable:
    """The scalars of the steps 1, 2, … of one rule or of several, in the element type.

    They are computed in float64, up to `BLOCK` steps ahead where every alpha is a number; a
    schedule is asked for the step it is needed at and for no other.

    Parameters
    ----------
    rules : sequence of Rule, all of one class, without arrays
    dtype : dtype

    Raises
    ------
    TypeError, ValueError
        If there is no rule, they differ in class, or a hyper-parameter is an array.

    >>> from adambook import SGD
    >>> ScalarTable([SGD(alpha=0.5), SGD(alpha=0.25)], np.dtype(np.float32)).at(7)
    array([[0.5 ],
           [0.25]], dtype=float32)
    """

    def __init__(self, rules: Sequence[Rule], dtype: np.dtype[Any]) -> None:
        self.rule, self.dtype = stacked(rules), dtype
        self.ahead = not callable(self.rule.alpha)  # type: ignore[attr-defined]
        self.shape = (len(rules), len(scalar_names(type(self.rule))))
        self.first, self.table = 0, np.empty((0, *self.shape), dtype)

    def at(self, t: int) -> NDArray[Any]:
        """Return the scalars of step t, shape (rules, scalars).

        Raises
        ------
        TypeError, ValueError
            If a schedule's value at t is no step size.
        """
        k = t - self.first
        if not 0 <= k < len(self.table):
            self._compute(t)
            k = 0
        scalars: NDArray[Any] = self.table[k]
        return scalars

    def _compute(self, t: int) -> None:
        length = min(2 * len(self.table) or 1, BLOCK) if self.ahead else 1
        columns = self.rule.constants(t if length == 1 else np.arange(t, t + length)[:, None])
        table = np.empty((length, *self.shape), self.dtype)
        with np.errstate(over="ignore"):
            for k, column in enumerate(columns):
                table[:, :, k] = column
        self.first, self.table = t, table


def stacked(rules: Sequence[Rule]) -> Rule:
    """Return one rule that stands for several: its hyper-parameters are arrays of theirs.

    >>> from adambook import Adam
    >>> stacked([Adam(0.1), Adam(0.2)])
    Adam(alpha=array([0.1, 0.2]), beta1=0.9, beta2=0.999, epsilon=1e-08)
    """
    if len({type(rule) for rule in rules}) != 1:
        names = ", ".join(sorted({rule.name for rule in rules})) or "none"
        raise TypeError(f"the rules of a stack must be of one class, got {names}")
    values: dict[str, Any] = {}
    for field in dataclasses.fields(rules[0]):
        own = [getattr(rule, field.name) for rule in rules]
        for value in own:
            refuse_arrays({field.name: value})
        if any(map(callable, own)):
            values[field.name] = partial(_alphas, own)
        else:
            values[field.name] = own[0] if len(set(own)) == 1 else np.array(own)
    return type(rules[0])(**values)


def _alphas(own: Sequence[Any], t: int) -> Any:
    """Return the step sizes of step t, one a rule; of a single rule as it is."""
    values = [alpha(t) if callable(alpha) else alpha for alpha in own]
    if any(isinstance(value, np.ndarray) for value in values):
        raise ValueError(f"alpha at step {t} must be one number, got an array")
    return values[0] if len(values) == 1 else np.array(values)


class Pass:
    """One compiled call that moves many arrays by one step of a rule, to be made again and again.

    Parameters
    ----------
    rule : class of a rule
    addresses : array of int64, shape (arrays, 2 + states), C-contiguous
        Where in memory θ, the gradient and each state of every array begin. All must be
        contiguous, of the scalars' element type, and alive at each call: nothing is checked here.
        The addresses are read at each call, so that they may be changed in between.
    sizes : tuple of int
        The number of elements of each array.
    rows : array of int64, shape (arrays,)
        Which row of the scalars moves each array.
    bfloat16 : bool
        The states are bfloat16, the rest float32.

    >>> from adambook import SGD
    >>> theta, g = np.array([1.0, 2.0]), np.array([4.0, 4.0])
    >>> addresses = np.array([[theta.ctypes.data, g.ctypes.data]])
    >>> step = Pass(SGD, addresses, sizes=(2,), rows=np.array([0]))
    >>> step(np.array([[0.25]]))
    >>> theta
    array([0., 1.])
    """

    def __init__(
        self,
        rule: type[Rule],
        addresses: NDArray[np.int64],
        sizes: tuple[int, ...],
        rows: NDArray[np.int64],
        *,
        bfloat16: bool = False,
    ) -> None:
        self.loops = compiled(rule, bfloat16=bfloat16)
        self.elements = sum(sizes)
        self.tables = addresses, pieces_of(sizes), rows

    def __call__(self, scalars: NDArray[Any], threads: int | None = None) -> None:
        """Do one step.

        Parameters
        ----------
        scalars : array of the element type, shape (rows, scalars)
            See `ScalarTable`.
        threads : int, optional
            At most this many; default Numba's own number. The result does not depend on it.
        """
        if threads == 1 or self.elements < SERIAL_BELOW:
            self.loops.serial(*self.tables, scalars)
            return
        import numba

        most = numba.get_num_threads()
        available: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
        threads = min(threads or most, available)
        team = team_of_pytorch()
        if team is not None:
            self._on(team, scalars, threads)
            return
        numba.set_num_threads(threads)
        try:
            self.loops.parallel(*self.tables, scalars)
        finally:
            numba.set_num_threads(most)

    def _on(self, team: Team, scalars: NDArray[Any], threads: int) -> None:
        """Have a team of threads take the pieces, each the next one that is left."""
        job, place = self._job
        job[0], job[4], job[5], job[9] = 0, *scalars.shape, scalars.ctypes.data
        team(_worker(self.loops, scalars.dtype).address, place, threads)

    @cached_property
    def _job(self) -> tuple[NDArray[np.int64], int]:
        """What a worker reads, and where it lies: the next piece, five sizes, four addresses."""
        addresses, pieces, _ = self.tables
        sizes = len(pieces), *addresses.shape, 0, 0
        job = np.array([0, *sizes, *(x.ctypes.data for x in self.tables), 0], np.int64)
        return job, job.ctypes.data


@cache
def _worker(loops: ModuleType, dtype: np.dtype[Any]) -> Any:
    """Return the compiled worker of a module for an element type."""
    return loops.worker(dtype)


def sweep(
    rule: type[Rule],
    addresses: NDArray[np.int64],
    sizes: tuple[int, ...],
    rows: NDArray[np.int64],
    scalars: NDArray[Any],
    threads: int | None = None,
) -> None:
    """Move many arrays by one step of a rule, once: see `Pass`.

    >>> from adambook import SGD
    >>> theta, g = np.array([1.0, 2.0]), np.array([4.0, 4.0])
    >>> addresses = np.array([[theta.ctypes.data, g.ctypes.data]])
    >>> sweep(SGD, addresses, sizes=(2,), rows=np.array([0]), scalars=np.array([[0.25]]))
    >>> theta
    array([0., 1.])
    """
    Pass(rule, addresses, sizes, rows)(scalars, threads)
