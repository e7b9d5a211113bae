"""What claims are judged by, where it is a number that can be had without it."""

import numpy as np
import pytest

from adambook.ledger.fisher import mean_square_of_batches
from adambook.ledger.runs_on_digits import images
from adambook.ledger.sfo_cost import PARAMETERS, bytes_held
from adambook.models import cost_and_gradient


@pytest.mark.parametrize("subfunctions", [2, 10])
def test_sfo_holds_a_vector_for_each_direction_and_one_more(subfunctions):
    vectors = 3 * (subfunctions + 1) + 1
    assert bytes_held(subfunctions) == pytest.approx(4 * PARAMETERS * vectors, rel=0.01)


def test_squares_of_single_gradients_are_those_of_the_formula_at_zero():
    """At θ = 0 each class has one chance in ten, and the gradient is (1/10 - y) x."""
    x, y = images()
    expected = ((0.1 - np.eye(10)[y]) ** 2).T @ x**2 / len(y)
    found = mean_square_of_batches(np.zeros((10, 65)), 1, seed=0, passes=1)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_square_of_the_whole_gradient_does_not_depend_on_the_passes():
    x, y = images()
    theta = np.random.default_rng(0).standard_normal((10, 65))
    found = mean_square_of_batches(theta, len(y), seed=0, passes=2)
    np.testing.assert_allclose(found, cost_and_gradient(theta, x, y)[1] ** 2, rtol=1e-9)
