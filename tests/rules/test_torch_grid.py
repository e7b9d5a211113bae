"""Every rule that PyTorch has, over a grid of hyper-parameters, element types and gradients."""

import numpy as np
import pytest
import torch
from oracles import (
    POINTS,
    at_point,
    coordinate_difference,
    extreme_gradients,
    our_path,
    relative_difference,
    torch_path,
    with_epsilon,
)

from adambook import (
    AdaBelief,
    Adam,
    AdaMaxOutside,
    AdamReordered,
    AdamUncorrected,
    AMSGradCorrected,
    RAdam,
    RMSPropCentred,
)
from adambook.torch import Optimizer, to_torch
from adambook.torch_checkpoints import TWINS

every_twin = pytest.mark.parametrize("cls", TWINS, ids=lambda cls: cls.__name__)
STEPS = 100


def their_path(rule, gradients, theta0):
    """PyTorch's path at a rule's hyper-parameters."""
    given = to_torch(Optimizer([torch.zeros(1)], rule))["param_groups"][0]
    del given["params"]
    theirs = TWINS[type(rule)].optimizer

    def make(params):
        return theirs([{"params": params, **given, "foreach": False}])

    return torch_path(make, {}, gradients, theta0)


GRID = [
    pytest.param(cls, point, id=f"{cls.__name__}-{point}")
    for cls in TWINS
    for point in POINTS
    if (cls, point) != (RMSPropCentred, "no memory")  # a variance of 0: see below
]


@pytest.mark.parametrize(("cls", "point"), GRID)
def test_rule_agrees_with_pytorch_over_the_grid_in_float64(cls, point, gradients, theta0):
    rule, g = at_point(cls, point), gradients[:STEPS]
    theirs = their_path(rule, g, theta0)
    tolerance = 1e-8 if cls is RMSPropCentred else 1e-11  # v - ḡ² forgets digits
    assert relative_difference(theirs, our_path(rule, g, theta0)) <= tolerance


@every_twin
@pytest.mark.parametrize("point", ["unusual", "long memory"])
def test_rule_agrees_with_pytorch_over_the_grid_in_float32(cls, point, gradients, theta0):
    rule = at_point(cls, point)
    g, theta0 = gradients[:STEPS].astype(np.float32), theta0.astype(np.float32)
    ours = our_path(rule, g, theta0)
    assert ours.dtype == np.float32
    assert relative_difference(their_path(rule, g, theta0), ours) <= 1e-4


EXTREME = [
    pytest.param(cls, dtype, id=f"{cls.__name__}-{np.dtype(dtype)}")
    for cls in TWINS
    for dtype in (np.float32, np.float64)
    if (cls, dtype) != (RMSPropCentred, np.float32)  # ∞ - ∞ at 1e30, which PyTorch fuses away
]


@pytest.mark.parametrize(("cls", "dtype"), EXTREME)
def test_extreme_gradients_take_pytorchs_way(cls, dtype):
    """Zero, 1e30, 1e-30, both in turn, subnormal, and a NaN or an infinity at step 10."""
    rule, g = with_epsilon(cls), extreme_gradients(STEPS, dtype)
    theta0 = np.zeros(7, dtype)
    with np.errstate(all="ignore"):
        ours = our_path(rule, g, theta0)
    tolerance = 1e-3 if dtype is np.float32 else 1e-11
    assert coordinate_difference(their_path(rule, g, theta0), ours) <= tolerance
    assert np.isfinite(ours[:, :5]).all() and np.isnan(ours[10:, 5]).all()


# What is documented to differ, does

DIFFERENT = {
    "ε̂ stands beside √v": (AdamReordered, torch.optim.Adam, {}),
    "no bias correction": (AdamUncorrected, torch.optim.Adam, {}),
    "the maximum of the corrected v": (AMSGradCorrected, torch.optim.Adam, {"amsgrad": True}),
    "ε on the denominator": (AdaMaxOutside, torch.optim.Adamax, {}),
    "the average of surprises": (AdaBelief, torch.optim.Adam, {}),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_documented_difference_from_pytorch_is_one(what, gradients, theta0):
    cls, optimizer_class, options = DIFFERENT[what]
    given = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-2, **options}
    theirs = torch_path(optimizer_class, given, gradients[:STEPS], theta0)
    assert (
        relative_difference(theirs, our_path(with_epsilon(cls), gradients[:STEPS], theta0)) > 1e-3
    )


def test_documented_difference_radams_threshold_of_the_paper_moves_the_switch(theta0):
    g = np.ones((20, 7))
    paper, implementations = (RAdam(0.05, threshold=x) for x in (4.0, 5.0))
    theirs = their_path(implementations, g, theta0)
    assert relative_difference(theirs, our_path(paper, g, theta0)) > 1e-3
    assert relative_difference(theirs, our_path(implementations, g, theta0)) <= 1e-12


def test_documented_difference_a_variance_rounded_below_0_stops_pytorch_and_not_ours():
    rule, g = at_point(RMSPropCentred, "no memory"), np.linspace(0.1, 1.0, STEPS)[:, None]
    assert np.isnan(their_path(rule, g, np.zeros(1))).any()
    assert np.isfinite(our_path(rule, g, np.zeros(1))).all()


def test_adam_never_recovers_from_an_infinite_gradient():
    """m is infinite from there on, and so is v: their ratio is no number."""
    g = np.ones((5, 1))
    g[1] = np.inf
    with np.errstate(invalid="ignore"):
        ours = our_path(Adam(), g, np.zeros(1))
    assert np.isfinite(ours[:2]).all() and np.isnan(ours[2:]).all()
