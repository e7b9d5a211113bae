"""The uncorrected step: the factor, its peak, its supremum."""

import math
from itertools import product

import numpy as np
import pytest

from adambook import Adam
from adambook.theory import (
    extremal_gradients,
    step_bound,
    uncorrected_mean,
    uncorrected_peak,
    uncorrected_step,
    uncorrected_step_bound,
)


def moments(g, beta1, beta2):
    """(m, v) of Adam after every step of the gradients g."""
    adam, theta = Adam(beta1=beta1, beta2=beta2), np.zeros(1)
    state, pairs = adam.init(theta), []
    for gradient in g:
        _, state = adam.update(np.array([gradient]), state, theta)
        pairs.append((state.m[0], state.v[0]))
    return np.array(pairs)


def test_constant_gradients_give_the_factor_through_the_real_rule():
    for beta1, beta2 in [(0.9, 0.999), (0.0, 0.99), (0.9, 0.5), (0.5, 0.5), (0.5, 0.0)]:
        m, v = moments(np.full(40, -3.0), beta1, beta2).T
        factors = [uncorrected_step(beta1, beta2, t) for t in range(1, 41)]
        np.testing.assert_allclose(-m / np.sqrt(v), factors, rtol=1e-12)


def test_peak_is_the_largest_of_all_steps():
    betas1, betas2 = (
        (0.0, 0.1, 0.35, 0.45, 0.5, 0.9, 0.98, 0.99),
        (0.5, 0.76, 0.9, 0.95, 0.99, 0.999, 0.9999),
    )
    for beta1, beta2 in product(betas1, betas2):
        factors = [uncorrected_step(beta1, beta2, t) for t in range(1, 3000)]
        peak = uncorrected_peak(beta1, beta2)
        if beta1 < beta2:
            assert peak == (1 + int(np.argmax(factors)), max(factors))
        else:
            assert peak == (math.inf, 1.0) and np.all(np.array(factors) <= 1)


def test_peaks_of_the_usual_settings():
    settings = [(0.9, 0.99), (0.9, 0.999), (0.9, 0.9999), (0.0, 0.99), (0.0, 0.999), (0.0, 0.9999)]
    peaks = [uncorrected_peak(*setting) for setting in settings]
    assert [peak.t for peak in peaks] == [13, 12, 12, 1, 1, 1]
    np.testing.assert_allclose(
        [peak.value for peak in peaks], [2.131, 6.569, 20.71, 10, 31.62, 100], rtol=1e-3
    )


def test_peak_of_nearly_equal_decay_factors_is_found():
    beta1, beta2 = 0.9, 0.900001
    t, value = uncorrected_peak(beta1, beta2)
    assert value >= max(uncorrected_step(beta1, beta2, t + k) for k in (-50, -1, 1, 50)) and t > 100
    assert uncorrected_peak(0.0, 0.0) == (1, 1.0)


@pytest.mark.parametrize("beta1", [1e-300, 0.01, 0.5, 0.9])
def test_decay_factors_that_are_neighbours_have_a_peak_far_out_where_the_factor_is_1(beta1):
    beta2 = math.nextafter(beta1, 1.0)
    t, value = uncorrected_peak(beta1, beta2)
    assert t > 1e14 and value == 1.0
    assert math.isclose(t * math.log1p((beta2 - beta1) / beta1), math.log(2), rel_tol=1e-3)


def test_the_start_comes_back_after_a_long_quiet_phase_although_the_bias_is_corrected():
    adam, theta = Adam(alpha=1.0, epsilon=0.0), np.zeros(1)
    state, steps = adam.init(theta), []
    for g in np.concatenate([np.full(20_000, 1e-9), np.ones(30)]):
        delta, state = adam.update(np.array([g]), state, theta)
        steps.append(abs(delta[0]))
    factors = [uncorrected_step(0.9, 0.999, n) for n in range(1, 31)]
    np.testing.assert_allclose(steps[-30:], factors, rtol=1e-6)
    assert int(np.argmax(steps[-30:])) + 1 == uncorrected_peak(0.9, 0.999).t
    assert max(steps) / step_bound(0.9, 0.999, math.inf) > 0.9


def test_uncorrected_supremum_is_attained_by_the_same_gradients():
    for beta1, beta2 in product((0.1, 0.5, 0.9), (0.5, 0.81, 0.9, 0.999)):
        m, v = moments(extremal_gradients(beta1, beta2, 30), beta1, beta2).T
        bounds = [uncorrected_step_bound(beta1, beta2, t) for t in range(1, 31)]
        np.testing.assert_allclose(m / np.sqrt(v), bounds, rtol=1e-12)
        r = beta1**2 / beta2
        direct = (1 - beta1) / math.sqrt(1 - beta2) * np.sqrt(np.cumsum(r ** np.arange(30)))
        np.testing.assert_allclose(bounds, direct, rtol=1e-12)


def test_uncorrected_supremum_is_exceeded_by_no_random_gradients():
    rng = np.random.default_rng(2)
    adam, theta = Adam(), np.zeros(5000)
    state = adam.init(theta)
    for t in range(1, 25):
        _, state = adam.update(rng.standard_normal(5000) * 1.3**t, state, theta)
        largest = np.max(np.abs(state.m) / np.sqrt(state.v))
        assert 0.5 < largest / uncorrected_step_bound(0.9, 0.999, t) <= 1 + 1e-12


def test_uncorrected_supremum_has_the_limit_of_the_corrected_one_and_reaches_it_sooner():
    limit = step_bound(0.9, 0.999, math.inf)
    assert uncorrected_step_bound(0.9, 0.999, math.inf) == limit
    assert uncorrected_step_bound(0.9, 0.999, 10) > 0.93 * limit > 6 * step_bound(0.9, 0.999, 10)


@pytest.mark.parametrize("function", [uncorrected_step, uncorrected_step_bound])
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((1.0, 0.9, 1), "beta1"),
        ((0.9, 2.0, 1), "beta2"),
        ((0.9, 0.9, 0), "t"),
        ((0.9, 0.9, "1"), "t"),
    ],
)
def test_bad_input_is_refused(function, arguments, name):
    with pytest.raises(ValueError, match=f"^{name} must "):
        function(*arguments)


def test_the_mean_is_how_much_farther_constant_gradients_go():
    for beta1, beta2, steps in [(0.9, 0.999, 50), (0.0, 0.99, 1), (0.5, 0.5, 7)]:
        m, v = moments(np.full(steps, 2.0), beta1, beta2).T
        mean = uncorrected_mean(beta1, beta2, steps)
        np.testing.assert_allclose(mean, np.mean(m / np.sqrt(v)), rtol=1e-12)


def test_the_mean_follows_its_integral_and_tends_to_one():
    tau, steps = -1 / math.log(0.999), 5000
    integral = 2 * tau * math.acosh(math.exp(steps / (2 * tau)))
    # Riemann sum of a falling function: above the integral from 1, below that from 0
    assert integral - 2 * math.sqrt(tau) < steps * uncorrected_mean(0.0, 0.999, steps) < integral
    means = [uncorrected_mean(0.9, 0.999, T) for T in (100, 1000, 10_000, 100_000)]
    assert all(a > b > 1 for a, b in zip(means, means[1:], strict=False))


@pytest.mark.parametrize("steps", [0, 1.5, math.inf])
def test_the_mean_wants_a_whole_number_of_steps(steps):
    with pytest.raises(ValueError, match="steps must be a whole number"):
        uncorrected_mean(0.9, 0.999, steps)
