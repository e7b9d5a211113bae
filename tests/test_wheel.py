"""What a wheel holds reads the records and the paper's curves far from the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "LICENSE-TEXT", "src", "data")
READ = """
from adambook.experiments import compare, results
print(results.__file__)
print(len(results.Results("fig1-mnist").rows()), len(compare.paper_curve("fig1_left", "Adam")))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder that becomes the wheel."""
    source, library = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("library")
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, source / name)
    command = [sys.executable, "setup.py", "--quiet", "build_py", "--build-lib", str(library)]
    subprocess.run(command, cwd=source, check=True)
    return library


def test_every_record_is_carried(built):
    kept = (path for path in (ROOT / "data").glob("*/*") if path.parent.name != "checks")
    wanted = {path.relative_to(ROOT) for path in kept if path.is_file()}
    found = {path.relative_to(built / "adambook") for path in (built / "adambook/data").glob("*/*")}
    assert {p for p in wanted if "-smoke" not in p.name and p.suffix != ".lock"} == found


def test_it_reads_its_own_copy(built, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "ADAMBOOK_RESULTS"}
    environment["PYTHONPATH"] = str(built)
    command = [sys.executable, "-W", "ignore", "-c", READ]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    place, counts = done.stdout.splitlines()
    assert Path(place).is_relative_to(built)
    assert all(int(count) > 0 for count in counts.split())
