"""Networks under way: the same order and noise for a seed, the same bits when taken up again."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from adambook import Adam, Momentum
from adambook.experiments.networks import NetworkTraining


def noisy_cost(model, x, y, noise):
    keep = torch.rand(x.shape, generator=noise) < 0.8
    shown = cross_entropy(model(x * keep), y)
    return shown, shown


def begin(rule=None, seed=0, cost=noisy_cost, alpha=1e-2):
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))
    rng = np.random.default_rng(7)
    x = torch.from_numpy(rng.standard_normal((50, 6)).astype(np.float32))
    y = torch.from_numpy(rng.integers(0, 3, 50))
    return NetworkTraining(
        model, rule or Adam(alpha=alpha), cost, x, y, seed=seed, batch=8,
        labels={"alpha": alpha}, title="made here", checksum="none",
    )  # fmt: skip


def costs(training, epochs):
    return [training.epoch()[0]["cost"] for _ in range(epochs)]


def test_the_cost_falls_and_each_row_says_which_epoch_it_is():
    training = begin()
    rows = [training.epoch()[0] for _ in range(8)]
    assert [row["epoch"] for row in rows] == list(range(8))
    assert rows[-1]["cost"] < rows[0]["cost"]


def test_taken_up_again_after_any_epoch_the_rows_are_the_same():
    whole = costs(begin(), 5)
    for stop in range(1, 5):
        first, second = begin(), begin()
        start = costs(first, stop)
        arrays = {name: np.array(array) for name, array in first.arrays().items()}
        costs(first, 1)  # what goes on afterwards does not change what was put away
        second.restore(arrays)
        assert start + costs(second, 5 - stop) == whole


def test_two_optimizers_with_a_seed_see_the_same_batches_and_the_same_noise():
    seen = []

    def recording(model, x, y, noise):
        objective, shown = noisy_cost(model, x, y, noise)
        seen[-1].append((y.tolist(), torch.rand(3, generator=noise).tolist()))
        return objective, shown

    for rule in (Adam(), Momentum(alpha=0.1)):
        seen.append([])
        costs(begin(rule, cost=recording), 2)
    assert seen[0] == seen[1] and len(seen[0]) == 14
    seen.append([])
    costs(begin(seed=1, cost=recording), 2)
    assert seen[2] != seen[0]


def test_the_recorded_cost_is_the_mean_over_examples_of_the_cost_before_each_step():
    training = begin(Adam(alpha=0.0), cost=lambda m, x, y, _: (cross_entropy(m(x), y),) * 2)
    with torch.no_grad():
        exact = float(cross_entropy(training.model(training.x), training.y))
    assert costs(training, 1)[0] == pytest.approx(exact, rel=1e-5)


def test_a_run_that_diverges_records_infinity_and_is_not_trained_on():
    def exploding(model, x, y, noise):
        shown = cross_entropy(model(x), y) * float("nan")
        return shown, shown

    training = begin(cost=exploding)
    assert costs(training, 1) == [float("inf")]
    training.cost = None  # would raise if it were called
    assert costs(training, 2) == [float("inf")] * 2


def test_further_columns_are_computed_without_dropout_and_the_cost_with_it():
    modes = []

    def recording(model, x, y, noise):
        modes.append(model.training)
        return noisy_cost(model, x, y, noise)

    training = begin(cost=recording)
    training.also = lambda model: {"training_mode": model.training}
    assert [training.epoch()[0]["training_mode"] for _ in range(2)] == [False, False]
    assert modes == [True] * 14
