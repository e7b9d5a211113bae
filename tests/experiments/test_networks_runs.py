"""Figures 2 and 3: paired seeds, equal budgets, stages that follow from each other."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch

from adambook.experiments import EXPERIMENTS, experiment, fig2a, fig2b, fig3, mlp_runs, runner
from adambook.experiments.classification import cost, weights_squared
from adambook.experiments.results import Results
from adambook.models.mlp import MLP

STAGES = ("fig2a", "fig2b", "fig3")

pytestmark = pytest.mark.filterwarnings("ignore::adambook.datasets.StandInWarning")


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    """No data and no network: the stand-ins, small and the same everywhere."""
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path / "no data"))
    monkeypatch.setenv("ADAMBOOK_OFFLINE", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")


def units(name):
    """What a tuning stage runs for the smoke test: no stage before it."""
    return experiment(name).units("smoke")


def scored(grid, **columns):
    """Rows of one epoch in which the third of each optimizer's step sizes is the best."""
    return pd.DataFrame(
        {"optimizer": name, "decay": "none", "alpha": alpha, "penalty": 0.0, "seed": 0, "epoch": 0,
         "cost": 1.0 + abs(i - 2), **columns}
        for name, alphas in grid.items() for i, alpha in enumerate(alphas)
    )  # fmt: skip


@pytest.mark.parametrize("name", STAGES)
def test_one_command_runs_the_stages_in_their_order(name, tmp_path):
    results = runner.run(name, "smoke", jobs=1, where=tmp_path, quiet=True)
    made = runner.units_of(name, "smoke", tmp_path)
    assert made and not results.missing(made)
    rows = results.rows()
    assert {"cost", "clean_cost", "test_cost", "test_error"} <= set(rows.columns)
    assert np.isfinite(rows["cost"]).all()
    before = runner.stage_before(name)
    assert (tmp_path / f"{before}-smoke.csv").exists()
    table = results.table.read_bytes()
    runner.run(name, "smoke", jobs=1, where=tmp_path, quiet=True)
    assert results.table.read_bytes() == table


def test_a_later_stage_needs_the_whole_of_the_one_before(tmp_path):
    with pytest.raises(ValueError, match="fig2b needs fig2b-tuning, which is not recorded whole"):
        runner.units_of("fig2b", "smoke", tmp_path)


def test_the_next_stage_is_chosen_from_the_rows_of_its_own_size_alone(tmp_path):
    runner.run("fig2b-tuning", "smoke", jobs=1, where=tmp_path, quiet=True)
    results = Results("fig2b-tuning-smoke", tmp_path)
    better = dataclasses.replace(units("fig2b-tuning")[0], alpha=9.0)
    row = results.rows().iloc[0].drop("unit").to_dict()
    results.record(better, [{**row, "alpha": 9.0, "cost": 1e-9}] * 2, {})
    assert 9.0 not in {
        getattr(u, "alpha", None) for u in runner.units_of("fig2b", "smoke", tmp_path)
    }


@pytest.mark.parametrize(
    "name", ["fig2a-tuning", "fig2a-fit", "fig2b-tuning", "fig2b-noise", "fig3-tuning"]
)
def test_restored_training_goes_on_to_the_same_rows(name):
    made = experiment(name)
    unit = made.units("smoke")[-1]
    whole, first, second = (made.begin(unit) for _ in range(3))
    rows = [row for _ in range(4) for row in whole.epoch()]
    resumed = [row for _ in range(2) for row in first.epoch()]
    second.restore({key: np.array(array) for key, array in first.arrays().items()})
    resumed += [row for _ in range(2) for row in second.epoch()]
    pd.testing.assert_frame_equal(pd.DataFrame(rows), pd.DataFrame(resumed), check_exact=True)


def test_every_optimizer_has_the_same_budget():
    for made, rows in (
        (fig2a.Fig2aTuning(), None),
        (fig2a.Fig2aNarrowed(), scored(fig2a.GRID)),
        (fig2a.Fig2a(), scored(fig2a.GRID)),
        (fig3.Fig3Tuning(), None),
        (fig3.Fig3(), pd.concat([scored(fig3.GRID, dropout=d) for d in (False, True)])),
    ):
        for size in ("cpu", "paper"):
            spent = {}
            for unit in made.units(size) if rows is None else made.units(size, rows):
                key = unit.optimizer, getattr(unit, "dropout", None)
                spent[key] = spent.get(key, 0) + unit.epochs
            assert len(set(spent.values())) == 1, (made.name, size)
            assert len(spent) == (6 if made.name.startswith("fig3") else 5)


def test_what_is_shown_comes_from_seeds_that_had_no_say_in_the_choice():
    for size in ("cpu", "paper"):
        tuned = fig2a.Fig2aNarrowed().units(size, scored(fig2a.GRID))
        shown = fig2a.Fig2a().units(size, scored(fig2a.GRID))
        assert {u.alpha for u in shown} == {grid[2] for grid in fig2a.GRID.values()}
        assert not {u.seed for u in shown} & {u.seed for u in tuned}
        assert not {u.seed for u in fig2a.Fig2aTuning().units(size)} & {u.seed for u in shown}
    assert not set(fig2b.TUNING_SEEDS) & set(fig2b.FRESH_SEEDS)


def test_the_sizes_reach_what_is_asked_of_them():
    rows = scored(fig2a.GRID)
    shown = fig2a.Fig2a().units("cpu", rows)
    for name in fig2a.GRID:
        epochs = sorted(u.epochs for u in shown if u.optimizer == name)
        assert epochs[-1] >= 200 and len(epochs) >= 3 and epochs[0] >= 50
    both = pd.concat([scored(fig3.GRID, dropout=d) for d in (False, True)])
    for name in fig3.GRID:
        for dropout in (False, True):
            epochs = sorted(
                u.epochs
                for u in fig3.Fig3().units("cpu", both)
                if (u.optimizer, u.dropout) == (name, dropout)
            )
            assert epochs[-1] >= 46 and len(epochs) >= 3 and epochs[0] >= 4


def test_optimizers_with_a_seed_share_start_order_and_masks(monkeypatch):
    seen = {}

    def watched(penalty):
        of_batch = cost(penalty)

        def recording(model, x, y, noise):
            seen[name].append((y.tolist(), noise.get_state().sum().item()))
            return of_batch(model, x, y, noise)

        return recording

    monkeypatch.setattr(mlp_runs, "cost", watched)
    starts = []
    for name in ("Adam", "AdaDelta"):
        seen[name] = []
        run = mlp_runs.MlpRun(name, 1e-3, seed=4, epochs=1, hidden=5, stand_in=True)
        training = mlp_runs.begin(run)
        starts.append(training.model.layers[0].weight.detach().clone())
        training.epoch()
    assert torch.equal(*starts)
    assert seen["Adam"] == seen["AdaDelta"] and len(seen["Adam"]) == 12


def test_frozen_masks_are_those_of_the_image_and_fresh_ones_are_new():
    def twice(noise):
        run = fig2b.SfoRun(seed=0, noise=noise, subfunctions=4, hidden=20, stand_in=True)
        training = fig2b.SfoTraining(run)
        start = training.sfo.theta
        return training._look(start, 1)[0], training._look(start, 1)[0]

    assert len(set(twice("none"))) == 1
    assert len(set(twice("frozen"))) == 1
    assert len(set(twice("fresh"))) == 2
    assert twice("none")[0] != twice("frozen")[0]


def test_sfo_trains_the_network_of_the_figure():
    run = fig2b.SfoRun(seed=0, subfunctions=6, hidden=20, stand_in=True)
    training = fig2b.SfoTraining(run)
    costs = [training.epoch()[0]["clean_cost"] for _ in range(12)]
    assert costs[-1] < 0.4 < costs[0]


def test_the_penalty_is_differentiated_and_not_shown():
    model = MLP((4, 3, 2), drop_input=0.0, drop_hidden=0.0)
    x, y = torch.randn(6, 4), torch.arange(6) % 2
    plain, shown = cost()(model, x, y, torch.Generator())
    objective, also_shown = cost(0.5)(model, x, y, torch.Generator())
    assert plain is shown
    assert float(also_shown.detach()) == float(shown.detach())
    squares = sum(float((p.detach() ** 2).sum()) for p in model.parameters() if p.dim() == 2)
    assert float(weights_squared(model).detach()) == pytest.approx(squares)
    assert float((objective - shown).detach()) == pytest.approx(0.25 * squares, rel=1e-5)


def test_every_new_name_is_an_experiment_of_its_file():
    for name in EXPERIMENTS:
        if name.startswith(("fig2", "fig3")):
            assert experiment(name).name == name


def test_the_penaltys_gradient_has_the_bits_of_autograds_own():
    ours, theirs = (torch.nn.Linear(3, 2) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    (0.3 * weights_squared(ours)).backward()
    (0.3 * theirs.weight.square().sum()).backward()
    assert torch.equal(ours.weight.grad, theirs.weight.grad)
    assert ours.bias.grad is None


def test_the_smaller_steps_are_next_below_the_best_and_run_as_the_longest_of_the_figure():
    rows = pd.concat([scored(fig3.GRID, dropout=d) for d in (False, True)])
    longest = [u for u in fig3.Fig3().units("cpu", rows) if u.epochs == 46]
    made = fig3.Fig3Smaller().units("cpu", rows)
    assert [(u.optimizer, u.dropout) for u in made] == [("Nesterov", False), ("Adam", False)]
    for unit in made:
        assert unit.alpha == fig3.GRID[unit.optimizer][1]
        best = dataclasses.replace(unit, alpha=fig3.GRID[unit.optimizer][2])
        assert best in longest
    lowest = rows[rows["alpha"] == 1e-3]
    assert fig3.smaller(lowest, "Nesterov") == pytest.approx(1e-3 / 3)
