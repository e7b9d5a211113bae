"""Averages that forget, against sums written out, the rules that hold one, and simulation."""

import math

import numpy as np
import pytest

from adambook import Adam, Momentum
from adambook.theory.averages import (
    average_weights,
    effective_count,
    mean_age,
    moving_average,
    share_within,
)

BETAS = (0.0, 0.3, 0.9, 0.999)


@pytest.mark.parametrize("beta", BETAS)
def test_the_average_is_the_weighted_sum(beta):
    x = np.random.default_rng(0).standard_normal(40)
    expected = [average_weights(beta, t) @ x[:t] for t in range(1, 41)]
    np.testing.assert_allclose(moving_average(x, beta, corrected=False), expected, atol=1e-14)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("t", [1, 2, 30])
def test_the_weights_sum_to_one_minus_beta_to_the_t(beta, t):
    assert average_weights(beta, t).sum() == pytest.approx(1 - beta**t, abs=1e-14)


@pytest.mark.parametrize("beta", BETAS)
def test_the_corrected_average_of_a_constant_is_the_constant(beta):
    x = np.full((20, 2), 3.0)
    np.testing.assert_allclose(moving_average(x, beta, corrected=True), x, rtol=1e-12)


@pytest.mark.parametrize("beta", BETAS)
def test_adams_first_moment_is_this_average(beta):
    x = np.random.default_rng(1).standard_normal((30, 3))
    rule, theta = Adam(beta1=beta), np.zeros(3)
    state, m = rule.init(theta), []
    for g in x:
        _, state = rule.update(g, state, theta)
        m.append(state.m)
    np.testing.assert_allclose(moving_average(x, beta, corrected=False), m, atol=1e-14)


@pytest.mark.parametrize("mu", BETAS)
def test_momentum_is_this_average_over_one_minus_mu(mu):
    x = np.random.default_rng(2).standard_normal((30, 1))
    rule, theta = Momentum(mu=mu), np.zeros(1)
    state = rule.init(theta)
    for g in x:
        _, state = rule.update(g, state, theta)
    average = moving_average(x, mu, corrected=False)[-1]
    np.testing.assert_allclose(state.m * (1 - mu), average, atol=1e-13)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("n", [1, 5, 12])
def test_share_is_the_sum_of_the_newest_weights(beta, n):
    newest = average_weights(beta, 20_000)[-n:].sum()
    assert share_within(beta, n) == pytest.approx(newest, abs=1e-12)


def test_share_within_the_memory_tends_to_one_minus_one_over_e():
    shares = [share_within(1 - s, 1 / s) for s in (0.1, 0.01, 0.001)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] - (1 - 1 / math.e) == pytest.approx(0.0005 / math.e, rel=0.01)


@pytest.mark.parametrize("beta", BETAS)
def test_mean_age_is_the_weighted_sum_of_ages(beta):
    ages = np.arange(39_999, -1, -1)
    assert mean_age(beta) == pytest.approx(average_weights(beta, 40_000) @ ages, abs=1e-8)


@pytest.mark.parametrize("beta", BETAS)
def test_mean_age_is_the_lag_behind_even_growth(beta):
    x = 2.0 * np.arange(1, 40_001)
    lag = (x - moving_average(x, beta, corrected=False))[-1] / 2.0
    assert lag == pytest.approx(mean_age(beta), abs=1e-6)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("t", [1, 2, 17])
def test_effective_count_is_one_over_the_sum_of_squared_weights(beta, t):
    w = average_weights(beta, t)
    assert effective_count(beta, t) == pytest.approx(w.sum() ** 2 / (w @ w), rel=1e-10)


def test_effective_count_predicts_the_variance_of_simulated_averages():
    runs, beta = 4000, 0.9
    x = np.random.default_rng(3).standard_normal((200, runs))
    final = moving_average(x, beta, corrected=True)[-1]
    expected = 1 / effective_count(beta)
    z = (final.var(ddof=1) - expected) / (expected * math.sqrt(2 / (runs - 1)))
    assert abs(z) < 4


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: average_weights(1.0, 3), "beta"),
        (lambda: average_weights(0.5, 0), "t must"),
        (lambda: moving_average([math.nan], 0.5, corrected=True), "x must"),
        (lambda: share_within(0.5, 0.0), "n must"),
        (lambda: mean_age(-0.1), "beta"),
        (lambda: effective_count(0.5, 0), "t must"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()


@pytest.mark.parametrize("beta", [1 - 1e-8, 1 - 1e-12])
def test_near_one_the_corrected_average_of_a_constant_is_still_the_constant(beta):
    np.testing.assert_allclose(moving_average(np.full(5, 3.0), beta, corrected=True), 3, rtol=1e-14)


@pytest.mark.parametrize("t", [1000, 10**6])
def test_near_one_the_effective_count_is_that_of_a_plain_mean(t):
    assert effective_count(1 - 1e-15, t) == pytest.approx(t, rel=1e-13)


def test_any_number_of_steps_has_an_effective_count():
    assert effective_count(0.9, 10**300) == effective_count(0.9)
    with pytest.raises(ValueError, match="^t must be at most the largest float64"):
        effective_count(0.9, 10**400)


def test_a_small_share_keeps_its_digits():
    assert share_within(0.5, 1e-20) == pytest.approx(1e-20 * math.log(2), rel=1e-14, abs=0)


def test_whether_an_average_is_corrected_is_said_by_name():
    with pytest.raises(TypeError):
        moving_average([1.0, 2.0], 0.5, True)
    by_name = moving_average(x=[1.0, 2.0], beta=0.5, corrected=True)
    np.testing.assert_array_equal(by_name, moving_average([1.0, 2.0], 0.5, corrected=True))


def test_moving_average_takes_no_text_for_beta():
    with pytest.raises(TypeError, match="^beta must "):
        moving_average([1.0], "0.5", corrected=True)
