"""In every variant the right answer passes, and a wrong one that is classic does not."""

import numpy as np
import pytest

from adambook import course

STAY = {"points": np.ones(5), "slopes": np.full(5, 2.0)}
TWO_RUNS = {"alphas": np.array([0.1, 0.2]), "costs": np.array([[1.0, 0.5], [1.0, 0.4]])}
VARIANTS = range(100)


def against(end):
    """The average regret beside one end of the interval, whatever the slopes are."""
    return lambda points, slopes: (np.sum(slopes * points) - end * slopes.sum()) / len(points)


def best_by(score):
    """The step size of the lowest score, once what diverged counts as infinite."""
    return lambda alphas, costs: alphas[
        np.argmin(score(np.where(np.isfinite(costs), costs, np.inf)))
    ]


def passes(check, answer, example):
    """The variants in which an answer has no fault; a master calls both checks with SEED + 3."""
    return [s for s in VARIANTS if not check(answer, seed=s + 3, example=example)]


@pytest.mark.parametrize("end", [-1, 1])
def test_regret_beside_one_end_alone_passes_in_no_variant(end):
    assert passes(course.average_regret, against(end), STAY) == []


def test_the_right_regret_passes_in_every_variant():
    def right(points, slopes):
        return (np.sum(slopes * points) + abs(slopes.sum())) / len(points)

    assert passes(course.average_regret, right, STAY) == list(VARIANTS)


@pytest.mark.parametrize(
    "score",
    [
        lambda costs: costs.min(axis=1),
        lambda costs: costs[:, 0],
        lambda costs: costs.sum(axis=1),
    ],
    ids=["the lowest at any time", "the first epoch", "the sum"],
)
def test_a_step_size_chosen_by_other_costs_than_the_last_passes_in_no_variant(score):
    assert passes(course.best_step_size, best_by(score), TWO_RUNS) == []


def test_the_right_step_size_passes_in_every_variant():
    right = best_by(lambda costs: costs[:, -1])
    assert passes(course.best_step_size, right, TWO_RUNS) == list(VARIANTS)
