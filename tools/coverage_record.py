"""Write what coverage.py measured to data/checks/coverage.csv, one row a module.

python tools/coverage_record.py coverage.json
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

from adambook.experiments.files import write_whole

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
    measured = rows(json.loads(Path(path).read_text("utf-8")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("module", "statements", "run", "branches", "taken"))
    table.writerows(measured)
    write_whole(RECORD, text.getvalue().encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
