"""Where the data lies on this machine."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """The folder of all data sets: `ADAMBOOK_DATA` if set, else one in the user's cache.

    It need not exist yet. As in a shell, a `~` that is nobody's home stays as it is.

    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", ADAMBOOK_DATA="my-data"):
    ...     folder().name
    'my-data'
    """
    named = os.environ.get("ADAMBOOK_DATA")
    if named:
        return Path(os.path.expanduser(named))
    import pooch

    return Path(pooch.os_cache("adambook"))
