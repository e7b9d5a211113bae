"""How PyTorch tensors are moved by a rule: on the CPU all of them in one compiled pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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


def _is_swept(p: torch.Tensor) -> bool:
    """Whether the compiled pass takes a tensor of p's type and place."""
    return p.dtype in ELEMENTS and p.is_cpu and type(p) in PLAIN


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


def zeros_beside(tensors: Sequence[torch.Tensor], copies: int) -> list[list[torch.Tensor]]:
    """Return for each tensor as many arrays of zeros like it, in its own order in memory.

    Those of the compiled pass lie one after the other in one stretch of memory. NumPy asks the
    system to cut a long stretch into large pages, which are found faster than many small ones.

    >>> [[a, b]] = zeros_beside([torch.ones(2)], copies=2)
    >>> a, b.data_ptr() - a.data_ptr()
    (tensor([0., 0.]), 64)
    """
    made: list[list[torch.Tensor]] = [[] for _ in tensors]
    for dtype in {p.dtype for p in tensors}:
        same = [k for k, p in enumerate(tensors) if p.dtype is dtype]
        fast = [k for k in same if _is_swept(tensors[k]) and dense(tensors[k]) is tensors[k]]
        views = _stretch([tensors[k] for k in fast], copies)
        for k, own in zip(fast, views, strict=True):
            made[k] = own
    for k, p in enumerate(tensors):
        made[k] = made[k] or [torch.zeros_like(p) for _ in range(copies)]
    return made


def _stretch(tensors: Sequence[torch.Tensor], copies: int) -> list[list[torch.Tensor]]:
    """Return zeros like dense tensors of one type, all in one array, each at a line of cache."""
    if not tensors:
        return []
    kind = ELEMENTS[tensors[0].dtype]
    line = 64 // kind.itemsize
    starts = np.cumsum([0, *(-(-p.numel() // line) * line for p in tensors)])
    buffer = np.zeros(copies * starts[-1] + line, kind)
    first = -buffer.ctypes.data % 64 // kind.itemsize
    whole = torch.from_numpy(buffer)
    return [
        [
            whole.as_strided(p.shape, p.stride(), first + c * int(starts[-1]) + int(start))
            for c in range(copies)
        ]
        for p, start in zip(tensors, starts, strict=False)
    ]


class Move(NamedTuple):
    """One parameter's next step: gradient, number, scalars, and the state it starts from."""

    p: torch.Tensor
    g: torch.Tensor
    t: int
    scalars: Any
    state: dict[str, Any]


def move(rule: Rule, moves: Iterable[Move]) -> None:
    """Move every parameter by one step of a rule, in place, and keep its new state.

    >>> from adambook import SGD
    >>> p = torch.zeros(2)
    >>> g, scalars, state = torch.ones(2), Scalars(SGD(alpha=0.5)), {"t": 0}
    >>> move(scalars.rule, [Move(p, g, 1, scalars.of(p, t=1), state)])
    >>> p, state
    (tensor([-0.5000, -0.5000]), {'t': 1})
    """
    together: dict[torch.dtype, list[Move]] = {}
    for one in moves:
        p, _, t, scalars, state = one
        if isinstance(scalars, np.ndarray):
            together.setdefault(p.dtype, []).append(one)
        else:
            _move_alone(rule, one)
        state["t"] = t
    for same_type in together.values():
        _move_together(rule, same_type)


def _move_together(rule: Rule, moves: list[Move]) -> None:
    """Move tensors of one element type on the CPU, all in one compiled call."""
    lying = _as_they_lie(rule, moves)
    held = lying or _in_order(rule, moves)  # a copy must live until the end
    walked = held[:: 2 + len(rule.state_names)]
    addresses = np.fromiter(map(torch.Tensor.data_ptr, held), np.int64).reshape(len(moves), -1)
    sizes = tuple(map(torch.Tensor.numel, walked))
    keys = [id(one.scalars) for one in moves]
    different = dict(zip(keys, [one.scalars for one in moves], strict=True))
    place = {key: k for k, key in enumerate(different)}
    rows = np.array([place[key] for key in keys])
    scalars = np.array(list(different.values()))
    sweep(type(rule), addresses, sizes, rows, scalars, torch.get_num_threads())
    torch.autograd.graph.increment_version(walked)
    if not lying:
        for one, theta in zip(moves, walked, strict=True):
            if theta is not one.p:
                one.p.copy_(theta)


def _as_they_lie(rule: Rule, moves: list[Move]) -> list[torch.Tensor]:
    """Return θ, gradient and states of all tensors in turn, if the pass can take them all so.

    That is the usual case, so it is decided by few calls, each for all tensors at once.
    """
    names = rule.state_names
    held = [x for p, g, _, _, state in moves for x in (p, g, *[state[name] for name in names])]
    dtype, width = moves[0].p.dtype, 2 + len(names)
    fit = (
        all(map(torch.Tensor.is_contiguous, held))
        and not any(map(torch.Tensor.is_neg, held))
        and all(
            [x.dtype is dtype and x.is_cpu for k in range(1, width) for x in held[k::width]]
        )  # of θ that is known
    )
    return held if fit else []


def _in_order(rule: Rule, moves: list[Move]) -> list[torch.Tensor]:
    """Return θ, gradient and states of all tensors in turn: copies of those that lie otherwise."""
    held: list[torch.Tensor] = []
    for p, g, _, _, state in moves:
        theta = dense(p)
        held += theta, in_order_of(theta, g)
        for name in rule.state_names:
            state[name] = own = in_order_of(theta, state[name])
            held.append(own)
    return held


def _move_alone(rule: Rule, one: Move) -> None:
    """Move any tensor by the rule's own text; on an accelerator, that text is compiled."""
    p, names = one.p, rule.state_names
    states = [one.state[name] for name in names]
    constants = type(one.scalars)(*(torch.tensor(x, dtype=torch.float64) for x in one.scalars))
    if p.device.type in ("cuda", "xpu"):
        compiled = _in_place(type(rule))  # type: ignore[arg-type]  # classes are hashable
        compiled(constants, one.g, p, *states)
        return
    shape = p.shape or (
        1,
    )  # beside a tensor without dimensions float64 scalars would set the dtype
    given = (x.reshape(shape) for x in (one.g, p, *states))
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
