"""The two classifiers of Figures 2 and 3: as printed, and the same from the same seed."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from adambook.models.cnn import CNN
from adambook.models.dropout import dropped
from adambook.models.initial import initialize
from adambook.models.mlp import MLP
from adambook.models.noise import dropout


@pytest.mark.parametrize(
    ("make", "shape"), [(MLP, (3, 784)), (CNN, (3, 3, 32, 32))], ids=["MLP", "CNN"]
)
def test_a_seed_fixes_the_weights_and_a_generator_the_masks(make, shape):
    x = torch.rand(shape, generator=torch.Generator().manual_seed(1))

    def logits(seed, mask):
        return make(seed=seed)(x, None if mask is None else torch.Generator().manual_seed(mask))

    assert torch.equal(logits(0, 5), logits(0, 5))
    assert not torch.equal(logits(0, 5), logits(0, 6))
    assert not torch.equal(logits(0, None), logits(1, None))


def test_without_noise_the_mlp_is_three_products_and_two_rectifiers():
    model = MLP((4, 6, 5, 3), seed=2).double()
    x = torch.randn(7, 4, dtype=torch.float64)
    w = [p.detach().numpy() for p in model.parameters()]
    h = np.maximum(x.numpy() @ w[0].T + w[1], 0)
    h = np.maximum(h @ w[2].T + w[3], 0)
    np.testing.assert_allclose(model(x).detach().numpy(), h @ w[4].T + w[5], rtol=1e-12)


@pytest.mark.parametrize(("padding", "features"), [(1, 2048), (0, 1152)])
def test_pooling_leaves_four_by_four_or_three_by_three(padding, features):
    model = CNN(pool_padding=padding)
    assert model.full.in_features == features
    assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 10)


def test_rectifying_after_pooling_changes_no_bit_of_logits_or_gradients():
    model = CNN((4, 5, 6), 7, seed=3)
    x = torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    def as_printed():
        h = x
        for convolution in model.convolutions:
            h = model.pool(torch.relu(convolution(h)))
        return model.last(torch.relu(model.full(h.flatten(1))))

    found = []
    for logits in (model(x), as_printed()):
        gradients = torch.autograd.grad(logits.square().sum(), list(model.parameters()))
        found.append([logits, *gradients])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))
    assert all(gradient.any() for gradient in found[0][1:])


def test_dropout_keeps_the_mean_and_drops_its_share():
    x = torch.full((200_000,), 3.0)
    kept = dropout(x, 0.3, torch.Generator().manual_seed(0))
    assert float(kept.mean()) == pytest.approx(3.0, rel=0.01)
    assert float((kept == 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert dropout(x, 0.3, None) is x


def test_each_layer_of_the_mlp_is_dropped_where_it_should_be():
    """With all weights 1 and no bias, a logit counts the units that are left."""
    model = MLP((50, 40, 30, 1), drop_input=0.0, drop_hidden=0.5)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.fill_(1.0 if name.endswith("weight") else 0.0)
    logits = model(torch.ones(4000, 50), torch.Generator().manual_seed(0)).detach() / 200
    assert float(logits.mean()) == pytest.approx(300, rel=0.02)  # 20 x 15
    assert float(logits.std()) > 10


def test_pytorchs_own_rule_and_ours_have_the_same_spread():
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(3, 64, 5)
    theirs = [p.detach().clone() for p in layer.parameters()]
    initialize(layer, seed=1)
    for a, b in zip(layer.parameters(), theirs, strict=True):
        a = a.detach()
        assert not torch.equal(a, b)
        assert float(a.abs().max()) == pytest.approx(float(b.abs().max()), rel=0.1)
        assert float(a.std()) == pytest.approx(float(b.std()), rel=0.2)


def test_a_spread_gives_normal_weights_and_no_bias():
    model = MLP((300, 200, 10), spread=0.01)
    assert float(model.layers[0].weight.detach().std()) == pytest.approx(0.01, rel=0.02)
    assert not model.layers[0].bias.any()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: MLP((784,)), "at least two layers"),
        (lambda: MLP(drop_hidden=1.0), r"drop_hidden must lie in \[0, 1\), got 1.0"),
        (lambda: CNN(pool_padding=2), "pool_padding must be 0 or 1, got 2"),
        (lambda: CNN(drop_full=-0.1), "drop_full must lie in"),
        (lambda: MLP(spread=0.0), "spread must be positive, got 0.0"),
    ],
)
def test_bad_arguments_get_one_sentence(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_a_dropout_rate_of_one_is_refused_and_not_divided_by_zero():
    with pytest.raises(ValueError, match=r"rate must lie in \[0, 1\), got 1.0"):
        dropout(torch.ones(3), 1.0, torch.Generator())


def test_whole_numbers_are_not_rescaled():
    x = csr_array(np.ones((2, 3), int))
    with pytest.raises(TypeError, match="x must hold floating-point numbers to be rescaled"):
        dropped(x, 0.5, np.random.default_rng(0), rescaled=True)
