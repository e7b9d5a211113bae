"""Figure 4: the grid is whole, its order useful, and a run is what it says."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from adambook import Adam, AdamUncorrected
from adambook.experiments import experiment, fig4
from adambook.experiments.fig4 import StartRun, VaeRun


@pytest.fixture(autouse=True)
def images(monkeypatch):
    """200 made-up grey images in place of MNIST."""
    x = torch.rand((200, 784), generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(fig4, "_data", lambda examples, stand_in: (x[:examples], "toy", "0"))
    return x


def begin(corrected=True, alpha=1e-3, **options):
    return experiment("fig4").begin(VaeRun(0.9, 0.999, alpha, corrected, **options))


def test_every_cell_has_every_step_size_with_and_without_correction():
    units = experiment("fig4").units("cpu")
    points = {(u.beta1, u.beta2, u.alpha, u.corrected) for u in units}
    assert len(points) == 2 * 3 * 7 * 2
    ten, hundred = ([u for u in units if u.epochs == e] for e in (10, 100))
    assert len({(*vars(u).values(),) for u in ten}) == len(ten) == 3 * len(points)
    assert len(hundred) == len(points)
    assert {u.seed for u in hundred} == {0}
    assert units == ten + hundred


def test_the_first_units_give_the_whole_ten_epoch_figure_once():
    units = experiment("fig4").units("cpu")[:84]
    assert {u.seed for u in units} == {0}
    assert len({(u.beta1, u.beta2, u.alpha, u.corrected) for u in units}) == 84


@pytest.mark.parametrize(("corrected", "rule"), [(True, Adam), (False, AdamUncorrected)])
def test_a_run_uses_the_rule_and_the_numbers_it_is_recorded_under(corrected, rule):
    training = begin(corrected)
    assert training.optimizer.rule == rule(alpha=1e-3, beta1=0.9, beta2=0.999)
    (row,) = training.epoch()
    assert row["corrected"] is corrected
    assert (row["beta1"], row["beta2"], row["alpha"], row["epochs"]) == (0.9, 0.999, 1e-3, 10)


def test_corrected_and_not_start_alike_and_see_the_same_batches_and_samples():
    costs = [begin(corrected, alpha=1e-30).epoch()[0]["cost"] for corrected in (True, False)]
    assert costs[0] == costs[1]
    assert costs[0] == pytest.approx(784 * np.log(2), rel=0.01)  # parameters near 0: ln 2 a pixel


def test_another_seed_has_another_start():
    zero, one = (begin(seed=seed).model.encode.weight for seed in (0, 1))
    assert not torch.equal(zero, one)


def test_too_large_a_step_diverges_and_is_recorded_as_infinite():
    training = begin(corrected=False, alpha=100.0)
    assert [training.epoch()[0]["cost"] for _ in range(4)][-1] == float("inf")


def test_the_papers_points_stand_at_its_step_sizes():
    ten, hundred = (fig4.paper_losses(epochs) for epochs in (10, 100))
    for paper in (ten, hundred):
        assert not paper.duplicated(fig4.POINT).any()
        assert set(paper["alpha"]) <= set(fig4.ALPHAS)
        assert paper.groupby(["beta1", "beta2"]).ngroups == 6
    assert (len(ten), len(hundred)) == (46, 54)
    with pytest.raises(ValueError, match="epochs must be 10 or 100, got 50"):
        fig4.paper_losses(50)


def test_the_loss_of_a_run_is_its_last_epochs_and_infinite_if_it_diverged():
    run = {"beta1": 0.9, "beta2": 0.99, "alpha": 1e-3, "seed": 0, "epochs": 3}
    costs = {True: (9.0, 5.0, 4.0), False: (9.0, np.inf, np.inf)}
    rows = pd.DataFrame(
        {**run, "corrected": c, "epoch": e, "cost": y}
        for c, ys in costs.items()
        for e, y in enumerate(ys)
    )
    found = fig4.losses(rows, 3).set_index("corrected")["loss"]
    assert found.to_dict() == {True: 4.0, False: np.inf}
    assert fig4.losses(rows, 10).empty
    assert list(fig4.losses(pd.DataFrame({"unit": []}), 10)) == [*fig4.POINT, "seed", "loss"]


def test_another_start_is_the_same_draw_to_another_scale_and_its_row_tells():
    point = (0.9, 0.9999, 1e-3, False)
    wide = experiment("fig4").begin(VaeRun(*point))
    narrow = experiment("fig4-start").begin(StartRun(*point, deviation=0.005))
    for ours, theirs in zip(narrow.model.parameters(), wide.model.parameters(), strict=True):
        torch.testing.assert_close(2 * ours, theirs)
    (row,) = narrow.epoch()
    assert row["deviation"] == 0.005 != fig4.DEVIATION
    assert row.keys() - wide.epoch()[0].keys() == {"deviation"}


def test_the_narrower_start_has_every_point_of_ten_epochs_and_the_others_one_curve():
    units = experiment("fig4-start").units("cpu")
    assert len(set(units)) == len(units)
    whole = {dataclasses.astuple(u)[:6] for u in units if u.deviation == fig4.NARROW}
    ten = [u for u in experiment("fig4").units("cpu") if u.epochs == 10]
    assert whole <= {dataclasses.astuple(u)[:6] for u in ten}
    assert whole >= {dataclasses.astuple(u)[:6] for u in ten if u.seed == 0}
    paper = fig4.paper_losses(10)
    curve = paper[(paper["beta1"] == 0.9) & (paper["beta2"] == 0.9999) & ~paper["corrected"]]
    for deviation in (fig4.NARROW, *fig4.OTHERS):
        runs = [u for u in units if u.deviation == deviation and point_of(u) in fig4.EDGE]
        assert sorted(u.alpha for u in runs) == sorted([*curve["alpha"]] * 3)
        assert {u.seed for u in runs} == set(fig4.SEEDS)
    assert {point_of(u) for u in units if u.deviation in fig4.OTHERS} == set(fig4.EDGE)


def point_of(unit):
    return unit.beta1, unit.beta2, unit.alpha, unit.corrected
