"""What one coordinate's step costs on paper: operations, bytes, and state, for any rule.

The operations are counted by running the rule's own arithmetic on a number that counts.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from adambook.rules.rule import Rule


class Counting:
    """A number that counts what is done to it, in a counter that all numbers of a run share.

    What is done to scalars of the step alone (-α, say) is done once a step and not once a
    coordinate: it is not counted.

    >>> counter = Counter()
    >>> x, c = Counting(counter), Counting(counter, scalar=True)
    >>> _ = -c * x + x**2
    >>> dict(counter)
    {'×': 2, '+': 1}
    """

    def __init__(self, counter: Counter[str], *, scalar: bool = False) -> None:
        self.counter, self.scalar = counter, scalar

    def _after(self, operation: str, *others: Any) -> Counting:
        """Return the result of an operation with others, which is counted."""
        numbers = [self, *(x for x in others if isinstance(x, Counting))]
        scalar = all(x.scalar for x in numbers)
        if not scalar:
            self.counter[operation] += 1
        return Counting(self.counter, scalar=scalar)

    def __add__(self, other: Any) -> Counting:
        return self._after("+", other)

    def __mul__(self, other: Any) -> Counting:
        return self._after("×", other)

    def __truediv__(self, other: Any) -> Counting:
        return self._after("÷", other)

    def __pow__(self, power: int) -> Counting:
        result = self
        for _ in range(power - 1):  # the compiler multiplies
            result = result * self
        return result

    def __neg__(self) -> Counting:
        return self._after("±")

    __radd__ = __sub__ = __rsub__ = __add__
    __rmul__ = __mul__
    __rtruediv__ = __truediv__


COUNTED = SimpleNamespace(
    sqrt=lambda x: x._after("√"),
    abs=lambda x: x._after("±"),
    maximum=lambda x, y: x._after("max", y),
    minimum=lambda x, y: x._after("max", y),
)
"""The array library of a counting run."""


def operations(rule: type[Rule]) -> dict[str, int]:
    """Return how often a step does each operation for one coordinate, θ + Δ included.

    A subtraction counts as +, a change of sign or an absolute value as ±, a minimum as max, and
    g² as one ×.

    >>> from adambook import SGD, Adam
    >>> operations(SGD)
    {'×': 1, '+': 1}
    >>> operations(Adam)
    {'×': 6, '+': 4, '÷': 3, '√': 1}
    """
    counter: Counter[str] = Counter()
    names = rule().constants(1)._fields
    c = SimpleNamespace(**{name: Counting(counter, scalar=True) for name in names})
    arrays = [Counting(counter) for _ in ("g", "theta", *rule.state_names)]
    delta, *_ = rule.arithmetic(COUNTED)(c, *arrays)
    arrays[1] + delta
    return {name: counter[name] for name in ("×", "+", "÷", "√", "max", "±") if counter[name]}


def bytes_moved(rule: type[Rule], itemsize: int = 4, state_itemsize: int | None = None) -> int:
    """Return the bytes that a step in one pass moves for one parameter.

    It reads g, θ and every state once, and writes θ and every state once:
    $(3 + 2s)$ numbers for s states.

    >>> from adambook import Adam
    >>> bytes_moved(Adam), bytes_moved(Adam, state_itemsize=2)
    (28, 20)
    """
    return 3 * itemsize + 2 * state_bytes(rule, state_itemsize or itemsize)


def state_bytes(rule: type[Rule], itemsize: int = 4) -> int:
    """Return the bytes of state that a rule keeps for one parameter.

    >>> from adambook import SGD, Adam
    >>> state_bytes(SGD), state_bytes(Adam)
    (0, 8)
    """
    return len(rule.state_names) * itemsize


def bytes_of_temporaries(rule: type[Rule], itemsize: int = 4) -> int:
    """Return the bytes that a step one operation at a time moves for one parameter.

    Each operation of the array library reads its arrays and writes its result to memory: an
    operation between two arrays moves three numbers, one with a scalar or of one array moves
    two. It is what NumPy does, when no array fits into the cache.

    >>> from adambook import SGD
    >>> bytes_of_temporaries(SGD)  # -α·g reads one and writes one; θ + Δ reads two, writes one
    20
    """
    moved: Counter[str] = Counter()

    class Moving(Counting):
        def _after(self, operation: str, *others: Any) -> Counting:
            arrays = [x for x in (self, *others) if isinstance(x, Counting) and not x.scalar]
            moved["numbers"] += len({id(x) for x in arrays}) + 1 if arrays else 0
            return Moving(self.counter, scalar=not arrays)

    names = rule().constants(1)._fields
    c = SimpleNamespace(**{name: Moving(moved, scalar=True) for name in names})
    arrays = [Moving(moved) for _ in ("g", "theta", *rule.state_names)]
    delta, *_ = rule.arithmetic(COUNTED)(c, *arrays)
    arrays[1] + delta
    return moved["numbers"] * itemsize


def intensity(rule: type[Rule], itemsize: int = 4) -> float:
    """Return operations per byte moved: what a machine must beat for memory to be the limit.

    >>> from adambook import SGD
    >>> round(intensity(SGD), 4)
    0.1667
    """
    return float(np.divide(sum(operations(rule).values()), bytes_moved(rule, itemsize)))
