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
ELSEWHERE = ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "COMMON_DIR", "NAMESPACE")
"""GIT_DIR and the like, as a hook of git's has them set, would name another repository."""


def git(*words: str, root: Path | None = None) -> str:
    """Return what git says of this project, whatever repository the environment names.

    Parameters
    ----------
    words : str
        What git is asked.
    root : path, optional
        The folder that it is asked about; default the project's own.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        If there is no git, or it refuses.

    >>> git("version").startswith("git version")
    True
    """
    environment = os.environ.copy()
    for name in ELSEWHERE:
        environment.pop(f"GIT_{name}", None)
    command = ["git", "-C", str(root or ROOT), *words]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True, env=environment
    )
    return done.stdout.strip()


def commit() -> str:
    """Return the commit of the code that runs, with "+changes" if src/ differs from it.

    Where the code lies in no checkout of its own it is "unknown".

    >>> isinstance(commit(), str)
    True
    """
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
