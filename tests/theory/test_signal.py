"""The normalised step of noisy gradients, measured along the real rule."""

import math

import numpy as np
import pytest

from adambook import Adam
from adambook.theory import normalised_step_floor, normalised_step_rms


def mean_square(draw, beta1, beta2=0.9999, coordinates=2000):
    """Mean of (m̂/√v̂)² over steps 1000, 1100, …, 2000 and its standard error over coordinates."""
    adam, theta = Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=0.0), np.zeros(coordinates)
    state, squares = adam.init(theta), []
    for t in range(1, 2001):
        delta, state = adam.update(draw(coordinates), state, theta)
        if t >= 1000 and t % 100 == 0:
            squares.append(delta**2)
    means = np.mean(squares, axis=0)
    return means.mean(), means.std(ddof=1) / math.sqrt(coordinates)


@pytest.mark.parametrize(
    ("mu", "sigma", "beta1"), [(0, 1, 0.9), (0, 2, 0.5), (1, 1, 0.9), (0.2, 1, 0.9), (-3, 1, 0.0)]
)
def test_root_mean_square_of_gaussian_gradients(mu, sigma, beta1):
    rng = np.random.default_rng(7)
    mean, error = mean_square(lambda n: mu + sigma * rng.standard_normal(n), beta1)
    assert abs(mean - normalised_step_rms(mu, sigma, beta1) ** 2) < 4 * error + 1e-12


def test_root_mean_square_depends_on_two_moments_only():
    rng = np.random.default_rng(8)
    mean, error = mean_square(lambda n: rng.exponential(size=n), 0.9)  # mean 1, deviation 1
    assert abs(mean - normalised_step_rms(1.0, 1.0, 0.9) ** 2) < 4 * error


def test_pure_noise_gives_the_floor_and_no_noise_gives_one():
    for beta1 in (0.0, 0.5, 0.9, 0.99):
        floor = normalised_step_floor(beta1)
        assert math.isclose(normalised_step_rms(0.0, 3.0, beta1), floor, rel_tol=1e-14)
        assert normalised_step_rms(-2.0, 0.0, beta1) == 1


def test_it_grows_with_the_signal_and_does_not_depend_on_the_unit():
    values = [normalised_step_rms(s, 1.0, 0.9) for s in (0, 0.1, 1, 10, 1e6)]
    assert values == sorted(values) and values[-1] <= 1
    for unit in (1e-200, 1e200):
        assert math.isclose(normalised_step_rms(unit, unit, 0.9), values[2], rel_tol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((0, 0, 0.9), "mu and sigma"),
        ((1, -1, 0.9), "sigma"),
        ((1, 1, 1.0), "beta1"),
        ((math.nan, 1, 0.9), "mu and sigma"),
        ((math.inf, 1, 0.9), "mu and sigma"),
    ],
)
def test_bad_input_is_refused(arguments, name):
    with pytest.raises(ValueError, match=f"^{name} must "):
        normalised_step_rms(*arguments)


def test_the_unit_of_the_gradients_does_not_matter_up_to_the_ends_of_float64():
    expected = normalised_step_rms(1.0, 1.0, 0.9)
    assert normalised_step_rms(1.7e308, 1.7e308, 0.9) == pytest.approx(expected, rel=1e-14)
    assert normalised_step_rms(-1e-320, 1e-320, 0.9) == pytest.approx(expected, rel=1e-14)
