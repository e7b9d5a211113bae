"""Every notebook can be opened in Colab: its first cell of code installs the package there."""

import first_cell
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CHAPTERS = first_cell.chapters()


def first_code(notebook):
    return next(cell for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_begins_with_it(path):
    cell = first_code(nbformat.read(path, as_version=4))
    wanted = first_cell.first_cell()
    assert (cell.id, cell.source, cell.metadata) == (wanted.id, wanted.source, wanted.metadata), (
        "run python tools/first_cell.py"
    )


def test_the_cell_does_nothing_outside_colab():
    body = first_cell.SOURCE.replace("%pip install", "raise AssertionError #")
    exec(compile(body, "<first cell>", "exec"), {})


def test_it_stands_before_all_other_code_and_once():
    cells = [new_markdown_cell("# T"), new_code_cell("x = 1"), new_code_cell("x")]
    for count, cell in enumerate(cells[1:], 1):
        cell.execution_count = count
    notebook = new_notebook(cells=cells)
    for _ in range(2):
        notebook = first_cell.with_first_cell(notebook)
        assert [c.get("execution_count") for c in notebook.cells] == [None, 1, 2, 3]
        assert first_code(notebook).id == first_cell.ID


@pytest.mark.parametrize(
    ("urls", "wanted"),
    [("", None), ('[project.urls]\nRepository = "https://a.b/c"\n', "https://a.b/c")],
)
def test_the_address_is_read_from_the_project(tmp_path, urls, wanted):
    project = tmp_path / "pyproject.toml"
    project.write_text(f'[project]\nname = "x"\n{urls}', "utf-8")
    assert first_cell.address(project) == wanted
