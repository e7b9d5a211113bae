"""The runner: killed and resumed at will, one at a time, never half-written."""

import contextlib
import itertools
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from types import SimpleNamespace

import numba
import pytest
import torch
from killing import PROCESSES, called
from threadpoolctl import threadpool_info

from adambook.experiments import checkpoints, experiment, fig1_mnist, provenance, runner
from adambook.experiments.results import Results
from adambook.experiments.units import identity


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
    checksum = experiment(name).begin(unit).checksum
    assert len(checkpoints.load(path, identity(unit), checksum)[1]) == unit.rows_an_epoch
    _, resumed, _ = runner.execute(name, unit, path)
    assert resumed == whole


def executed(unit, path, monkeypatch, *, commits, stop=None):
    """Run a unit while the commit is the next of `commits` after each epoch; return its origin.

    It is stopped after `stop` epochs.
    """
    epoch, here = fig1_mnist.StackTraining.epoch, iter(commits)
    now = [next(here)]

    def next_epoch(self):
        if self.epochs_done == stop:
            raise KeyboardInterrupt
        now[0] = next(here)
        return epoch(self)

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(provenance, "commit", lambda: now[0])
        patch.setattr(fig1_mnist.StackTraining, "epoch", next_epoch)
        return runner.execute("fig1-mnist", unit, path)[2]


def test_the_commit_is_that_at_the_start_not_one_made_meanwhile(tmp_path, monkeypatch):
    unit = experiment("fig1-mnist").units("smoke")[0]
    origin = executed(unit, tmp_path / "unit.npz", monkeypatch, commits=["a2a31ad", "b", "c"])
    assert origin["environment"]["commit"] == "a2a31ad"


def test_a_unit_taken_up_again_at_another_commit_names_each_that_trained_it(tmp_path, monkeypatch):
    unit, path = experiment("fig1-mnist").units("smoke")[0], tmp_path / "unit.npz"
    executed(unit, path, monkeypatch, commits=["a2a31ad", "b"], stop=1)
    origin = executed(unit, path, monkeypatch, commits=["db0a09b", "d"])
    assert origin["environment"]["commit"] == "a2a31ad, db0a09b"
    origin = executed(unit, path, monkeypatch, commits=["e5f6a7b"])
    assert origin["environment"]["commit"] == "a2a31ad, db0a09b"


def test_what_a_unit_took_before_it_was_stopped_is_counted_too(tmp_path, monkeypatch):
    """By a clock that goes on by 1 at each look, and by 9 more in the first epoch."""
    unit, clock = experiment("fig1-mnist").units("smoke")[0], itertools.count()
    epoch, stop = fig1_mnist.StackTraining.epoch, [True]

    def slow_at_first(self):
        if self.epochs_done == 1 and stop.pop():
            raise KeyboardInterrupt
        for _ in range(0 if self.epochs_done else 9):
            next(clock)
        return epoch(self)

    monkeypatch.setattr(fig1_mnist.StackTraining, "epoch", slow_at_first)
    monkeypatch.setattr(runner, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    with pytest.raises(KeyboardInterrupt):
        runner.execute("fig1-mnist", unit, tmp_path / "unit.npz")
    stop.append(False)
    origin = runner.execute("fig1-mnist", unit, tmp_path / "unit.npz")[2]
    assert (origin["seconds"], origin["seconds_an_epoch"]) == (12 + 4, (10 + 1) / 2)


def test_a_process_whose_runner_was_killed_ends_after_its_epoch_and_keeps_it(tmp_path, monkeypatch):
    unit, path = experiment("fig1-mnist").units("smoke")[0], tmp_path / "unit.npz"
    parents = iter([7, 1])
    with monkeypatch.context() as patch:
        patch.setattr(runner.os, "getppid", lambda: next(parents))
        patch.setattr(runner.os, "_exit", sys.exit)
        with pytest.raises(SystemExit):
            runner.execute("fig1-mnist", unit, path, 7)
    checksum = experiment("fig1-mnist").begin(unit).checksum
    assert len(checkpoints.load(path, identity(unit), checksum)[1]) == unit.rows_an_epoch


def test_a_unit_that_is_recorded_leaves_no_file_beside_those_still_at_work(tmp_path, monkeypatch):
    record, left = Results.record, []

    def noted(self, unit, *rest):
        left.append({path.stem for path in (tmp_path / "checkpoints").iterdir()})
        record(self, unit, *rest)

    monkeypatch.setattr(Results, "record", noted)
    run(tmp_path)
    units = experiment("fig1-mnist").units("smoke")
    assert left == [{identity(unit)} for unit in units]


def test_a_unit_whose_files_are_deleted_still_counts_as_done(tmp_path, capsys):
    runner.run("fig1-mnist", "smoke", jobs=1, where=tmp_path)
    assert "6/6" in capsys.readouterr().err


def test_the_bar_shows_the_epochs_that_all_units_say_they_have_done(tmp_path, capsys):
    units = experiment("fig1-mnist").units("smoke")
    paths = {identity(unit): tmp_path / f"{identity(unit)}.npz" for unit in units}
    with runner._progress("fig1-mnist", units, paths, quiet=False):
        for path, done in zip(paths.values(), ("1", "2", "no number"), strict=True):
            runner._epochs_file(path).write_text(done)
    assert "3/6" in capsys.readouterr().err


def test_code_that_lies_in_a_checkout_of_another_project_has_no_commit(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    git("init")
    git("-c", "user.name=n", "-c", "user.email=e", "commit", "--allow-empty", "-m", "theirs")
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    assert len(provenance.commit()) == 40
    (tmp_path / "vendor").mkdir()
    monkeypatch.setattr(provenance, "ROOT", tmp_path / "vendor")
    assert provenance.commit() == "unknown"


def test_the_commit_is_this_projects_whatever_repository_the_environment_names(
    tmp_path, monkeypatch
):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "name").write_text(folder.name)
        git = ["git", "-c", "user.name=n", "-c", "user.email=e", "-C", str(folder)]
        for words in (["init"], ["add", "."], ["commit", "-m", "one"]):
            subprocess.run([*git, *words], check=True, capture_output=True)
    monkeypatch.setattr(provenance, "ROOT", ours)
    own = provenance.commit()
    elsewhere = {
        "GIT_DIR": theirs / ".git",
        "GIT_WORK_TREE": theirs,
        "GIT_INDEX_FILE": theirs / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": theirs / ".git" / "objects",
        "GIT_COMMON_DIR": theirs / ".git",
    }
    for name, place in elsewhere.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, str(place))
            assert len(own) == 40 and provenance.commit() == own, name


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


def test_no_more_processes_are_asked_for_than_there_are_units(tmp_path, monkeypatch):
    asked, joblib = [], runner.joblib

    def noted(n_jobs, **options):
        asked.append(n_jobs)
        return joblib.Parallel(n_jobs=1, **options)

    monkeypatch.setattr(runner, "joblib", SimpleNamespace(Parallel=noted, delayed=joblib.delayed))
    for _ in range(2):
        runner.run("fig1-mnist", "smoke", jobs=10**30, where=tmp_path, quiet=True)
    assert asked == [3, 1]


def test_a_second_runner_is_refused_in_one_sentence(tmp_path):
    with (
        runner._alone(Results("fig1-mnist-smoke", tmp_path)),
        pytest.raises(OSError, match="another runner is recording"),
    ):
        run(tmp_path)


def test_of_two_runners_at_once_one_records_and_the_other_is_refused_or_finds_it_done(tmp_path):
    whole = run(tmp_path / "whole").table.read_bytes()
    names = {"ADAMBOOK_DATA": str(tmp_path / "no data"), "ADAMBOOK_OFFLINE": "1"}
    with ProcessPoolExecutor(2, PROCESSES) as pool:
        both = [pool.submit(called, names, run, tmp_path / "both") for _ in range(2)]
        errors = [str(one.exception()) for one in both if one.exception() is not None]
    assert len(errors) < 2 and all("another runner is recording" in error for error in errors)
    assert run(tmp_path / "both").table.read_bytes() == whole
