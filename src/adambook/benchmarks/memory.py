"""How fast this machine's memory lets any step be: a bare loop over the same streams."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from numpy.typing import NDArray

from adambook.one_pass import PIECE


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
