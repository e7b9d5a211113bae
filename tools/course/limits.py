"""What a submission may use."""

from __future__ import annotations

from dataclasses import dataclass, replace

from course.notebook import Notebook


@dataclass(frozen=True)
class Limits:
    """Time for a cell, memory and output of a process.

    Attributes
    ----------
    seconds : float
        For one cell of the student, and for all that one test asks of it.
    memory : int
        Bytes of address space.
    printed : int
        Characters that a cell, or a call by a test, may print.
    written : int
        Bytes of the largest file that it may write, in its own empty folder.
    """

    seconds: float = 20.0
    memory: int = 3 * 2**30
    printed: int = 1_000_000
    written: int = 10_000_000

    @classmethod
    def of(cls, master: Notebook, seconds: float | None = None) -> Limits:
        """Return the limits that a master asks for, or with another time."""
        asked = seconds if seconds is not None else master.course.get("seconds", cls.seconds)
        return replace(cls(), seconds=float(asked))
