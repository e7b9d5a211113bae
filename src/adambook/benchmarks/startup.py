"""What comes before the first step: importing the package, and compiled code from the disk."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from typing import Any

CODE = {
    "import adambook": "import adambook",
    "import numpy": "import numpy",
    "first use of Fused, warm cache": (
        "import numpy as np, adambook\n"
        "adambook.fused.Fused(adambook.Adam(), np.ones(3, np.float32)).step(np.ones(3, np.float32))"
    ),
}
"""What is timed, each in a fresh interpreter."""

TIMED = """
import time
start = time.perf_counter()
{code}
print(time.perf_counter() - start)
"""


def seconds(code: str) -> float:
    """Return how long some code takes in a fresh interpreter, without the interpreter's start.

    Raises
    ------
    RuntimeError
        If the code fails.

    >>> 0 < seconds("pass") < 1
    True
    """
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(code=code)], capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise RuntimeError(f"{code!r} failed: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout)


def measure(*, repeats: int = 5) -> list[dict[str, Any]]:
    """Return one row for each thing timed: the median of some fresh interpreters, in seconds.

    >>> [row["what"] for row in measure(repeats=1)][0]
    'import adambook'
    """
    rows = []
    for what, code in CODE.items():
        seconds(code)  # fills the caches, on disk and the system's
        times = [seconds(code) for _ in range(repeats)]
        rows.append(
            {
                "what": what,
                "calls": repeats,
                "median_s": round(median(times), 4),
                "low_s": round(min(times), 4),
                "high_s": round(max(times), 4),
            }
        )
    return rows
