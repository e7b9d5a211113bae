"""Where a record comes from: commit, versions, machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("adambook", "numpy", "scipy", "numba", "torch", "scikit-learn")
ROOT = Path(__file__).parents[3]


def commit() -> str:
    """Return the commit of the code that runs, with "+changes" if src/ differs from it.

    Where the code lies in no checkout of its own it is "unknown".

    >>> isinstance(commit(), str)
    True
    """

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *words], capture_output=True, encoding="utf-8", check=True
        )
        return done.stdout.strip()

    try:
        if not Path(git("rev-parse", "--show-toplevel")).samefile(ROOT):
            return "unknown"
        changed = git("status", "--porcelain", "--", "src")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def processor() -> str:
    """Return the processor's model name, as far as the system tells.

    >>> bool(processor())
    True
    """
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def environment() -> dict[str, Any]:
    """Return the commit, the versions and the machine that results were made with.

    >>> sorted(environment())
    ['commit', 'cores', 'processor', 'python', 'system', 'versions']
    """
    return {
        "commit": commit(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
    }
