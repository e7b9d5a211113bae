"""The lines in which two rules differ: both sides, and nothing that they share."""

import pytest

from adambook import Adam, AdamW, AMSGrad, NAdam
from adambook.differences import differences, latex_differences
from adambook.rules import RULES
from adambook.symbolic import equations


@pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
def test_taking_out_and_putting_in_makes_one_rule_of_the_other(cls):
    left, right = equations(Adam), equations(cls)
    for change in differences(Adam, cls):
        left = [line for line in left if line not in change.first]
        right = [line for line in right if line not in change.second]
    assert left == right


def test_adamw_differs_in_the_step_alone():
    (change,) = differences(Adam, AdamW)
    assert len(change.first) == len(change.second) == 1
    assert all(line.startswith(r"\Delta_t") for line in (*change.first, *change.second))


def test_a_rule_does_not_differ_from_itself():
    assert differences(AMSGrad, AMSGrad()) == []


def test_the_display_has_a_row_a_line_with_its_sign():
    text = latex_differences(Adam, NAdam)
    changes = differences(Adam, NAdam)
    assert text.count("- & ") == sum(len(change.first) for change in changes)
    assert text.count("+ & ") == sum(len(change.second) for change in changes)
