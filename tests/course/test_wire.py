"""What passes between grader and submission arrives as it was sent, and is never a pickle."""

import numpy as np
import pytest
from course import wire

from adambook import Adam


def there_and_back(value):
    functions = []

    def refer(function):
        functions.append(function)
        return len(functions) - 1

    return wire.decode(
        wire.loads(wire.dumps({"v": wire.encode(value, refer)}))["v"], functions.__getitem__
    )


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.5, "text", [1, [2.0]], (1, "a"), {"a": (1,), 2: None}, float("inf"), abs],
)
def test_a_plain_value_arrives(value):
    arrived = there_and_back(value)
    assert (arrived, type(arrived)) == (value, type(value))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.bool_, np.uint8])
def test_an_array_arrives_with_its_dtype_and_shape(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    arrived = there_and_back(array)
    assert (arrived.dtype, arrived.shape) == (array.dtype, array.shape)
    assert np.array_equal(arrived, array)


def test_a_numpy_scalar_stays_one():
    assert type(there_and_back(np.float32(0.5))) is np.float32


def test_a_rule_arrives_with_its_hyper_parameters():
    assert there_and_back(Adam(alpha=0.5, beta2=0.9)) == Adam(alpha=0.5, beta2=0.9)


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), 1j])
def test_anything_else_is_refused(value):
    with pytest.raises(TypeError, match="is no number, text, array"):
        there_and_back(value)


def test_a_pickle_inside_an_array_is_refused():
    import base64
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        wire.decode({"array": base64.b64encode(buffer.getvalue()).decode()}, abs)
