"""Runs that look inside Adam: what they record is what they say."""

import warnings

import pytest
import torch

from adambook.experiments import experiment, fig4
from adambook.experiments.inside import share_of_small_entries
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


def test_gradients_of_one_pixel_are_sparser_than_of_all():
    model = VAE(torch.Generator().manual_seed(0), pixels=50, hidden=20, latent=3, scale=0.1)
    full, one = torch.rand(200, 50), torch.zeros(200, 50)
    one[:, 0] = 1.0
    dense, sparse = (share_of_small_entries(model, x) for x in (full, one))
    assert sparse["share_small"] > dense["share_small"]
    assert fig4.BATCH == 100
