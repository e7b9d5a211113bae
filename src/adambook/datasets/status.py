"""What is on this machine, and in what state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from adambook.datasets import registry
from adambook.datasets.contents import check, is_there
from adambook.datasets.errors import DataError
from adambook.datasets.folder import folder
from adambook.datasets.registry import Entry


class Status(NamedTuple):
    """One data set on this machine.

    Attributes
    ----------
    name : str
        The name that `fetch` takes.
    folder : Path
        Its own folder, there or not.
    state : str
        `present and checked`, `missing` (all or some of it), `missing: ...` with what is in the
        data folder's place, or `damaged: ...` with the reason.
    size : int
        Bytes of its files that are there.
    """

    name: str
    folder: Path
    state: str
    size: int


def status() -> list[Status]:
    """Every data set's state, after reading and checking all of its files (some seconds).

    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", ADAMBOOK_DATA="no-such-folder"):
    ...     [(record.name, record.state) for record in status()]
    [('mnist', 'missing'), ('cifar10', 'missing'), ('imdb', 'missing')]
    """
    return [
        Status(entry.name, folder() / entry.folder, _state(entry), _size(entry))
        for entry in registry.ENTRIES.values()
    ]


def _state(entry: Entry) -> str:
    for place in (folder(), *folder().parents):
        if os.path.lexists(place) and not os.path.isdir(place):
            return f"missing: {place} is no folder; set ADAMBOOK_DATA to one"
    there = [part for part in entry.parts if is_there(folder(), part)]
    try:
        for part in there:
            check(folder(), entry, part)
    except DataError as error:
        return f"damaged: {error}"
    return "present and checked" if len(there) == len(entry.parts) else "missing"


def _size(entry: Entry) -> int:
    paths = [os.path.join(folder(), part.path) for part in entry.parts]
    below = [
        os.path.join(top, n) for path in paths for top, _, names in os.walk(path) for n in names
    ]
    return sum(os.path.getsize(file) for file in (*paths, *below) if os.path.isfile(file))
