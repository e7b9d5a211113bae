"""Faults are made where they should be, and a trial tells whether a test finds one."""

import ast
import subprocess
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


class Sized:
    """What has a size."""

    def size(self):
        """Return its size."""
        ...
'''


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "KEPT", tmp_path / "kept")
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


def test_a_fault_belongs_to_its_innermost_statement_and_a_decorator_to_what_it_decorates():
    text = "@a\n@b\ndef f(\n    x,\n):\n    y = (\n        x\n    )\n    return y\n"
    lines = {line: list(changes.statement(text, line)) for line in (1, 3, 7, 9)}
    assert lines == {1: [1, 2, 3, 4, 5], 3: [1, 2, 3, 4, 5], 7: [6, 7, 8], 9: [9]}
    assert list(changes.whole(TEXT, 6)) == [8, 9, 10]


def test_what_runs_at_import_is_shown_by_the_lines_that_depend_on_it():
    text = "A = 1\nB = 3\n\ndef f(x=B):\n    y = x\n    return y\n\ndef g():\n    return B\n"
    lines = {line: changes.shown_by(text, line) for line in (2, 4, 5)}
    assert lines == {2: {2, 4, 9}, 4: {4, 5, 6}, 5: {5}}


TESTS = [["test_box.py::test_double"]]


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
        cpu = 2 if outcome == "too long" else 60
        found = trial.trial(project, "src/box.py", TESTS, cpu)
    assert found == outcome
    assert path.read_text("utf-8") == TEXT


def test_a_trial_runs_the_tests_that_it_is_given_and_no_other(project):
    (project / "test_two.py").write_text(
        "def test_one():\n    assert False\n\n\ndef test_two():\n    pass\n", "utf-8"
    )
    one, two = "test_two.py::test_one", "test_two.py::test_two"
    assert trial.trial(project, "src/box.py", [[two]], cpu=60) == "passed"
    assert trial.trial(project, "src/box.py", [[two, one]], cpu=60) == "failed"


TWO = """from box import Box, double

def test_double():
    assert double(2) == 4

def test_large():
    assert double(5) == 5

def test_box():
    assert Box().size() == 1
"""


def watched(project, words):
    (project / "test_box.py").write_text(TWO, "utf-8")
    return trial.watched(project, ["test_box.py"], words, project / "src")


def test_only_tests_that_name_the_word_are_run(project):
    for word, names in {"size": ["test_box"], "doubles": []}.items():
        assert list(watched(project, [word]).tests) == [f"test_box.py::{name}" for name in names]


def test_tests_are_known_by_the_lines_that_they_run(project):
    seen, file = watched(project, []), "src/box.py"
    double, large, box = (f"test_box.py::test_{name}" for name in ("double", "large", "box"))
    assert seen.of(file, range(9, 10), "", 60.0) == [[double]]
    assert set(seen.of(file, range(8, 11), "", 60.0)[0]) == {double, large}
    assert len(seen.of(file, range(8, 11), "", 0.0)[0]) == 1
    (everything,) = seen.of(file, range(3, 4), "Large", 60.0)
    assert everything[0] == large and set(everything) == {double, large, box}


def test_the_tests_of_a_claim_are_run_for_a_fault_in_its_judge_also_if_they_only_read_it():
    tests = {name: (0.1, 0.0) for name in ("t.py::test_a", "t.py::test_rule[C01]")}
    seen = trial.Seen(tests, {"m.py": {3: ["t.py::test_a"]}})
    assert seen.of("m.py", range(3, 4), "judge", 60.0) == [["t.py::test_a"]]
    assert sorted(*seen.of("m.py", range(3, 4), "judge", 60.0, "C01")) == sorted(tests)


def test_what_names_the_function_is_run_too_since_a_decorator_refuses_before_any_line_of_it():
    tests = {name: (0.1, 0.0) for name in ("t.py::test_a", "t.py::test_of_Half", "t.py::test_b")}
    seen = trial.Seen(tests, {"m.py": {3: ["t.py::test_a"]}})
    assert sorted(*seen.of("m.py", range(3, 4), "half", 60.0)) == [
        "t.py::test_a",
        "t.py::test_of_Half",
    ]


def test_where_the_tests_fail_without_any_fault_none_is_tried(project):
    (project / "test_box.py").write_text("def test_wrong():\n    assert False\n", "utf-8")
    with pytest.raises(RuntimeError, match="without any fault the tests failed"):
        trial.watched(project, ["test_box.py"], [], project / "src")


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


@pytest.fixture
def measured(project, monkeypatch):
    """A part of one module and its record, in which two faults have survived."""
    monkeypatch.setattr(program, "ROOT", project)
    monkeypatch.setattr(program, "RECORDS", project)
    for name in ("copied", "warm", "write_totals"):
        monkeypatch.setattr(program, name, lambda *_: None)
    operators = ["NumberReplacer", "ReplaceBinaryOperator_Mul_Div"]
    everywhere = faults(project, *operators)
    outcomes = dict.fromkeys(everywhere, "killed")
    outcomes[everywhere[0]] = outcomes[everywhere[-1]] = "survived"
    program.write(project / "mutants-box.csv", outcomes)
    return program.Part(["src/*.py"], [], [], operators, "boxes"), project / "mutants-box.csv"


def found(place, *_):
    return changes.Change(*place, "double", "before", "after"), "killed"


def test_a_smaller_run_keeps_the_rows_of_the_faults_that_it_does_not_try(measured):
    part, record = measured
    before = program.read(record)
    list(program.measure("box", part, most=1))
    assert len(before) > 4 and program.read(record) == before


def test_an_interrupted_run_keeps_the_survivors_that_it_has_not_tried_again(measured, monkeypatch):
    part, record = measured
    before, tries = program.read(record), []

    def stopped_at_the_second(place, *_):
        tries.append(place)
        if len(tries) == 2:
            raise KeyboardInterrupt
        return found(place)

    monkeypatch.setattr(program, "tried", stopped_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        list(program.measure("box", part, most=100))
    assert len(program.read(record)) == len(before)
    assert list(program.read(record).values()).count("survived") == 1


def test_a_fault_that_can_be_made_no_more_loses_its_row(measured, monkeypatch):
    part, record = measured
    (record.parent / "src" / "box.py").write_text(TEXT.replace("x * 2", "x + x"), "utf-8")
    monkeypatch.setattr(program, "tried", found)
    list(program.measure("box", part, most=100))
    assert all("x * 2" not in fault.before for fault in program.read(record))


def test_a_record_that_cannot_be_written_stays_as_it_was(measured, monkeypatch):
    _, record = measured
    before = record.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        program.write(record, {})
    assert record.read_bytes() == before and not list(record.parent.glob("*.part"))


def test_a_part_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        program.main(["rule"])
    assert "part must be one of rules, theory, ledger, emptied, got rule" in capsys.readouterr().err


def test_what_is_copied_is_of_this_project_whatever_repository_the_environment_names(
    tmp_path, monkeypatch
):
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text("")
        git = ["git", "-C", str(tmp_path / name)]
        subprocess.run([*git, "init"], check=True, capture_output=True)
        subprocess.run([*git, "add", "."], check=True, capture_output=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "theirs" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "theirs"))
    trial.copied(tmp_path / "ours", tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["ours.py"]
