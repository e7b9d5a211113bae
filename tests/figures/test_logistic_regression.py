"""Chapter 9's figures draw what they are given."""

import numpy as np
import pandas as pd

from adambook.figures import logistic_regression


def test_curves_are_means_over_seeds_with_the_papers_in_every_panel():
    costs = pd.DataFrame({0: [0.6, 0.3], 1: [0.4, 0.5]})
    paper = pd.Series([0.5, 0.45])
    panels = {"near": {"Adam": costs}, "tuned": {"Adam": costs / 2}}
    left, right = logistic_regression.over_the_papers(panels, {"Adam": paper}).axes
    for ax, scale in ((left, 1), (right, 2)):
        theirs, ours = ax.lines[:2]
        np.testing.assert_array_equal(theirs.get_ydata(), paper)
        np.testing.assert_allclose(ours.get_ydata(), np.array([0.5, 0.4]) / scale)


def test_the_frame_is_the_one_asked_for():
    curves = {"RMSProp": pd.DataFrame({0: [0.6, 0.3]})}
    fig = logistic_regression.over_the_papers(
        {"one": curves}, {"RMSProp": pd.Series([0.5, 0.45])}, last=3, costs_shown=(0.1, 0.9)
    )
    assert fig.axes[0].get_xlim() == (0, 3)
    assert fig.axes[0].get_ylim() == (0.1, 0.9)


def test_sensitivity_draws_the_mean_over_seeds_at_each_step_size():
    runs = [("Adam", "none", a, s, a + s) for a in (0.1, 1.0) for s in (0, 1)]
    finals = pd.DataFrame(runs, columns=["optimizer", "decay", "alpha", "seed", "final"])
    fig = logistic_regression.sensitivity(finals, {"none": "constant", "step": "by step"})
    (line,) = fig.axes[0].lines
    np.testing.assert_allclose(line.get_xdata(), [0.1, 1.0])
    np.testing.assert_allclose(line.get_ydata(), [0.6, 1.5])
    assert not fig.axes[1].lines
