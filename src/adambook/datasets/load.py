"""The real data if it can be had, else a stand-in that says so."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from adambook.datasets import registry
from adambook.datasets.contents import is_there
from adambook.datasets.dataset import Array, Dataset
from adambook.datasets.errors import DataError, StandInWarning, Unreachable
from adambook.datasets.fetch import fetch_missing
from adambook.datasets.folder import folder
from adambook.datasets.registry import Entry


def load(
    name: str,
    arrays: Callable[[Path, Entry], tuple[Array, Array, Array, Array]],
    stand_in: Callable[[], Dataset],
    allow_stand_in: bool,
) -> Dataset:
    """Fetch what is missing, read and check the files, and make a Dataset of them.

    Parameters
    ----------
    name : str
        The data set's name in the registry.
    arrays : callable
        Reads and checks the files: (data folder, entry) → x_train, y_train, x_test, y_test.
    stand_in : callable
        Makes the stand-in, used only if nothing of the data set is there and none can be fetched.
    allow_stand_in : bool
        Whether it may be used at all.

    Raises
    ------
    DataError
        If a file is damaged, or missing and not to be had while others of the data set are there,
        or everything is missing and `allow_stand_in` is False.
    """
    entry = registry.entry(name)
    try:
        fetch_missing(entry)
    except Unreachable as error:
        remedy = f"with a network `adambook data fetch {name}`"
        message = f"{entry.title} is not in {folder()}: {error}; {remedy}"
        if any(is_there(folder(), part) for part in entry.parts):
            raise DataError(f"part of {message} brings the rest") from error
        if not allow_stand_in:
            raise DataError(f"{message} brings it") from error
        message = f"{message} brings it; until then a STAND-IN is used"
        warnings.warn(message, StandInWarning, stacklevel=3)
        return stand_in()
    return Dataset(*arrays(folder(), entry), entry.title, entry.checksum, stand_in=False)
