"""One update: pure, true to dtype and shape, and clear about what it refuses."""

import math
import pickle

import numpy as np
import pytest
from oracles import with_epsilon

from adambook import SGD, Adam, AdamW, RAdam, minimize
from adambook.rules import RULES, Rule, once

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)


def run(rule, gradients, theta):
    """Every delta, and the last state."""
    state, deltas = rule.init(theta), []
    for g in gradients:
        delta, state = rule.update(g, state, theta)
        theta = theta + delta
        deltas.append(delta)
    return deltas, state


def arrays(state):
    return state[1:]


@every_rule
def test_an_update_changes_nothing_it_is_given(cls):
    rule, rng = with_epsilon(cls), np.random.default_rng(0)
    theta, state = rng.standard_normal(5), None
    state = rule.init(theta)
    for _ in range(3):
        g = rng.standard_normal(5)
        given = (g, theta, *arrays(state))
        before = pickle.dumps((given, state.t))
        for array in given:
            array.setflags(write=False)
        delta, new = rule.update(g, state, theta)
        assert pickle.dumps((given, state.t)) == before
        for array in (delta, *arrays(new)):
            assert not any(np.shares_memory(array, old) for old in given)
        theta, state = theta + delta, new


@every_rule
def test_the_same_update_twice_gives_the_same_bits(cls, gradients, theta0):
    rule = with_epsilon(cls)
    state = run(rule, gradients[:5], theta0)[1]
    one, two = (rule.update(gradients[5], state, theta0) for _ in range(2))
    assert pickle.dumps(one) == pickle.dumps(two)


@every_rule
def test_a_fresh_state_is_zero_at_t_0_with_the_rules_names(cls):
    state = cls().init(np.ones((2, 3), np.float32))
    assert state._fields == ("t", *cls.state_names) and state.t == 0
    for array in arrays(state):
        assert array.shape == (2, 3) and array.dtype == np.float32 and not array.any()


@every_rule
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_dtype_of_theta_is_kept(cls, dtype):
    theta = np.array([1.0, -2.0], dtype)
    for rule in (with_epsilon(cls), cls(alpha=np.array([0.1, 0.2])), cls(alpha=lambda t: 0.1 / t)):
        deltas, state = run(rule, [theta, theta / 2], theta)
        for array in (*deltas, *arrays(state)):
            assert array.dtype == dtype
            assert np.isfinite(array).all()


@every_rule
def test_a_gradient_is_read_in_the_dtype_of_theta(cls):
    rule, theta = with_epsilon(cls), np.ones(3, np.float32)
    g = np.array([1 / 3, 2 / 3, 1e-9])
    wide, narrow = (rule.update(x, rule.init(theta), theta) for x in (g, g.astype(np.float32)))
    assert pickle.dumps(wide) == pickle.dumps(narrow)


@every_rule
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1,), (2, 3, 4)])
def test_the_shape_of_theta_is_kept(cls, shape):
    theta = np.ones(shape)
    deltas, state = run(with_epsilon(cls), [theta, 2 * theta], theta)
    for array in (*deltas, *arrays(state)):
        assert type(array) is np.ndarray and array.shape == shape


LAYOUTS = {
    "every second": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "Fortran order": np.asfortranarray,
    "transposed": lambda x: x.T.copy().T,
    "unaligned": lambda x: (
        np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)
    ),
    "big-endian": lambda x: x.astype(">f8"),
}


@every_rule
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_in_memory_does_not_matter(cls, layout, gradients):
    theta = np.arange(12.0).reshape(3, 4)
    gs = [g for g in gradients.ravel()[:60].reshape(5, 3, 4)]
    lay = LAYOUTS[layout]
    assert lay(theta).strides != theta.strides or layout in ("unaligned", "big-endian")
    plain = run(with_epsilon(cls), gs, theta)[0]
    laid = run(with_epsilon(cls), [lay(g) for g in gs], lay(theta))[0]
    np.testing.assert_array_equal(plain, laid)


def test_plain_lists_of_floats_are_read_as_arrays():
    rule = Adam(alpha=0.1, epsilon=0.0)
    delta, _ = rule.update([2.0, -3.0], rule.init([0.0, 0.0]), [0.0, 0.0])
    np.testing.assert_allclose(delta, [-0.1, 0.1], rtol=1e-12)


@pytest.mark.parametrize("cls", [Adam, RAdam])
def test_without_epsilon_a_coordinate_that_had_no_gradient_is_0_over_0_from_the_first_step(cls):
    """RAdam too, though its first steps are plain: one line of arithmetic serves both phases."""
    rule, theta = cls(epsilon=0.0), np.zeros(2)
    with np.errstate(invalid="ignore"):
        delta, _ = rule.update(np.array([0.0, 1.0]), rule.init(theta), theta)
    assert np.isnan(delta[0]) and np.isfinite(delta[1])


ADAM, THETA = Adam(), np.ones(2)
STATE = ADAM.init(THETA)
REFUSED = {
    "a gradient of another shape": (
        (np.ones(3), STATE, THETA),
        ValueError,
        "g must have theta's shape (2,), got (3,)",
    ),
    "a gradient that would broadcast": (
        (np.ones(1), STATE, THETA),
        ValueError,
        "g must have theta's shape (2,), got (1,)",
    ),
    "an integer gradient": (
        (np.array([1, 2]), STATE, THETA),
        TypeError,
        "g must hold real floating-point numbers, got dtype int64",
    ),
    "a complex gradient": (
        (np.array([1j, 2]), STATE, THETA),
        TypeError,
        "g must hold real floating-point numbers, got dtype complex128",
    ),
    "a gradient of objects": (
        (np.array([None, 2.0]), STATE, THETA),
        TypeError,
        "g must hold real floating-point numbers, got dtype object",
    ),
    "integer parameters": (
        (np.ones(2), STATE, np.array([1, 2])),
        TypeError,
        "theta must hold real floating-point numbers, got dtype int64",
    ),
    "the state of another shape": (
        (np.ones(2), ADAM.init(np.ones(3)), THETA),
        ValueError,
        "m must have theta's shape (2,), got (3,)",
    ),
    "the state of another dtype": (
        (np.ones(2, np.float32), STATE, THETA.astype(np.float32)),
        TypeError,
        "m must have theta's dtype float32, got float64",
    ),
    "the state of another rule": (
        (np.ones(2), SGD().init(THETA), THETA),
        TypeError,
        "state must be what Adam.init returned, got SGDState",
    ),
    "the state of a rule with the same names": (
        (np.ones(2), AdamW().init(THETA), THETA),
        TypeError,
        "state must be what Adam.init returned, got AdamWState",
    ),
    "no state": (
        (np.ones(2), None, THETA),
        TypeError,
        "state must be what Adam.init returned, got NoneType",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_refused_in_one_sentence_and_nothing_changes(what):
    given, error, message = REFUSED[what]
    before = pickle.dumps(given)
    with pytest.raises(error) as raised:
        ADAM.update(*given)
    assert str(raised.value) == message
    assert pickle.dumps(given) == before


@pytest.mark.parametrize("theta", [[1, 2], "theta", None, [1j], [True]])
def test_a_state_of_what_is_not_floating_point_is_refused(theta):
    with pytest.raises(TypeError, match="^theta must hold real floating-point numbers, got dtype"):
        Adam().init(theta)


@every_rule
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_check_finite_names_theta_and_the_step(cls, bad):
    rule, theta = with_epsilon(cls), np.ones((2, 2))
    state = run(rule, [theta, theta], theta)[1]
    with pytest.raises(FloatingPointError) as error:
        rule.update(np.array([[1.0, 1.0], [bad, 1.0]]), state, theta, check_finite=True)
    assert str(error.value) == "the gradient of theta is not finite at step 3"


def test_check_finite_is_given_by_its_name_and_the_others_may_be():
    named = ADAM.update(g=THETA, state=STATE, theta=THETA)
    assert pickle.dumps(named) == pickle.dumps(ADAM.update(THETA, STATE, THETA))
    with pytest.raises(TypeError, match="positional argument"):
        ADAM.update(THETA, STATE, THETA, True)


@every_rule
def test_check_finite_changes_no_result(cls, gradients, theta0):
    rule = with_epsilon(cls)
    steps = [lambda _, g=g: g for g in gradients[:20]]
    plain, checked = (minimize(rule, steps, theta0, 20, check_finite=f) for f in (False, True))
    np.testing.assert_array_equal(plain, checked)


@every_rule
def test_nan_flows_through_its_own_coordinate_and_no_other(cls):
    rule, theta = with_epsilon(cls), np.ones(3)
    good, bad = np.array([1.0, 2.0, 3.0]), np.array([1.0, math.nan, 3.0])
    deltas, _ = run(rule, [bad, good], theta)
    clean, _ = run(rule, [good, good], theta)
    for delta, expected in zip(deltas, clean, strict=True):
        np.testing.assert_array_equal(delta[[0, 2]], expected[[0, 2]])
    assert np.isnan(deltas[0][1]) and np.isnan(deltas[1][1]) == bool(rule.state_names)


def test_infinite_gradients_flow_as_numpy_has_it():
    with np.errstate(invalid="ignore"):
        delta = run(Adam(), [np.array([math.inf])], np.ones(1))[0][0]
    assert np.isnan(delta[0])


def test_a_rule_without_arithmetic_or_scalars_says_so():
    with pytest.raises(NotImplementedError):
        Rule().arithmetic(np)
    with pytest.raises(NotImplementedError):
        Rule().scalars(1, once)


@every_rule
def test_the_constants_of_all_steps_are_of_one_type(cls):
    """Else a compiled step would be compiled anew at each of them."""
    rule = with_epsilon(cls)
    assert type(rule.constants(1)) is type(rule.constants(2))


def test_an_array_with_an_axis_of_length_1_broadcasts():
    theta = np.ones((2, 3))
    delta, _ = SGD(alpha=np.array([[0.1], [0.2]])).update(theta, SGD().init(theta), theta)
    np.testing.assert_allclose(delta, [[-0.1] * 3, [-0.2] * 3])
