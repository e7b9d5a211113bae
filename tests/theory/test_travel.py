"""How far runs get: the bound is attained, and never passed."""

import math

import numpy as np
import pytest

from adambook import Adam, minimize
from adambook.theory import extremal_gradients, fewest_steps, step_bound, travel_bound


def given(g):
    """The gradients g as functions of θ that ignore θ."""
    return [lambda theta, x=x: np.array([x]) for x in g]


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.9, 0.82), (0.5, 0.5), (0.8, 0.5)])
def test_geometric_gradients_travel_the_whole_bound(beta1, beta2):
    adam = Adam(alpha=0.01, beta1=beta1, beta2=beta2, epsilon=0.0)
    path = minimize(adam, given(extremal_gradients(beta1, beta2, 150)), np.zeros(1), 150)
    bounds = [travel_bound(0.01, beta1, beta2, t) for t in range(1, 151)]
    np.testing.assert_allclose(-path[1:, 0], bounds, rtol=1e-12)


def test_without_momentum_the_bound_is_approached_by_ever_faster_growth():
    adam = Adam(alpha=1.0, beta1=0.0, beta2=0.999, epsilon=0.0)
    reached = []
    for factor in (2.0, 10.0, 1000.0):
        path = minimize(adam, given(factor ** np.arange(-19.0, 1.0)), np.zeros(1), 20)
        reached.append(-path[-1, 0] / travel_bound(1.0, 0.0, 0.999, 20))
    assert reached == sorted(reached) and 0.9999 < reached[-1] < 1


def test_no_random_run_travels_further():
    rng = np.random.default_rng(9)
    g = rng.standard_normal((80, 3000)) * np.exp(
        rng.uniform(-0.5, 0.5, 3000) * np.arange(80)[:, None]
    )
    g[:, ::2] = np.abs(g[:, ::2])
    path = minimize(Adam(alpha=0.1, epsilon=0.0), [lambda _, x=x: x for x in g], np.zeros(3000), 80)
    farthest = np.abs(path).max(axis=1)
    bounds = [travel_bound(0.1, 0.9, 0.999, t) for t in range(1, 81)]
    assert (
        np.all(farthest[1:] <= np.array(bounds) * (1 + 1e-12)) and farthest[-1] > 0.8 * bounds[-1]
    )


def test_a_constant_slope_reaches_its_minimum_after_distance_over_alpha_steps():
    path = minimize(Adam(alpha=0.01, epsilon=0.0), np.sign, np.array([1.005]), 101)
    assert path[100, 0] > 0 > path[101, 0]


def test_fewest_steps_is_the_first_at_which_the_bound_reaches_the_distance():
    rng = np.random.default_rng(10)
    for _ in range(200):
        beta1, beta2 = rng.uniform(0, 0.99, 2)
        distance, alpha = rng.uniform(0.01, 10), rng.uniform(0.01, 1)
        steps = fewest_steps(distance, alpha, beta1, beta2)
        assert travel_bound(alpha, beta1, beta2, steps) >= distance * (1 - 1e-11)
        if steps > 1:
            assert travel_bound(alpha, beta1, beta2, steps - 1) < distance
        least = distance / (alpha * step_bound(beta1, beta2, math.inf))
        assert least * (1 - 1e-11) <= steps <= math.ceil(distance / alpha)


def test_whole_quotients_survive_rounding():
    for k in range(1, 200):
        assert fewest_steps(0.1 * k, 0.1, 0.9, 0.9) == k


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: travel_bound(-1.0, 0.9, 0.999, 5), "^alpha must "),
        (lambda: travel_bound(1.0, 0.9, 0.999, 0), "^steps must "),
        (lambda: fewest_steps(0.0, 1.0, 0.9, 0.999), "^distance must "),
        (lambda: fewest_steps(1.0, 0.0, 0.9, 0.999), "^alpha must "),
        (lambda: fewest_steps(1e300, 1e-300, 0.9, 0.999), "^distance / alpha must "),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_a_step_size_of_zero_goes_nowhere_however_large_the_bound():
    assert step_bound(0.9, 0.1, 2000) == math.inf
    assert travel_bound(0.0, 0.9, 0.1, 2000) == 0.0


def test_a_distance_far_below_the_step_size_takes_one_step():
    assert fewest_steps(1e-300, 1e300, 0.9, 0.999) == 1
