"""Rows as a table that a page shows."""

from __future__ import annotations

from typing import Any

import pandas as pd


def tabulated(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a table without a numbered index.

    The first column's name heads it in the row of the other names.

    >>> print(tabulated([{"optimizer": "Adam", "alpha": "0.001"}]))
    optimizer  alpha
    Adam       0.001
    """
    frame = pd.DataFrame(rows)
    first = frame.columns[0]
    return frame.set_index(first).rename_axis(index=None, columns=first)
