"""Every sick run is sick in the way that is said of it, and every cured run is well."""

import importlib
import math
from functools import cache

import numpy as np
import pytest
import torch

from adambook import clinic
from adambook.clinic import big_batch, not_a_number, resume, schedule_twice, spike, weight_decay
from adambook.theory import step_bound

LN10 = math.log(10)


@cache
def log(symptom, state):
    return getattr(importlib.import_module(f"adambook.clinic.{symptom}"), state)()


def last(frame, column, rows=20):
    return frame[column].iloc[-rows:].mean()


@pytest.mark.parametrize("symptom", clinic.SYMPTOMS)
def test_both_runs_begin_alike(symptom):
    assert log(symptom, "sick")["loss"].iloc[0] == pytest.approx(
        log(symptom, "cured")["loss"].iloc[0], rel=1e-2
    )


@pytest.mark.parametrize("symptom", clinic.SYMPTOMS)
def test_the_same_call_gives_the_same_log_and_takes_no_global_random_number(symptom):
    known, before = log(symptom, "cured"), torch.get_rng_state()
    again = importlib.import_module(f"adambook.clinic.{symptom}").cured()
    assert again.equals(known)
    assert torch.equal(before, torch.get_rng_state())


def test_divergence_a_step_larger_than_the_weights_throws_the_loss_up_for_good():
    sick, cured = log("divergence", "sick"), log("divergence", "cured")
    assert sick["ratio"].iloc[0] > 5 > 1 > cured["ratio"].max()
    assert sick["loss"].max() > 20 * sick["loss"].iloc[0]
    assert last(sick, "loss") > 0.8 * LN10
    assert last(cured, "loss") < 0.4


def test_nan_takes_all_parameters_in_one_step_and_stays():
    sick, cured = log("not_a_number", "sick"), log("not_a_number", "cured")
    finite = sick["finite"].to_numpy()
    k = int(np.argmin(finite))
    assert 0 < k < 10 and np.all(finite[:k] == 1) and np.all(finite[k:] == 0)
    assert np.isinf(sick["loss"].iloc[k]) and sick["loss"].iloc[k + 1 :].isna().all()
    assert np.all(np.isfinite(cured)) and last(cured, "loss") < 0.5 * cured["loss"].iloc[0]


def test_nan_is_named_at_its_first_step_when_asked():
    k = int(np.argmin(log("not_a_number", "sick")["finite"].to_numpy())) + 1
    with pytest.raises(FloatingPointError, match=f"parameter 0.weight is not finite at step {k}$"):
        not_a_number.sick(check_finite=True)


def test_plateau_the_gap_hovers_under_a_constant_step_size_and_closes_under_a_falling_one():
    sick, cured = log("plateau", "sick"), log("plateau", "cured")
    assert last(sick, "gap", 200) > 0.5 * last(sick.iloc[:400], "gap", 200)  # no progress
    assert sick["gap"].iloc[-200:].min() > 5e-3
    assert 0 <= cured["gap"].iloc[-1] < 5e-4


def test_spike_one_bad_batch_moves_a_quiet_run_further_than_alpha_and_clipping_holds_it():
    sick, cured = log("spike", "sick"), log("spike", "cured")
    before, after = slice(spike.BAD - 50, spike.BAD - 1), slice(spike.BAD, spike.BAD + 50)
    assert sick["step"].loc[before].median() < 0.5
    assert 1.5 < sick["step"].loc[after].max() <= step_bound(0.9, 0.999, spike.STEPS)
    assert sick["total"].loc[after].max() > 10 * sick["total"].loc[before].max()
    assert cured["total"].loc[after].max() < 0.02
    assert cured["gradient"].loc[spike.BAD] > 10 * 0.1  # the bad batch was as bad


def test_start_the_loss_jumps_without_warm_up_and_never_with_it():
    sick, cured = log("start", "sick"), log("start", "cured")
    assert sick["loss"].iloc[:5].max() > 2 * sick["loss"].iloc[0]
    assert cured["loss"].max() < 1.05 * cured["loss"].iloc[0]
    assert last(sick, "loss") < 0.5 and last(cured, "loss") < 0.6  # and here both end well


def test_overfitting_validation_rises_while_training_falls():
    sick, cured = log("overfitting", "sick"), log("overfitting", "cured")
    lowest = sick["validation"].idxmin()
    assert sick["loss"].iloc[-1] < 0.1 * sick["loss"].loc[lowest]
    assert sick["validation"].iloc[-1] > 1.15 * sick["validation"].loc[lowest]
    assert cured["validation"].iloc[-1] < 1.02 * sick["validation"].min()


def test_resume_jumps_without_the_optimizers_state_and_is_the_same_run_with_it():
    sick, cured = log("resume", "sick"), log("resume", "cured")
    k = resume.BREAK
    assert sick["total"].loc[k + 1 :].max() > 4 * sick["total"].loc[k - 20 : k].max()
    assert cured["total"].loc[k + 1 :].max() < 3 * cured["total"].loc[k - 20 : k].max()
    assert cured.equals(resume.uninterrupted())


def test_resume_the_first_step_after_the_break_is_alpha_again():
    sick = log("resume", "sick")
    k = resume.BREAK
    assert sick["step"].loc[k + 1] == pytest.approx(0.01, rel=1e-3)
    assert sick["rms"].loc[k + 1] > 4 * sick["rms"].loc[k - 30 : k].median()


def test_embedding_a_row_coasts_nine_times_its_last_step_and_stays_without_a_first_average():
    sick, cured = log("embedding", "sick"), log("embedding", "cured")
    end = int(np.flatnonzero(sick["row_gradient"])[-1]) + 1
    assert 0 < end < len(sick) - 80 and not sick["row_gradient"].loc[end + 1 :].any()
    coasted = sick["drift"].iloc[-1] / sick["row_step"].loc[end]
    assert 7 < coasted < 9  # 0.9 + 0.81 + ... = 9, less what the corrections take
    assert cured["row_gradient"].any() and not cured["drift"].any()


def test_half_precision_is_nan_at_once_and_float32_moments_train():
    sick, cured = log("half_precision", "sick"), log("half_precision", "cured")
    assert sick["finite"].iloc[0] < 1 and sick["loss"].iloc[1:].isna().all()
    assert (cured["finite"] == 1).all() and last(cured, "loss") < 0.4
    assert cured["scale"].iloc[0] == 2.0**23 and cured["scale"].iloc[-1] < 2.0**23


def test_weight_decay_of_weights_without_gradient_is_a_product_that_the_settings_give():
    for state, decay in (("sick", 0.01), ("cured", 1.0)):
        run = log("weight_decay", state)
        expected = (1 - weight_decay.ALPHA * decay) ** np.arange(1, len(run) + 1)
        np.testing.assert_allclose(run["blank"], expected, rtol=1e-9)


def test_weight_decay_matters_when_its_sum_is_of_the_order_of_one():
    sick, cured = log("weight_decay", "sick"), log("weight_decay", "cured")
    assert sick["blank"].iloc[-1] > 0.98 and cured["blank"].iloc[-1] < 0.3
    assert cured["weights"].iloc[-1] < 0.85 * sick["weights"].iloc[-1]
    assert cured["validation"].iloc[-1] < 0.95 * sick["validation"].iloc[-1]


def test_schedule_stepped_twice_is_at_zero_half_way_and_back_at_the_end():
    sick, cured = log("schedule_twice", "sick"), log("schedule_twice", "cured")
    half = schedule_twice.STEPS // 2
    assert sick["alpha"].loc[half + 1] < 1e-9 and sick["alpha"].iloc[-1] > 0.99 * sick["alpha"][1]
    assert sick["gap"].loc[half + 1] < 2e-3 < 5e-3 < last(sick, "gap")
    assert cured["gap"].iloc[-1] < 5e-4


def test_big_batch_has_too_few_updates_and_the_square_root_rule_restores_most():
    small, sick, cured = big_batch.small(), log("big_batch", "sick"), log("big_batch", "cured")
    assert len(small) > 7.9 * len(sick) and len(sick) == len(cured)
    ends = [frame["total"].iloc[-1] for frame in (small, cured, sick)]
    assert ends[0] < ends[1] < 2 * ends[0] and ends[2] > 3 * ends[0]
