"""Grade a folder of submissions: grades.csv, and a page of feedback for each student.

python -m course.grade FOLDER [--assignment NAME] [--seed N] [--workers 2] [--seconds S]

Each notebook under FOLDER is a submission: FOLDER/ada.ipynb, FOLDER/ada/02_adam.ipynb, or
nbgrader's FOLDER/ada/02_adam/02_adam.ipynb. What is written by hand is marked in
FOLDER/marks.csv, which the first run makes; another run adds these points.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import io
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from course import feedback, notebook
from course.limits import Limits
from course.marking import Report, marked, unreadable

MARKS = ("student", "assignment", "cell", "maximum", "points", "comment")
LONGEST_NAME = 120  # bytes of a student's name in the name of a file


@dataclass(frozen=True)
class Submission:
    """A file, whose it is, which assignment it answers, and what to say about that."""

    student: str
    assignment: str
    path: Path
    note: str = ""


def submissions(folder: Path, assignment: str | None) -> list[Submission]:
    """Return the submissions in a folder, by student.

    Which assignment a notebook answers is read from its path, from its metadata, or from the
    names of its cells; a file that says nothing is taken for what most of the others are.
    """
    paths = [
        path for path in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts
    ]
    named = {path: assignment or _assignment_of(folder, path) for path in paths}
    common = Counter(name for name in named.values() if name).most_common(1)
    usual = common[0][0] if common else ""
    found = [Submission(_student_of(folder, path), named[path] or usual, path) for path in paths]
    return _told_apart(folder, found)


def _student_of(folder: Path, path: Path) -> str:
    inside = path.relative_to(folder)
    return _shown(inside.parts[0] if len(inside.parts) > 1 else path.stem)


def _shown(name: str | Path) -> str:
    """Return a file's name as text, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _told_apart(folder: Path, found: list[Submission]) -> list[Submission]:
    """Return submissions with the file in the name where one student has several."""
    count = Counter((each.student, each.assignment) for each in found)
    apart = []
    for each in found:
        files = count[each.student, each.assignment]
        if files > 1:
            note = f"{files} files of {each.student} answer this assignment; each has its own row."
            name = f"{each.student} ({_shown(each.path.relative_to(folder))})"
            each = replace(each, student=name, note=note)
        apart.append(each)
    return apart


def _assignment_of(folder: Path, path: Path) -> str:
    known = notebook.masters()
    for part in (path.stem, *path.relative_to(folder).parts[:-1]):
        if part in known:
            return part
    try:
        content = notebook.read(path)
    except (notebook.Unreadable, OSError):
        return ""
    says = content.course.get("assignment")
    if isinstance(says, str) and says in known:
        return says
    ids = {cell.grade_id for cell in content.cells if cell.grade_id}
    shared = {n: len(ids & {c.grade_id for c in notebook.read(known[n]).cells}) for n in known}
    best = max(shared, key=shared.__getitem__, default="")
    return best if shared.get(best) else ""


def graded(submission: Submission, seed: int | None, seconds: float | None) -> Report:
    """Grade one submission; whatever happens, there is a report."""
    master = notebook.read(notebook.masters()[submission.assignment])
    try:
        limits = Limits.of(master, seconds)
        report = marked(submission.student, master, submission.path, seed=seed, limits=limits)
    except Exception as error:  # the batch goes on
        why = f"The grader could not grade this file ({type(error).__name__}: {error})."
        report = unreadable(submission.student, master, why)
    if submission.note:
        report.notes.insert(0, submission.note)
    return report.made_printable()


def grade_all(
    found: list[Submission], *, seed: int | None, seconds: float | None, workers: int
) -> list[Report]:
    """Grade submissions, some at once, in the order given.

    If a process is killed, as happens for want of memory, those that have no report yet are graded
    again, each in a process of its own.
    """
    if workers == 1:
        return [graded(submission, seed, seconds) for submission in found]
    reports = _side_by_side(found, seed, seconds, workers)
    for place, submission in enumerate(found):
        if reports[place] is None:
            (reports[place],) = _side_by_side([submission], seed, seconds, 1)
    return [r or _not_graded(s) for r, s in zip(reports, found, strict=True)]


def _side_by_side(
    found: list[Submission], seed: int | None, seconds: float | None, workers: int
) -> list[Report | None]:
    """Return the reports, and None in the place of each that no process lived to return."""
    context = get_context("spawn")  # a fork would copy the threads' locks
    waiting: list[Future[Report]] = []
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        try:
            with contextlib.suppress(BrokenProcessPool):  # then nothing more is taken
                for submission in found:
                    waiting.append(pool.submit(graded, submission, seed, seconds))
            broken = [isinstance(future.exception(), BrokenProcessPool) for future in waiting]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # else all others were graded first
            raise
    reports = [None if b else f.result() for b, f in zip(broken, waiting, strict=True)]
    return reports + [None] * (len(found) - len(waiting))


def _not_graded(submission: Submission) -> Report:
    why = "The grader's process was killed at this file; more memory, or a look at it, may help."
    master = notebook.read(notebook.masters()[submission.assignment])
    return unreadable(submission.student, master, why).made_printable()


def hand_marks(path: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    """Return the rows of marks.csv by student, assignment and cell.

    Raises
    ------
    ValueError
        If the file is no table with these columns, or points are no number from 0 to the maximum.
    """
    rows = _table(path) if path.exists() else []
    for line, row in enumerate(rows, start=2):
        for name in ("points", "maximum"):
            row[name] = row[name].strip().replace(",", ".")
        if row["points"] and not _is_within(row["points"], row["maximum"]):
            raise ValueError(
                f"{path.name}, line {line}: points must be a number from 0 to {row['maximum']}, "
                f"got {row['points']!r}"
            )
    return {(row["student"], row["assignment"], row["cell"]): row for row in rows}


def _table(path: Path) -> list[dict[str, str]]:
    """Return the rows of marks.csv, whichever separator a spreadsheet has saved it with."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not in UTF-8: save it as “CSV UTF-8”") from None
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        missing = [name for name in MARKS if name not in (table.fieldnames or ())]
        rows = [{name: row.get(name) or "" for name in MARKS} for row in table]
    except csv.Error as error:
        raise ValueError(f"{path.name} cannot be read as a table: {error}") from error
    if missing:
        raise ValueError(
            f"{path.name} has no column {missing[0]}: its first line must name "
            f"{', '.join(MARKS)}, each a column of its own"
        )
    return rows


def _is_within(points: str, maximum: str) -> bool:
    try:
        return 0 <= float(points) <= float(maximum)
    except ValueError:
        return False


def apply_hand_marks(
    reports: list[Report], by_hand: dict[tuple[str, str, str], dict[str, str]]
) -> list[dict[str, str]]:
    """Add the points given by hand to the reports; return all rows of marks.csv."""
    rows = dict(by_hand)
    for report in reports:
        for mark in report.written():
            key = report.student, report.assignment, mark.grade_id
            new = dict(zip(MARKS, (*key, f"{mark.maximum:g}", "", ""), strict=True))
            row = rows.setdefault(key, new)
            if row["points"]:
                mark.by_hand = float(row["points"])
            mark.message = row["comment"] or mark.message
    return list(rows.values())


def write(folder: Path, reports: list[Report], marks: list[dict[str, str]]) -> None:
    """Write grades.csv, marks.csv and the pages of feedback."""
    rows = [report.row() for report in reports]
    _write_table(folder / "grades.csv", list(rows[0]), rows)
    _write_table(folder / "marks.csv", list(MARKS), marks)
    pages = folder / "feedback"
    pages.mkdir(exist_ok=True)
    for report in reports:
        name = page_name(report.student, report.assignment)
        named = pages / os.fsdecode(name.encode())  # also where file names are not text in UTF-8
        named.write_text(feedback.page(report), "utf-8")


def page_name(student: str, assignment: str) -> str:
    """Return the name of a page of feedback: without folders, and below the usual 255 bytes."""
    raw = student.encode()
    short = raw[:LONGEST_NAME].decode(errors="ignore").replace("/", "-")
    if short != student:
        short += f"-{hashlib.sha256(raw).hexdigest()[:8]}"
    return f"{short}-{assignment}.html"


def _write_table(path: Path, columns: list[str], rows: Sequence[Mapping[str, object]]) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)
    unfinished.replace(path)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Grade a folder of submissions.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--assignment", choices=list(notebook.masters()))
    parser.add_argument("--seed", type=int, help="the variant that was handed out")
    parser.add_argument("--workers", type=int, default=2, help="how many at once")
    parser.add_argument("--seconds", type=float, help="for a cell or test")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder: name the one that holds the submissions")
    found = submissions(given.folder, given.assignment)
    if not found:
        parser.error(f"{given.folder} holds no notebook (*.ipynb)")
    if not all(submission.assignment for submission in found):
        parser.error("no file says which assignment it answers: name it with ASSIGNMENT=")
    try:
        hand_marks(given.folder / "marks.csv")  # a fault is told before the work
        reports = grade_all(found, seed=given.seed, seconds=given.seconds, workers=given.workers)
        by_hand = hand_marks(given.folder / "marks.csv")  # with what was marked meanwhile
    except ValueError as error:
        parser.error(str(error))
    write(given.folder, reports, apply_hand_marks(reports, by_hand))
    for report in reports:
        _say(report.line())
    _say(f"{given.folder / 'grades.csv'}, and a page for each student in feedback/")
    return 0


def stoppable(arguments: list[str]) -> int:
    """Call `main`; after Ctrl-C, or when asked to end, say what that means in one sentence."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)  # no process is left behind
    try:
        return main(arguments)
    except KeyboardInterrupt:
        print("stopped before all was written; the same command begins anew", file=sys.stderr)
        return 130


def _say(text: str) -> None:
    """Print a line; what the screen does not have becomes a number."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


if __name__ == "__main__":
    sys.exit(stoppable(sys.argv[1:]))
