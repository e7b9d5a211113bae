"""What a submission may touch while it runs: Python's files, the data, and its own folder.

An audit hook sees every file that is opened and every program that is started. It stops what a
notebook can try; it is no wall against an attacker who can write machine code, so submissions
of strangers belong into a container of their own.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

FORBIDDEN = {
    "_posixsubprocess": "starts a program",
    "ctypes": "calls the system past Python",
    "gc": "searches the memory of the process",
    "os.exec": "starts a program",
    "os.fork": "starts a process",
    "os.forkpty": "starts a process",
    "os.posix_spawn": "starts a program",
    "os.spawn": "starts a program",
    "os.startfile": "starts a program",
    "os.system": "starts a program",
    "os.mknod": "makes a device or a pipe",
    "os.kill": "sends signals to processes",
    "os.killpg": "sends signals to processes",
    "pty.spawn": "starts a program",
    "resource": "changes its limits",
    "socket": "uses the network",
    "sqlite3": "opens a database",
    "subprocess.Popen": "starts a program",
    "syslog": "writes into the machine's log",
    "sys._current_exceptions": "looks at the code that calls it",
    "sys._current_frames": "looks at the code that calls it",
}
ONE_PATH = {"open", "os.listdir", "os.scandir", "os.chdir", "os.remove", "os.mkdir", "os.rmdir"}
ONE_PATH |= {"os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr"}
TWO_PATHS = {"os.rename", "os.link", "os.symlink"}
FOLDERS_FROM = {
    **dict.fromkeys(("os.remove", "os.rmdir"), 1),
    **dict.fromkeys(("os.mkdir", "os.rename", "os.link", "os.symlink", "os.chmod"), 2),
    **dict.fromkeys(("os.chown", "os.utime"), 3),
}
"""Where the numbers of folders begin among an event's arguments; -1 stands for none."""
NO_FOLDER = (-1, None)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEVICES = {"/dev/null", "/dev/urandom", "/dev/random", "/dev/zero"}
CELL = "<cell "


class Guard:
    """An audit hook that can be switched on, for all threads, and that keeps what was refused.

    Attributes
    ----------
    on : bool
        Whether it refuses anything. What a submission leaves behind, such as a thread, works on
        after its cell; so nobody switches it off again.
    refused : list of str
        What the submission tried, as ends of a sentence.
    """

    def __init__(self, own: Path, readable: Iterable[Path], closed: Iterable[Path]) -> None:
        self.own = _real(own)
        self.readable = (self.own, *map(_real, readable))
        self.closed = tuple(map(_real, closed))
        self.on, self._judging = False, threading.local()
        self.refused: list[str] = []
        sys.addaudithook(self._hook)

    @contextmanager
    def unjudged(self) -> Iterator[None]:
        """Let the worker itself do something, in its thread, that a submission may not."""
        self._judging.now = True
        try:
            yield
        finally:
            self._judging.now = False

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on or getattr(self._judging, "now", False):
            return
        with self.unjudged():
            tried = self._judge(event, arguments)
        if tried:
            self.refused.append(tried)
            raise PermissionError(f"not allowed in a graded run: it {tried}")

    def _judge(self, event: str, arguments: tuple[object, ...]) -> str:
        """Return what is wrong with an event, or nothing."""
        if event == "import":
            name = str(arguments[0])
            return f"imports {name}" if name.startswith("adambook.course") else ""
        if event == "sys._getframe":
            return "looks at the code that calls it" if _asked_by_a_cell() else ""
        if event in FOLDERS_FROM and any(
            number not in NO_FOLDER for number in arguments[FOLDERS_FROM[event] :]
        ):
            return f"names a file by its folder's number ({event})"
        if event in TWO_PATHS:
            return self._judge_path(arguments[0], False) or self._judge_path(arguments[1], False)
        if event in ONE_PATH:
            return self._judge_one(event, arguments)
        reason = FORBIDDEN.get(event) or FORBIDDEN.get(event.partition(".")[0])
        return f"{reason} ({event})" if reason else ""

    def _judge_one(self, event: str, arguments: tuple[object, ...]) -> str:
        """Judge what is done to one path, or to the number of an open file."""
        path = arguments[0]
        if event == "open":
            mode, flags = arguments[1:3]
            if mode is None and _is_folder(path):  # later names could be relative to its number
                return "opens a folder"
            return self._judge_path(path, not (isinstance(flags, int) and flags & WRITING))
        if isinstance(path, int):
            return f"changes a file by its number ({event})"
        if event == "os.mkdir" and _is_folder(path):
            return ""  # it makes nothing
        return self._judge_path(path, event in ("os.listdir", "os.scandir"))

    def _judge_path(self, path: object, reads: bool) -> str:
        if path is None:
            path = "."
        if not isinstance(path, str | bytes | os.PathLike):
            return ""  # a number: a file that is open already
        real = _real(Path(os.fsdecode(path)))
        if real in DEVICES:
            return ""
        roots = self.readable if reads else (self.own,)
        if any(_within(real, root) for root in roots) and not (
            any(_within(real, root) for root in self.closed)
        ):
            return ""
        verb = "reads" if reads else "changes"
        return f"{verb} a file that is not its own ({os.path.basename(real) or real})"


def _real(path: Path) -> str:
    return os.path.realpath(os.path.expanduser(path))


def _is_folder(path: object) -> bool:
    return isinstance(path, str | bytes | os.PathLike) and os.path.isdir(path)


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _asked_by_a_cell() -> bool:
    """Whether a cell's code, directly or through `inspect`, asks for frames of the stack."""
    frame = sys._getframe(3)  # past this function, _judge and _hook
    while frame is not None and os.path.basename(frame.f_code.co_filename) == "inspect.py":
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None and frame.f_code.co_filename.startswith(CELL)
