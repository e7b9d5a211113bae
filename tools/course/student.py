"""Student versions: the masters without solutions, hidden tests and outputs.

python -m course.student [--seed N] [--into FOLDER]

What is cut follows nbgrader's markers; a test compares the result with what nbgrader makes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from course import notebook
from course.limits import Limits
from course.sandbox import Sandbox

GAP = "# YOUR CODE HERE\nraise NotImplementedError()"
WRITTEN_GAP = "YOUR ANSWER HERE"


def student_version(master: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """Return the JSON of a master as a student gets it."""
    version = json.loads(json.dumps(master))
    version["metadata"].setdefault("course", {})["seed"] = seed
    for cell in version["cells"]:
        given = cell["metadata"].get("nbgrader", {})
        text = "".join(cell["source"])
        if given.get("solution"):
            text = _without_solution(text, cell["cell_type"])
            cell["metadata"].pop("mystnb", None)  # it describes the figure that a solution draws
        text = notebook.HIDDEN.sub("", text)
        if given.get("locked"):
            cell["metadata"]["deletable"] = cell["metadata"]["editable"] = False
            text = notebook.with_seed(text, seed)
        cell["source"] = text.rstrip("\n")
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return version


def _without_solution(text: str, kind: str) -> str:
    """Return an answer's cell with a gap in the place of each marked solution."""
    if kind == "markdown":
        return WRITTEN_GAP

    def gap(match: Any) -> str:
        return "\n".join(match["indent"] + line for line in GAP.splitlines())

    cut = notebook.SOLUTION.sub(gap, text)
    return cut if cut != text else GAP


def first_gap(version: notebook.Notebook, limits: Limits) -> str:
    """Run a student version; return the grade_id of the cell where the first gap stops it.

    Raises
    ------
    RuntimeError
        If anything but a gap stops it, or nothing does.
    """
    with Sandbox(limits) as sandbox:
        for number, cell in enumerate(version.cells):
            if cell.kind == "code":
                error = sandbox.run(cell.source, cell.grade_id or f"cell {number}").error
                if error.startswith("NotImplementedError"):
                    return cell.grade_id
                if error:
                    raise RuntimeError(f"{version.name}, cell {number} stops with {error}")
    raise RuntimeError(f"{version.name} runs to its end: it has no gap")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Write the student versions of the assignments.")
    parser.add_argument("--seed", type=int, default=0, help="which variant of data and numbers")
    parser.add_argument("--into", type=Path, default=notebook.ROOT / "_course" / "assignments")
    given = parser.parse_args(arguments)
    if given.seed < 0:
        parser.error(f"--seed must be a whole number from 0, got {given.seed}")
    for name, path in notebook.masters().items():
        master = notebook.read(path)
        wrong = notebook.faults(master)
        if wrong:
            print(f"{name}: {'; '.join(wrong)}", file=sys.stderr)
            return 1
        version = student_version(json.loads(path.read_text("utf-8")), given.seed)
        target = given.into / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(version, indent=1, ensure_ascii=False) + "\n", "utf-8")
        gap = first_gap(notebook.read(target), Limits.of(master))
        print(f"{target}: {master.points:g} points, runs up to its first gap ({gap})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
