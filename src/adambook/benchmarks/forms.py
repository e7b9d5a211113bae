"""The forms of one step that are measured: ours, and every one PyTorch and Optax have."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import torch

from adambook import rules as ours
from adambook.benchmarks.memory import NEAR, arithmetic_alone, bare_loops
from adambook.benchmarks.sizes import Shapes
from adambook.fused import Fused, FusedBFloat16, one_buffer
from adambook.rules import Rule
from adambook.torch import Optimizer

Form = Callable[[], object]

NAMES = {"alpha": "lr", "epsilon": "eps", "mu": "momentum", "psi": "momentum_decay"}
PYTORCH: dict[type[Rule], tuple[Any, dict[str, Any]]] = {
    ours.SGD: (torch.optim.SGD, {}),
    ours.Momentum: (torch.optim.SGD, {}),
    ours.Nesterov: (torch.optim.SGD, {"nesterov": True}),
    ours.AdaGrad: (torch.optim.Adagrad, {}),
    ours.RMSProp: (torch.optim.RMSprop, {}),
    ours.RMSPropMomentum: (torch.optim.RMSprop, {}),
    ours.RMSPropCentred: (torch.optim.RMSprop, {"centered": True}),
    ours.AdaDelta: (torch.optim.Adadelta, {}),
    ours.Adam: (torch.optim.Adam, {}),
    ours.AdaMax: (torch.optim.Adamax, {}),
    ours.AMSGrad: (torch.optim.Adam, {"amsgrad": True}),
    ours.AdamW: (torch.optim.AdamW, {}),
    ours.NAdam: (torch.optim.NAdam, {}),
    ours.RAdam: (torch.optim.RAdam, {}),
}
"""PyTorch's class for a rule, and what tells it from its siblings."""

OPTAX: dict[type[Rule], str] = {
    ours.SGD: "sgd",
    ours.AdaGrad: "adagrad",
    ours.Adam: "adam",
    ours.AdaMax: "adamax",
    ours.AdamW: "adamw",
    ours.RAdam: "radam",
    ours.AdaBelief: "adabelief",
}
"""Optax's name for a rule; its defaults are close to ours, and cost the same."""


def pytorchs(rule: Rule) -> tuple[Any, dict[str, Any]] | None:
    """Return PyTorch's class and options for a rule, or None where it has none.

    >>> pytorchs(ours.Adam(0.1))
    (<class 'torch.optim.adam.Adam'>, {'lr': 0.1, 'eps': 1e-08, 'betas': (0.9, 0.999)})
    """
    if type(rule) not in PYTORCH:
        return None
    optimizer, options = PYTORCH[type(rule)]
    values = dict(rule.__dict__)
    rho = "alpha" if optimizer is torch.optim.RMSprop else "rho"
    named = {{**NAMES, "rho": rho}.get(k, k): v for k, v in values.items()}
    if "beta1" in named:
        named["betas"] = (named.pop("beta1"), named.pop("beta2"))
    taken = inspect.signature(optimizer).parameters
    return optimizer, {k: v for k, v in named.items() if k in taken} | options


def pytorch_forms(rule: Rule) -> dict[str, dict[str, Any]]:
    """Return the forms in which PyTorch offers a rule on the CPU, and the options that pick them.

    >>> list(pytorch_forms(ours.Adam()))
    ['PyTorch loop', 'PyTorch foreach', 'PyTorch fused']
    >>> list(pytorch_forms(ours.AdaMax()))
    ['PyTorch loop', 'PyTorch foreach']
    """
    found = pytorchs(rule)
    if found is None:
        return {}
    forms = {"PyTorch loop": {"foreach": False}, "PyTorch foreach": {"foreach": True}}
    if "fused" in inspect.signature(found[0]).parameters:
        forms["PyTorch loop"] = {"foreach": False, "fused": False}
        forms["PyTorch fused"] = {"fused": True}
    return forms


class Problem:
    """Random parameters and gradients of some shapes, the same for every form.

    >>> forms = Problem([(3,), (2, 2)]).forms(ours.Adam(), threads=1)
    >>> for form in forms.values():
    ...     form()
    >>> list(forms)[:4]
    ['NumPy', 'one pass', 'one pass, bfloat16 state', 'our PyTorch adapter']
    """

    def __init__(self, shapes: Shapes) -> None:
        rng = np.random.default_rng(0)
        self.theta = [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]
        self.g = [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]

    def forms(self, rule: Rule, threads: int) -> dict[str, Form]:
        """Return every form of a rule's step on this problem, each on memory of its own.

        Our one pass and the bare loops step one flat buffer that holds all tensors.
        """
        g, _ = one_buffer(self.g)
        fused = Fused(rule, one_buffer(self.theta)[0])
        forms: dict[str, Form] = {"NumPy": self._numpy(rule), "one pass": lambda: fused.step(g)}
        if rule.state_names:
            half = FusedBFloat16(rule, one_buffer(self.theta)[0])
            forms["one pass, bfloat16 state"] = lambda: half.step(g)
        forms["our PyTorch adapter"] = Optimizer(self._parameters(), rule).step
        for name, options in pytorch_forms(rule).items():
            optimizer, common = pytorchs(rule)  # type: ignore[misc]  # it has forms, so it is there
            forms[name] = optimizer(self._parameters(), **common, **options).step
        if type(rule) in OPTAX and importlib.util.find_spec("optax"):
            forms["Optax, jitted"] = self._optax(OPTAX[type(rule)])
        if len(rule.state_names) <= 3:
            states = [np.zeros_like(g) for _ in rule.state_names]
            forms |= bare_loops(g, one_buffer(self.theta)[0], states, threads)
        if g.size >= NEAR * threads:
            forms["arithmetic alone"] = arithmetic_alone(rule, g, threads)
        return forms

    def _numpy(self, rule: Rule) -> Form:
        """One array operation after the other, as the rule is written."""
        theta = [x.copy() for x in self.theta]
        states = [rule.init(x) for x in theta]

        def step() -> None:
            for k, g in enumerate(self.g):
                delta, states[k] = rule.update(g, states[k], theta[k])
                theta[k] += delta

        return step

    def _parameters(self) -> list[torch.nn.Parameter]:
        parameters = [torch.nn.Parameter(torch.tensor(x)) for x in self.theta]
        for p, g in zip(parameters, self.g, strict=True):
            p.grad = torch.tensor(g)
        return parameters

    def _optax(self, name: str) -> Form:
        jax: Any = import_module("jax")  # both are optional, and typed only where installed
        optax: Any = import_module("optax")
        optimizer = getattr(optax, name)(1e-3)
        theta = [jax.numpy.array(x) for x in self.theta]
        g = [jax.numpy.array(x) for x in self.g]

        def move(theta: Any, state: Any, g: Any) -> Any:
            updates, state = optimizer.update(g, state, theta)
            return optax.apply_updates(theta, updates), state

        jitted = jax.jit(move, donate_argnums=(0, 1))
        held: list[Any] = [theta, optimizer.init(theta)]

        def step() -> None:
            held[:] = jax.block_until_ready(jitted(*held, g))

        return step
