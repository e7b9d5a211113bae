"""Hyper-parameters: checked when given, frozen after, and free to be arrays or schedules."""

import dataclasses
import math
import pickle
import re
import warnings

import numpy as np
import pytest
import torch
from oracles import with_epsilon

from adambook import SGD, Adam, RAdam, minimize
from adambook.fused import Fused
from adambook.rules import RULES, Rule
from adambook.rules.ranges import hyperparameter
from adambook.rules.rule import one_number_each, refuse_arrays
from adambook.torch import Optimizer

UNIT, HALF_LINE = "[0, 1)", "[0, ∞)"
RANGES = {
    "alpha": HALF_LINE,
    "beta1": UNIT,
    "beta2": UNIT,
    "rho": UNIT,
    "mu": UNIT,
    "epsilon": HALF_LINE,
    "weight_decay": HALF_LINE,
    "psi": "[0, ∞]",
    "threshold": "[4, ∞)",
}
OUTSIDE = {
    UNIT: (1, 1.0, -0.1, 1.5, math.nan, math.inf),
    HALF_LINE: (-1e-300, -1, math.nan, math.inf, -math.inf),
    "[0, ∞]": (-0.1, math.nan, -math.inf),
    "[4, ∞)": (3.99, 0, math.nan, math.inf),
}
INSIDE = {
    UNIT: (0, 0.5, 1 - 1e-16),
    HALF_LINE: (0, 1e-300, 1e300),
    "[0, ∞]": (0, 7, math.inf),
    "[4, ∞)": (4, 1e9),
}
NO_NUMBER = ("0.1", None, [0.1, 0.2], (0.1,), True, 0.1 + 0j, np.array(["a"]), np.array([0.1j]))
FIELDS = [(cls, field.name) for cls in RULES for field in dataclasses.fields(cls)]
every_field = pytest.mark.parametrize(
    ("cls", "name"), FIELDS, ids=[f"{cls.__name__}-{name}" for cls, name in FIELDS]
)
every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)


@every_field
def test_out_of_range_is_refused_naming_parameter_range_and_value(cls, name):
    for value in OUTSIDE[RANGES[name]]:
        with pytest.raises(ValueError) as error:
            cls(**{name: value})
        assert str(error.value) == f"{name} must lie in {RANGES[name]}, got {value!r}"


@every_field
def test_the_ends_of_the_range_are_what_the_message_says(cls, name):
    for value in INSIDE[RANGES[name]]:
        assert getattr(cls(**{name: value}), name) == value


@every_field
def test_wrong_type_is_refused_in_one_sentence(cls, name):
    for value in NO_NUMBER:
        with pytest.raises(TypeError) as error:
            cls(**{name: value})
        assert str(error.value) == (
            f"{name} must be a real number or a NumPy array of them in {RANGES[name]}, "
            f"got {value!r}"
        )


@every_field
def test_one_bad_entry_of_an_array_is_refused(cls, name):
    value = np.array([[4.5 if name == "threshold" else 0.5], [math.nan]])
    with pytest.raises(ValueError) as error:
        cls(**{name: value})
    assert str(error.value) == f"{name} must lie in {RANGES[name]}, got an array that holds nan"


def test_of_several_bad_entries_the_first_is_named():
    with pytest.raises(ValueError, match=r"got an array that holds -1\.0$"):
        Adam(alpha=np.array([0.5, -1.0, -2.0]))


@every_field
def test_a_number_of_any_kind_is_kept_as_a_float(cls, name):
    for one in (np.float32, np.int64, np.array):
        kept = getattr(cls(**{name: one(4 if name == "threshold" else 0)}), name)
        assert type(kept) is float


@every_field
def test_a_rule_is_frozen(cls, name):
    rule = cls()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(rule, name, 0.5)


@every_rule
def test_a_rule_takes_no_attribute_that_is_no_hyperparameter(cls):
    with pytest.raises(dataclasses.FrozenInstanceError):
        cls().momentum = 0.5


def test_a_range_cannot_be_loosened():
    limits = Adam.__dataclass_fields__["beta1"].metadata["range"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        limits.high = 2.0


def test_an_array_is_copied_and_cannot_be_written():
    alpha = np.array([0.1, 0.2])
    rule = Adam(alpha=alpha)
    alpha[0] = 9.0
    assert rule.alpha[0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        rule.alpha[0] = 9.0


ADAMS = {"alpha": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
DEFAULTS = {
    "SGD": {"alpha": 0.01},
    "Momentum": {"alpha": 0.01, "mu": 0.9},
    "Nesterov": {"alpha": 0.01, "mu": 0.9},
    "AdaGrad": {"alpha": 0.01, "epsilon": 1e-8},
    "RMSProp": {"alpha": 0.001, "rho": 0.9, "epsilon": 1e-8},
    "RMSPropMomentum": {"alpha": 0.001, "rho": 0.9, "epsilon": 1e-8, "mu": 0.9},
    "RMSPropCentred": {"alpha": 0.001, "rho": 0.9, "epsilon": 1e-8, "mu": 0.0},
    "AdaDelta": {"alpha": 1.0, "rho": 0.95, "epsilon": 1e-6},
    "AdaMax": ADAMS | {"alpha": 0.002},
    "AdaMaxOutside": ADAMS | {"alpha": 0.002},
    "AdamW": ADAMS | {"weight_decay": 0.01},
    "NAdam": ADAMS | {"psi": 0.004},
    "RAdam": ADAMS | {"threshold": 5.0},
    "ADOPT": ADAMS | {"beta2": 0.9999, "epsilon": 1e-6},
    "ADOPTClipped": ADAMS | {"beta2": 0.9999, "epsilon": 1e-6},
}
"""What users get who name nothing: Adam's, unless a rule stands here; a change is announced."""


@every_rule
def test_defaults_are_those_that_were_announced(cls):
    assert dataclasses.asdict(cls()) == DEFAULTS.get(cls.__name__, ADAMS)


@every_rule
def test_rules_of_equal_hyperparameters_are_equal_hash_alike_and_survive_a_pickle(cls):
    rule = with_epsilon(cls)
    again = pickle.loads(pickle.dumps(rule))
    assert again == rule and hash(again) == hash(rule)
    assert cls() != rule


def grid_of(name):
    """Three values of a hyper-parameter down a column, and a column of one step size each."""
    values = {"psi": (0.0, 0.02, math.inf), "threshold": (4.0, 5.0, 50.0)}
    return np.array(values.get(name, (0.1, 0.5, 0.8)))[:, None]


@every_field
def test_a_whole_grid_in_one_update_equals_one_by_one(cls, name, gradients, theta0):
    rule, grid = with_epsilon(cls), grid_of(name)
    steps = [lambda theta, g=g: np.broadcast_to(g, theta.shape) for g in gradients[:30]]
    whole = minimize(
        dataclasses.replace(rule, **{name: grid}), steps, np.tile(theta0, (3, 1)), len(steps)
    )
    for k, value in enumerate(grid.ravel()):
        alone = minimize(dataclasses.replace(rule, **{name: value}), steps, theta0, len(steps))
        np.testing.assert_allclose(whole[:, k], alone, rtol=1e-12, atol=0)
    if name != "threshold":
        assert not np.allclose(whole[-1, 0], whole[-1, 2], rtol=1e-9)


def test_grids_of_two_hyperparameters_cross():
    alpha, beta1 = np.array([0.1, 0.2])[:, None, None], np.array([0.0, 0.5, 0.9])[:, None]
    theta = np.ones((2, 3, 4))
    path = minimize(Adam(alpha=alpha, beta1=beta1), lambda theta: theta, theta, 10)
    for i, a in enumerate(alpha.ravel()):
        for j, b in enumerate(beta1.ravel()):
            alone = minimize(Adam(alpha=a, beta1=b), lambda theta: theta, np.ones(4), 10)
            np.testing.assert_allclose(path[:, i, j], alone, rtol=1e-13)


@pytest.mark.parametrize("shape", [(3,), (2, 1), (1, 2)])
def test_an_array_that_does_not_broadcast_to_theta_is_refused_by_name(shape):
    rule, theta = Adam(beta1=np.full(shape, 0.5)), np.ones(2)
    with pytest.raises(ValueError, match=r"beta1 .*theta's shape \(2,\).*" + re.escape(str(shape))):
        rule.update(theta, rule.init(theta), theta)


def halving(t):
    return 0.1 * 0.5 ** (t - 1)


@every_rule
def test_a_schedule_is_the_step_size_of_its_step_in_every_engine(cls, gradients, theta0):
    """Constant α rules, one a step, carried on by hand, against one rule with the schedule."""
    gradients = gradients[:8]
    theta, state = theta0, with_epsilon(cls).init(theta0)
    for t, g in enumerate(gradients, 1):
        rule = dataclasses.replace(with_epsilon(cls), alpha=halving(t))
        delta, state = rule.update(g, state, theta)
        theta = theta + delta
    scheduled = dataclasses.replace(with_epsilon(cls), alpha=halving)
    path = minimize(scheduled, [lambda _, g=g: g for g in gradients], theta0, len(gradients))
    np.testing.assert_array_equal(path[-1], theta)
    flat, parameter = theta0.copy(), torch.nn.Parameter(torch.tensor(theta0))
    fused, optimizer = Fused(scheduled, flat), Optimizer([parameter], scheduled)
    for g in gradients:
        fused.step(g)
        parameter.grad = torch.tensor(g)
        optimizer.step()
    np.testing.assert_allclose(flat, theta, rtol=1e-12)
    np.testing.assert_allclose(parameter.detach().numpy(), theta, rtol=1e-12)


def test_a_schedule_is_asked_for_t_from_1():
    asked = []
    rule = SGD(alpha=lambda t: asked.append(t) or 0.1)
    minimize(rule, lambda theta: theta, np.ones(1), 4)
    assert asked == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (-1.0, ValueError, "alpha at step 3 must lie in [0, ∞), got -1.0"),
        (math.nan, ValueError, "alpha at step 3 must lie in [0, ∞), got nan"),
        ("a", TypeError, "alpha at step 3 must be a real number or a NumPy array of them in"),
    ],
)
def test_a_schedules_bad_value_is_refused_naming_the_step(value, error, message):
    rule = SGD(alpha=lambda t: value if t == 3 else 0.1)
    with pytest.raises(error, match="^" + re.escape(message)):
        minimize(rule, lambda theta: theta, np.ones(1), 5)


def test_only_alpha_may_be_a_schedule():
    with pytest.raises(TypeError, match="^beta1 must be a real number"):
        Adam(beta1=halving)


def test_radam_below_its_threshold_is_never_silently_still():
    """ρ_t between 2 and 4 would make the rectification's square negative."""
    for beta2 in (0.5, 0.7, 0.8, 0.999):
        path = minimize(RAdam(beta2=beta2, threshold=4.0), lambda _: np.ones(1), np.zeros(1), 30)
        assert (np.diff(path[:, 0]) < 0).all()


def test_radam_at_its_threshold_still_takes_the_plain_step():
    at = RAdam(threshold=RAdam().constants(8).rho_t).constants(8)
    assert (at.adaptive, at.plain) == (0.0, 0.001)


def test_radams_factor_is_0_where_its_square_would_be_negative():
    at = RAdam().constants(3)
    assert 2 < at.rho_t < 4 and at.r == 0


def test_an_engine_of_one_rate_takes_a_number_and_refuses_an_array_from_a_schedule():
    rule = SGD(alpha=lambda t: 0.5 if t < 3 else np.array([0.1, 0.2]))
    assert one_number_each(rule, 2) == (0.5,)
    with pytest.raises(ValueError, match="^alpha at step 3 must be one number, got an array$"):
        one_number_each(rule, 3)


def test_an_engine_of_one_rate_refuses_an_array_by_its_name():
    refuse_arrays({"alpha": 0.1, "beta1": halving})
    message = "^beta1 must be one number or a schedule, got an array$"
    with pytest.raises(ValueError, match=message):
        refuse_arrays({"alpha": 0.1, "beta1": np.array([0.5, 0.9])})


def test_what_all_rules_derive_from_is_frozen_too():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rule().alpha = 0.5


def test_whether_a_range_is_closed_is_said_by_name():
    assert str(hyperparameter(0.5, low=0.0, high=1.0, closed=True).metadata["range"]) == "[0, 1]"
    with pytest.raises(TypeError, match="positional arguments"):
        hyperparameter(0.5, 0.0, 1.0, True)


@every_field
def test_masked_hyperparameters_are_refused_by_name(cls, name):
    masked = np.ma.masked_array([0.5, 0.5], [True, False])
    with pytest.raises(TypeError, match=f"^{name} must have no masked entries"):
        cls(**{name: masked})


def test_a_tensor_is_a_number_and_one_with_a_graph_is_refused_by_name():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Adam(alpha=torch.tensor(0.5)).alpha == 0.5
    with pytest.raises(TypeError, match=r"^alpha must be an array of real numbers, got tensor\("):
        Adam(alpha=torch.tensor(0.5, requires_grad=True))
