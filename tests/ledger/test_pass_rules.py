"""A reader finds in the pass rule of a claim every number by which its code decides."""

import ast
import inspect
import math
import re
import textwrap

import pytest

from adambook import ledger

WORDS = {
    "a tenth": (0.1,), "a quarter": (0.25,), "half": (0.5, 2), "1/2": (0.5,), "factor 2": (0.5, 2),
    "three": (3,), "four": (4,), "ten": (10,),
}  # fmt: skip
"""What else than its digits may stand for a number; n % is n/100, or that above or below 1."""

ELSEWISE = {
    "C33": {14: "the last index of the fifteen memories: 'inside the range tried'"},
    "C67": {1: "two costs have a ratio below 1: one 'lies below' the other"},
}
"""Numbers that the pass rule says in its own words."""

NUMBER = r"(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:e-?\d+)?)(?![\d_])"


def said(rule):
    """Every number that a pass rule names; the 95 % of an interval is no threshold."""
    rule = re.sub("95 % interval", "interval", rule)
    found = [x for words, of in WORDS.items() if re.search(rf"\b{words}\b", rule) for x in of]
    for digits, percent in re.findall(NUMBER + "( %)?", rule):
        x = float(digits.replace(",", ""))
        found += [x / 100, 1 - x / 100, 1 + x / 100] if percent else [x]
    return found


def numbers(side):
    """The numbers of one side of a comparison, but for the 1 of 1 + tolerance or x - 1."""
    match side:
        case ast.Constant(value=int() | float() as x):
            return [x]
        case ast.UnaryOp(operand=of) | ast.Call(func=ast.Attribute(attr="log" | "sqrt"), args=[of]):
            return numbers(of)
        case ast.BinOp(left=left, right=right):
            return [x for x in numbers(left) + numbers(right) if x != 1]
    return []


def thresholds(function):
    """The numbers on either side of <, <=, > and >=, and those that `above` is called with."""
    found = []
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        match node:
            case ast.Compare(left=ast.Call(func=ast.Name(id="len")), ops=[ast.Lt()]):
                sides = []  # whether there are data enough
            case ast.Compare(ops=[*_, ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
                sides = [node.left, *node.comparators]
            case ast.Call(func=ast.Name(id="above" | "_above")):
                sides = node.args
            case _:
                sides = []
        found += [x for side in sides for x in numbers(side) if x != 0]
    return found


@pytest.mark.parametrize("claim", ledger.claims(), ids=lambda claim: claim.id)
def test_every_threshold_stands_in_the_pass_rule(claim):
    """If one does not: say it there, or, if the code is wrong, mend the code."""
    known = [*said(claim.pass_rule), *ELSEWISE.get(claim.id, {})]
    unsaid = [
        x
        for x in thresholds(inspect.unwrap(claim.judge))
        if not any(math.isclose(x, y, rel_tol=1e-13) for y in known)
    ]
    assert unsaid == [], claim.pass_rule
