"""Negative controls: what must be flagged is flagged, by the functions that judge the paper."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from adambook.experiments import compare
from adambook.experiments.inference import compare_all
from adambook.ledger import algorithm, bias_correction
from adambook.ledger.panels import FIG1, settings
from adambook.ledger.records import Records
from adambook.ledger.runs_on_digits import images
from adambook.minimize import minimize
from adambook.models.logistic_regression import cost_and_gradient
from adambook.rules import Adam


@dataclass(frozen=True)
class CorrectedLate(Adam):
    """Adam whose bias correction counts t from 0."""

    def scalars(self, t, xp):
        return Adam.scalars(self, t, xp) | {
            "correction1": 1 - self.beta1 ** (t - 1),
            "correction2": 1 - self.beta2 ** (t - 1),
        }


def log_ratio(one, other):
    rows = FIG1.rows(Records(), "fresh")
    return compare.log_ratios(rows, one, other)


def test_adagrad_at_a_tenth_of_its_step_size_is_worse():
    best = settings(FIG1, Records(), "tuned")["AdaGrad"]
    tenth = best._replace(alpha=best.alpha / 10)
    found = compare_all({"control": log_ratio(tenth, best)})["control"]
    assert found.verdict == "worse"
    assert found.low > np.log(1.05)


def test_adam_with_other_seeds_is_similar_to_itself():
    """The fresh seeds in pairs, the same tuned Adam on MNIST; no seed is in two of them."""
    rows = FIG1.rows(Records(), "fresh")
    best = settings(FIG1, Records(), "tuned")["Adam"]
    final = pd.Series(np.log(compare.final_cost(compare.curve(rows, best).T)))
    found = compare_all({"control": final.to_numpy()[::2] - final.to_numpy()[1::2]})["control"]
    assert found.similar
    assert found.verdict == "similar"


def held_out_cost_after(labels, seed=None):
    """Softmax regression of the digits on the labels given; its cost on true ones, held out."""
    x, y = images()
    order = np.arange(1200) if seed is None else np.random.default_rng(seed).permutation(1200)

    def gradient(theta):
        return cost_and_gradient(theta, x[order], labels[order])[1]

    end = minimize(Adam(alpha=0.05), gradient, np.zeros((10, 65)), 150)[-1]
    return float(cost_and_gradient(end, x[1200:], y[1200:])[0])


def test_shuffled_labels_are_caught():
    """Three sets of shuffled labels against the true ones."""
    _, y = images()
    shuffled = [np.random.default_rng(seed).permutation(y) for seed in range(3)]
    true = held_out_cost_after(y)
    found = compare_all({"control": [np.log(held_out_cost_after(s) / true) for s in shuffled]})
    assert found["control"].verdict == "worse"
    assert found["control"].low > np.log(2)


def test_true_labels_are_not_taken_for_shuffled_ones():
    """The same labels in another order of the examples: the cost is the same."""
    _, y = images()
    true = held_out_cost_after(y)
    again = [np.log(held_out_cost_after(y, seed) / true) for seed in range(3)]
    assert compare_all({"control": again})["control"].verdict == "similar"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bias_correction_with_t_minus_1_is_caught():
    judge = algorithm.step_is_a_corrected_mean_over_a_corrected_root
    assert judge(CorrectedLate).verdict == "FALSE"
    assert bias_correction.correction_removes_the_bias(CorrectedLate).verdict == "FALSE"
    assert judge(Adam).verdict == "TRUE"
