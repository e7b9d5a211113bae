"""What stands in for a data set that cannot be had: small, made on the spot, and marked as such.

Each has the shape, the types and something of the character of the real one, so that every
program runs. No number measured on them says anything about the real data.
"""

from __future__ import annotations

import hashlib

import numpy as np

from adambook.datasets.dataset import Array, Dataset


def mnist() -> Dataset:
    """scikit-learn's 1,797 digits of 8 x 8 pixels, each pixel made 3 x 3, with a border of 2.

    Returns
    -------
    Dataset
        x: uint8, (1437, 28, 28) and (360, 28, 28), 0..255; y: int64, 0..9. Every fifth digit is
        a test example.

    >>> mnist()
    <STAND-IN for MNIST: 1437 training and 360 test examples of shape (28, 28)>
    """
    from sklearn.datasets import load_digits

    grey, y = load_digits(return_X_y=True)
    small = (grey.reshape(-1, 8, 8).astype(np.int64) * 255 // 16).astype(np.uint8)
    large = small.repeat(3, axis=1).repeat(3, axis=2)
    x = np.pad(large, ((0, 0), (2, 2), (2, 2)))
    test = np.arange(len(x)) % 5 == 0
    return _made("MNIST", x[~test], y[~test], x[test], y[test])


def cifar10() -> Dataset:
    """Pictures of coloured stripes: a class is a direction and a tint, under noise.

    Returns
    -------
    Dataset
        x: uint8, (2000, 3, 32, 32) and (500, 3, 32, 32), 0..255; y: int64, 0..9.

    >>> cifar10()
    <STAND-IN for CIFAR-10: 2000 training and 500 test examples of shape (3, 32, 32)>
    """
    rng = np.random.default_rng(0)
    y = np.arange(2500) % 10
    tint = rng.uniform(-30, 30, size=(10, 3))[y]
    angle, phase = np.pi * y / 10, rng.uniform(0, 2 * np.pi, size=len(y))
    row, column = np.mgrid[:32, :32]
    along = np.multiply.outer(np.cos(angle), column) + np.multiply.outer(np.sin(angle), row)
    stripes = 40 * np.cos(along + phase[:, None, None])
    noise = rng.normal(0, 30, size=(len(y), 3, 32, 32))
    shade = 125 + tint[:, :, None, None] + stripes[:, None] + noise
    x = np.clip(np.rint(shade), 0, 255).astype(np.uint8)
    return _made("CIFAR-10", x[:2000], y[:2000], x[2000:], y[2000:])


def imdb_bow(n_words: int) -> Dataset:
    """Bags of made-up words: the k-th has probability ∝ 1/(k + 1), and one in ten takes a side.

    A side is taken by being half as frequent again in one class and half as frequent in the other.

    Parameters
    ----------
    n_words : int
        The number of columns; fewer words give the first columns of more words.

    Returns
    -------
    Dataset
        x: uint8, (2000, n_words) and (1000, n_words); y: int64, 0 and 1, all the 0 first.

    >>> imdb_bow(50)
    <STAND-IN for IMDB: 2000 training and 1000 test examples of shape (50,)>
    """
    rng = np.random.default_rng(0)
    vocabulary = 88_584
    zipf = 1 / np.arange(1, vocabulary + 1)
    side = rng.choice([-0.5, 0.0, 0.5], size=vocabulary, p=[0.05, 0.9, 0.05])
    praise = np.concatenate([np.repeat([0, 1], 1000), np.repeat([0, 1], 500)])
    lengths = np.minimum(rng.lognormal(5.2, 0.6, size=len(praise)).astype(np.int64) + 10, 1000)
    x = np.zeros((len(praise), n_words), np.uint8)
    for label in (0, 1):
        rows = np.repeat(np.flatnonzero(praise == label), lengths[praise == label])
        weight = zipf * (1 + (2 * label - 1) * side)
        words = rng.choice(vocabulary, size=len(rows), p=weight / weight.sum())
        kept = words < n_words
        np.add.at(x, (rows[kept], words[kept]), 1)
    return _made("IMDB", x[:2000], praise[:2000], x[2000:], praise[2000:])


def _made(name: str, x_train: Array, y_train: Array, x_test: Array, y_test: Array) -> Dataset:
    y_train, y_test = y_train.astype(np.int64), y_test.astype(np.int64)
    digest = hashlib.sha256()
    for array in (x_train, y_train, x_test, y_test):
        digest.update(np.ascontiguousarray(array).tobytes())
    return Dataset(x_train, y_train, x_test, y_test, name, digest.hexdigest(), stand_in=True)
