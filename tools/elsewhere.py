"""Run tests, docstring examples and notebooks in surroundings that are not the usual ones.

One thread, a locale that knows ASCII alone, a clock 12:45 hours ahead, a home that cannot be
written, and the Python that `.venv` was made with. How many pass goes to data/checks/elsewhere.csv,
one row a version of Python.

python tools/elsewhere.py
"""

from __future__ import annotations

import csv
import io
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from adambook.experiments.files import write_whole
from adambook.experiments.provenance import commit

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "data" / "checks" / "elsewhere.csv"
HEADS = ("python", "torch", "commit", "passed", "skipped", "failed")
UNUSUAL = {
    "HOME": "/dev/null",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "TZ": "XXX-12:45",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
FINISHED = (0, 1)  # pytest's codes for all passed and some failed; a run cut short is no record
WITHOUT_A_HOME = ("ADAMBOOK_DATA", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
"""Folders that take the home's place: each program asks for its own, and the data for theirs."""
TESTS = "-n 1 --dist loadfile --nbval --nbval-current-env --ignore tests/site tests src chapters"


def counts(report: Path) -> dict[str, int]:
    """Return how many passed, were skipped and failed, from pytest's report in XML."""
    suite = next(ElementTree.parse(report).getroot().iter("testsuite"))
    ran, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
    failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    return {"passed": ran - skipped - failed, "skipped": skipped, "failed": failed}


def record(row: dict[str, object], file: Path = RECORD) -> None:
    """Put the row in the place of the one of the same Python, in the order of the versions."""
    rows: list[dict[str, object]] = [row]
    if file.exists():
        with file.open(encoding="utf-8", newline="") as old:
            rows += [r for r in csv.DictReader(old) if r["python"] != row["python"]]
    rows.sort(key=lambda r: [int(part) for part in str(r["python"]).split(".")])
    text = io.StringIO()
    table = csv.DictWriter(text, HEADS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_whole(file, text.getvalue().encode())


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        own = {name: f"{folder}/{name}" for name in WITHOUT_A_HOME}
        command = [sys.executable, "-m", "pytest", *TESTS.split(), f"--junit-xml={report}"]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **UNUSUAL, **own}).returncode
        if code in FINISHED:
            made_with = {"python": platform.python_version(), "torch": version("torch")}
            record({**made_with, "commit": commit(), **counts(report)})
    return code


if __name__ == "__main__":
    sys.exit(main())
