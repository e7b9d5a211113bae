"""What SFO keeps in memory, and how long its epochs take beside Adam's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from adambook.sfo import SFO

PARAMETERS = 100_000


def bytes_held(subfunctions: int) -> float:
    """Return the bytes that SFO holds for 100,000 parameters.

    >>> bytes_held(8) / bytes_held(4) > 1.5
    True
    """
    return float(SFO(lambda x, i: (0.0, x), np.zeros(PARAMETERS, np.float32), subfunctions).nbytes)


def seconds_by_unit(origins: dict[str, Any]) -> pd.Series:
    """Return the median seconds of an epoch of each recorded unit.

    >>> seconds_by_unit({"a": {"seconds_an_epoch": 2.0}, "b": {}})["a"]
    np.float64(2.0)
    """
    return pd.Series(
        {unit: float(o.get("seconds_an_epoch", np.nan)) for unit, o in origins.items()}
    )
