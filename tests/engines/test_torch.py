"""The PyTorch adapter: everything that `torch.optim.Optimizer` promises, for every rule."""

import copy
import io
import math
import pickle

import numpy as np
import pytest
import torch
from oracles import with_epsilon

from adambook import SGD, Adam, AdamW, Momentum
from adambook.rules import RULES
from adambook.schedules import inverse_sqrt
from adambook.torch import Optimizer

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
A, BETAS, E = 0.05, (0.8, 0.95), 1e-2
ADAM = Adam(A, *BETAS, E)
TORCH_ADAM = {"lr": A, "betas": BETAS, "eps": E}


def parameters(*shapes, dtype=torch.float64, seed=0):
    """Parameters of the given shapes, the same ones for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    draw = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)
    return [torch.nn.Parameter(x.to(dtype)) for x in draw]


def feed(params, step, skip=()):
    """Set the gradients of a step; the parameters named in skip get None."""
    generator = torch.Generator().manual_seed(1000 + step)
    for k, p in enumerate(params):
        g = torch.randn(p.shape, generator=generator, dtype=torch.float64).to(p.dtype)
        p.grad = None if k in skip else g


def run(optimizer, params, steps, skip=lambda step: ()):
    for step in steps:
        feed(params, step, skip(step))
        optimizer.step()


def assert_close(ours, theirs):
    for p, q in zip(ours, theirs, strict=True):
        torch.testing.assert_close(p, q, rtol=1e-12, atol=1e-14)


def assert_same_bits(ours, theirs):
    assert len(ours) == len(theirs)
    assert all(torch.equal(p, q) for p, q in zip(ours, theirs, strict=True))


def everything(optimizer):
    """Parameters, state and groups, to compare before and after."""
    return pickle.dumps(
        [
            [[p.detach().tolist() for p in group["params"]] for group in optimizer.param_groups],
            [sorted((k, str(v)) for k, v in s.items()) for s in optimizer.state.values()],
            [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups],
        ]
    )


# Groups


def test_groups_keep_their_own_hyperparameters_and_step_size():
    ours, theirs = parameters((3,), (2, 2), ()), parameters((3,), (2, 2), ())
    optimizer = Optimizer(
        [
            {"params": ours[:1]},
            {"params": ours[1:2], "lr": 0.2, "beta1": 0.3},
            {"params": ours[2:], "beta2": 0.5, "epsilon": 1.0},
        ],
        ADAM,
    )
    reference = torch.optim.Adam(
        [
            {"params": theirs[:1]},
            {"params": theirs[1:2], "lr": 0.2, "betas": (0.3, BETAS[1])},
            {"params": theirs[2:], "betas": (BETAS[0], 0.5), "eps": 1.0},
        ],
        **TORCH_ADAM,
    )
    run(optimizer, ours, range(20))
    run(reference, theirs, range(20))
    assert_close(ours, theirs)


def test_a_group_added_later_starts_at_its_own_first_step():
    ours, theirs = parameters((3,), (2,)), parameters((3,), (2,))
    optimizer, reference = Optimizer(ours[:1], ADAM), torch.optim.Adam(theirs[:1], **TORCH_ADAM)
    run(optimizer, ours[:1], range(5))
    run(reference, theirs[:1], range(5))
    optimizer.add_param_group({"params": ours[1:], "lr": 0.2})
    reference.add_param_group({"params": theirs[1:], "lr": 0.2})
    run(optimizer, ours, range(5, 15))
    run(reference, theirs, range(5, 15))
    assert_close(ours, theirs)
    assert [optimizer.state[p]["t"] for p in ours] == [15, 10]


def test_lr_may_be_set_between_steps():
    ours, theirs = parameters((3,)), parameters((3,))
    for optimizer, params in ((Optimizer(ours, ADAM), ours), (theirs_adam(theirs), theirs)):
        run(optimizer, params, range(3))
        optimizer.param_groups[0]["lr"] = 0.7
        run(optimizer, params, range(3, 6))
    assert_close(ours, theirs)


def theirs_adam(params):
    return torch.optim.Adam(params, **TORCH_ADAM)


# Gradients that are not there


@pytest.mark.parametrize("shape", [(3,), ()])
def test_a_parameter_without_a_gradient_waits_and_keeps_its_count(shape):
    ours, theirs = parameters(shape, shape, shape), parameters(shape, shape, shape)

    def skip(step):
        return {4: (0,), 5: (0, 1, 2), 7: (1,)}.get(step, ()) + (() if step > 2 else (2,))

    optimizer = Optimizer(ours, ADAM)
    run(optimizer, ours, range(12), skip)
    run(theirs_adam(theirs), theirs, range(12), skip)
    assert_close(ours, theirs)
    assert [optimizer.state[p]["t"] for p in ours] == [10, 10, 8]


def test_a_parameter_that_never_had_a_gradient_has_no_state():
    ours = parameters((2,), (2,))
    optimizer = Optimizer(ours, ADAM)
    before = ours[1].detach().clone()
    run(optimizer, ours, range(3), lambda step: (1,))
    assert ours[1] not in optimizer.state
    assert torch.equal(ours[1], before)


# Saving and going on


def through_a_file(state_dict):
    file = io.BytesIO()
    torch.save(state_dict, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


RESUMED = [*RULES, inverse_sqrt]


@pytest.mark.parametrize("cls", RESUMED, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_run_resumed_from_a_file_goes_on_to_the_same_bits(cls, dtype):
    rule = Adam(alpha=inverse_sqrt(A)) if cls is inverse_sqrt else with_epsilon(cls)

    def skip(step):
        return (1,) if step == 3 else ()

    shapes = (3,), (2, 2), ()
    straight = parameters(*shapes, dtype=dtype)
    run(Optimizer(straight, rule), straight, range(10), skip)

    first = parameters(*shapes, dtype=dtype)
    stopped = Optimizer(first, rule)
    run(stopped, first, range(5), skip)
    resumed = [torch.nn.Parameter(p.detach().clone()) for p in first]
    going_on = Optimizer(resumed, rule)
    going_on.load_state_dict(through_a_file(stopped.state_dict()))
    run(going_on, resumed, range(5, 10), skip)
    assert_same_bits(resumed, straight)
    assert all(torch.isfinite(p).all() for p in resumed)


def test_a_loaded_state_brings_its_hyperparameters_and_counts():
    params = parameters((3,))
    saved = Optimizer(params, Adam(0.3, beta1=0.5))
    run(saved, params, range(4))
    loaded = Optimizer(params, Adam())
    loaded.load_state_dict(saved.state_dict())
    group = loaded.param_groups[0]
    assert (group["lr"], group["beta1"], loaded.state[params[0]]["t"]) == (0.3, 0.5, 4)


def test_a_checkpoint_with_a_state_that_was_only_looked_at_loads():
    """`state` is a defaultdict: to read it before the first gradient leaves an empty one."""
    params = parameters((2,), (3,))
    optimizer = Optimizer(params, ADAM)
    run(optimizer, params, range(2), skip=lambda step: (1,))
    assert not optimizer.state[params[1]]
    params, first = parameters((2,), (3,)), params
    params[0].data.copy_(first[0].data)
    loaded = Optimizer(params, ADAM)
    loaded.load_state_dict(optimizer.state_dict())
    for both in (optimizer, first), (loaded, params):
        run(*both, range(2, 5))
    assert_same_bits(params, first)


def test_what_others_keep_in_a_checkpoints_state_is_kept_as_pytorch_keeps_it():
    params = parameters((2,))
    optimizer = Optimizer(params, ADAM)
    run(optimizer, params, range(2))
    saved = optimizer.state_dict()
    saved["state"]["note"] = {"epoch": 3}
    loaded = Optimizer(parameters((2,)), ADAM)
    loaded.load_state_dict(saved)
    assert loaded.state["note"] == {"epoch": 3}
    assert loaded.state_dict()["state"]["note"] == {"epoch": 3}


def test_groups_given_as_numpy_scalars_can_still_be_loaded_safely():
    params = parameters((3,), (2,))
    groups = [
        {"params": params[:1], "lr": np.logspace(-3, 0, 4)[1], "beta1": np.float64(0.5)},
        {"params": params[1:]},
    ]
    optimizer = Optimizer(groups, ADAM)
    loaded = through_a_file(optimizer.state_dict())
    assert loaded["param_groups"][0]["beta1"] == 0.5


@pytest.mark.parametrize("make", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_goes_on_to_the_same_bits(make):
    params = parameters((3,), ())
    optimizer = Optimizer(params, AdamW(inverse_sqrt(A), *BETAS, E), check_finite=True)
    run(optimizer, params, range(5))
    copied = make(optimizer)
    theirs = copied.param_groups[0]["params"]
    assert theirs[0] is not params[0]
    run(optimizer, params, range(5, 10))
    run(copied, theirs, range(5, 10))
    assert_same_bits(theirs, params)
    assert copied.rule == optimizer.rule and copied.check_finite


@pytest.mark.parametrize("other", [SGD(), Momentum(), AdamW()], ids=lambda rule: rule.name)
def test_the_state_of_another_rule_is_refused_and_nothing_changes(other):
    params = parameters((3,))
    optimizer, foreign = Optimizer(params, ADAM), Optimizer(params, other)
    run(foreign, params, range(2))
    run(optimizer, params, range(2))
    before = everything(optimizer)
    with pytest.raises(ValueError) as error:
        optimizer.load_state_dict(foreign.state_dict())
    assert str(error.value) == f"this state belongs to {other.name}, not to Adam"
    assert everything(optimizer) == before


def test_a_state_of_other_groups_is_refused_and_nothing_changes():
    params = parameters((3,), (2,))
    optimizer = Optimizer(params, ADAM)
    run(optimizer, params, range(2))
    before = everything(optimizer)
    with pytest.raises(ValueError, match="parameter group that doesn't match the size"):
        optimizer.load_state_dict(Optimizer(params[:1], ADAM).state_dict())
    assert everything(optimizer) == before


# Closures and schedulers


def test_a_closure_is_called_once_with_gradients_on_and_its_loss_returned():
    (theta,), calls = parameters((3,)), []
    optimizer = Optimizer([theta], SGD(alpha=0.25))

    def closure():
        calls.append(torch.is_grad_enabled())
        optimizer.zero_grad()
        loss = (theta**2).sum()
        loss.backward()
        return loss

    start = theta.detach().clone()
    with torch.no_grad():
        loss = optimizer.step(closure)
    assert calls == [True]
    assert loss.item() == pytest.approx((start**2).sum().item())
    torch.testing.assert_close(theta.detach(), 0.5 * start)
    assert optimizer.step() is None


S = torch.optim.lr_scheduler
SCHEDULERS = {
    "StepLR": lambda optimizer: S.StepLR(optimizer, step_size=3, gamma=0.5),
    "CosineAnnealingLR": lambda optimizer: S.CosineAnnealingLR(optimizer, T_max=10),
    "LambdaLR": lambda optimizer: S.LambdaLR(optimizer, lambda epoch: 1 / math.sqrt(1 + epoch)),
    "OneCycleLR": lambda optimizer: S.OneCycleLR(
        optimizer, max_lr=0.3, total_steps=20, cycle_momentum=False
    ),
    "ReduceLROnPlateau": lambda optimizer: S.ReduceLROnPlateau(optimizer, patience=2),
}


def run_scheduled(optimizer, params, make):
    scheduler = make(optimizer)
    for step in range(20):
        feed(params, step)
        optimizer.step()
        scheduler.step(*([1.0] if isinstance(scheduler, S.ReduceLROnPlateau) else []))


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_scheduler_moves_the_step_size_as_it_moves_pytorchs(name):
    ours, theirs, still = (parameters((3,), (2,)) for _ in range(3))
    run_scheduled(Optimizer(ours, ADAM), ours, SCHEDULERS[name])
    run_scheduled(theirs_adam(theirs), theirs, SCHEDULERS[name])
    assert_close(ours, theirs)
    run(Optimizer(still, ADAM), still, range(20))
    assert not torch.allclose(ours[0], still[0], rtol=1e-3)


def test_lr_multiplies_a_rules_own_schedule():
    ours, theirs = parameters((3,)), parameters((3,))
    optimizer = Optimizer(ours, Adam(inverse_sqrt(A), *BETAS, E))
    assert optimizer.param_groups[0]["lr"] == 1.0
    run_scheduled(optimizer, ours, SCHEDULERS["StepLR"])
    reference = theirs_adam(theirs)
    for step in range(20):
        reference.param_groups[0]["lr"] = A / math.sqrt(step + 1) * 0.5 ** (step // 3)
        run(reference, theirs, [step])
    assert_close(ours, theirs)


# Parameters of all kinds

VIEWS = {
    "0-dim": lambda: torch.tensor(1.5, dtype=torch.float64),
    "empty": lambda: torch.zeros(2, 0, 3, dtype=torch.float64),
    "transposed": lambda: torch.arange(6.0, dtype=torch.float64).reshape(2, 3).T,
    "every second": lambda: torch.arange(8.0, dtype=torch.float64)[::2],
    "channels last": lambda: torch.ones(2, 3, 4, 5, dtype=torch.float64).to(
        memory_format=torch.channels_last
    ),
}


@every_rule
@pytest.mark.parametrize("view", VIEWS)
def test_the_layout_of_a_parameter_does_not_matter(cls, view):
    odd = torch.nn.Parameter(VIEWS[view]())
    plain = torch.nn.Parameter(VIEWS[view]().clone(memory_format=torch.contiguous_format))
    assert odd.stride() != plain.stride() or view in ("0-dim", "empty")
    stride = odd.stride()
    for p in (odd, plain):
        run(Optimizer([p], with_epsilon(cls)), [p], range(5))
    assert torch.equal(odd, plain) and odd.stride() == stride
    assert torch.isfinite(odd).all()
    assert not odd.numel() or not torch.equal(odd, VIEWS[view]())


PRECISION = {torch.float16: 2e-2, torch.bfloat16: 1e-1, torch.float32: 1e-5, torch.float64: 0.0}


@every_rule
@pytest.mark.parametrize("dtype", PRECISION, ids=str)
def test_state_and_parameters_keep_their_dtype_and_follow_float64(cls, dtype):
    (p,), (exact,) = parameters((50,), dtype=dtype), parameters((50,))
    optimizer = Optimizer([p], with_epsilon(cls))
    run(optimizer, [p], range(10))
    run(Optimizer([exact], with_epsilon(cls)), [exact], range(10))
    assert p.dtype == dtype
    assert all(optimizer.state[p][name].dtype == dtype for name in cls.state_names)
    difference = (p.double() - exact).norm() / exact.norm()
    assert difference <= PRECISION[dtype]


def test_float32_parameters_are_pytorchs_to_rounding():
    ours, theirs = (parameters((100,), dtype=torch.float32) for _ in range(2))
    run(Optimizer(ours, ADAM), ours, range(20))
    run(theirs_adam(theirs), theirs, range(20))
    torch.testing.assert_close(ours[0], theirs[0], rtol=1e-5, atol=1e-6)


def test_a_step_changes_no_gradient_and_records_no_graph():
    params = parameters((3,))
    optimizer = Optimizer(params, ADAM)
    feed(params, 0)
    before, version = params[0].grad.clone(), params[0].grad._version
    optimizer.step()
    assert torch.equal(params[0].grad, before) and params[0].grad._version == version
    assert params[0].is_leaf and params[0].requires_grad
    assert not any(optimizer.state[params[0]][name].requires_grad for name in "mv")


def test_named_parameters_and_a_whole_model_train():
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    x = torch.randn(64, 3)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3
    optimizer = Optimizer(model.named_parameters(), Adam(alpha=0.05))
    for _ in range(300):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    assert loss < 1e-4


# What is refused


def test_a_sparse_gradient_is_refused_and_nothing_changes():
    dense = parameters((3,))[0]
    layer = torch.nn.Embedding(4, 2, sparse=True)
    optimizer = Optimizer([dense, layer.weight], ADAM)
    (layer(torch.tensor([1, 2])).sum() + dense.sum()).backward()
    before = everything(optimizer)
    with pytest.raises(TypeError) as error:
        optimizer.step()
    assert str(error.value) == (
        "Adam takes dense gradients; parameter 1 of group 0 has a torch.sparse_coo one: "
        "build the layer with sparse=False"
    )
    assert everything(optimizer) == before and not optimizer.state


def grown(optimizer, p):
    p.data = torch.ones(12, dtype=p.dtype)


def grown_with_its_gradient(optimizer, p):
    grown(optimizer, p)
    p.grad = torch.ones_like(p)


def turned(optimizer, p):
    p.data = p.data.T.contiguous()


def with_another_state(optimizer, p):
    optimizer.state[p]["v"] = torch.ones(1, dtype=p.dtype)


MISFITS = {
    "grad of parameter weight must have its shape (12,), got (2, 3)": grown,
    "m of parameter weight must have its shape (12,), got (2, 3)": grown_with_its_gradient,
    "grad of parameter weight must have its shape (3, 2), got (2, 3)": turned,
    "v of parameter weight must have its shape (2, 3), got (1,)": with_another_state,
}


@pytest.mark.parametrize("message", MISFITS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_arrays_of_another_shape_than_their_parameter_are_never_read(dtype, message):
    """The compiled pass goes by addresses: it would read and write beyond their ends."""
    params = parameters((4,), (2, 3), dtype=dtype)
    optimizer = Optimizer([("bias", params[0]), ("weight", params[1])], ADAM)
    run(optimizer, params, range(2))
    MISFITS[message](optimizer, params[1])
    before = everything(optimizer)
    with pytest.raises(ValueError) as error:
        optimizer.step()
    assert str(error.value) == message
    assert everything(optimizer) == before


def test_a_stale_gradient_before_the_first_step_is_refused_and_nothing_is_begun():
    (p,) = params = parameters((4,))
    optimizer = Optimizer([p], SGD())
    feed(params, 0)
    grown(optimizer, p)
    with pytest.raises(ValueError, match=r"^grad of parameter 0 of group 0 must have its shape"):
        optimizer.step()
    assert not optimizer.state and bool((p == 1).all())


@pytest.mark.parametrize("dtype", [torch.complex64, torch.int64, torch.bool], ids=str)
def test_parameters_that_are_not_real_floating_point_are_refused(dtype):
    bad = torch.zeros(2, dtype=dtype)
    message = f"^parameters must be real floating-point, got {dtype}$"
    with pytest.raises(TypeError, match=message):
        Optimizer([bad], ADAM)
    optimizer = Optimizer(parameters((3,)), ADAM)
    with pytest.raises(TypeError, match=message):
        optimizer.add_param_group({"params": [torch.zeros(1), bad]})
    assert len(optimizer.param_groups) == 1


GROUPS = {
    "unknown hyper-parameter 'betas'; Adam has lr, beta1, beta2, epsilon": {"betas": (0.9, 0.99)},
    "unknown hyper-parameter 'alpha'; Adam has lr, beta1, beta2, epsilon": {"alpha": 0.1},
    "unknown hyper-parameter 'rule'; Adam has lr, beta1, beta2, epsilon": {"rule": "SGD"},
    "beta1 must lie in [0, 1), got 1.0": {"beta1": 1.0},
    "epsilon must lie in [0, ∞), got nan": {"epsilon": math.nan},
    "lr must lie in [0, ∞), got -0.1": {"lr": -0.1},
    "beta2 must be one number or a schedule, got an array": {"beta2": np.array([0.9, 0.99])},
    "lr must be one number or a schedule, got an array": {"lr": np.array([0.9, 0.99])},
}


def test_a_groups_hyperparameters_may_be_tensors_with_one_element():
    ours, theirs = parameters((3,)), parameters((3,))
    given = {"lr": torch.tensor(0.25), "beta1": torch.tensor([0.5], requires_grad=True)}
    optimizer = Optimizer([{"params": ours, **given}], ADAM)
    run(optimizer, ours, range(5))
    run(Optimizer([{"params": theirs, "lr": 0.25, "beta1": 0.5}], ADAM), theirs, range(5))
    assert torch.equal(ours[0], theirs[0])
    assert (optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["beta1"]) == (0.25, 0.5)


@pytest.mark.parametrize("message", GROUPS)
@pytest.mark.parametrize("alpha", [A, inverse_sqrt(A)], ids=["number", "schedule"])
def test_a_groups_bad_hyperparameter_is_refused_by_name_and_not_added(message, alpha):
    optimizer = Optimizer(parameters((3,)), Adam(alpha))
    with pytest.raises(ValueError) as error:
        optimizer.add_param_group({"params": parameters((2,)), **GROUPS[message]})
    assert str(error.value) == message
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize("lr", ["0.1", None])
def test_an_lr_that_is_no_number_is_refused(lr):
    with pytest.raises(TypeError, match=r"^lr must be a real number"):
        Optimizer([{"params": parameters((3,)), "lr": lr}], ADAM)


@pytest.mark.parametrize("rule", [Adam, "Adam", torch.optim.Adam])
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(TypeError, match=r"^rule must be a rule such as adambook.Adam\(\), got"):
        Optimizer(parameters((3,)), rule)


def test_a_rule_with_an_array_is_refused_by_name():
    with pytest.raises(ValueError, match="^beta1 must be one number or a schedule, got an array$"):
        Optimizer(parameters((3,)), Adam(beta1=np.array([0.1, 0.2])))


@pytest.mark.parametrize("lr", [-1.0, math.nan])
def test_a_step_size_gone_bad_in_a_later_group_stops_the_step_before_anything_changes(lr):
    params = parameters((3,), (2,))
    optimizer = Optimizer([{"params": params[:1]}, {"params": params[1:]}], ADAM)
    run(optimizer, params, range(2))
    optimizer.param_groups[1]["lr"] = lr
    before = everything(optimizer)
    with pytest.raises(ValueError, match=r"^lr must lie in \[0, ∞\), got"):
        run(optimizer, params, range(2, 3))
    assert everything(optimizer) == before


@pytest.mark.parametrize("value", [-1.0, math.nan, np.array([0.1, 0.2])])
def test_a_schedules_bad_value_stops_the_step_before_anything_changes(value):
    params = parameters((3,), (2,))
    optimizer = Optimizer(params, Adam(alpha=lambda t: value if t == 3 else 0.1))
    run(optimizer, params, range(2), lambda step: (0,) if step else ())
    assert [optimizer.state[p]["t"] for p in params] == [1, 2]  # so the second one's next is 3
    before = everything(optimizer)
    with pytest.raises(ValueError, match="^alpha at step 3 must"):
        run(optimizer, params, range(2, 3))
    assert everything(optimizer) == before


@every_rule
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_check_finite_names_the_parameter_and_the_step_and_nothing_changes(cls, bad):
    model = torch.nn.Linear(2, 2, dtype=torch.float64)
    optimizer = Optimizer(model.named_parameters(), with_epsilon(cls), check_finite=True)
    params = list(model.parameters())
    run(optimizer, params, range(2))
    before = everything(optimizer)
    feed(params, 2)
    model.bias.grad[1] = bad
    with pytest.raises(FloatingPointError) as error:
        optimizer.step()
    assert str(error.value) == "the gradient of parameter bias is not finite at step 3"
    assert everything(optimizer) == before


def test_check_finite_names_an_unnamed_parameter_by_its_place_and_its_own_step():
    params = parameters((3,), (2,))
    optimizer = Optimizer([{"params": params[:1]}, {"params": params[1:]}], ADAM, check_finite=True)
    run(optimizer, params, range(3), lambda step: (1,))
    feed(params, 3)
    params[1].grad[0] = math.nan
    with pytest.raises(FloatingPointError) as error:
        optimizer.step()
    assert str(error.value) == "the gradient of parameter 0 of group 1 is not finite at step 1"


def test_nan_flows_through_its_own_coordinate_when_not_checked():
    (p,) = parameters((3,))
    optimizer = Optimizer([p], ADAM)
    p.grad = torch.tensor([1.0, math.nan, 1.0], dtype=torch.float64)
    optimizer.step()
    assert torch.isnan(p).tolist() == [False, True, False]


def test_a_parameter_that_a_group_names_twice_is_refused_and_not_added():
    (p, q) = parameters((2,), (2,))
    with pytest.warns(UserWarning, match="duplicate"), pytest.raises(ValueError, match="once"):
        Optimizer([p, p], ADAM)
    optimizer = Optimizer([p], ADAM)
    with pytest.warns(UserWarning, match="duplicate"), pytest.raises(ValueError, match="once"):
        optimizer.add_param_group({"params": [q, q]})
    assert len(optimizer.param_groups) == 1


def test_a_state_with_the_parameters_names_in_another_order_is_refused():
    named = list(zip("ab", parameters((2,), (2,)), strict=True))
    first, other = Optimizer(named, ADAM), Optimizer(named[::-1], ADAM)
    run(first, [p for _, p in named], range(2))
    before = everything(other)
    with pytest.raises(ValueError, match="parameter 0 of this state is a and of the optimizer b"):
        other.load_state_dict(first.state_dict())
    assert everything(other) == before


@pytest.mark.parametrize("begun", [False, True])
def test_a_parameter_that_has_become_complex_is_refused_and_nothing_changes(begun):
    params = parameters((3,), (2,))
    optimizer = Optimizer(params, ADAM)
    if begun:
        run(optimizer, params, range(2))
    params[1].data = params[1].data.to(torch.complex128)
    feed(params, 3)
    before = everything(optimizer)
    with pytest.raises(TypeError) as error:
        optimizer.step()
    assert str(error.value) == (
        "parameters must stay real floating-point; 1 of group 0 is now torch.complex128"
    )
    assert everything(optimizer) == before


ELSEWHERE = {"alpha": 0.5, "betas": (0.5, 0.9), "maximize": True, "weight_decay": 0.1}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_option_set_in_a_group_that_the_rule_does_not_read_is_refused(name):
    params = parameters((3,))
    optimizer = Optimizer(params, ADAM)
    run(optimizer, params, range(2))
    optimizer.param_groups[0][name] = ELSEWHERE[name]
    before = everything(optimizer)
    with pytest.raises(ValueError) as error:
        optimizer.step()
    assert str(error.value) == (
        f"a group has {name}={ELSEWHERE[name]!r}, which Adam does not read; "
        "it has lr, beta1, beta2, epsilon"
    )
    assert everything(optimizer) == before


def test_what_others_keep_in_a_group_and_options_that_are_off_change_nothing():
    params, plain = parameters((3,)), parameters((3,))
    optimizer = Optimizer(params, AdamW(A, *BETAS, E, 0.1))
    optimizer.param_groups[0] |= {"maximize": False, "amsgrad": None, "max_lr": 1.0, "mine": 3}
    run(optimizer, params, range(3))
    run(Optimizer(plain, AdamW(A, *BETAS, E, 0.1)), plain, range(3))
    assert_same_bits(params, plain)
