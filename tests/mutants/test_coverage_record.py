"""What coverage.py measured is recorded, and a report that cannot be read costs no record."""

import json

import coverage_record
import pytest

SUMMARY = {"num_statements": 4, "covered_lines": 3, "num_branches": 2, "covered_branches": 1}


@pytest.fixture
def record(tmp_path, monkeypatch):
    path = tmp_path / "checks" / "coverage.csv"
    monkeypatch.setattr(coverage_record, "RECORD", path)
    return path


def test_a_report_is_recorded_a_row_a_module(tmp_path, record):
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"files": {"a.py": {"summary": SUMMARY}}}), "utf-8")
    coverage_record.main(str(report))
    assert record.read_bytes() == b"module,statements,run,branches,taken\na.py,4,3,2,1\n"


@pytest.mark.parametrize("report", [None, "", "{}", '{"files": {"a.py": {"summary": {}}}}'])
def test_a_report_that_cannot_be_read_leaves_the_record_as_it_was(tmp_path, record, report):
    record.parent.mkdir()
    record.write_text("before", "utf-8")
    if report is not None:
        (tmp_path / "coverage.json").write_text(report, "utf-8")
    with pytest.raises((OSError, ValueError, KeyError)):
        coverage_record.main(str(tmp_path / "coverage.json"))
    assert record.read_text("utf-8") == "before"
