"""A run begun with `torch.optim` goes on with ours, and the other way round."""

import io
import math

import numpy as np
import pytest
import torch
from oracles import with_epsilon

from adambook import SGD, AdaBelief, Adam, AdamW, AMSGrad, Momentum, NAdam, RAdam, RMSPropCentred
from adambook.rules import RULES
from adambook.schedules import inverse_sqrt
from adambook.torch import Optimizer, from_torch, to_torch
from adambook.torch_checkpoints import TWINS

every_twin = pytest.mark.parametrize("cls", TWINS, ids=lambda cls: cls.__name__)
either_type = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
SHAPES = (3,), (2, 2), ()
TOLERANCE = 1e-6


def parameters(dtype, shapes=SHAPES):
    generator = torch.Generator().manual_seed(0)
    draws = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)
    return [torch.nn.Parameter(x.to(dtype)) for x in draws]


def run(optimizer, steps):
    """Steps with gradients that depend on the step alone; the last parameter waits for step 3."""
    params = [p for group in optimizer.param_groups for p in group["params"]]
    for step in steps:
        generator = torch.Generator().manual_seed(1000 + step)
        for p in params:
            g = torch.randn(p.shape, generator=generator, dtype=torch.float64).to(p.dtype)
            p.grad = None if p is params[-1] and step < 3 else g
        optimizer.step()
    return params


def groups(params):
    """The first parameter alone, with a step size of its own."""
    return [{"params": params[:1], "lr": 0.02}, {"params": params[1:]}]


def theirs_for(rule, params):
    """PyTorch's optimizer with the hyper-parameters of a rule."""
    theirs = TWINS[type(rule)].optimizer(groups(params))
    theirs.load_state_dict(to_torch(Optimizer(groups(params), rule)))
    return theirs


def copied(params):
    return [torch.nn.Parameter(p.detach().clone()) for p in params]


def through_a_file(state_dict):
    file = io.BytesIO()
    torch.save(state_dict, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def assert_close(params, expected):
    for p, q in zip(params, expected, strict=True):
        assert (p - q).abs().max() <= TOLERANCE * q.abs().max()


# There and back


@every_twin
@either_type
def test_a_run_of_pytorchs_goes_on_with_ours(cls, dtype):
    rule = with_epsilon(cls)
    straight = run(theirs_for(rule, parameters(dtype)), range(40))
    theirs = theirs_for(rule, parameters(dtype))
    params = copied(run(theirs, range(20)))
    ours = Optimizer(groups(params), cls())  # its hyper-parameters come from the checkpoint
    ours.load_state_dict(through_a_file(theirs.state_dict()))
    assert_close(run(ours, range(20, 40)), straight)


@every_twin
@either_type
def test_a_run_of_ours_goes_on_with_pytorchs(cls, dtype):
    rule = with_epsilon(cls)
    straight = run(Optimizer(groups(parameters(dtype)), rule), range(40))
    ours = Optimizer(groups(parameters(dtype)), rule)
    params = copied(run(ours, range(20)))
    theirs = TWINS[cls].optimizer(groups(params))
    theirs.load_state_dict(through_a_file(to_torch(ours)))
    assert_close(run(theirs, range(20, 40)), straight)


@every_twin
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_there_and_back_gives_the_same_checkpoint(cls, steps):
    """After 0 to 2 steps, when the last parameter has had no gradient yet."""
    ours = Optimizer(groups(parameters(torch.float64)), with_epsilon(cls))
    run(ours, range(steps))
    saved, back = ours.state_dict(), from_torch(to_torch(ours), cls())
    assert back["param_groups"] == saved["param_groups"]
    counted = TWINS[cls].optimizer is not torch.optim.SGD
    for i, state in saved["state"].items() if cls is not SGD else ():
        for name in cls.state_names:
            assert torch.equal(back["state"][i][name], state[name])
        assert back["state"][i]["t"] == (state["t"] if counted else 0)


def test_every_rule_that_pytorch_has_is_in_the_table():
    ours = {cls.__name__ for cls in RULES} - {cls.__name__ for cls in TWINS}
    assert ours == {
        "AdamReordered",
        "AdamUncorrected",
        "AdaMaxOutside",
        "AMSGradCorrected",
        "AdaBelief",
        "ADOPT",
        "ADOPTClipped",
        "ScheduleFree",
    }


def test_a_scheduler_goes_on_where_it_was():
    def scheduled(optimizer):
        return torch.optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.5)

    def go(optimizer, scheduler, steps):
        for step in steps:
            run(optimizer, [step])
            scheduler.step()

    rule = with_epsilon(Adam)
    straight = theirs_for(rule, parameters(torch.float64))
    go(straight, scheduled(straight), range(30))
    theirs = theirs_for(rule, parameters(torch.float64))
    scheduler = scheduled(theirs)
    go(theirs, scheduler, range(15))
    params = copied([p for group in theirs.param_groups for p in group["params"]])
    ours = Optimizer(groups(params), rule)
    going_on = scheduled(ours)
    ours.load_state_dict(through_a_file(theirs.state_dict()))
    going_on.load_state_dict(scheduler.state_dict())
    go(ours, going_on, range(15, 30))
    assert_close(params, [p for group in straight.param_groups for p in group["params"]])
    assert ours.param_groups[0]["initial_lr"] == 0.02 and ours.param_groups[0]["lr"] == 0.02 / 16


def test_without_momentum_pytorch_keeps_no_buffer_and_ours_starts_one():
    params = parameters(torch.float64)
    theirs = torch.optim.RMSprop(params, centered=True)
    run(theirs, range(5))
    ours = Optimizer(params, RMSPropCentred())
    ours.load_state_dict(theirs.state_dict())
    assert not ours.state[params[0]]["m"].any() and ours.state[params[0]]["g_bar"].any()


def test_a_buffer_that_pytorch_does_not_keep_and_gives_no_shape_of_is_refused():
    theirs = torch.optim.SGD(parameters(torch.float64), momentum=0.9)
    run(theirs, range(5))
    saved = theirs.state_dict()
    saved["param_groups"][0]["momentum"] = 0.0
    saved["state"][0]["momentum_buffer"] = None  # as older versions write it
    with pytest.raises(ValueError, match="^the state of parameter 0 lacks momentum_buffer$"):
        from_torch(saved, Momentum())


def test_a_fused_and_capturable_checkpoint_with_tensors_for_numbers_loads():
    params = parameters(torch.float32)
    theirs = torch.optim.Adam(params, lr=torch.tensor(0.25), fused=True)
    run(theirs, range(5))
    ours = Optimizer(params, Adam())
    ours.load_state_dict(theirs.state_dict())
    assert (ours.param_groups[0]["lr"], ours.state[params[0]]["t"]) == (0.25, 5)


def test_the_checkpoint_shares_no_memory_with_the_run_it_was_taken_from():
    ours = Optimizer(parameters(torch.float64), Adam())
    run(ours, range(2))
    saved = to_torch(ours)
    before = saved["state"][0]["exp_avg"].clone()
    run(ours, range(2, 4))
    assert torch.equal(saved["state"][0]["exp_avg"], before)


# What is refused

ADAM = torch.optim.Adam
REFUSED = {
    "weight_decay of group 0 must be 0 to be Adam, got 0.1": (ADAM, {"weight_decay": 0.1}, Adam()),
    "maximize of group 0 must be False to be Adam, got True": (ADAM, {"maximize": True}, Adam()),
    "amsgrad of group 0 must be False to be Adam, got True": (ADAM, {"amsgrad": True}, Adam()),
    "amsgrad of group 0 must be True to be AMSGrad, got False": (ADAM, {}, AMSGrad()),
    "decoupled_weight_decay of group 0 must be True to be AdamW, got False": (ADAM, {}, AdamW()),
    "momentum of group 0 must be 0 to be SGD, got 0.9": (
        torch.optim.SGD,
        {"momentum": 0.9},
        SGD(),
    ),
    "nesterov of group 0 must be False to be Momentum, got True": (
        torch.optim.SGD,
        {"momentum": 0.9, "nesterov": True},
        Momentum(),
    ),
    "dampening of group 0 must be 0 to be Momentum, got 0.5": (
        torch.optim.SGD,
        {"momentum": 0.9, "dampening": 0.5},
        Momentum(),
    ),
    "group 0 is not of torch.optim.RAdam: it has momentum_decay": (
        torch.optim.NAdam,
        {},
        RAdam(),
    ),
    "group 0 is not of torch.optim.RAdam: it has amsgrad, fused": (ADAM, {}, RAdam()),
    "threshold must be 5 as in torch.optim.RAdam, got 4.5": (
        torch.optim.RAdam,
        {},
        RAdam(threshold=4.5),
    ),
    "alpha must be one number, got a schedule: a checkpoint of PyTorch's holds one step size a "
    "group": (ADAM, {}, Adam(inverse_sqrt(0.1))),
    f"torch.optim has no AdaBelief; it has {', '.join(cls.__name__ for cls in TWINS)}": (
        ADAM,
        {},
        AdaBelief(),
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_checkpoint_that_is_another_rules_is_refused_and_nothing_changes(message):
    optimizer_class, options, rule = REFUSED[message]
    params = parameters(torch.float64)
    theirs = optimizer_class(params, **options)
    run(theirs, range(3))
    ours = Optimizer(params, rule)
    run(ours, range(3))
    before = repr(ours.state_dict())
    with pytest.raises(ValueError) as error:
        ours.load_state_dict(theirs.state_dict())
    assert str(error.value) == message
    assert repr(ours.state_dict()) == before


def damaged(change):
    """A good checkpoint of PyTorch's Adam, with one thing changed in it."""
    theirs = torch.optim.Adam(parameters(torch.float64))
    run(theirs, range(5))
    saved = theirs.state_dict()
    change(saved)
    return saved


DAMAGES = {
    "the state of parameter 1 lacks exp_avg_sq": lambda s: s["state"][1].pop("exp_avg_sq"),
    "m of parameter 0 must be a tensor of shape (3,), got shape (2, 2)": lambda s: s[
        "state"
    ].update({0: s["state"][1]}),
    "v of parameter 2 must be a tensor of shape (), got 0.5": lambda s: s["state"][2].update(
        exp_avg_sq=0.5
    ),
    "t of parameter 0 must be a number of steps, got -1": lambda s: s["state"][0].update(step=-1),
    "beta1 must lie in [0, 1), got 1.5": lambda s: s["param_groups"][0].update(betas=(1.5, 0.9)),
    "lr must lie in [0, ∞), got nan": lambda s: s["param_groups"][0].update(lr=math.nan),
    f"group 0 is not of torch.optim.Adam as PyTorch {torch.__version__} writes it: it lacks eps": (
        lambda s: s["param_groups"][0].pop("eps")
    ),
    "a checkpoint of torch.optim.Adam has the entries state and param_groups": lambda s: s.clear(),
    "the state of parameter 0 lacks step": lambda s: s["state"][0].pop("step"),
    "t of parameter 0 must be a number of steps, got 2.5": lambda s: s["state"][0].update(
        step=torch.tensor(2.5)
    ),
    "t of parameter 0 must be a number of steps, got inf": lambda s: s["state"][0].update(
        step=torch.tensor(math.inf)
    ),
}


@pytest.mark.parametrize("message", DAMAGES)
def test_a_damaged_checkpoint_is_refused_in_one_sentence_and_nothing_changes(message):
    ours = Optimizer(parameters(torch.float64), Adam())
    run(ours, range(2))
    before = repr(ours.state_dict())
    with pytest.raises(ValueError) as error:
        ours.load_state_dict(damaged(DAMAGES[message]))
    assert str(error.value) == message
    assert repr(ours.state_dict()) == before


OUR_DAMAGES = {
    "m of parameter 1 must be a tensor of shape (2, 2), got shape (3,)": lambda s: s[
        "state"
    ].update({1: s["state"][0]}),
    "v of parameter 0 must be a tensor of shape (3,), got None": lambda s: s["state"][0].pop("v"),
    "t of parameter 0 must be a number of steps, got 2.5": lambda s: s["state"][0].update(t=2.5),
    "group 0 of this state lacks beta2": lambda s: s["param_groups"][0].pop("beta2"),
    "epsilon must lie in [0, ∞), got -1.0": lambda s: s["param_groups"][0].update(epsilon=-1.0),
    "m of parameter 1 must be dense and hold real numbers, got torch.float64 in torch.sparse_coo": (
        lambda s: s["state"][1].update(m=s["state"][1]["m"].to_sparse())
    ),
    "m of parameter 1 must be dense and hold real numbers, got torch.complex128 in torch.strided": (
        lambda s: s["state"][1].update(m=1j * s["state"][1]["m"])
    ),
}


@pytest.mark.parametrize("message", OUR_DAMAGES)
def test_a_damaged_checkpoint_of_our_own_never_reaches_the_compiled_pass(message):
    """A state of another shape would be read past its end."""
    ours = Optimizer(parameters(torch.float64), Adam())
    run(ours, range(5))
    saved = Optimizer(parameters(torch.float64), Adam())
    run(saved, range(5))
    saved = saved.state_dict()
    OUR_DAMAGES[message](saved)
    before = repr(ours.state_dict())
    with pytest.raises(ValueError) as error:
        ours.load_state_dict(saved)
    assert str(error.value) == message
    assert repr(ours.state_dict()) == before


NEGATIVE = [(cls, name) for cls in RULES for name in ("v", "v_max", "s", "u", "w")
            if name in cls.state_names]  # fmt: skip


@pytest.mark.parametrize("cls, name", NEGATIVE)
@pytest.mark.parametrize("value", [-1.0, -math.inf])
def test_a_negative_second_moment_is_refused_by_name_and_changes_nothing(cls, name, value):
    ours, saved = (Optimizer(parameters(torch.float64), cls()) for _ in range(2))
    run(ours, range(5))
    run(saved, range(5))
    saved = saved.state_dict()
    saved["state"][1][name][0, 1] = value
    before = repr(ours.state_dict())
    with pytest.raises(ValueError) as error:
        ours.load_state_dict(saved)
    message = f"{name} of parameter 1 must be at least 0 everywhere, got {value}"
    assert str(error.value) == message and repr(ours.state_dict()) == before


@pytest.mark.parametrize("name", ["exp_avg_sq", "max_exp_avg_sq"])
def test_a_negative_second_moment_of_pytorchs_is_refused(name):
    theirs = torch.optim.Adam(parameters(torch.float64), amsgrad=True)
    run(theirs, range(5))
    saved = theirs.state_dict()
    saved["state"][0][name][2] = -1.0
    ours = Optimizer(parameters(torch.float64), AMSGrad())
    with pytest.raises(ValueError, match="of parameter 0 must be at least 0 everywhere, got -1.0"):
        ours.load_state_dict(saved)
    assert not ours.state


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_run_that_diverged_is_loaded_as_it_is(value):
    theirs = torch.optim.Adam(parameters(torch.float64))
    run(theirs, range(5))
    saved = theirs.state_dict()
    for name in ("exp_avg", "exp_avg_sq"):
        saved["state"][0][name][2] = value
    params = parameters(torch.float64)
    ours = Optimizer(params, Adam())
    ours.load_state_dict(saved)
    for name in ("m", "v"):
        np.testing.assert_equal(ours.state[params[0]][name][2].item(), value)


@pytest.mark.parametrize("what", [None, [], "checkpoint.pt", np.zeros(3)], ids=repr)
def test_what_is_no_checkpoint_is_refused(what):
    ours = Optimizer(parameters(torch.float64), NAdam())
    with pytest.raises(ValueError, match=r"^a checkpoint of torch.optim.NAdam has the entries"):
        ours.load_state_dict(what)


FORMS = {
    "state must be a dictionary with a dictionary for each parameter": [
        lambda s: s.update(state=None),
        lambda s: s.update(state=[{}]),
        lambda s: s["state"].update({0: "nonsense"}),
    ],
    "param_groups must be a list of dictionaries, each with a list of params": [
        lambda s: s.update(param_groups=None),
        lambda s: s.update(param_groups=["rule"]),
        lambda s: s["param_groups"][0].pop("params"),
    ],
    "params must name each parameter once, got [0, 0, 2]": [
        lambda s: s["param_groups"][0].update(params=[0, 0, 2])
    ],
    "no group has the parameter 0, and there is a state of it": [
        lambda s: s["param_groups"][0].update(params=[7, 1, 2])
    ],
}


@pytest.mark.parametrize(
    "make", [ADAM, lambda params: Optimizer(params, Adam())], ids=["PyTorch's", "ours"]
)
@pytest.mark.parametrize("message", FORMS)
def test_a_checkpoint_of_another_form_or_with_states_of_nobody_is_refused(message, make):
    for change in FORMS[message]:
        saved = make(parameters(torch.float64))
        run(saved, range(2))
        saved = saved.state_dict()
        change(saved)
        ours = Optimizer(parameters(torch.float64), Adam())
        run(ours, range(2))
        before = repr(ours.state_dict())
        with pytest.raises(ValueError) as error:
            ours.load_state_dict(saved)
        assert str(error.value) == message
        assert repr(ours.state_dict()) == before


def test_a_threshold_of_a_group_that_pytorchs_lacks_is_refused_not_dropped():
    first, *rest = parameters(torch.float64)
    ours = Optimizer([{"params": [first]}, {"params": rest, "threshold": 8.0}], RAdam())
    with pytest.raises(ValueError) as error:
        to_torch(ours)
    assert str(error.value) == "threshold of group 1 must be 5 as in torch.optim.RAdam, got 8.0"


# Hooks and sharded states


def test_a_hook_may_unwrap_a_checkpoint_before_it_is_read():
    run(saved := Optimizer(parameters(torch.float64), Adam()), range(4))
    ours = Optimizer(parameters(torch.float64), Adam())
    ours.register_load_state_dict_pre_hook(lambda optimizer, given: given["wrapped"])
    ours.load_state_dict({"wrapped": saved.state_dict()})
    assert repr(ours.state_dict()) == repr(saved.state_dict())


def test_what_a_hook_makes_of_a_checkpoint_is_checked_and_nothing_changes():
    def spoil(optimizer, given):
        return {**given, "state": {**given["state"], 0: {**given["state"][0], "m": torch.ones(9)}}}

    run(ours := Optimizer(parameters(torch.float64), Adam()), range(4))
    before = repr(ours.state_dict())
    ours.register_load_state_dict_pre_hook(spoil)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^m of parameter 0 must be a tensor of shape \(3,\)"):
            ours.load_state_dict(ours.state_dict())
        assert repr(ours.state_dict()) == before


@pytest.fixture
def mesh():
    """One process that calls itself a group."""
    torch.distributed.init_process_group(
        "gloo", store=torch.distributed.HashStore(), rank=0, world_size=1
    )
    yield torch.distributed.device_mesh.init_device_mesh("cpu", (1,))
    torch.distributed.destroy_process_group()


def test_the_state_of_sharded_parameters_is_loaded(mesh):
    from torch.distributed.tensor import Shard, distribute_tensor

    def sharded():
        whole = parameters(torch.float64, ((4, 3),))[0]
        return [torch.nn.Parameter(distribute_tensor(whole.detach(), mesh, [Shard(0)]))]

    def stepped(optimizer):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = p.detach() * 0.5
        optimizer.step()

    saved, ours = (Optimizer(sharded(), Adam()) for _ in range(2))
    stepped(saved)
    ours.load_state_dict(saved.state_dict())
    (theirs,), (state,) = saved.state.values(), ours.state.values()
    assert state["t"] == 1 and torch.equal(state["v"].full_tensor(), theirs["v"].full_tensor())
