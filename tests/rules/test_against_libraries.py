"""The table "Which Adam is yours?", row by row, and two rules against their authors' code.

PyTorch's rows are always compared. Optax is the project's extra `oracles`; Keras, schedulefree and
adopt are no dependencies: tests are skipped where their library is not installed.
"""

import os

import numpy as np
import pytest
import torch
from oracles import relative_difference, torch_path

from adambook import ADOPT, ADOPTClipped, ScheduleFree
from adambook.libraries import EQUIVALENTS, always, equivalent_path


def rows(library):
    return [
        pytest.param(e, id=f"{e.optimizer}-{'-'.join(e.options)}")
        for e in EQUIVALENTS
        if e.library == library
    ]


@pytest.fixture
def small(gradients):
    """Gradients down to 1e-9, where the place of ε decides."""
    return gradients[:60] * 1e-6


@pytest.mark.parametrize("row", rows("PyTorch"))
def test_pytorchs_defaults_are_this_rule(row, small, theta0):
    theirs = torch_path(getattr(torch.optim, row.optimizer), row.options, small, theta0)
    moved = np.asarray(theirs) - theta0
    assert relative_difference(moved, equivalent_path(row.ours, small, theta0) - theta0) <= 1e-9


@pytest.mark.parametrize("row", rows("Optax"))
def test_optaxs_defaults_are_this_rule(row, small, theta0):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        optimizer = getattr(optax, row.optimizer)(1e-3, **row.options)
        theta = jax.numpy.asarray(theta0)
        state, path = optimizer.init(theta), [theta0]
        for g in small:
            updates, state = optimizer.update(jax.numpy.asarray(g), state, theta)
            theta = optax.apply_updates(theta, updates)
            path.append(np.asarray(theta))
    moved = np.asarray(path) - theta0
    assert relative_difference(moved, equivalent_path(row.ours, small, theta0) - theta0) <= 1e-9


@pytest.mark.parametrize("row", rows("Keras"))
def test_keras_defaults_are_this_rule(row, small, theta0):
    """Keras keeps its step size in float32: agreement to seven digits.

    Its PyTorch backend also forms 1 - αλ in float32, which is 1 - 4e-6 with two digits, so weight
    decay agrees to that.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    tolerance = 1e-3 if row.optimizer == "AdamW" else 1e-6
    optimizer = getattr(keras.optimizers, row.optimizer)(**row.options)
    theta = keras.Variable(theta0, dtype="float64")
    path = [theta0]
    for g in small:
        optimizer.apply([keras.ops.convert_to_tensor(g, dtype="float64")], [theta])
        path.append(keras.ops.convert_to_numpy(theta).copy())
    moved = np.asarray(path) - theta0
    ours = equivalent_path(row.ours, small, theta0) - theta0
    assert relative_difference(moved, ours) <= tolerance


def test_schedule_free_is_its_authors_reference(gradients, theta0):
    schedulefree = pytest.importorskip("schedulefree")
    g, options = gradients[:100], {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-2}
    y = torch.nn.Parameter(torch.tensor(theta0))
    optimizer = schedulefree.AdamWScheduleFreeReference([y], **options)
    optimizer.train()
    path = [theta0]
    for row in g:
        y.grad = torch.tensor(row)
        optimizer.step()
        path.append(y.detach().numpy().copy())
    rule = ScheduleFree(0.05, 0.8, 0.95, 1e-2)
    assert relative_difference(path, equivalent_path(always(rule), g, theta0)) <= 1e-12
    optimizer.eval()
    theta, state = theta0, rule.init(theta0)
    for row in g:
        delta, state = rule.update(row, state, theta)
        theta = theta + delta
    assert relative_difference(y.detach().numpy(), rule.average(theta, state)) <= 1e-12


@pytest.mark.parametrize(("rule", "clip"), [(ADOPT, None), (ADOPTClipped, lambda step: step**0.25)])
def test_adopt_is_its_authors_code(rule, clip, gradients, theta0):
    adopt = pytest.importorskip("adopt")
    g = np.where(gradients[:100] == 0, 1e-4, gradients[:100])
    options = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-2, "clip_lambda": clip}
    theirs = torch_path(adopt.ADOPT, options, g, theta0)
    ours = equivalent_path(always(rule(0.05, 0.8, 0.95, 1e-2)), g, theta0)
    assert relative_difference(theirs, ours) <= 1e-12
