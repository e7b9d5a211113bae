"""The rules against their published definitions, written as sums instead of recursions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from oracles import our_path, relative_difference

from adambook import (
    ADOPT,
    AdaBelief,
    Adam,
    AdaMax,
    AdaMaxOutside,
    AdamReordered,
    AdamUncorrected,
    ADOPTClipped,
    AMSGrad,
    AMSGradCorrected,
    NAdam,
    ScheduleFree,
)
from adambook.theory import uncorrected_step

A, B1, B2, E = 0.05, 0.8, 0.95, 1e-2


def deltas(rule, gradients, theta0):
    return np.diff(our_path(rule, gradients, theta0), axis=0)


def weighted(beta, x):
    """(1 - β) Σ β^(t-i) x_i for every t: an average as its definition unrolls it."""
    t = np.arange(len(x))
    weights = np.where(t[:, None] >= t, (1 - beta) * beta ** np.maximum(t[:, None] - t, 0.0), 0)
    return weights @ x


def corrections(beta, steps):
    return 1 - beta ** np.arange(1, steps + 1)[:, None]


@pytest.fixture
def g(gradients):
    return gradients[:100]


@pytest.fixture
def m_hat(g):
    return weighted(B1, g) / corrections(B1, len(g))


def test_adam_is_algorithm_1_unrolled(g, m_hat, theta0):
    v_hat = weighted(B2, g**2) / corrections(B2, len(g))
    expected = -A * m_hat / (np.sqrt(v_hat) + E)
    assert relative_difference(expected, deltas(Adam(A, B1, B2, E), g, theta0)) <= 1e-12


def test_adam_in_exact_arithmetic_agrees_for_20_steps():
    """Exact rationals; the root is squared away, so that nothing is rounded."""
    beta1, beta2 = Fraction(0.9), Fraction(0.999)
    rng = np.random.default_rng(2)
    g = rng.standard_normal(20)
    theta = np.zeros(1)
    rule = Adam(alpha=1.0, epsilon=0.0)
    state = rule.init(theta)
    for t in range(1, 21):
        delta, state = rule.update(g[t - 1 : t], state, theta)
        exact = [Fraction(float(x)) for x in g[:t]]
        m = sum((1 - beta1) * beta1 ** (t - 1 - i) * x for i, x in enumerate(exact))
        v = sum((1 - beta2) * beta2 ** (t - 1 - i) * x**2 for i, x in enumerate(exact))
        square = float((m / (1 - beta1**t)) ** 2 / (v / (1 - beta2**t)))
        assert math.isclose(delta[0] ** 2, square, rel_tol=1e-12)
        assert np.sign(delta[0]) == -np.sign(float(m))


def test_reordered_adam_is_algorithm_1_with_epsilon_hat_scaled_at_every_step(g, theta0):
    rule = AdamReordered(A, B1, B2, E)
    reordered = deltas(rule, g, theta0)
    for t in (1, 2, 10, 100):
        epsilon = E / math.sqrt(1 - B2**t)
        standard = deltas(Adam(A, B1, B2, epsilon), g[:t], theta0)[-1]
        assert relative_difference(reordered[t - 1], standard) <= 1e-11


def test_uncorrected_adam_takes_both_averages_as_they_are(g, theta0):
    expected = -A * weighted(B1, g) / (np.sqrt(weighted(B2, g**2)) + E)
    assert relative_difference(expected, deltas(AdamUncorrected(A, B1, B2, E), g, theta0)) <= 1e-12


def test_uncorrected_adam_is_adam_with_the_startup_factor_in_its_step_size(g, theta0):
    def factor(t):
        return A * uncorrected_step(B1, B2, t)

    nonzero = np.where(g == 0, 1.0, g)
    scheduled = deltas(Adam(factor, B1, B2, epsilon=0.0), nonzero, theta0)
    uncorrected = deltas(AdamUncorrected(A, B1, B2, epsilon=0.0), nonzero, theta0)
    assert relative_difference(scheduled, uncorrected) <= 1e-12


def test_adamax_is_algorithm_2_unrolled(g, m_hat, theta0):
    """u_t = max over i of β2^(t-i) |g_i|, the paper's equation 12."""
    t = np.arange(len(g))
    decays = np.where(t[:, None] >= t, B2 ** np.maximum(t[:, None] - t, 0.0), 0)
    u = (decays[:, :, None] * abs(g)).max(axis=1)
    nonzero = u > 0
    outside = deltas(AdaMaxOutside(A, B1, B2, E), g, theta0)
    assert relative_difference(-A * m_hat / (u + E), outside) <= 1e-12
    with np.errstate(invalid="ignore"):
        paper = deltas(AdaMax(A, B1, B2, 0.0), g[1:], theta0)
        again = deltas(AdaMaxOutside(A, B1, B2, 0.0), g[1:], theta0)
    np.testing.assert_array_equal(paper, again)
    assert nonzero.any()


def test_adamax_with_epsilon_inside_adds_it_to_every_gradient(g, m_hat, theta0):
    t = np.arange(len(g))
    decays = np.where(t[:, None] >= t, B2 ** np.maximum(t[:, None] - t, 0.0), 0)
    u = (decays[:, :, None] * (abs(g) + E)).max(axis=1)
    inside = deltas(AdaMax(A, B1, B2, E), g, theta0)
    assert relative_difference(-A * m_hat / u, inside) <= 1e-12


def test_amsgrads_two_forms_take_the_maximum_before_and_after_the_correction(g, m_hat, theta0):
    v, correction = weighted(B2, g**2), corrections(B2, len(g))
    before = np.maximum.accumulate(v) / correction
    after = np.maximum.accumulate(v / correction)
    for rule, v_hat in ((AMSGrad, before), (AMSGradCorrected, after)):
        expected = -A * m_hat / (np.sqrt(v_hat) + E)
        assert relative_difference(expected, deltas(rule(A, B1, B2, E), g, theta0)) <= 1e-12
    assert relative_difference(before, after) > 1e-3


def test_adabelief_averages_the_squared_surprise(g, m_hat, theta0):
    surprise = (g - weighted(B1, g)) ** 2 + E / (1 - B2)
    s_hat = weighted(B2, surprise) / corrections(B2, len(g))
    expected = -A * m_hat / (np.sqrt(s_hat) + E)
    assert relative_difference(expected, deltas(AdaBelief(A, B1, B2, E), g, theta0)) <= 1e-12


def test_nadam_without_a_schedule_corrects_the_look_ahead_mean_by_the_next_step(g, theta0):
    """Optax's form: β1 m_t/(1-β1^(t+1)) + (1-β1) g_t/(1-β1^t)."""
    n = len(g)
    look_ahead = B1 * weighted(B1, g) / corrections(B1, n + 1)[1:]
    look_ahead = look_ahead + (1 - B1) * g / corrections(B1, n)
    v_hat = weighted(B2, g**2) / corrections(B2, n)
    expected = -A * look_ahead / (np.sqrt(v_hat) + E)
    rule = NAdam(A, B1, B2, E, psi=math.inf)
    assert relative_difference(expected, deltas(rule, g, theta0)) <= 1e-12


@pytest.mark.parametrize("clipped", [False, True])
def test_adopt_divides_by_the_average_before(g, theta0, clipped):
    """Written as sums: v_t = β2^(t-1) g_1² + (1-β2) Σ β2^(t-i) g_i², m over g_i/√v_(i-1), i ≥ 2."""
    squares = g**2
    squares[0] /= 1 - B2
    v = weighted(B2, squares)
    x = g[1:] / np.maximum(np.sqrt(v[:-1]), E)
    if clipped:
        c = np.arange(1, len(g))[:, None] ** 0.25
        x = np.clip(x, -c, c)
    expected = np.vstack([np.zeros_like(g[0]), -A * weighted(B1, x)])
    rule = (ADOPTClipped if clipped else ADOPT)(A, B1, B2, E)
    assert relative_difference(expected, deltas(rule, g, theta0)) <= 1e-12


def test_schedule_free_averages_all_z_and_takes_gradients_between(g, theta0):
    """z is a sum of steps, x the mean of all z, y between them: none of it as the rule has it."""
    v_hat = weighted(B2, g**2) / corrections(B2, len(g))
    z = theta0 - A * np.cumsum(g / (np.sqrt(v_hat) + E), axis=0)
    x = np.cumsum(z, axis=0) / np.arange(1, len(g) + 1)[:, None]
    y = (1 - B1) * z + B1 * x
    rule = ScheduleFree(A, B1, B2, E)
    assert relative_difference(y, our_path(rule, g, theta0)[1:]) <= 1e-12
    theta, state = theta0, rule.init(theta0)
    for row in g:
        delta, state = rule.update(row, state, theta)
        theta = theta + delta
    assert relative_difference(x[-1], rule.average(theta, state)) <= 1e-12
