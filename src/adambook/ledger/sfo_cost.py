"""What SFO keeps in memory, counted on a small sum of quadratics."""

from __future__ import annotations


def bytes_held(subfunctions: int) -> float:
    """Return the bytes that SFO holds after two passes over that many subfunctions.

    Raises
    ------
    ModuleNotFoundError
        As long as SFO is not part of the package.
    """
    raise ModuleNotFoundError("SFO")
