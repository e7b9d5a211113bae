"""Every rule that Optax has, over a grid of hyper-parameters and of gradients.

Optax and JAX are the extra `oracles` of the project: without them these tests are skipped.
"""

import dataclasses
import math

import numpy as np
import pytest
from oracles import (
    POINTS,
    at_point,
    coordinate_difference,
    extreme_gradients,
    our_path,
    relative_difference,
    with_epsilon,
)

from adambook import (
    ADOPT,
    SGD,
    AdaBelief,
    AdaDelta,
    AdaGrad,
    Adam,
    AdaMax,
    AdamW,
    ADOPTClipped,
    AMSGrad,
    AMSGradCorrected,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RMSProp,
    RMSPropCentred,
    RMSPropMomentum,
    ScheduleFree,
)

jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
STEPS = 100


def betas(r):
    return {"learning_rate": r.alpha, "b1": r.beta1, "b2": r.beta2, "eps": r.epsilon}


def rms(r):
    return {"learning_rate": r.alpha, "decay": r.rho, "eps": r.epsilon, "eps_in_sqrt": False}


def adopt(r, clipped):
    return optax.contrib.adopt(**betas(r), use_clipping=clipped)


TWINS = {
    SGD: lambda r: optax.sgd(r.alpha),
    Momentum: lambda r: optax.sgd(r.alpha, r.mu),
    Nesterov: lambda r: optax.sgd(r.alpha, r.mu, nesterov=True),
    RMSProp: lambda r: optax.rmsprop(**rms(r)),
    RMSPropMomentum: lambda r: optax.rmsprop(**rms(r), momentum=r.mu),
    RMSPropCentred: lambda r: optax.rmsprop(**rms(r), momentum=r.mu, centered=True),
    AdaDelta: lambda r: optax.adadelta(r.alpha, r.rho, r.epsilon),
    Adam: lambda r: optax.adam(**betas(r)),
    AMSGradCorrected: lambda r: optax.amsgrad(**betas(r)),
    AdamW: lambda r: optax.adamw(**betas(r), weight_decay=r.weight_decay),
    AdaMax: lambda r: optax.adamax(**betas(r)),
    AdaBelief: lambda r: optax.adabelief(**betas(r), eps_root=r.epsilon),
    ADOPT: lambda r: adopt(r, False),
    ADOPTClipped: lambda r: adopt(r, True),
    NAdam: lambda r: optax.nadam(**betas(r)),
    ScheduleFree: lambda r: optax.contrib.schedule_free_adamw(**betas(r)),
}
ONLY_AT_EPSILON_0 = {
    AdaGrad: lambda r: optax.adagrad(r.alpha, 0.0, r.epsilon),
    RAdam: lambda r: optax.radam(**betas(r)),
}


def their_path(make, rule, gradients, theta0):
    """Optax's path, in the element type of the start."""
    with jax.enable_x64(True):
        theta, optimizer = jax.numpy.asarray(theta0), make(rule)
        state, path = optimizer.init(theta), [theta0]
        update = jax.jit(optimizer.update)
        for g in gradients:
            updates, state = update(jax.numpy.asarray(g), state, theta)
            theta = optax.apply_updates(theta, updates)
            path.append(np.asarray(theta))
    return np.array(path)


def rule_at(cls, point):
    """A rule at a point of the grid; Optax's NAdam has no schedule, its y needs a share of x."""
    rule = at_point(cls, point)
    if cls is NAdam:
        return dataclasses.replace(rule, psi=math.inf)
    if cls is ScheduleFree and rule.beta1 == 0:
        return dataclasses.replace(rule, beta1=0.5)
    return rule


every_twin = pytest.mark.parametrize("cls", TWINS, ids=lambda cls: cls.__name__)


GRID = [
    pytest.param(cls, point, id=f"{cls.__name__}-{point}")
    for cls in TWINS
    for point in POINTS
    if (cls, point) != (RMSPropCentred, "no memory")  # the root of a rounded 0, as in PyTorch
]


@pytest.mark.parametrize(("cls", "point"), GRID)
def test_rule_agrees_with_optax_over_the_grid(cls, point, gradients, theta0):
    rule, g = rule_at(cls, point), gradients[:STEPS]
    if cls in (ADOPT, ADOPTClipped):
        g = np.where(g == 0, 1e-4, g)
    theirs = their_path(TWINS[cls], rule, g, theta0)
    tolerance = 1e-8 if cls is RMSPropCentred else 1e-11  # v - ḡ² forgets digits
    assert relative_difference(theirs, our_path(rule, g, theta0)) <= tolerance


@every_twin
def test_extreme_gradients_take_optaxs_way(cls):
    rule, g = rule_at(cls, "unusual"), extreme_gradients(STEPS)
    with np.errstate(all="ignore"):
        ours = our_path(rule, g, np.zeros(7))
    theirs = their_path(TWINS[cls], rule, g, np.zeros(7))
    assert coordinate_difference(theirs, ours) <= 1e-10


@pytest.mark.parametrize("cls", ONLY_AT_EPSILON_0, ids=lambda cls: cls.__name__)
def test_documented_difference_epsilon_stands_elsewhere_in_optax(cls, gradients, theta0):
    """Inside AdaGrad's root, and beside RAdam's corrected one: the same rules at ε = 0 only."""
    g = np.where(gradients[:STEPS] == 0, 1e-4, gradients[:STEPS])
    for rule, agrees in ((with_epsilon(cls), False), (cls(0.05, epsilon=0.0), True)):
        theirs = their_path(ONLY_AT_EPSILON_0[cls], rule, g, theta0)
        difference = relative_difference(theirs, our_path(rule, g, theta0))
        assert difference <= 1e-11 if agrees else difference > 1e-4


DIFFERENT = {
    "AMSGrad takes the maximum before the correction": (AMSGrad, TWINS[AMSGradCorrected]),
    "NAdam has a schedule": (NAdam, TWINS[NAdam]),
    "RMSProp has ε beside the root": (
        RMSProp,
        lambda r: optax.rmsprop(r.alpha, r.rho, r.epsilon),
    ),
    "AdaGrad starts from 0": (AdaGrad, lambda r: optax.adagrad(r.alpha, eps=r.epsilon)),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_documented_difference_from_optaxs_default_is_one(what, gradients, theta0):
    cls, make = DIFFERENT[what]
    rule, g = with_epsilon(cls), gradients[:STEPS]
    difference = relative_difference(their_path(make, rule, g, theta0), our_path(rule, g, theta0))
    assert difference > 1e-4
