"""The compiled long run gives the path of the loops in Python, for every rule."""

import math
import sys

import numpy as np
import pytest
from oracles import our_path, relative_difference

from adambook import SGD, Adam
from adambook.follow import AHEAD, _loop, follow
from adambook.one_pass import ScalarTable
from adambook.problems import LinearSequence, play


def given(theta, datum):
    return datum


def pull(theta, target):
    return theta - target


def test_it_gives_minimizes_path(rule, gradients, theta0):
    path = follow(rule, given, gradients, theta0)
    assert relative_difference(our_path(rule, gradients, theta0), path) <= 1e-12


@pytest.mark.parametrize("alpha", [0.5, lambda t: 0.5 / math.sqrt(t)], ids=["number", "schedule"])
def test_with_an_interval_it_gives_plays_path(alpha):
    sequence, rule = LinearSequence(C=101.0, period=101), Adam(alpha, 0.9, 0.99, epsilon=0.0)
    slopes = [sequence.slope(t) for t in range(1, 501)]
    expected = play(rule, sequence.gradients(), 0.0, 500, sequence.interval)
    path = follow(rule, given, slopes, 0.0, interval=sequence.interval)
    np.testing.assert_allclose(path, expected, atol=1e-12)
    assert path.min() == -1.0


def test_the_gradient_sees_the_iterate():
    path = follow(SGD(alpha=0.25), pull, np.full(20, 3.0), 1.0)
    np.testing.assert_allclose(path, 3 - 2 * 0.75 ** np.arange(21), rtol=1e-12)


def test_steps_are_counted_on_over_the_seams_between_the_batches_of_scalars():
    rule, steps = SGD(alpha=lambda t: float(t > AHEAD)), AHEAD + 3
    assert follow(rule, given, np.ones(steps), 0.0)[-1] == -3.0


def test_every_keeps_one_iterate_in_so_many(gradients, theta0):
    full = follow(Adam(), given, gradients, theta0)
    np.testing.assert_array_equal(follow(Adam(), given, gradients, theta0, every=7), full[::7])


def test_the_start_is_not_changed_and_one_number_serves_all_coordinates():
    start = np.zeros(3)
    path = follow(SGD(alpha=1.0), given, np.ones((2, 3)), start)
    np.testing.assert_array_equal(path, follow(SGD(alpha=1.0), given, np.ones((2, 3)), 0.0))
    assert not start.any()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"data": np.ones((2, 2, 2))}, r"data must have shape \(T,\) or \(T, n\), got \(2, 2, 2\)"),
        ({"start": np.ones(2)}, r"start must be one number or 3, got shape \(2,\)"),
        ({"interval": (1.0, 2.0)}, r"start must lie in \[1.0, 2.0\], got 0.0"),
        ({"every": 0}, "every must be a whole number ≥ 1, got 0"),
        ({"rule": Adam(alpha=np.ones(3))}, "alpha must be one number or a schedule, got an array"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, sentence):
    usual = {"rule": SGD(), "gradient": given, "data": np.ones((4, 3)), "start": 0.0}
    with pytest.raises(ValueError, match=sentence):
        follow(**(usual | arguments))


@pytest.mark.parametrize("bad", [-0.5, math.nan, math.inf, "0.1", None, np.ones(2), np.ones(1)])
@pytest.mark.parametrize("seventh", [0.1, 1], ids=["float", "int"])
def test_a_schedules_bad_value_at_a_later_step_is_refused_as_minimize_refuses_it(bad, seventh):
    rule = SGD(alpha=lambda t: bad if t == 6 else seventh)
    with pytest.raises((TypeError, ValueError)) as error:
        follow(rule, given, np.ones(7), 0.0)
    with pytest.raises(type(error.value)) as expected:
        ScalarTable([rule], np.dtype(np.float64)).at(6)
    assert str(error.value) == str(expected.value)
    assert str(error.value).startswith("alpha at step 6 must ")


def test_only_steps_that_are_taken_are_asked_of_a_schedule():
    rule = SGD(alpha=lambda t: 0.5 if t <= 3 else math.nan)
    assert follow(rule, given, np.ones(3), 0.0)[-1] == -1.5


slope = 1.0


def sloped(theta, datum):
    return slope * datum


def test_a_gradient_that_reads_another_number_than_before_is_compiled_again(monkeypatch):
    assert follow(SGD(alpha=1.0), sloped, np.ones(1), 0.0)[-1] == -1.0
    monkeypatch.setattr(sys.modules[__name__], "slope", 3.0)
    assert follow(SGD(alpha=1.0), sloped, np.ones(1), 0.0)[-1] == -3.0


def test_a_gradient_that_holds_an_array_is_compiled_again_when_the_array_changed():
    held = np.ones(2)

    def last(theta, datum):
        return held[1] * datum

    for expected in (1.0, 2.0):
        held[1] = expected
        assert follow(SGD(alpha=1.0), last, np.ones(1), 0.0)[-1] == -expected


def test_a_gradient_that_holds_an_array_of_the_same_bytes_in_another_type_is_compiled_again():
    held = np.array([255], np.uint8)

    def first(theta, datum):
        return held[0] * datum

    assert follow(SGD(alpha=1.0), first, np.ones(1), 0.0)[-1] == -255.0
    held = np.array([-1], np.int8)
    assert follow(SGD(alpha=1.0), first, np.ones(1), 0.0)[-1] == 1.0


def test_a_gradient_is_compiled_once_while_nothing_changed():
    known = _loop.cache_info()
    for _ in range(3):
        follow(SGD(alpha=1.0), alone, np.ones(1), 0.0)
    now = _loop.cache_info()
    assert now.misses == known.misses + 1 and now.hits == known.hits + 2


def alone(theta, datum):
    return datum


def absent(theta, datum):
    return not_defined_anywhere  # noqa: F821


NO_GRADIENTS = {
    "gradient must return one real number, got Numba's list(float64)<iv=None>": lambda x, d: [x],
    "gradient must return one real number, got Numba's none": lambda x, d: None,
    "gradient must return one real number, got Numba's complex128": lambda x, d: 1j * x,
    "gradient must return one real number, got Numba's array(float64, 1d, C)": (
        lambda x, d: np.ones(2)
    ),
    "gradient must return one real number, got Numba's OptionalType(float64)": (
        lambda x, d: x if d > 0 else None
    ),
    "gradient must be a plain function of two numbers that Numba can compile: "
    "NameError: name 'not_defined_anywhere' is not defined": absent,
    "gradient must be a plain function of two numbers that Numba can compile: "
    "Signature mismatch: 2 argument types given, but function takes 1 arguments": lambda x: x,
    "gradient must be a plain function of two numbers, got <built-in function max>": max,
}


@pytest.mark.parametrize("message", NO_GRADIENTS)
def test_a_gradient_of_another_form_is_refused_in_one_sentence(message):
    with pytest.raises(TypeError) as error:
        follow(SGD(), NO_GRADIENTS[message], [1.0, 2.0], 0.0)
    assert str(error.value) == message


@pytest.mark.parametrize("name", ["data", "start"])
def test_masked_input_is_refused_by_name(name):
    usual = {"data": np.ones((4, 2)), "start": np.zeros(2)}
    usual[name] = np.ma.masked_less(usual[name], 2.0)
    with pytest.raises(TypeError, match=f"^{name} must have no masked entries"):
        follow(SGD(), given, **usual)
