"""What the functions of the theory accept, up to the ends of each range, and what they answer."""

import math
from fractions import Fraction

import numpy as np
import pytest

from adambook.theory import arguments

TINY = 5e-324
BELOW_ONE = math.nextafter(1.0, 0.0)
CHECKS = {
    "decay": ("[0, 1)", (0, 0.0, -0.0, BELOW_ONE), (1, 1.0, -TINY, math.nan, math.inf)),
    "positive": ("(0, ∞)", (TINY, 1, 1e308), (0, 0.0, -TINY, math.inf, math.nan)),
    "nonnegative": ("[0, ∞)", (0, TINY, 1e308), (-TINY, -1, math.inf, math.nan)),
}
CASES = [(name, value) for name, (_, inside, _) in CHECKS.items() for value in inside]
REFUSED = [(name, value) for name, (_, _, outside) in CHECKS.items() for value in outside]


@pytest.mark.parametrize(("check", "value"), CASES)
def test_a_number_within_its_range_is_kept_as_a_float(check, value):
    kept = getattr(arguments, check)("x", value)
    assert type(kept) is float and kept == value


@pytest.mark.parametrize(("check", "value"), REFUSED)
def test_a_number_out_of_range_is_refused_with_its_name_its_range_and_what_was_given(check, value):
    with pytest.raises(ValueError) as error:
        getattr(arguments, check)("x", value)
    assert str(error.value) == f"x must lie in {CHECKS[check][0]}, got {value!r}"


@pytest.mark.parametrize("value", [True, "0.5", [0.5], np.array([0.5]), None, 0.5j])
def test_what_is_no_real_number_is_refused(value):
    with pytest.raises(ValueError) as error:
        arguments.number("x", value)
    assert str(error.value) == f"x must be one real number, got {value!r}"


@pytest.mark.parametrize("value", [Fraction(1, 2), np.float32(0.5), np.array(0.5)])
def test_a_number_of_any_kind_is_read(value):
    assert arguments.number("x", value) == 0.5


@pytest.mark.parametrize("value", [10**400, Fraction(-(10**400))])
def test_a_number_beyond_the_largest_float_is_infinite_and_out_of_every_range(value):
    assert arguments.number("x", value) == math.copysign(math.inf, value > 0 or -1)
    for check in CHECKS:
        with pytest.raises(ValueError, match="^x must lie in "):
            getattr(arguments, check)("x", value)


def test_a_count_of_steps_starts_at_1():
    assert arguments.step_count("t", 1) == 1
    assert arguments.step_count("t", np.int64(7)) == 7
    for value in (0, -1, 1.0, True, "1", None, math.inf):
        with pytest.raises(ValueError) as error:
            arguments.step_count("t", value)
        assert str(error.value) == f"t must be a whole number ≥ 1, got {value!r}"


def test_a_count_of_steps_may_be_infinite_where_it_is_said_so():
    assert arguments.step_count_or_infinity("t", math.inf) == math.inf
    assert arguments.step_count_or_infinity("t", 1) == 1
    for value in (0, 2.0, -math.inf, math.nan, True, None):
        with pytest.raises(ValueError) as error:
            arguments.step_count_or_infinity("t", value)
        assert str(error.value) == f"t must be a whole number ≥ 1 or math.inf, got {value!r}"


def test_an_array_is_read_in_float64_if_it_has_the_axes_asked_for():
    array = arguments.finite_array("g", [[1, 2]], (1, 2))
    assert array.dtype == np.float64 and array.tolist() == [[1.0, 2.0]]
    assert arguments.finite_array("g", [3], (1,)).tolist() == [3.0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([[1.0]], "g must be a non-empty array of 1 or 3 axes, got shape (1, 1)"),
        ([], "g must be a non-empty array of 1 or 3 axes, got shape (0,)"),
        (1.0, "g must be a non-empty array of 1 or 3 axes, got shape ()"),
        ([1.0, math.nan], "g must be finite, got a NaN or an infinity"),
        ([-math.inf, 1.0], "g must be finite, got a NaN or an infinity"),
        (["a"], "g must hold real numbers, got ['a']"),
        ([10**400], f"g must hold real numbers, got {[10**400]!r}"),
        ([None, object], f"g must hold real numbers, got {[None, object]!r}"),
    ],
)
def test_an_array_of_something_else_is_refused(value, message):
    with pytest.raises(ValueError) as error:
        arguments.finite_array("g", value, (1, 3))
    assert str(error.value) == message


@pytest.mark.parametrize("value", [b"0.5", np.complex128(0.5), np.bool_(False), np.array("0.5")])
def test_a_text_a_flag_or_a_complex_number_of_numpy_is_no_real_number(value):
    with pytest.raises(ValueError, match="^x must be one real number, got "):
        arguments.number("x", value)


@pytest.mark.parametrize("value", [np.array([1 + 2j]), ["1"]])
def test_neither_imaginary_parts_nor_texts_are_read_as_real_numbers(value):
    with pytest.raises(ValueError, match="^g must hold real numbers, got "):
        arguments.finite_array("g", value, (1,))
