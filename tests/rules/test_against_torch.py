"""Every rule that PyTorch has, against PyTorch's own, at a large ε and in float64."""

import math

import numpy as np
import pytest
import torch
from oracles import our_path, relative_difference, torch_path

from adambook import (
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
)

A, B1, B2, E = 0.05, 0.8, 0.95, 1e-2
ADAM = {"lr": A, "betas": (B1, B2), "eps": E}
PAIRS = {
    "SGD": (SGD(A), torch.optim.SGD, {"lr": A}),
    "Momentum": (Momentum(A, 0.7), torch.optim.SGD, {"lr": A, "momentum": 0.7}),
    "Nesterov": (
        Nesterov(A, 0.7),
        torch.optim.SGD,
        {"lr": A, "momentum": 0.7, "nesterov": True},
    ),
    "AdaGrad": (AdaGrad(A, E), torch.optim.Adagrad, {"lr": A, "eps": E}),
    "RMSProp": (RMSProp(A, 0.85, E), torch.optim.RMSprop, {"lr": A, "alpha": 0.85, "eps": E}),
    "RMSPropMomentum": (
        RMSPropMomentum(A, 0.85, E, 0.7),
        torch.optim.RMSprop,
        {"lr": A, "alpha": 0.85, "eps": E, "momentum": 0.7},
    ),
    "RMSPropCentred": (
        RMSPropCentred(A, 0.85, E, 0.7),
        torch.optim.RMSprop,
        {"lr": A, "alpha": 0.85, "eps": E, "momentum": 0.7, "centered": True},
    ),
    "AdaDelta": (AdaDelta(A, 0.85, E), torch.optim.Adadelta, {"lr": A, "rho": 0.85, "eps": E}),
    "Adam": (Adam(A, B1, B2, E), torch.optim.Adam, ADAM),
    "AdaMax": (AdaMax(A, B1, B2, E), torch.optim.Adamax, ADAM),
    "AMSGrad": (AMSGrad(A, B1, B2, E), torch.optim.Adam, {**ADAM, "amsgrad": True}),
    "AdamW": (
        AdamW(A, B1, B2, E, weight_decay=0.1),
        torch.optim.AdamW,
        {**ADAM, "weight_decay": 0.1},
    ),
    "NAdam": (
        NAdam(A, B1, B2, E, psi=0.02),
        torch.optim.NAdam,
        {**ADAM, "momentum_decay": 0.02},
    ),
    "RAdam": (RAdam(A, B1, B2, E), torch.optim.RAdam, ADAM),
}


@pytest.mark.parametrize("name", PAIRS)
def test_rule_agrees_with_pytorch_over_100_steps(name, gradients, theta0):
    rule, optimizer_class, options = PAIRS[name]
    ours = our_path(rule, gradients[:100], theta0)
    theirs = torch_path(optimizer_class, options, gradients[:100], theta0)
    assert relative_difference(theirs, ours) <= 1e-12


@pytest.mark.parametrize("name", PAIRS)
def test_rule_agrees_with_pytorch_when_every_gradient_has_the_same_sign(name, gradients, theta0):
    rule, optimizer_class, options = PAIRS[name]
    ours = our_path(rule, abs(gradients[:100]), theta0)
    theirs = torch_path(optimizer_class, options, abs(gradients[:100]), theta0)
    assert relative_difference(theirs, ours) <= 1e-12


def test_radam_switches_from_momentum_to_adaptive_at_pytorchs_step(theta0):
    """At β2 = 0.999 the rectification sets in after five steps; both sides are tried."""
    g = np.ones((20, 7))
    rule = RAdam(A, 0.9, 0.999, E)
    theirs = torch_path(torch.optim.RAdam, {"lr": A, "eps": E}, g, theta0)
    assert relative_difference(theirs, our_path(rule, g, theta0)) <= 1e-12
    plain = [rule.constants(t).plain > 0 for t in range(1, 21)]
    assert plain == [True] * 5 + [False] * 15


def test_documented_difference_nadam_without_a_schedule_is_another_rule(gradients, theta0):
    ours = our_path(NAdam(A, B1, B2, E, psi=math.inf), gradients[:100], theta0)
    theirs = torch_path(torch.optim.NAdam, ADAM, gradients[:100], theta0)
    assert relative_difference(theirs, ours) > 1e-6
