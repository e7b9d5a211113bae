"""Checkpoints of optimizers: ours checked, those of `torch.optim` read and written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from adambook.rules import (
    RULES,
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RMSProp,
    RMSPropCentred,
    RMSPropMomentum,
    Rule,
)
from adambook.rules.rule import checked_rule

if TYPE_CHECKING:
    from adambook.torch import Optimizer


class Twin(NamedTuple):
    """The optimizer of PyTorch that takes a rule's steps, and what it calls things.

    Attributes
    ----------
    optimizer : class
        In `torch.optim`.
    numbers : dict
        Our hyper-parameter → its option. PyTorch's pair `betas` is taken apart to beta1, beta2.
    arrays : dict
        Our state → its state.
    fixed : dict
        The options that must have one value, or its steps would be another rule's.
    """

    optimizer: type[Any]
    numbers: dict[str, str]
    arrays: dict[str, str]
    fixed: dict[str, Any]


PLAIN = {"weight_decay": 0, "maximize": False}
BETAS = {"beta1": "beta1", "beta2": "beta2", "epsilon": "eps"}
MOMENTS = {"m": "exp_avg", "v": "exp_avg_sq"}
SQUARES = {"rho": "alpha", "epsilon": "eps"}
OF_SGD = {**PLAIN, "dampening": 0}

TWINS: dict[type[Rule], Twin] = {
    SGD: Twin(torch.optim.SGD, {}, {}, {**OF_SGD, "momentum": 0}),
    Momentum: Twin(
        torch.optim.SGD,
        {"mu": "momentum"},
        {"m": "momentum_buffer"},
        {**OF_SGD, "nesterov": False},
    ),
    Nesterov: Twin(
        torch.optim.SGD,
        {"mu": "momentum"},
        {"m": "momentum_buffer"},
        {**OF_SGD, "nesterov": True},
    ),
    AdaGrad: Twin(torch.optim.Adagrad, {"epsilon": "eps"}, {"v": "sum"}, {**PLAIN, "lr_decay": 0}),
    RMSProp: Twin(
        torch.optim.RMSprop,
        SQUARES,
        {"v": "square_avg"},
        {**PLAIN, "momentum": 0, "centered": False},
    ),
    RMSPropMomentum: Twin(
        torch.optim.RMSprop,
        {**SQUARES, "mu": "momentum"},
        {"v": "square_avg", "m": "momentum_buffer"},
        {**PLAIN, "centered": False},
    ),
    RMSPropCentred: Twin(
        torch.optim.RMSprop,
        {**SQUARES, "mu": "momentum"},
        {"v": "square_avg", "m": "momentum_buffer", "g_bar": "grad_avg"},
        {**PLAIN, "centered": True},
    ),
    AdaDelta: Twin(
        torch.optim.Adadelta,
        {"rho": "rho", "epsilon": "eps"},
        {"v": "square_avg", "w": "acc_delta"},
        PLAIN,
    ),
    Adam: Twin(torch.optim.Adam, BETAS, MOMENTS, {**PLAIN, "amsgrad": False}),
    AMSGrad: Twin(
        torch.optim.Adam,
        BETAS,
        {**MOMENTS, "v_max": "max_exp_avg_sq"},
        {**PLAIN, "amsgrad": True},
    ),
    AdamW: Twin(
        torch.optim.AdamW,
        {**BETAS, "weight_decay": "weight_decay"},
        MOMENTS,
        {"maximize": False, "amsgrad": False, "decoupled_weight_decay": True},
    ),
    AdaMax: Twin(torch.optim.Adamax, BETAS, {"m": "exp_avg", "u": "exp_inf"}, PLAIN),
    NAdam: Twin(torch.optim.NAdam, {**BETAS, "psi": "momentum_decay"}, MOMENTS, PLAIN),
    RAdam: Twin(torch.optim.RAdam, BETAS, MOMENTS, PLAIN),
}
"""Every rule that `torch.optim` has, with its optimizer there."""

NEVER_NEGATIVE = ("v", "v_max", "s", "u", "w")
"""What our rules call averages, sums and maxima of squares or of sizes; another's v may be any."""

OF_SCHEDULERS = ("initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum", "swa_lr")
"""What PyTorch's schedulers leave in a group."""


@cache
def options_elsewhere(rule: type[Rule]) -> frozenset[str]:
    """Return what `torch.optim` has options for and a rule does not read in a group.

    >>> sorted(options_elsewhere(AdamW) & {"alpha", "betas", "eps", "weight_decay", "lr"})
    ['alpha', 'betas', 'eps']
    """
    names = {n for twin in TWINS.values() for n in (*twin.numbers.values(), *twin.fixed)}
    own = {field.name for field in dataclasses.fields(rule)} - {"alpha"}
    return frozenset({*names, "betas"} - {"beta1", "beta2", *own})


def number_of(value: object) -> Any:
    """Return a tensor with one element as a number, and anything else as it is.

    >>> number_of(torch.tensor(0.5)), number_of(0.1)
    (0.5, 0.1)
    """
    return value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value


def twin_of(rule: Rule) -> Twin:
    """Return PyTorch's optimizer for a rule, and its names.

    Raises
    ------
    ValueError
        If PyTorch has no such optimizer, the rule's alpha is a schedule, which a checkpoint of
        PyTorch's cannot hold, or RAdam's threshold is not PyTorch's.

    >>> from adambook import AdaMax
    >>> twin_of(AdaMax()).arrays
    {'m': 'exp_avg', 'u': 'exp_inf'}
    """
    twin = TWINS.get(type(rule))
    if twin is None:
        raise ValueError(
            f"torch.optim has no {rule.name}; it has {', '.join(c.__name__ for c in TWINS)}"
        )
    if callable(rule.alpha):  # type: ignore[attr-defined]
        raise ValueError(
            "alpha must be one number, got a schedule: a checkpoint of PyTorch's holds one step "
            "size a group"
        )
    if isinstance(rule, RAdam):
        _check_threshold("threshold", rule.threshold)
    return twin


def _check_threshold(name: str, value: object) -> None:
    if value != 5:
        raise ValueError(f"{name} must be 5 as in torch.optim.RAdam, got {value}")


def from_torch(state_dict: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    r"""Return a checkpoint of `torch.optim` as one of `adambook.torch.Optimizer` with a rule.

    The step counts, the arrays and the hyper-parameters are PyTorch's; of the rule, its kind
    counts. The arrays are not copied; `Optimizer.load_state_dict` does that.

    PyTorch's SGD counts no steps, so Momentum and Nesterov count from 0 again, which changes none
    of their numbers. NAdam's product of momenta is what our count of steps makes of it.

    Parameters
    ----------
    state_dict : dict
        What the `state_dict` of `torch.optim`'s optimizer returned.
    rule : Rule
        The rule that the checkpoint is of; its alpha is a number.

    Raises
    ------
    ValueError
        If the checkpoint is of another optimizer, or of one with an option that changes the rule,
        or incomplete.

    >>> import torch
    >>> from adambook import Adam
    >>> theta = torch.nn.Parameter(torch.ones(1))
    >>> theirs = torch.optim.Adam([theta], lr=0.1, betas=(0.5, 0.75))
    >>> theta.grad = torch.tensor([2.0])
    >>> _ = theirs.step()
    >>> from_torch(theirs.state_dict(), Adam())["state"]
    {0: {'t': 1, 'm': tensor([1.]), 'v': tensor([1.])}}
    """
    twin = twin_of(checked_rule(rule))
    _check_form(state_dict, _name(twin))
    groups, states = [], {}
    for k, theirs in enumerate(state_dict["param_groups"]):
        groups.append(_our_group(twin, rule, theirs, k))
        for i in theirs["params"]:
            if state_dict["state"].get(i):
                states[i] = _our_state(twin, theirs, state_dict["state"][i], i)
    return {"state": states, "param_groups": groups}


def to_torch(optimizer: Optimizer) -> dict[str, Any]:
    r"""Return a checkpoint that PyTorch's optimizer for the same rule loads.

    It holds copies of the arrays. A parameter that had no gradient yet has no state in it, except
    with AdaGrad, where PyTorch keeps a sum for each from the start.

    Parameters
    ----------
    optimizer : adambook.torch.Optimizer
        The optimizer to go on from, its rule one that `torch.optim` has.

    Raises
    ------
    TypeError
        If the optimizer is not ours.
    ValueError
        If PyTorch has no such optimizer, the rule's alpha is a schedule, or RAdam's threshold is
        not PyTorch's, in the rule or in a group.

    >>> import torch
    >>> from adambook import AdaGrad
    >>> from adambook.torch import Optimizer, to_torch
    >>> theta = torch.nn.Parameter(torch.ones(1))
    >>> ours, theirs = Optimizer([theta], AdaGrad(0.5)), torch.optim.Adagrad([theta])
    >>> theta.grad = torch.tensor([2.0])
    >>> ours.step()
    >>> theirs.load_state_dict(to_torch(ours))
    >>> theirs.state[theta]["sum"], theirs.param_groups[0]["lr"]
    (tensor([4.]), 0.5)
    """
    if not isinstance(getattr(optimizer, "rule", None), Rule):
        raise TypeError(f"optimizer must be an adambook.torch.Optimizer, got {optimizer!r:.100}")
    twin = twin_of(optimizer.rule)
    for k, group in enumerate(optimizer.param_groups):
        if "threshold" in group:
            _check_threshold(f"threshold of group {k}", group["threshold"])
    groups = [_their_group(twin, group) for group in optimizer.param_groups]
    saved: dict[str, Any] = twin.optimizer(
        groups
    ).state_dict()  # with all its defaults, and what it starts from
    places = [i for group in saved["param_groups"] for i in group["params"]]
    params = [(group, p) for group in optimizer.param_groups for p in group["params"]]
    for i, (group, p) in zip(places, params, strict=True):
        if optimizer.state.get(p):
            saved["state"][i] = _their_state(twin, optimizer.rule, group, optimizer.state[p])
    return saved


def is_torchs(state_dict: object) -> bool:
    """Return whether a checkpoint is not of ours, which name their rule in every group.

    >>> is_torchs(torch.optim.Adam([torch.zeros(1)]).state_dict())
    True
    """
    groups: Any = state_dict.get("param_groups") if isinstance(state_dict, Mapping) else ()
    return not _holds_dicts(groups) or not any("rule" in group for group in groups)


def check_fits(optimizer: Optimizer, state_dict: Mapping[str, Any]) -> None:
    """Refuse a checkpoint that is not of an optimizer's rule or not of its parameters.

    Raises
    ------
    ValueError
        If the rule is another, an array or a number is missing or not of the right shape, a second
        moment holds a number below 0, which no training leaves, or the parameters, where both name
        them, have the same names in another order. NaN and infinities are loaded as they are, like
        PyTorch does: a run that diverged leaves them.

    >>> from adambook import SGD, Adam
    >>> from adambook.torch import Optimizer
    >>> theta = torch.nn.Parameter(torch.ones(1))
    >>> check_fits(Optimizer([theta], Adam()), Optimizer([theta], SGD()).state_dict())
    Traceback (most recent call last):
    ...
    ValueError: this state belongs to SGD, not to Adam
    """
    rule = optimizer.rule
    _check_form(state_dict, rule.name)
    for k, group in enumerate(state_dict["param_groups"]):
        if group.get("rule") != rule.name:
            owner = group.get("rule", "another optimizer")
            raise ValueError(f"this state belongs to {owner}, not to {rule.name}")
        if lacking := [name for name in optimizer.defaults if name not in group]:
            raise ValueError(f"group {k} of this state lacks {', '.join(lacking)}")
    _check_order(state_dict["param_groups"], optimizer.param_groups)
    places = [i for group in state_dict["param_groups"] for i in group["params"]]
    params = [p for group in optimizer.param_groups for p in group["params"]]
    for i, p in zip(places, params, strict=False):  # PyTorch counts them
        if state := state_dict["state"].get(i):
            _check_state(rule, state, p, i)


def _check_order(theirs: Any, ours: Any) -> None:
    """Refuse groups with the names of ours in another order: states would go astray."""
    saved, own = (
        [n for g in groups for n in g.get("param_names", ())] for groups in (theirs, ours)
    )
    if saved != own and sorted(map(str, saved)) == sorted(map(str, own)):
        k = next(k for k, names in enumerate(zip(saved, own, strict=True)) if len({*names}) > 1)
        raise ValueError(
            f"parameter {k} of this state is {saved[k]} and of the optimizer {own[k]}: hand the "
            "optimizer its parameters in the order of the state"
        )


def _check_form(state_dict: object, name: str) -> None:
    """Refuse what is no checkpoint, or one that does not say once whose each state is.

    Parameters are named by whole numbers; what others keep under words is not looked at.
    """
    if not isinstance(state_dict, Mapping) or {"state", "param_groups"} - {*state_dict}:
        raise ValueError(f"a checkpoint of {name} has the entries state and param_groups")
    states, groups = state_dict["state"], state_dict["param_groups"]
    own = {i for i in states if isinstance(i, int)} if isinstance(states, Mapping) else None
    if own is None or not _holds_dicts(states[i] for i in own):
        raise ValueError("state must be a dictionary with a dictionary for each parameter")
    if not _holds_dicts(groups) or not all(
        isinstance(g.get("params"), list | tuple) for g in groups
    ):
        raise ValueError("param_groups must be a list of dictionaries, each with a list of params")
    places = [i for group in groups for i in group["params"]]
    if len({*places}) < len(places):
        raise ValueError(f"params must name each parameter once, got {places}")
    if foreign := sorted(own - {*places}):
        raise ValueError(f"no group has the parameter {foreign[0]}, and there is a state of it")


def _holds_dicts(values: Any) -> bool:
    return isinstance(values, Iterable) and all(isinstance(value, Mapping) for value in values)


def _check_state(rule: Rule, state: Mapping[str, Any], p: torch.Tensor, i: int) -> None:
    """Refuse the state of another rule's or another shape's parameter."""
    t = state.get("t")
    if not isinstance(t, int) or t < 0:
        raise ValueError(f"t of parameter {i} must be a number of steps, got {t!r}")
    for name in rule.state_names:
        x = state.get(name)
        if not isinstance(x, torch.Tensor) or x.shape != p.shape:
            got = f"shape {tuple(x.shape)}" if isinstance(x, torch.Tensor) else repr(x)
            raise ValueError(
                f"{name} of parameter {i} must be a tensor of shape {tuple(p.shape)}, got {got}"
            )
        if x.layout is not torch.strided or not x.is_floating_point():
            raise ValueError(
                f"{name} of parameter {i} must be dense and hold real numbers, got {x.dtype} in "
                f"{x.layout}"
            )
        if name in NEVER_NEGATIVE and type(rule) in RULES and (x < 0).any():
            least = torch.where(x < 0, x, 0).min().item()
            raise ValueError(f"{name} of parameter {i} must be at least 0 everywhere, got {least}")


def _name(twin: Twin) -> str:
    return f"torch.optim.{twin.optimizer.__name__}"


def _our_group(twin: Twin, rule: Rule, theirs: Mapping[str, Any], k: int) -> dict[str, Any]:
    """Return a group under our names; refuse one that another optimizer would have written."""
    options = {*twin.optimizer([torch.zeros(1)]).defaults}
    kept = {name for name in ("params", "param_names", *OF_SCHEDULERS) if name in theirs}
    if lacking := sorted(options - {*theirs}):
        raise ValueError(
            f"group {k} is not of {_name(twin)} as PyTorch {torch.__version__} writes it: it lacks "
            f"{', '.join(lacking)}"
        )
    if foreign := sorted({*theirs} - options - kept):
        raise ValueError(f"group {k} is not of {_name(twin)}: it has {', '.join(foreign)}")
    for name, value in twin.fixed.items():
        if theirs[name] != value:
            raise ValueError(
                f"{name} of group {k} must be {value} to be {rule.name}, got {theirs[name]}"
            )
    flat = {**theirs, **dict(zip(("beta1", "beta2"), theirs.get("betas", ()), strict=False))}
    numbers = {ours: number_of(flat[name]) for ours, name in twin.numbers.items()}
    own = {f.name: getattr(rule, f.name) for f in dataclasses.fields(rule) if f.name != "alpha"}
    return {
        **{name: theirs[name] for name in kept},
        "lr": number_of(theirs["lr"]),
        **own,
        **numbers,
        "rule": rule.name,
    }


def _our_state(
    twin: Twin, group: Mapping[str, Any], theirs: Mapping[str, Any], i: int
) -> dict[str, Any]:
    """Return a parameter's state under our names; without momentum PyTorch keeps no buffer."""
    arrays = {ours: theirs.get(name) for ours, name in twin.arrays.items()}
    unused = "m" in arrays and arrays["m"] is None and not group.get("momentum", 1)
    if unused and "square_avg" in theirs:
        arrays["m"] = torch.zeros_like(theirs["square_avg"])
    lacking = [twin.arrays[ours] for ours, x in arrays.items() if x is None]
    if twin.optimizer is not torch.optim.SGD and "step" not in theirs:
        lacking.append("step")
    if lacking:
        raise ValueError(f"the state of parameter {i} lacks {', '.join(lacking)}")
    t = number_of(theirs.get("step", 0))  # PyTorch keeps it as a float
    return {"t": int(t) if isinstance(t, float) and t.is_integer() else t, **arrays}


def _their_group(twin: Twin, ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group under PyTorch's names."""
    kept = ("params", "param_names", *OF_SCHEDULERS)
    options = {name: ours[key] for key, name in twin.numbers.items()}
    if "beta1" in options:
        options["betas"] = (options.pop("beta1"), options.pop("beta2"))
    return {
        **{name: ours[name] for name in kept if name in ours},
        "lr": number_of(ours["lr"]),
        **options,
        **twin.fixed,
    }


def _their_state(
    twin: Twin, rule: Rule, group: Mapping[str, Any], ours: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a parameter's state under PyTorch's names; its NAdam keeps a product beside it."""
    state = {name: ours[key].clone() for key, name in twin.arrays.items()}
    if twin.optimizer is not torch.optim.SGD:
        state["step"] = torch.tensor(float(ours["t"]))
    if isinstance(rule, NAdam):
        now = dataclasses.replace(rule, **{key: group[key] for key in twin.numbers})
        state["mu_product"] = torch.tensor(now.constants(ours["t"]).product, dtype=torch.float64)
    return state
