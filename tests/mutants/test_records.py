"""What is recorded of the faults: enough of them are found, and the rest is explained."""

import csv
from pathlib import Path

import pytest

CHECKS = Path(__file__).parents[2] / "data" / "checks"


def rows(name):
    """The rows of a record; none where it has not been made yet."""
    if not (CHECKS / name).exists():
        return []
    with (CHECKS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fault(row):
    return tuple(row[name] for name in ("module", "function", "before", "after"))


PARTS = [row["part"] for row in rows("mutants.csv")]


BAR = {"ledger": 0.8}
"""Of its faults, many give made-up data another size or a tolerance that nothing measured meets."""


@pytest.mark.parametrize("part", PARTS)
def test_the_tests_find_95_percent_of_the_faults_and_80_of_the_ledgers(part):
    outcomes = [row["outcome"] for row in rows(f"mutants-{part}.csv")]
    assert outcomes
    found = sum(outcome != "survived" for outcome in outcomes)
    assert found >= BAR.get(part, 0.95) * len(outcomes)


def test_every_survivor_has_its_reason_and_no_other_fault_has_one():
    tried = [row for part in PARTS for row in rows(f"mutants-{part}.csv")]
    survived = {fault(row) for row in tried if row["outcome"] == "survived"}
    reasons = {fault(row): row["reason"] for row in rows("survivors.csv")}
    assert set(reasons) == survived
    assert all(len(reason) > 20 for reason in reasons.values())
