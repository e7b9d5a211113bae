"""What a loader returns: four arrays, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked

Array = NDArray[Any]


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A training and a test set, unpacked as `x_train, y_train, x_test, y_test = dataset`.

    Attributes
    ----------
    x_train, x_test : arrays of uint8, one example along the first axis
        As published: pixels 0..255, or counts of words.
    y_train, y_test : arrays of int64, one label an example
        Classes 0, 1, ...; int64 so that they index, subtract and enter PyTorch's losses unchanged.
    name : str
        The data set's name.
    checksum : str
        One SHA-256 (64 hexadecimal digits) for everything that was read.
    stand_in : bool
        True if these are made-up examples that stand in for the real ones.

    >>> import numpy as np
    >>> zeros, ones = np.zeros((3, 2), np.uint8), np.ones(3, np.int64)
    >>> toy = Dataset(zeros, ones, zeros, ones, name="Toy", checksum="", stand_in=True)
    >>> x, y, x_test, y_test = toy
    >>> toy
    <STAND-IN for Toy: 3 training and 3 test examples of shape (2,)>
    """

    x_train: Array
    y_train: NDArray[np.int64]
    x_test: Array
    y_test: NDArray[np.int64]
    name: str
    checksum: str
    stand_in: bool

    @property
    def title(self) -> str:
        """The name as a table or plot shows it: a stand-in says so."""
        return f"STAND-IN for {self.name}" if self.stand_in else self.name

    def __iter__(self) -> Iterator[Array]:
        yield from (self.x_train, self.y_train, self.x_test, self.y_test)

    def __repr__(self) -> str:
        train, test, shape = len(self.x_train), len(self.x_test), self.x_train.shape[1:]
        return f"<{self.title}: {train} training and {test} test examples of shape {shape}>"
