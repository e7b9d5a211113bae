"""Grade one submission against its master: what each test cell gives, and what to say."""

from __future__ import annotations

import contextlib
import io
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course import notebook
from course.limits import Limits
from course.notebook import Cell, Notebook
from course.sandbox import Sandbox, Stopped


@dataclass
class Mark:
    """What one graded cell gives, of how many points, and what the student is told."""

    grade_id: str
    part: str
    maximum: float
    points: float | None  # None for a written answer
    message: str = ""
    by_hand: float | None = None


@dataclass
class Report:
    """All marks of one submission, and what was noticed about the notebook as a whole."""

    student: str
    assignment: str
    seed: int
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)

    def automatic(self) -> tuple[float, float]:
        """Return the points given by tests, and how many there are."""
        tests = [mark for mark in self.marks if mark.points is not None]
        return sum(mark.points or 0.0 for mark in tests), sum(mark.maximum for mark in tests)

    def written(self) -> list[Mark]:
        """Return the marks that a person gives."""
        return [mark for mark in self.marks if mark.points is None]

    def total(self) -> float:
        """Return all points given so far."""
        return self.automatic()[0] + sum(mark.by_hand or 0.0 for mark in self.written())

    def parts(self) -> list[str]:
        """Return the names of the answers, in the master's order."""
        return list(dict.fromkeys(mark.part or mark.grade_id for mark in self.marks))

    def row(self) -> dict[str, object]:
        """Return the line of grades.csv."""
        automatic, most = self.automatic()
        written = self.written()
        return {
            "student": self.student,
            "assignment": self.assignment,
            "seed": self.seed,
            "automatic": f"{automatic:g}",
            "automatic_maximum": f"{most:g}",
            "by_hand": f"{sum(mark.by_hand or 0.0 for mark in written):g}",
            "by_hand_maximum": f"{sum(mark.maximum for mark in written):g}",
            "still_to_mark": sum(mark.by_hand is None for mark in written),
            "total": f"{self.total():g}",
            "notes": " ".join(dict.fromkeys(self.notes)),
        }

    def made_printable(self) -> Report:
        """Return the report, with half characters of the submission written as numbers."""
        self.notes = [notebook.printable(note) for note in self.notes]
        self.answers = {name: notebook.printable(text) for name, text in self.answers.items()}
        for mark in self.marks:
            mark.message = notebook.printable(mark.message)
        return self

    def line(self) -> str:
        """Return one line for the screen."""
        automatic, most = self.automatic()
        noticed = f"  ({self.notes[0]})" if self.notes else ""
        return f"{self.student:24} {self.assignment:24} {automatic:3g} of {most:g}{noticed}"


def unreadable(student: str, master: Notebook, why: str) -> Report:
    """Return the report of a file that is no notebook."""
    report = Report(student, master.name, 0, notes=[why], headings=notebook.headings(master))
    of = notebook.parts(master)
    for cell in master.cells:
        if cell.is_test:
            report.marks.append(Mark(cell.grade_id, of[cell.grade_id], cell.points, 0.0, why))
        elif cell.is_written:
            report.marks.append(Mark(cell.grade_id, "", cell.points, None, why))
    return report


def marked(
    student: str, master: Notebook, path: Path, *, seed: int | None = None, limits: Limits
) -> Report:
    """Read and grade one submission.

    Parameters
    ----------
    student : str
        The name in the report.
    master : Notebook
        With solutions and hidden tests.
    path : Path
        The submission's file.
    seed : int, optional
        The variant that was handed out; otherwise the one that the notebook names.
    limits : Limits
        What the submission may use.
    """
    try:
        submission = notebook.read(path)
    except (notebook.Unreadable, OSError) as error:
        return unreadable(student, master, str(error))
    return _Marking(student, master, submission, seed, limits).report()


class _Marking:
    """One submission under way: its process, and the names that the tests share."""

    def __init__(
        self, student: str, master: Notebook, submission: Notebook, seed: int | None, limits: Limits
    ) -> None:
        self.master, self.limits = master, limits
        self.part_of, self.asked = notebook.parts(master), notebook.asked_names(master)
        named = submission.course.get("seed", 0)
        named = named if isinstance(named, int) and named >= 0 else 0
        self.result = Report(student, master.name, named if seed is None else seed)
        self.result.headings = notebook.headings(master)
        if seed is not None and named != seed:
            self.result.notes.append(f"The notebook is variant {named}; {seed} was handed out.")
        self.cells = self._restored(submission)
        self.spoiled: dict[str, str] = {}
        self.broken: dict[str, str] = {}
        self.given: dict[str, Any] = {"__name__": "__main__"}
        self.done: list[tuple[str, str, bool]] = []
        self.sandbox: Sandbox | None = None

    def report(self) -> Report:
        """Run everything, in order; return the marks."""
        part, own_code_ran = "", False
        with contextlib.ExitStack() as stack:
            self.stack = stack
            for number, cell in enumerate(self.cells):
                if cell.is_written:
                    self.result.marks.append(Mark(cell.grade_id, "", cell.points, None))
                    self.result.answers[cell.grade_id] = cell.source
                elif cell.is_test:
                    self._test(cell)
                elif cell.kind == "code":
                    part = cell.grade_id if cell.is_answer else part
                    if cell.is_answer:
                        self.result.answers[part] = cell.source
                    name = cell.grade_id or f"cell {number + 1}"
                    if cell.is_given:
                        self._give(cell)
                    self._run(cell.source, name, part, trusted=cell.is_given and not own_code_ran)
                    own_code_ran |= not cell.is_given
        for mark in self.result.marks:
            if mark.part in self.spoiled and mark.points is not None:
                mark.points, mark.message = 0.0, self.spoiled[mark.part]
        order = [cell.grade_id for cell in self.master.cells]
        self.result.marks.sort(key=lambda mark: order.index(mark.grade_id))
        return self.result

    def _restored(self, submission: Notebook) -> list[Cell]:
        """Return the student's cells with the master's own in place of theirs."""
        seed, notes = self.result.seed, self.result.notes
        fixed = {cell.grade_id: cell for cell in self.master.cells if cell.grade_id and cell.locked}
        answers = {cell.grade_id: cell for cell in self.master.cells if cell.solution}
        cells, seen = [], set[str]()
        for cell in submission.cells:
            name = cell.grade_id
            if name in seen:
                notes.append(f"The cell {name} is there twice; the first one counts.")
            elif name in fixed:
                cells.append(_seeded(fixed[name], seed))
                if _shown(_seeded(fixed[name], seed)) != _shown(cell):
                    notes.append(f"The given cell {name} was changed; the original was run.")
            elif name in answers:
                cells.append(_replaced(answers[name], cell.source))
            elif cell.kind == "code":
                cells.append(Cell("code", cell.source))
            if name in fixed or name in answers:
                seen.add(name)
        missing = [
            cell for cell in self.master.cells if cell.grade_id and cell.grade_id not in seen
        ]
        for cell in missing:
            if cell.kind == "code" or cell.is_written:
                notes.append(f"The cell {cell.grade_id} is missing.")
        return self._completed(cells, missing)

    def _completed(self, cells: list[Cell], missing: list[Cell]) -> list[Cell]:
        """Return the cells with those that are missing, each behind its nearest predecessor.

        A test whose answer is missing comes last: the answer may stand in a cell without a name.
        """
        ids = [cell.grade_id for cell in self.master.cells if cell.grade_id]
        whole, last = list(cells), list[Cell]()
        for lost in missing:
            places = {cell.grade_id: number for number, cell in enumerate(whole)}
            earlier = reversed(ids[: ids.index(lost.grade_id)])
            place = next((places[name] + 1 for name in earlier if name in places), 0)
            if lost.is_test and self.part_of[lost.grade_id] not in places:
                last.append(_seeded(lost, self.result.seed))
            elif lost.is_test or lost.is_given:
                whole.insert(place, _seeded(lost, self.result.seed))
            elif lost.is_written:
                whole.insert(place, _replaced(lost, ""))
        return whole + last

    def _give(self, cell: Cell) -> None:
        """Run a given cell for the tests too."""
        with _quiet(), contextlib.suppress(Exception):
            exec(compile(cell.source, f"<{cell.grade_id}>", "exec"), self.given)

    def _run(self, source: str, name: str, part: str, *, trusted: bool) -> None:
        """Run a cell in the submission's process."""
        try:
            error = self._process().run(source, name, trusted=trusted).error
        except Stopped as stopped:
            self._lose(part, f"The cell {name} was stopped: {stopped}.")
            return
        self.done.append((source, name, trusted))
        if error.startswith("TooMuchOutput"):
            self._lose(part, f"The cell {name} prints without end: {error}.")
        elif error.startswith("AssertionError"):
            self.result.notes.append(f"The check in the cell {name} does not pass.")
        elif error:
            self.broken.setdefault(part, f"The cell {name} stops with {error}.")
            if not error.startswith("NotImplementedError"):
                self.result.notes.append(f"The cell {name} stops with {error}.")
        self._charge(part)

    def _test(self, cell: Cell) -> None:
        """Run a test beside the submission's process, and note what it gives."""
        part = self.part_of[cell.grade_id]
        mark = Mark(cell.grade_id, part, cell.points, 0.0)
        self.result.marks.append(mark)
        if part in self.spoiled:
            return
        try:
            with _quiet(), (sandbox := self._process()).within_the_limit():
                self._execute(cell, sandbox)
            mark.points = cell.points
        except Stopped as stopped:
            self._lose(part, f"The test was stopped: {stopped}.")
        except NotImplementedError:
            mark.message = "This part has not been answered yet."
        except NameError as error:
            mark.message = self.broken.get(part, f"The notebook does not define it: {error}.")
        except AssertionError as error:
            mark.message = str(error).strip() or "A check of this cell fails."
        except Exception as error:
            mark.message = f"Your code stops with {type(error).__name__}: {error}"
        self._charge(part)

    def _execute(self, cell: Cell, sandbox: Sandbox) -> None:
        """Run a test's text: what it does not define itself, the submission has to."""
        code = compile(cell.source, f"<{cell.grade_id}>", "exec")
        theirs = sandbox.fetch(name for name in _names(code) if name in self.asked)
        space = self.given | theirs
        try:
            exec(code, space)
        finally:
            self.given |= {name: value for name, value in space.items() if name not in theirs}

    def _charge(self, part: str) -> None:
        """Take the part away from a submission that did what it may not."""
        if self.sandbox is not None and self.sandbox.refused:
            tried = ", and it ".join(dict.fromkeys(self.sandbox.refused))
            self.sandbox.refused = []
            self._lose(
                part,
                f"The code was stopped, because it {tried}. An answer computes with its "
                "arguments alone; looking for the hidden tests gives no points for the part.",
            )

    def _lose(self, part: str, message: str) -> None:
        self.spoiled.setdefault(part, message)
        self.result.notes.append(message)
        if self.sandbox is not None and not self.sandbox.alive:
            self.sandbox = None

    def _process(self) -> Sandbox:
        """Return the submission's process; a new one repeats what has run to its end before."""
        if self.sandbox is None:
            sandbox = Sandbox(self.limits, closes=self.master.course.get("closes", ()))
            self.sandbox = self.stack.enter_context(sandbox)
            for source, name, trusted in self.done:
                self.sandbox.run(source, name, trusted=trusted)
            self.sandbox.refused.clear()  # what is refused again has been charged
        return self.sandbox


def _seeded(cell: Cell, seed: int) -> Cell:
    return _replaced(cell, notebook.with_seed(cell.source, seed))


def _replaced(cell: Cell, source: str) -> Cell:
    return Cell(**{**vars(cell), "source": source})


def _shown(cell: Cell) -> str:
    """Return what a student sees of a given cell."""
    return notebook.HIDDEN.sub("", cell.source).strip()


def _names(code: types.CodeType) -> list[str]:
    """Return the names that a piece of code, or a function inside it, looks up."""
    found = list(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found += _names(constant)
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with (
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield
