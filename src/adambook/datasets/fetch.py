"""Bring what is missing into the data folder: whole and checked, or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from adambook.datasets import registry
from adambook.datasets.contents import check, is_there
from adambook.datasets.download import download
from adambook.datasets.errors import DataError, Unreachable
from adambook.datasets.folder import folder
from adambook.datasets.registry import Download, Entry
from adambook.datasets.unpack import unpack


def fetch(name: str) -> Path:
    """Fetch a data set's missing files, then check them all.

    Parameters
    ----------
    name : str
        `mnist`, `cifar10` or `imdb`.

    Returns
    -------
    Path
        The data set's own folder. Files that were there before are checked and left alone.

    Raises
    ------
    DataError
        If there is no such data set, a file is damaged, a download is refused, or the folder
        cannot be written; its subclass Unreachable if there is no network.

    >>> fetch("cifar")
    Traceback (most recent call last):
    adambook.datasets.errors.DataError: name must be one of mnist, cifar10, imdb, got 'cifar'
    """
    entry = registry.entry(name)
    fetch_missing(entry)
    for part in entry.parts:
        check(folder(), entry, part)
    return folder() / entry.folder


def fetch_missing(entry: Entry) -> None:
    """Fetch the parts of a data set that are not there, without a look at those that are.

    One process at a time fetches into the folder: another waits, and finds what the first brought.

    Raises
    ------
    DataError
        As `fetch` does, but for unknown names and damaged files.
    """
    for wanted in entry.downloads:
        if _is_there(wanted):
            continue
        if os.environ.get("ADAMBOOK_OFFLINE", "0") not in ("", "0"):
            raise Unreachable(f"{wanted.file} was not fetched because ADAMBOOK_OFFLINE is set")
        try:
            with _alone(folder()):
                if not _is_there(wanted):
                    _bring(entry, wanted)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DataError(
                f"{wanted.file} could not be written below {folder()} ({reason}); "
                "set ADAMBOOK_DATA to a folder with room that may be written"
            ) from error


def _is_there(wanted: Download) -> bool:
    return all(is_there(folder(), part) for part in wanted.parts)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the data folder for one process; a second waits and says so."""
    root.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(root / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        print(f"waiting for another process that fetches into {root}", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()  # the empty file stays: deleting it could free another's lock


def _bring(entry: Entry, wanted: Download) -> None:
    """Download, unpack and check beside the final place, then rename into it."""
    root = folder()
    fresh = root / ".unfinished"
    shutil.rmtree(fresh, ignore_errors=True)  # a process that was killed may have left it
    fresh.mkdir()
    try:
        fetched = download(wanted, fresh, root / f"{wanted.file}.part")
        _unpack(entry, wanted, fetched, fresh)
        for part in wanted.parts:
            if not is_there(root, part):
                (root / part.path).parent.mkdir(parents=True, exist_ok=True)
                os.replace(fresh / part.path, root / part.path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _unpack(entry: Entry, wanted: Download, fetched: Path, fresh: Path) -> None:
    """Take the parts out of what was fetched and check them."""
    if wanted.is_archive:
        unpack(fetched, wanted.parts, fresh)
    else:
        (fresh / wanted.parts[0].path).parent.mkdir(parents=True)
        fetched.replace(fresh / wanted.parts[0].path)
    for part in wanted.parts:
        check(fresh, entry, part)
