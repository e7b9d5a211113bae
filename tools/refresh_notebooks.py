"""Run notebooks and store their outputs, so that a rerun without a change leaves no difference.

python tools/refresh_notebooks.py [NOTEBOOK ...]     without a name: every notebook of chapters/
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

os.environ["TQDM_DISABLE"] = "1"  # a bar shown on a slow machine is no output to store
ROOT = Path(__file__).resolve().parent.parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}


def notebooks() -> list[Path]:
    found = (ROOT / "chapters").rglob("*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def refresh(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=600,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    kept = {key: notebook.metadata[key] for key in ("course", "mystnb") if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(METADATA | kept)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def main(arguments: list[str]) -> int:
    for path in [Path(argument) for argument in arguments] or notebooks():
        if not path.is_file():
            print(f"{path} is not a file: give the path of a notebook, as chapters/…/name.ipynb")
            return 1
        print(f"running {path.name}", flush=True)
        try:
            refresh(path)
        except CellExecutionError as error:
            print(f"{path} was left as it was, because a cell raised:\n{error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
