"""Averages of iterates against their definitions as sums."""

import numpy as np
import pytest

from adambook.averaging import ExponentialAverage, PolyakAverage


@pytest.fixture
def path():
    return np.random.default_rng(0).standard_normal((50, 3)).cumsum(axis=0)


def values(average, path):
    found = []
    for theta in path:
        average.add(theta)
        found.append(average.value)
    return np.array(found)


def test_polyaks_average_is_the_mean_of_all_iterates(path):
    means = np.cumsum(path, axis=0) / np.arange(1, 51)[:, None]
    np.testing.assert_allclose(values(PolyakAverage(), path), means, rtol=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.999])
def test_the_exponential_average_is_the_papers_recursion_with_its_correction(path, beta):
    bar, expected = np.zeros(3), []
    for t, theta in enumerate(path, 1):
        bar = beta * bar + (1 - beta) * theta
        expected.append(bar / (1 - beta**t))
    np.testing.assert_allclose(values(ExponentialAverage(beta), path), expected, rtol=1e-11)


def test_the_exponential_average_with_beta_near_1_is_polyaks(path):
    ours, mean = (values(a, path) for a in (ExponentialAverage(1 - 1e-9), PolyakAverage()))
    np.testing.assert_allclose(ours, mean, rtol=1e-5)


@pytest.mark.parametrize("average", [PolyakAverage(), ExponentialAverage(0.9)])
def test_iterates_keep_their_dtype_and_are_not_changed(average):
    theta = np.array([1.0, 2.0], np.float32)
    theta.setflags(write=False)
    average.add(theta)
    average.add(2 * theta)
    assert average.value.dtype == np.float32 and average.t == 2
    average.value[:] = 0
    assert average.value.all()


def test_what_is_refused():
    average = PolyakAverage()
    with pytest.raises(ValueError, match="no average before the first iterate"):
        average.value  # noqa: B018
    average.add(np.ones(2))
    with pytest.raises(ValueError, match=r"theta must have the shape \(2,\), got \(3,\)"):
        average.add(np.ones(3))
    with pytest.raises(TypeError, match="theta must hold real floating-point"):
        average.add(np.ones(2, int))
    with pytest.raises(ValueError, match=r"beta must lie in \[0, 1\), got 1.0"):
        ExponentialAverage(1.0)


@pytest.mark.parametrize("average", [PolyakAverage, lambda: ExponentialAverage(0.9)])
def test_iterates_at_the_ends_of_the_numbers_have_a_mean_between_them(average):
    large = 1.7e308
    ends = values(average(), np.array([[large, 1.0], [-large, 2.0], [large, 3.0]]))
    unit = values(average(), np.array([[1.0, 1.0], [-1.0, 2.0], [1.0, 3.0]]))
    np.testing.assert_allclose(ends, unit * [large, 1.0], rtol=1e-12)


def test_an_average_of_an_infinity_is_infinite():
    found = values(PolyakAverage(), np.array([[1.0], [np.inf], [2.0], [np.inf]]))
    np.testing.assert_array_equal(found[:, 0], [1.0, np.inf, np.inf, np.inf])
