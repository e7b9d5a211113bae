"""What bounds any step on this machine: a bare loop over its streams, and its arithmetic alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.one_pass import PIECE, Pass, ScalarTable
from adambook.rules.rule import Rule

NEAR = 1024
"""So many elements of every stream of a rule lie in a core's nearest cache."""


@cache
def _loops() -> tuple[Any, Any]:
    """Return two loops over g, θ and up to three states: in one stretch a thread, and in pieces.

    Each reads and writes what a rule in one pass reads and writes, and adds once to each number:
    the least that can be called a step.
    """
    import numba

    @numba.njit
    def stretch(g: Any, theta: Any, a: Any, b: Any, c: Any) -> None:
        for i in range(g.size):
            theta[i] += g[i]
            if a is not None:
                a[i] += g[i]
            if b is not None:
                b[i] += g[i]
            if c is not None:
                c[i] += g[i]

    @numba.njit
    def cut(x: Any, first: Any, last: Any) -> Any:
        return None if x is None else x[first:last]

    @numba.njit(parallel=True)
    def pieces(g: Any, theta: Any, a: Any, b: Any, c: Any, count: Any) -> None:
        size = -(-g.size // count)
        for k in numba.prange(count):
            i, j = k * size, min((k + 1) * size, g.size)
            stretch(g[i:j], theta[i:j], cut(a, i, j), cut(b, i, j), cut(c, i, j))

    return stretch, pieces


def bare_loops(
    g: NDArray[Any], theta: NDArray[Any], states: list[NDArray[Any]], threads: int
) -> dict[str, Callable[[], object]]:
    """Return bare loops over the streams of a rule with these states, to be timed by name.

    The fastest of them is what this machine's memory, or its cache, allows. Each changes its
    arrays: θ and every state grow by g.

    Parameters
    ----------
    g, theta : ndarray, flat, of one shape and dtype
    states : list of 0 to 3 arrays like them
    threads : int

    Raises
    ------
    ValueError
        If there are more than three states.

    >>> import numpy as np
    >>> g, theta, v = np.ones(5), np.zeros(5), np.zeros(5)
    >>> for loop in bare_loops(g, theta, [v], threads=1).values():
    ...     loop()
    >>> theta.tolist() == v.tolist() == [1.0] * 5
    True
    """
    if len(states) > 3:
        raise ValueError(f"states must be at most three, got {len(states)}")
    stretch, pieces = _loops()
    arrays = (g, theta, *states, *(None,) * (3 - len(states)))
    if threads == 1 or g.size < PIECE:
        return {"bare loop": lambda: stretch(*arrays)}
    return {
        "bare loop": lambda: pieces(*arrays, threads),
        "bare loop, pieces": lambda: pieces(*arrays, -(-g.size // PIECE)),
    }


def arithmetic_alone(rule: Rule, g: NDArray[Any], threads: int) -> Callable[[], object]:
    """Return one thread's share of a step, done on a few numbers that never leave its cache.

    The compiled loop is the rule's own, and it goes as many times over the first `NEAR` elements
    as makes g.size / threads elements. Its time is what the arithmetic costs when no number has
    to be waited for.

    Parameters
    ----------
    rule : Rule
    g : ndarray, flat, at least `NEAR` elements
        The gradients.
    threads : int
        The threads that would share the step.

    >>> from adambook import SGD
    >>> arithmetic_alone(SGD(), np.ones(4 * NEAR), threads=2)()
    """
    near = g[:NEAR].copy()
    arrays = [near.copy(), near, *(np.zeros_like(near) for _ in rule.state_names)]
    rounds = max(1, g.size // threads // NEAR)
    addresses = np.array([[x.ctypes.data for x in arrays]] * rounds)
    step = Pass(type(rule), addresses, (NEAR,) * rounds, np.zeros(rounds, np.int64))
    scalars = ScalarTable([rule], g.dtype).at(1)

    def again() -> None:
        step(scalars, threads=1)

    again.arrays = arrays  # type: ignore[attr-defined]  # they must live as long as it is called
    return again
