"""Tensors on the CPU are moved in one compiled pass, in place; others by the rule's text."""

import numpy as np
import pytest
import torch
from oracles import with_epsilon

from adambook import SGD, Adam, torch_tensors
from adambook.rules import RULES
from adambook.torch import Optimizer
from adambook.torch_tensors import Move, Scalars, move, zeros_beside

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
SHAPES = (3,), (2, 5), (), (0, 4), (4, 3, 2, 2)


def parameters(dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    made = [torch.nn.Parameter(torch.randn(s, generator=generator).to(dtype)) for s in SHAPES]
    for p in made:
        p.grad = torch.randn(p.shape, generator=generator).to(dtype)
    return made


@pytest.fixture
def sweeps(monkeypatch):
    """The arguments of every compiled call."""
    calls, real = [], torch_tensors.sweep

    def recorded(*arguments):
        calls.append(arguments)
        real(*arguments)

    monkeypatch.setattr(torch_tensors, "sweep", recorded)
    return calls


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_all_parameters_of_one_type_move_in_one_compiled_call(dtype, sweeps):
    params = parameters(dtype)
    Optimizer(params, Adam()).step()
    assert [call[2] for call in sweeps] == [tuple(p.numel() for p in params)]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_element_types_that_numba_lacks_move_by_the_rules_text(dtype, sweeps):
    params = parameters(dtype)
    before = [p.detach().clone() for p in params]
    Optimizer(params, SGD(alpha=1.0)).step()
    assert not sweeps
    assert all(torch.equal(p, b - p.grad) for p, b in zip(params, before, strict=True))


def test_the_memory_of_parameters_and_state_is_stepped_where_it_lies():
    params = parameters()
    optimizer = Optimizer(params, Adam())
    optimizer.step()

    def places():
        states = [optimizer.state[p][name] for p in params for name in "mv"]
        return [x.data_ptr() for x in [*params, *(p.grad for p in params), *states]]

    before = places()
    optimizer.step()
    assert places() == before


def likes():
    """Tensors of many kinds: flat, empty, single, planes last, of two types, and not dense."""
    last = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)
    kinds = [torch.randn(3), torch.randn(0, 4), torch.tensor(1.0), torch.randn(70), last]
    return [*kinds, torch.randn(6, dtype=torch.float64), torch.randn(4, 6)[:, ::2], kinds[0].half()]


def test_fresh_states_are_zeros_like_each_parameter_in_its_own_order_of_memory():
    for p, states in zip(likes(), zeros_beside(likes(), 2), strict=True):
        for x in states:
            plain = torch.zeros_like(p)
            assert (x.dtype, x.shape, x.stride()) == (p.dtype, p.shape, plain.stride())
            assert not x.any()


def test_fresh_states_share_no_element():
    states = [x for own in zeros_beside(likes(), 2) for x in own]
    for k, x in enumerate(states):
        x.fill_(k + 1)
    assert all((x == k + 1).all() for k, x in enumerate(states))


def test_the_states_of_dense_tensors_lie_in_one_stretch_each_at_a_line_of_cache():
    states = [x for own in zeros_beside([torch.ones(3), torch.ones(70)], 2) for x in own]
    assert len({x.untyped_storage().data_ptr() for x in states}) == 1
    assert {x.data_ptr() % 64 for x in states} == {0}


def test_parameters_at_unlike_steps_and_of_unlike_groups_share_the_call(sweeps):
    params, alone = parameters(), parameters()
    groups = [{"params": params[:2]}, {"params": params[2:], "lr": 0.2}]
    optimizer = Optimizer(groups, Adam(0.1))
    singles = [Optimizer([p], Adam(0.1 if k < 2 else 0.2)) for k, p in enumerate(alone)]
    for waiting in (0, 3, None):
        for p, q in zip(params, alone, strict=True):
            p.grad = None if waiting is not None and p is params[waiting] else q.grad
        sweeps.clear()
        optimizer.step()
        assert len(sweeps) == 1
        for k, single in enumerate(singles):
            if params[k].grad is not None:
                single.step()
    assert [optimizer.state[p]["t"] for p in params] == [2, 3, 3, 2, 3]
    assert all(torch.equal(p, q) for p, q in zip(params, alone, strict=True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@every_rule
def test_the_compiled_pass_gives_the_rules_own_numbers(cls, dtype):
    ours, plain = parameters(dtype), parameters(dtype)
    rule = with_epsilon(cls)
    optimizer = Optimizer(ours, rule)
    states = [{name: torch.zeros_like(p) for name in rule.state_names} for p in plain]
    for t in range(1, 6):
        optimizer.step()
        with torch.no_grad():
            constants = rule.constants(t)
            given = zip(plain, states, strict=True)
            move(rule, [Move(p, p.grad, t, constants, s) for p, s in given])
    tolerance = {"rtol": 1e-12, "atol": 0} if dtype == torch.float64 else {}
    for p, q in zip(ours, plain, strict=True):
        torch.testing.assert_close(p, q, **tolerance)


def test_the_number_of_pytorchs_threads_does_not_change_a_bit():
    before, paths = torch.get_num_threads(), []
    start, g = torch.randn(300_007), torch.randn(300_007)
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            p = torch.nn.Parameter(start.clone())
            p.grad = g
            optimizer = Optimizer([p], Adam())
            for _ in range(3):
                optimizer.step()
            paths.append(p.detach())
    finally:
        torch.set_num_threads(before)
    assert torch.equal(paths[0], paths[1]) and torch.equal(paths[0], paths[2])


def test_a_graph_from_before_the_step_cannot_be_walked_after_it():
    """PyTorch counts what is written to a tensor; our pass is counted too."""
    w = torch.nn.Parameter(torch.ones(2))
    loss = (w**2).sum()
    w.grad = torch.ones(2)
    Optimizer([w], SGD()).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


LAYOUTS = {
    "channels last": lambda x: x.to(memory_format=torch.channels_last),
    "transposed": lambda x: x.transpose(0, 3),
    "every second": lambda x: x.repeat_interleave(2, dim=0)[::2],
    "negated lazily": lambda x: torch._neg_view(-x),
}


@pytest.mark.parametrize("gradient", LAYOUTS)
@pytest.mark.parametrize("parameter", LAYOUTS)
def test_parameter_and_gradient_may_lie_in_memory_as_they_like(parameter, gradient):
    plain, g = torch.randn(3, 2, 4, 3), torch.randn(3, 2, 4, 3)
    x = LAYOUTS[parameter](plain.clone())
    plain = x.resolve_neg().clone(memory_format=torch.contiguous_format)
    odd = torch.nn.Parameter(x)
    y = LAYOUTS[gradient](g)
    odd.grad = y if y.shape == odd.shape else LAYOUTS[gradient](g.transpose(0, 3).contiguous())
    plain.grad = odd.grad.resolve_neg().clone(memory_format=torch.contiguous_format)
    stride = odd.stride()
    assert odd.grad.shape == odd.shape
    for p in (odd, plain):
        optimizer = Optimizer([p], Adam())
        for _ in range(3):
            optimizer.step()
    assert torch.equal(odd, plain) and odd.stride() == stride


def test_state_loaded_in_another_layout_is_used_all_the_same():
    p = torch.nn.Parameter(torch.randn(3, 4))
    p.grad = torch.randn(3, 4)
    optimizer = Optimizer([p], Adam())
    optimizer.step()
    twin = torch.nn.Parameter(p.detach().clone())
    twin.grad = p.grad
    other = Optimizer([twin], Adam())
    other.load_state_dict(optimizer.state_dict())
    other.state[twin]["m"] = optimizer.state[p]["m"].clone().T.contiguous().T
    optimizer.step()
    other.step()
    assert torch.equal(p, twin)


def test_an_optimizer_and_the_one_that_loaded_its_state_do_not_share_memory():
    params = parameters()
    first, second = Optimizer(params, Adam()), Optimizer(parameters(), Adam())
    first.step()
    second.load_state_dict(first.state_dict())
    kept = [s["m"].clone() for s in first.state.values()]
    second.step()
    assert all(torch.equal(s["m"], m) for s, m in zip(first.state.values(), kept, strict=True))


def test_scalars_of_many_steps_are_kept_and_not_without_end():
    scalars = Scalars(Adam())
    p = torch.zeros(2)
    rows = {t: scalars.of(p, t).copy() for t in (7, 3, *range(1, 500), 7, 3)}
    assert len(scalars.known) <= torch_tensors.STEPS_KEPT
    for t in (3, 7, 499):
        np.testing.assert_array_equal(rows[t], np.float32(Adam().constants(t)))


@every_rule
def test_the_text_compiled_for_an_accelerator_is_compiled_once_for_all_steps(cls):
    """Run here with PyTorch's tracer and without its code generator, which needs a compiler."""
    torch._dynamo.reset()
    compiled = []

    def backend(graph, _):
        compiled.append(graph)
        return graph

    torch_tensors._in_place.cache_clear()
    moved = torch_tensors._in_place(cls, backend)
    rule = with_epsilon(cls)
    theta, plain = torch.ones(5), torch.ones(5)
    states = [torch.zeros(5) for _ in rule.state_names]
    plain_states = {name: torch.zeros(5) for name in rule.state_names}
    for t in range(1, 6):
        g, c = torch.full((5,), 0.1 * t), rule.constants(t)
        moved(type(c)(*(torch.tensor(x, dtype=torch.float64) for x in c)), g, theta, *states)
        move(rule, [Move(plain, g, t, c, plain_states)])
    torch.testing.assert_close(theta, plain)
    assert len(compiled) == 1
    torch_tensors._in_place.cache_clear()
