"""MNIST: 70,000 handwritten digits of 28 x 28 grey pixels, in the idx format."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.datasets import standins
from adambook.datasets.contents import read_file
from adambook.datasets.dataset import Array, Dataset
from adambook.datasets.errors import DataError
from adambook.datasets.load import load
from adambook.datasets.registry import Entry


def mnist(*, allow_stand_in: bool = True) -> Dataset:
    """Handwritten digits (LeCun et al., 1998), fetched when missing and checked at every load.

    Parameters
    ----------
    allow_stand_in : bool
        Whether scikit-learn's small digits may stand in when there are neither files nor network.

    Returns
    -------
    Dataset
        x: uint8, (60000, 28, 28) and (10000, 28, 28), 0 paper to 255 ink. y: int64, digits 0..9.

    Raises
    ------
    DataError
        If a file is damaged, or there is nothing to read and no stand-in allowed.

    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", ADAMBOOK_DATA="no-such-folder", ADAMBOOK_OFFLINE="1"):
    ...     mnist(allow_stand_in=False)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    adambook.datasets.errors.DataError: MNIST is not in no-such-folder: ...
    """
    return load("mnist", _arrays, standins.mnist, allow_stand_in)


def _arrays(root: Path, entry: Entry) -> tuple[Array, Array, Array, Array]:
    x_train, y_train, x_test, y_test = (
        read_idx(gzip.decompress(read_file(root, entry, part)), part.path) for part in entry.parts
    )
    return x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64)


def read_idx(raw: bytes, name: str) -> NDArray[Any]:
    """The array in an idx file of unsigned bytes.

    The file starts with 0, 0, the type (8 for unsigned bytes) and the number of axes, one byte
    each; then the axes' lengths, four bytes each, the most significant first; then the values.

    Parameters
    ----------
    raw : bytes
        The unpacked file.
    name : str
        What to call it in a message.

    Returns
    -------
    array of uint8
        Writable, with the shape that the header names.

    Raises
    ------
    DataError
        If the header is not that of an idx file of unsigned bytes, or the length does not fit it.

    >>> read_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9]), "example")
    array([[7, 8, 9]], dtype=uint8)
    """
    if raw[:3] != b"\0\0\x08" or len(raw) < 4:
        raise DataError(
            f"{name} must start with the bytes 0 0 8 of an idx file of unsigned bytes, "
            f"got {' '.join(map(str, raw[:3])) or 'nothing'}"
        )
    axes = raw[3]
    start = 4 + 4 * axes
    shape = tuple(int.from_bytes(raw[at : at + 4], "big") for at in range(4, start, 4))
    if len(raw) != start + math.prod(shape):
        raise DataError(
            f"{name} must hold {start} bytes of header and the {math.prod(shape)} values of shape "
            f"{shape}, got {len(raw)} bytes in all"
        )
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape).copy()
