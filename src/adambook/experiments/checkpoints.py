"""Checkpoints: what a unit needs to go on after the epoch it has reached.

A checkpoint is an .npz archive behind the SHA-256 of its bytes. It names its unit and the data.
One that is cut, altered, another unit's or from other data is no checkpoint.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from adambook.experiments.files import write_whole

Rows = list[dict[str, Any]]

DIGEST = hashlib.sha256().digest_size  # bytes


def save(path: Path, unit: str, data: str, arrays: dict[str, Any], rows: Rows) -> None:
    """Write the arrays and the rows so far of a unit on some data, whole or not at all.

    Parameters
    ----------
    path : Path
    unit : str
        The unit's identity.
    data : str
        The checksum of the data.
    arrays : dict
        Arrays by name.
    rows : list of dict

    Raises
    ------
    OSError
        If the file cannot be written.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "unit.npz"
    >>> save(path, "a1b2", "c3d4", {"theta": np.ones(2)}, [{"epoch": 0}])
    >>> load(path, "a1b2", "c3d4")
    ({'theta': array([1., 1.])}, [{'epoch': 0}])
    """
    packed = io.BytesIO()
    own: dict[str, Any] = {"unit": unit, "data": data, "rows": json.dumps(rows)}
    np.savez(packed, **own, **arrays)
    content = packed.getvalue()
    write_whole(path, hashlib.sha256(content).digest() + content)


def load(path: Path, unit: str, data: str) -> tuple[dict[str, Any], Rows] | None:
    """Return the arrays and rows of a unit's checkpoint; None if there is none on these data.

    Raises
    ------
    OSError
        If there is something that cannot be read: hours of work may be in it.

    >>> load(Path("no such file"), "a1b2", "c3d4") is None
    True
    """
    try:
        whole = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OSError(
            f"{path} cannot be read: {error.strerror}; mend that, or delete it to train anew"
        ) from error
    digest, content = whole[:DIGEST], whole[DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        return None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as saved:
            arrays = {name: saved[name] for name in saved.files}
        if (arrays.pop("unit"), arrays.pop("data")) != (unit, data):
            return None
        return arrays, json.loads(str(arrays.pop("rows")))
    except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
        return None  # sound, and from a version that wrote something else
