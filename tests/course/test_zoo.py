"""Wrong submissions lose what their fault deserves, and are told which fault it is."""

import copy
import json
import tomllib
from pathlib import Path

import pytest
from course import grade, notebook

ZOO = {
    path.stem: tomllib.loads(path.read_text("utf-8"))["wrong"]
    for path in sorted((Path(__file__).parent / "zoo").glob("*.toml"))
}


def code(text):
    metadata = {"nbgrader": {"grade_id": "", "grade": False, "solution": False, "locked": False}}
    return {"cell_type": "code", "source": text, "metadata": metadata, "outputs": []}


def submission(master, wrong):
    """The reference with one answer edited, as the JSON of a notebook."""
    content = copy.deepcopy(master)
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in content["cells"]]
    place = ids.index(wrong["cell"])
    cell = content["cells"][place]
    text = "".join(cell["source"])
    for old, new in wrong.get("edits", []):
        assert old in text, f"{wrong['name']}: {old!r} is not in the reference"
        text = text.replace(old, new)
    cell["source"] = wrong.get("source", text)
    if "before" in wrong:
        content["cells"].insert(place, code(wrong["before"]))
    return content


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The reports on a zoo by the names of its animals, graded together when first asked.

    An animal with `seconds` of its own waits for these, and no longer.
    """
    known = {}

    def all_of(assignment):
        if assignment not in known:
            master = json.loads(notebook.masters()[assignment].read_text("utf-8"))
            known[assignment] = {}
            for seconds in {wrong.get("seconds") for wrong in ZOO[assignment]}:
                folder = tmp_path_factory.mktemp(assignment)
                batch = [w for w in ZOO[assignment] if w.get("seconds") == seconds]
                for number, wrong in enumerate(batch):
                    path = folder / f"{number:02}.ipynb"
                    path.write_text(json.dumps(submission(master, wrong)), "utf-8")
                found = grade.submissions(folder, assignment)
                graded = grade.grade_all(found, seed=None, seconds=seconds, workers=2)
                names = [wrong["name"] for wrong in batch]
                known[assignment] |= dict(zip(names, graded, strict=True))
        return known[assignment]

    return all_of


ANIMALS = [
    pytest.param(assignment, wrong, id=f"{assignment}-{wrong['name']}")
    for assignment, zoo in ZOO.items()
    for wrong in zoo
]


@pytest.mark.parametrize(("assignment", "wrong"), ANIMALS)
def test_a_fault_costs_its_points_and_is_named(reports, assignment, wrong):
    marks = reports(assignment)[wrong["name"]].marks
    tests = [mark for mark in marks if mark.points is not None]
    lost = {m.grade_id: m.maximum - m.points for m in tests if m.points < m.maximum}
    assert (lost, [mark.message for mark in tests]) == (wrong["lost"], SAME_MESSAGES)
    assert any(wrong["says"] in mark.message for mark in tests if mark.grade_id in lost)


class _Anything:
    """Equal to all: the messages are shown when the points are wrong, and not compared."""

    def __eq__(self, other):
        return True

    __hash__ = None


SAME_MESSAGES = _Anything()


def test_each_zoo_belongs_to_an_assignment_and_is_large_enough():
    assert set(ZOO) == set(notebook.masters())
    assert min(len(zoo) for zoo in ZOO.values()) >= 8
