"""Nobody's Adam passes by luck: each classic fault, put into the rule's own text, is caught."""

import inspect
import textwrap

import numpy as np
import pytest
import torch
from oracles import our_path, relative_difference, torch_path

from adambook import Adam
from adambook.rules import adam as adam_file

A, B1, B2, E = 0.05, 0.8, 0.95, 1e-2
ADAM = {"lr": A, "betas": (B1, B2), "eps": E}
FAULTS = {
    "no bias correction": [("m / c.correction1", "m"), ("v / c.correction2", "v")],
    "only m corrected": [("v / c.correction2", "v")],
    "only v corrected": [("m / c.correction1", "m")],
    "t ahead by one": [("**t", "**(t + 1)")],
    "t behind by one": [("**t", "**np.maximum(t - 1, 1)")],
    "t frozen": [("**t", "**1")],
    "epsilon inside the root": [("xp.sqrt(v_hat) + c.epsilon", "xp.sqrt(v_hat + c.epsilon)")],
    "epsilon-hat for epsilon": [("+ c.epsilon", "+ c.epsilon / xp.sqrt(c.correction2)")],
    "no root": [("xp.sqrt(v_hat)", "v_hat")],
    "betas swapped in the averages": [
        ("c.beta1 * m", "c.beta2 * m"),
        ("c.beta2 * v", "c.beta1 * v"),
    ],
    "betas swapped everywhere": [
        ("self.beta1", "self.X"),
        ("self.beta2", "self.beta1"),
        ("self.X", "self.beta2"),
    ],
    "a part in ten thousand": [("-c.alpha", "-1.0001 * c.alpha")],
}


def adam_with(replacements):
    """Adam rebuilt from its own source with the replacements made in it."""
    text = inspect.getsource(adam_file.adam) + "\n"
    text += "class Faulty(Adam):\n    arithmetic = staticmethod(adam)\n"
    text += textwrap.indent(textwrap.dedent(inspect.getsource(Adam.scalars)), "    ")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    names = {"Adam": Adam, "np": np}
    exec(compile(text, "<faulty adam>", "exec"), names)
    return names["Faulty"](A, B1, B2, E)


def agrees_with_pytorch(rule, gradients, theta0):
    theirs = torch_path(torch.optim.Adam, ADAM, gradients[:100], theta0)
    return relative_difference(theirs, our_path(rule, gradients[:100], theta0)) <= 1e-12


def test_adam_rebuilt_without_a_fault_passes(gradients, theta0):
    assert agrees_with_pytorch(adam_with([]), gradients, theta0)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_caught_by_the_comparison_with_pytorch(fault, gradients, theta0):
    assert not agrees_with_pytorch(adam_with(FAULTS[fault]), gradients, theta0)
