"""A rule that somebody adds is run by every engine, without another line."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from oracles import our_path, relative_difference

from adambook import symbolic
from adambook.fused import Fused
from adambook.rules import Rule
from adambook.rules.ranges import Number, decay, step_size
from adambook.rules.rule import StepSize
from adambook.torch import Optimizer


def sign_momentum(xp):
    """Steps along the sign of an average."""

    def step(c, g, theta, m):
        m = c.beta1 * m + c.weight1 * g
        delta = -c.alpha * m / (xp.abs(m) + c.tiny)
        return delta, m

    return step


@dataclass(frozen=True)
class SignMomentum(Rule):
    state_names: ClassVar[tuple[str, ...]] = ("m",)
    alpha: StepSize = step_size(0.01)
    beta1: Number = decay(0.9)
    arithmetic = staticmethod(sign_momentum)

    def scalars(self, t, xp):
        return {
            "alpha": self.alpha,
            "beta1": self.beta1,
            "weight1": 1 - self.beta1,
            "tiny": xp.sqrt(1e-60),
        }


RULE = SignMomentum()


def test_its_steps_have_the_length_alpha(gradients, theta0):
    steps = np.diff(our_path(RULE, gradients, theta0), axis=0)
    np.testing.assert_allclose(abs(steps[20:]), 0.01, rtol=1e-9)


def test_numba_and_pytorch_give_numpys_path(gradients, theta0):
    path = our_path(RULE, gradients, theta0)
    theta, p = theta0.copy(), torch.nn.Parameter(torch.tensor(theta0))
    fused, optimizer = Fused(RULE, theta), Optimizer([p], RULE)
    for g in gradients:
        fused.step(g)
        p.grad = torch.tensor(g)
        optimizer.step()
    assert relative_difference(path[-1], theta) <= 1e-12
    assert relative_difference(path[-1], p.detach().numpy()) <= 1e-12


def test_its_equations_and_its_javascript_are_printed():
    assert symbolic.equations(RULE)[1].startswith("m_t = \\beta_1 m_{t-1}")
    assert symbolic.javascript(RULE).startswith(
        "function SignMomentum({alpha, beta1}, t, g, theta, m)"
    )


def test_arithmetic_without_a_step_is_refused_in_one_sentence():
    class Lambda(SignMomentum):
        arithmetic = staticmethod(lambda xp: lambda c, g, theta, m: (g, m))

    with pytest.raises(ValueError, match="must return an inner function named step"):
        symbolic.latex(Lambda())
