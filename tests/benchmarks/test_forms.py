"""Every form that is timed does the step it says: all end at the same parameters."""

import numpy as np
import pytest
import torch
from oracles import relative_difference

from adambook.benchmarks import forms
from adambook.benchmarks.forms import Problem, pytorch_forms, pytorchs
from adambook.rules import RULES

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
SHAPES = [(3,), (2, 2), (), (5, 1, 2)]


class Watched(Problem):
    """A problem that remembers the memory of each form, in the order of the forms."""

    def __init__(self, shapes):
        super().__init__(shapes)
        self.memory = []

    def _parameters(self):
        parameters = super()._parameters()
        self.memory.append(parameters)
        return parameters


@every_rule
def test_pytorchs_forms_and_our_adapter_end_at_the_same_parameters(cls):
    problem = Watched(SHAPES)
    made = problem.forms(cls(), threads=1)
    for _ in range(4):
        for parameters in problem.memory:  # PyTorch's foreach Nesterov writes over its gradients
            for p, g in zip(parameters, problem.g, strict=True):
                p.grad.copy_(torch.tensor(g))
        for form in made.values():
            form()
    assert len(problem.memory) == 1 + len(pytorch_forms(cls()))
    ours = torch.nn.utils.parameters_to_vector(problem.memory[0]).detach().numpy()
    start = np.concatenate([x.ravel() for x in problem.theta])
    assert not np.array_equal(ours, start)
    for parameters in problem.memory[1:]:
        theirs = torch.nn.utils.parameters_to_vector(parameters).detach().numpy()
        assert relative_difference(ours, theirs) < 1e-5


def test_the_flat_pass_and_numpy_end_where_the_adapter_does(monkeypatch):
    made = {}

    class Kept(forms.Fused):
        def __init__(self, rule, theta, **options):
            super().__init__(rule, theta, **options)
            made[type(self).__name__] = theta

    monkeypatch.setattr(forms, "Fused", Kept)
    problem = Watched(SHAPES)
    steps = problem.forms(RULES[0](), threads=1)
    for form in steps.values():
        form()
    adapter = torch.nn.utils.parameters_to_vector(problem.memory[0]).detach().numpy()
    np.testing.assert_array_equal(made["Kept"], adapter)


def test_every_rule_with_a_name_in_pytorch_is_compared_with_it():
    without = {cls.__name__ for cls in RULES if pytorchs(cls()) is None}
    assert {"Adam", "AdaMax", "NAdam", "SGD"}.isdisjoint(without)
    assert {"AdaBelief", "AdamReordered", "AdaMaxOutside", "AMSGradCorrected"} <= without


def test_what_pytorch_fuses_is_found_by_asking_it():
    fused = {cls.__name__ for cls in RULES if "PyTorch fused" in pytorch_forms(cls())}
    assert {"Adam", "AdamW", "SGD", "AdaGrad"} <= fused
    assert "AdaMax" not in fused
