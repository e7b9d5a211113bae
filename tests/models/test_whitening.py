"""Whitening: uncorrelated, fitted on the training pictures alone, least changed."""

import numpy as np
import pytest

from adambook.models.whitening import standardize, zca


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    mix = rng.standard_normal((12, 12))
    x = rng.standard_normal((5000, 12)) @ mix * 40 + 120
    return x.reshape(-1, 3, 2, 2)


def test_zca_leaves_pixels_uncorrelated_with_variance_one(pictures):
    (x,) = zca(pictures, epsilon=1e-9)
    np.testing.assert_allclose(np.cov(x.reshape(len(x), -1).T), np.eye(12), atol=2e-2)


def test_zca_is_the_symmetric_root_so_each_pixel_stays_most_like_itself(pictures):
    (x,) = zca(pictures)
    a, b = (v.reshape(len(v), -1) for v in (pictures, x))
    across = np.corrcoef(a.T, b.T)[:12, 12:]
    assert (np.abs(across).argmax(axis=1) == np.arange(12)).mean() > 0.7
    assert (np.diag(across) > 0).all()


def test_epsilon_bounds_how_much_a_direction_grows(pictures):
    flat = pictures.copy()
    flat[:, 0, 0, 0] = 7.0 + 1e-4 * flat[:, 0, 0, 1]
    (x,) = zca(flat, epsilon=1e-2)
    assert x[:, 0, 0, 0].std() < 1.0


@pytest.mark.parametrize("whiten", [standardize, zca])
def test_the_test_pictures_are_moved_by_what_was_fitted_on_the_training_ones(whiten, pictures):
    train, test = whiten(pictures, pictures[:10] + 5.0)
    (alone,) = whiten(pictures)
    np.testing.assert_array_equal(train, alone)
    shift = test - train[:10]
    np.testing.assert_allclose(shift, np.broadcast_to(shift[:1], shift.shape), atol=1e-4)
    assert np.abs(shift).max() > 1e-2
    assert train.dtype == np.float32


def test_a_plane_without_variance_and_an_epsilon_of_none_are_refused():
    with pytest.raises(ValueError, match="x must hold more than one value"):
        standardize(np.ones((2, 1, 2, 2)))
    for epsilon in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match=r"epsilon must lie in \(0, ∞\)"):
            zca(np.ones((3, 2)), epsilon=epsilon)
