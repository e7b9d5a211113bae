"""The real data, where it is: what was published about it comes out of the loaders."""

import numpy as np
import pytest
from scipy.special import xlogy

from adambook.datasets import cifar10, folder, imdb, imdb_bow, mnist, registry
from adambook.datasets.contents import is_there


@pytest.fixture
def real():
    """Skip unless the data set named by the test is in the data folder."""

    def need(name):
        entry = registry.entry(name)
        if not all(is_there(folder(), part) for part in entry.parts):
            pytest.skip(
                f"{entry.title} is not in {folder()}; `adambook data fetch {name}` brings it"
            )

    return need


def test_mnist_is_the_published_mnist(real):
    real("mnist")
    data = mnist()
    x, y, x_test, y_test = data
    assert not data.stand_in
    assert x.shape == (60_000, 28, 28) and x_test.shape == (10_000, 28, 28)
    assert x.dtype == np.uint8 and y.dtype == np.int64
    assert np.bincount(y).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert np.bincount(y_test).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert round(x.mean() / 255, 4) == 0.1307 and round(x.std() / 255, 4) == 0.3081


def test_one_image_for_all_of_mnist_costs_what_chapter_12_says(real):
    real("mnist")
    mean = mnist().x_train[:50_000].reshape(-1, 784).mean(axis=0) / 255
    entropy = -(xlogy(mean, mean) + xlogy(1 - mean, 1 - mean)).sum()
    assert round(float(entropy), 1) == 206.3


def test_cifar10_is_the_published_cifar10(real):
    real("cifar10")
    data = cifar10()
    x, y, x_test, y_test = data
    assert not data.stand_in
    assert x.shape == (50_000, 3, 32, 32) and x_test.shape == (10_000, 3, 32, 32)
    assert x.dtype == np.uint8 and y.dtype == np.int64
    assert np.bincount(y).tolist() == [5000] * 10 and np.bincount(y_test).tolist() == [1000] * 10
    channels = x.transpose(1, 0, 2, 3).reshape(3, -1)
    mean = channels.mean(axis=1) / 255
    deviation = np.sqrt(np.array([np.mean(c * c, dtype=float) for c in channels.astype(np.uint16)])
                        / 255**2 - mean**2)  # fmt: skip
    assert mean.round(4).tolist() == [0.4914, 0.4822, 0.4465]
    assert deviation.round(4).tolist() == [0.2470, 0.2435, 0.2616]


def test_imdb_has_the_published_number_of_words(real, monkeypatch):
    """88,584 words in training, 237.71 and 229.80 a review: the published figures.

    Of the 10,000 most frequent words the published 6,412,737 nonzero counts depend on which of the
    words tied at the end are taken; the choices allow a narrow range, and it must lie in there.
    """
    real("imdb")
    counted = []
    count_words = imdb.count_words
    monkeypatch.setattr(
        imdb, "count_words", lambda *texts: counted.append(count_words(*texts)) or counted[0]
    )
    data = imdb_bow()
    train, test = counted[0]
    assert not data.stand_in
    assert train.shape == test.shape == (25_000, 88_584) and imdb.WORDS == 88_584
    assert round(train.sum() / 25_000, 2) == 237.71 and round(test.sum() / 25_000, 2) == 229.80
    assert data.x_train.shape == data.x_test.shape == (25_000, 10_000)
    assert data.x_train.dtype == np.uint8 and data.y_train.dtype == np.int64
    assert data.x_train.max() == train.max() == 198 and test.max() == 179
    np.testing.assert_array_equal(np.bincount(data.y_train), [12_500, 12_500])
    np.testing.assert_array_equal(np.bincount(data.y_test), [12_500, 12_500])

    nonzero = np.count_nonzero(data.x_train) + np.count_nonzero(data.x_test)
    assert nonzero == train[:, :10_000].nnz + test[:, :10_000].nnz == 6_412_523
    totals = np.asarray(train.sum(axis=0)).ravel()
    reviews = np.bincount(train.indices, minlength=88_584) + np.bincount(
        test.indices, minlength=88_584
    )
    more, tied = totals > totals[9_999], totals == totals[9_999]
    room = 10_000 - more.sum()
    extra = np.sort(reviews[tied])
    least = reviews[more].sum() + extra[:room].sum()
    most = reviews[more].sum() + extra[-room:].sum()
    assert (tied.sum(), room) == (208, 123)
    assert least < 6_412_737 < most and most - least < 2_500
