"""The formats: idx, CIFAR-10's records, bags of words, git trees."""

import subprocess

import numpy as np
import pytest

from adambook.datasets import DataError, cifar10, imdb_bow, mnist
from adambook.datasets.contents import git_tree
from adambook.datasets.imdb import count_words
from adambook.datasets.mnist import read_idx


def test_mnist_arrays_are_those_in_the_files(tiny_mnist):
    x, y, x_test, y_test = mnist()
    np.testing.assert_array_equal(x, np.arange(12).reshape(3, 2, 2))
    np.testing.assert_array_equal(y, [5, 0, 9])
    np.testing.assert_array_equal(x_test, np.arange(248, 256).reshape(2, 2, 2))
    np.testing.assert_array_equal(y_test, [1, 7])
    assert x.dtype == x_test.dtype == np.uint8 and y.dtype == y_test.dtype == np.int64
    assert x.flags.writeable


def test_cifar10_records_are_a_label_then_red_green_blue_rows(tiny_cifar10):
    x, y, x_test, y_test = cifar10()
    assert x.shape == x_test.shape == (1, 3, 32, 32) and x.dtype == np.uint8
    assert y.tolist() == [3] and y_test.tolist() == [8]
    np.testing.assert_array_equal(x.ravel(), np.arange(3072) % 256)
    assert x[0, 0, 1, 0] == 32


def test_imdb_columns_go_from_frequent_to_rare_and_equal_counts_alphabetically(tiny_imdb):
    data = imdb_bow(n_words=5)
    # bad 3; a, film, good 2; plot, Étoile 1 ("p" sorts before "É", which stays large)
    np.testing.assert_array_equal(
        data.x_train, [[2, 0, 1, 0, 0], [1, 1, 0, 0, 1], [0, 1, 1, 1, 0], [0, 0, 0, 1, 0]]
    )
    np.testing.assert_array_equal(
        data.x_test, [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 1, 2, 0]]
    )
    assert data.y_train.tolist() == data.y_test.tolist() == [0, 0, 1, 1]
    assert data.x_train.dtype == np.uint8 and data.y_train.dtype == np.int64


def test_fewer_words_are_the_first_columns_of_more(tiny_imdb):
    np.testing.assert_array_equal(imdb_bow(n_words=2).x_train, imdb_bow(n_words=6).x_train[:, :2])


@pytest.mark.parametrize("n_words", [0, -1, 88_585, 2.5, "100", None, True])
def test_a_number_of_words_out_of_range_is_refused(n_words):
    with pytest.raises(ValueError, match=r"n_words must be a whole number from 1 to 88584, got"):
        imdb_bow(n_words)


def test_a_count_that_does_not_fit_in_a_byte_is_refused(tiny_imdb, monkeypatch):
    monkeypatch.setattr(
        "adambook.datasets.imdb.read_folder", lambda root, entry, part: [b"the " * 256]
    )
    with pytest.raises(DataError, match="at most 255.*got 256"):
        imdb_bow(n_words=1)


def test_words_end_at_spaces_and_punctuation_but_not_at_apostrophes_or_other_spaces():
    text = "Don't<br />stop-it\tnow. x\u0085y \u00a0z"
    train, _ = count_words([text.encode()], [b""])
    assert train.shape == (1, 7)  # don't, br, stop, it, now, x\x85y, \xa0z


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "got nothing"),
        (b"<!DOCTYPE html>", "got 60 33 68"),
        (b"\0\0\x0d\1\0\0\0\0", "got 0 0 13"),  # floats
        (b"\0\0\x08", "got 0 0 8"),
        (b"\0\0\x08\1\0\0\0\3ab", "shape \\(3,\\), got 10 bytes"),  # truncated
        (b"\0\0\x08\1\0\0\0\3abcd", "shape \\(3,\\), got 12 bytes"),  # too long
        (b"\0\0\x08\3\0\0\0\1", "got 8 bytes"),  # header cut
        (b"\0\0\x08\2\xff\xff\xff\xff\xff\xff\xff\xffabc", "got 15 bytes"),  # absurd shape
    ],
)
def test_an_idx_file_with_a_wrong_header_or_length_is_refused(raw, fault):
    with pytest.raises(DataError, match=f"toy.gz must .*{fault}"):
        read_idx(raw, "toy.gz")


def test_git_tree_is_what_git_computes(tmp_path):
    files = {"b.txt": b"two\n", "a.txt": b"", "a_1.txt": bytes(range(256))}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    git = ["git", "-c", "core.autocrlf=false", "-c", "core.fileMode=false", "-C", str(tmp_path)]
    try:
        subprocess.run([*git, "init", "-q"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    subprocess.run([*git, "add", "."], check=True, capture_output=True)
    tree = subprocess.run([*git, "write-tree"], check=True, capture_output=True, encoding="utf-8")
    assert git_tree(files.items()) == tree.stdout.strip()


def test_only_the_letters_a_to_z_are_made_small():
    train, _ = count_words(["BAD bad \u00c9T\u00c9 \u00e9t\u00e9".encode()], [b""])
    assert train.toarray().tolist() == [
        [2, 1, 1]
    ]  # bad; \u00c9t\u00c9 and \u00e9t\u00e9 stay two words
