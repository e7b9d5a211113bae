"""The online sequences: convex, their best point, and who walks away from it."""

import math
from itertools import repeat

import numpy as np
import pytest

from adambook import SGD, Adam, AMSGrad, minimize
from adambook.problems import ClippedSequence, LinearSequence, StochasticLinear, play


@pytest.mark.parametrize(
    "sequence", [LinearSequence(3.0), ClippedSequence(3.0), ClippedSequence(7.0, 5)]
)
def test_functions_are_convex_with_the_gradients_given(sequence):
    rng = np.random.default_rng(0)
    low, high = np.clip(sequence.interval, -3, 3)
    a, b = rng.uniform(low, high, (2, 500))
    for t in range(1, sequence.period + 2):
        tangent = sequence.loss(t, a) + sequence.gradient(t, a) * (b - a)
        assert np.all(sequence.loss(t, b) >= tangent - 1e-12)
        kinks = np.linspace(low, high, 7)  # -1 and 1 among them: a subgradient there too
        for kink in kinks:
            assert np.all(
                sequence.loss(t, b)
                >= sequence.loss(t, kink) + sequence.gradient(t, kink) * (b - kink) - 1e-12
            )


@pytest.mark.parametrize(
    "sequence", [LinearSequence(3.0), ClippedSequence(3.0), ClippedSequence(7.0, 5)]
)
def test_minus_one_is_best_for_every_number_of_rounds(sequence):
    x = np.linspace(*np.clip(sequence.interval, -3, 3), 301)
    total = np.zeros_like(x)
    for t in range(1, 60):
        total += sequence.loss(t, x)
        assert np.sum(sequence.comparator_losses(t)) <= total.min() + 1e-9


def test_the_two_sequences_agree_inside_the_interval():
    x = np.linspace(-0.99, 0.99, 21)
    for t in range(1, 8):
        linear, clipped = LinearSequence(3.0), ClippedSequence(3.0)
        np.testing.assert_array_equal(linear.loss(t, x), clipped.loss(t, x))
        np.testing.assert_array_equal(linear.gradient(t, x), clipped.gradient(t, x))


def test_projected_adam_goes_to_the_worst_point_and_amsgrad_to_the_best():
    sequence, schedule = LinearSequence(3.0), lambda t: 0.5 / math.sqrt(t)
    ends = {}
    for rule in (Adam, AMSGrad):
        adam = rule(schedule, beta1=0.0, beta2=0.1, epsilon=0.0)
        path = play(adam, sequence.gradients(), np.array([0.0]), 3000, sequence.interval)
        assert np.all(np.abs(path) <= 1)
        ends[rule] = path[2000:].mean()
    assert ends[Adam] > 0.9 and ends[AMSGrad] < -0.9


def test_playing_on_the_whole_line_is_minimizing():
    sequence, adam = ClippedSequence(3.0), Adam(alpha=0.1)
    played = play(adam, sequence.gradients(), np.array([1.0]), 50, sequence.interval)
    np.testing.assert_array_equal(played, minimize(adam, sequence.gradients(), np.array([1.0]), 50))


def test_losses_are_those_of_the_points_played():
    sequence = LinearSequence(3.0)
    np.testing.assert_array_equal(sequence.losses([1.0, 0.5, -1.0, 9.0]), [3.0, -0.5, 1.0])
    np.testing.assert_array_equal(sequence.comparator_losses(4), [-3.0, 1.0, 1.0, -3.0])
    with pytest.raises(ValueError, match="one number a round"):
        sequence.losses(np.ones((3, 2)))


def test_stochastic_gradients_have_the_mean_delta():
    stream, n = StochasticLinear(9.0, 0.5).gradients(np.random.default_rng(3)), 40_000
    g = np.array([float(next(stream)(0.3)) for _ in range(n)])
    assert set(g) == {9.0, -1.0}
    assert abs(g.mean() - 0.5) < 4 * g.std(ddof=1) / math.sqrt(n)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: LinearSequence(2.0), "C finite and above period - 1, got period 3 and C 2.0"),
        (lambda: ClippedSequence(5.0, period=1), "period must be at least 2 .* got period 1"),
        (lambda: LinearSequence(math.inf), "C finite .* C inf"),
        (lambda: StochasticLinear(1.0, 0.5), r"C must lie in \(1, ∞\) .* got 1.0 and 0.5"),
        (lambda: StochasticLinear(3.0, 0.0), r"delta in \(0, C\), got 3.0 and 0.0"),
        (
            lambda: play(Adam(), LinearSequence(3.0).gradients(), 2.0, 5, (-1.0, 1.0)),
            r"start must lie in \[-1.0, 1.0\], got 2.0",
        ),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


@pytest.mark.parametrize("sequence", [LinearSequence(C=4.0), ClippedSequence(C=9.0, period=5)])
def test_all_slopes_at_once_are_the_slopes_one_by_one(sequence):
    np.testing.assert_array_equal(sequence.slopes(11), [sequence.slope(t) for t in range(1, 12)])


def test_drawn_slopes_are_the_gradients_of_the_same_generator():
    problem = StochasticLinear(C=9.0, delta=1.0)
    stream = problem.gradients(np.random.default_rng(5))
    one_by_one = [float(next(stream)(np.zeros(()))) for _ in range(200)]
    np.testing.assert_array_equal(problem.slopes(np.random.default_rng(5), 200), one_by_one)


def test_a_gradient_may_change_what_it_is_given_without_changing_the_path():
    def doubling(theta):
        theta *= 2
        return theta

    path = play(SGD(alpha=0.1), repeat(doubling), np.ones(1), 3, (-math.inf, math.inf))
    np.testing.assert_array_equal(path, minimize(SGD(alpha=0.1), doubling, np.ones(1), 3))


def test_gradients_that_end_early_are_refused_by_name():
    with pytest.raises(ValueError, match="^gradients must hold one for each of 3 rounds, got 2$"):
        play(SGD(), repeat(np.ones_like, 2), np.ones(1), 3, (-9.0, 9.0))


def test_playing_takes_no_gradient_more_than_rounds():
    left = iter([np.ones_like] * 3)
    play(SGD(), left, np.ones(1), 2, (-9.0, 9.0))
    assert len(list(left)) == 1
