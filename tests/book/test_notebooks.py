"""What every stored notebook must be: run, quiet, short-celled, described, free of machines."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(
    path for path in (ROOT / "chapters").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
LONGEST = 20  # lines of a code cell
MACHINE_PATH = re.compile(
    r"(?<![\w/.:])/(?:home|root|tmp|usr|var|work|Users|private|opt)/\w|[A-Z]:\\\\?Users"
)
FOREIGN_ASSET = re.compile(r"""(?:src|href)\s*=\s*\\?["']?\s*(?:https?:)?//""", re.IGNORECASE)
IMAGES = {"image/png", "image/svg+xml", "image/jpeg", "image/gif"}


def code_cells(notebook):
    cells = enumerate(notebook["cells"])
    return [(i, c) for i, c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]


def outputs(cell, *kinds):
    return [output for output in cell["outputs"] if output["output_type"] in kinds]


def readable(output):
    """The text of an output, as it is shown: pictures' bytes left out."""
    data = {kind: v for kind, v in output.get("data", {}).items() if not kind.startswith("image/p")}
    return json.dumps([data, output.get("text", "")], ensure_ascii=False)


def described(cell):
    image = cell["metadata"].get("mystnb", {}).get("image", {})
    return bool(str(image.get("alt", "")).strip())


FAULTS = {
    "was not run": lambda cell: cell["execution_count"] is None,
    "stores an error": lambda cell: outputs(cell, "error"),
    "stores text on stderr": lambda cell: any(
        output["name"] == "stderr" for output in outputs(cell, "stream")
    ),
    "has too many lines": lambda cell: len("".join(cell["source"]).splitlines()) > LONGEST,
    "shows a picture without alt text": lambda cell: (
        any(IMAGES & output["data"].keys() for output in outputs(cell, *SHOWN))
        and not described(cell)
    ),
    "shows a path of one machine": lambda cell: any(
        MACHINE_PATH.search(readable(output)) for output in cell["outputs"]
    ),
    "loads something from another host": lambda cell: any(
        FOREIGN_ASSET.search(readable(output)) for output in outputs(cell, *SHOWN)
    ),
}
SHOWN = ("display_data", "execute_result")


def faults(notebook):
    """One sentence for everything wrong with a notebook's code cells."""
    return [
        f"cell {index} {fault}"
        for index, cell in code_cells(notebook)
        for fault, present in FAULTS.items()
        if present(cell)
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_has_no_fault(path):
    assert faults(json.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_keeps_its_cell_ids(path):
    ids = [cell.get("id") for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert None not in ids
    assert len(ids) == len(set(ids))


def cell(source="1", count=1, metadata=None, **output):
    return {
        "cell_type": "code",
        "source": source,
        "execution_count": count,
        "metadata": metadata or {},
        "outputs": [output] if output else [],
    }


def shown(kind, text, metadata=None):
    return cell(output_type="display_data", data={kind: text}, metadata=metadata)


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (cell(count=None), "was not run"),
        (cell(output_type="error"), "stores an error"),
        (cell(output_type="stream", name="stderr", text="!"), "stores text on stderr"),
        (cell("x = 1\n" * (LONGEST + 1)), "has too many lines"),
        (shown("image/png", "iVBOR"), "shows a picture without alt text"),
        (
            shown("image/png", "iVBOR", {"mystnb": {"image": {"alt": " "}}}),
            "shows a picture without alt text",
        ),
        (shown("text/plain", "read " + "/ho" + "me/ada/x"), "shows a path of one machine"),
        (
            shown("text/html", '<script src="https://a.b/c.js">'),
            "loads something from another host",
        ),
    ],
)
def test_each_fault_is_seen(bad, fault):
    assert faults({"cells": [bad]}) == [f"cell 0 {fault}"]


def test_a_good_cell_passes():
    described_picture = shown("image/png", "iVBOR", {"mystnb": {"image": {"alt": "A curve."}}})
    quiet, empty = cell("x = 1"), cell("", count=None)
    assert faults({"cells": [described_picture, quiet, empty]}) == []
