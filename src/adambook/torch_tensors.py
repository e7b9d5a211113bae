"""How PyTorch tensors are moved by a rule: on the CPU all of them in one compiled pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch

from adambook.one_pass import ScalarTable, sweep
from adambook.rules.rule import Rule, one_number_each

ELEMENTS: dict[torch.dtype, np.dtype[Any]] = {
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
}
"""The element types of the compiled pass."""

STEPS_KEPT = 64
"""How many steps' scalars are kept: parameters of one group may be at different steps."""

PLAIN = (torch.nn.Parameter, torch.Tensor)
"""The classes whose memory is what it seems."""


class Scalars:
    """A rule's scalars for the steps of parameters, computed once for each step and type.

    >>> from adambook import SGD
    >>> scalars = Scalars(SGD(alpha=0.5))
    >>> scalars.of(torch.zeros(2), t=1)
    array([0.5], dtype=float32)
    >>> scalars.of(torch.zeros(2, dtype=torch.float16), t=1)
    Scalars(alpha=0.5)
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.tables: dict[Any, ScalarTable] = {
            dtype: ScalarTable([rule], own) for dtype, own in ELEMENTS.items()
        }
        self.known: dict[Any, Any] = {}

    def of(self, p: torch.Tensor, t: int) -> Any:
        """Return what step t of p needs: a row for the compiled pass, or numbers by name.

        The compiled pass takes float32 and float64 in this machine's memory.

        Raises
        ------
        TypeError, ValueError
            If a schedule's value at t is no step size.
        """
        kind = p.dtype if p.is_cpu and type(p) in PLAIN else None
        scalars = self.known.get((kind, t))
        if scalars is None:
            if len(self.known) >= STEPS_KEPT:
                self.known.clear()
            table = self.tables.get(kind)
            scalars = table.at(t)[0] if table else one_number_each(self.rule, t)
            self.known[kind, t] = scalars
        return scalars


def dense(p: torch.Tensor) -> torch.Tensor:
    """Return p if its elements fill a stretch of memory, else a copy that does so.

    >>> p = torch.zeros(2, 3)
    >>> dense(p) is p, dense(p.T).is_contiguous()
    (True, True)
    """
    fills = p.is_contiguous() or (
        p.ndim == 4 and p.is_contiguous(memory_format=torch.channels_last)
    )
    return p if fills and not p.is_neg() else p.clone(memory_format=torch.contiguous_format)


def in_order_of(p: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return x if its elements lie in memory as p's do, else a copy that does so.

    >>> p, x = torch.zeros(2, 3), torch.ones(3, 2).T
    >>> in_order_of(p, x).stride(), in_order_of(p, p) is p
    ((3, 1), True)
    """
    alike = x.is_contiguous() and p.is_contiguous() or p.stride() == x.stride()
    if alike and x.dtype is p.dtype and x.is_cpu and not x.is_neg():
        return x
    return torch.empty_like(p).copy_(x)


class Move(NamedTuple):
    """One parameter's next step: its number, its scalars, and the state it starts from."""

    p: torch.Tensor
    t: int
    scalars: Any
    state: dict[str, Any]


def move(rule: Rule, moves: Iterable[Move]) -> None:
    """Move every parameter by one step of a rule, in place, and keep its new state.

    >>> from adambook import SGD
    >>> p = torch.zeros(2)
    >>> p.grad, scalars, state = torch.ones(2), Scalars(SGD(alpha=0.5)), {"t": 0}
    >>> move(scalars.rule, [Move(p, 1, scalars.of(p, t=1), state)])
    >>> p, state
    (tensor([-0.5000, -0.5000]), {'t': 1})
    """
    together: dict[torch.dtype, list[Move]] = {}
    for one in moves:
        if isinstance(one.scalars, np.ndarray):
            together.setdefault(one.p.dtype, []).append(one)
        else:
            _move_alone(rule, one)
        one.state["t"] = one.t
    for same_type in together.values():
        _move_together(rule, same_type)


def _move_together(rule: Rule, moves: list[Move]) -> None:
    """Move tensors of one element type on the CPU, all in one compiled call."""
    walked: list[torch.Tensor] = []
    held: list[torch.Tensor] = []  # a copy must live until the pass is over
    for p, _, _, state in moves:
        theta = dense(p)
        walked.append(theta)
        held += theta, in_order_of(theta, p.grad)  # type: ignore[arg-type]
        for name in rule.state_names:
            state[name] = own = in_order_of(theta, state[name])
            held.append(own)
    addresses = np.array([x.data_ptr() for x in held]).reshape(len(moves), -1)
    sizes = tuple([theta.numel() for theta in walked])
    different = {id(one.scalars): one.scalars for one in moves}
    place = {key: k for k, key in enumerate(different)}
    rows = np.array([place[id(one.scalars)] for one in moves])
    scalars = np.stack(list(different.values()))
    sweep(type(rule), addresses, sizes, rows, scalars, torch.get_num_threads())
    torch.autograd.graph.increment_version(walked)
    for one, theta in zip(moves, walked, strict=True):
        if theta is not one.p:
            one.p.copy_(theta)


def _move_alone(rule: Rule, one: Move) -> None:
    """Move any tensor by the rule's own text; on an accelerator, that text is compiled."""
    p, names = one.p, rule.state_names
    states = [one.state[name] for name in names]
    constants = type(one.scalars)(*(torch.tensor(x, dtype=torch.float64) for x in one.scalars))
    if p.device.type in ("cuda", "xpu"):
        compiled = _in_place(type(rule))  # type: ignore[arg-type]  # classes are hashable
        compiled(constants, p.grad, p, *states)
        return
    shape = p.shape or (
        1,
    )  # beside a tensor without dimensions float64 scalars would set the dtype
    given = (x.reshape(shape) for x in (p.grad, p, *states))
    delta, *new = rule.arithmetic(torch)(constants, *given)
    p.add_(delta.reshape(p.shape))
    one.state.update(zip(names, (x.reshape(p.shape) for x in new), strict=True))


@cache
def _in_place(rule: type[Rule], backend: str = "inductor") -> Callable[..., None]:
    """Return a rule's text as one compiled kernel that writes over θ and the state.

    Its scalars are tensors without dimensions: numbers would be compiled in.
    """
    step = rule.arithmetic(torch)

    def in_place(c: Any, g: torch.Tensor, theta: torch.Tensor, *state: torch.Tensor) -> None:
        delta, *new = step(c, g, theta, *state)
        theta.add_(delta)
        for old, value in zip(state, new, strict=True):
            old.copy_(value)

    compiled: Callable[..., None] = torch.compile(in_place, dynamic=True, backend=backend)
    return compiled
