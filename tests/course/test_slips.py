"""Wrong rules are made from the real ones, and every one of them is wrong and told apart."""

import numpy as np
import pytest

from adambook import Adam, AdaMax, AMSGrad
from adambook.course import Slip, adam_slips, check, with_slips
from adambook.course.faults import Fault, probe
from adambook.course.slips import wrong_rules
from adambook.course.steps import Trial

RULES = {
    "adam": (Adam(alpha=0.3, beta1=0.8, beta2=0.95, epsilon=0.05), adam_slips.ADAM),
    "adamax": (AdaMax(alpha=0.3, beta1=0.8, beta2=0.7, epsilon=0.0), adam_slips.ADAMAX),
    "amsgrad": (AMSGrad(alpha=0.3, beta1=0.8, beta2=0.7, epsilon=0.05), adam_slips.AMSGRAD),
}
SINGLE = [
    pytest.param(name, slip, id=f"{name}-{number}")
    for name, (_, slips) in RULES.items()
    for number, slip in enumerate(slips)
]


def same(one, other):
    return np.allclose(one, other, rtol=1e-9, atol=1e-13, equal_nan=True)


@pytest.mark.parametrize(("name", "slip"), SINGLE)
def test_a_slip_changes_the_numbers(name, slip):
    rule, trial = RULES[name][0], Trial(seed=0)
    assert not same(trial.path(with_slips(rule, slip)), trial.path(rule))


@pytest.mark.parametrize("name", RULES)
def test_no_two_slips_with_different_messages_make_the_same_numbers(name):
    rule, slips = RULES[name]
    trial = Trial(seed=0)
    paths = [(slip.message, trial.path(with_slips(rule, slip))) for slip in slips]
    alike = [
        (one, other)
        for i, (one, path) in enumerate(paths)
        for other, again in paths[:i]
        if one != other and same(path, again)
    ]
    assert alike == []


@pytest.mark.parametrize("name", RULES)
def test_pairs_of_slips_are_tried_after_all_single_ones(name):
    rule, slips = RULES[name]
    counts = [len(chosen) for chosen, _ in wrong_rules(rule, slips)]
    assert counts[: len(slips)] == [1] * len(slips)
    assert set(counts[len(slips) :]) == {2}


def test_a_slip_whose_text_is_not_there_is_refused():
    with pytest.raises(ValueError, match="the text of Adam does not hold 'no such line'"):
        with_slips(Adam(), Slip("", "", edits=(("no such line", ""),)))


def test_a_wrong_rule_keeps_the_hyper_parameters():
    wrong = with_slips(Adam(alpha=0.25, beta2=0.5), adam_slips.UPHILL)
    assert (wrong.alpha, wrong.beta2, wrong.name) == (0.25, 0.5, "Adam")


def test_messages_of_other_topics_are_not_shown():
    faults = [Fault("one", "First."), Fault("two", "Second."), Fault("", "All.")]
    with pytest.raises(AssertionError) as raised:
        check(faults, "two")
    assert str(raised.value) == "Second. All."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x: (x, x), "returns 2 values, and 1 value is asked"),
        (lambda x: x.astype(np.float32), "The answer is float32"),
        (lambda x: x.astype(int), "returns int64"),
        (lambda x: x[:1], r"shape \(1,\)"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (lambda x: None, "returns object"),
    ],
)
def test_an_answer_of_the_wrong_form_costs_the_part(answer, said):
    values, faults = probe(answer, {"x": np.ones(2)}, [(2,)])
    assert values is None
    with pytest.raises(AssertionError, match=said):
        check(faults, "any topic")


def test_an_answer_that_counts_its_calls_costs_the_part():
    calls = []

    def answer(x):
        calls.append(1)
        return x + len(calls)

    _, faults = probe(answer, {"x": np.ones(2)}, [(2,)])
    with pytest.raises(AssertionError, match="something survives the first call"):
        check(faults, "any topic")
