"""Clipping, loss scaling, early stopping, the batch rule, groups and the range test."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from adambook import Adam, AdamW
from adambook.clinic.training import batches, digits, flat, network
from adambook.practice import (
    EarlyStopping,
    LossScaler,
    clip_by_global_norm,
    decay_groups,
    geometric,
    global_norm,
    range_test,
    scaled_to_batch,
    small_network,
    smoothed,
)
from adambook.schedules import cosine


@pytest.mark.parametrize("largest", [0.1, 1.0, 1e3])
def test_clipping_is_torchs_up_to_its_constant(largest):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape) for shape in ((3, 4), (5,), ())]
    parameters = [nn.Parameter(torch.zeros(a.shape, dtype=torch.float64)) for a in arrays]
    for p, a in zip(parameters, arrays, strict=True):
        p.grad = torch.tensor(a)
    norm = nn.utils.clip_grad_norm_(parameters, largest)
    clipped, ours = clip_by_global_norm(arrays, largest)
    assert ours == pytest.approx(float(norm))
    for p, a in zip(parameters, clipped, strict=True):
        np.testing.assert_allclose(a, p.grad, rtol=2e-6)
    assert global_norm(clipped) == pytest.approx(min(largest, ours))


def test_clipping_keeps_the_dtype_and_changes_nothing_given():
    g = np.ones(4, np.float32)
    (clipped,), _ = clip_by_global_norm([g], 1.0)
    assert clipped.dtype == np.float32 and g.sum() == 4


def test_clipping_leaves_what_is_not_finite():
    (clipped,), norm = clip_by_global_norm([np.array([np.inf, 1.0])], 1.0)
    assert math.isinf(norm) and clipped[1] == 1.0


@pytest.mark.parametrize("g", [np.array([3, 4]), np.array([3.0, 4j])])
def test_clipping_refuses_gradients_that_are_not_real_floats(g):
    """The factor, in the type of whole numbers, would be 0."""
    with pytest.raises(TypeError, match="^each gradient must hold real floating-point numbers"):
        clip_by_global_norm([np.ones(2), g], 1.0)


@pytest.mark.parametrize("largest", [0, -1, math.inf, "1"])
def test_a_clipping_norm_out_of_range_is_refused(largest):
    with pytest.raises((ValueError, TypeError), match="largest must"):
        clip_by_global_norm([np.ones(1)], largest)


def test_the_scaler_moves_as_torchs_does():
    scaler, torchs = (
        LossScaler(2.0**10, interval=3),
        torch.amp.GradScaler("cpu", init_scale=2.0**10, growth_interval=3),
    )
    theta = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([theta], lr=0.0)
    for t in range(40):
        bad = t in (4, 5, 20)
        for scale in (scaler.scaled, torchs.scale):
            theta.grad = None
            scale((theta * (math.inf if bad else 1.0)).sum()).backward()
            if scale == scaler.scaled:
                assert scaler.unscale([theta]) is not bad
            else:
                torchs.step(optimizer)
                torchs.update()
        assert scaler.scale == torchs.get_scale()


def test_unscaled_gradients_are_those_of_the_loss():
    theta = nn.Parameter(torch.tensor([1.0, 2.0]))
    scaler = LossScaler(2.0**20)
    scaler.scaled((theta**2).sum()).backward()
    assert scaler.unscale([theta, nn.Parameter(torch.zeros(1))])
    assert torch.equal(theta.grad, torch.tensor([2.0, 4.0]))


def test_gradients_of_float16_are_refused_as_torchs_scaler_does_and_nothing_changes():
    """Divided in float16, a gradient of 1e-8 would be 0."""
    scaler, torchs = LossScaler(interval=1), torch.amp.GradScaler("cpu")
    single, half = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1, dtype=torch.float16))
    scaler.scaled(1e-8 * (single + half.float()).sum()).backward()
    before = single.grad.clone(), half.grad.clone()
    with pytest.raises(TypeError, match=r"^gradients must not be of float16"):
        scaler.unscale([single, half])
    assert (single.grad, half.grad) == before
    assert (scaler.scale, scaler.good) == (2.0**16, 0)
    torchs.scale(torch.zeros(1))
    with pytest.raises(ValueError, match="FP16 gradients"):
        torchs.unscale_(torch.optim.SGD([half]))


@pytest.mark.parametrize("options", [{"scale": 0.0}, {"scale": math.nan}, {"interval": 0}])
def test_a_scaler_out_of_range_is_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        LossScaler(**options)


def test_stopping_keeps_a_copy_of_the_best_and_never_takes_nan():
    stopping, state = EarlyStopping(patience=2), np.array([1.0])
    assert not stopping.stop(1.0, state)
    state[0] = 5.0
    assert not stopping.stop(math.nan, state)
    assert stopping.stop(1.0, state)  # equal is not better
    assert stopping.best == 1.0 and stopping.best_state.tolist() == [1.0]


@pytest.mark.parametrize("patience", [0, 1.5, True])
def test_a_patience_that_is_no_count_is_refused(patience):
    with pytest.raises(ValueError, match="patience"):
        EarlyStopping(patience)


def test_the_batch_rule_undoes_itself_and_keeps_the_rest():
    rule = AdamW(alpha=1e-3, weight_decay=0.5)
    back = scaled_to_batch(scaled_to_batch(rule, 4), 1 / 4)
    for name in ("alpha", "beta1", "beta2", "epsilon", "weight_decay"):
        assert getattr(back, name) == pytest.approx(getattr(rule, name), rel=1e-12)
    assert isinstance(back, AdamW)


def test_the_batch_rule_ends_where_an_average_would_forget_everything():
    with pytest.raises(ValueError, match=r"factor must be at most 10, 1/\(1 - beta1\), got 11"):
        scaled_to_batch(Adam(), 11)
    with pytest.raises(TypeError, match="alpha must be a number"):
        scaled_to_batch(Adam(cosine(0.1, 10)), 2)


def test_groups_hold_every_trained_parameter_once():
    model = small_network("transformer", seed=0)
    model.norm.bias.requires_grad_(False)
    first, second = decay_groups(model, 0.1)
    held = [id(p) for group in (first, second) for p in group["params"]]
    assert sorted(held) == sorted(id(p) for p in model.parameters() if p.requires_grad)
    assert all(p.ndim >= 2 for p in first["params"]) and second["weight_decay"] == 0


def test_geometric_multiplies_by_the_same_factor_each_time():
    alpha = geometric(1e-4, 1.0, 9)
    values = np.array([alpha(t) for t in range(1, 10)])
    np.testing.assert_allclose(values[1:] / values[:-1], 10**0.5)
    assert values[-1] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="steps must be a whole number ≥ 2"):
        geometric(1e-4, 1.0, 1)


def test_smoothing_is_a_weighted_mean_of_what_was():
    losses = np.array([1.0, 2.0, 4.0])
    expected = [1.0, (2 + 0.5) / 1.5, (4 + 1 + 0.25) / 1.75]
    np.testing.assert_allclose(smoothed(losses, beta=0.5), expected)


def test_the_range_test_brackets_the_step_sizes_that_work_and_changes_nothing():
    model, data = network(64, 32, 10), digits()
    before = flat(model)
    seen = range_test(model, Adam(), batches(data.x, data.y, 64), low=1e-5, high=10.0, steps=120)
    assert torch.equal(flat(model), before)
    assert 1e-3 < seen.lowest < 1.0
    assert len(seen.alphas) == len(seen.losses) < 120  # it stopped when the loss exploded
    assert seen.smooth[-1] > 3 * seen.smooth.min()


def test_the_range_test_says_so_when_it_ended_at_once():
    model, data = network(64, 32, 10), digits()
    with pytest.raises(ValueError, match="range test ended after . updates: take a smaller low"):
        range_test(model, Adam(), batches(data.x, data.y, 64), low=10.0, high=100.0)


def test_small_networks_are_fixed_by_the_seed_and_leave_the_random_numbers_alone():
    state = torch.get_rng_state()
    one, two, three = (small_network("recurrent", seed) for seed in (0, 0, 1))
    assert torch.equal(flat(one), flat(two)) and not torch.equal(flat(one), flat(three))
    assert torch.equal(state, torch.get_rng_state())
    with pytest.raises(ValueError, match="there is no network 'deep'"):
        small_network("deep", 0)


def test_a_decay_factor_of_a_smoothed_curve_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"^beta must lie in \[0, 1\), got 2.0"):
        smoothed(np.ones(3), 2.0)


def test_a_gradient_that_overflows_when_it_is_divided_is_not_finite():
    theta = nn.Parameter(torch.tensor([1.0]))
    theta.grad, scaler = torch.tensor([1e10]), LossScaler(scale=1e-30)
    assert not scaler.unscale([theta])


def test_a_factor_below_what_float16_holds_clips_and_does_not_erase():
    (g,), _ = clip_by_global_norm([np.array([3e4, 4e4], np.float16)], largest=1e-4)
    assert g.dtype == np.float16
    np.testing.assert_allclose(g, [6e-5, 8e-5], rtol=1e-2)


@pytest.mark.parametrize("count", [0, 3, 50])
def test_a_range_test_says_that_its_batches_ended_early(count):
    x, y = torch.eye(4), torch.arange(4) % 2
    with pytest.raises(
        ValueError, match=f"batches must hold at least 100 mini-batches, got {count}"
    ):
        range_test(nn.Linear(4, 2), Adam(), [(x, y)] * count)
