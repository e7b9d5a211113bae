"""What must hold for every gradient, tried on gradients that Hypothesis makes up."""

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import with_epsilon

from adambook import (
    ADOPT,
    AdaBelief,
    AdaGrad,
    Adam,
    AdaMax,
    AdaMaxOutside,
    AdamReordered,
    AdamUncorrected,
    AdamW,
    ADOPTClipped,
    AMSGrad,
    AMSGradCorrected,
    NAdam,
    RMSProp,
    RMSPropCentred,
    RMSPropMomentum,
    ScheduleFree,
    minimize,
)
from adambook.rules import RULES

few = settings(max_examples=10, deadline=None, derandomize=True, database=None)
many = settings(few, max_examples=50)
every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)

SIZES = st.floats(1e-6, 1e6)
SIGNED = st.builds(lambda size, sign: size * sign, SIZES, st.sampled_from([-1.0, 1.0]))
NUMBERS = st.one_of(st.just(0.0), SIGNED)
BETAS = st.floats(0.0, 0.999)


def gradient_lists(coordinates, numbers=NUMBERS):
    return st.integers(1, 12).flatmap(
        lambda n: arrays(np.float64, (n, coordinates), elements=numbers)
    )


def path(rule, gradients, theta0):
    return minimize(rule, [lambda _, g=g: g for g in gradients], theta0, len(gradients))


@every_rule
@few
@given(g=gradient_lists(5), order=st.permutations(range(5)))
def test_relabelling_the_coordinates_relabels_the_path(cls, g, order):
    rule, theta0 = with_epsilon(cls), np.arange(5.0)
    np.testing.assert_array_equal(
        path(rule, g[:, order], theta0[order]), path(rule, g, theta0)[:, order]
    )


@every_rule
@few
@given(g=gradient_lists(4), other=gradient_lists(4))
def test_a_coordinate_does_not_see_the_others(cls, g, other):
    rule, theta0, n = with_epsilon(cls), np.arange(4.0), min(len(g), len(other))
    mixed = other[:n].copy()
    mixed[:, 2] = g[:n, 2]
    np.testing.assert_array_equal(path(rule, mixed, theta0)[:, 2], path(rule, g[:n], theta0)[:, 2])


@every_rule
@few
@given(g=gradient_lists(3), data=st.data())
def test_a_run_resumed_from_a_pickle_goes_on_to_the_same_bits(cls, g, data):
    rule, theta = with_epsilon(cls), np.arange(3.0)
    stop = data.draw(st.integers(0, len(g)))
    state, expected = rule.init(theta), path(rule, g, theta)
    for t, gradient in enumerate(g):
        if t == stop:
            rule, theta, state = pickle.loads(pickle.dumps((rule, theta, state)))
        delta, state = rule.update(gradient, state, theta)
        theta = theta + delta
        np.testing.assert_array_equal(theta, expected[t + 1])


NORMALISED = [
    AdaGrad,
    RMSProp,
    RMSPropMomentum,
    RMSPropCentred,
    Adam,
    AdamReordered,
    AdamUncorrected,
    AdaMax,
    AdaMaxOutside,
    AMSGrad,
    AMSGradCorrected,
    AdamW,
    NAdam,
    AdaBelief,
    ADOPT,
    ADOPTClipped,
    ScheduleFree,
]


@pytest.mark.parametrize("cls", NORMALISED, ids=lambda cls: cls.__name__)
@few
@given(g=gradient_lists(3, SIGNED), power=st.integers(-100, 100))
def test_at_epsilon_0_the_unit_of_the_loss_is_forgotten_to_the_bit(cls, g, power):
    """g → 2^k g: powers of two, so that rounding scales too."""
    rule, theta0 = cls(alpha=0.1, epsilon=0.0), np.arange(3.0)
    with np.errstate(invalid="ignore", divide="ignore"):  # g = its mean: a variance of 0
        plain, scaled = path(rule, g, theta0), path(rule, g * 2.0**power, theta0)
    np.testing.assert_array_equal(plain, scaled)


@many
@given(g=gradient_lists(3, SIGNED), scale=SIZES)
def test_adams_step_at_epsilon_0_does_not_depend_on_the_scale_of_gradients(g, scale):
    rule, theta0 = Adam(alpha=0.1, epsilon=0.0), np.zeros(3)
    plain, scaled = path(rule, g, theta0), path(rule, g * scale, theta0)
    np.testing.assert_allclose(plain, scaled, rtol=1e-12, atol=1e-13)


SIGN_FIRST = [Adam, AdamReordered, AdaMax, AdaMaxOutside, AMSGrad, AMSGradCorrected, AdaGrad]


@pytest.mark.parametrize("cls", SIGN_FIRST, ids=lambda cls: cls.__name__)
@few
@given(g=arrays(np.float64, 4, elements=SIGNED), power=st.sampled_from([-100, 0, 100]))
def test_the_first_step_at_epsilon_0_is_sign_descent(cls, g, power):
    rule, theta, g = cls(alpha=0.25, epsilon=0.0), np.zeros(4), g * 10.0**power
    delta, _ = rule.update(g, rule.init(theta), theta)
    np.testing.assert_allclose(delta, -0.25 * np.sign(g), rtol=1e-12)


@pytest.mark.parametrize("cls", [Adam, AMSGrad, AMSGradCorrected, AdaMaxOutside])
@many
@given(g=SIGNED, beta1=BETAS, beta2=BETAS, epsilon=st.floats(0.0, 10.0), steps=st.integers(1, 50))
def test_bias_correction_is_exact_for_a_constant_gradient(cls, g, beta1, beta2, epsilon, steps):
    """m̂ = g and v̂ = g² at every step, so that every step is -αg/(|g| + ε)."""
    rule = cls(0.5, beta1, beta2, epsilon)
    theta, state = np.zeros(1), None
    state = rule.init(theta)
    for _ in range(steps):
        delta, state = rule.update(np.array([g]), state, theta)
        np.testing.assert_allclose(delta, -0.5 * g / (abs(g) + epsilon), rtol=1e-11)


@every_rule
@few
@given(g=gradient_lists(2), factor=st.floats(0.0, 100.0))
def test_the_step_is_proportional_to_alpha(cls, g, factor):
    rule, theta = with_epsilon(cls), np.ones(2)
    longer = dataclasses.replace(rule, alpha=factor * rule.alpha)
    state = also = rule.init(theta)
    for gradient in g:
        delta, state = rule.update(gradient, state, theta)
        scaled, also = longer.update(gradient, also, theta)
        np.testing.assert_allclose(scaled, factor * delta, rtol=1e-13, atol=1e-300)
        if cls is not ScheduleFree:  # its state holds a distance between iterates
            assert pickle.dumps(also) == pickle.dumps(state)


@every_rule
@few
@given(g=gradient_lists(3))
def test_turning_the_loss_upside_down_turns_the_path_round(cls, g):
    """Every rule is odd: -g and -θ give -Δ."""
    rule, theta0 = with_epsilon(cls), np.arange(3.0)
    np.testing.assert_array_equal(path(rule, -g, -theta0), -path(rule, g, theta0))
