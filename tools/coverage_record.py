"""Write what coverage.py measured to data/checks/coverage.csv, one row a module.

python tools/coverage_record.py coverage.json
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

RECORD = Path(__file__).parents[1] / "data" / "checks" / "coverage.csv"


def rows(
    report: dict[str, dict[str, dict[str, dict[str, int]]]],
) -> list[tuple[str, int, int, int, int]]:
    """Return for each module its statements, those run, its branches, and those taken."""
    summaries = ((name, file["summary"]) for name, file in sorted(report["files"].items()))
    return [
        (
            name,
            own["num_statements"],
            own["covered_lines"],
            own["num_branches"],
            own["covered_branches"],
        )
        for name, own in summaries
    ]


def main(path: str) -> None:
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("module", "statements", "run", "branches", "taken"))
        table.writerows(rows(json.loads(Path(path).read_text("utf-8"))))


if __name__ == "__main__":
    main(*sys.argv[1:])
