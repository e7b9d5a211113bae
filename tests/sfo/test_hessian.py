"""Curvature from gradients: exact where it can be, positive everywhere."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adambook.sfo import bfgs, estimate, positive, smallest_curvature


def quadratic(rng, k=6):
    q = np.linalg.qr(rng.standard_normal((k, k)))[0]
    return q * np.logspace(0, 3, k) @ q.T, q


def test_smallest_curvature_solves_the_squared_secant_equation():
    rng = np.random.default_rng(0)
    s, y = rng.standard_normal((2, 8, 4))
    smallest = scipy.linalg.eigh(y.T @ y, s.T @ s, eigvals_only=True)[0]
    assert smallest_curvature(s, y) == pytest.approx(np.sqrt(smallest), rel=1e-10)


def test_smallest_curvature_of_a_quadratic_is_between_its_eigenvalues():
    rng = np.random.default_rng(1)
    h, _ = quadratic(rng)
    s = rng.standard_normal((6, 3))
    assert 1.0 <= smallest_curvature(s, h @ s) <= 1e3
    every = np.eye(6)
    assert smallest_curvature(every, h @ every) == pytest.approx(1.0)


def test_steps_in_the_span_of_others_do_not_spoil_it():
    s = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    y = np.diag([2.0, 5.0, 1.0]) @ s
    assert smallest_curvature(s, y) == pytest.approx(2.0)


def test_conjugate_steps_give_the_hessian_of_a_quadratic():
    h, q = quadratic(np.random.default_rng(2))
    np.testing.assert_allclose(estimate(q, h @ q)[0], h, rtol=1e-9, atol=1e-9)


def test_the_last_pair_is_always_reproduced():
    rng = np.random.default_rng(3)
    h, _ = quadratic(rng)
    s = rng.standard_normal((6, 4))
    b = bfgs(s, h @ s, beta=0.5)
    np.testing.assert_allclose(b @ s[:, -1], h @ s[:, -1], rtol=1e-9)


def test_directions_never_seen_keep_the_smallest_curvature():
    s = np.eye(5)[:, :2]
    h, across = estimate(s, np.diag([7.0, 3.0, 1.0, 1.0, 1.0]) @ s)
    np.testing.assert_allclose(h, np.diag([7.0, 3.0, 3.0, 3.0, 3.0]), atol=1e-12)
    assert across == pytest.approx(3.0)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), pairs=st.integers(1, 10), scale=st.floats(-8, 8))
@example(seed=1655, pairs=1, scale=0.0)
def test_an_estimate_is_positive_definite_whatever_the_gradients(seed, pairs, scale):
    rng = np.random.default_rng(seed)
    s, y = rng.standard_normal((2, 7, pairs))
    h, across = estimate(s, y * 10**scale)
    assert across > 0
    np.testing.assert_allclose(h, h.T, atol=1e-6 * np.abs(h).max())
    assert np.linalg.eigvalsh(h).min() > 0


def test_a_curve_that_bends_down_is_given_the_median_curvature():
    b = np.diag([1.0, 2.0, 9.0, -5.0, 0.0])
    mended = positive(b, np.eye(5), beta=0.5)
    np.testing.assert_allclose(mended, np.diag([1.0, 2.0, 9.0, 2.0, 2.0]), atol=1e-12)


def test_where_no_curve_bends_up_all_are_given_the_curvature_across():
    b = np.diag([-3.0, 0.0, 0.5])
    seen = np.eye(3)[:, :2]
    np.testing.assert_allclose(positive(b, seen, beta=0.5), 0.5 * np.eye(3), atol=1e-12)


def test_a_positive_estimate_is_left_as_it_is():
    h, _ = quadratic(np.random.default_rng(4))
    np.testing.assert_allclose(positive(h, np.eye(6), beta=0.5), h, rtol=1e-12, atol=1e-9)


def test_the_estimate_turns_with_the_coordinates():
    rng = np.random.default_rng(5)
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    s, y = rng.standard_normal((2, 6, 4))
    h, across = estimate(s, y)
    turned, across_turned = estimate(turn @ s, turn @ y)
    np.testing.assert_allclose(turned, turn @ h @ turn.T, rtol=1e-7, atol=1e-7 * abs(h).max())
    assert across_turned == pytest.approx(across)


def test_an_estimate_is_positive_where_a_combination_of_steps_changes_no_gradient():
    s, y = np.eye(2), np.array([[2.0, 2.0], [0.0, 0.0]])
    assert smallest_curvature(s, y) == 0
    h, across = estimate(s, y)
    assert across == pytest.approx(2e-8) and np.linalg.eigvalsh(h).min() > 0
