"""Do the tests find a fault? They are run in a child process, on a changed copy of the project."""

from __future__ import annotations

import inspect
import os
import re
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

COPIED = ("src", "tests", "tools", "data", "_ext", "_figures", "chapters", "pyproject.toml")
PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--no-header")
NO_TESTS = 5


def copied(root: Path, folder: Path) -> None:
    """Copy what tests need of the project, without compiled files."""
    for name in COPIED:
        if (root / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "checkpoints")
            shutil.copytree(root / name, folder / name, ignore=ignore)
        else:
            shutil.copy(root / name, folder / name)


@contextmanager
def text_of(path: Path, text: str) -> Iterator[None]:
    """Give a file another text for a while."""
    before, times = path.read_text("utf-8"), path.stat()
    path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # what was compiled holds again


def warm(modules: list[str]) -> None:
    """Import what all trials need, so that one costs tenths of a second; nothing of the project."""
    import hypothesis

    for name in ("pytest", *modules):
        import_module(name)
    if "adambook" in sys.modules:
        raise RuntimeError("adambook is imported already, so that no change of it would be seen")
    hypothesis.settings.register_profile(
        "trial",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("trial")


class Naming:
    """A pytest plugin that keeps the tests whose name or text has one of these words."""

    def __init__(self, words: list[str]) -> None:
        self.word = re.compile(
            rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, words))})(?![A-Za-z0-9])"
        )

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the examples of docstrings, and the tests that name one of the words."""
        items[:] = [item for item in items if not hasattr(item, "function") or self.names(item)]

    def names(self, item: Any) -> bool:
        """Whether a test has one of the words in its name or in its text."""
        return bool(self.word.search(f"{item.name}\n{inspect.getsource(item.function)}"))


def trial(folder: Path, files: list[str], words: list[str], cpu: float) -> str:
    """Run the tests of these files that name one of the words, up to the first that fails.

    Returns "passed", "failed", or "too long" where they take more seconds of a processor than
    `cpu`. Without words all tests are run.
    """
    groups = [[file] for file in files if file.startswith("src/")]  # examples want a fresh import
    for group in [*groups, [file for file in files if not file.startswith("src/")]]:
        if (outcome := forked(partial(passing, group, words), folder, cpu)) != "passed":
            return outcome
    return "passed"


def passing(files: list[str], words: list[str]) -> int:
    """Run the tests of these files one after the other; return 0 if none fails."""
    import pytest

    plugins = [Naming(words)] if words else []
    for file in files:
        code = int(pytest.main([*PYTEST, file], plugins=plugins))
        if code not in (0, NO_TESTS):
            return code
    return 0


def forked(work: Callable[[], int], folder: Path, cpu: float) -> str:
    """Run `work` in a child process: "passed" where it returns 0."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu) + 5))
            quiet = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            os.chdir(folder)
            sys.path.insert(0, str(folder / "src"))
            code = work()
        finally:
            os._exit(code)
    return waited(child, patience=60 + 50 * cpu)


def waited(child: int, patience: float) -> str:
    """Wait for a child process, so many seconds at most, and say how it ended."""
    deadline = time.monotonic() + patience
    done, status = os.waitpid(child, os.WNOHANG)
    while not done:
        if time.monotonic() > deadline:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "too long"
        time.sleep(0.01)
        done, status = os.waitpid(child, os.WNOHANG)
    if os.WIFSIGNALED(status):
        return "too long" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "failed"
    return "passed" if os.WEXITSTATUS(status) == 0 else "failed"
