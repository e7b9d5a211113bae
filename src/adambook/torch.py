"""Any rule as a `torch.optim.Optimizer`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch

# torch.compiler.disable would import the compiler, a second, together with this module
from torch._compile import _disable_dynamo as outside_of_graphs

from adambook.arguments import checked
from adambook.rules.ranges import Number, Range
from adambook.rules.rule import Rule, Schedule, checked_rule, refuse_arrays
from adambook.torch_checkpoints import (
    check_fits,
    from_torch,
    is_torchs,
    number_of,
    options_elsewhere,
    to_torch,
)
from adambook.torch_tensors import Move, Scalars, move, zeros_beside

__all__ = ["Optimizer", "Scaled", "from_torch", "to_torch"]

STEP_SIZE = Range(0.0, math.inf)


@dataclasses.dataclass(frozen=True)
class Scaled:
    """A schedule times a number: what a group makes of a rule's schedule.

    >>> Scaled(0.5, lambda t: 1 / t)(2)
    0.25
    """

    lr: Number
    schedule: Schedule

    def __call__(self, t: int) -> Any:
        """Return the product at step t."""
        return self.lr * self.schedule(t)


@checked
class Optimizer(torch.optim.Optimizer):
    r"""A rule over PyTorch parameters: groups, closures, `state_dict`, schedulers.

    Each parameter counts its own steps t and keeps the rule's state under its own names, in the
    parameter's dtype and on its device. A parameter whose gradient is None is left alone.

    A group may set any hyper-parameter of the rule by name, and its step size by `lr`, which is
    what `torch.optim.lr_scheduler` moves. `lr` starts as the rule's alpha; where alpha is a
    schedule, `lr` starts as 1.0 and multiplies the schedule's value at the parameter's own t.
    Schedulers that also cycle `betas` or `momentum` are to be made with `cycle_momentum=False`.

    Parameters of float32 and float64 on the CPU are moved where they lie, all in one compiled
    pass over memory (`adambook.one_pass`), on as many threads as `torch.get_num_threads` says;
    others are moved by the rule's text on tensors, which is compiled on an accelerator. Within a
    function that `torch.compile` compiles, a step is done as it is, outside the graph.

    Views of one array may be parameters as long as no two of them hold the same element: such an
    element would be moved by several threads at once. Hand a tied parameter over once.

    Parameters
    ----------
    params : iterable of tensors, named tensors or group dicts
        What `torch.optim.Optimizer` takes: real floating-point tensors.
    rule : Rule
        The optimizer; its hyper-parameters are numbers or a schedule, not arrays.
    check_finite : bool
        Refuse a step in which a gradient holds NaN or an infinity.

    Raises
    ------
    TypeError
        If `rule` is not a rule, or a parameter is not real floating-point.
    ValueError
        If a hyper-parameter of a group is out of its range or unknown.

    >>> import torch
    >>> from adambook import Adam
    >>> from adambook.torch import Optimizer
    >>> theta = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    >>> optimizer = Optimizer([theta], Adam(alpha=0.1, epsilon=0.0))
    >>> (3 * theta).sum().backward()
    >>> optimizer.step()
    >>> theta.data
    tensor([ 0.9000, -2.1000])
    """

    def __init__(self, params: Iterable[Any], rule: Rule, *, check_finite: bool = False) -> None:
        rule = checked_rule(rule)
        values = {f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)}
        refuse_arrays(values)
        alpha = values.pop("alpha")
        self.rule, self.check_finite, self._names = rule, check_finite, tuple(values)
        self._scalars: dict[int, tuple[Any, Scalars]] = {}
        defaults = {"lr": 1.0 if callable(alpha) else alpha, **values, "rule": rule.name}
        super().__init__(params, defaults)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle or a copy keeps: PyTorch's own part and the rule."""
        return {
            **super().__getstate__(),
            "rule": self.rule,
            "check_finite": self.check_finite,
            "_names": self._names,
            "_scalars": {},
        }

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters with hyper-parameters of its own.

        Raises
        ------
        TypeError
            If a parameter is not real floating-point.
        ValueError
            If a hyper-parameter is unknown or out of its range, or a parameter is there twice.
            Nothing is added then.
        """
        known = ("lr", *self._names)
        for name in param_group:
            if name not in (*known, "params", "param_names", "initial_lr"):
                raise ValueError(
                    f"unknown hyper-parameter {name!r}; {self.rule.name} has {', '.join(known)}"
                )
        given = {name: number_of(param_group[name]) for name in known if name in param_group}
        refuse_arrays(given)
        rule = self._rule_of({**self.defaults, **given})
        plain = {name: getattr(rule, name) for name in self._names if name in given}
        if "lr" in given:
            plain["lr"] = STEP_SIZE.check("lr", given["lr"])
        param_group = {**param_group, **plain}
        super().add_param_group(param_group)
        own = self.param_groups[-1]["params"]
        if len({*map(id, own)}) < len(own):  # each would be moved as often, all at one t
            del self.param_groups[-1]
            raise ValueError("params must name each parameter once in a group, got one twice")
        for p in own:
            if not p.is_floating_point():
                del self.param_groups[-1]
                raise TypeError(f"parameters must be real floating-point, got {p.dtype}")

    def _rule_of(self, group: dict[str, Any]) -> Rule:
        """Return the rule with a group's hyper-parameters, checked."""
        values = {name: group[name] for name in self._names}
        lr = STEP_SIZE.check("lr", number_of(group["lr"]))
        alpha = self.rule.alpha  # type: ignore[attr-defined]
        step_size = Scaled(lr, alpha) if callable(alpha) else lr
        return dataclasses.replace(self.rule, alpha=step_size, **values)  # type: ignore[call-arg]

    def _check(self, moves: list[Move]) -> None:
        """Refuse what cannot be stepped, before anything is changed.

        A gradient or a state of another shape than its parameter would be read past its end.
        """
        names, finite = self.rule.state_names, self.check_finite
        for p, g, t, _, state in moves:
            if not p.is_floating_point():
                raise TypeError(
                    f"parameters must stay real floating-point; {self._name(p)} is now {p.dtype}"
                )
            if g.layout is not torch.strided:
                raise TypeError(
                    f"{self.rule.name} takes dense gradients; parameter {self._name(p)} has "
                    f"a {g.layout} one: build the layer with sparse=False"
                )
            shape = p.shape
            if g.shape != shape:
                self._refuse_shape("grad", g, p)
            for name in names if state else ():
                if state[name].shape != shape:
                    self._refuse_shape(name, state[name], p)
            if finite and not torch.isfinite(g).all():
                raise FloatingPointError(
                    f"the gradient of parameter {self._name(p)} is not finite at step {t}"
                )

    def _refuse_shape(self, name: str, x: torch.Tensor, p: torch.Tensor) -> None:
        """Say which array of which parameter has another shape than it."""
        raise ValueError(
            f"{name} of parameter {self._name(p)} must have its shape {tuple(p.shape)}, "
            f"got {tuple(x.shape)}"
        )

    def _name(self, p: torch.Tensor) -> str:
        """Return what an error calls a parameter: its name, or its place."""
        k, j = next(
            (k, j)
            for k, group in enumerate(self.param_groups)
            for j, one in enumerate(group["params"])
            if one is p
        )
        group = self.param_groups[k]
        return str(group["param_names"][j]) if "param_names" in group else f"{j} of group {k}"

    @outside_of_graphs
    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Do one step on every parameter that has a gradient.

        Parameters
        ----------
        closure : callable, optional
            Clears the gradients, computes the loss and returns it.

        Returns
        -------
        object
            The closure's loss, or None.

        Raises
        ------
        TypeError
            If a gradient is sparse, or a parameter has become complex. Nothing is changed then.
        ValueError
            If a gradient or a state has another shape than its parameter, as after
            `p.data = ...`, or an option of `torch.optim` that the rule does not have was set in a
            group, such as `weight_decay` or `maximize`. Nothing is changed then.
        TypeError, ValueError
            If a group's `lr` or a schedule's value is no step size. Nothing is changed then.
        FloatingPointError
            If `check_finite` is set and a gradient is not finite. Nothing is changed then.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        moves = self._planned()
        self._check(moves)
        self._begin([one for one in moves if not one.state])
        move(self.rule, moves)
        return loss

    def _planned(self) -> list[Move]:
        """Return the next step of each parameter with a gradient, its scalars checked."""
        moves = []
        for group in self.param_groups:
            scalars = self._scalars_of(group)
            for p in group["params"]:
                if (g := p.grad) is not None:
                    state = self.state.get(p) or {}
                    t = state.get("t", 0) + 1
                    moves.append(Move(p, g, t, scalars.of(p, t), state))
        return moves

    def _scalars_of(self, group: dict[str, Any]) -> Scalars:
        """Return the scalars of a group; those of its last hyper-parameters are kept."""
        elsewhere = options_elsewhere(type(self.rule))  # type: ignore[arg-type]
        if not elsewhere.isdisjoint(group):
            self._refuse_options(elsewhere, group)
        values = (number_of(group["lr"]), *(group[name] for name in self._names))
        known = self._scalars.get(id(group))
        if known is None or known[0] != values:
            known = self._scalars[id(group)] = values, Scalars(self._rule_of(group))
        return known[1]

    def _refuse_options(self, elsewhere: frozenset[str], group: dict[str, Any]) -> None:
        """Refuse options of PyTorch's optimizers that were set in a group and would not be read."""
        for name in sorted(elsewhere & group.keys()):
            if group[name]:
                raise ValueError(
                    f"a group has {name}={group[name]!r}, which {self.rule.name} does not read; "
                    f"it has {', '.join(('lr', *self._names))}"
                )

    def _begin(self, moves: list[Move]) -> None:
        """Make empty states those of parameters before their first step, and keep them."""
        names = self.rule.state_names
        zeros = zeros_beside([one.p for one in moves], len(names))
        for one, own in zip(moves, zeros, strict=True):
            one.state["t"] = 0
            one.state.update(zip(names, own, strict=True))
            self.state[one.p] = one.state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load what `state_dict` returned; the run goes on to the same bits.

        A checkpoint that PyTorch's own optimizer for the same rule wrote is loaded as
        `adambook.torch.from_torch` reads it. What counts is what the hooks of
        `register_load_state_dict_pre_hook` make of it.

        Raises
        ------
        TypeError, ValueError
            If it comes from another rule, its groups, its hyper-parameters or its arrays do not
            fit, or a second moment is negative somewhere. Nothing is changed then. NaN and
            infinities are loaded, as by PyTorch: a run that diverged leaves them.
        """
        given: Any = state_dict
        if not isinstance(given, Mapping):  # which PyTorch would copy before a hook sees it
            self._read(self, given)
        last = self.register_load_state_dict_pre_hook(self._read)
        try:
            super().load_state_dict(state_dict)
        finally:
            last.remove()
        names = self.rule.state_names
        begun = {p: s for p, s in self.state.items() if isinstance(p, torch.Tensor) and s}
        own = zeros_beside(list(begun), len(names))
        for state, arrays in zip(begun.values(), own, strict=True):
            for name, array in zip(names, arrays, strict=True):
                state[name] = array.copy_(state[name])  # the loader shares memory with its input

    def _read(self, _: torch.optim.Optimizer, state_dict: dict[str, Any]) -> dict[str, Any]:
        """Return a checkpoint under our names, checked; nothing is changed."""
        if is_torchs(state_dict):
            state_dict = from_torch(state_dict, self.rule)
        check_fits(self, state_dict)
        for group in state_dict["param_groups"]:
            self._rule_of(group)
        return state_dict
