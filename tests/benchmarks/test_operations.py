"""The counted costs, against counts by hand and what SymPy sees in the same text."""

import pytest
import sympy

from adambook import SGD, AdaMax, AdamReordered, Momentum, RMSProp, symbolic
from adambook.benchmarks.operations import (
    bytes_moved,
    bytes_of_temporaries,
    intensity,
    operations,
    state_bytes,
)
from adambook.rules import RULES

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)


@pytest.mark.parametrize(
    "cls, expected",
    [
        (SGD, {"×": 1, "+": 1}),
        (Momentum, {"×": 2, "+": 2}),
        (RMSProp, {"×": 4, "+": 3, "÷": 1, "√": 1}),
        (AdamReordered, {"×": 6, "+": 4, "÷": 1, "√": 1}),
        (AdaMax, {"×": 4, "+": 3, "÷": 2, "max": 1, "±": 1}),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_operations_are_those_counted_by_hand_on_the_rules_lines(cls, expected):
    assert operations(cls) == expected


@every_rule
def test_no_square_root_or_maximum_of_the_step_is_missed(cls):
    """SymPy writes a quotient as a product, so only what it keeps apart is compared."""
    delta = str(cls.arithmetic(symbolic.ARITHMETIC)(*arguments(cls))[0])
    assert ("sqrt" in delta) == ("√" in operations(cls))
    assert ("Max" in delta or "u" in cls.state_names) == ("max" in operations(cls))


def arguments(cls):
    c = cls().constants(1)
    return [type(c)(*sympy.symbols(c._fields)), *sympy.symbols(["g", "theta", *cls.state_names])]


@every_rule
def test_one_pass_moves_fewer_bytes_than_one_operation_at_a_time(cls):
    assert bytes_moved(cls) <= bytes_of_temporaries(cls)
    assert bytes_moved(cls) == 4 * (3 + 2 * len(cls.state_names))
    assert bytes_moved(cls, 8) == 2 * bytes_moved(cls)
    assert state_bytes(cls) == 4 * len(cls.state_names)


@every_rule
def test_every_rule_does_less_than_one_operation_a_byte(cls):
    assert 0 < intensity(cls) < 1


def test_momentum_one_operation_at_a_time_moves_fourteen_numbers():
    """mu·m: 2; + g: 3; -alpha·m: 2; theta + delta: 3."""
    assert bytes_of_temporaries(Momentum) == 4 * (2 + 3 + 2 + 3)
