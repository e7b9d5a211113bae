"""What tests compare with: a measure of difference, and the paths of our rules and PyTorch's."""

import dataclasses

import numpy as np
import torch

from adambook import minimize

EPSILON = 1e-2
"""Large on purpose: with a small ε, a wrong place for ε would hide in the rounding."""


def with_epsilon(rule_class):
    """A rule with unusual hyper-parameters, so that no default can hide a mistake."""
    unusual = {"alpha": 0.05, "epsilon": EPSILON, "beta1": 0.8, "beta2": 0.95, "mu": 0.7}
    unusual |= {"rho": 0.85, "weight_decay": 0.1, "psi": 0.02}
    names = rule_class.__dataclass_fields__
    return rule_class(**{k: v for k, v in unusual.items() if k in names})


def relative_difference(a, b):
    """The largest difference between two paths, relative to the largest entry."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    assert a.shape == b.shape
    return np.abs(a - b).max() / np.abs(a).max()


POINTS = {
    "unusual": {},
    "defaults": None,
    "no memory": {"beta1": 0.0, "beta2": 0.0, "rho": 0.0, "mu": 0.0, "epsilon": 1e-4},
    "long memory": {"alpha": 1.0, "beta1": 0.99, "beta2": 0.9999, "rho": 0.999, "mu": 0.99},
}
"""Points of a grid of hyper-parameters: what differs there from `with_epsilon`'s."""


def at_point(rule_class, point):
    """A rule at a point of the grid."""
    if POINTS[point] is None:
        return rule_class()
    names = rule_class.__dataclass_fields__
    changed = {k: v for k, v in POINTS[point].items() if k in names}
    return dataclasses.replace(with_epsilon(rule_class), **changed)


def extreme_gradients(steps, dtype=np.float64):
    """One kind of trouble a coordinate; the last two meet it once, at step 10."""
    g = np.random.default_rng(4).standard_normal((steps, 7))
    smallest = np.finfo(dtype).smallest_subnormal
    g[:, 0] = 0.0
    g[:, 1] *= 1e30
    g[:, 2] *= 1e-30
    g[:, 3] = smallest * (1 + np.arange(steps) % 5)
    g[:, 4] *= np.where(np.arange(steps) % 2, 1e30, 1e-30)
    g[9, 5:] = np.nan, np.inf
    return g.astype(dtype)


def coordinate_difference(a, b):
    """The largest difference of two paths from 0, relative to each coordinate's largest entry.

    Below the smallest normal number, relative to that one. NaN and infinities must stand at the
    same places.
    """
    least = np.finfo(np.asarray(b).dtype).tiny
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    assert a.shape == b.shape
    finite = np.isfinite(a)
    np.testing.assert_array_equal(np.where(finite, 0, a), np.where(np.isfinite(b), 0, b))
    a, b = np.where(finite, a, 0), np.where(finite, b, 0)
    return (np.abs(a - b) / np.maximum(np.abs(a).max(axis=0), least)).max()


def torch_path(optimizer_class, options, gradients, theta0):
    """PyTorch's path; its NAdam keeps a product in the default dtype, so that is float64 here."""
    torch.set_default_dtype(torch.float64)
    try:
        return _torch_path(optimizer_class, options, gradients, theta0)
    finally:
        torch.set_default_dtype(torch.float32)


def _torch_path(optimizer_class, options, gradients, theta0):
    theta = torch.nn.Parameter(torch.tensor(theta0))
    optimizer = optimizer_class([theta], **options)
    path = [theta0]
    for g in gradients:
        theta.grad = torch.tensor(g)
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def our_path(rule, gradients, theta0):
    return minimize(rule, [lambda _, g=g: g for g in gradients], theta0, len(gradients))
