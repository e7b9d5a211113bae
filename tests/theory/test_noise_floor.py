"""What is left on a noisy parabola: the shift and the spread, against Adam itself."""

import numpy as np
import pytest

from adambook import Adam, theory
from adambook.follow import follow


def given(theta, slope):
    return slope


def pull(theta, target):
    return theta - target


def bernoulli(probability, steps, runs, seed):
    """0 and 1 with exact shares in each run, in random order, less their mean."""
    ordered = np.zeros((steps, runs))
    ordered[: round(probability * steps)] = 1.0
    return np.random.default_rng(seed).permuted(ordered, axis=0) - probability


def rest(xi, beta1, beta2, guess):
    """The point at which Adam's steps cancel on average, by a secant on its own drift."""
    rule = Adam(1.0, beta1, beta2, 0.0)

    def drift(theta):
        return follow(rule, given, theta - xi, 0.0, every=len(xi))[-1].mean() / len(xi)

    low, high = 0.5 * guess, 1.5 * guess
    at_low, at_high = drift(low), drift(high)
    return low - at_low * (high - low) / (at_high - at_low)


@pytest.mark.parametrize(("beta1", "beta2", "share"), [(0.0, 0.99, 0.05), (0.9, 0.99, 0.1)])
def test_the_shift_is_where_adams_steps_cancel(beta1, beta2, share):
    p = 0.1
    expected = theory.skew_shift(p * (1 - p), p * (1 - p) * (1 - 2 * p), beta1, beta2)
    xi = bernoulli(p, 200_000, 8, seed=0)
    assert rest(xi, beta1, beta2, expected) == pytest.approx(expected, rel=share)


def test_the_error_of_the_first_order_shrinks_with_1_minus_beta2():
    p, errors = 0.25, []
    xi = bernoulli(p, 200_000, 8, seed=1)
    for beta2 in (0.95, 0.98):
        expected = theory.skew_shift(p * (1 - p), p * (1 - p) * (1 - 2 * p), 0.5, beta2)
        errors.append(abs(rest(xi, 0.5, beta2, expected) / expected - 1))
    assert errors[1] < errors[0] / 2


def test_symmetric_noise_shifts_nothing():
    assert theory.skew_shift(0.25, 0.0, 0.9, 0.999) == 0


@pytest.mark.parametrize("beta1", [0.0, 0.9])
@pytest.mark.parametrize(("alpha", "sigma", "curvature"), [(0.01, 1.0, 1.0), (0.02, 3.0, 2.0)])
def test_adam_with_constant_alpha_stays_at_the_floor(beta1, alpha, sigma, curvature):
    noise = np.random.default_rng(3).normal(0, sigma / curvature, (6000, 300))

    def slope(theta, target):
        return curvature * (theta - target)

    path = follow(Adam(alpha, beta1, 0.999, 0.0), slope, noise, 0.0, every=50)
    rms = np.sqrt(np.mean(path[len(path) // 2 :] ** 2))
    assert rms == pytest.approx(theory.noise_floor(alpha, sigma, curvature), rel=0.05)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf, np.nan])
def test_bad_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="alpha must lie in"):
        theory.noise_floor(bad, 1.0)
    with pytest.raises(ValueError, match="variance must lie in"):
        theory.skew_shift(bad, 1.0, 0.9, 0.999)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_the_floor_is_found_where_the_product_under_the_root_leaves_float64(size):
    assert theory.noise_floor(size, size, 1.0) == pytest.approx(size / 2**0.5, rel=2e-15, abs=0)
    assert theory.noise_floor(size, size, size) == pytest.approx(
        (size / 2) ** 0.5, rel=2e-15, abs=0
    )


def test_a_shift_keeps_its_digits_in_any_unit():
    near = theory.skew_shift(1.0, 1.0, 0.0, 1 - 1e-15)
    far = theory.skew_shift(1e-300, 1e-300, 0.0, 1 - 1e-15)
    assert far == pytest.approx(near, rel=2e-15, abs=0)
