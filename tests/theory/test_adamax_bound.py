"""The step bound of AdaMax: closed form, linear programs, and the real rule."""

import math
from itertools import product

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.optimize import linprog

from adambook import AdaMax
from adambook.theory import adamax_extremal_gradients, adamax_step_bound, corrected_moments

PAIRS = list(product((0.0, 0.1, 0.5, 0.9, 0.99), (0.05, 0.3, 0.5, 0.9, 0.99, 0.999)))
GRID = list(product((0.0, 0.1, 0.5, 0.9, 0.99), (0.05, 0.3, 0.5, 0.9, 0.99, 0.999), range(1, 9)))


def normalised_steps(g, beta1, beta2):
    """|m̂_t| / u_t at every step of AdaMax at ε = 0."""
    rule, theta = AdaMax(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=0.0), np.zeros_like(g[0])
    state, steps = rule.init(theta), []
    for gradient in g:
        delta, state = rule.update(gradient, state, theta)
        steps.append(np.abs(delta))
    return np.array(steps)


def test_bound_is_the_value_of_a_linear_program():
    assert len(GRID) >= 200
    for beta1, beta2, t in GRID:
        a = corrected_moments(np.eye(t), beta1, 0.5).m_hat[-1]
        discount = beta2 ** np.arange(t - 1, -1, -1.0)
        # h_i = β2^{t-i} g_i: the largest a·g with every |h_i| ≤ u_t = 1
        value = -linprog(-a / discount, bounds=(-1, 1)).fun
        assert math.isclose(adamax_step_bound(beta1, beta2, t), value, rel_tol=1e-6)  # the solver's


def test_bound_is_attained_at_every_step_by_shrinking_gradients_through_the_real_rule():
    for beta1, beta2 in PAIRS:
        steps = normalised_steps(adamax_extremal_gradients(beta1, beta2, 60), beta1, beta2)
        bounds = [adamax_step_bound(beta1, beta2, t) for t in range(1, 61)]
        np.testing.assert_allclose(steps, bounds, rtol=1e-12)


def test_no_random_gradients_step_further():
    rng = np.random.default_rng(1)
    beta1, beta2 = np.array(PAIRS).T[..., None]
    g = rng.standard_normal((20, len(PAIRS), 1000))
    g[:, :, ::2] = np.abs(g[:, :, ::2]) * beta2 ** np.arange(20)[:, None, None]
    steps = normalised_steps(g, beta1, beta2).max(axis=-1)
    bounds = [[adamax_step_bound(*pair, t) for pair in PAIRS] for t in range(1, 21)]
    assert np.all(steps <= np.array(bounds) * (1 + 1e-12))
    assert np.any(steps > 1.01)


def test_the_bound_of_the_paper_is_exceeded_at_the_second_step_at_the_defaults():
    steps = normalised_steps(np.array([1.0, 0.999]), 0.9, 0.999)
    assert steps[1] > 1.00047 and math.isclose(steps[1], adamax_step_bound(0.9, 0.999, 2))


def test_bound_is_one_only_without_momentum():
    for beta1, beta2 in PAIRS:
        later = [adamax_step_bound(beta1, beta2, t) for t in (2, 3, 10)]
        assert all(bound == 1 for bound in later) if beta1 == 0 else min(later) > 1


def test_limits():
    limits = [adamax_step_bound(0.9, beta2, math.inf) for beta2 in (0.999, 0.99, 0.95, 0.9, 0.5)]
    np.testing.assert_allclose(limits, [1.00909, 1.1, 1.9, math.inf, math.inf], rtol=1e-5)
    for beta1, beta2 in [(0.9, 0.999), (0.5, 0.9)]:
        limit = adamax_step_bound(beta1, beta2, math.inf)
        assert math.isclose(adamax_step_bound(beta1, beta2, 10**6), limit, rel_tol=1e-12)
    assert adamax_step_bound(0.0, 0.0, math.inf) == 1
    assert adamax_step_bound(0.5, 0.0, 2) == adamax_step_bound(0.9, 1e-300, 10) == math.inf


def test_bound_at_the_smallest_numbers_that_there_are():
    least = math.ulp(0.0)
    assert adamax_step_bound(least, 0.5, 7) == adamax_step_bound(1e-45, 0.999, 2) == 1
    assert adamax_step_bound(0.5, least, 3) == math.inf
    mp.dps, beta1, beta2 = 50, 0.99, 5.4e-309  # β1/β2 is beyond float64, the bound is not
    exact = (1 + mpf(beta1) / mpf(beta2)) / (1 + mpf(beta1))
    assert math.isclose(adamax_step_bound(beta1, beta2, 2), float(exact), rel_tol=1e-12)


def test_bound_agrees_with_fifty_digits():
    betas = [1e-8, 0.5, 0.9, math.nextafter(0.9, 1), 0.999, 1 - 2.0**-30]
    compared = 0
    for beta1, beta2, t in product(betas, betas, (2, 100, 10**4, 10**6)):
        with mp.workdps(50):
            b1, b2 = mpf(beta1), mpf(beta2)
            q = b1 / b2
            total = mpf(t) if q == 1 else (q**t - 1) / (q - 1)
            exact = (1 - b1) / (1 - b1**t) * total
            if exact < 1e300:
                compared += 1
                assert abs(adamax_step_bound(beta1, beta2, t) / exact - 1) < 1e-12
    assert compared > 70


@pytest.mark.parametrize(
    "arguments", [(1.0, 0.9, 1), (0.9, 1.0, 1), (0.9, 0.9, 0), (0.9, 0.9, 1.5)]
)
def test_bad_input_is_refused(arguments):
    for function in (adamax_step_bound, adamax_extremal_gradients):
        with pytest.raises(ValueError, match="must"):
            function(*arguments)


def test_the_first_step_is_alpha_long_for_all_decay_factors():
    for beta1, beta2 in ((0.9, 0.999), (0.9, 0.9), (0.5, 1e-300), (0.9, 0.0), (0.0, 0.0)):
        assert adamax_step_bound(beta1, beta2, 1) == 1.0
