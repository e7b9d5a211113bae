"""The grader's end of a submission's process: run a cell, fetch names, call functions, in time."""

from __future__ import annotations

import builtins
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import adambook
from course import notebook, wire
from course.limits import Limits

STARTING = 120.0  # seconds
LONGEST_MESSAGE = 500_000_000  # bytes


class Stopped(BaseException):
    """The process is gone; no test may take this for an ordinary error of a function."""


class Ran(NamedTuple):
    """How a cell ended: with an error's text, or with none."""

    error: str


class Sandbox:
    """A process for one submission. Use it in a `with` statement.

    While one of the submission's functions is called, the book's packages in `closes` refuse to
    work: an answer that calls the function that it should replace is none.
    """

    def __init__(self, limits: Limits, *, closes: Iterable[str] = ()) -> None:
        self.limits, self.refused = limits, list[str]()
        self._callbacks: list[Callable[..., Any]] = []
        self._late = self._killed = False
        self._folder = tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True)
        self._pipe, theirs = Pipe()
        settings = {
            "readable": [str(_matplotlib_folder()), _data_folder()],
            "closed": [str(notebook.MASTERS)],
            "tools": str(Path(__file__).parents[1]),
            "printed": limits.printed,
            "memory": limits.memory,
            "written": limits.written,
            "cpu": max(60, int(30 * limits.seconds)),
            "closes": list(closes),
        }
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-B",
                "-m",
                "course.worker",
                str(theirs.fileno()),
                json.dumps(settings),
            ],
            cwd=self._folder.name,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._left = STARTING
        self._ask({"do": "describe", "names": []})  # the limits are for the submission's own code

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self._kill()
        self._process.wait()
        self._pipe.close()
        self._folder.cleanup()

    @contextmanager
    def within_the_limit(self) -> Iterator[None]:
        """Give all that the submission does inside one common time limit."""
        self._left = self.limits.seconds
        yield

    def run(self, source: str, name: str, *, trusted: bool = False) -> Ran:
        """Run a cell. `trusted` ones are the master's own, before any code of the student."""
        with self.within_the_limit():
            if trusted:  # imports and data may take their time on a busy machine
                self._left = STARTING
            reply = self._ask({"do": "run", "source": source, "name": name, "trusted": trusted})
            return Ran(str(reply.get("error", "")))

    def fetch(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what the submission has defined under these names; functions become callable."""
        reply = self._ask({"do": "describe", "names": list(names)})
        values = {}
        for name, coded in reply["values"].items():
            if isinstance(coded, dict) and "odd" in coded:
                raise TypeError(coded["odd"])
            values[name] = wire.decode(coded, self._function)
        return values

    def _function(self, number: int) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            reply = self._ask({
                "do": "call",
                "function": number,
                "args": [wire.encode(argument, self._refer) for argument in args],
                "kwargs": {key: wire.encode(v, self._refer) for key, v in kwargs.items()},
            })  # fmt: skip
            if "error" in reply:
                raise _exception(str(reply["kind"]), str(reply["error"]))
            after_args, after_kwargs = wire.decode(reply["arguments"], self._function)
            for before, after in [
                *zip(args, after_args, strict=True),
                *((kwargs[key], after_kwargs[key]) for key in kwargs),
            ]:
                _write_back(before, after)
            return wire.decode(reply["value"], self._function)

        return call

    def _refer(self, function: Callable[..., Any]) -> int:
        self._callbacks.append(function)
        return len(self._callbacks) - 1

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request; answer callbacks until the reply comes."""
        try:
            reply = self._exchange(request)
            while "callback" in reply:
                reply = self._exchange(self._called_back(reply))
            self.refused += map(str, reply.pop("refused", []))
            return reply
        except (EOFError, OSError, ValueError, KeyError) as error:
            self._kill()
            if self._late:
                raise Stopped(
                    f"it did not come to an end within {self.limits.seconds:g} seconds "
                    "(a loop without an end?)"
                ) from error
            raise Stopped("its process ended: it left Python, or took too much memory") from error

    def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and wait for an answer. The time limit counts this time alone."""
        raw = wire.dumps(message)
        timer = threading.Timer(max(0.0, self._left), self._out_of_time)
        timer.daemon = True
        began = time.monotonic()
        timer.start()
        try:
            self._pipe.send_bytes(raw)
            return wire.loads(self._pipe.recv_bytes(LONGEST_MESSAGE))
        finally:
            timer.cancel()
            self._left -= time.monotonic() - began

    def _called_back(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            function = self._callbacks[int(message["callback"])]
            value = function(*(wire.decode(coded, self._function) for coded in message["args"]))
            return {"value": wire.encode(value, self._refer)}
        except Exception as error:  # the submission called the test's function wrongly
            return {"error": f"{type(error).__name__}: {error}"}

    def _out_of_time(self) -> None:
        self._late = True
        self._kill()

    @property
    def alive(self) -> bool:
        """Whether the process still answers."""
        return not self._killed

    def _kill(self) -> None:
        self._killed = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _exception(kind: str, text: str) -> Exception:
    """Return an exception of the same name as the one raised over there."""
    known = getattr(builtins, kind, None)
    if isinstance(known, type) and issubclass(known, Exception):
        with suppress(TypeError):
            return known(text)
    return type(kind if kind.isidentifier() else "Error", (Exception,), {})(text)


def _write_back(before: Any, after: Any) -> None:
    """Repeat on an argument what the submission did to its copy of it."""
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        if before.shape == after.shape and before.dtype == after.dtype and before.flags.writeable:
            before[...] = after


def _environment() -> dict[str, str]:
    paths = [str(Path(__file__).parents[1]), str(Path(adambook.__file__).parents[1])]
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(_matplotlib_folder()),
        "ADAMBOOK_OFFLINE": "1",
        "TQDM_DISABLE": "1",
        **{name: "1" for name in threads},
        "ADAMBOOK_DATA": _data_folder(),
    }


def _data_folder() -> str:
    from adambook.datasets import folder

    return str(folder())


@cache
def _matplotlib_folder() -> Path:
    """Return where matplotlib keeps its list of fonts, so that no submission makes its own."""
    import matplotlib
    import matplotlib.font_manager  # writes the list where there is none

    return Path(matplotlib.get_cachedir())
