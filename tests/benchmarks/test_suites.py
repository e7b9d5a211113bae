"""The benchmarks as a reader starts them: small ones, to the file and back."""

import errno
import json
import os
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from adambook.benchmarks import growth, record, startup, steps, suites
from adambook.benchmarks.clock import side_by_side
from adambook.benchmarks.suites import Choice, run


def test_forms_take_turns():
    order = []
    forms = {name: lambda name=name: order.append(name) for name in "ab"}
    times = side_by_side(forms, repeats=3, burst=2, warm=1)
    assert "".join(order) == "aabb" + "aaabbb" * 3
    assert [len(seconds) for seconds in times.values()] == [6, 6]


def test_a_benchmark_is_recorded_with_its_machine_and_drawn(tmp_path):
    choice = Choice(rules=("AdaMax",), sizes=("50", "60"), repeats=2, threads=1)
    told = run("steps", choice, where=tmp_path, picture=tmp_path / "steps.png")
    assert "AdaMax" in told
    rows = record.read("steps", tmp_path)
    assert set(rows["size"]) == {"50", "60"} and (rows["median_ms"] > 0).all()
    assert (rows["low_ms"] <= rows["high_ms"]).all()
    origin = json.loads((tmp_path / "bench-steps.json").read_text())
    assert (
        {"seconds", "load", "environment"} == set(origin) == set(record.origin("steps", tmp_path))
    )
    assert (tmp_path / "steps.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["training", "loops", "growth"])
def test_quick_benchmarks_run_on_one_thread(name):
    assert run(name, Choice(quick=True, repeats=1, threads=1))


def test_networks_are_measured_for_adam_alone_unless_rules_are_named(monkeypatch):
    jobs = []
    monkeypatch.setattr(steps, "_rows", lambda cls, size, *rest: jobs.append((cls, size)) or [])
    steps.measure((), ["1e4", "resnet18"], threads=1, quiet=True)
    assert [cls.__name__ for cls, size in jobs if size == "resnet18"] == ["Adam"]
    assert len([1 for _, size in jobs if size == "1e4"]) > 10


def test_a_worker_steps_a_stack_of_eight_as_often_as_it_is_told(monkeypatch):
    steps_of = []
    monkeypatch.setattr(
        growth, "stacked_step", lambda k, *, one_call: partial(steps_of.append, (k, one_call))
    )
    assert 0 < growth.work(5) < 5 and steps_of == [(8, True)] * 5


def test_the_load_is_that_of_the_last_minute_where_the_system_tells(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (1.234, 7.0, 8.0))
    assert record.load() == 1.23
    monkeypatch.delattr(os, "getloadavg")
    assert record.load() is None


def test_code_that_fails_is_told_by_its_last_line():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        startup.seconds("1 / 0")


BAD = {
    "benchmark must be one of steps, training, loops, startup, growth, precision, got 'x'": (
        "x",
        {},
    ),
    "a picture is drawn of steps only, and growth was asked for": ("growth", {"picture": "a.png"}),
    "a picture cannot be written to /nowhere: name another folder": (
        "steps",
        {"picture": Path("/nowhere/a.png")},
    ),
    "results cannot be written to /dev/null: File exists; name another folder with --results": (
        "steps",
        {"where": Path("/dev/null")},
    ),
}


@pytest.fixture
def unmeasured(monkeypatch):
    """Benchmarks that must not begin."""
    for name, (_, tell) in suites.SUITES.items():
        monkeypatch.setitem(suites.SUITES, name, (lambda choice: pytest.fail("it began"), tell))


@pytest.mark.parametrize("message", BAD)
def test_what_cannot_be_run_is_refused_before_anything_is_measured(message, unmeasured):
    name, options = BAD[message]
    with pytest.raises((ValueError, OSError)) as error:
        run(name, Choice(), **options)
    assert str(error.value) == message


@pytest.mark.parametrize("name", ["a.nonsense", "a"])
def test_a_picture_of_a_kind_that_cannot_be_drawn_is_refused_before(name, tmp_path, unmeasured):
    with pytest.raises(ValueError, match=r"^a picture's name must end in one of .*\.png"):
        run("steps", Choice(), picture=tmp_path / name)


@pytest.mark.parametrize(
    "choice, message",
    [
        (Choice(rules=("Adan",)), "^rules must be among SGD, .*, got 'Adan'$"),
        (Choice(sizes=("big",)), "^a size must be a whole number"),
        (Choice(sizes=("5",), threads=0), r"^threads must lie in \[1, \d+\], got 0$"),
    ],
)
def test_a_bad_choice_is_named(choice, message):
    with pytest.raises(ValueError, match=message):
        run("steps", choice)


def test_a_last_size_that_is_none_is_refused_before_the_first_is_measured(monkeypatch):
    monkeypatch.setattr(steps, "_rows", lambda *_: pytest.fail("it began"))
    with pytest.raises(ValueError, match="^a size must be a whole number"):
        run("steps", Choice(rules=("SGD",), sizes=("50", "big"), threads=1))


def test_rows_that_are_not_recorded_are_asked_for_by_command(tmp_path):
    with pytest.raises(FileNotFoundError, match="adambook bench growth --record"):
        record.read("growth", tmp_path)


def test_a_table_that_is_cut_off_is_refused(tmp_path):
    table = record.write("steps", [{"form": "NumPy", "median_ms": 0.125}], 1.0, tmp_path)
    table.write_bytes(table.read_bytes()[:-2])
    with pytest.raises(ValueError, match=r"bench-steps\.csv is cut off in its last row; run: adam"):
        record.read("steps", tmp_path)


@pytest.mark.parametrize("fails", [1, 2])
def test_a_benchmark_that_cannot_be_written_leaves_the_one_before_whole(
    tmp_path, monkeypatch, fails
):
    record.write("steps", [{"median_ms": 1.0}], 1.0, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write, calls = record.write_whole, []

    def full(path, content):
        calls.append(path)
        if len(calls) == fails:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    monkeypatch.setattr(record, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        record.write("steps", [{"median_ms": 2.0}], 2.0, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="name another folder with --results"):
        record.write("steps", [{"a": 1}], 1.0, tmp_path / "file" / "inside")


def test_written_rows_are_read_back_as_they_were(tmp_path):
    rows = [{"form": "NumPy", "median_ms": 0.125}, {"form": "one pass", "median_ms": 3.0}]
    record.write("steps", rows, 1.0, tmp_path)
    pd.testing.assert_frame_equal(record.read("steps", tmp_path), pd.DataFrame(rows))
