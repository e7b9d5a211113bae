"""Stand-ins: only when there is nothing else, of the right kind, and never unmarked."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from adambook.datasets import DataError, StandInWarning, cifar10, fetch, imdb_bow, mnist, standins

LOADERS = {
    "mnist": (mnist, "MNIST", (28, 28), 10),
    "cifar10": (cifar10, "CIFAR-10", (3, 32, 32), 10),
    "imdb": (lambda **given: imdb_bow(300, **given), "IMDB", (300,), 2),
}


@pytest.fixture
def offline(root, monkeypatch):
    monkeypatch.setenv("ADAMBOOK_OFFLINE", "1")


@pytest.mark.parametrize("name", LOADERS)
def test_a_stand_in_has_the_form_of_the_real_data_and_says_so(offline, name):
    load, title, shape, classes = LOADERS[name]
    with pytest.warns(StandInWarning, match=f"^{title} is not in .*`adambook data fetch {name}`"):
        data = load()
    assert data.stand_in and data.title == f"STAND-IN for {title}" and data.name == title
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        assert x.shape == (len(y), *shape) and x.dtype == np.uint8
        assert y.dtype == np.int64 and set(y) == set(range(classes))
    assert data.x_train.max() > 20 and len(data.checksum) == 64


def test_the_warning_points_at_the_callers_line(offline):
    with pytest.warns(StandInWarning) as caught:
        mnist()
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("name", LOADERS)
def test_a_stand_in_that_is_not_allowed_is_refused_with_the_remedy(offline, name):
    with pytest.raises(
        DataError, match=f"ADAMBOOK_OFFLINE is set; with a network `adambook data fetch {name}`"
    ):
        LOADERS[name][0](allow_stand_in=False)


def test_no_stand_in_for_a_data_set_that_is_half_there(tiny_mnist, root, monkeypatch):
    (fetch("mnist") / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("ADAMBOOK_OFFLINE", "1")
    with pytest.raises(DataError, match="part of MNIST is not in .*t10k-labels"):
        mnist()


def test_a_stand_in_when_no_address_answers(tiny_mnist, server, root):
    server.files.clear()
    with pytest.warns(StandInWarning, match="HTTP 404"):
        assert mnist().stand_in


def test_offline_asks_nobody(tiny_mnist, server, offline):
    with pytest.warns(StandInWarning):
        mnist()
    assert server.requests == []


def test_real_data_is_not_marked(tiny_mnist, root):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = mnist()
    assert not data.stand_in and data.title == "MNIST" and data.checksum == tiny_mnist.checksum


def test_stand_ins_are_the_same_every_time():
    for make in (standins.mnist, standins.cifar10, lambda: standins.imdb_bow(40)):
        assert make().checksum == make().checksum


def test_fewer_stand_in_words_are_the_first_columns_of_more():
    few, many = standins.imdb_bow(20), standins.imdb_bow(2000)
    np.testing.assert_array_equal(few.x_train, many.x_train[:, :20])


@pytest.mark.parametrize(
    "make",
    [standins.mnist, standins.cifar10, lambda: standins.imdb_bow(300)],
    ids=["mnist", "cifar10", "imdb"],
)
def test_the_classes_of_a_stand_in_can_be_told_apart(make):
    """Ridge regression on at most a thousand columns is well above guessing."""
    x, y, x_test, y_test = make()
    classes = y.max() + 1

    def features(images):
        flat = images.reshape(len(images), -1)
        flat = flat[:, :: max(1, flat.shape[1] // 768)].astype(float)
        return np.hstack([flat / flat.max(), np.ones((len(flat), 1))])

    a = features(x)
    weights = np.linalg.solve(a.T @ a + 1.0 * np.eye(a.shape[1]), a.T @ np.eye(classes)[y])
    right = np.mean((features(x_test) @ weights).argmax(axis=1) == y_test)
    assert right > 1 / classes + 0.15


def test_importing_the_loaders_imports_none_of_the_heavy_libraries():
    heavy = ("pooch", "requests", "sklearn", "torch", "pandas")
    program = f"import sys, adambook.datasets; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert done.stdout.strip() == "[]", done.stderr
