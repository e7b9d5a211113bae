"""What must hold for every gradient: 500 cases a property, made up by Hypothesis."""

import dataclasses
import math
import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from adambook import (
    SGD,
    AdaBelief,
    AdaDelta,
    AdaGrad,
    Adam,
    AdaMax,
    AdaMaxOutside,
    AdamReordered,
    AMSGrad,
    AMSGradCorrected,
    Momentum,
    Nesterov,
    RAdam,
    RMSPropCentred,
    ScheduleFree,
    minimize,
)
from adambook.rules import RULES
from adambook.theory import adamax_step_bound, step_bounds

examples = settings(max_examples=500, deadline=None, derandomize=True, database=None)

SIZES = st.floats(1e-6, 1e6)
SIGNED = st.builds(lambda size, sign: size * sign, SIZES, st.sampled_from([-1.0, 1.0]))
NUMBERS = st.one_of(st.just(0.0), SIGNED)
BETAS = st.floats(0.0, 0.999)
HYPERPARAMETERS = {
    "alpha": st.floats(1e-3, 1.0),
    "beta1": BETAS,
    "beta2": BETAS,
    "rho": BETAS,
    "mu": BETAS,
    "epsilon": st.floats(1e-8, 1.0),
    "weight_decay": st.floats(0.0, 0.5),
    "psi": st.one_of(st.floats(0.0, 1.0), st.just(math.inf)),
    "threshold": st.floats(4.0, 6.0),
}


def rules(classes=RULES, **fixed):
    """Rules of the given classes with all kinds of hyper-parameters, but those that are fixed."""
    return st.sampled_from(classes).flatmap(lambda cls: numbers_for(cls, fixed))


def numbers_for(cls, fixed):
    names = [f.name for f in dataclasses.fields(cls)]
    drawn = {name: HYPERPARAMETERS[name] for name in names if name not in fixed}
    return st.builds(cls, **drawn, **{n: st.just(x) for n, x in fixed.items() if n in names})


def gradient_lists(coordinates, numbers=NUMBERS, longest=5):
    return st.integers(1, longest).flatmap(
        lambda n: arrays(np.float64, (n, coordinates), elements=numbers)
    )


def path(rule, gradients, theta0):
    return minimize(rule, [lambda _, g=g: g for g in gradients], theta0, len(gradients))


def test_every_hyperparameter_of_every_rule_is_drawn():
    names = {field.name for cls in RULES for field in dataclasses.fields(cls)}
    assert names == set(HYPERPARAMETERS)


# Each coordinate for itself


@examples
@given(rule=rules(), g=gradient_lists(3), order=st.permutations(range(3)))
def test_relabelling_the_coordinates_relabels_the_path(rule, g, order):
    theta0 = np.arange(3.0)
    np.testing.assert_array_equal(
        path(rule, g[:, order], theta0[order]), path(rule, g, theta0)[:, order]
    )


@examples
@given(rule=rules(), g=gradient_lists(3), other=gradient_lists(3))
def test_a_coordinate_does_not_see_the_others(rule, g, other):
    theta0, n = np.arange(3.0), min(len(g), len(other))
    mixed = other[:n].copy()
    mixed[:, 2] = g[:n, 2]
    np.testing.assert_array_equal(path(rule, mixed, theta0)[:, 2], path(rule, g[:n], theta0)[:, 2])


# What an update may touch, and what it returns

SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
DTYPES = st.sampled_from([np.float16, np.float32, np.float64])


@examples
@given(rule=rules(), shape=SHAPES, dtype=DTYPES, data=st.data())
def test_an_update_changes_nothing_given_and_keeps_dtype_and_shape(rule, shape, dtype, data):
    draw = arrays(dtype, shape, elements=st.floats(-8, 8, width=16))
    theta = data.draw(draw)
    state = rule.init(theta)
    for _ in range(2):
        g = data.draw(draw)
        given = (g, theta, *state[1:])
        before = pickle.dumps((given, state.t, rule))
        for array in given:
            array.setflags(write=False)
        with np.errstate(all="ignore"):  # float16 rounds the smallest ε to 0
            delta, state = rule.update(g, state, theta)
        assert pickle.dumps((given, state.t - 1, rule)) == before
        for array in (delta, *state[1:]):
            assert type(array) is np.ndarray and (array.shape, array.dtype) == (shape, dtype)
            assert not any(np.shares_memory(array, old) for old in given)


@examples
@given(rule=rules(), g=gradient_lists(3), data=st.data())
def test_a_run_resumed_from_a_pickle_goes_on_to_the_same_bits(rule, g, data):
    theta = np.arange(3.0)
    stop = data.draw(st.integers(0, len(g)))
    state, expected = rule.init(theta), path(rule, g, theta)
    for t, gradient in enumerate(g):
        if t == stop:
            rule, theta, state = pickle.loads(pickle.dumps((rule, theta, state)))
        delta, state = rule.update(gradient, state, theta)
        theta = theta + delta
        np.testing.assert_array_equal(theta, expected[t + 1])


# What the unit of the loss, the sign and the step size do

LINEAR = (SGD, Momentum, Nesterov)
NORMALISED = [c for c in RULES if c not in (*LINEAR, AdaDelta, RAdam)]


@examples
@given(
    rule=rules(NORMALISED, epsilon=0.0), g=gradient_lists(3, SIGNED), power=st.integers(-100, 100)
)
def test_at_epsilon_0_the_unit_of_the_loss_is_forgotten_to_the_bit(rule, g, power):
    """g → 2^k g: powers of two, so that rounding scales too. RAdam starts as momentum."""
    theta0 = np.arange(3.0)
    with np.errstate(invalid="ignore", divide="ignore"):  # g = its mean: a variance of 0
        plain, scaled = path(rule, g, theta0), path(rule, g * 2.0**power, theta0)
    np.testing.assert_array_equal(plain, scaled)


@examples
@given(rule=rules(LINEAR), g=gradient_lists(3, SIGNED), power=st.integers(-100, 100))
def test_without_a_normalisation_the_unit_of_the_loss_is_the_unit_of_the_step(rule, g, power):
    plain, scaled = (path(rule, x, np.zeros(3)) for x in (g, g * 2.0**power))
    np.testing.assert_array_equal(plain * 2.0**power, scaled)


@examples
@given(rule=rules([Adam], epsilon=0.0), g=gradient_lists(3, SIGNED), scale=SIZES)
def test_adams_step_at_epsilon_0_does_not_depend_on_the_scale_of_gradients(rule, g, scale):
    plain, scaled = (path(rule, x, np.zeros(3)) for x in (g, g * scale))
    np.testing.assert_allclose(plain, scaled, rtol=1e-11, atol=1e-12)


SIGN_FIRST = [Adam, AdamReordered, AdaMax, AdaMaxOutside, AMSGrad, AMSGradCorrected, AdaGrad]


@examples
@given(
    rule=rules(SIGN_FIRST, epsilon=0.0),
    g=arrays(np.float64, 4, elements=SIGNED),
    power=st.sampled_from([-100, 0, 100]),
)
def test_the_first_step_at_epsilon_0_is_sign_descent(rule, g, power):
    theta, g = np.zeros(4), g * 10.0**power
    delta, _ = rule.update(g, rule.init(theta), theta)
    np.testing.assert_allclose(delta, -rule.alpha * np.sign(g), rtol=1e-12)


@examples
@given(rule=rules(), g=gradient_lists(2), factor=st.floats(1e-3, 1e3))
def test_the_step_is_proportional_to_alpha(rule, g, factor):
    theta = np.ones(2)
    longer = dataclasses.replace(rule, alpha=factor * rule.alpha)
    state = also = rule.init(theta)
    size = 0.0
    for gradient in g:
        delta, state = rule.update(gradient, state, theta)
        scaled, also = longer.update(gradient, also, theta)
        before = size if isinstance(rule, ScheduleFree) else 0.0  # its Δ is a difference
        size = max(before, np.abs(factor * delta).max())
        least = max(1e-12 * size, 1e-320)  # below the normal numbers digits are lost
        np.testing.assert_allclose(scaled, factor * delta, rtol=1e-12, atol=least)
        if not isinstance(rule, ScheduleFree):  # its state holds a distance between iterates
            assert pickle.dumps(also) == pickle.dumps(state)


@examples
@given(rule=rules(), g=gradient_lists(3))
def test_turning_the_loss_upside_down_turns_the_path_round(rule, g):
    """Every rule is odd: -g and -θ give -Δ."""
    theta0 = np.arange(3.0)
    np.testing.assert_array_equal(path(rule, -g, -theta0), -path(rule, g, theta0))


# Bias correction, and the bounds of the chapters on the step and on AdaMax


@examples
@given(
    rule=rules([Adam, AMSGrad, AMSGradCorrected, AdaMaxOutside]),
    g=SIGNED,
    steps=st.integers(1, 30),
)
def test_bias_correction_is_exact_for_a_constant_gradient(rule, g, steps):
    """m̂ = g and v̂ = g² at every step, so that every step is -αg/(|g| + ε)."""
    steps_taken = np.diff(path(rule, np.full((steps, 1), g), np.zeros(1)), axis=0)
    expected = -rule.alpha * g / (abs(g) + rule.epsilon)
    np.testing.assert_allclose(steps_taken, expected, rtol=1e-10)


@examples
@given(
    rule=rules([Adam, AdamReordered, AMSGradCorrected], epsilon=0.0),
    g=gradient_lists(3, SIGNED, longest=12),
)
def test_no_gradients_take_adam_beyond_its_step_bound(rule, g):
    """Theorem S. A larger v̂ only shortens the step, so AMSGrad has the bound too."""
    taken = np.abs(np.diff(path(rule, g, np.zeros(3)), axis=0)) / rule.alpha
    bounds = step_bounds(rule.beta1, rule.beta2, len(g))
    assert np.all(taken <= bounds[:, None] * (1 + 1e-9))


@examples
@given(rule=rules([AdaMax, AdaMaxOutside]), g=gradient_lists(3, SIGNED, longest=12))
def test_no_gradients_take_adamax_beyond_its_step_bound(rule, g):
    taken = np.abs(np.diff(path(rule, g, np.zeros(3)), axis=0)) / rule.alpha
    bounds = [adamax_step_bound(rule.beta1, rule.beta2, t) for t in range(1, len(g) + 1)]
    assert np.all(taken <= np.array(bounds)[:, None] * (1 + 1e-9))


@examples
@given(
    rule=rules([AdaBelief, RMSPropCentred]),
    g=gradient_lists(3, NUMBERS, longest=12),
)
def test_what_should_be_a_variance_never_makes_a_step_that_is_no_number(rule, g):
    assert np.isfinite(path(rule, g, np.zeros(3))).all()
