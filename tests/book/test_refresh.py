"""Running the notebooks again, without a change, changes nothing."""

import nbformat
import pytest
import refresh_notebooks
from nbformat.v4 import new_code_cell, new_notebook

QUIET = 'print("a", flush=True)\nprint("b")'


def stored(folder, *sources):
    path = folder / "a notebook.ipynb"
    cells = [new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_second_run_leaves_every_byte(tmp_path):
    path = stored(tmp_path, QUIET, "1 + 1")
    assert refresh_notebooks.main([str(path)]) == 0
    first = path.read_bytes()
    assert refresh_notebooks.main([str(path)]) == 0
    assert path.read_bytes() == first
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.id for cell in cells] == ["cell-0", "cell-1"]
    assert cells[0].outputs[0].text == "a\nb\n"
    assert cells[1].outputs[0].data == {"text/plain": "2"}


def test_a_notebook_that_raises_is_left_as_it_was(tmp_path, capsys):
    path = stored(tmp_path, "1 / 0")
    before = path.read_bytes()
    assert refresh_notebooks.main([str(path)]) == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.ipynb", "."])
def test_what_is_no_file_is_named(name, capsys):
    assert refresh_notebooks.main([name]) == 1
    assert f"{name} is not a file" in capsys.readouterr().out
