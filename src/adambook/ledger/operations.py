"""How many operations and bytes one step of a rule takes, counted while its own text runs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adambook.rules import Rule


class Cost(NamedTuple):
    """What one step costs for each parameter: operations, and words read and written."""

    operations: float
    words: int


class _Counting(np.ndarray):
    """An array that adds up how many entries each operation on it makes."""

    made = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = (x.view(np.ndarray) if isinstance(x, _Counting) else x for x in inputs)
        result = getattr(ufunc, method)(*plain, **kwargs)
        _Counting.made += np.size(result)
        return np.asarray(result).view(_Counting)


def step_cost(rule: Rule, parameters: int = 64) -> Cost:
    """Count one step's operations for each parameter, and the words it moves.

    The rule's own arithmetic runs on arrays that count. A power and a root count as one operation
    each. Words: θ, the gradient and the state are read, θ and the state written.

    >>> from adambook import SGD, Adam
    >>> step_cost(SGD()).words, step_cost(Adam()).words
    (3, 7)
    """
    theta: NDArray[np.float64] = np.linspace(1.0, 2.0, parameters)
    state = [np.ones(parameters).view(_Counting) for _ in rule.state_names]
    step = rule.arithmetic(np)
    _Counting.made = 0
    step(rule.constants(3), theta.view(_Counting), theta.view(_Counting), *state)
    words = 3 + 2 * len(state)
    return Cost(_Counting.made / parameters, words)
