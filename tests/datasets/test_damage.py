"""A file that is there and bad is refused in one sentence, never replaced or stood in for."""

import os
import tempfile
import warnings
from pathlib import Path

import pytest

from adambook.datasets import DataError, cifar10, fetch, imdb_bow, mnist, status

ORDINARY_USER = 65534


@pytest.fixture
def mnist_file(tiny_mnist, root):
    fetch("mnist")
    return root / "mnist" / "train-images-idx3-ubyte.gz"


def refused(load, path, fault):
    """The load raises one sentence with path, fault and remedy, and warns of no stand-in."""
    with warnings.catch_warnings(), pytest.raises(DataError) as caught:
        warnings.simplefilter("error")
        load()
    message = str(caught.value)
    assert str(path) in message and fault in message and "\n" not in message
    assert "delete it and run `adambook data fetch" in message


def test_a_truncated_file_is_refused(mnist_file):
    whole = mnist_file.read_bytes()
    mnist_file.write_bytes(whole[:-5])
    refused(mnist, mnist_file, f"holds {len(whole) - 5} bytes, published {len(whole)}")


def test_every_flipped_bit_is_refused(mnist_file):
    whole = mnist_file.read_bytes()
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << (at % 8)
        mnist_file.write_bytes(damaged)
        refused(mnist, mnist_file, "is altered: sha256:")


def test_a_web_page_in_place_of_a_file_is_refused(mnist_file):
    mnist_file.write_bytes(b"<!DOCTYPE html><title>Log in</title>")
    refused(mnist, mnist_file, "holds 36 bytes")


def test_a_folder_in_place_of_a_file_is_refused(mnist_file):
    mnist_file.unlink()
    mnist_file.mkdir()
    refused(mnist, mnist_file, "cannot be read")


def test_an_altered_batch_is_refused(tiny_cifar10, root):
    path = fetch("cifar10") / "test_batch.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    refused(cifar10, path, "is altered")


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda folder: (folder / "0_1.txt").unlink(), "holds 1 .txt files, published 2"),
        (lambda folder: (folder / "2_1.txt").write_bytes(b""), "holds 3 .txt files, published 2"),
        (lambda folder: (folder / "0_1.txt").write_bytes(b"Bad, bad film."), "is altered"),
        (lambda folder: (folder / "0_1.txt").rename(folder / "0_2.txt"), "is altered"),
    ],
    ids=["missing review", "extra review", "edited review", "renamed review"],
)
def test_a_changed_folder_of_reviews_is_refused(tiny_imdb, root, damage, fault):
    folder = fetch("imdb") / "train" / "neg"
    damage(folder)
    refused(imdb_bow, folder, fault)


def test_files_that_are_not_reviews_do_not_disturb_a_folder_of_reviews(tiny_imdb, root):
    (fetch("imdb") / "train" / "neg" / ".DS_Store").write_bytes(b"?")
    assert imdb_bow(n_words=1).x_train.shape == (4, 1)


def test_fetch_leaves_a_damaged_file_to_its_owner(mnist_file, server):
    mnist_file.write_bytes(b"mine")
    asked = len(server.requests)
    refused(lambda: fetch("mnist"), mnist_file, "holds 4 bytes")
    assert mnist_file.read_bytes() == b"mine" and len(server.requests) == asked


def test_status_names_what_is_missing_present_and_damaged(mnist_file, tiny_cifar10, tiny_imdb):
    fetch("mnist")
    states = {record.name: record for record in status()}
    assert states["mnist"].state == "present and checked"
    assert states["mnist"].size == sum(f.stat().st_size for f in mnist_file.parent.iterdir())
    assert states["cifar10"].state == "missing" and states["cifar10"].size == 0
    mnist_file.write_bytes(b"x")
    assert status()[0].state.startswith(f"damaged: {mnist_file} holds 1 bytes")
    mnist_file.unlink()
    assert status()[0].state == "missing"


def test_a_link_that_leads_nowhere_is_refused_and_not_replaced(mnist_file, server):
    mnist_file.unlink()
    mnist_file.symlink_to("/nowhere/disk")
    asked = len(server.requests)
    refused(mnist, mnist_file, "cannot be read (No such file or directory)")
    refused(lambda: fetch("mnist"), mnist_file, "cannot be read (No such file or directory)")
    assert os.readlink(mnist_file) == "/nowhere/disk" and len(server.requests) == asked
    assert status()[0].state.startswith(f"damaged: {mnist_file} cannot be read")


@pytest.mark.parametrize("put", ["a file", "a link that leads nowhere"])
@pytest.mark.parametrize("below", [False, True])
def test_status_names_what_is_no_folder_in_the_data_folders_place(
    tiny_mnist, root, monkeypatch, put, below
):
    root.write_text("mine") if put == "a file" else root.symlink_to("/nowhere/disk")
    monkeypatch.setenv("ADAMBOOK_DATA", str(root / "data" if below else root))
    said = f"missing: {root} is no folder; set ADAMBOOK_DATA to one"
    assert {record.state for record in status()} == {said}


@pytest.mark.parametrize("put", ["a link that leads nowhere", "a link to itself", "a file"])
def test_what_is_in_the_place_of_the_data_sets_folder_is_refused(tiny_mnist, root, put, server):
    root.mkdir()
    (root / "mnist").symlink_to("mnist" if "itself" in put else "/nowhere/disk")
    if put == "a file":
        (root / "mnist").unlink()
        (root / "mnist").write_text("mine")
    refused(mnist, root / "mnist", "cannot be read")
    assert status()[0].state.startswith("damaged: ") and status()[0].size == 0
    assert server.requests == []


def test_a_folder_that_may_not_be_read_is_no_missing_data_set(tiny_mnist, closed):
    refused(mnist, closed / "mnist", "cannot be read (Permission denied)")
    assert status()[0].state.startswith("damaged: ") and status()[0].size == 0


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A data folder with a closed folder for MNIST; the test goes on as an ordinary user."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        (Path(place) / "mnist").mkdir(mode=0)
        monkeypatch.setenv("ADAMBOOK_DATA", place)
        root = os.geteuid() == 0
        if root:
            os.seteuid(ORDINARY_USER)
        yield Path(place)
        if root:
            os.seteuid(0)


def test_a_pipe_in_place_of_a_file_is_refused_at_once(mnist_file, tiny_imdb):
    mnist_file.unlink()
    os.mkfifo(mnist_file)
    refused(mnist, mnist_file, "cannot be read (it is no regular file)")
    review = fetch("imdb") / "train" / "neg" / "0_1.txt"
    review.unlink()
    os.mkfifo(review)
    refused(imdb_bow, review.parent, "cannot be read (it is no regular file)")


def test_a_file_too_large_for_the_memory_is_refused_unread(mnist_file, tiny_imdb):
    os.truncate(mnist_file, 40 << 30)
    refused(mnist, mnist_file, "holds 42,949,672,960 bytes, published")
    review = fetch("imdb") / "train" / "neg" / "0_1.txt"
    os.truncate(review, 40 << 30)
    refused(imdb_bow, review.parent, "holds 0_1.txt of 42,949,672,960 bytes, more than any review")


@pytest.mark.skipif(os.name == "nt", reason="folders have no read permission on Windows")
def test_an_unreadable_file_is_refused(mnist_file):
    mnist_file.chmod(0)
    if os.access(mnist_file, os.R_OK):
        pytest.skip("this user may read everything")
    refused(mnist, mnist_file, "cannot be read (Permission denied)")
