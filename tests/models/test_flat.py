"""A network as one vector: there and back, and the gradient that differences show."""

import numpy as np
import pytest
import torch

from adambook.models.flat import Flat
from adambook.models.mlp import MLP


def test_gradient_is_the_slope_along_any_direction():
    model = MLP((4, 5, 3), seed=0).double()
    flat = Flat(model)
    x, y = torch.randn(6, 4, dtype=torch.float64), torch.arange(6) % 3
    start = flat.theta
    direction, h = np.random.default_rng(0).standard_normal(start.size), 1e-6

    def at(theta):
        flat.set(theta)
        return flat.value_and_gradient(lambda: torch.nn.functional.cross_entropy(model(x), y))

    slope = (at(start + h * direction)[0] - at(start - h * direction)[0]) / (2 * h)
    assert slope == pytest.approx(at(start)[1] @ direction, rel=1e-6)


def test_theta_is_a_copy_and_set_takes_one():
    model = MLP((4, 5, 3), seed=0)
    flat = Flat(model)
    start = flat.theta
    given = start + 1
    flat.set(given)
    given[:] = 7
    np.testing.assert_array_equal(flat.theta, start + 1)


def test_setting_keeps_the_dtype_and_asks_for_the_whole_vector():
    model = MLP((4, 5, 3), seed=0)
    flat = Flat(model)
    flat.set(flat.theta.astype(np.float64))
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    with pytest.raises(ValueError, match=r"theta must have shape \(43,\), got \(44,\)"):
        flat.set(np.zeros(44))
