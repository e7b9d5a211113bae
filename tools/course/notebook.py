"""Assignments as notebooks in nbgrader's format: cells that are answered, and cells that test."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MASTERS = ROOT / "chapters" / "assignments"
SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION[ \t]*\n(?P<body>.*?)^[ \t]*### END SOLUTION[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS[ \t]*\n.*?^[ \t]*### END HIDDEN TESTS[ \t]*\n?",
    re.DOTALL | re.MULTILINE,
)
HEADING = re.compile(r"^## (?P<text>.+)$", re.MULTILINE)
TESTED = re.compile(r"^# \d+ points: (?P<text>.+)\. These tests are hidden\.$", re.MULTILINE)
SEED = re.compile(r"^SEED = \d+", re.MULTILINE)
LARGEST = 200_000_000
"""Bytes of a notebook that is still read."""


class Unreadable(Exception):
    """A file that is no notebook; its text is a sentence for the student."""


@dataclass(frozen=True)
class Cell:
    """What grading needs of a cell: its text, and what nbgrader's metadata say about it."""

    kind: str
    source: str
    grade_id: str = ""
    grade: bool = False
    solution: bool = False
    locked: bool = False
    points: float = 0.0

    @property
    def is_test(self) -> bool:
        """Points that a program gives."""
        return self.grade and not self.solution

    @property
    def is_written(self) -> bool:
        """Points that a person gives."""
        return self.grade and self.solution

    @property
    def is_answer(self) -> bool:
        """Code of the student that the next tests are about."""
        return self.solution and not self.grade and self.kind == "code"

    @property
    def is_given(self) -> bool:
        """Code that the student may not change, and that gives no points."""
        return self.locked and not self.grade and not self.solution and self.kind == "code"


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook, its file's name, and the project's own metadata."""

    name: str
    cells: tuple[Cell, ...]
    course: dict[str, Any]

    @property
    def points(self) -> float:
        """The sum over all cells."""
        return sum(cell.points for cell in self.cells)


def read(path: Path) -> Notebook:
    """Read a notebook's file.

    Raises
    ------
    Unreadable
        If it is too large, no JSON, or JSON of another form.
    """
    if not path.is_file():
        raise Unreadable("There is no such file.")
    size = path.stat().st_size
    if size > LARGEST:
        raise Unreadable(
            f"The file has {size / 1e6:.0f} MB, and {LARGEST / 1e6:.0f} MB are read: "
            "clear the outputs and hand it in again."
        )
    try:
        content = json.loads(path.read_bytes())  # in UTF-8, 16 or 32, as editors save it
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The file is no notebook: {error}") from error
    return parsed(path.stem, content)


def parsed(name: str, content: Any) -> Notebook:
    """Read a notebook's JSON; everything that the project does not ask for is ignored."""
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise Unreadable("The file is JSON, but no notebook of format 4: it has no list of cells.")
    metadata = content.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    cells = tuple(_cell(cell) for cell in content["cells"] if isinstance(cell, dict))
    return Notebook(name, cells, course if isinstance(course, dict) else {})


def _cell(cell: dict[str, Any]) -> Cell:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata")
    given = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    given = given if isinstance(given, dict) else {}
    return Cell(
        kind=str(cell.get("cell_type", "")),
        source=source if isinstance(source, str) else "",
        grade_id=str(given.get("grade_id", "")),
        grade=given.get("grade") is True,
        solution=given.get("solution") is True,
        locked=given.get("locked") is True,
        points=_number(given.get("points")),
    )


def _number(value: Any) -> float:
    try:
        return float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0


def printable(text: str) -> str:
    """Return a text that any file can hold: half a character becomes its number."""
    return text.encode("utf-8", "backslashreplace").decode()


def masters() -> dict[str, Path]:
    """Return the masters by name, in the order of the course."""
    return {path.stem: path for path in sorted(MASTERS.glob("*.ipynb"))}


def with_seed(source: str, seed: int) -> str:
    """Return a given cell for another variant: the line `SEED = …` has another number."""
    return SEED.sub(f"SEED = {seed}", source)


def parts(master: Notebook) -> dict[str, str]:
    """Return, for each test's grade_id, the grade_id of the answer that it is about."""
    answer, found = "", {}
    for cell in master.cells:
        if cell.is_answer:
            answer = cell.grade_id
        elif cell.is_test:
            found[cell.grade_id] = answer
    return found


def headings(master: Notebook) -> dict[str, str]:
    """Return, for each graded cell or answer, what a student knows it by.

    An answer or a written part goes by the heading above it, a test by its first line.
    """
    heading, found = "", {}
    for cell in master.cells:
        if cell.kind == "markdown" and (match := HEADING.search(cell.source)):
            heading = match["text"]
        if cell.is_test:
            found[cell.grade_id] = TESTED.search(cell.source)["text"]  # type: ignore[index]
        elif cell.solution:
            found[cell.grade_id] = heading
    return found


def asked_names(master: Notebook) -> set[str]:
    """Return the names that the answers define: what a test takes from a submission."""
    found: set[str] = set()
    for cell in master.cells:
        if cell.is_answer:
            for statement in ast.parse(cell.source).body:
                if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                    found.add(statement.name)
                elif isinstance(statement, ast.Assign):
                    names = (n for target in statement.targets for n in ast.walk(target))
                    found |= {n.id for n in names if isinstance(n, ast.Name)}
    return found


def faults(master: Notebook) -> list[str]:
    """Say what is wrong with a master: 100 points, unique names, a solution in every answer."""
    ids = [cell.grade_id for cell in master.cells if cell.grade_id]
    wrong = [f"{name} is used twice" for name in sorted(_repeated(ids))]
    if master.points != 100:
        wrong.append(f"the points sum to {master.points:g}, not to 100")
    for cell in master.cells:
        if cell.is_answer and not SOLUTION.search(cell.source):
            wrong.append(f"{cell.grade_id} has no marked solution")
        if cell.is_test and not TESTED.match(cell.source):
            wrong.append(f"the first line of {cell.grade_id} does not say what is tested")
        if cell.is_test and not HIDDEN.search(cell.source):
            wrong.append(f"{cell.grade_id} has no hidden test")
    return wrong


def _repeated(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
