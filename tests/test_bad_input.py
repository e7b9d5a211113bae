"""Every public function refuses what is no argument of its, and says which argument it was.

The valid call is the first one in the function's own docstring that raises nothing; then each of
its arguments, one at a time, is replaced by something absurd, or by a number out of all ranges or
an array of another shape. Those two may be right for a function: then it must take them.
"""

import contextlib
import inspect
import io
import sys
import typing
from doctest import DocTestParser

import numpy as np
import pytest
from book.test_reference import modules, public

import adambook

READERS_CALL = {
    "adambook.averaging", "adambook.datasets", "adambook.differences", "adambook.experiments",
    "adambook.experiments.compare", "adambook.experiments.inference",
    "adambook.experiments.results", "adambook.experiments.runner", "adambook.follow",
    "adambook.fused", "adambook.ledger", "adambook.minibatches", "adambook.minimize",
    "adambook.models", "adambook.practice", "adambook.problems", "adambook.rules",
    "adambook.schedules", "adambook.sfo", "adambook.symbolic", "adambook.theory",
    "adambook.torch", "adambook",
}  # fmt: skip
TAKES_ANYTHING = {
    "adambook.rules.Rule": "the base of the rules, with no hyper-parameters of its own",
    "adambook.theory.cycle_margin": "symbols, numbers and arrays, for the algebra of a chapter",
    "adambook.theory.cycle_point": "symbols, numbers and arrays, for the algebra of a chapter",
    "adambook.torch.Scaled": "made by the optimizer from what it has checked",
    "adambook.problems.squared_error": "PyTorch's own words for what is no tensor",
    "adambook.experiments.compare.curve": "a setting is whatever names the four columns",
    "adambook.experiments.compare.log_ratios": "a setting is whatever names the four columns",
    "adambook.sfo.Subspace": "whatever NumPy reads as a dtype, in NumPy's words",
}
CALLED = {
    ("adambook.experiments.experiment", "name"): "experiment",
    ("adambook.ledger.evaluate", "id"): "claim",
    ("adambook.practice.small_network", "name"): "network",
    ("adambook.torch.from_torch", "state_dict"): "checkpoint",
}
"""What a text says in place of the argument's name."""
ABSURD = {
    "object": object(),
    "text": "nonsense",
    "NaN": np.nan,
    "complex": 1j,
    "nested": [[1], [1, 2]],
    "none": None,
}


REAL = {
    "adambook.follow.follow": {"start"},
    "adambook.practice.small_network": {"seed"},
    "adambook.sfo.bfgs": {"beta"},
    "adambook.theory.normalised_step_rms": {"mu"},
    "adambook.theory.skew_shift": {"third_moment"},
}
"""Numbers that may be negative."""
REFUSED_LATER = {"adambook.minibatches.minibatches", "adambook.problems.noisy_gradients"}
"""Generators: they look at their arguments when the first value is asked for, see their tests."""
NOT_OURS = {
    ("adambook.theory.preconditioned_sharpness", "scale"): "the caller's function multiplies",
}


class Called(BaseException):
    """Carries the arguments of the first call out of an example."""


def recorder(function):
    signature = inspect.signature(function)

    def record(*args, **options):
        raise Called(signature.bind(*args, **options))

    return record


def valid_arguments(function):
    """The arguments of the first call in its docstring's example that is no example of an error."""
    space = {**vars(sys.modules[function.__module__])}
    for example in DocTestParser().get_examples(inspect.getdoc(function) or ""):
        if example.exc_msg is None:
            space[function.__name__] = recorder(function)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(example.source, "<example>", "single"), space)
            except Called as call:
                return call.args[0]
    return None


def callables():
    seen = {}
    for module in modules(adambook):
        if module.__name__ in READERS_CALL or module.__name__.startswith("adambook.rules."):
            for name, value in public(module).items():
                plain = inspect.isfunction(value) or (
                    inspect.isclass(value)
                    and not issubclass(value, BaseException)
                    and not hasattr(value, "_fields")
                    and not getattr(value, "_is_protocol", False)
                )
                if plain and f"{module.__name__}.{name}" not in TAKES_ANYTHING:
                    seen.setdefault(id(value), (f"{module.__name__}.{name}", value))
    return dict(seen.values())


FUNCTIONS = callables()


def hints(function):
    try:
        return typing.get_type_hints(function.__init__ if inspect.isclass(function) else function)
    except NameError:
        return {}


def absurd_for(hint):
    """What is absurd for an argument of that hint: a text is none where a text is asked for."""
    options = (*typing.get_args(hint), hint)
    wrong = dict(ABSURD)
    if str in options or hint in (typing.Any, object):
        del wrong["text"]
    if type(None) in options or hint in (typing.Any, object):
        del wrong["none"]
    if not any(hint is one for one in (int, float, bool)):
        del wrong["NaN"], wrong["complex"], wrong["nested"]
    return wrong


def with_argument(call, name, value):
    changed = inspect.BoundArguments(call.signature, type(call.arguments)(call.arguments))
    changed.arguments[name] = value
    order = [each for each in call.signature.parameters if each in changed.arguments]
    changed.arguments = {each: changed.arguments[each] for each in order}
    return changed


ACCEPTED = "is accepted"


def fault(function, call, words):
    """What is wrong with the answer to a call: no refusal, or none with one of the words in it."""
    try:
        function(*call.args, **call.kwargs)
    except (TypeError, ValueError) as error:
        return "" if any(word in str(error) for word in words) else f": {error!r}"
    except Exception as error:
        return f": {error!r}"
    return ACCEPTED


def misshapen(value):
    """Arrays of other shapes than a valid one, or nothing if it is no array."""
    listed = isinstance(value, list | tuple) and value
    numbers = listed and all(isinstance(x, int | float) for x in value)
    if not (numbers or isinstance(value, np.ndarray)):
        return {}
    kind = np.asarray(value).dtype
    shapes = {"deep": (1, 2, 3, 2, 2), "empty": (0,), "long": (97,), "a number": ()}
    return {name: np.ones(shape, kind) for name, shape in shapes.items()}


def beyond(value):
    """Numbers below all ranges, or nothing if a valid value is no number."""
    one = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return {"-3": type(value)(-3), "-10^6": type(value)(-(10**6))} if one else {}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wrong_shape_or_range_is_taken_or_refused_by_name(name):
    function = FUNCTIONS[name]
    call = valid_arguments(function)
    if call is None:
        pytest.skip("its examples show errors, or no call")
    failures = []
    for argument, value in call.arguments.items():
        below = beyond(value)
        for kind, wrong in {**below, **misshapen(value)}.items():
            words = [""] if (name, argument) in NOT_OURS else call.signature.parameters
            may = kind not in below or argument in REAL.get(name, ()) or name in REFUSED_LATER
            found = fault(function, with_argument(call, argument, wrong), words)
            if found and not (may and found == ACCEPTED):
                failures.append(f"{argument} = {kind} {found}")
    assert not failures, "\n".join(failures)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_absurd_argument_is_refused_by_name(name):
    function = FUNCTIONS[name]
    call = valid_arguments(function)
    if call is None:
        pytest.skip("its examples show errors, or no call")
    known, failures = hints(function), []
    for argument, parameter in call.signature.parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        for kind, absurd in absurd_for(known.get(argument, typing.Any)).items():
            words = argument, CALLED.get((name, argument), argument)
            if found := fault(function, with_argument(call, argument, absurd), words):
                failures.append(f"{argument} = {kind} {found}")
    assert not failures, "\n".join(failures)
