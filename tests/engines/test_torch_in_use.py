"""The adapter where people use it: compiled models, clipping, scaled losses, several processes."""

import codecs
import copy
import locale
import os
import pickle
import subprocess
import sys
from functools import partial

import pytest
import torch
import two_processes
from torch.nn.functional import mse_loss
from two_processes import model_and_batch, train

from adambook import Adam
from adambook.torch import Optimizer

RULE = Adam(0.05, 0.8, 0.95, 1e-2)
TORCH_ADAM = partial(torch.optim.Adam, lr=0.05, betas=(0.8, 0.95), eps=1e-2)


def ours(params):
    return Optimizer(params, RULE)


def loss_of(model):
    _, x, y = model_and_batch()
    return mse_loss(model(x), y)


def trained(make, step, steps=10):
    """The parameters of a model after some steps of an optimizer."""
    model = model_and_batch()[0]
    optimizer = make(model.parameters())
    for _ in range(steps):
        optimizer.zero_grad()
        step(model, optimizer)
    return [p.detach() for p in model.parameters()]


def assert_alike(params, expected):
    for p, q in zip(params, expected, strict=True):
        torch.testing.assert_close(p, q, rtol=1e-5, atol=1e-6)


def plain(model, optimizer):
    loss_of(model).backward()
    optimizer.step()


@pytest.mark.skipif(
    codecs.lookup(locale.getencoding()).name == "ascii",
    reason="PyTorch's compiler reads its own files in the locale's encoding; they are in UTF-8",
)
def test_a_compiled_model_trains_as_the_plain_one():
    """With PyTorch's tracer and autograd; its code generator would need a C++ compiler."""

    def compiled(model, optimizer):
        loss_of(torch.compile(model, backend="aot_eager")).backward()
        optimizer.step()

    assert_alike(trained(ours, compiled, 3), trained(TORCH_ADAM, plain, 3))
    torch._dynamo.reset()


def test_a_step_within_a_compiled_function_is_done_as_it_is():
    """Traced, it would lead PyTorch's tracer into Numba's compiler, for minutes and in vain."""

    def compiled(model, optimizer):
        loss_of(model).backward()
        torch.compile(lambda: optimizer.step(), backend="eager")()

    assert_alike(trained(ours, compiled, 3), trained(TORCH_ADAM, plain, 3))
    torch._dynamo.reset()


@pytest.mark.parametrize("clip", [torch.nn.utils.clip_grad_norm_, torch.nn.utils.clip_grad_value_])
def test_clipped_gradients_are_stepped_as_pytorch_steps_them(clip):
    def clipped(model, optimizer):
        loss_of(model).backward()
        clip(model.parameters(), 0.05)
        optimizer.step()

    expected = trained(TORCH_ADAM, clipped)
    assert_alike(trained(ours, clipped), expected)
    assert not torch.allclose(expected[0], trained(TORCH_ADAM, plain)[0], rtol=1e-3)


def scaled(scaler, spoil=()):
    """A step under a GradScaler; in the steps of `spoil` a gradient is infinite."""
    calls = []

    def step(model, optimizer):
        scaler.scale(loss_of(model)).backward()
        calls.append(len(calls))
        if calls[-1] in spoil:
            next(model.parameters()).grad[0, 0] = torch.inf
        scaler.step(optimizer)
        scaler.update()

    return step


def test_a_grad_scaler_scales_skips_and_goes_on_as_with_pytorch():
    scalers = [torch.amp.GradScaler("cpu", init_scale=2.0**10) for _ in range(2)]
    pairs = zip((ours, TORCH_ADAM), scalers, strict=True)
    mine, theirs = (trained(make, scaled(scaler, spoil=(4,))) for make, scaler in pairs)
    assert_alike(mine, theirs)
    assert [scaler.get_scale() for scaler in scalers] == [2.0**9] * 2


def test_a_step_that_the_scaler_skips_is_not_counted():
    model = model_and_batch()[0]
    optimizer = ours(model.parameters())
    step = scaled(torch.amp.GradScaler("cpu"), spoil=(1,))
    for _ in range(3):
        optimizer.zero_grad()
        step(model, optimizer)
    assert {state["t"] for state in optimizer.state.values()} == {2}


def test_a_pickled_or_copied_model_and_optimizer_go_on_together():
    straight = trained(ours, plain)
    model = model_and_batch()[0]
    optimizer = ours(model.parameters())
    for make in (copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))):
        for _ in range(5):
            optimizer.zero_grad()
            plain(model, optimizer)
        model, optimizer = make((model, optimizer))
    for p, q in zip(model.parameters(), straight, strict=True):
        assert torch.equal(p, q)


def test_two_processes_that_share_the_batch_are_one_with_the_whole(tmp_path):
    script, meeting = two_processes.__file__, (tmp_path / "meet").as_uri()
    results = [tmp_path / f"{rank}.pt" for rank in range(2)]
    started = [
        subprocess.Popen(
            [sys.executable, script, str(rank), "2", meeting, str(result)],
            env={**os.environ, "GLOO_SOCKET_IFNAME": "lo"},
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for rank, result in enumerate(results)
    ]
    for process in started:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    first, second = (torch.load(result, weights_only=True) for result in results)
    assert all(torch.equal(p, q) for p, q in zip(first, second, strict=True))
    model, x, y = model_and_batch()
    train(model, x, y)
    assert_alike(first, [p.detach() for p in model.parameters()])


# What Lightning does to an optimizer, without Lightning


class Wrapped:
    """An optimizer inside another class: its fields are taken over, and its step is wrapped."""

    def __init__(self, optimizer):
        fields = {k: v for k, v in optimizer.__dict__.items() if k not in ("step", "__del__")}
        self.__dict__ = fields
        cls = type(optimizer)
        self.__class__ = type(f"Wrapped{cls.__name__}", (Wrapped, cls), {})
        self._optimizer = optimizer

    def step(self, closure, **kwargs):
        """Step the optimizer inside, as a trainer's strategy does."""
        return self._optimizer.step(closure=closure, **kwargs)


def test_a_trainer_may_wrap_the_optimizer_and_put_all_work_into_the_closure():
    model = model_and_batch()[0]
    inside = ours(model.parameters())
    optimizer = Wrapped(inside)
    assert isinstance(optimizer, Optimizer) and isinstance(optimizer, torch.optim.Optimizer)
    scheduler = torch.optim.lr_scheduler.StepLR(inside, step_size=3, gamma=0.5)

    def closure():
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        return loss

    losses = []
    for _ in range(10):
        losses.append(optimizer.step(closure=closure).item())
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] == RULE.alpha / 8
    assert optimizer.state is inside.state and losses[-1] < losses[0]
    assert optimizer.state_dict().keys() == inside.state_dict().keys()


def test_a_toggled_optimizer_leaves_the_other_ones_parameters_alone():
    """Two optimizers take turns; the parameters of the one at rest ask for no gradient."""
    first, second = model_and_batch()[0], model_and_batch()[0]
    optimizers = [ours(model.parameters()) for model in (first, second)]
    for p in second.parameters():
        p.requires_grad_(False)
    before = [p.detach().clone() for p in second.parameters()]
    (loss_of(first) + loss_of(second)).backward()
    for optimizer in optimizers:
        optimizer.step()
    assert all(torch.equal(p, q) for p, q in zip(second.parameters(), before, strict=True))
    assert not optimizers[1].state and len(optimizers[0].state) == 4


def test_a_state_whose_tensors_were_moved_one_by_one_is_used():
    """A trainer moves every tensor of a loaded state to the device, in new dictionaries."""
    model = model_and_batch()[0]
    optimizer = ours(model.parameters())
    for _ in range(10):
        optimizer.zero_grad()
        plain(model, optimizer)
        for p, state in optimizer.state.items():
            moved = {k: v.clone() if torch.is_tensor(v) else v for k, v in state.items()}
            optimizer.state[p] = moved
    for p, q in zip(model.parameters(), trained(ours, plain), strict=True):
        assert torch.equal(p, q)
