"""The runner: killed and resumed at will, one at a time, never half-written."""

import json
import os
import signal
import subprocess
import sys
import time

import numba
import pandas as pd
import pytest
import torch
from threadpoolctl import threadpool_info

from adambook.experiments import checkpoints, experiment, fig1_mnist, runner
from adambook.experiments.results import Results
from adambook.experiments.units import identity

COMMAND = [sys.executable, "-c", "from adambook.cli import main; main()"]


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    """No data and no network: MNIST's stand-in, small and the same everywhere."""
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path / "no data"))
    monkeypatch.setenv("ADAMBOOK_OFFLINE", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")


def run(where, name="fig1-mnist", **options):
    return runner.run(name, "smoke", jobs=1, where=where, quiet=True, **options)


pytestmark = pytest.mark.filterwarnings("ignore::adambook.datasets.StandInWarning")


def test_a_run_records_every_row_and_where_it_comes_from(tmp_path):
    results = run(tmp_path)
    rows = results.rows()
    assert len(rows) == 3 * 2 * 9
    assert not results.missing(experiment("fig1-mnist").units("smoke"))
    for origin in results.provenance().values():
        assert origin["data"]["name"].startswith("STAND-IN")
        assert {"commit", "versions", "processor"} <= set(origin["environment"])
        assert origin["seconds"] >= 0
    assert not list((tmp_path / "checkpoints").iterdir())


def test_a_second_run_finds_nothing_to_do_and_changes_nothing(tmp_path):
    first = run(tmp_path)
    before = first.table.read_bytes(), first.origins.read_bytes()
    run(tmp_path)
    assert (first.table.read_bytes(), first.origins.read_bytes()) == before


@pytest.mark.parametrize("name", ["fig1-mnist", "fig1-imdb-tuning", "fig1-imdb-fit", "fig4"])
def test_a_unit_stopped_after_an_epoch_goes_on_to_the_same_rows(name, tmp_path, monkeypatch):
    unit, path = experiment(name).units("smoke")[-1], tmp_path / "unit.npz"
    _, whole, _ = runner.execute(name, unit, tmp_path / "whole.npz")
    save = checkpoints.save

    def stop_after_saving(*args):
        save(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints, "save", stop_after_saving)
    with pytest.raises(KeyboardInterrupt):
        runner.execute(name, unit, path)
    monkeypatch.setattr(checkpoints, "save", save)
    assert len(checkpoints.load(path)[1]) == unit.rows_an_epoch
    _, resumed, _ = runner.execute(name, unit, path)
    assert resumed == whole


def test_a_unit_keeps_to_one_thread_and_gives_the_others_back(tmp_path, monkeypatch):
    unit, seen = experiment("fig1-mnist").units("smoke")[0], []
    epoch = fig1_mnist.StackTraining.epoch

    def watched(self):
        blas = [pool["num_threads"] for pool in threadpool_info()]
        seen.append({numba.get_num_threads(), torch.get_num_threads(), *blas})
        return epoch(self)

    monkeypatch.setattr(fig1_mnist.StackTraining, "epoch", watched)
    before = numba.get_num_threads()
    runner.execute("fig1-mnist", unit, tmp_path / "unit.npz")
    assert seen == [{1}, {1}]
    assert numba.get_num_threads() == before


def test_a_damaged_checkpoint_starts_its_unit_again(tmp_path):
    unit, path = experiment("fig1-mnist").units("smoke")[0], tmp_path / "unit.npz"
    _, whole, _ = runner.execute("fig1-mnist", unit, path)
    path.write_bytes(path.read_bytes()[:100])
    _, again, _ = runner.execute("fig1-mnist", unit, path)
    assert again == whole


@pytest.mark.parametrize("name", ["fig1-mnist", "fig1-imdb-tuning", "fig4"])
def test_killed_at_any_moment_the_same_command_ends_with_the_same_rows(name, tmp_path):
    whole = run(tmp_path / "whole", name).rows()
    command = [*COMMAND, "run", name, "--size", "smoke", "--jobs", "1"]
    command += ["--results", str(tmp_path / "killed")]
    for moment in ("checkpoints/*.npz", "*.csv"):  # a first epoch, a first unit is done
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None and not list((tmp_path / "killed").glob(moment)):
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, capture_output=True)
    resumed = Results(f"{name}-smoke", tmp_path / "killed").rows()
    pd.testing.assert_frame_equal(whole, resumed)


def test_rows_lost_from_the_table_are_run_again(tmp_path):
    results = run(tmp_path)
    whole = results.table.read_text()
    results.table.write_text("\n".join(whole.splitlines()[:20]) + "\n")
    assert results.missing(experiment("fig1-mnist").units("smoke"))
    run(tmp_path)
    assert results.table.read_text() == whole


def test_a_table_that_is_none_is_refused_and_left_alone(tmp_path):
    table = tmp_path / "fig1-mnist-smoke.csv"
    table.write_text("<html>not a table</html>\n")
    with pytest.raises(ValueError, match="is no table of results"):
        run(tmp_path)
    assert table.read_text() == "<html>not a table</html>\n"


def test_a_second_runner_is_refused_in_one_sentence(tmp_path):
    with (
        runner._alone(Results("fig1-mnist-smoke", tmp_path)),
        pytest.raises(OSError, match="another runner is recording"),
    ):
        run(tmp_path)


def test_recording_one_unit_keeps_the_others(tmp_path):
    results = Results("toy", tmp_path)
    units = experiment("fig1-mnist").units("smoke")
    results.record(units[0], [{"epoch": 0, "cost": 1.25}], {"seconds": 1})
    results.record(units[1], [{"epoch": 0, "cost": 2.5}], {"seconds": 2})
    results.record(units[0], [{"epoch": 0, "cost": 1.5}], {"seconds": 3})
    assert sorted(results.rows()["cost"]) == [1.5, 2.5]
    seconds = {k: v["seconds"] for k, v in json.loads(results.origins.read_text()).items()}
    assert seconds == {identity(units[0]): 3, identity(units[1]): 2}
