"""Do the tests find a fault? They are run in a child process, on a changed copy of the project."""

from __future__ import annotations

import gc
import hashlib
import inspect
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from pytest import hookimpl

PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--no-header")
NO_TESTS = 5
ELSEWHERE = {
    f"GIT_{name}"
    for name in ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "COMMON_DIR", "NAMESPACE")
}
KEPT = Path(__file__).parents[2] / "_build" / "mutants"


def git(root: Path, *words: str) -> str:
    """Return what git says of a folder, whatever repository the environment names.

    The package has the like (`provenance.git`), and may not be imported before a trial.
    """
    environment = {name: text for name, text in os.environ.items() if name not in ELSEWHERE}
    command = ["git", "-C", str(root), *words]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True, env=environment
    ).stdout.strip()


def copied(root: Path, folder: Path) -> None:
    """Copy what belongs to the project: the files that git has or would take."""
    names = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, names.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)


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
    gc.collect()
    gc.freeze()  # else each trial goes through all that was imported


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


class Watching:
    """A pytest plugin that notes the seconds and the lines of each test that passes."""

    def __init__(self, modules: Path) -> None:
        from coverage import Coverage

        self.coverage = Coverage(
            data_file=None, config_file=False, include=[f"{modules}/*"], messages=False
        )
        self.tests: dict[str, tuple[float, float]] = {}
        self.collecting: dict[str, float] = {}

    def pytest_sessionstart(self) -> None:
        """Begin to watch before the package is imported."""
        self.coverage.start()

    @hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: Any) -> Iterator[None]:
        """Note how long the import of a file takes."""
        start = time.process_time()
        result = yield
        before = self.collecting.get(collector.nodeid, 0.0)
        self.collecting[collector.nodeid] = before + time.process_time() - start
        return result

    @hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Note what one test takes, and have its lines counted as its own."""
        self.coverage.switch_context(item.nodeid)
        start = time.process_time()
        result = yield
        own = time.process_time() - start
        self.tests[item.nodeid] = own, self.collecting.get(item.nodeid.split("::")[0], 0.0)
        self.coverage.switch_context("")
        return result

    def seen(self) -> Seen:
        """Return what was noted."""
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {
            Path(file).resolve().relative_to(Path.cwd()).as_posix(): {
                line: sorted(set(tests) & set(self.tests)) for line, tests in by_line.items()
            }
            for file in data.measured_files()
            for by_line in [data.contexts_by_lineno(file)]
        }
        return Seen(self.tests, lines)


class Seen(NamedTuple):
    """What tests take and run where there is no fault.

    tests : for each its seconds of a processor, and those of importing its file
    lines : for each file and line the tests that run it
    """

    tests: dict[str, tuple[float, float]]
    lines: dict[str, dict[int, list[str]]]

    def of(
        self, file: str, lines: Collection[int], name: str, limit: float, claim: str = ""
    ) -> list[list[str]]:
        """Return the tests that run one of these lines, the quickest first, for so many seconds.

        Tests of a claim, by its id in brackets, may read the lines and not run them: they count. So
        do those whose name has `name` in it: what a decorator refuses runs no line of the function.

        The tests of a file stand together, and first those of the file that is done first. Where
        the lines are run by no test alone, as when a module is imported, these are the tests whose
        name has `name` in it, then those that run any line of the file, or all.
        """
        by_line = self.lines.get(file, {})
        running = {test for line in lines for test in by_line.get(line, [])}
        running |= {test for test in self.tests if claim and test.endswith(f"[{claim}]")}
        others = {test for own in by_line.values() for test in own}
        named = {test for test in self.tests if name and name.lower() in test.lower()}
        running |= named if running else set()

        def rank(test: str) -> tuple[bool, float]:
            return not running and test not in named, sum(self.tests[test])

        chosen: dict[str, list[str]] = {}
        seconds = 0.0
        for test in sorted(running or others | named or self.tests, key=rank):
            if chosen and seconds + self.tests[test][0] > limit:
                break
            chosen.setdefault(test.split("::")[0], []).append(test)
            seconds += self.tests[test][0]
        return sorted(chosen.values(), key=self.cost)

    def cost(self, tests: list[str]) -> float:
        """Return the seconds of tests of one file, with its import."""
        return self.tests[tests[0]][1] + sum(self.tests[test][0] for test in tests)


class Chosen:
    """A pytest plugin that runs these tests alone, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.rank = {test: k for k, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep and order the tests."""
        kept = [item for item in items if item.nodeid in self.rank]
        items[:] = sorted(kept, key=lambda item: self.rank[item.nodeid])


def watched(folder: Path, files: list[str], words: list[str], modules: Path) -> Seen:
    """Run the tests of these files that name one of the words, without a fault, and watch them."""
    tests: dict[str, tuple[float, float]] = {}
    lines: dict[str, dict[int, list[str]]] = {}
    for file in files:
        seen = watched_file(folder, file, words, modules)
        tests |= seen.tests
        for module, by_line in seen.lines.items():
            for line, own in by_line.items():
                lines.setdefault(module, {}).setdefault(line, []).extend(own)
    return Seen(tests, lines)


def watched_file(folder: Path, file: str, words: list[str], modules: Path) -> Seen:
    """Run the tests of one file that name one of the words, without a fault, and watch them.

    They must pass: else a failure would say nothing about a fault. What was seen is kept, for the
    next time that the package and the file are as they are.
    """
    texts = [path.read_bytes() for path in [*sorted(modules.rglob("*.py")), folder / file]]
    record = KEPT / f"{hashlib.sha256(repr((file, words, texts)).encode()).hexdigest()}.json"
    if record.exists():
        return read(record)

    def work() -> int:
        watching = Watching(modules)
        code = passing([file], [watching, *([Naming(words)] if words else [])])
        if code == 0:
            KEPT.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps(watching.seen()), "utf-8")
        return code

    if (outcome := forked(work, folder, cpu=3600)) != "passed":
        output = (folder / "output.txt").read_text("utf-8")
        raise RuntimeError(f"without any fault the tests {outcome}:\n{output[-5000:]}")
    return read(record)


def read(record: Path) -> Seen:
    """Return what was kept."""
    tests, lines = json.loads(record.read_text("utf-8"))
    return Seen(tests, {m: {int(n): t for n, t in own.items()} for m, own in lines.items()})


FINDS: Counter[tuple[str, str]] = Counter()
"""How many faults of a module each file has found so far."""


def trial(folder: Path, module: str, tests: list[list[str]], cpu: float) -> str:
    """Run a module's examples and the tests, file by file, up to the first that fails.

    Returns "passed", "failed", or "too long" where the tests of a file take more seconds of a
    processor than `cpu`. Each file is a process of its own, and first come those that found most
    of the module's faults so far: most faults are found by the first.
    """
    groups: list[tuple[str, list[Any]]] = [(module, [])]
    groups += [(own[0].split("::")[0], [Chosen(own)]) for own in tests]
    for file, plugins in sorted(groups, key=lambda group: -FINDS[module, group[0]]):
        if (outcome := forked(partial(passing, [file], plugins), folder, cpu)) != "passed":
            FINDS[module, file] += 1
            return outcome
    return "passed"


def passing(files: list[str], plugins: list[Any]) -> int:
    """Run the tests of these files; return 0 if none fails."""
    import pytest

    code = int(pytest.main([*PYTEST, *files], plugins=plugins))
    return 0 if code == NO_TESTS else code


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
