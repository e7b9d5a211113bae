"""The product over past steps, kept and not kept, is the product."""

import math

import numpy as np
import pytest

from adambook.rules import once
from adambook.rules.nadam import mu


@pytest.mark.parametrize("t", [1, 2, 3, 4, 7, 8, 100])
def test_product_of_numbers_is_the_product_of_its_factors(t):
    factors = [mu(i, 0.9, 0.004) for i in range(1, t + 1)]
    assert once.product(mu, t, 0.9, 0.004) == pytest.approx(math.prod(factors), rel=1e-13)


def test_product_of_arrays_is_the_product_entry_by_entry():
    beta1, psi = np.array([[0.5], [0.9]]), np.array([0.004, math.inf])
    whole = once.product(mu, 6, beta1, psi)
    for i, b in enumerate(beta1.ravel()):
        for j, p in enumerate(psi):
            assert whole[i, j] == pytest.approx(once.product(mu, 6, b, p), rel=1e-13)


def test_product_of_arrays_for_a_column_of_steps_has_one_row_a_step():
    beta1, psi, steps = np.array([0.5, 0.9]), np.array([0.004, 0.02]), (2, 3, 6)
    rows = once.product(mu, np.array(steps)[:, None], beta1, psi)
    assert rows.shape == (3, 2)
    for row, t in zip(rows, steps, strict=True):
        factors = [mu(i, beta1, psi) for i in range(1, t + 1)]
        np.testing.assert_allclose(row, np.prod(factors, axis=0), rtol=1e-13)


def test_a_run_asks_for_each_factor_a_few_times_only():
    asked = []

    def term(i, factor):
        asked.append(np.size(i))
        return np.full_like(i, factor)

    for t in range(1, 1000):
        once.product(term, t, 0.5)
    assert sum(asked) < 3 * 1000
