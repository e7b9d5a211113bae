"""Fetching: resumed when it breaks, refused when wrong, whole or not at all."""

import os
import tarfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import filelock
import pytest
from killing import PROCESSES, called, dies_at

from adambook.datasets import (
    DataError,
    StandInWarning,
    cifar10,
    fetch,
    folder,
    imdb_bow,
    mnist,
    registry,
)
from adambook.datasets.errors import Unreachable
from adambook.datasets.fetch import fetch_missing
from adambook.datasets.registry import Part
from adambook.datasets.unpack import unpack

ARCHIVE = "cifar-10-binary.tar.gz"
BATCHES = ["cifar-10-batches-bin", "data_batch_1.bin", "test_batch.bin"]


def names_in(root):
    """All that lies there, but for the file that says whether somebody is fetching."""
    return sorted(path.name for path in root.rglob("*") if path.name != ".lock")


def with_mirrors(monkeypatch, entry, urls):
    """The same data set, its single archive at these addresses."""
    (download,) = entry.downloads
    changed = replace(entry, downloads=(replace(download, urls=tuple(urls)),))
    monkeypatch.setitem(registry.ENTRIES, entry.name, changed)


def test_fetching_leaves_the_published_layout_and_nothing_else(tiny_cifar10, tiny_imdb, root):
    assert fetch("cifar10") == root / "cifar-10-batches-bin"
    assert names_in(root) == BATCHES
    assert fetch("imdb") == root / "aclImdb"
    assert sorted(path.name for path in root.iterdir()) == [
        ".lock", "aclImdb", "cifar-10-batches-bin",
    ]  # fmt: skip
    assert names_in(root / "aclImdb" / "train") == [
        "0_1.txt", "0_9.txt", "10_2.txt", "1_7.txt", "neg", "pos",
    ]  # fmt: skip


def test_a_load_fetches_what_is_missing_once(tiny_mnist, server, root):
    mnist()
    assert len(server.requests) == 4
    (root / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert not mnist().stand_in
    assert server.requests[4:] == [("/t10k-labels-idx1-ubyte.gz", None)]


def test_missing_batches_are_brought_and_present_ones_left_alone(tiny_cifar10, root):
    kept = fetch("cifar10") / "data_batch_1.bin"
    before = kept.stat()
    (root / "cifar-10-batches-bin" / "test_batch.bin").unlink()
    fetch("cifar10")
    assert names_in(root) == BATCHES
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_download_cut_half_way_is_resumed_where_it_stopped(tiny_cifar10, server, root):
    half = len(server.files[ARCHIVE]) // 2
    server.breaks_after = half
    with pytest.raises(Unreachable, match=f"{ARCHIVE} could not be fetched"):
        fetch("cifar10")
    assert names_in(root) == [f"{ARCHIVE}.part"]
    assert not cifar10().stand_in
    assert server.requests == [(f"/{ARCHIVE}", None), (f"/{ARCHIVE}", f"bytes={half}-")]
    assert names_in(root) == BATCHES


def test_a_mirror_goes_on_where_another_broke_off(tiny_cifar10, server, monkeypatch, root):
    server.files["mirror/" + ARCHIVE] = server.files[ARCHIVE]
    with_mirrors(monkeypatch, tiny_cifar10, [server.url(ARCHIVE), server.url("mirror/" + ARCHIVE)])
    server.breaks_after = 10
    fetch("cifar10")
    assert server.requests[1] == ("/mirror/" + ARCHIVE, "bytes=10-")


@pytest.mark.parametrize("rubbish", [b"<html>", bytes(10**5)], ids=["too short", "too long"])
def test_a_wrong_beginning_left_over_is_thrown_away_and_fetched_anew(
    tiny_cifar10, server, root, rubbish
):
    root.mkdir()
    (root / f"{ARCHIVE}.part").write_bytes(rubbish)
    fetch("cifar10")
    assert server.requests[0][1] == f"bytes={len(rubbish)}-" and server.requests[1][1] is None
    assert names_in(root) == BATCHES


def test_a_complete_part_needs_no_further_bytes(tiny_cifar10, server, root):
    root.mkdir()
    (root / f"{ARCHIVE}.part").write_bytes(server.files[ARCHIVE])
    fetch("cifar10")
    assert len(server.requests) == 1 and names_in(root) == BATCHES


def test_the_next_mirror_is_asked_when_one_fails(tiny_cifar10, server, monkeypatch, root):
    server.files["page/" + ARCHIVE] = b"<!DOCTYPE html>"
    nobody = "http://127.0.0.1:9/" + ARCHIVE
    mirrors = [nobody, server.url("gone/" + ARCHIVE), server.url("page/" + ARCHIVE)]
    with_mirrors(monkeypatch, tiny_cifar10, [*mirrors, server.url(ARCHIVE)])
    fetch("cifar10")
    assert names_in(root) == BATCHES


def test_a_web_page_in_place_of_the_archive_is_refused(tiny_cifar10, server, root):
    server.files[ARCHIVE] = b"<!DOCTYPE html><title>Log in</title>"
    with pytest.raises(DataError, match="refused: .* has not the published SHA-256"):
        cifar10()
    assert names_in(root) == []


@pytest.mark.parametrize("begun", [False, True])
def test_an_address_that_never_stops_sending_is_left_and_the_next_is_asked(
    tiny_cifar10, server, endless, monkeypatch, root, begun
):
    mirrors = [server.url("endless/" + ARCHIVE), server.url(ARCHIVE)]
    if begun:
        root.mkdir()
        (root / f"{ARCHIVE}.part").write_bytes(server.files[ARCHIVE][:10])
    with_mirrors(monkeypatch, tiny_cifar10, mirrors[:1])
    with pytest.raises(DataError, match="refused: what came from .*endless.* has not the publ"):
        fetch("cifar10")
    assert endless.sent < 1 << 25 and names_in(root) == []
    with_mirrors(monkeypatch, tiny_cifar10, mirrors)
    fetch("cifar10")
    assert names_in(root) == BATCHES


def test_an_archive_altered_by_a_bit_is_refused(tiny_cifar10, server, root):
    damaged = bytearray(server.files[ARCHIVE])
    damaged[len(damaged) // 2] ^= 1
    server.files[ARCHIVE] = bytes(damaged)
    with pytest.raises(DataError, match="refused: .* has not the published SHA-256"):
        cifar10()
    assert names_in(root) == []


@pytest.mark.parametrize(
    "header",
    [("Location", "http://[::1"), ("Location", "/\xff"), ("Transfer-Encoding", "chunked")],
    ids=["no address", "no letters", "a piece of -5 bytes"],
)
def test_an_answer_that_is_none_of_https_is_not_called_a_wrong_file(
    tiny_cifar10, server, monkeypatch, root, header
):
    def answer(handler):
        handler.send_response(302 if "Location" in header else 200)
        handler.send_header(*header)
        handler.end_headers()
        handler.wfile.write(b"-5\r\n" if "chunked" in header else b"")

    monkeypatch.setattr(server.RequestHandlerClass, "do_GET", answer)
    with pytest.raises(Unreachable, match=f"{ARCHIVE}: RequestException"):
        fetch("cifar10")


@pytest.mark.parametrize("length", ["many", "", "\u00b2"])
def test_a_length_that_is_no_number_does_not_stop_the_right_file(
    tiny_cifar10, server, monkeypatch, root, length
):
    header = server.RequestHandlerClass.send_header

    def odd(handler, name, value):
        header(handler, name, length if name == "Content-Length" else value)

    monkeypatch.setattr(server.RequestHandlerClass, "send_header", odd)
    fetch("cifar10")
    assert names_in(root) == BATCHES


@pytest.mark.parametrize("fault", ["down", "gone"])
def test_without_a_mirror_that_answers_nothing_is_loaded_but_a_stand_in(
    tiny_cifar10, server, monkeypatch, root, fault
):
    nowhere = {"down": "http://127.0.0.1:9/" + ARCHIVE, "gone": server.url("gone/" + ARCHIVE)}
    with_mirrors(monkeypatch, tiny_cifar10, [nowhere[fault]])
    with pytest.raises(Unreachable, match=f"{ARCHIVE} could not be fetched"):
        fetch("cifar10")
    with pytest.warns(StandInWarning, match="STAND-IN is used"):
        assert cifar10().title == "STAND-IN for CIFAR-10"
    assert names_in(root) == []


def test_a_truncated_archive_is_refused(tiny_imdb, server, root):
    server.files["aclImdb_v1.tar.gz"] = server.files["aclImdb_v1.tar.gz"][:-20]
    with pytest.raises(DataError, match="refused"):
        imdb_bow()
    assert names_in(root) == []


def link(kind, name, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return name, member


@pytest.mark.parametrize(
    ("member", "fault"),
    [
        (("../evil.bin", b"x"), "'../evil.bin' leads out"),
        (("cifar-10-batches-bin/../../evil.bin", b"x"), "leads out"),
        (("/evil.bin", b"x"), "'/evil.bin' leads out"),
        (link(tarfile.SYMTYPE, "cifar-10-batches-bin/test_batch.bin", "/etc/hosts"), "not a plain"),
        (link(tarfile.LNKTYPE, "cifar-10-batches-bin/test_batch.bin", "evil"), "not a plain"),
        (link(tarfile.FIFOTYPE, "cifar-10-batches-bin/test_batch.bin", ""), "not a plain"),
    ],
    ids=["up", "down and up", "absolute", "symbolic link", "hard link", "pipe"],
)
def test_an_unsafe_archive_is_refused_and_nothing_of_it_stays(repacked, root, member, fault):
    repacked([("cifar-10-batches-bin/data_batch_1.bin", b"x"), member])
    with pytest.raises(DataError, match=f"{ARCHIVE} is unsafe: .*{fault}"):
        fetch("cifar10")
    assert names_in(root.parent) == ["data"]


def test_a_link_to_a_folder_does_not_lead_files_out(repacked, root, tmp_path):
    (tmp_path / "outside").mkdir()
    leading_out = link(tarfile.SYMTYPE, "cifar-10-batches-bin", str(tmp_path / "outside"))
    repacked([leading_out, ("cifar-10-batches-bin/test_batch.bin", b"x")])
    with pytest.raises(DataError, match="data_batch_1.bin cannot be read"):
        fetch("cifar10")
    assert names_in(tmp_path) == ["data", "outside"]


def test_an_archive_with_an_altered_member_is_refused(repacked, root, tiny_cifar10):
    repacked([(part.path, bytes(part.size)) for part in tiny_cifar10.parts])
    with pytest.raises(DataError, match="is altered"):
        fetch("cifar10")
    assert names_in(root) == []


@pytest.mark.parametrize("keep", [0, 0.1, 0.5], ids=["empty", "cut early", "cut half way"])
def test_a_broken_archive_cannot_be_unpacked(tiny_cifar10, server, tmp_path, keep):
    whole = server.files[ARCHIVE]
    (tmp_path / "a.tar.gz").write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(DataError, match="a.tar.gz could not be unpacked"):
        unpack(tmp_path / "a.tar.gz", [Part("none", 0, "sha256:")], tmp_path)


def test_a_full_disk_leaves_nothing_half_written(tiny_cifar10, root, monkeypatch):
    def no_room(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "extractfile", no_room)
    with pytest.raises(DataError, match="could not be written below .*No space left on device"):
        fetch("cifar10")
    assert names_in(root) == []


def test_a_folder_that_cannot_be_made_gives_one_sentence(tiny_mnist, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(DataError, match="could not be written below .*set ADAMBOOK_DATA") as caught:
        mnist()
    assert "\n" not in str(caught.value) and names_in(tmp_path) == ["file"]


def test_a_read_only_folder_gives_one_sentence_and_stays_empty(tiny_mnist, root, request):
    root.mkdir(mode=0o500)
    request.addfinalizer(lambda: root.chmod(0o700))
    if os.access(root, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(DataError, match="could not be written below .*Permission denied"):
        mnist()
    assert names_in(root) == []


def test_the_data_lies_where_the_environment_says_or_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("ADAMBOOK_DATA", str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv("ADAMBOOK_DATA", "~/here")
    assert "~" not in str(folder()) and folder().name == "here"
    monkeypatch.setenv("ADAMBOOK_DATA", "~nobody-here/data")
    assert folder() == Path("~nobody-here/data")
    monkeypatch.setenv("ADAMBOOK_DATA", "")
    assert "adambook" in str(folder())


@pytest.mark.parametrize("name", ["MNIST", "cifar", ""])
def test_an_unknown_name_is_answered_with_the_names(name):
    with pytest.raises(DataError, match="must be one of mnist, cifar10, imdb, got"):
        fetch(name)


def here(root):
    """What a process that fetches needs to know."""
    return {"ADAMBOOK_DATA": str(root), "ADAMBOOK_OFFLINE": "0", "NO_PROXY": "127.0.0.1"}


@pytest.mark.parametrize("touch", range(2, 12))
def test_a_fetch_killed_at_any_touch_of_the_disk_is_taken_up_again(tiny_cifar10, root, touch):
    dies_at(touch, root, here(root), fetch_missing, tiny_cifar10)
    assert not cifar10().stand_in
    left = {path.name for path in root.iterdir()}
    assert left <= {".lock", ".unfinished", "cifar-10-batches-bin"}  # the next fetch clears it


def test_two_processes_that_fetch_at_once_do_not_disturb_each_other(tiny_cifar10, server, root):
    with ProcessPoolExecutor(2, PROCESSES) as pool:
        both = [pool.submit(called, here(root), fetch_missing, tiny_cifar10) for _ in range(2)]
        assert [one.exception() for one in both] == [None, None]
    assert server.requests == [(f"/{ARCHIVE}", None)]
    assert names_in(root) == BATCHES


def test_a_second_process_waits_for_the_first_and_says_so(tiny_cifar10, server, root, capsys):
    root.mkdir()
    held = threading.Event()

    def first():
        with filelock.FileLock(root / ".lock"):
            held.set()
            time.sleep(0.2)

    thread = threading.Thread(target=first)
    thread.start()
    held.wait()
    fetch("cifar10")
    thread.join()
    assert f"waiting for another process that fetches into {root}" in capsys.readouterr().err
