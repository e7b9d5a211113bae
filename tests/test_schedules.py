"""The schedules against closed forms, PyTorch's schedulers, and their own shape."""

import math
import pickle

import numpy as np
import pytest
import torch

from adambook import Adam, minimize
from adambook.fused import Fused
from adambook.schedules import constant, cosine, inverse_sqrt, one_cycle, step_decay, warmup
from adambook.torch import Optimizer

EACH = [
    constant(0.1),
    inverse_sqrt(0.1),
    inverse_sqrt(0.1, period=3),
    warmup(0.1, steps=5),
    warmup(cosine(0.1, steps=20), steps=5),
    cosine(0.1, steps=20, final=0.01),
    step_decay(0.1, factor=0.5, period=4),
    one_cycle(0.1, steps=20),
]
each = pytest.mark.parametrize("schedule", EACH, ids=repr)


def values(schedule, steps):
    return np.array([schedule(t) for t in range(1, steps + 1)])


def torch_values(scheduler_class, steps, lr=0.1, **options):
    """The step sizes that PyTorch's scheduler gives to the first updates, one epoch an update."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = scheduler_class(optimizer, **options)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(found) < steps:
            scheduler.step()
    return np.array(found)


def test_constant_is_constant():
    assert set(values(constant(0.25), 50)) == {0.25}


def test_inverse_sqrt_is_alpha_over_the_root_of_t():
    t = np.arange(1, 101)
    np.testing.assert_allclose(values(inverse_sqrt(0.3), 100), 0.3 / np.sqrt(t), rtol=1e-15)


def test_inverse_sqrt_with_a_period_falls_once_an_epoch():
    found = values(inverse_sqrt(0.3, period=7), 70).reshape(10, 7)
    assert (found == found[:, :1]).all()
    np.testing.assert_allclose(found[:, 0], 0.3 / np.sqrt(np.arange(1, 11)), rtol=1e-15)


def test_warmup_rises_linearly_and_then_is_the_schedule_inside():
    inside = inverse_sqrt(0.3)
    factor = values(warmup(inside, steps=10), 30) / values(inside, 30)
    expected = np.minimum(1, np.arange(1, 31) / 10)
    np.testing.assert_allclose(factor, expected, rtol=1e-14)
    np.testing.assert_array_equal(values(warmup(inside, 10), 30)[9:], values(inside, 30)[9:])


def test_warmup_of_one_step_changes_nothing():
    np.testing.assert_array_equal(
        values(warmup(inverse_sqrt(0.3), 1), 9), values(inverse_sqrt(0.3), 9)
    )


def test_warmups_multiply():
    found = warmup(warmup(0.6, steps=2), steps=3)(1)
    assert found == pytest.approx(0.6 / 6)


def test_cosine_is_pytorchs_and_then_stays_at_its_end():
    found = values(cosine(0.1, steps=12, final=0.02), 40)
    options = {"T_max": 12, "eta_min": 0.02}
    theirs = torch_values(torch.optim.lr_scheduler.CosineAnnealingLR, 12, **options)
    np.testing.assert_allclose(found[:12], theirs, rtol=1e-12)
    assert set(found[12:]) == {0.02}


def test_cosine_starts_at_alpha_falls_at_every_step_and_is_half_way_in_the_middle():
    found = values(cosine(0.7, steps=10, final=0.1), 11)
    assert found[0] == 0.7
    assert (np.diff(found) < 0).all()
    assert found[5] == pytest.approx(0.4)


def test_step_decay_is_pytorchs():
    found = values(step_decay(0.1, factor=0.3, period=4), 21)
    theirs = torch_values(torch.optim.lr_scheduler.StepLR, 21, step_size=4, gamma=0.3)
    np.testing.assert_allclose(found, theirs, rtol=1e-12)


def test_step_decay_by_zero_stops_after_the_first_stair():
    assert values(step_decay(0.1, factor=0.0, period=2), 4).tolist() == [0.1, 0.1, 0.0, 0.0]


@pytest.mark.parametrize(("steps", "rise"), [(10, 0.3), (20, 0.25), (37, 0.41), (100, 0.5)])
def test_one_cycle_is_pytorchs(steps, rise):
    options = {"max_lr": 0.1, "total_steps": steps, "pct_start": rise, "cycle_momentum": False}
    theirs = torch_values(torch.optim.lr_scheduler.OneCycleLR, steps, **options)
    np.testing.assert_allclose(values(one_cycle(0.1, steps, rise), steps), theirs, rtol=1e-12)


def test_one_cycle_rises_to_alpha_at_the_peak_falls_after_it_and_stays_at_its_end():
    found = values(one_cycle(0.8, steps=20, rise=0.25, first=0.5, last=0.125), 30)
    assert found[0] == 0.4
    assert (np.diff(found[:5]) > 0).all() and found[4] == 0.8
    assert (np.diff(found[4:20]) < 0).all()
    assert set(found[19:]) == {0.1}


@each
def test_schedule_survives_a_pickle_and_its_own_representation(schedule):
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert eval(repr(schedule)) == schedule


@each
def test_schedule_is_frozen(schedule):
    with pytest.raises(AttributeError):
        schedule.alpha = 1.0


@each
def test_schedule_is_a_valid_step_size_for_ever(schedule):
    for t in (1, 2, 1000, 10**9):
        value = schedule(t)
        assert type(value) is float
        assert 0 <= value <= 0.1 and math.isfinite(value)


@each
def test_schedule_refuses_a_step_before_the_first(schedule):
    with pytest.raises(ValueError, match=r"^t must be at least 1 .*, got 0$"):
        schedule(0)


@each
def test_schedule_gives_the_same_path_in_numpy_numba_and_pytorch(schedule, gradients, theta0):
    rule = Adam(alpha=schedule)
    gradients = gradients[:25]
    path = minimize(rule, [lambda _, g=g: g for g in gradients], theta0, 25)
    flat, theta = theta0.copy(), torch.nn.Parameter(torch.tensor(theta0))
    fused, optimizer = Fused(rule, flat), Optimizer([theta], rule)
    for g in gradients:
        fused.step(g)
        theta.grad = torch.tensor(g)
        optimizer.step()
    np.testing.assert_allclose(flat, path[-1], rtol=1e-13)
    np.testing.assert_allclose(theta.detach().numpy(), path[-1], rtol=1e-13)


@pytest.mark.parametrize(
    "make",
    [
        constant,
        inverse_sqrt,
        lambda alpha: warmup(alpha, 5),
        lambda alpha: cosine(alpha, 20),
        lambda alpha: step_decay(alpha, 0.5, 4),
        lambda alpha: one_cycle(alpha, 20),
    ],
)
def test_a_grid_of_step_sizes_is_scheduled_as_one_by_one(make):
    grid = np.array([[0.01], [0.1], [1.0]])
    start = np.ones((3, 2))
    whole = minimize(Adam(alpha=make(grid)), lambda theta: theta, start, 30)
    for k, alpha in enumerate(grid.ravel()):
        alone = minimize(Adam(alpha=make(float(alpha))), lambda theta: theta, start[k], 30)
        np.testing.assert_array_equal(whole[:, k], alone)


REFUSED = {
    "alpha must lie in [0, ∞), got -0.1": lambda: constant(-0.1),
    "alpha must lie in [0, ∞), got nan": lambda: inverse_sqrt(math.nan),
    "alpha must lie in [0, ∞), got inf": lambda: warmup(math.inf, 3),
    "final must lie in [0, ∞), got -1": lambda: cosine(0.1, 10, final=-1),
    "factor must lie in [0, 1], got 1.5": lambda: step_decay(0.1, 1.5, 2),
    "first must lie in [0, 1], got 2.0": lambda: one_cycle(0.1, 10, first=2.0),
    "last must lie in [0, 1], got -1": lambda: one_cycle(0.1, 10, last=-1),
    "period must be at least 1, got 0": lambda: inverse_sqrt(0.1, period=0),
    "steps must be at least 1, got -3": lambda: warmup(0.1, -3),
    "rise * steps must lie in (1, 10), the number of steps, got 0.05 * 10": lambda: one_cycle(
        0.1, 10, rise=0.05
    ),
    "rise * steps must lie in (1, 10), the number of steps, got 1.0 * 10": lambda: one_cycle(
        0.1, 10, rise=1.0
    ),
}
WRONG_TYPE = {
    "alpha must be a real number or a NumPy array of them in [0, ∞), got '0.1'": lambda: constant(
        "0.1"
    ),
    "alpha must be a real number or a NumPy array of them in [0, ∞), got None": lambda: warmup(
        None, 3
    ),
    "steps must be an integer, got 2.5": lambda: cosine(0.1, 2.5),
    "period must be an integer, got '3'": lambda: step_decay(0.1, 0.5, "3"),
}


@pytest.mark.parametrize("message", REFUSED)
def test_out_of_range_is_refused_in_one_sentence(message):
    with pytest.raises(ValueError) as error:
        REFUSED[message]()
    assert str(error.value) == message


@pytest.mark.parametrize("t", [1.5, math.nan, math.inf, "3", None])
def test_a_step_that_is_no_whole_number_is_refused(t):
    for schedule in (constant(0.1), warmup(0.1, 3), cosine(0.1, 10), one_cycle(0.1, 20)):
        with pytest.raises(TypeError, match="t must be a whole number, got"):
            schedule(t)


def test_a_step_of_a_small_unsigned_type_gives_the_same_step_size():
    assert inverse_sqrt(0.1)(np.uint8(4)) == inverse_sqrt(0.1)(4)


@pytest.mark.parametrize("message", WRONG_TYPE)
def test_wrong_type_is_refused_in_one_sentence(message):
    with pytest.raises(TypeError) as error:
        WRONG_TYPE[message]()
    assert str(error.value) == message


def test_schedules_of_the_same_arrays_are_equal_and_hash_alike():
    one, two = (warmup(cosine(np.array([0.1, 0.2]), steps=4), steps=2) for _ in range(2))
    assert one == two and hash(one) == hash(two)
    assert one != warmup(cosine(np.array([0.1, 0.3]), steps=4), steps=2)
    assert constant(np.array([0.1])) != constant(0.1) != inverse_sqrt(0.1)
