"""Chapter 16's runs: the settings are what they say, and a run goes on to the same bits."""

import dataclasses

import numpy as np
import pytest
import torch

from adambook.experiments import recipes, runner
from adambook.experiments.recipes import Recipe, RecipeTraining
from adambook.experiments.results import Results

FULL = Recipe("dense", 1e-2, "cosine", 0.3, True, seed=1, epochs=4, batch=64)


def test_the_step_size_rises_for_a_twentieth_and_ends_at_zero():
    schedule = recipes.step_sizes(FULL, 100)
    values = [schedule(t) for t in range(1, 102)]
    assert np.argmax(values) == 4 and values[-1] == 0
    assert values[0] == pytest.approx(0.2 * 1e-2)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_decay_is_the_share_that_a_weight_without_gradient_loses(schedule):
    recipe = dataclasses.replace(FULL, schedule=schedule)
    rate, sizes = recipes.weight_decay(recipe, 400), recipes.step_sizes(recipe, 400)
    left = np.prod([1 - rate * (sizes(t) if callable(sizes) else sizes) for t in range(1, 401)])
    assert left == pytest.approx(np.exp(-0.3), rel=1e-2)


def test_matrices_are_decayed_and_biases_are_not():
    decayed, plain = RecipeTraining(FULL).optimizer.param_groups
    assert decayed["weight_decay"] > 0 == plain["weight_decay"]
    assert {p.ndim for p in decayed["params"]} == {2} and {p.ndim for p in plain["params"]} == {1}


def test_clipping_holds_the_norm_that_the_rule_sees_at_one():
    seen = []
    training = RecipeTraining(FULL)
    training.optimizer.register_step_pre_hook(
        lambda *_: seen.append(
            torch.nn.utils.get_total_norm([p.grad for p in training.model.parameters()])
        )
    )
    training.epoch()
    assert max(seen) <= 1 + 1e-5 and max(seen) > 0.9


def test_restored_training_goes_on_to_the_same_bits():
    whole, first, second = (RecipeTraining(FULL) for _ in range(3))
    rows = [row for _ in range(4) for row in whole.epoch()]
    resumed = [row for _ in range(2) for row in first.epoch()]
    second.restore({k: np.copy(v) for k, v in first.arrays().items()})
    resumed += [row for _ in range(2) for row in second.epoch()]
    assert rows == resumed


def test_the_runner_trains_a_recipe_and_finds_it_recorded_whole(tmp_path):
    unit = Recipe("dense", 1e-2, "cosine", 0.3, True, seed=1, epochs=1, batch=512)
    _, rows, origin = runner.execute("recipes", unit, tmp_path / "unit.npz")
    results = Results("recipes", tmp_path)
    results.record(unit, rows, origin)
    assert len(rows) == 1 and results.missing([unit]) == []


def test_choosing_and_testing_share_no_digit():
    parts, _ = recipes.split()
    rows = {name: {tuple(a.flatten().tolist()) for a in x} for name, (x, _) in parts.items()}
    assert not rows["train"] & rows["test"] and not rows["validation"] & rows["test"]
    assert not rows["train"] & rows["validation"]


def test_the_default_and_the_chosen_setting_get_every_fresh_seed_and_were_tried():
    units = recipes.Recipes().units("cpu")
    assert len(set(units)) == len(units)
    for network, chosen in recipes.CHOSEN.items():
        for setting in (recipes.DEFAULT, chosen):
            for seed in (recipes.TUNING_SEED, *recipes.FRESH_SEEDS):
                assert Recipe(network, *setting, seed) in units


def test_the_chosen_setting_has_the_least_validation_loss_of_the_tuning_seed():
    rows = Results("recipes").rows()
    ends = rows[(rows["epoch"] == recipes.EPOCHS - 1) & (rows["seed"] == recipes.TUNING_SEED)]
    for network, runs in ends.groupby("network"):
        best = runs.loc[runs["validation"].idxmin()]
        found = tuple(best[name] for name in ("alpha", "schedule", "decay", "clip"))
        assert found == recipes.CHOSEN[network]
