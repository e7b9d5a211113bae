"""Small trainings on digits: a stack is its models one by one, and nothing is tested on itself."""

import numpy as np
import pytest

from adambook import SGD, AdamW
from adambook.experiments.few_digits import costs, digits_split, final, train_stack


def last(steps):
    return final(steps)[0]


def test_final_is_the_last_of_all():
    split, how = digits_split(64, seed=0), {"epochs": 2, "batch": 32, "seed": 0}
    every = list(train_stack(SGD(0.5), split, 1, **how))
    np.testing.assert_array_equal(every[-1][0], last(train_stack(SGD(0.5), split, 1, **how)))
    with pytest.raises(ValueError, match="without a step"):
        final(iter(()))


def test_the_split_holds_every_digit_once():
    split = digits_split(train=500, seed=3)
    assert len(split.x) == len(split.y) == 500 and len(split.x_test) == len(split.y_test) == 1297
    other = digits_split(train=900, seed=3)
    whole = [np.concatenate([s.x, s.x_test]) for s in (split, other)]
    np.testing.assert_array_equal(*whole)
    assert (digits_split(500, seed=4).y != split.y).any()


@pytest.mark.parametrize("train", [0, 1797, -1])
def test_a_split_without_examples_is_refused(train):
    with pytest.raises(ValueError, match=r"train must lie in \[1, 1796\]"):
        digits_split(train, seed=0)


def test_a_stack_is_its_models_one_by_one():
    split, how = digits_split(100, seed=0), {"epochs": 2, "batch": 30, "seed": 1}
    alphas, decays = np.array([0.01, 0.1]), np.array([0.0, 0.5])
    rule = AdamW(alphas.reshape(-1, 1, 1), weight_decay=decays.reshape(-1, 1, 1))
    together = last(train_stack(rule, split, 2, **how))
    for k in range(2):
        alone = last(train_stack(AdamW(alphas[k], weight_decay=decays[k]), split, 1, **how))
        np.testing.assert_allclose(together[k], alone[0], rtol=1e-10, atol=1e-14)


def test_for_sgd_a_penalty_is_a_decay_of_alpha_lambda():
    split, how = digits_split(64, seed=0), {"epochs": 1, "batch": 32, "seed": 0}
    steps = [theta for theta, _ in train_stack(SGD(0.5), split, 1, penalty=0.1, **how)]
    plain = [theta for theta, _ in train_stack(SGD(0.5), split, 1, **how)]
    np.testing.assert_array_equal(steps[0], plain[0])  # from 0 there is nothing to decay
    np.testing.assert_allclose(steps[1] - plain[1], -0.5 * 0.1 * plain[0], rtol=1e-9, atol=1e-15)
    assert plain[0].any()


def test_training_lowers_the_cost_on_digits_it_has_not_seen():
    split = digits_split(1000, seed=0)
    theta = last(train_stack(SGD(0.5), split, 1, epochs=3, batch=32, seed=0))
    before = costs(np.zeros_like(theta), split.x_test, split.y_test)
    assert costs(theta, split.x_test, split.y_test) < 0.5 * before
