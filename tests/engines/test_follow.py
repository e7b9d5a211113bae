"""The compiled long run gives the path of the loops in Python, for every rule."""

import math

import numpy as np
import pytest
from oracles import our_path, relative_difference

from adambook import SGD, Adam
from adambook.follow import AHEAD, follow
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
