"""Logistic regression with one logit: against autograd, sparse against dense, and its noise."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from adambook.models import binary_logistic_regression as model
from adambook.models.dropout import dropped


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    x = rng.poisson(0.3, (40, 12)).astype(float)
    return rng.standard_normal((3, 13)), x, rng.integers(0, 2, 40).astype(float)


def test_cost_and_gradient_are_pytorchs(problem):
    theta, x, y = problem
    costs, gradients = model.cost_and_gradient(theta, csr_array(x), y, penalty=0.3)
    for k in range(3):
        weights = torch.tensor(theta[k], requires_grad=True)
        z = torch.tensor(x) @ weights[:-1] + weights[-1]
        cost = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y))
        (cost + 0.15 * (weights[:-1] ** 2).sum()).backward()
        assert costs[k] == pytest.approx(cost.item(), rel=1e-13)
        np.testing.assert_allclose(gradients[k], weights.grad.numpy(), rtol=1e-11, atol=1e-15)


def test_sparse_and_dense_examples_give_the_same(problem):
    theta, x, y = problem
    for sparse, dense in zip(
        model.cost_and_gradient(theta, csr_array(x), y),
        model.cost_and_gradient(theta, x, y),
        strict=True,
    ):
        np.testing.assert_allclose(sparse, dense, rtol=1e-12, atol=1e-15)


def test_huge_logits_neither_overflow_nor_warn():
    cost, gradient = model.cost_and_gradient(
        np.array([[0.0, 1e4], [0.0, -1e4]]), np.ones((1, 1)), np.array([1.0])
    )
    np.testing.assert_allclose(cost, [0.0, 1e4])
    np.testing.assert_allclose(gradient[:, -1], [0.0, -1.0])


def test_error_counts_the_wrong_side_of_the_boundary(problem):
    theta, x, y = problem
    z = model.logits(theta, x)
    wrong = [sum((z[i, k] > 0) != (y[i] == 1) for i in range(40)) / 40 for k in range(3)]
    np.testing.assert_allclose(model.error(z, y), wrong)


def test_shapes_that_do_not_fit_are_named(problem):
    theta, x, y = problem
    with pytest.raises(ValueError, match=r"theta must be .* got \(3, 13\), \(40, 11\)"):
        model.cost_and_gradient(theta, x[:, 1:], y)


def test_dropout_keeps_the_stated_share_and_changes_no_kept_entry():
    rng = np.random.default_rng(0)
    x = csr_array(rng.integers(1, 9, (300, 200)).astype(np.float32))
    before = x.toarray()
    noisy = dropped(x, 0.3, np.random.default_rng(1)).toarray()
    kept = noisy != 0
    np.testing.assert_array_equal(noisy[kept], before[kept])
    assert abs(kept.mean() - 0.7) < 0.01
    np.testing.assert_array_equal(x.toarray(), before)


def test_rescaled_dropout_keeps_the_mean():
    x = csr_array(np.full((400, 250), 3.0, np.float32))
    noisy = dropped(x, 0.75, np.random.default_rng(0), rescaled=True).toarray()
    assert set(np.unique(noisy)) == {0.0, 12.0}
    assert noisy.mean() == pytest.approx(3.0, rel=0.02)


def test_dropout_leaves_the_rows_apart():
    """Rows of different lengths, one of them empty: what is kept stays in its row."""
    x = csr_array(np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 3.0, 4.0]]))
    kept = dropped(x, 0.0, np.random.default_rng(0))
    np.testing.assert_array_equal(kept.toarray(), x.toarray())
    with pytest.raises(ValueError, match=r"rate must lie in \[0, 1\), got 1"):
        dropped(x, 1, np.random.default_rng(0))
