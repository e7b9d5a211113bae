"""Read a file or a folder of a data set, and refuse it if it is not the published one."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from adambook.datasets.errors import DataError
from adambook.datasets.registry import Entry, Part

REVIEW = 1 << 20  # bytes; no review is nearly so long


def read_file(root: Path, entry: Entry, part: Part) -> bytes:
    """The checked bytes of a file.

    Parameters
    ----------
    root : Path
        The folder that `part.path` starts from.
    entry : Entry
        The data set, for the advice in a message.
    part : Part
        A part that is a file.

    Raises
    ------
    DataError
        If there is no regular file that can be read, or it has another length, which is asked
        before it is read, or another SHA-256.

    >>> import tempfile
    >>> from adambook.datasets.registry import MNIST
    >>> with tempfile.TemporaryDirectory() as root:
    ...     read_file(Path(root), MNIST, MNIST.parts[0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    adambook.datasets.errors.DataError: .../mnist/train-images-idx3-ubyte.gz cannot be read ...
    """
    path = root / part.path
    try:
        size = _size(path)
        if size != part.size:
            raise _refusal(path, entry, f"holds {size:,} bytes, published {part.size:,}")
        content = path.read_bytes()
    except OSError as error:
        raise _refusal(path, entry, f"cannot be read ({error.strerror})") from error
    found = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if found != part.checksum:
        raise _refusal(
            path, entry, f"is altered: {found[:17]}..., published {part.checksum[:17]}..."
        )
    return content


def read_folder(root: Path, entry: Entry, part: Part) -> list[bytes]:
    """The checked contents of a folder's .txt files, in the order of their names.

    Parameters and errors are those of `read_file`, for a part that is a folder; its checksum is
    the folder's id as a git tree.
    """
    from tqdm import tqdm

    path = root / part.path
    try:
        names = sorted(name for name in os.listdir(path) if name.endswith(".txt"))
        if len(names) != part.size:
            raise _refusal(path, entry, f"holds {len(names):,} .txt files, published {part.size:,}")
        for name in names:
            if (size := _size(path / name)) > REVIEW:
                fault = f"holds {name} of {size:,} bytes, more than any review"
                raise _refusal(path, entry, fault)
        progress = tqdm(names, desc=part.path, delay=2, leave=False)
        contents = [(path / name).read_bytes() for name in progress]
    except OSError as error:
        raise _refusal(path, entry, f"cannot be read ({error.strerror})") from error
    found = f"git-tree:{git_tree(zip(names, contents, strict=True))}"
    if found != part.checksum:
        raise _refusal(
            path, entry, f"is altered: {found[:19]}..., published {part.checksum[:19]}..."
        )
    return contents


def is_there(root: Path, part: Part) -> bool:
    """Whether there is anything at the part's place, good or bad, or in the way to it.

    A link that leads nowhere and a folder that may not be read are something.
    """
    place = root
    for name in PurePosixPath(part.path).parts:
        if place != root and not os.path.isdir(place):
            return True
        place /= name
        try:
            os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
    return True


def _size(path: Path) -> int:
    """The bytes of a regular file; OSError for anything else, such as a pipe."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return found.st_size


def check(root: Path, entry: Entry, part: Part) -> None:
    """Raise DataError unless the part is there and is the published one."""
    read = read_folder if part.is_folder else read_file
    read(root, entry, part)


def git_tree(files: Iterable[tuple[str, bytes]]) -> str:
    """The id that git gives a folder of plain files: a SHA-1 over names and contents.

    Parameters
    ----------
    files : iterable of (name, content)
        In any order; git sorts them by name.

    Returns
    -------
    str
        40 hexadecimal digits, as `git write-tree` prints them.

    >>> git_tree([])  # git's well-known empty tree
    '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    """
    lines = (
        b"100644 " + os.fsencode(name) + b"\0" + _git_object(b"blob", content).digest()
        for name, content in sorted(files)
    )
    return _git_object(b"tree", b"".join(lines)).hexdigest()


def _git_object(kind: bytes, content: bytes) -> hashlib._Hash:
    return hashlib.sha1(kind + b" %d\0" % len(content) + content, usedforsecurity=False)


def _refusal(path: Path, entry: Entry, fault: str) -> DataError:
    return DataError(f"{path} {fault}; delete it and run `adambook data fetch {entry.name}`")
