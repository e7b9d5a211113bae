"""Damaged records and checkpoints, full disks, closed folders: one sentence, nothing is lost."""

import contextlib
import errno
import hashlib
import io
import itertools
import json
import os
import resource
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from adambook.experiments import EXPERIMENTS, checkpoints, experiment, fig1_mnist, runner
from adambook.experiments.files import write_whole
from adambook.experiments.results import Results, folder, shipped
from adambook.experiments.units import identity
from adambook.ledger import records

NAME = "fig1-mnist"
ORDINARY_USER = 65534

pytestmark = pytest.mark.filterwarnings("ignore::adambook.datasets.StandInWarning")


def archived(save, *arrays, **named):
    """What NumPy writes of these arrays."""
    packed = io.BytesIO()
    save(packed, *arrays, **named)
    return packed.getvalue()


class Killed(BaseException):
    """What ends the process at once."""


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    """No data and no network: MNIST's stand-in."""
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path / "no data"))
    monkeypatch.setenv("ADAMBOOK_OFFLINE", "1")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing disturbed: the bytes of its table and of its provenance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADAMBOOK_DATA", "no data")
        patch.setenv("ADAMBOOK_OFFLINE", "1")
        results = run(tmp_path_factory.mktemp("whole"))
    return results.table.read_bytes(), results.origins.read_bytes()


@pytest.fixture
def recorded(tmp_path, whole):
    """A copy of that record, to be damaged."""
    results = Results(f"{NAME}-smoke", tmp_path / "results")
    results.folder.mkdir()
    results.table.write_bytes(whole[0])
    results.origins.write_bytes(whole[1])
    return results


def run(where):
    return runner.run(NAME, "smoke", jobs=1, where=where, quiet=True)


def refused(recorded, path, fault):
    """The run says so in one sentence that names the file, and changes nothing."""
    before = recorded.table.read_bytes(), recorded.origins.read_bytes()
    with pytest.raises(ValueError, match=fault) as caught:
        run(recorded.folder)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert (recorded.table.read_bytes(), recorded.origins.read_bytes()) == before


def test_a_table_cut_anywhere_in_a_row_is_refused_and_left_alone(recorded, whole):
    lines = whole[0].splitlines(keepends=True)
    last = len(whole[0]) - len(lines[-1])
    for length in (1, len(lines[0]) - 1, len(lines[0]) + 7, last + 1, len(whole[0]) - 1):
        recorded.table.write_bytes(whole[0][:length])
        refused(recorded, recorded.table, "is cut off in its last row|is no table of results")


def test_rows_lost_from_the_table_are_run_again(recorded, whole):
    recorded.table.write_bytes(b"".join(whole[0].splitlines(keepends=True)[:20]))
    assert run(recorded.folder).table.read_bytes() == whole[0]


DAMAGES = {
    "a conflict's mark": (lambda row: b"<<<<<<< HEAD", "it has 1 fields and the header 10"),
    "an empty line": (lambda row: b"", "it has 0 fields and the header 10"),
    "a row cut": (lambda row: row[:20], "it has 2 fields and the header 10"),
    "two rows in one": (lambda row: row + row, "it has 19 fields and the header 10"),
    "a byte 0": (lambda row: row[:-1] + b"\0", "it holds a byte 0"),
    "a quotation mark": (lambda row: b'"' + row, "unexpected end of data"),
    "no epoch": (lambda row: with_field(row, 6, b""), "it names no epoch"),
    "no unit": (lambda row: row[12:], "it names no unit"),
    "a word for the cost": (
        lambda row: with_field(row, 7, b"abc"),
        "cost must be a number, got 'abc'",
    ),
    "a word for the epoch": (lambda row: row.replace(b",0,", b",x,"), "must be a number, got 'x'"),
}


def with_field(row, at, value):
    fields = row.split(b",")
    return b",".join([*fields[:at], value, *fields[at + 1 :]])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_line_in_the_table_is_named_and_left_alone(recorded, whole, damage):
    change, fault = DAMAGES[damage]
    lines = whole[0].splitlines()
    lines[5] = change(lines[5])
    recorded.table.write_bytes(b"\n".join(lines) + b"\n")
    where = r"damaged in line \d+" if damage == "a quotation mark" else "damaged in line 6"
    refused(recorded, recorded.table, f"{where}: .*{fault}; delete that line and run the exp")


def test_an_epoch_that_is_there_twice_while_another_is_gone_is_run_again(recorded, whole):
    rows = recorded.rows()
    unit = rows["unit"] == rows["unit"][0]
    rows.loc[unit, "epoch"] = 0
    recorded.table.write_text(rows.to_csv(index=False), encoding="utf-8")
    assert len(recorded.missing(experiment(NAME).units("smoke"))) == 1
    assert run(recorded.folder).table.read_bytes() == whole[0]


TABLE = "unit,seed,epoch,cost\n" + "".join(f"a,0,{e},0.{5 - e}\n" for e in range(3))
ORIGIN = {"data": {"name": "MNIST"}, "configuration": {"epochs": 3}}


def small(folder, table=TABLE, **origins):
    results = Results("small", folder)
    results.table.write_text(table, encoding="utf-8")
    results.origins.write_text(json.dumps(origins or {"a": ORIGIN}), encoding="utf-8")
    return results


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("a,0,1,0.4", "a,0,1,", "damaged in line 3: it has no cost"),
        ("a,0,1,0.4", "a,0,1.5,0.4", "damaged in line 3: epoch must be a whole number"),
        ("a,0,1,0.4", "a,0,-1,0.4", "damaged in line 3: epoch must be a whole number"),
        ("seed", "cost", "it has the column 'cost' twice"),
    ],
)
def test_a_blank_number_an_odd_epoch_and_a_column_twice_are_refused(tmp_path, old, new, fault):
    assert len(small(tmp_path).rows()) == 3
    with pytest.raises(ValueError, match=fault):
        small(tmp_path, TABLE.replace(old, new)).rows()


@pytest.mark.parametrize("what", ["file", "loop"])
def test_results_in_what_is_no_folder_do_not_count_as_nothing_recorded(tmp_path, what):
    place = tmp_path / "results"
    place.symlink_to(place) if what == "loop" else place.write_text("here")
    with pytest.raises(ValueError, match="results is no folder, and no link to one"):
        Results("small", place).rows()


@pytest.mark.parametrize("what", ["folder", "dangling link"])
def test_a_table_that_is_no_file_does_not_count_as_nothing_recorded(tmp_path, what):
    table = tmp_path / "small.csv"
    table.mkdir() if what == "folder" else table.symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match=r"small\.csv is no file, and no link to one"):
        Results("small", tmp_path).rows()


@pytest.mark.parametrize(
    ("table", "origins", "fault"),
    [
        (TABLE.replace("a,0,2,0.3\n", ""), {}, "has 2 of its 3 epochs"),
        (TABLE + "a,0,2,0.1\n", {}, "has more rows of some epochs than of others"),
        (TABLE + "b,1,0,0.1\n", {}, "unit b has no provenance"),
        (TABLE, {"a": {**ORIGIN, "data": {"name": "STAND-IN for MNIST"}}}, "is from stand-in data"),
    ],
)
def test_no_verdict_is_read_from_rows_that_are_not_the_whole_of_a_real_run(
    tmp_path, monkeypatch, table, origins, fault
):
    monkeypatch.setenv("ADAMBOOK_RESULTS", str(tmp_path))
    monkeypatch.setitem(records.COLUMNS, "small", ("seed", "cost"))
    records._recorded.cache_clear()
    small(tmp_path, table, **origins)
    with pytest.raises(ValueError, match=fault):
        records.Records().rows("small")
    small(tmp_path)
    assert len(records.Records().rows("small")) == 3
    records._recorded.cache_clear()


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_every_unit_that_comes_with_the_code_is_recorded_whole(name):
    shipped_with = Results(name, shipped() / "results")
    rows, origins = shipped_with.rows(), shipped_with.provenance()
    assert set(rows["unit"]) == set(origins)
    for unit, own in rows.groupby("unit"):
        an_epoch = own["epoch"].value_counts()
        epochs = origins[unit]["configuration"].get("epochs", 1)
        assert sorted(an_epoch.index) == list(range(epochs)) and an_epoch.nunique() == 1


@pytest.mark.parametrize("text", ["", "\n", "<html>not a table</html>\n", "a,b\n1,2\n", "\0\0\n"])
def test_a_table_that_is_none_is_refused_and_left_alone(recorded, text):
    recorded.table.write_text(text)
    refused(recorded, recorded.table, "is no table of results")


def test_a_table_of_other_bytes_is_refused(recorded, whole):
    recorded.table.write_bytes(whole[0] + b"\xff\n")
    refused(recorded, recorded.table, "is no table of results")


@pytest.mark.parametrize("keep", [0, 1, 0.3, 0.9])
def test_provenance_cut_anywhere_is_refused_and_left_alone(recorded, whole, keep):
    recorded.origins.write_bytes(whole[1][: int(keep * len(whole[1]) if keep < 1 else keep)])
    refused(recorded, recorded.origins, "is no record of provenance")


@pytest.mark.parametrize("text", ["[]", "3", '"fig1"', "null", '{"a1b2": null}'])
def test_provenance_that_is_none_is_refused(recorded, text):
    recorded.origins.write_text(text)
    refused(recorded, recorded.origins, "is no record of provenance: it names no units")


def test_results_lie_where_the_environment_says_or_come_with_the_code(monkeypatch):
    monkeypatch.setenv("ADAMBOOK_RESULTS", "~/again")
    assert folder().name == "again" and "~" not in str(folder())
    monkeypatch.setenv("ADAMBOOK_RESULTS", "")
    assert folder() == shipped() / "results"


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "unit.npz"
    checkpoints.save(path, "a1b2", "data", {"theta": np.arange(3.0)}, [{"epoch": 0, "cost": 0.5}])
    return path


def test_every_flipped_bit_makes_it_no_checkpoint(checkpoint):
    sound = checkpoint.read_bytes()
    for at in range(8 * len(sound)):
        damaged = bytearray(sound)
        damaged[at // 8] ^= 1 << at % 8
        checkpoint.write_bytes(damaged)
        assert checkpoints.load(checkpoint, "a1b2", "data") is None
    checkpoint.write_bytes(sound)
    assert checkpoints.load(checkpoint, "a1b2", "data")[1] == [{"epoch": 0, "cost": 0.5}]


def test_cut_anywhere_it_is_no_checkpoint(checkpoint):
    sound = checkpoint.read_bytes()
    for length in range(len(sound)):
        checkpoint.write_bytes(sound[:length])
        assert checkpoints.load(checkpoint, "a1b2", "data") is None


FOREIGN = {
    "no archive": b"not an archive",
    "an archive cut": b"PK\x03\x04 and no end",
    "one array": archived(np.save, np.ones(2)),
    "no rows": archived(np.savez, unit="a1b2", data="data"),
    "rows of another form": archived(np.savez, unit="a1b2", data="data", rows="<rows/>"),
    "no unit": archived(np.savez, data="data", rows="[]"),
    "several units": archived(np.savez, unit=["a1b2", "c3d4"], data="data", rows="[]"),
    "an object": archived(np.savez, unit="a1b2", data="data", rows="[]", theta=np.array([None])),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_sound_bytes_that_another_version_wrote_otherwise_are_no_checkpoint(checkpoint, what):
    checkpoint.write_bytes(hashlib.sha256(FOREIGN[what]).digest() + FOREIGN[what])
    assert checkpoints.load(checkpoint, "a1b2", "data") is None


def test_a_checkpoint_that_cannot_be_read_is_not_trained_over(tmp_path, monkeypatch):
    unit, path = experiment(NAME).units("smoke")[0], tmp_path / "unit.npz"
    runner.execute(NAME, unit, path)
    before = path.read_bytes()

    def failing(self):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", failing)
        with pytest.raises(OSError, match=r"unit\.npz cannot be read: Input/output error; mend"):
            runner.execute(NAME, unit, path)
    assert path.read_bytes() == before


def test_another_units_checkpoint_is_none_of_this_one(checkpoint):
    assert checkpoints.load(checkpoint, "a1b2", "data") is not None
    assert checkpoints.load(checkpoint, "c3d4", "data") is None


def test_a_checkpoint_from_other_data_is_none_of_this_one(checkpoint):
    assert checkpoints.load(checkpoint, "a1b2", "other") is None


@pytest.mark.parametrize("damage", ["cut", "another unit's", "a folder"])
def test_a_unit_without_a_sound_checkpoint_starts_again(tmp_path, monkeypatch, damage):
    units, path = experiment(NAME).units("smoke"), tmp_path / "unit.npz"
    _, rows, _ = runner.execute(NAME, units[0], path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif damage == "another unit's":
        runner.execute(NAME, units[1], path)
    else:
        path.unlink()
        path.mkdir()
        with pytest.raises(OSError, match=r"unit\.npz cannot be read: Is a directory; mend that"):
            runner.execute(NAME, units[0], path)
        return
    _, again, _ = runner.execute(NAME, units[0], path)
    assert again == rows


def stopped(name, path, monkeypatch, change=lambda arrays: arrays):
    """Leave the checkpoint of a unit's first epoch, its arrays changed; return the unit."""
    unit, save = experiment(name).units("smoke")[0], checkpoints.save

    def stop_after_saving(path, unit, data, arrays, rows):
        save(path, unit, data, change(arrays), rows)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(checkpoints, "save", stop_after_saving)
        runner.execute(name, unit, path)
    return unit


def test_a_unit_begun_on_other_data_starts_again(tmp_path, monkeypatch):
    path, loaded = tmp_path / "unit.npz", fig1_mnist._data(True)
    with monkeypatch.context() as patch:
        other = (1 - loaded[0], *loaded[1:-2], "MNIST", "the checksum of MNIST")
        patch.setattr(fig1_mnist, "_data", lambda stand_in: other)
        unit = stopped(NAME, path, monkeypatch)
    _, rows, _ = runner.execute(NAME, unit, path)
    assert rows == runner.execute(NAME, unit, tmp_path / "whole.npz")[1]


ARRAYS = {
    NAME: ("seconds", "clock", "commits", "epoch", "t", "theta"),
    "fig2b-tuning": ("progress", "model.layers.0.weight", "optimizer.0.m"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_unit_whose_checkpoint_lacks_an_array_starts_again(tmp_path, monkeypatch, name):
    unit = experiment(name).units("smoke")[0]
    _, whole, _ = runner.execute(name, unit, tmp_path / "whole.npz")
    for lost in ARRAYS[name]:
        path = tmp_path / f"without {lost}.npz"
        stopped(name, path, monkeypatch, partial(without, lost))
        assert runner.execute(name, unit, path)[1] == whole


@pytest.mark.parametrize(
    "name", [NAME, "fig1-imdb-tuning", "fig2b-tuning", "fig2b-history", "fig4", "ledger-streams"]
)
def test_a_unit_goes_on_from_a_checkpoint_that_is_its_own(tmp_path, monkeypatch, name):
    unit = stopped(name, tmp_path / "unit.npz", monkeypatch)
    _, rows, spent = runner._taken_up(name, unit, tmp_path / "unit.npz")
    assert len(rows) == unit.rows_an_epoch and len(spent.clock) == 1 and spent.seconds > 0


OTHERS = {
    NAME: {
        "one model for all": lambda a: {**a, "theta": a["theta"][:1]},
        "a number for all": lambda a: {**a, "theta": np.float32(0.5)},
        "half the digits": lambda a: {**a, "theta": a["theta"].astype(np.float16)},
        "words": lambda a: {**a, "theta": np.array("theta")},
        "one array more": lambda a: {**a, "momentum": a["theta"]},
        "a clock of no epoch": lambda a: {**a, "clock": np.zeros(0)},
        "a clock without epochs": lambda a: {**a, "clock": np.array(1.0)},
        "one word for the commits": lambda a: {**a, "commits": np.array("a2a31ad")},
    },
    "fig2b-tuning": {
        "no progress at all": lambda a: {**a, "progress": np.array(1)},
        "less progress": lambda a: {**a, "progress": np.zeros(0)},
        "an optimizer of a word": lambda a: {**a, "optimizer.x.m": np.ones(3)},
        "one array more": lambda a: {**a, "beside": np.ones(3)},
    },
}


@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for name in OTHERS for what in OTHERS[name]]
)
def test_a_unit_whose_checkpoint_holds_what_it_never_wrote_starts_again(
    tmp_path, monkeypatch, name, what
):
    path = tmp_path / "unit.npz"
    unit = stopped(name, path, monkeypatch, OTHERS[name][what])
    training, rows, spent = runner._taken_up(name, unit, path)
    fresh = experiment(name).begin(unit)
    assert rows == [] and spent.seconds == 0 and len(spent.clock) == 0
    assert training.epoch() == fresh.epoch()


def without(lost, arrays):
    """The arrays but one, which must be among them."""
    return {name: arrays[name] for name in arrays.keys() - {lost}} if lost in arrays else None


@pytest.fixture
def full_disk(tmp_path):
    """A disk of 4 MB that is full; deleting `filler` makes room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.system(f"mount -t tmpfs -o size=4m tmpfs '{disk}' 2>/dev/null"):
        pytest.skip("this user may not mount a disk")
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    yield disk
    os.system(f"umount '{disk}'")


def test_on_a_full_disk_a_run_ends_with_one_sentence_and_goes_on_when_there_is_room(
    full_disk, whole
):
    with pytest.raises(OSError, match=r"\.npz cannot be written: No space left on device$"):
        run(full_disk / "results")
    assert not list(full_disk.rglob("*.part"))
    (full_disk / "filler").unlink()
    assert run(full_disk / "results").table.read_bytes() == whole[0]


def test_without_room_for_its_rows_a_unit_keeps_its_checkpoint(tmp_path, whole):
    """/dev/full is a disk that is always full."""
    table = tmp_path / f"{NAME}-smoke.csv"
    part = tmp_path / f"{table.name}.{os.getpid()}.part"
    part.symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"smoke\.csv cannot be written: No space left on device$"):
        run(tmp_path)
    assert not part.is_symlink() and not table.exists()
    assert list((tmp_path / "checkpoints").glob("*.npz"))
    assert run(tmp_path).table.read_bytes() == whole[0]


def test_a_file_that_grows_too_large_leaves_what_was_there(tmp_path):
    path = tmp_path / "rows.csv"
    write_whole(path, b"before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match=r"rows\.csv cannot be written: File too large"):
            write_whole(path, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


def test_a_disk_that_turned_read_only_is_named_by_the_file_that_is_missing(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for name in ("open", "unlink"):
        monkeypatch.setattr(Path, name, refused)
    with pytest.raises(OSError, match=r"rows\.csv cannot be written: Read-only file system$"):
        write_whole(tmp_path / "rows.csv", b"")


@pytest.fixture
def closed_folder():
    """A folder that an ordinary user may read; the test goes on as one."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "results")
        folder.mkdir(mode=0o555)
        Path(place).chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(ORDINARY_USER)
        yield folder
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
        Path(place).chmod(0o755)


def test_a_folder_that_may_only_be_read_is_named(closed_folder):
    with pytest.raises(OSError, match="cannot be written to .*: Permission denied; name another"):
        run(closed_folder)
    with pytest.raises(OSError, match="cannot be written to .*: Permission denied; name another"):
        run(closed_folder / "below")
    assert not list(closed_folder.iterdir())


def test_a_run_whose_table_was_deleted_meanwhile_does_not_end_as_complete(
    tmp_path, monkeypatch, whole
):
    record = Results.record

    def after_a_deletion(self, *unit):
        self.table.unlink(missing_ok=True)
        record(self, *unit)

    with monkeypatch.context() as patch:
        patch.setattr(Results, "record", after_a_deletion)
        with pytest.raises(
            OSError, match=r"smoke\.csv lost 2 of its 3 units while this ran; the s"
        ):
            run(tmp_path)
    assert run(tmp_path).table.read_bytes() == whole[0]


def test_a_clock_that_runs_backwards_changes_nothing(tmp_path, monkeypatch, whole):
    now = iter(range(2_000_000_000, 0, -3600))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    monkeypatch.setattr(time, "time_ns", lambda: next(now) * 10**9)
    results = run(tmp_path)
    assert results.table.read_bytes() == whole[0]
    for origin in results.provenance().values():
        assert origin["seconds"] >= 0 and origin["seconds_an_epoch"] >= 0


def test_files_from_the_future_are_gone_on_from(tmp_path, monkeypatch, whole):
    """The clock was set back by a year between two runs."""
    unit = experiment(NAME).units("smoke")[0]
    path = tmp_path / "checkpoints" / f"{identity(unit)}.npz"
    runner.execute(NAME, unit, path)
    later = time.time() + 365 * 86400
    os.utime(path, (later, later))
    trained, epoch = [], fig1_mnist.StackTraining.epoch
    monkeypatch.setattr(
        fig1_mnist.StackTraining, "epoch", lambda self: trained.append(self) or epoch(self)
    )
    assert run(tmp_path).table.read_bytes() == whole[0]
    assert len(trained) == 2 * unit.epochs  # of the two other units


def test_recording_one_unit_keeps_the_others(tmp_path):
    results = Results("toy", tmp_path)
    units = experiment(NAME).units("smoke")
    results.record(units[0], [{"epoch": 0, "cost": 1.25}], {"seconds": 1})
    results.record(units[1], [{"epoch": 0, "cost": 2.5}], {"seconds": 2})
    results.record(units[0], [{"epoch": 0, "cost": 1.5}], {"seconds": 3})
    assert sorted(results.rows()["cost"]) == [1.5, 2.5]
    seconds = {k: v["seconds"] for k, v in json.loads(results.origins.read_text()).items()}
    assert seconds == {identity(units[0]): 3, identity(units[1]): 2}


@pytest.mark.parametrize("writes", range(4))
def test_killed_while_a_unit_is_exchanged_no_rows_lie_beside_the_provenance_of_others(
    tmp_path, monkeypatch, writes
):
    results, unit = Results("toy", tmp_path), experiment(NAME).units("smoke")[0]
    for title, cost in (("old", 1.0), ("new", 2.0)):
        rows = [{"epoch": e, "cost": cost} for e in range(2) for _ in range(unit.rows_an_epoch)]
        left = itertools.count(writes if title == "new" else 9, -1)

        def until_killed(path, content, left=left):
            if next(left) == 0:
                raise Killed
            write_whole(path, content)

        monkeypatch.setattr("adambook.experiments.results.write_whole", until_killed)
        with contextlib.suppress(Killed):
            results.record(unit, rows, {"data": title})
    if results.missing([unit]):
        return
    (title,) = (origin["data"] for origin in results.provenance().values())
    assert results.rows()["cost"].unique() == {"old": 1.0, "new": 2.0}[title]


def test_the_error_names_what_is_in_the_folders_place(tmp_path):
    with pytest.raises(OSError, match=r"rows\.csv cannot be written: .*file is no folder$"):
        (tmp_path / "file").touch()
        write_whole(tmp_path / "file" / "rows.csv", b"")
