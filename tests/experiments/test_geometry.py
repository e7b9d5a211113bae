"""√v̂ beside the curvature: the diagonal is the Hessian's, and the agreement is what it says."""

import warnings

import pytest
import torch
from torch.func import functional_call

from adambook.experiments import experiment
from adambook.experiments.geometry import agreement, hessian_diagonal
from adambook.experiments.runner import run
from adambook.models.cnn import CNN
from adambook.models.mlp import MLP

CASES = {
    "multilayer": (lambda: MLP((6, 5, 4, 3), drop_input=0.0, drop_hidden=0.0, seed=0), (7, 6)),
    "convolutional": (
        lambda: CNN((2, 2, 3), 4, image=(1, 8), classes=3, drop_input=0.0, drop_full=0.0, seed=1),
        (5, 1, 8, 8),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_diagonal_is_that_of_the_hessian_by_second_derivatives(case):
    make, shape = CASES[case]
    model = make().double()
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    labels = torch.arange(len(x)) % 3
    found = hessian_diagonal(model, x)
    assert len(found) == sum(p.dim() > 1 for p in model.parameters())
    for name, diagonal in found.items():
        weight = model.get_submodule(name).weight

        def mean_cost(flat, name=name, weight=weight):
            logits = functional_call(model, {f"{name}.weight": flat.view_as(weight)}, (x,))
            return torch.nn.functional.cross_entropy(logits, labels)

        hessian = torch.autograd.functional.hessian(mean_cost, weight.detach().flatten())
        torch.testing.assert_close(diagonal.flatten(), hessian.diagonal(), rtol=1e-9, atol=1e-12)
        assert diagonal.abs().max() > 1e-6


def test_diagonal_does_not_depend_on_how_many_examples_are_taken_at_once(monkeypatch):
    model, x = CASES["multilayer"][0](), torch.rand(25, 6)
    whole = hessian_diagonal(model, x)
    monkeypatch.setattr("adambook.experiments.geometry.AT_ONCE", 4)
    for name, diagonal in hessian_diagonal(model, x).items():
        torch.testing.assert_close(diagonal, whole[name])


def test_agreement_is_one_for_a_growing_function_and_minus_one_for_a_falling_one():
    root = torch.tensor([0.1, 0.2, 0.4, 0.3])
    assert agreement(root, root**2)["correlation"] == 1.0
    assert agreement(root, -root)["correlation"] == -1.0
    both = agreement(torch.tensor([0.0, 0.0, 1.0, 2.0]), torch.tensor([0.0, 0.0, 2.0, 1.0]))
    assert both == {"correlation": -1.0, "share_without_gradient": 0.5}


def test_smoke_size_is_recorded_whole(tmp_path):
    with warnings.catch_warnings(action="ignore"):  # stand-in data
        done = run("ledger-geometry", "smoke", jobs=1, where=tmp_path, quiet=True)
    assert not done.missing(experiment("ledger-geometry").units("smoke"))
    assert done.rows()["correlation"].between(-1, 1).all()
