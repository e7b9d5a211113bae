"""The preconditioned sharpness against dense eigenvalues."""

import numpy as np
import pytest
import scipy.linalg

from adambook import theory


@pytest.mark.parametrize("n", [2, 5, 60])
def test_it_is_the_largest_eigenvalue_of_the_dense_pencil(n):
    rng = np.random.default_rng(n)
    H, scale = rng.standard_normal((n, n)), 10 ** rng.uniform(-2, 2, n)
    H = H + H.T
    expected = scipy.linalg.eigh(H, np.diag(scale), eigvals_only=True)[-1]
    found = theory.preconditioned_sharpness(lambda x: H @ x, scale, tolerance=1e-10)
    assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("scale", [[1.0, 0.0], [1.0, -1.0], [1.0, np.nan], [[1.0, 1.0]], [1.0]])
def test_a_scale_that_is_no_positive_vector_is_refused(scale):
    with pytest.raises(ValueError, match="scale must"):
        theory.preconditioned_sharpness(lambda x: x, scale)


def test_the_tolerance_is_given_by_its_name():
    with pytest.raises(TypeError, match="positional argument"):
        theory.preconditioned_sharpness(lambda x: x, [1.0, 1.0], 1e-4)


def test_a_flat_function_has_no_sharpness():
    assert theory.preconditioned_sharpness(lambda x: 0 * x, np.ones(3)) == 0.0


def test_a_curvature_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="^curvature must return finite numbers, got a NaN or"):
        theory.preconditioned_sharpness(lambda x: np.nan * x, np.ones(3))


def test_preconditioned_sharpness_takes_no_text_for_the_tolerance():
    with pytest.raises(TypeError, match="^tolerance must "):
        theory.preconditioned_sharpness(abs, [1, 1], tolerance="0.1")


def test_unless_another_accuracy_is_asked_for_it_is_a_ten_thousandth():
    rng = np.random.default_rng(200)
    H, scale = rng.standard_normal((200, 200)), 10 ** rng.uniform(-0.2, 0.2, 200)
    H = H + H.T
    expected = scipy.linalg.eigh(H, np.diag(scale), eigvals_only=True)[-1]
    found = theory.preconditioned_sharpness(lambda x: H @ x, scale)
    assert found == pytest.approx(expected, rel=1e-4)
