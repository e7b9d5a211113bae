"""Figure 1, right: the stack trains each setting as it would be trained alone, noise and all."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from adambook import Adam, minimize
from adambook.experiments import compare, experiment, fig1_imdb
from adambook.experiments.fig1_imdb import ImdbStack, ImdbTraining
from adambook.experiments.provenance import ROOT
from adambook.experiments.results import Results
from adambook.experiments.stacks import DECAYS, schedule
from adambook.models import binary_logistic_regression as model
from adambook.schedules import inverse_sqrt

ADAM = ("Adam", "none", 0.05)


@pytest.fixture(autouse=True)
def reviews(monkeypatch):
    """300 made-up reviews of 20 words in place of IMDB."""
    rng = np.random.default_rng(0)
    x = rng.poisson(0.6, (300, 20)).astype(np.float32)
    y = (x[:, :3].sum(axis=1) + rng.standard_normal(300) > 2).astype(np.float32)
    data = (csr_array(x), y, csr_array(x[:50]), y[:50], "toy", "0")
    monkeypatch.setattr(fig1_imdb, "_data", lambda words, stand_in: data)
    return x, y


def train(stack, epochs):
    training = ImdbTraining(stack)
    return [row for _ in range(epochs) for row in training.epoch()], training


def test_a_setting_in_the_stack_follows_minimize_on_the_same_noisy_batches(reviews):
    x, y = reviews
    stack = ImdbStack((("AdaGrad", "none", 0.1), ("Adam", "step", 0.1)), 3, penalty=1e-2)
    _, training = train(stack, 2)
    gradients = []
    for epoch in range(2):
        rng = np.random.default_rng([3, epoch])
        order = rng.permutation(300)
        dense = x[order]
        noisy = np.zeros_like(dense)
        noisy[dense != 0] = rng.random((dense != 0).sum(), dtype=np.float32) >= 0.5
        noisy *= dense
        gradients += [
            lambda t, a=noisy[i : i + 128], b=y[order][i : i + 128]: model.cost_and_gradient(
                t[None], a, b, 1e-2
            )[1][0]
            for i in range(0, 300, 128)
        ]
    alone = minimize(Adam(alpha=inverse_sqrt(0.1)), gradients, np.zeros(21, np.float32), 6)[-1]
    np.testing.assert_allclose(training.theta[1], alone, rtol=2e-4, atol=2e-6)


def test_settings_in_different_stacks_meet_the_same_order_and_noise():
    others = (ADAM, ("RMSProp", "epoch", 0.01))
    alone, together = (train(ImdbStack(s, 0), 3)[0] for s in ((ADAM,), others))
    again = [row["cost"] for row in together if row["optimizer"] == "Adam"]
    assert [row["cost"] for row in alone] == pytest.approx(again, rel=1e-5)
    other_seed = [row["cost"] for row in train(ImdbStack((ADAM,), 1), 3)[0]]
    assert again != pytest.approx(other_seed, rel=1e-3)


def test_the_cost_contains_the_penalty_and_the_noise_and_the_clean_cost_neither(reviews):
    x, y = reviews
    still = ("Adam", "none", 0.0)
    training = ImdbTraining(ImdbStack((still,), 0, penalty=0.5))
    training.theta[...] = np.random.default_rng(1).standard_normal(21).astype(np.float32)
    w = training.theta[0, :-1]
    (row,) = training.epoch()
    rng = np.random.default_rng([0, 0])
    order = rng.permutation(300)
    keep = np.ones((300, 20), np.float32)
    keep[x[order] != 0] = rng.random((x != 0).sum(), dtype=np.float32) >= 0.5
    noisy = model.cost(model.logits(training.theta, x[order] * keep), y[order])[0]
    assert row["cost"] == pytest.approx(noisy + 0.25 * (w**2).sum(), rel=1e-5)
    halved = np.append(w / 2, training.theta[0, -1])[None]
    assert row["clean_cost"] == pytest.approx(model.cost(model.logits(halved, x), y)[0], rel=1e-5)
    assert row["test_cost"] == pytest.approx(
        model.cost(model.logits(halved, x[:50]), y[:50])[0], rel=1e-5
    )


def test_rescaled_noise_needs_no_halving_afterwards():
    stack = ImdbStack((("Adam", "none", 0.0),), 0, rescaled=True)
    training = ImdbTraining(stack)
    training.theta[...] = 0.1
    (row,) = training.epoch()
    clean = model.cost(model.logits(training.theta, training.x), training.y)[0]
    assert row["clean_cost"] == pytest.approx(clean, rel=1e-5)


def test_without_dropout_a_still_model_shows_the_clean_cost():
    training = ImdbTraining(ImdbStack((("Adam", "none", 0.0),), 0, dropout=0.0))
    training.theta[...] = 0.1
    (row,) = training.epoch()
    assert row["cost"] == pytest.approx(row["clean_cost"], rel=1e-5)


def test_restored_training_goes_on_to_the_same_bits():
    stack = ImdbStack((ADAM, ("Nesterov", "step", 0.1), ("RMSProp", "none", 1e-3)), 1)
    whole, last = train(stack, 4)
    first, second = ImdbTraining(stack), ImdbTraining(stack)
    resumed = [row for _ in range(2) for row in first.epoch()]
    second.restore({name: array.copy() for name, array in first.arrays().items()})
    resumed += [row for _ in range(2) for row in second.epoch()]
    assert whole == resumed
    np.testing.assert_array_equal(last.theta, second.theta)


def test_tuning_gives_every_optimizer_the_same_budget_in_both_conditions():
    units = experiment("fig1-imdb-tuning").units("cpu")
    budget = {}
    for unit in units:
        key = (unit.settings[0][0], unit.dropout, unit.seed)
        budget[key] = len(set(unit.settings))
        assert unit.epochs == 177
    assert len(budget) == len(units) == 4 * 2 * 3
    assert set(budget.values()) == {30}


def test_the_recorded_tuning_chooses_among_the_finalists():
    rows = Results("fig1-imdb-tuning", ROOT / "data" / "results").rows()
    for dropout, finalists in fig1_imdb.FINALISTS.items():
        for name in fig1_imdb.OPTIMIZERS:
            best = compare.best(rows[rows["dropout"] == dropout], name)
            assert best.interior
            assert (best.optimizer, best.decay, best.alpha) in finalists


def test_decay_by_epoch_holds_the_step_size_for_an_epoch():
    by_epoch = schedule("epoch", 0.6, steps_an_epoch=3)
    expected = [0.6 / np.sqrt(k) for k in (1, 1, 1, 2, 2, 2, 3)]
    assert [by_epoch(t) for t in range(1, 8)] == pytest.approx(expected)
    with pytest.raises(ValueError, match=f"decay must be one of {', '.join(DECAYS)}, got 'week'"):
        schedule("week", 0.6, 3)
