"""The process that a submission runs in: it runs cells and answers calls, and holds no test.

python -m course.worker PIPE SETTINGS     is started by `course.sandbox` and by nothing else.
"""

from __future__ import annotations

import _posixsubprocess
import builtins
import contextlib
import gc
import io
import json
import os
import posix
import re
import resource
import shutil
import subprocess
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import adambook
from course import wire
from course.guard import CELL, Guard

UNSEEN = ("_dbm", "_gdbm", "readline", "_interpreters", "_xxsubinterpreters")
UNSEEN += ("_testcapi", "_testinternalcapi", "zmq")  # CPython's own tests; Jupyter's sockets
"""Modules that write files, open sockets, or run code, where no audit hook sees it."""
MAGIC = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?:%{1,2}|!)[A-Za-z].*|\?{1,2}[\w.]+|[\w.]+\?{1,2})[ \t]*$",
    re.MULTILINE,
)


class TooMuchOutput(Exception):
    """More was printed than is allowed."""


class Capped(io.TextIOBase):
    """Text that is counted and dropped; too much of it is an error in the cell that prints."""

    def __init__(self, most: int) -> None:
        self.left = self.most = most

    def begin(self) -> None:
        """Count from 0 again: another cell or call prints."""
        self.left = self.most

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Count some text."""
        self.left -= len(text)
        if self.left < 0:
            raise TooMuchOutput(f"more than {self.most} characters are printed")
        return len(text)


class Worker:
    """The names that a submission has defined, and the conversation about them."""

    def __init__(
        self, pipe: Connection, guard: Guard, printed: Capped, closes: tuple[str, ...]
    ) -> None:
        self.pipe, self.guard, self.printed, self.closes = pipe, guard, printed, closes
        self.functions: list[Callable[..., Any]] = []
        self.ran, self.searched = 0, (-1, 0)
        self.books_own: list[types.FunctionType] = []
        module = types.ModuleType("__main__")
        self.names = module.__dict__
        self.names["display"] = print
        sys.modules["__main__"] = module

    def serve(self) -> None:
        """Answer requests until the grader hangs up."""
        answers = {"run": self.run, "describe": self.describe, "call": self.call}
        with contextlib.suppress(EOFError, BrokenPipeError):
            while True:
                request = wire.loads(self.pipe.recv_bytes())
                self.printed.begin()
                reply = answers[request.pop("do")](**request)
                reply["refused"], self.guard.refused = self.guard.refused, []
                self.pipe.send_bytes(wire.dumps(reply))

    def run(self, source: str, name: str, trusted: bool) -> dict[str, Any]:
        """Run a cell."""
        self.ran += 1
        try:
            code = _compiled(source, f"{CELL}{name}>")
            self.guard.on |= not trusted
            exec(code, self.names)
        except BaseException as error:  # SystemExit too: a cell does not end the notebook
            return {"error": _said(error)}
        return {"error": ""}

    def describe(self, names: list[str]) -> dict[str, Any]:
        """Say what some names stand for; leave out those that are not defined."""
        values = {}
        for name in names:
            if name in self.names:
                try:
                    values[name] = wire.encode(self.names[name], self._refer)
                except TypeError as error:
                    values[name] = {"odd": f"{name} is of no use to the test: {error}"}
        return {"values": values}

    def call(self, function: int, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Call a function of the submission; tell its value and what became of the arguments."""
        arguments = [wire.decode(coded, self._callback) for coded in args]
        named = {key: wire.decode(coded, self._callback) for key, coded in kwargs.items()}
        self.guard.on = True
        try:
            with _closed(self._books_own()):
                value = self.functions[function](*arguments, **named)
            coded = wire.encode(value, self._refer)
        except BaseException as error:
            return {"kind": type(error).__name__, "error": _said(error, with_kind=False)}
        after = wire.encode([arguments, named], lambda function: -1)
        return {"value": coded, "arguments": after}

    def _books_own(self) -> list[types.FunctionType]:
        """Return the functions to close; new ones come with a cell or with an import."""
        state = self.ran, len(sys.modules)
        if self.closes and state != self.searched:
            gc.disable()  # no destructor of the submission runs where nothing is judged
            with self.guard.unjudged():
                objects = gc.get_objects()
            gc.enable()
            self.books_own = [each for each in objects if _is_from(self.closes, each)]
            self.searched = state
        return self.books_own

    def _refer(self, function: Callable[..., Any]) -> int:
        self.functions.append(function)
        return len(self.functions) - 1

    def _callback(self, number: int) -> Callable[..., Any]:
        """Return a function that asks the grader, such as the gradient of a test."""

        def ask(*args: Any) -> Any:
            coded = [wire.encode(argument, self._refer) for argument in args]
            self.pipe.send_bytes(wire.dumps({"callback": number, "args": coded}))
            reply = wire.loads(self.pipe.recv_bytes())
            if "error" in reply:
                raise ValueError(reply["error"])
            return wire.decode(reply["value"], self._callback)

        return ask


def _compiled(source: str, name: str) -> types.CodeType:
    """Compile a cell as it is, and one that is no Python without IPython's own lines."""
    try:
        return compile(source, name, "exec")
    except SyntaxError:
        return compile(_plain(source), name, "exec")


def _plain(source: str) -> str:
    """Return a cell with `pass` for the lines that only IPython understands."""
    return MAGIC.sub(r"\g<indent>pass", source)


def _said(error: BaseException, with_kind: bool = True) -> str:
    """Return an error as one line, with the line of the cell that it comes from."""
    with contextlib.suppress(Exception):
        text = str(error)[:500]
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename.startswith(CELL)
        ]
        text += f" (line {lines[-1]} of the cell)" if lines else ""
        return f"{type(error).__name__}: {text}" if with_kind else text
    return "an error that cannot be printed"


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise PermissionError(
        "the answer calls the book's own function, and the task is to write it yourself"
    )


@contextlib.contextmanager
def _closed(functions: list[types.FunctionType]) -> Iterator[None]:
    """Make functions refuse to work, under whatever name they are kept."""
    codes = [function.__code__ for function in functions]
    for function, code in zip(functions, codes, strict=True):
        function.__code__ = _refuse.__code__.replace(co_freevars=code.co_freevars)
    try:
        yield
    finally:
        for function, code in zip(functions, codes, strict=True):
            function.__code__ = code


def _is_from(packages: tuple[str, ...], value: object) -> bool:
    """Whether a value is a function of some packages, written at their top or inside another."""
    return (
        type(value) is types.FunctionType
        and str(value.__globals__.get("__name__")).startswith(packages)
        and not value.__code__.co_name.startswith("__")
    )


def main() -> None:
    pipe, settings = Connection(int(sys.argv[1])), json.loads(sys.argv[2])
    package = Path(adambook.__file__).parent
    here = [Path(__file__).with_name(name) for name in ("worker.py", "guard.py", "wire.py")]
    readable = [sys.prefix, sys.base_prefix, package, *here, *settings["readable"]]
    closed = [package / "course", *settings["closed"]]
    guard = Guard(Path.cwd(), map(Path, readable), map(Path, closed))
    sys.path[:] = [entry for entry in sys.path if entry not in ("", settings["tools"])]
    for name in [name for name in sys.modules if name.partition(".")[0] == "course"]:
        del sys.modules[name]  # a submission that imports them finds nothing
    sys.stdout = sys.stderr = printed = Capped(settings["printed"])  # type: ignore[assignment]
    builtins.input = _no_input  # type: ignore[assignment]
    _posixsubprocess.fork_exec = subprocess._fork_exec = _no_program  # type: ignore
    for name in ("mkfifo", "mknod"):
        for module in (os, posix):
            setattr(module, name, _no_special_file)
    sys.modules.update(dict.fromkeys(UNSEEN))  # type: ignore[arg-type]  # as if not installed
    shutil._use_fd_functions = False  # type: ignore[attr-defined]  # rmtree names what it removes
    for what, most in (
        (resource.RLIMIT_AS, settings["memory"]),
        (resource.RLIMIT_FSIZE, settings["written"]),
        (resource.RLIMIT_CPU, settings["cpu"]),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError):  # macOS does not limit the address space
            resource.setrlimit(what, (most, most))
    Worker(pipe, guard, printed, tuple(settings["closes"])).serve()


def _no_program(*args: object) -> Any:
    sys.audit("_posixsubprocess.fork_exec")  # Python itself does not say that it starts one
    raise PermissionError("no program is started here")


def _no_special_file(*args: object, **kwargs: object) -> Any:
    sys.audit("os.mknod")  # Python itself does not say that it makes one
    raise PermissionError("no device and no pipe is made here")


def _no_input(prompt: object = "") -> str:
    raise EOFError("nobody is there to answer input()")


if __name__ == "__main__":
    main()
