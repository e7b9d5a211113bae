"""Any rule as one compiled pass over memory: all is read once and written once."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import inspect
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.rules.rule import Rule, checked_rule, one_number_each, refuse_arrays

SERIAL_BELOW = 1 << 16
"""Arrays shorter than this are stepped by one thread: starting more costs longer than the step."""

TEMPLATE = '''\
"""{rule}: one pass over memory, made from the rule's own text."""

from collections import namedtuple

import numba
import numpy as np

{source}

step = numba.njit(error_model="numpy")({function}(np))
Scalars = namedtuple("Scalars", "{scalars}")


@numba.njit(cache=True, error_model="numpy")
def serial({arguments}):
    c = Scalars({values})
    for i in range(theta.size):
        {outputs} = step(c, g[i], theta[i]{elements})
        theta[i] += delta{stores}


@numba.njit(cache=True, error_model="numpy", parallel=True)
def parallel({arguments}):
    c = Scalars({values})
    for i in numba.prange(theta.size):
        {outputs} = step(c, g[i], theta[i]{elements})
        theta[i] += delta{stores}
'''


class Fused:
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

    def __init__(self, rule: Rule, theta: NDArray[Any], *, check_finite: bool = False) -> None:
        rule = checked_rule(rule)
        _check_flat("theta", theta)
        if not theta.flags.writeable:
            raise ValueError("theta must be writeable: it is changed in place")
        refuse_arrays({f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)})
        self.rule, self.theta, self.check_finite = rule, theta, check_finite
        self.t = 0
        self.state = {name: np.zeros_like(theta) for name in rule.state_names}

    def step(self, g: NDArray[Any]) -> None:
        """Move theta by one step of the rule, in place.

        Parameters
        ----------
        g : ndarray, theta's shape and dtype, C-contiguous

        Raises
        ------
        TypeError, ValueError
            If g differs from theta in shape or dtype. Nothing is changed then.
        FloatingPointError
            If `check_finite` is set and g is not finite. Nothing is changed then.
        """
        _check_flat("g", g)
        if g.shape != self.theta.shape:
            raise ValueError(f"g must have theta's shape {self.theta.shape}, got {g.shape}")
        if g.dtype != self.theta.dtype:
            raise TypeError(f"g must have theta's dtype {self.theta.dtype}, got {g.dtype}")
        if self.check_finite and not np.isfinite(g).all():
            raise FloatingPointError(f"the gradient of theta is not finite at step {self.t + 1}")
        constants = one_number_each(self.rule, self.t + 1)
        scalars = (self.theta.dtype.type(value) for value in constants)
        kernels = compiled(type(self.rule))  # type: ignore[arg-type]  # classes are hashable
        kernel = kernels.serial if self.theta.size < SERIAL_BELOW else kernels.parallel
        kernel(self.theta, g, *self.state.values(), *scalars)
        self.t += 1


def _check_flat(name: str, array: object) -> None:
    if not isinstance(array, np.ndarray) or array.dtype not in (np.float32, np.float64):
        kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise TypeError(f"{name} must be a NumPy array of float32 or float64, got {kind}")
    if array.ndim != 1 or not array.flags.c_contiguous:
        strides = f" with strides {array.strides}" if array.ndim == 1 else ""
        raise ValueError(f"{name} must be flat and contiguous, got shape {array.shape}{strides}")


def source(rule: type[Rule]) -> str:
    """Return the text of the module that is compiled for a rule: its own lines in a loop.

    >>> from adambook import SGD
    >>> "delta = -c.alpha * g" in source(SGD)
    True
    """
    names = rule.state_names
    scalars = list(rule().constants(1)._fields)
    return TEMPLATE.format(
        rule=rule.__name__,
        source=inspect.getsource(rule.arithmetic),
        function=rule.arithmetic.__name__,
        scalars=" ".join(scalars),
        arguments=", ".join(["theta", "g", *names, *(f"c_{s}" for s in scalars)]),
        values=", ".join(f"c_{s}" for s in scalars),
        outputs=", ".join(["delta", *(f"{n}_i" for n in names)]) + ("" if names else ","),
        elements="".join(f", {n}[i]" for n in names),
        stores="".join(f"\n        {n}[i] = {n}_i" for n in names),
    )


@cache
def compiled(rule: type[Rule]) -> ModuleType:
    """Return the module of a rule's two loops, `serial` and `parallel`, compiled at first call.

    >>> from adambook import SGD
    >>> compiled(SGD) is compiled(SGD)
    True
    """
    text = source(rule)
    name = f"{rule.__name__.lower()}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    path = _folder() / f"{name}.py"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    spec = importlib.util.spec_from_file_location(f"adambook_fused_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Numba's cache on disk looks the module up by name
    spec.loader.exec_module(module)
    return module


def _folder() -> Path:
    """Return a folder to keep compiled code in: the user's cache, or a temporary one."""
    import pooch

    folder = Path(pooch.os_cache("adambook")) / "fused"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="adambook-fused-"))
