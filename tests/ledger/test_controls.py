"""Negative controls: what must be flagged is flagged, by the functions that judge the paper."""

import numpy as np
import pandas as pd

from adambook.experiments import compare
from adambook.experiments.inference import compare_all
from adambook.ledger.panels import FIG1, settings
from adambook.ledger.records import Records
from adambook.ledger.runs_on_digits import images
from adambook.models.logistic_regression import accuracy
from adambook.rules import Adam


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
    """Seeds 3, 4, 5 against seeds 4, 5, 6 of the same tuned Adam on MNIST."""
    rows = FIG1.rows(Records(), "fresh")
    best = settings(FIG1, Records(), "tuned")["Adam"]
    final = pd.Series(np.log(compare.final_cost(compare.curve(rows, best).T)))
    found = compare_all({"control": final.to_numpy()[1:] - final.to_numpy()[:-1]})["control"]
    assert found.similar
    assert found.verdict == "similar"


def trained_on(labels):
    """Softmax regression of the digits on the labels given, tested on the true ones."""
    from adambook import minimize
    from adambook.models.logistic_regression import cost_and_gradient

    x, y = images()

    def gradient(theta):
        return cost_and_gradient(theta, x[:1200], labels[:1200])[1]

    end = minimize(Adam(alpha=0.05), gradient, np.zeros((10, 65)), 150)[-1]
    return float(accuracy(end, x[1200:], y[1200:]))


def test_shuffled_labels_are_caught():
    _, y = images()
    shuffled = np.random.default_rng(0).permutation(y)
    assert trained_on(y) > 0.85
    assert trained_on(shuffled) < 0.25
