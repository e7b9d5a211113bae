"""Figure 1, left: the stack trains each of its models as it would be trained alone."""

import dataclasses

import numpy as np
import pytest

from adambook import AdaGrad, Adam, Nesterov, minimize
from adambook.experiments import experiment, fig1_mnist
from adambook.experiments.fig1_mnist import Stack, StackTraining
from adambook.models import cost_and_gradient
from adambook.schedules import inverse_sqrt


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    """300 random examples of 5 classes in place of MNIST."""
    rng = np.random.default_rng(0)
    x, y = rng.random((300, 9), np.float32), rng.integers(0, 5, 300)
    data = (x, y, x[:50], y[:50], "toy", "0")
    monkeypatch.setattr(fig1_mnist, "_data", lambda stand_in: data)
    return data


@pytest.mark.parametrize(
    ("name", "make"), [("AdaGrad", AdaGrad), ("Nesterov", Nesterov), ("Adam", Adam)]
)
def test_a_model_in_the_stack_follows_minimize_with_the_same_batches(name, make, small_data):
    x, y = small_data[:2]
    stack = Stack(name, seed=3, alphas=(0.01, 0.1), decays=("none", "step"), epochs=2)
    training = StackTraining(stack)
    for _ in range(2):
        training.epoch()
    batches = []
    for epoch in range(2):
        order = np.random.default_rng([3, epoch]).permutation(300)
        batches += [order[i : i + 128] for i in range(0, 300, 128)]
    gradients = [lambda t, b=b: cost_and_gradient(t, x[b], y[b], 1e-4)[1] for b in batches]
    theta0 = np.zeros((5, 9), np.float32)
    alone = minimize(make(alpha=inverse_sqrt(0.1)), gradients, theta0, len(batches))[-1]
    np.testing.assert_allclose(training.theta[3], alone, rtol=2e-4, atol=2e-6)


def test_the_cost_shown_is_the_mean_over_the_epochs_batches_before_their_steps(small_data):
    stack = Stack("Adam", seed=0, alphas=(1e-12,), decays=("none",), epochs=1)
    row = StackTraining(stack).epoch()[0]
    assert row["cost"] == pytest.approx(np.log(5), rel=1e-5)
    assert row["epoch"] == 0


def test_a_diverged_run_is_recorded_as_infinite():
    stack = Stack("Nesterov", seed=0, alphas=(1e30,), decays=("none",), epochs=3)
    training = StackTraining(stack)
    assert [training.epoch()[0]["cost"] for _ in range(3)][-1] == float("inf")


def test_restored_training_goes_on_to_the_same_bits():
    stack = Stack("Adam", seed=1, alphas=(0.01, 0.1), epochs=4)
    whole, first, second = (StackTraining(stack) for _ in range(3))
    rows = [row for _ in range(4) for row in whole.epoch()]
    resumed = [row for _ in range(2) for row in first.epoch()]
    second.restore({k: v.copy() for k, v in first.arrays().items()})
    resumed += [row for _ in range(2) for row in second.epoch()]
    assert rows == resumed
    np.testing.assert_array_equal(whole.theta, second.theta)


def test_all_optimizers_get_the_same_budget_and_every_seed():
    units = experiment("fig1-mnist").units("cpu")
    assert {len(u.alphas) * len(u.decays) for u in units} == {30}
    assert {(u.optimizer, u.seed) for u in units} == {
        (name, seed) for name in ("AdaGrad", "Nesterov", "Adam") for seed in range(13)
    }
    assert all(dataclasses.is_dataclass(u) and u.epochs == 46 for u in units)
