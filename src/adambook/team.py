"""The threads of PyTorch, lent to a compiled loop.

PyTorch and Numba each bring an OpenMP runtime with threads of its own. After a parallel loop those
threads stay awake for a while, waiting for the next; on as many cores as threads, the ones are then
in the way of the others. So where PyTorch is in the process, its threads do our loops as well.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache

Team = Callable[[int, int, int], None]
"""(address of a C function, its argument, number of threads): all run the function once."""


def team_of_pytorch() -> Team | None:
    """Return what runs a C function on PyTorch's threads, or None where there is none to use.

    It needs PyTorch to be imported already, and to be built on an OpenMP runtime with GNU's
    interface, as its packages for Linux are.

    >>> import torch
    >>> done = []
    >>> work = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(done.append)
    >>> team = team_of_pytorch()
    >>> if team:
    ...     team(ctypes.cast(work, ctypes.c_void_p).value, 7, 2)
    >>> done in ([7, 7], [])
    True
    """
    return _team() if "torch" in sys.modules else None


@cache
def _team() -> Team | None:
    import torch

    try:
        launch = ctypes.CDLL(torch._C.__file__).GOMP_parallel  # found among what PyTorch links to
    except (OSError, AttributeError):
        return None
    launch.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint
    launch.restype = None

    def team(work: int, argument: int, threads: int) -> None:
        launch(work, argument, threads, 0)

    return team
