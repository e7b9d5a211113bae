"""What is recorded is counted, and what is missing costs what the record says an epoch costs."""

import pytest

from adambook.experiments.coverage import SECONDS_AN_EPOCH, coverage, planned
from adambook.experiments.results import Results
from adambook.experiments.runner import units_of


def record(name, units, where, seconds):
    results = Results(name, where)
    for unit in units:
        rows = [{"epoch": e, "cost": 1.0} for e in range(unit.epochs)]
        results.record(unit, rows, {"seconds_an_epoch": seconds})


def test_recorded_runs_and_epochs_are_counted_and_priced(tmp_path):
    units = units_of("fig4", "cpu")
    record("fig4", units[:3], tmp_path, seconds=7.0)
    found = coverage("fig4", where=tmp_path)
    assert (found.runs, found.all_runs) == (3, len(units))
    assert (found.epochs, found.seconds_an_epoch) == (30, 7.0)
    assert found.hours_left == pytest.approx((found.all_epochs - 30) * 7 / 3600)


def test_one_horizon_is_counted_by_itself(tmp_path):
    found = coverage("fig4", keep=lambda unit: unit.epochs == 100, where=tmp_path)
    assert found.all_epochs == 84 * 100 and found.runs == 0


def test_a_complete_experiment_says_nothing_of_a_rest(tmp_path):
    record("fig4", units_of("fig4", "cpu")[:1], tmp_path, seconds=7.0)
    found = coverage("fig4", where=tmp_path, keep=lambda u: u == units_of("fig4", "cpu")[0])
    assert str(found) == "fig4: 1 of 1 runs are recorded, 10 of 10 epochs."


@pytest.mark.parametrize("name", sorted(SECONDS_AN_EPOCH))
def test_what_is_not_recorded_at_all_is_priced_by_what_its_file_says(name, tmp_path):
    found = coverage(name, where=tmp_path)
    assert found.runs == 0 and found.all_epochs > 0
    assert found.seconds_an_epoch == SECONDS_AN_EPOCH[name]


def test_a_later_stage_is_as_large_as_its_file_says_before_its_settings_are_known(tmp_path):
    stages = ("fig2a-tuning", "fig2a-narrowed", "fig2a")
    assert sum(u.epochs for name in stages for u in planned(name, "cpu", tmp_path)) == 2655
    stages = ("fig3-tuning", "fig3")
    assert sum(u.epochs for name in stages for u in planned(name, "cpu", tmp_path)) == 438


def test_an_unknown_experiment_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no experiment 'fig9'"):
        coverage("fig9", where=tmp_path)
