"""Give every notebook the cell that Colab needs first: it installs the book's package there.

python tools/first_cell.py [NOTEBOOK ...]     without a name: every chapter; assignments have none

The address is `Repository` in pyproject.toml's [project.urls]; run this again when it changes.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell
from refresh_notebooks import ROOT, notebooks

ID = "colab"
UNKNOWN = "https://github.com/OWNER/REPOSITORY"
SOURCE = """\
# In Colab this installs the book's package. Elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet git+{address}"""


def address(project: Path = ROOT / "pyproject.toml") -> str | None:
    """Return the public address of the repository, or None while it has none."""
    urls = tomllib.loads(project.read_text("utf-8"))["project"].get("urls", {})
    return urls.get("Repository")


def first_cell() -> Any:
    cell = new_code_cell(SOURCE.format(address=address() or UNKNOWN), id=ID)
    cell.metadata["tags"] = ["remove-cell"]  # readers of the page do not need it
    return cell


def with_first_cell(notebook: Any) -> Any:
    """Put the cell before the first cell of code, in place of one that is there; count anew."""
    cells = [cell for cell in notebook.cells if cell.id != ID]
    kinds = [cell.cell_type for cell in cells]
    cells.insert(kinds.index("code") if "code" in kinds else len(cells), first_cell())
    run = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    for count, cell in enumerate(run, 1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    notebook.cells = cells
    return notebook


def chapters() -> list[Path]:
    return [path for path in notebooks() if "assignments" not in path.parts]


def main(arguments: list[str]) -> int:
    for path in [Path(argument) for argument in arguments] or chapters():
        notebook = with_first_cell(nbformat.read(path, as_version=4))
        nbformat.write(notebook, path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
