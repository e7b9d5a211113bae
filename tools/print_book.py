"""Print the whole book as one PDF: one page of HTML, printed by the system's Chromium.

python tools/print_book.py SINGLE_PAGE.html BOOK.pdf
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 600_000  # milliseconds of the page's own time: formulas of all chapters are set


def browser() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def print_page(program: str, page: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--virtual-time-budget={PATIENCE}",
            f"--print-to-pdf={target.resolve()}",
        ]
        address = page.resolve().as_uri()
        subprocess.run([program, *options, address], check=True, stderr=subprocess.DEVNULL)


def main(arguments: list[str]) -> int:
    page, target = map(Path, arguments)
    program = browser()
    if program is None:
        print("A PDF needs Chromium: install it so that one of these is found:", *CHROMIUM)
        return 1
    print_page(program, page, target)
    print("The book is in", target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
