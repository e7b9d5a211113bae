"""The 2 x 2 of β1 and scaling: the four rules differ in these alone."""

import warnings

import numpy as np
import pytest

from adambook.experiments import experiment
from adambook.experiments.ablation import CELLS, GRID, begin, rule
from adambook.experiments.runner import run


@pytest.mark.parametrize("scaled", [False, True])
def test_without_beta1_a_step_forgets_all_but_the_present_gradient(scaled):
    """After a gradient of -1 and one of 1, the step follows the second or still the first."""
    for beta1, sign in ((0.0, -1.0), (0.9, 1.0)):
        one = rule(beta1, scaled, 0.1)
        state = one.init(np.zeros(1))
        for g in (-10.0, 1.0):
            delta, state = one.update(np.array([g]), state, np.zeros(1))
        assert np.sign(delta[0]) == sign


@pytest.mark.parametrize("beta1", [0.0, 0.9])
def test_scaling_alone_makes_steps_ignore_the_size_of_gradients(beta1):
    for scaled in (False, True):
        one, steps = rule(beta1, scaled, 0.1), []
        for size in (1.0, 100.0):
            delta, _ = one.update(np.array([size]), one.init(np.zeros(1)), np.zeros(1))
            steps.append(delta[0])
        assert np.isclose(steps[0], steps[1]) == scaled


def test_every_cell_has_the_same_number_of_step_sizes():
    assert {len(GRID[cell]) for cell in CELLS} == {5}


def test_both_stages_are_recorded_whole(tmp_path):
    with warnings.catch_warnings(action="ignore"):  # stand-in data
        first = run("ledger-ablation-tuning", "smoke", jobs=1, where=tmp_path, quiet=True)
        done = run("ledger-ablation", "smoke", jobs=1, where=tmp_path, quiet=True)
        units = experiment("ledger-ablation").units("smoke", first.rows())
        again = begin(units[0]).epoch()[0]
    assert not done.missing(units)
    assert again["optimizer"] == "β1 = 0, not scaled"
