"""IMDB: 50,000 film reviews, each as the counts of its words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from adambook.datasets import standins
from adambook.datasets.contents import read_folder
from adambook.datasets.dataset import Array, Dataset
from adambook.datasets.errors import DataError
from adambook.datasets.load import load
from adambook.datasets.registry import Entry

WORDS = 88_584  # distinct words in the training reviews
# A word is what stands between spaces, tabs, line ends and punctuation other than the apostrophe.
WORD = r"""[^ \t\n!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~]+"""


def imdb_bow(n_words: int = 10_000, *, allow_stand_in: bool = True) -> Dataset:
    """Film reviews as bags of words (Maas et al., 2011), fetched when missing, always checked.

    Column k counts the word that is the k-th most frequent in the training reviews (from 0; equal
    counts in alphabetical order), so fewer words give the first columns of more words. A word is
    a run of characters other than space, tab, line end and ASCII punctuation without the
    apostrophe; the letters A to Z are made small. The 10,000th word is one of 208 with equal
    counts, which is why other programs, breaking the tie otherwise, agree only nearly.

    Parameters
    ----------
    n_words : int
        The number of columns, 1 to 88,584. An array takes 25,000 bytes a column.
    allow_stand_in : bool
        Whether synthetic reviews may stand in when there are neither files nor network.

    Returns
    -------
    Dataset
        x: uint8, (25000, n_words) twice (no count exceeds 198). y: int64, 1 for praise, 0 for
        blame. All the 0 come first: shuffle before taking minibatches.

    Raises
    ------
    ValueError
        If `n_words` is not a whole number in that range.
    DataError
        If a file is damaged, or there is nothing to read and no stand-in allowed.

    >>> imdb_bow(n_words=0)
    Traceback (most recent call last):
    ValueError: n_words must be a whole number from 1 to 88584, got 0
    """
    whole = isinstance(n_words, int | np.integer) and not isinstance(n_words, bool)
    if not whole or not 1 <= n_words <= WORDS:
        raise ValueError(f"n_words must be a whole number from 1 to {WORDS}, got {n_words!r}")
    n_words = int(n_words)
    stand_in = partial(standins.imdb_bow, n_words)
    return load("imdb", partial(_arrays, n_words), stand_in, allow_stand_in)


def _arrays(n_words: int, root: Path, entry: Entry) -> tuple[Array, Array, Array, Array]:
    reviews = [read_folder(root, entry, part) for part in entry.parts]
    train_neg, train_pos, test_neg, test_pos = reviews
    train, test = count_words(train_neg + train_pos, test_neg + test_pos)
    return (
        _dense(train[:, :n_words]),
        np.repeat([0, 1], [len(train_neg), len(train_pos)]).astype(np.int64),
        _dense(test[:, :n_words]),
        np.repeat([0, 1], [len(test_neg), len(test_pos)]).astype(np.int64),
    )


def count_words(train: Iterable[bytes], test: Iterable[bytes]) -> tuple[Any, Any]:
    """Count every word of the training texts, in the training and in the test texts.

    Parameters
    ----------
    train, test : iterables of UTF-8 bytes
        The texts.

    Returns
    -------
    train, test : sparse arrays (CSR, int64)
        One row a text and one column a word: the most frequent word of the training texts first,
        words of equal counts in alphabetical order.

    >>> train, test = count_words([b"To be, or not to be!"], [b"Be bold"])
    >>> train.toarray()  # be, to, not, or
    array([[2, 2, 1, 1]])
    >>> test.toarray()
    array([[1, 0, 0, 0]])
    """
    from sklearn.feature_extraction.text import CountVectorizer

    # lower-casing the bytes touches A to Z and nothing else
    counter = CountVectorizer(token_pattern=WORD, lowercase=False, dtype=np.int64)
    counts = counter.fit_transform(text.lower().decode() for text in train)
    totals = np.asarray(counts.sum(axis=0)).ravel()
    by_frequency = np.argsort(-totals, kind="stable")
    test_counts = counter.transform(text.lower().decode() for text in test)
    return counts[:, by_frequency], test_counts[:, by_frequency]


def _dense(counts: Any) -> Array:
    if counts.max() > 255:
        raise DataError(f"a count must fit in a byte (at most 255), got {counts.max()}")
    dense: Array = counts.astype(np.uint8).toarray()
    return dense
