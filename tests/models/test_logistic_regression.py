"""Logistic regression against PyTorch's autograd, and a stack against its members."""

import numpy as np
import pytest
import torch

from adambook.models import accuracy, cost_and_gradient, with_ones


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    x = with_ones(rng.standard_normal((20, 3, 2)))
    return rng.standard_normal((4, 5, 7)), x, rng.integers(0, 5, 20)


def test_cost_and_gradient_are_pytorchs(problem):
    theta, x, y = problem
    weights = torch.tensor(theta[0], requires_grad=True)
    cost = torch.nn.functional.cross_entropy(torch.tensor(x) @ weights.T, torch.tensor(y))
    penalty = 0.3 / 2 * (weights[:, :-1] ** 2).sum()
    (cost + penalty).backward()
    ours, gradient = cost_and_gradient(theta[0], x, y, penalty=0.3)
    assert ours == pytest.approx(cost.item(), rel=1e-13)
    np.testing.assert_allclose(gradient, weights.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_a_stack_of_models_gives_what_its_members_give_alone(problem):
    theta, x, y = problem
    costs, gradients = cost_and_gradient(theta, x, y, penalty=0.1)
    for k in range(4):
        cost, gradient = cost_and_gradient(theta[k], x, y, penalty=0.1)
        assert costs[k] == pytest.approx(cost, rel=1e-13)
        np.testing.assert_allclose(gradients[k], gradient, rtol=1e-11, atol=1e-14)


def test_the_bias_is_not_penalised(problem):
    theta, x, y = problem
    free, held = (cost_and_gradient(theta[0], x, y, penalty=p)[1] for p in (0.0, 0.5))
    np.testing.assert_array_equal(free[:, -1], held[:, -1])
    assert abs(free[:, :-1] - held[:, :-1]).max() > 0.1


def test_huge_logits_do_not_overflow():
    theta = np.array([[1e4], [-1e4]])
    cost, gradient = cost_and_gradient(theta, np.ones((1, 1)), np.array([1]))
    assert cost == pytest.approx(2e4)
    assert np.isfinite(gradient).all()


def test_shapes_that_do_not_fit_are_named(problem):
    theta, x, y = problem
    with pytest.raises(ValueError, match=r"theta must be .* got \(4, 5, 7\), \(20, 6\)"):
        cost_and_gradient(theta, x[:, 1:], y)


def test_accuracy_of_a_stack_counts_each_model_alone(problem):
    theta, x, y = problem
    alone = [((x @ t.T).argmax(axis=1) == y).mean() for t in theta]
    np.testing.assert_allclose(accuracy(theta, x, y), alone)


@pytest.mark.parametrize("y", [[0, -1, 2], [0, 5, 2], [0.0, 1.0, 2.0], [True, False, True], []])
def test_labels_that_are_no_classes_are_refused(y):
    with pytest.raises(ValueError, match="y must hold whole numbers from 0 to 4"):
        cost_and_gradient(np.zeros((5, 2)), np.ones((len(y), 2)), np.array(y))


def test_no_examples_have_their_ones_too():
    assert with_ones(np.zeros((0, 3, 2))).shape == (0, 7)
