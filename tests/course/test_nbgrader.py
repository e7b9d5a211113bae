"""nbgrader reads the masters: it makes the same student versions as the project does."""

import json
import subprocess
from pathlib import Path

import pytest
from course import notebook, student

PYTHON = notebook.ROOT / ".venv-course" / "bin" / "python"
PREPARE = """
import json, sys
import nbformat
from nbgrader.preprocessors import (
    CheckCellMetadata, ClearHiddenTests, ClearSolutions, LockCells,
)
found = {}
for path in sys.argv[1:]:
    master, resources = nbformat.read(path, as_version=4), {}
    for step in (CheckCellMetadata, LockCells, ClearSolutions, ClearHiddenTests):
        master, resources = step().preprocess(master, resources)
    found[path] = [cell["source"] for cell in master.cells]
print(json.dumps(found))
"""

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="nbgrader is in .venv-course, which `make course` makes"
)


@pytest.fixture(scope="module")
def by_nbgrader():
    """The cells of each student version, as nbgrader's own steps make them."""
    paths = [str(path) for path in notebook.masters().values()]
    command = [str(PYTHON), "-c", PREPARE, *paths]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return {Path(path).stem: cells for path, cells in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", notebook.masters())
def test_nbgrader_makes_the_same_student_version(by_nbgrader, name):
    ours = student.student_version(json.loads(notebook.masters()[name].read_text("utf-8")))
    pairs = zip(ours["cells"], by_nbgrader[name], strict=True)
    assert [(cell["source"].strip(), text.strip()) for cell, text in pairs] == [
        (cell["source"].strip(),) * 2 for cell in ours["cells"]
    ]
