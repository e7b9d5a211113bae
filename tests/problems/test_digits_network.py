"""The network on all digits: its derivatives against differences, its costs against NumPy."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from adambook.problems import DigitsNetwork


@pytest.fixture(params=["squared_error", "cross_entropy"])
def network(request):
    if request.param == "squared_error":
        return DigitsNetwork(hidden=3)
    return DigitsNetwork(hidden=3, cost=torch.nn.functional.cross_entropy)


def test_gradient_and_curvature_are_the_derivatives_of_the_loss(network):
    theta, rng = network.start(seed=0), np.random.default_rng(1)
    d = rng.standard_normal(theta.size)
    h = 1e-5
    slope = (network.loss(theta + h * d) - network.loss(theta - h * d)) / (2 * h)
    assert network.gradient(theta) @ d == pytest.approx(slope, rel=1e-6)
    change = (network.gradient(theta + h * d) - network.gradient(theta - h * d)) / (2 * h)
    np.testing.assert_allclose(network.curvature(theta, d), change, rtol=1e-5, atol=1e-6)


def test_the_curvature_is_symmetric(network):
    theta, rng = network.start(seed=0), np.random.default_rng(2)
    x, y = rng.standard_normal((2, theta.size))
    assert x @ network.curvature(theta, y) == pytest.approx(y @ network.curvature(theta, x))


def test_the_squared_error_is_that_of_numpy():
    network = DigitsNetwork(hidden=4)
    theta = network.start(seed=3)
    w1, b1 = theta[:256].reshape(64, 4), theta[256:260]
    w2, b2 = theta[260:300].reshape(4, 10), theta[300:]
    x, y = load_digits(return_X_y=True)
    outputs = np.tanh(x / 16 @ w1 + b1) @ w2 + b2
    expected = 0.5 * np.sum((outputs - np.eye(10)[y]) ** 2, axis=1).mean()
    assert network.loss(theta) == pytest.approx(expected, rel=1e-12)


def test_the_start_has_no_biases_and_depends_on_the_seed_alone():
    network = DigitsNetwork(hidden=4)
    theta = network.start(seed=0)
    assert not theta[256:260].any() and not theta[300:].any()
    np.testing.assert_array_equal(theta, network.start(seed=0))
    assert np.abs(theta[:256]).max() <= 1 / 8 and (theta != network.start(seed=1)).any()


def test_a_network_without_units_is_refused():
    with pytest.raises(ValueError, match="hidden must be at least 1, got 0"):
        DigitsNetwork(hidden=0)
