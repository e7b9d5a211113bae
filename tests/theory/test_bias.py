"""Bias: E[v_t], the residual ζ, its bound; by Monte Carlo and through the real rule."""

import math

import numpy as np
import pytest

from adambook import Adam
from adambook.theory import drift_residual, drift_residual_bound, expected_second_moment


def averages(g, beta2):
    """v_t of Adam after every step, for gradients g of shape (t, n)."""
    adam, theta = Adam(beta1=0.5, beta2=beta2), np.zeros(g.shape[1])
    state, history = adam.init(theta), []
    for gradient in g:
        _, state = adam.update(gradient, state, theta)
        history.append(state.v)
    return np.array(history)


def test_expectation_of_a_sure_thing_is_the_value_of_the_real_rule():
    g = np.random.default_rng(0).standard_normal((30, 1))
    for beta2 in (0.0, 0.5, 0.999):
        v = averages(g, beta2)[-1, 0]
        assert math.isclose(expected_second_moment(g[:, 0] ** 2, beta2), v, rel_tol=1e-12)


def test_second_moment_of_drifting_dependent_noise_has_the_expectation_stated():
    rng, n = np.random.default_rng(3), 40_000
    scale = np.linspace(1.0, 3.0, 50)[:, None]  # E[g_t²] = 2 scale²: a common factor, and own noise
    g = scale * (rng.standard_normal(n) + rng.standard_normal((50, n)))
    history, second_moments = averages(g, 0.9), 2 * scale[:, 0] ** 2
    for t in (1, 2, 10, 50):
        sample = history[t - 1]
        z = sample.mean() - expected_second_moment(second_moments[:t], 0.9)
        assert abs(z) < 4 * sample.std(ddof=1) / math.sqrt(n)


def test_correction_removes_the_bias_of_a_stationary_second_moment():
    rng, n = np.random.default_rng(4), 40_000
    history = averages(rng.standard_normal((50, n)), 0.999)
    for t in range(1, 51):
        sample = history[t - 1] / (1 - 0.999**t)
        assert abs(sample.mean() - 1) < 4 * sample.std(ddof=1) / math.sqrt(n)


def test_residual_is_what_equation_4_leaves_over():
    rng = np.random.default_rng(5)
    for beta2 in (0.0, 0.5, 0.9, 0.999):
        s = rng.exponential(size=40)
        left = expected_second_moment(s, beta2)
        right = s[-1] * (1 - beta2**40) + drift_residual(s, beta2)
        assert math.isclose(left, right, rel_tol=1e-12)
    assert drift_residual(np.full(100, 7.0), 0.99) == 0.0


def test_residual_after_a_jump_fades_as_beta2_to_the_steps_since():
    s = np.concatenate([np.full(60, 1.0), np.full(7, 5.0)])
    expected = (1.0 - 5.0) * (0.9**7 - 0.9**67)
    assert math.isclose(drift_residual(s, 0.9), expected, rel_tol=1e-12)


def test_residual_bound_is_attained_by_linear_drift_and_exceeded_by_no_other():
    rng = np.random.default_rng(6)
    for beta2 in (0.5, 0.9, 0.999):
        for t in (1, 2, 10, 200):
            bound = drift_residual_bound(beta2, 0.3, t)
            line = 100 + 0.3 * np.arange(t)
            assert math.isclose(abs(drift_residual(line, beta2)), bound, rel_tol=1e-10)
            walks = 100 + np.cumsum(rng.uniform(-0.3, 0.3, (200, t)), axis=1)
            largest = max(abs(drift_residual(walk, beta2)) for walk in walks)
            assert largest <= bound <= drift_residual_bound(beta2, 0.3, math.inf)


def test_residual_bound_has_its_limit():
    for beta2 in (0.0, 0.5, 0.999):
        limit = drift_residual_bound(beta2, 2.0, math.inf)
        assert math.isclose(limit, 2 * beta2 / (1 - beta2), rel_tol=1e-12)
        assert math.isclose(drift_residual_bound(beta2, 2.0, 40_000), limit, rel_tol=1e-10)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: expected_second_moment([1.0], 1.0), "^beta2 must "),
        (lambda: expected_second_moment([], 0.9), "^second_moments must "),
        (lambda: drift_residual([[1.0]], 0.9), "^second_moments must "),
        (lambda: drift_residual([math.nan], 0.9), "^second_moments must "),
        (lambda: drift_residual(["a"], 0.9), "^second_moments must "),
        (lambda: drift_residual_bound(0.9, -1.0, 3), "^drift must "),
        (lambda: drift_residual_bound(0.9, 1.0, 0), "^t must "),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
