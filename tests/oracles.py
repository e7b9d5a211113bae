"""What tests compare with: a measure of difference, and the paths of our rules and PyTorch's."""

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
