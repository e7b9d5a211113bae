"""The checklist finds each fault by its name, and nothing in a healthy model."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from adambook import Adam, AdamW
from adambook.clinic.training import digits
from adambook.practice import check, decay_groups, small_network
from adambook.practice.small_networks import NETWORKS
from adambook.torch import Optimizer

X, Y = digits().x[:64].float(), digits().y[:64]
BATCH = (X, Y)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10))


def adam(model, alpha=0.01, **options):
    return Optimizer(model.parameters(), Adam(alpha, **options))


def names(*arguments, **options):
    return {finding.name for finding in check(*arguments, **options)}


def sentences(*arguments, **options):
    return [finding.sentence for finding in check(*arguments, **options)]


def test_a_healthy_model_has_no_finding():
    model = network()
    assert check(model, adam(model), BATCH) == []
    assert check(model, torch.optim.AdamW(decay_groups(model, 0.1), lr=0.01), BATCH) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_of_the_chapter_have_no_finding(name):
    model = small_network(name, seed=0)
    optimizer = Optimizer(decay_groups(model, 0.1), AdamW(3e-3))
    assert check(model, optimizer, (X.reshape(-1, 8, 8), Y)) == []


def test_classes_are_counted_where_cross_entropy_has_them():
    """A hundred classes at each of seven places: a first loss near ln 100 is as it should be."""
    torch.manual_seed(0)
    model = nn.Conv1d(4, 100, 1)
    batch = torch.randn(16, 4, 7), torch.randint(100, (16, 7))
    assert "first loss" not in names(model, adam(model), batch)


def test_nothing_is_changed():
    model = network()
    optimizer = adam(model)
    functional.cross_entropy(model(X), Y).backward()
    before = [p.detach().clone() for p in model.parameters()]
    gradients = [p.grad.clone() for p in model.parameters()]
    random = torch.get_rng_state()
    check(model, optimizer, BATCH)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert all(torch.equal(a, p.grad) for a, p in zip(gradients, model.parameters(), strict=True))
    assert not optimizer.state and torch.equal(random, torch.get_rng_state())
    assert model.training


def test_a_parameter_outside_the_optimizer_is_found():
    model = network()
    optimizer = Optimizer(model[0].parameters(), Adam(0.01))
    found = [f for f in check(model, optimizer, BATCH) if f.name == "not in the optimizer"]
    assert [f.sentence.split()[0] for f in found] == ["3.weight", "3.bias"]


def test_an_optimizer_over_another_models_parameters_is_found():
    model, other = network(), network()
    found = check(model, adam(other), BATCH)
    assert any("holds 4 tensors that are not the model's" in f.sentence for f in found)


def test_a_parameter_that_is_twice_in_a_group_is_found():
    model = network()
    with pytest.warns(UserWarning, match="duplicate"):
        optimizer = torch.optim.Adam([*model.parameters(), model[0].bias], lr=0.01)
    assert "0.bias is in the optimizer 2 times." in sentences(model, optimizer, BATCH)


def test_shared_and_frozen_parameters_are_found():
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.Linear(64, 10))
    model[2].weight = model[0].weight
    model[3].bias.requires_grad_(False)
    found = sentences(model, adam(model), BATCH)
    assert "0.weight and 2.weight are one tensor." in found
    assert "3.bias is frozen: requires_grad is False." in found


def test_a_parameter_without_gradient_is_found():
    model = network()
    model.unused = nn.Parameter(torch.ones(3, 3))
    model.forward = lambda x: nn.Sequential.forward(model[:4], x)
    assert any(s.startswith("unused has no gradient") for s in sentences(model, adam(model), BATCH))


def test_a_layer_of_dead_units_is_found():
    model = network()
    with torch.no_grad():
        model[0].bias.fill_(-100.0)
    assert "The gradient of 0.weight is zero throughout." in sentences(model, adam(model), BATCH)


@pytest.mark.parametrize("where", ["inputs", "parameters"])
def test_nan_is_found_and_ends_the_checks(where):
    model, x = network(), X.clone()
    if where == "inputs":
        x[3, 5] = math.nan
    else:
        model[3].weight.data[0, 0] = math.inf
    assert "not finite" in names(model, adam(model), (x, Y))
    assert "one batch" not in names(model, adam(model), (x, Y))


def test_a_gradient_that_is_not_finite_behind_a_finite_loss_is_found():
    model = nn.Linear(64, 10)

    def cost(z, y):
        return functional.cross_entropy(z, y) + torch.sqrt((z - z.detach()).square().sum())

    found = sentences(model, adam(model), BATCH, cost=cost)
    assert "The gradient of weight holds NaN or an infinity." in found


def test_raw_pixels_are_found():
    model = network()
    found = [f for f in check(model, adam(model), (16 * X, Y)) if f.name == "inputs"]
    assert len(found) == 1 and "mean 4." in found[0].sentence


def test_a_first_loss_far_above_a_guess_is_found():
    model = network()
    model[3].weight.data *= 100
    assert "first loss" in names(model, adam(model), BATCH)


def test_a_first_loss_far_below_a_guess_is_found():
    model = network()
    optimizer = adam(model)
    for _ in range(100):
        optimizer.zero_grad()
        functional.cross_entropy(model(X), Y).backward()
        optimizer.step()
    assert "first loss" in names(model, adam(model), BATCH)


def test_decay_of_a_bias_is_found():
    model = network()
    optimizer = Optimizer(model.parameters(), AdamW(0.01, weight_decay=0.1))
    found = [f for f in check(model, optimizer, BATCH) if f.name == "weight decay"]
    assert [f.sentence.split()[0] for f in found] == ["0.bias", "3.bias"]


@pytest.mark.parametrize(("alpha", "word"), [(1.0, "large"), (0.05, "large"), (1e-9, "small")])
def test_a_step_size_out_of_the_ordinary_is_found(alpha, word):
    model = network()
    found = [f for f in check(model, adam(model, alpha), BATCH) if f.name == "step size"]
    assert len(found) == 2 and all(word in f.sentence for f in found)


@pytest.mark.parametrize("make", [adam, lambda m: torch.optim.Adam(m.parameters(), lr=0.01)])
def test_an_epsilon_that_is_zero_in_float16_is_found(make):
    model = network().half()
    assert "epsilon" in names(model, make(model), (X.half(), Y))


def test_a_model_that_cannot_learn_one_batch_is_found():
    model = network()
    assert "one batch" in names(model, adam(model, 1e-5), BATCH)
    assert names(model, adam(model, 1e-5), BATCH) == {"one batch"}


def test_labels_that_contradict_each_other_cannot_be_learned():
    model, x = network(), X[:1].repeat(64, 1)
    assert "one batch" in names(model, adam(model), (x, Y))


def test_a_model_that_is_frozen_throughout_is_found_and_does_not_stop_the_list():
    model = network()
    optimizer = adam(model)
    found = check(model.requires_grad_(False), optimizer, BATCH)
    assert found[-1].sentence == "The loss does not depend on any parameter that is trained."


class Rows(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.rows = nn.GRU(8, 16, num_layers=2, dropout=dropout, batch_first=True)
        self.out = nn.Linear(16, 10)

    def forward(self, x):
        return self.out(self.rows(x.view(-1, 8, 8))[0][:, -1])


def test_the_dropout_inside_a_recurrent_network_is_off_and_stays_on_in_the_model():
    torch.manual_seed(0)
    with_dropout, without = Rows(0.9), Rows(0.0)
    without.load_state_dict(with_dropout.state_dict())
    batch = (X[:16], Y[:16])
    same = check(without, adam(without), batch)
    assert check(with_dropout, adam(with_dropout), batch) == same
    assert with_dropout.rows.dropout == 0.9


class Twice(nn.Linear):
    def forward(self, x):
        return super().forward(x), x


def test_a_cost_of_ones_own_may_take_outputs_that_are_no_tensor():
    model = Twice(64, 10)
    assert "one batch" not in names(
        model, adam(model), BATCH, cost=lambda z, y: functional.cross_entropy(z[0], y)
    )
