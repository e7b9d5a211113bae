"""CIFAR-10: 60,000 photographs of 32 x 32 colour pixels, in the binary version."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from adambook.datasets import standins
from adambook.datasets.contents import read_file
from adambook.datasets.dataset import Array, Dataset
from adambook.datasets.load import load
from adambook.datasets.registry import Entry

IMAGE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32  # bytes: the label, then the red, green and blue planes


def cifar10(*, allow_stand_in: bool = True) -> Dataset:
    """Small photographs (Krizhevsky, 2009), fetched when missing and checked at every load.

    The classes 0..9 are airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.

    Parameters
    ----------
    allow_stand_in : bool
        Whether synthetic pictures may stand in when there are neither files nor network.

    Returns
    -------
    Dataset
        x: uint8, (50000, 3, 32, 32) and (10000, 3, 32, 32), planes red, green, blue, 0..255.
        y: int64, 0..9.

    Raises
    ------
    DataError
        If a file is damaged, or there is nothing to read and no stand-in allowed.

    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", ADAMBOOK_DATA="no-such-folder", ADAMBOOK_OFFLINE="1"):
    ...     cifar10(allow_stand_in=False)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    adambook.datasets.errors.DataError: CIFAR-10 is not in no-such-folder: ...
    """
    return load("cifar10", _arrays, standins.cifar10, allow_stand_in)


def _arrays(root: Path, entry: Entry) -> tuple[Array, Array, Array, Array]:
    batches = [
        np.frombuffer(read_file(root, entry, part), np.uint8).reshape(-1, RECORD)
        for part in entry.parts
    ]
    train, test = batches[:-1], batches[-1:]
    return _images(train), _labels(train), _images(test), _labels(test)


def _images(batches: list[Array]) -> Array:
    return np.concatenate([batch[:, 1:] for batch in batches]).reshape(-1, *IMAGE)


def _labels(batches: list[Array]) -> Array:
    return np.concatenate([batch[:, 0] for batch in batches]).astype(np.int64)
