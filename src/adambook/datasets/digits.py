"""scikit-learn's 1,797 handwritten digits: real data that is always there, for runs of seconds."""

from __future__ import annotations

import hashlib

import numpy as np

from adambook.datasets.dataset import Dataset


def digits() -> Dataset:
    """The 1,797 digits of 8 × 8 pixels that scikit-learn carries, split four to one.

    Every fifth digit is a test example, so that the writers, who come in turn, are in both parts.
    Source: the test part of Alpaydin and Kaynak's Optical Recognition of Handwritten Digits
    (1998), as `sklearn.datasets.load_digits` gives it.

    Returns
    -------
    Dataset
        x: uint8, (1437, 8, 8) and (360, 8, 8), 0..16; y: int64, 0..9.

    >>> digits()
    <digits: 1437 training and 360 test examples of shape (8, 8)>
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x, y = x.reshape(-1, 8, 8).astype(np.uint8), y.astype(np.int64)
    checksum = hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()
    test = np.arange(len(x)) % 5 == 0
    return Dataset(x[~test], y[~test], x[test], y[test], "digits", checksum, stand_in=False)
