"""Files that are written whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and wait until it is on the disk.

    Its folder is made if it is not there.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is still there then.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "rows.csv"
    >>> write_whole(path, b"epoch,cost")
    >>> path.read_text()
    'epoch,cost'
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # nothing can be deleted either where nothing may be written
            part.unlink(missing_ok=True)
        in_the_way = isinstance(error, FileExistsError)
        reason = f"{path.parent} is no folder" if in_the_way else error.strerror
        raise OSError(f"{path} cannot be written: {reason}") from error


def delete(folder: Path, pattern: str) -> None:
    """Delete the files of a folder whose names fit a pattern.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_whole(folder / "unit.epochs", b"2")
    >>> delete(folder, "unit.*")
    >>> list(folder.iterdir())
    []
    """
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)
