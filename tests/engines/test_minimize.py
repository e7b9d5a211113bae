"""The loop: what it accepts, what it hands on, and where it stops."""

import importlib
import itertools
from functools import partial

import numpy as np
import pytest
from oracles import with_epsilon
from tqdm import tqdm

from adambook import SGD, Adam, minimize
from adambook.rules import RULES

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)


def itself(theta):
    return theta


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_path_has_one_row_more_than_steps_and_the_dtype_of_the_start(shape, dtype):
    path = minimize(Adam(), itself, np.ones(shape, dtype), 7)
    assert type(path) is np.ndarray
    assert path.shape == (8, *shape) and path.dtype == dtype


def test_a_start_in_the_other_byte_order_is_followed_in_this_machines():
    start = np.array([1.0, -2.0], np.dtype(np.float32).newbyteorder("S"))
    path = minimize(Adam(), itself, start, 5)
    assert path.dtype == np.float32
    np.testing.assert_array_equal(path, minimize(Adam(), itself, start.astype(np.float32), 5))


@pytest.mark.parametrize("steps", [np.uint8(255), np.int8(127)])
def test_the_largest_number_of_steps_that_its_type_holds_is_done(steps):
    assert len(minimize(SGD(), itself, np.ones(1), steps)) == int(steps) + 1


def test_the_path_starts_at_the_start_and_adds_each_delta():
    np.testing.assert_array_equal(
        minimize(SGD(alpha=0.5), itself, np.array([8.0]), 3)[:, 0], [8.0, 4.0, 2.0, 1.0]
    )


@every_rule
def test_the_path_is_the_rules_own_updates(cls, gradients, theta0):
    rule, theta = with_epsilon(cls), theta0
    state, expected = rule.init(theta0), [theta0]
    for g in gradients[:20]:
        delta, state = rule.update(g * theta, state, theta)
        theta = theta + delta
        expected.append(theta)
    steps = [lambda theta, g=g: g * theta for g in gradients[:20]]
    np.testing.assert_array_equal(minimize(rule, steps, theta0, 20), expected)


def test_no_step_gives_the_start_alone():
    np.testing.assert_array_equal(minimize(Adam(), itself, np.array([3.0, 4.0]), 0), [[3.0, 4.0]])
    assert minimize(Adam(), [], np.ones(2), 0).shape == (1, 2)


def test_the_start_is_not_changed_and_may_be_read_only_or_a_list():
    theta0 = np.array([1.0, 2.0])
    theta0.setflags(write=False)
    path = minimize(Adam(), itself, theta0, 5)
    np.testing.assert_array_equal(path, minimize(Adam(), itself, [1.0, 2.0], 5))
    path[:] = 0.0
    np.testing.assert_array_equal(theta0, [1.0, 2.0])


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_an_iterable_gives_one_gradient_a_step_in_order(kind):
    steps = kind([lambda _, k=k: np.array([10.0**k]) for k in range(4)])
    path = minimize(SGD(alpha=1.0), steps, np.zeros(1), 4)
    np.testing.assert_array_equal(path[:, 0], [0.0, -1.0, -11.0, -111.0, -1111.0])


def test_an_iterator_is_advanced_by_the_steps_and_no_further():
    rest = iter([itself] * 10)
    minimize(Adam(), rest, np.ones(1), 4)
    assert len(list(rest)) == 6


def test_an_endless_generator_is_fine():
    def endless():
        while True:
            yield itself

    assert len(minimize(Adam(), endless(), np.ones(1), 3)) == 4


def test_a_gradient_function_that_writes_into_its_argument_does_no_harm(theta0):
    def writes(theta):
        g = theta.copy()
        theta[...] = np.nan
        return g

    path = minimize(Adam(), writes, theta0, 10)
    np.testing.assert_array_equal(path, minimize(Adam(), itself, theta0, 10))


def test_a_gradient_function_that_keeps_its_argument_or_reuses_its_answer_does_no_harm(theta0):
    kept, answer = [], np.empty_like(theta0)

    def reuses(theta):
        kept.append(theta)
        answer[...] = theta
        return answer

    path = minimize(Adam(), reuses, theta0, 10)
    np.testing.assert_array_equal(path, minimize(Adam(), itself, theta0, 10))
    np.testing.assert_array_equal(kept, path[:-1])


def test_a_later_run_does_not_remember_an_earlier_one(theta0):
    rule = Adam()
    once = minimize(rule, itself, theta0, 10)
    np.testing.assert_array_equal(minimize(rule, itself, theta0, 10), once)


@pytest.mark.parametrize("check_finite", [True, False])
def test_check_finite_stops_at_the_step_of_the_first_bad_gradient(check_finite):
    steps = [lambda _, k=k: np.array([np.nan if k == 3 else 1.0]) for k in range(1, 6)]
    if check_finite:
        with pytest.raises(FloatingPointError) as error:
            minimize(Adam(), steps, np.ones(1), 5, check_finite=True)
        assert str(error.value) == "the gradient of theta is not finite at step 3"
    else:
        path = minimize(Adam(), steps, np.ones(1), 5)
        assert np.isnan(path[3:]).all() and np.isfinite(path[:3]).all()


MASKED = np.ma.masked_array([1.0, 2.0], [True, False])
REFUSED = {
    "grad must hold a gradient for each of 5 steps, got 2": (
        ValueError,
        lambda: minimize(Adam(), [itself] * 2, np.ones(1), 5),
    ),
    "steps must be at least 0, got -1": (
        ValueError,
        lambda: minimize(Adam(), itself, np.ones(1), -1),
    ),
    "steps must be an integer, got 2.5": (
        TypeError,
        lambda: minimize(Adam(), itself, np.ones(1), 2.5),
    ),
    "steps must be an integer, got True": (
        TypeError,
        lambda: minimize(Adam(), itself, np.ones(1), True),
    ),
    "grad must be a function of theta or an iterable of them, got 3.0": (
        TypeError,
        lambda: minimize(Adam(), 3.0, np.ones(1), 5),
    ),
    "grad must hold functions of theta, got array([1., 2.]) for step 1": (
        TypeError,
        lambda: minimize(Adam(), np.ones((5, 2)) * [1, 2], np.ones(2), 5),
    ),
    "grad must hold functions of theta, got None for step 2": (
        TypeError,
        lambda: minimize(Adam(), [itself, None], np.ones(2), 2),
    ),
    "rule must be a rule such as adambook.Adam(), got 'Adam'": (
        TypeError,
        lambda: minimize("Adam", itself, np.ones(1), 5),
    ),
    "rule must be a rule such as adambook.Adam(), got <class 'adambook.rules.adam.Adam'>": (
        TypeError,
        lambda: minimize(Adam, itself, np.ones(1), 5),
    ),
    "theta0 must hold real floating-point numbers, got dtype int64": (
        TypeError,
        lambda: minimize(Adam(), itself, np.array([1, 2]), 5),
    ),
    "g must hold real floating-point numbers, got dtype object": (
        TypeError,
        lambda: minimize(Adam(), lambda theta: None, np.ones(1), 5),
    ),
    "g must be an array of real numbers, got (1.0, array([2., 2.]))": (
        TypeError,  # the loss beside the gradient
        lambda: minimize(Adam(), lambda theta: (1.0, 2 * theta), np.ones(2), 5),
    ),
    "theta0 must be an array of real numbers, got [[1.0, 2.0], [1.0]]": (
        TypeError,
        lambda: minimize(Adam(), itself, [[1.0, 2.0], [1.0]], 5),
    ),
    "theta0 must have no masked entries, which would be computed with like any other": (
        TypeError,
        lambda: minimize(Adam(), itself, MASKED, 5),
    ),
    "g must have no masked entries, which would be computed with like any other": (
        TypeError,
        lambda: minimize(Adam(), lambda theta: MASKED, np.ones(2), 5),
    ),
    "g must have theta's shape (2,), got (2, 1)": (
        ValueError,
        lambda: minimize(Adam(), lambda theta: theta[:, None], np.ones(2), 5),
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_bad_input_is_refused_in_one_sentence(message):
    error, call = REFUSED[message]
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message


def test_an_array_with_a_mask_that_hides_nothing_is_an_array():
    start = np.ma.masked_array([1.0, 2.0], [False, False])
    path = minimize(Adam(), itself, start, 2)
    assert type(path) is np.ndarray
    np.testing.assert_array_equal(path, minimize(Adam(), itself, start.data, 2))


@pytest.mark.parametrize(("seconds_a_look", "shown"), [(0.0001, False), (10.0, True)])
def test_a_progress_bar_is_shown_from_two_seconds_on(seconds_a_look, shown, capsys, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("tqdm.std.time", lambda: next(clock) * seconds_a_look)
    module = importlib.import_module("adambook.minimize")
    monkeypatch.setattr(module, "tqdm", partial(tqdm, disable=False))
    minimize(Adam(), itself, np.ones(1), 20)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("/20" in err) == shown
