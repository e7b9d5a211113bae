"""How large β2 must be: the exact drift against Adam itself, and its root against 4/n²."""

import numpy as np
import pytest

from adambook import Adam, theory
from adambook.follow import follow


def given(theta, slope):
    return slope


def cycle(n, periods):
    return np.tile([n] + [-1.0] * (n - 1), periods)


@pytest.mark.parametrize(("n", "beta2"), [(2, 0.5), (3, 0.4), (10, 0.9), (10, 0.99), (101, 0.999)])
def test_the_drift_is_that_of_adam_without_momentum_once_it_has_settled(n, beta2):
    periods = 4 + int(40 / (n * (1 - beta2)))
    path = follow(Adam(1.0, 0.0, beta2, 0.0), given, cycle(n, periods), 0.0, every=n)
    assert path[-1] - path[-2] == pytest.approx(theory.cycle_drift(n, beta2), rel=1e-9)


@pytest.mark.parametrize("n", [3, 10, 101])
def test_adam_turns_round_at_the_critical_beta2(n):
    weight = theory.critical_beta2(n)
    for factor, sign in ((0.98, -1), (1.02, 1)):
        beta2 = 1 - factor * weight
        periods = 4 + int(40 / (n * (1 - beta2)))
        path = follow(Adam(1.0, 0.0, beta2, 0.0), given, cycle(n, periods), 0.0, every=n)
        assert np.sign(path[-1] - path[-2]) == sign


def test_the_moments_are_the_fixed_point_of_a_period():
    n, beta2 = 7, 0.8
    v = theory.cycle_moments(n, beta2)
    g = cycle(n, 1)
    for k in range(n):
        assert v[k] == pytest.approx(beta2 * v[k - 1] + (1 - beta2) * g[k] ** 2, rel=1e-13)


def test_the_critical_weight_is_four_over_n_squared_in_the_limit():
    n = np.array([100, 1000, 10_000, 100_000, 200_000])
    scaled = np.array([theory.critical_beta2(int(k)) * k**2 for k in n])
    assert np.all(np.diff(scaled) < 0) and np.all(scaled > 4)
    assert scaled[-1] == pytest.approx(4, rel=1e-3)


def test_a_period_of_two_goes_the_right_way_for_every_beta2():
    assert all(theory.cycle_drift(2, beta2) < 0 for beta2 in np.linspace(0.001, 0.999, 50))


@pytest.mark.parametrize("n", [0, 1, 2, 10**6 + 1, 3.5])
def test_a_period_out_of_range_is_refused(n):
    with pytest.raises(ValueError, match="n must"):
        theory.critical_beta2(n)


def test_a_period_of_one_has_no_moments():
    with pytest.raises(ValueError, match="n must be at least 2, got 1"):
        theory.cycle_moments(1, 0.9)


@pytest.mark.parametrize("beta2", [0.0, 1.0, -0.1, float("nan")])
def test_a_beta2_out_of_range_is_refused(beta2):
    with pytest.raises(ValueError, match=r"beta2 must lie in \(0, 1\)"):
        theory.cycle_drift(5, beta2)


@pytest.mark.parametrize(
    ("n", "weight"), [(1000, 4.0053262153232296e-6), (10_000, 4.0005332622153192e-8)]
)
def test_the_critical_weight_keeps_the_digits_that_beta2_has_lost(n, weight):
    """The roots of the drift in 40 digits (mpmath)."""
    assert theory.critical_beta2(n) == pytest.approx(weight, rel=1e-12, abs=0)


def test_the_weight_of_the_longest_period_goes_on_as_those_before():
    """n² times it is 4 and a multiple of 1/n, to the next order."""
    above = {n: n**2 * theory.critical_beta2(n) - 4 for n in (10**4, 10**6)}
    assert 100 * above[10**6] == pytest.approx(above[10**4], rel=1e-3)
