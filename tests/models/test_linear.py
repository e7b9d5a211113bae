"""The full layer by oneDNN: PyTorch's own layer, to rounding, wherever it is used."""

import pytest
import torch

from adambook.models.cnn import CNN
from adambook.models.linear import Linear
from adambook.models.mlp import MLP
from adambook.models.vae import VAE

needs_onednn = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="this PyTorch has no oneDNN"
)


def value_and_gradients(layer, x):
    x = x.clone().requires_grad_()
    y = layer(x)
    weights = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape)
    return [y, *torch.autograd.grad((y * weights).sum(), [x, *layer.parameters()])]


def alike(layer, dtype=torch.float64):
    """PyTorch's own layer with the same numbers."""
    exact = torch.nn.Linear(layer.in_features, layer.out_features, bias=layer.bias is not None)
    exact.load_state_dict(layer.state_dict())
    return exact.to(dtype)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("sizes", [(784, 500), (50, 500), (1000, 10), (1, 1)], ids=str)
@pytest.mark.parametrize("n", [0, 1, 7, 128])
def test_it_is_the_product_in_double_precision_but_for_rounding(n, sizes, bias):
    torch.manual_seed(n)
    layer = Linear(*sizes, bias=bias)
    x = torch.randn(n, sizes[0])
    ours = value_and_gradients(layer, x)
    exact = value_and_gradients(alike(layer), x.double())
    for a, b in zip(ours, exact, strict=True):
        assert a.dtype == torch.float32 and a.shape == b.shape
        scale = float(b.detach().abs().max()) if b.numel() else 0.0
        torch.testing.assert_close(a.double(), b, rtol=0, atol=1e-5 * (1 + scale))


def test_views_that_are_not_contiguous_are_multiplied_as_they_read():
    layer, x = Linear(6, 4), torch.randn(6, 9).t()
    torch.testing.assert_close(layer(x), layer(x.contiguous()), rtol=0, atol=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_stays_so_in_its_row_alone(value):
    layer, x = Linear(5, 3), torch.ones(2, 5)
    x[0, 2] = value
    y = layer(x)
    assert not torch.isfinite(y[0]).any() and torch.isfinite(y[1]).all()


def test_the_same_products_have_the_same_bits_wherever_they_lie_in_memory():
    layer = Linear(784, 500)
    x = torch.randn(128, 784)
    first = value_and_gradients(layer, x)
    for shift in range(1, 6):
        moved = torch.empty(x.numel() + shift)[shift:].view_as(x).copy_(x)
        again = value_and_gradients(layer, moved)
        assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_in_double_precision_it_is_pytorchs_layer_to_the_bit():
    layer = Linear(20, 10).double()
    x = torch.randn(8, 20, dtype=torch.float64)
    for a, b in zip(
        value_and_gradients(layer, x), value_and_gradients(alike(layer), x), strict=True
    ):
        assert torch.equal(a, b)


def test_without_onednn_it_is_pytorchs_layer_to_the_bit(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    layer, x = Linear(784, 500), torch.randn(128, 784)
    ours, theirs = (
        value_and_gradients(one, x) for one in (layer, alike(layer, dtype=torch.float32))
    )
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@needs_onednn
@pytest.mark.parametrize(
    "make", [MLP, CNN, lambda: VAE(torch.Generator())], ids=["MLP", "CNN", "VAE"]
)
def test_every_full_layer_of_the_paper_is_multiplied_by_onednn(make):
    layers = [m for m in make().modules() if isinstance(m, torch.nn.Linear)]
    assert layers
    for layer in layers:
        y = layer(torch.zeros(2, layer.in_features))
        assert y.grad_fn.name() == "ToDenseBackward0"


FITS = {
    "a row without a batch": (3, 2, (3,)),
    "no input": (0, 2, (4, 0)),
    "no output": (3, 0, (4, 3)),
}


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize(("inputs", "outputs", "shape"), FITS.values(), ids=FITS)
def test_shapes_that_onednn_lacks_are_pytorchs_layer_to_the_bit(inputs, outputs, shape):
    layer, x = Linear(inputs, outputs), torch.randn(shape)
    ours, theirs = (
        value_and_gradients(one, x) for one in (layer, alike(layer, dtype=torch.float32))
    )
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


MISFITS = {
    "no axis": torch.tensor(1.0),
    "another number of inputs": torch.zeros(2, 4),
    "another precision than the weights": torch.zeros(2, 3, dtype=torch.float64),
    "no tensor": [1.0, 2.0, 3.0],
}


@pytest.mark.parametrize("x", MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_refused_in_pytorchs_words(x):
    layer = Linear(3, 2)
    with pytest.raises((RuntimeError, TypeError)) as theirs:
        alike(layer, dtype=torch.float32)(x)
    with pytest.raises(theirs.type) as ours:
        layer(x)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_weights_of_another_precision_than_the_input_are_refused_in_pytorchs_words(dtype):
    with pytest.raises(RuntimeError, match="must have the same dtype"):
        Linear(3, 2).to(dtype)(torch.zeros(2, 3))


def test_under_autocast_it_is_pytorchs_layer_to_the_bit():
    layer, x = Linear(3, 2), torch.randn(4, 3)
    with torch.autocast("cpu", torch.bfloat16):
        ours, theirs = (one(x) for one in (layer, alike(layer, dtype=torch.float32)))
    assert ours.dtype == torch.bfloat16 and torch.equal(ours, theirs)


def test_a_compiled_layer_gives_values_and_gradients():
    layer, x = Linear(3, 2), torch.randn(4, 3)
    compiled = torch.compile(layer, backend="aot_eager")
    for a, b in zip(value_and_gradients(compiled, x), value_and_gradients(layer, x), strict=True):
        torch.testing.assert_close(a, b)
