"""Faults are made where they should be, and a trial tells whether a test finds one."""

import ast
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="Cosmic Ray is in the extra named mutants")
from mutants import __main__ as program  # noqa: E402
from mutants import changes, trial  # noqa: E402

TEXT = '''"""A module."""

LIMIT: int | None = 3


def double(x: int | float) -> int:
    """Return twice x."""
    if x < LIMIT:
        return x * 2
    return x


class Box:
    """A box."""

    def size(self):
        """Return its size."""
        return 1

    def _hidden(self):
        """Return nothing."""
        return 2
'''


@pytest.fixture
def project(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "box.py").write_text(TEXT, "utf-8")
    (tmp_path / "test_box.py").write_text(
        "from box import double\n\n\ndef test_double():\n    assert double(2) == 4\n", "utf-8"
    )
    return tmp_path


def faults(project, *operators):
    found = changes.places(Path("src/box.py"), project, list(operators))
    return [
        changes.described(place, TEXT, changes.changed(TEXT, place.operator, place.occurrence))
        for place in found
    ]


def test_a_fault_says_where_it_is_and_what_it_changes(project):
    (fault,) = faults(project, "ReplaceBinaryOperator_Mul_Div")
    assert (fault.function, fault.line) == ("double", 9)
    assert (fault.before, fault.after) == ("return x * 2", "return x / 2")


def test_annotations_are_left_alone(project):
    assert changes.changed(TEXT, "ReplaceBinaryOperator_BitOr_BitAnd", 0) != TEXT
    assert faults(project, "ReplaceBinaryOperator_BitOr_BitAnd") == []


def test_a_public_function_is_emptied_and_keeps_its_docstring(project):
    first, second = faults(project, changes.EMPTIED)
    assert (first.function, first.after) == ("double", "return x")
    assert (second.function, second.before, second.after) == ("Box.size", "return 1", "return None")
    tree = ast.parse(changes.changed(TEXT, changes.EMPTIED, 0))
    assert ast.get_docstring(tree.body[2]) == "Return twice x."


def test_an_operator_that_does_not_occur_so_often_is_refused():
    with pytest.raises(ValueError, match="ReplaceBinaryOperator_Mul_Div does not occur 2 times"):
        changes.changed(TEXT, "ReplaceBinaryOperator_Mul_Div", 1)


def test_the_first_of_a_random_order_do_not_depend_on_how_many_are_taken():
    order = changes.shuffled(list(range(100)))
    assert order == changes.shuffled(list(range(100)))
    assert sorted(order) == list(range(100)) != order


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("x * 2", "x * 2", "passed"),
        ("x * 2", "x * 3", "failed"),
        ("x < LIMIT", "x <= LIMIT", "passed"),
        ("        return x * 2", "        while True:\n            pass", "too long"),
    ],
)
def test_a_trial_tells_found_faults_from_others(project, old, new, outcome):
    path = project / "src" / "box.py"
    with trial.text_of(path, TEXT.replace(old, new)):
        found = trial.trial(project, ["test_box.py"], [], cpu=2 if outcome == "too long" else 60)
    assert found == outcome
    assert path.read_text("utf-8") == TEXT


def test_only_tests_that_name_the_word_are_run(project):
    (project / "test_box.py").write_text(
        "def test_one():\n    assert False, 'double'\n\n\ndef test_two():\n    pass\n", "utf-8"
    )
    assert trial.trial(project, ["test_box.py"], ["double"], cpu=60) == "failed"
    assert trial.trial(project, ["test_box.py"], ["two"], cpu=60) == "passed"
    assert trial.trial(project, ["test_box.py"], ["doubles"], cpu=60) == "passed"


LEDGER = """
@claim("C01", "abstract", "theorem", "page")
def judge():
    return helper()


def helper():
    return 1
"""


def test_a_judge_is_tested_by_what_names_it_or_its_claim_and_a_helper_by_all_of_its_module():
    fault = changes.Change("m.py", "NumberReplacer", 0, 7, "helper", "return 1", "return 2")
    assert program.words(fault, LEDGER) == ["judge", "helper", "C01"]
    assert program.words(fault._replace(function="judge"), LEDGER) == ["judge", "C01"]


def test_what_survived_and_what_stands_on_a_changed_line_is_tried_again(project, monkeypatch):
    monkeypatch.setattr(program, "ROOT", project)
    found, other = (
        changes.Change("src/box.py", "NumberReplacer", k, line, "double", before, "")
        for k, line, before in ((0, 9, "return x * 2"), (1, 8, "if x < OLD:"))
    )
    survived = found._replace(occurrence=7)
    record = project / "record.csv"
    program.write(record, {found: "killed", other: "killed", survived: "survived"})
    assert program.found_before(record) == {found.place: (found, "killed")}


def test_a_part_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        program.main(["rule"])
    assert "part must be one of rules, theory, ledger, emptied, got rule" in capsys.readouterr().err
