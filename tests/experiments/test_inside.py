"""Runs that look inside Adam: what they record is what they say."""

import warnings

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from adambook import Adam
from adambook.experiments import experiment, fig4
from adambook.experiments.inside import LookedInto, share_of_small_entries, shares_by_layer
from adambook.experiments.networks import NetworkTraining
from adambook.experiments.runner import run
from adambook.models.vae import VAE


@pytest.mark.parametrize(
    "name", ["ledger-moments", "ledger-sparsity", "ledger-adamax", "ledger-adamax-network"]
)
def test_smoke_size_is_recorded_whole(name, tmp_path):
    with warnings.catch_warnings(action="ignore"):  # stand-in data
        done = run(name, "smoke", jobs=1, where=tmp_path, quiet=True)
    assert not done.missing(experiment(name).units("smoke"))


def test_a_layer_without_gradients_is_below_epsilon(tmp_path):
    with warnings.catch_warnings(action="ignore"):
        (unit,) = experiment("ledger-moments").units("smoke")
        training = experiment("ledger-moments").begin(unit)
        training.epoch()
    inner = training.training
    first = next(iter(inner.model.parameters()))
    inner.optimizer.state[first]["v"].zero_()
    with warnings.catch_warnings(action="ignore"):
        inner.epoch = lambda: [{"epoch": 1}]
        rows = training.epoch()
    assert rows[0]["share_below_epsilon"] == rows[0]["share_below_10_epsilon"] == 1.0
    assert 0 <= rows[2]["share_below_epsilon"] < 1


def test_a_training_that_is_looked_into_goes_on_where_it_was_put_away():
    def looked_into():
        torch.manual_seed(0)
        model, x = torch.nn.Linear(3, 2), torch.rand(8, 3)
        return LookedInto(
            NetworkTraining(
                model, Adam(0.1), lambda m, x, y, _: (cross_entropy(m(x), y),) * 2, x,
                torch.arange(8) % 2, seed=0, batch=4, labels={}, title="noise", checksum="none",
            ),
            shares_by_layer,
        )  # fmt: skip

    whole, first, second = (looked_into() for _ in range(3))
    rows = whole.epoch() + whole.epoch()
    begun = first.epoch()
    second.restore({name: np.array(array) for name, array in first.arrays().items()})
    assert begun + second.epoch() == rows


def test_gradients_of_one_pixel_are_sparser_than_of_all():
    model = VAE(torch.Generator().manual_seed(0), pixels=50, hidden=20, latent=3, scale=0.1)
    full, one = torch.rand(200, 50), torch.zeros(200, 50)
    one[:, 0] = 1.0
    dense, sparse = (share_of_small_entries(model, x) for x in (full, one))
    assert sparse["share_small"] > dense["share_small"]
    assert fig4.BATCH == 100
