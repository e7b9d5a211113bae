"""The shared subspace: orthonormal, and true to what it must keep."""

import numpy as np
import pytest

from adambook.sfo import Subspace


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize(("dtype", "error"), [(np.float64, 1e-13), (np.float32, 1e-5)])
def test_vectors_are_read_back_from_their_coordinates(rng, dtype, error):
    space = Subspace(50, 10, dtype)
    vectors = rng.standard_normal((10, 50)).astype(dtype) * 10.0 ** rng.integers(-6, 6, (10, 1))
    coordinates = [space.add(v.astype(dtype)) for v in vectors]
    for v, c in zip(vectors, coordinates, strict=True):
        read = space.vector(np.pad(c, (0, space.size - len(c))))
        assert np.linalg.norm(read - v) <= error * np.linalg.norm(v)


def test_the_basis_stays_orthonormal_through_many_collapses(rng):
    space = Subspace(40, 12, np.float32)
    for _ in range(300):
        if space.scarce:
            space.collapse(rng.standard_normal((space.size, 6)))
        nearly = space.basis[0] + 1e-3 * rng.standard_normal(40).astype(np.float32)
        space.add(nearly)
        p = space.basis[: space.size].astype(np.float64)
        assert np.abs(p @ p.T - np.eye(space.size)).max() < 1e-4


def test_a_vector_of_the_subspace_adds_no_direction(rng):
    space = Subspace(30, 10, np.float64)
    a, b = rng.standard_normal((2, 30))
    space.add(a), space.add(b)
    c = space.add(3 * a - 2 * b)
    assert space.size == 2
    np.testing.assert_allclose(space.vector(c), 3 * a - 2 * b, atol=1e-12)


def test_a_collapse_keeps_what_is_needed_and_projects_the_rest(rng):
    space = Subspace(30, 6, np.float64)
    vectors = rng.standard_normal((6, 30))
    coordinates = np.array([np.pad(space.add(v), (0, 6))[:6] for v in vectors])
    assert space.scarce
    turn = space.collapse(coordinates[:2].T)
    for v, c in zip(vectors[:2], coordinates[:2], strict=True):
        np.testing.assert_allclose(space.vector(turn.T @ c), v, atol=1e-12)
    projector = np.linalg.pinv(vectors[:2]) @ vectors[:2]
    np.testing.assert_allclose(
        space.vector(turn.T @ coordinates[4]), projector @ vectors[4], atol=1e-12
    )


def test_a_subspace_of_everything_is_never_full(rng):
    space = Subspace(3, 10, np.float64)
    for v in rng.standard_normal((5, 3)):
        np.testing.assert_allclose(space.vector(np.pad(space.add(v), (0, 3))[: space.size]), v)
    assert space.size == 3 and not space.scarce
