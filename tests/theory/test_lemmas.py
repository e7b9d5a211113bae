"""Lemmas 10.3 and 10.4: false as printed, true as repaired."""

import math

import numpy as np
import pytest

from adambook.theory import (
    corrected_moments,
    harmonic,
    lemma_10_3,
    lemma_10_4,
    momentum_constant,
    normalised_sum_constant,
    paper_gamma,
    repaired_lemma_10_3,
    repaired_lemma_10_4,
    step_bound,
)
from adambook.theory.lemmas import euclidean


def roots(steps):
    """The gradients 1, 1/√2, …, 1/√T."""
    return 1 / np.sqrt(np.arange(1, steps + 1))


def random_gradients(trials, seed):
    """Gradients of 1 to 80 steps, from smooth to sparse to growing, of all sizes."""
    rng = np.random.default_rng(seed)
    for _ in range(trials):
        steps = int(rng.integers(1, 80))
        g = rng.standard_normal(steps) * np.exp(rng.uniform(-0.3, 0.3) * np.arange(steps))
        yield g * (rng.random(steps) < rng.choice([0.1, 0.5, 1.0])) + 1e-9 * rng.standard_normal(
            steps
        )


def test_lemma_10_3_fails_at_the_first_step_for_a_small_gradient():
    left, right = lemma_10_3([0.1], G_inf=0.1)
    assert math.isclose(left, 0.1) and math.isclose(right, 0.02)


def test_lemma_10_3_fails_from_step_31_on_and_not_before():
    holds = [lemma_10_3(roots(t), G_inf=1.0) for t in range(1, 60)]
    assert [left <= right for left, right in holds] == [t < 31 for t in range(1, 60)]
    np.testing.assert_allclose(holds[30], (4.0272, 4.0136), atol=5e-5)


def test_lemma_10_4_fails_from_step_31_on_and_not_before():
    sides = [lemma_10_4(roots(t), 0.0, 1e-12) for t in range(25, 40)]
    assert [left <= right for left, right in sides] == [t < 31 for t in range(25, 40)]
    np.testing.assert_allclose(sides[6], (4.0272, 4.0136), atol=5e-5)


@pytest.mark.parametrize(
    ("beta1", "beta2", "sides"), [(0.0, 0.01, (5.182, 4.578)), (0.1, 0.1, (5.227, 4.958))]
)
def test_lemma_10_4_fails_for_less_extreme_decay_factors_at_100_steps(beta1, beta2, sides):
    np.testing.assert_allclose(lemma_10_4(roots(100), beta1, beta2), sides, atol=5e-4)
    assert sides[0] > sides[1]


def test_repaired_lemma_10_3_holds_and_is_sharp():
    for g in random_gradients(500, 15):
        left, right = repaired_lemma_10_3(g)
        assert left <= right
    left, right = repaired_lemma_10_3(roots(1000))
    assert math.isclose(left, right, rel_tol=1e-12)
    assert all(harmonic(t) <= 1 + math.log(t) for t in (1, 2, 10, 1000))


def test_repaired_lemma_10_4_holds_for_all_decay_factors_and_comes_near():
    rng, ratios = np.random.default_rng(16), []
    for g in random_gradients(600, 17):
        beta1, beta2 = rng.choice([0.0, rng.uniform(), 0.9]), rng.uniform(1e-6, 0.9999)
        left, right = repaired_lemma_10_4(g, beta1, beta2)
        ratios.append(left / right)
    assert 0.7 < max(ratios) <= 1 + 1e-12


def test_without_gradients_both_sides_are_0_even_where_the_constant_is_beyond_float64():
    assert normalised_sum_constant(0.9, 0.5, 5000) == math.inf
    assert repaired_lemma_10_4(np.zeros(5000), 0.9, 0.5) == (0.0, 0.0)


def test_the_repaired_constant_is_below_its_simple_form():
    rng = np.random.default_rng(18)
    for _ in range(300):
        beta2 = rng.uniform(1e-4, 0.9999)
        delta = rng.uniform(0, 0.999)
        beta1 = delta * math.sqrt(beta2)
        simple = 1 / ((1 - delta) * math.sqrt(1 - beta2))
        assert normalised_sum_constant(beta1, beta2, 2000) <= simple * (1 + 1e-12)
    assert normalised_sum_constant(0.9, 0.999, 20_000) < 22


def test_no_gradient_weighs_more_than_the_first_in_all_the_averages_together():
    for beta1 in (0.0, 0.5, 0.9, 0.99):
        averages = corrected_moments(np.eye(60), beta1, 0.5).m_hat  # column i: the weights of g_i
        assert math.isclose(averages.sum(axis=0)[0], momentum_constant(beta1, 60), rel_tol=1e-12)
        assert np.all(np.diff(averages.sum(axis=0)) <= 1e-12)
        assert 1 <= momentum_constant(beta1, 5000) <= 1 / (1 - beta1)


def test_the_condition_of_the_paper_does_not_bound_the_step():
    assert paper_gamma(0.8, 0.5) < 1 and step_bound(0.8, 0.5, 100) > 1e5


@pytest.mark.parametrize(
    "call",
    [
        lambda: lemma_10_3([1.0], G_inf=0.5),
        lambda: lemma_10_3([], G_inf=1.0),
        lambda: lemma_10_3([1.0], G_inf=0.0),
        lambda: lemma_10_4([1.0], 0.9, 0.5),  # γ = 1.15
        lambda: lemma_10_4([1.0], 0.5, 0.0625),  # γ = 1, exactly
        lambda: lemma_10_4([1.0], 0.0, 0.0),
        lambda: repaired_lemma_10_4([1.0], 0.5, 0.0),
        lambda: repaired_lemma_10_4([math.inf], 0.5, 0.5),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="must"):
        call()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_both_sides_grow_with_the_gradients_where_their_squares_leave_float64(scale):
    g = np.array([1.0, -0.5, 0.25])
    near = (*repaired_lemma_10_3(g), *lemma_10_4(g, 0.5, 0.9), *repaired_lemma_10_4(g, 0.5, 0.9))
    g = g * scale
    far = (*repaired_lemma_10_3(g), *lemma_10_4(g, 0.5, 0.9), *repaired_lemma_10_4(g, 0.5, 0.9))
    np.testing.assert_allclose(far, np.array(near) * scale, rtol=1e-13)


@pytest.mark.parametrize("g", [5e-324, 1.7e308])
def test_one_gradient_at_the_end_of_float64_meets_the_repaired_lemma_with_equality(g):
    assert repaired_lemma_10_3([g]) == (g, g)


def test_the_euclidean_norm_runs_over_the_steps_of_each_coordinate():
    np.testing.assert_array_equal(euclidean(np.array([[3.0, 0.0], [4.0, 1.0]])), [5.0, 1.0])


@pytest.mark.parametrize("size", [5e-324, 1e-200, 1.5e308])
def test_the_euclidean_norm_of_the_smallest_and_largest_numbers_is_found(size):
    assert euclidean(np.array([size])) == size


def test_harmonic_and_normalised_sum_constant_take_no_text_for_steps():
    with pytest.raises(TypeError, match="^steps must "):
        harmonic("3")
    with pytest.raises(TypeError, match="^steps must "):
        normalised_sum_constant(0.5, 0.9, "3")
