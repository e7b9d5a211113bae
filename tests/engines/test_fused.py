"""The compiled pass: the same numbers in every element type, on every number of threads."""

import copy
import dataclasses
import pickle

import numba
import numpy as np
import pytest
import torch
from oracles import our_path, relative_difference, with_epsilon

from adambook import SGD, Adam, AMSGrad, Momentum, NAdam, one_pass
from adambook.fused import Fused, FusedBFloat16, FusedStack, from_bfloat16
from adambook.rules import RULES

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
either_type = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(rule, gradients, theta0):
    """The parameters and the state after all gradients, as bytes to the bit."""
    theta = theta0.copy()
    engine = Fused(rule, theta)
    for g in gradients:
        engine.step(g)
    return theta, engine


@every_rule
def test_float32_agrees_with_numpys_float32(cls, gradients, theta0):
    rule, gradients = with_epsilon(cls), gradients[:50].astype(np.float32)
    theta0 = theta0.astype(np.float32)
    theta, engine = run(rule, gradients, theta0)
    assert theta.dtype == np.float32
    assert all(s.dtype == np.float32 for s in engine.state.values())
    assert relative_difference(our_path(rule, gradients, theta0)[-1], theta) <= 1e-6


@every_rule
def test_the_state_is_numpys_by_name(cls, gradients, theta0):
    rule = with_epsilon(cls)
    state, theta = rule.init(theta0), theta0
    for g in gradients[:20]:
        delta, state = rule.update(g, state, theta)
        theta = theta + delta
    engine = run(rule, gradients[:20], theta0)[1]
    assert engine.t == state.t == 20
    assert tuple(engine.state) == cls.state_names
    for name, array in engine.state.items():
        np.testing.assert_allclose(array, getattr(state, name), rtol=1e-12)


@pytest.fixture(scope="module")
def many():
    """200,003 coordinates: no multiple of a vector's width or of a number of threads."""
    rng = np.random.default_rng(3)
    return rng.standard_normal((4, 200_003)).astype(np.float32)


@pytest.mark.parametrize("rule", [Adam(), AMSGrad(epsilon=0.1)], ids=lambda rule: rule.name)
def test_serial_and_parallel_loops_give_the_same_bits(rule, many, monkeypatch):
    paths, teams, lent = [], [], one_pass.team_of_pytorch()

    def watched(*arguments):
        teams.append(arguments[2])
        lent(*arguments)

    for below, team in ((10**9, None), (0, None), (0, lent and watched)):
        monkeypatch.setattr(one_pass, "SERIAL_BELOW", below)
        monkeypatch.setattr(one_pass, "team_of_pytorch", lambda team=team: team)
        theta, engine = run(rule, many[1:], many[0])
        paths.append(pickle.dumps((theta, engine.state)))
    assert paths[0] == paths[1] == paths[2]
    kernels = one_pass.compiled(type(rule))
    assert kernels.serial.signatures and kernels.parallel.signatures
    assert len(teams) == (3 if lent else 0)


def test_the_number_of_threads_does_not_change_a_bit(many):
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("this machine has one thread")
    assert many.shape[1] >= one_pass.SERIAL_BELOW
    before, paths = numba.get_num_threads(), []
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            theta, engine = run(Adam(), many[1:], many[0])
            paths.append(pickle.dumps((theta, engine.state)))
    finally:
        numba.set_num_threads(before)
    assert paths[0] == paths[1]


def test_every_coordinate_of_a_long_array_is_stepped_once(many):
    theta, _ = run(SGD(alpha=1.0), [many[1]], many[0])
    np.testing.assert_array_equal(theta, many[0] - many[1])


def test_a_schedule_changes_alpha_without_compiling_again(gradients, theta0):
    engine = Fused(Adam(alpha=lambda t: 0.1 / t), theta0)
    engine.step(gradients[0])
    kernel = one_pass.compiled(Adam).serial
    signatures = list(kernel.signatures)
    for g in gradients[1:30]:
        engine.step(g)
    assert kernel.signatures == signatures


def test_each_element_type_is_compiled_once_whatever_the_hyperparameters(gradients, theta0):
    for dtype in (np.float32, np.float64):
        for alpha in (0, 1, 0.1, np.float32(0.1), np.int64(2)):
            run(NAdam(alpha=alpha), gradients[:2].astype(dtype), theta0.astype(dtype))
    assert len(one_pass.compiled(NAdam).serial.signatures) == 2


def test_rules_of_one_kind_and_unlike_hyperparameters_do_not_mix(gradients, theta0):
    one, two = theta0.copy(), theta0.copy()
    engines = Fused(SGD(alpha=0.1), one), Fused(SGD(alpha=0.2), two)
    for engine in engines:
        engine.step(gradients[0])
    np.testing.assert_array_equal(one, theta0 - 0.1 * gradients[0])
    np.testing.assert_array_equal(two, theta0 - 0.2 * gradients[0])


@either_type
@pytest.mark.parametrize("size", [0, 1])
def test_empty_and_single_parameters(size, dtype):
    theta = np.ones(size, dtype)
    Fused(Adam(alpha=0.5, epsilon=0.0), theta).step(np.full(size, 2.0, dtype))
    np.testing.assert_allclose(theta, 0.5, rtol=1e-6)


def test_the_gradient_is_not_changed_and_may_be_read_only(gradients, theta0):
    g = gradients[0].copy()
    g.setflags(write=False)
    theta, _ = run(Adam(), [g], theta0)
    np.testing.assert_array_equal(theta, run(Adam(), [g.copy()], theta0)[0])
    np.testing.assert_array_equal(g, gradients[0])


def test_the_gradient_may_be_the_parameters_themselves(theta0):
    theta = theta0.copy()
    Fused(SGD(alpha=0.25), theta).step(theta)
    np.testing.assert_array_equal(theta, 0.75 * theta0)


def test_a_view_of_a_model_is_stepped_in_place():
    model = np.ones((3, 4))
    Fused(SGD(alpha=1.0), model.reshape(-1)).step(np.arange(12.0))
    np.testing.assert_array_equal(model, 1 - np.arange(12.0).reshape(3, 4))


def test_an_engine_survives_a_pickle_and_goes_on_to_the_same_bits(gradients, theta0):
    expected = run(Adam(), gradients[:10], theta0)[0]
    engine = pickle.loads(pickle.dumps(run(Adam(), gradients[:5], theta0)[1]))
    for g in gradients[5:10]:
        engine.step(g)
    np.testing.assert_array_equal(engine.theta, expected)


READ_ONLY = np.ones(4)
READ_ONLY.setflags(write=False)
THETA = {
    "a list": ([1.0], TypeError, "theta must be a NumPy array of float32 or float64, got list"),
    "integers": (
        np.array([1, 2]),
        TypeError,
        "theta must be a NumPy array of float32 or float64, got int64",
    ),
    "float16": (
        np.ones(2, np.float16),
        TypeError,
        "theta must be a NumPy array of float32 or float64, got float16",
    ),
    "complex": (
        np.ones(2, complex),
        TypeError,
        "theta must be a NumPy array of float32 or float64, got complex128",
    ),
    "big-endian": (
        np.ones(2, ">f8"),
        TypeError,
        "theta must be a NumPy array of float32 or float64, got >f8",
    ),
    "a matrix": (
        np.ones((2, 2)),
        ValueError,
        "theta must be flat and contiguous, got shape (2, 2)",
    ),
    "0-dim": (np.ones(()), ValueError, "theta must be flat and contiguous, got shape ()"),
    "every second": (
        np.ones(8)[::2],
        ValueError,
        "theta must be flat and contiguous, got shape (4,) with strides (16,)",
    ),
    "reversed": (
        np.ones(4)[::-1],
        ValueError,
        "theta must be flat and contiguous, got shape (4,) with strides (-8,)",
    ),
    "read-only": (READ_ONLY, ValueError, "theta must be writeable: it is changed in place"),
}


@pytest.mark.parametrize("what", THETA)
def test_parameters_that_cannot_be_stepped_in_place_are_refused(what):
    theta, error, message = THETA[what]
    with pytest.raises(error) as raised:
        Fused(Adam(), theta)
    assert str(raised.value) == message


def test_what_is_no_rule_is_refused():
    with pytest.raises(TypeError, match=r"^rule must be a rule such as adambook.Adam\(\), got"):
        Fused(Adam, np.ones(2))


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Adam)])
def test_an_array_of_hyperparameters_is_refused_by_name(name):
    with pytest.raises(ValueError) as error:
        Fused(Adam(**{name: np.array([0.1, 0.2])}), np.ones(2))
    assert str(error.value) == f"{name} must be one number or a schedule, got an array"


GRADIENTS = {
    "another shape": (np.ones(3), ValueError, "g must have theta's shape (2,), got (3,)"),
    "another type": (
        np.ones(2, np.float32),
        TypeError,
        "g must have theta's dtype float64, got float32",
    ),
    "integers": (
        np.array([1, 2]),
        TypeError,
        "g must be a NumPy array of float32 or float64, got int64",
    ),
    "not contiguous": (
        np.ones(4)[::2],
        ValueError,
        "g must be flat and contiguous, got shape (2,) with strides (16,)",
    ),
    "none": (None, TypeError, "g must be a NumPy array of float32 or float64, got NoneType"),
    "not finite": (
        np.array([1.0, np.inf]),
        FloatingPointError,
        "the gradient of theta is not finite at step 2",
    ),
}


def everything(engine):
    return pickle.dumps((engine.t, engine.theta, engine.state))


@pytest.mark.parametrize("what", GRADIENTS)
def test_a_bad_gradient_is_refused_in_one_sentence_and_nothing_changes(what):
    g, error, message = GRADIENTS[what]
    engine = Fused(Adam(), np.ones(2), check_finite=True)
    engine.step(np.ones(2))
    before = everything(engine)
    with pytest.raises(error) as raised:
        engine.step(g)
    assert str(raised.value) == message
    assert everything(engine) == before


@pytest.mark.parametrize("value", [-1.0, np.nan, "a", np.array([0.1, 0.2])])
def test_a_schedules_bad_value_is_refused_and_nothing_changes(value):
    engine = Fused(Adam(alpha=lambda t: 0.1 if t == 1 else value), np.ones(2))
    engine.step(np.ones(2))
    before = everything(engine)
    with pytest.raises((ValueError, TypeError), match="^alpha at step 2 must"):
        engine.step(np.ones(2))
    assert everything(engine) == before


def test_nan_flows_through_its_own_coordinate_when_not_checked(theta0):
    g = np.ones(7)
    g[3] = np.nan
    theta, _ = run(Adam(), [g, np.ones(7)], theta0)
    assert np.isnan(theta).tolist() == [False] * 3 + [True] + [False] * 3


def test_float32_arithmetic_stays_in_float32():
    """One float64 scalar would drag the whole pass along."""
    engine = Fused(Adam(), np.ones(3, np.float32))
    engine.step(np.ones(3, np.float32))
    signatures = one_pass.compiled(Adam).serial.signatures
    assert any(str(s[3].dtype) == "float32" for s in signatures)


# Stacks

GRID = [Adam(alpha=lambda t: 0.1 / t), Adam(alpha=0.2, beta1=0.5), Adam(alpha=0.3, epsilon=1.0)]


@pytest.mark.parametrize(
    "rules",
    [GRID, [NAdam(0.1 * k, beta1=0.8 + 0.05 * k) for k in (1, 2, 3)], [SGD(0.5)] * 3],
    ids=["schedules", "products", "alike"],
)
def test_a_stack_gives_each_row_the_bits_of_its_own_engine(rules, gradients):
    stack, rows = np.ones((3, 7)), np.ones((3, 7))
    together = FusedStack(rules, stack)
    alone = [Fused(rule, row) for rule, row in zip(rules, rows, strict=True)]
    for g in gradients[:150]:
        g = np.stack([g, 2 * g, -g])
        together.step(g)
        for engine, own in zip(alone, g, strict=True):
            engine.step(own)
    np.testing.assert_allclose(stack, rows, rtol=1e-13)
    assert together.t == 150


def test_a_stack_is_one_call_into_compiled_code(monkeypatch):
    calls = []
    monkeypatch.setattr(one_pass.compiled(Adam), "serial", lambda *arguments: calls.append(1))
    FusedStack(GRID, np.ones((3, 7))).step(np.ones((3, 7)))
    assert calls == [1]


STACKS = {
    "a stack takes one rule a row, got 2 for 3 rows": [Adam(), Adam()],
    "the rules of a stack must be of one class, got Adam, SGD": [Adam(), SGD(), Adam()],
    "beta1 must be one number or a schedule, got an array": [Adam(beta1=np.ones(2) / 2)] * 3,
    "rule must be a rule such as adambook.Adam(), got 1": [Adam(), 1, Adam()],
}


@pytest.mark.parametrize("message", STACKS)
def test_rules_that_are_no_stack_are_refused_in_one_sentence(message):
    with pytest.raises((TypeError, ValueError)) as error:
        FusedStack(STACKS[message], np.ones((3, 2)))
    assert str(error.value) == message


def test_a_stack_of_another_shape_is_refused():
    with pytest.raises(ValueError) as error:
        FusedStack(GRID, np.ones(6))
    assert str(error.value) == "theta must be of shape (rows, n) and contiguous, got shape (6,)"


# State that is exchanged


def test_state_put_in_place_of_the_old_is_used(gradients, theta0):
    expected, engine = run(Adam(), gradients[:10], theta0)
    theta, going_on = run(Adam(), gradients[:5], theta0)
    going_on.state = {name: array.copy() for name, array in going_on.state.items()}
    for g in gradients[5:10]:
        going_on.step(g)
    np.testing.assert_array_equal(theta, expected)


@pytest.mark.parametrize(
    "m, message",
    [
        (np.zeros(3), "m must have theta's shape (2,), got (3,)"),
        (np.zeros(2, np.float32), "m must have theta's dtype float64, got float32"),
        (np.zeros(4)[::2], "m must be flat and contiguous, got shape (2,) with strides (16,)"),
    ],
)
def test_state_that_does_not_fit_is_refused_and_nothing_changes(m, message):
    engine = Fused(Adam(), np.ones(2))
    engine.step(np.ones(2))
    engine.state["m"] = m
    before = everything(engine)
    with pytest.raises((TypeError, ValueError)) as error:
        engine.step(np.ones(2))
    assert str(error.value) == message
    assert everything(engine) == before


def test_a_state_in_another_order_is_used_by_name(gradients, theta0):
    expected, engine = run(Adam(), gradients[:2], theta0)
    theta, going_on = run(Adam(), gradients[:1], theta0)
    going_on.state = dict(reversed(going_on.state.items()))
    going_on.step(gradients[1])
    np.testing.assert_array_equal(theta, expected)


def test_a_state_that_lacks_an_array_is_refused_by_its_name():
    engine = Fused(Adam(), np.ones(2))
    engine.state = {"m": np.zeros(2)}
    with pytest.raises(TypeError, match="^v must be a NumPy array .* got NoneType$"):
        engine.step(np.ones(2))


REPLACED = THETA | {
    "longer than the state": (
        np.ones(3),
        ValueError,
        "m must have theta's shape (3,), got (2,)",
    ),
    "another type": (np.ones(2, np.float32), TypeError, "theta must stay float64, got float32"),
}


@pytest.mark.parametrize("what", REPLACED)
def test_parameters_put_in_place_of_the_old_are_checked_as_the_first_were(what):
    theta, error, message = REPLACED[what]
    engine = Fused(Adam(), np.ones(2))
    engine.step(np.ones(2))
    engine.theta = theta
    before = everything(engine)
    with pytest.raises(error) as raised:
        engine.step(np.ones(np.shape(theta)))
    assert str(raised.value) == message
    assert everything(engine) == before


def test_rows_put_in_place_of_the_old_are_counted():
    stack = FusedStack([SGD(), SGD()], np.ones((2, 3)))
    stack.theta = np.ones((3, 3))
    with pytest.raises(ValueError, match="^a stack takes one rule a row, got 2 for 3 rows$"):
        stack.step(np.ones((3, 3)))


@pytest.mark.parametrize("threads", [0, -1])
@pytest.mark.parametrize("size", [2, one_pass.SERIAL_BELOW])
def test_a_step_on_no_thread_is_refused_and_nothing_changes(size, threads):
    """PyTorch's threads, asked for -1 of them, would end the process."""
    theta = np.ones(size)
    engine = Fused(SGD(), theta)
    with pytest.raises(ValueError, match=f"^threads must be at least 1, got {threads}$"):
        engine.step(np.ones(size), threads=threads)
    assert engine.t == 0 and (theta == 1).all()


def test_a_copy_has_memory_of_its_own():
    engine = Fused(Adam(), np.ones(3))
    engine.step(np.ones(3))
    other = copy.deepcopy(engine)
    before = other.theta.copy(), other.state["m"].copy()
    engine.step(np.ones(3))
    np.testing.assert_array_equal((other.theta, other.state["m"]), before)
    other.step(np.ones(3))
    np.testing.assert_array_equal(other.theta, engine.theta)


# State in bfloat16


def rounded(x):
    """The nearest bfloat16, a tie to the even one, by PyTorch."""
    return torch.tensor(x).to(torch.bfloat16).float().numpy()


@every_rule
def test_bfloat16_state_is_float32_state_rounded_after_each_step(cls, gradients, theta0):
    rule, theta = with_epsilon(cls), theta0.astype(np.float32)
    expected, engine = theta.copy(), FusedBFloat16(rule, theta)
    twin = Fused(rule, expected)
    for g in gradients[:100].astype(np.float32):
        engine.step(g)
        twin.step(g)
        for name, array in twin.state.items():
            array[...] = rounded(array)
            np.testing.assert_array_equal(from_bfloat16(engine.state[name]), array)
        np.testing.assert_array_equal(theta, expected)


def test_rounding_to_bfloat16_is_pytorchs_for_every_kind_of_number():
    """SGD's momentum with mu = 0 stores the gradient: every exponent, both ties, NaN, inf."""
    bits = np.random.default_rng(0).integers(0, 2**32, 200_000, dtype=np.uint32)
    edges = np.array([0x00008000, 0x00018000, 0x7F7FFFFF, 0x7F800000, 0x80000000, 0xFF800000])
    g = np.concatenate([bits, edges.astype(np.uint32)]).view(np.float32)
    engine = FusedBFloat16(Momentum(mu=0.0), np.zeros_like(g))
    engine.step(g)
    ours = from_bfloat16(engine.state["m"])
    np.testing.assert_array_equal(ours, rounded(g))


def test_bfloat16_state_takes_half_the_memory_and_float32_parameters():
    engine = FusedBFloat16(Adam(), np.ones(8, np.float32))
    assert sum(array.nbytes for array in engine.state.values()) == 2 * 2 * 8
    with pytest.raises(TypeError) as error:
        FusedBFloat16(Adam(), np.ones(8))
    assert str(error.value) == "theta must be float32 beside a bfloat16 state, got float64"


def test_a_bfloat16_average_near_its_mean_stands_still():
    """The step of v is weight2·(g² - v); below half a unit in the last place it is lost."""
    engine = FusedBFloat16(Adam(), np.ones(1, np.float32))
    engine.state["v"][:] = 0x3F80  # 1.0, whose next number above is 1 + 2^-7
    engine.step(np.array([np.sqrt(4.8)], np.float32))  # 1 + 0.0038: rounds back to 1
    assert from_bfloat16(engine.state["v"])[0] == 1.0
    engine.step(np.array([np.sqrt(5.2)], np.float32))  # 1 + 0.0042: rounds up
    assert from_bfloat16(engine.state["v"])[0] == 1.0 + 2**-7


def test_masked_arrays_are_refused_by_name_and_nothing_changes():
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    with pytest.raises(TypeError, match="^theta must have no masked entries"):
        Fused(Adam(), masked)
    fused = Fused(Adam(), np.ones(2))
    with pytest.raises(TypeError, match="^g must have no masked entries"):
        fused.step(masked)
    assert fused.t == 0 and (fused.theta == 1).all()


def test_arrays_in_a_file_are_stepped_there(tmp_path):
    theta, g = (np.memmap(tmp_path / name, np.float64, "w+", shape=4) for name in ("theta", "g"))
    g[:] = 1.0
    Fused(SGD(alpha=0.5), theta).step(g)
    assert (np.fromfile(tmp_path / "theta") == -0.5).all()
