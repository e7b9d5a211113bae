"""What `make elsewhere` writes down: pytest's own counts, one row a version of Python."""

import subprocess
import sys

import elsewhere
import pytest

SUITE = """
import pytest

def test_passes(): pass
def test_fails(): assert False
@pytest.mark.skip
def test_skipped(): pass
@pytest.fixture
def broken(): raise OSError
def test_has_an_error(broken): pass
"""


def test_what_pytest_reports_is_counted(tmp_path):
    (tmp_path / "test_a.py").write_text(SUITE, "utf-8")
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    subprocess.run([*command, f"--junit-xml={report}"], cwd=tmp_path, capture_output=True)
    assert elsewhere.counts(report) == {"passed": 1, "skipped": 1, "failed": 2}


def test_a_version_of_python_has_one_row_and_the_versions_are_in_order(tmp_path):
    file = tmp_path / "elsewhere.csv"
    for python, passed in (("3.11.7", 1), ("3.9.1", 2), ("3.11.7", 3)):
        row = dict.fromkeys(elsewhere.HEADS, 0) | {"python": python, "passed": passed}
        elsewhere.record(row, file)
    lines = file.read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["python", "3.9.1", "3.11.7"]
    assert lines[2].split(",")[elsewhere.HEADS.index("passed")] == "3"


@pytest.mark.parametrize(
    ("test", "written"), [("assert False", True), ("raise KeyboardInterrupt", False)]
)
def test_a_run_that_was_stopped_is_not_recorded(test, written, tmp_path, monkeypatch):
    (tmp_path / "test_a.py").write_text(f"def test_it(): {test}", "utf-8")
    record = []
    monkeypatch.setattr(elsewhere, "ROOT", tmp_path)
    monkeypatch.setattr(elsewhere, "TESTS", "-q -p no:cacheprovider test_a.py")
    monkeypatch.setattr(elsewhere, "record", record.append)
    assert elsewhere.main() == (1 if written else 2)
    assert bool(record) == written
