"""Step sizes are those of the path that minimize takes, in multiples of α."""

import numpy as np
import pytest
from oracles import our_path, with_epsilon

from adambook import SGD, Adam, AdamW
from adambook.rules import RULES
from adambook.schedules import inverse_sqrt
from adambook.theory import step_sizes


@pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
def test_step_sizes_are_the_differences_of_the_path(cls, gradients):
    rule = with_epsilon(cls)
    path = our_path(rule, gradients, np.zeros(7))
    expected = abs(np.diff(path, axis=0)) / rule.alpha
    np.testing.assert_allclose(step_sizes(rule, gradients), expected, rtol=1e-6, atol=1e-12)


def test_weight_decay_sees_the_parameters_move():
    first, second = step_sizes(AdamW(alpha=1.0, epsilon=0.0, weight_decay=0.5), [1.0, 1.0])
    assert first == pytest.approx(1.0)
    assert second == pytest.approx(0.5)  # 1 less half of |θ| = 1


def test_each_step_size_of_a_grid_has_its_own_unit():
    sizes = step_sizes(SGD(alpha=np.array([0.1, 0.2])), np.array([[3.0, 3.0]]))
    np.testing.assert_allclose(sizes, [[3.0, 3.0]])


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (Adam(alpha=inverse_sqrt(0.1)), TypeError, "alpha must be a number or an array"),
        (Adam(alpha=0.0), ValueError, "alpha must not be 0"),
        (Adam, TypeError, "rule must be a rule"),
    ],
    ids=["schedule", "zero", "class"],
)
def test_bad_rules_are_refused(rule, error, message):
    with pytest.raises(error, match=message):
        step_sizes(rule, [1.0])


def test_one_gradient_without_an_axis_of_steps_is_refused():
    with pytest.raises(ValueError, match="^gradients must have an axis of steps, got a single"):
        step_sizes(Adam(), 1.0)
