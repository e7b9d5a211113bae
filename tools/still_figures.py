"""Draw the still picture of each figure that moves: python tools/still_figures.py writes them.

The figure's own code draws it, in the system's Chromium, as it stands when its page is opened.
Readers without scripts see it; its colours are the page's, in the light and in the dark.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from print_book import browser
from refresh_notebooks import ROOT

sys.path.insert(0, str(ROOT / "_ext"))
import moving_figures

PAGE = "<!doctype html><html><body><{name}></{name}>{scripts}</body></html>"
DRAWN = """(name) => {
  const figure = document.querySelector(name), picture = figure.querySelector(":scope > svg");
  picture.querySelectorAll("[tabindex]").forEach((pad) => pad.remove());
  picture.setAttribute("role", "img");
  return { svg: picture.outerHTML, words: figure.querySelector("[role=status]").textContent };
}"""


def scripts(name: str) -> list[str]:
    """Return the text of every script that a figure needs, in order."""
    printed = {
        "rules.js": moving_figures.rules_script,
        "surfaces.js": moving_figures.surfaces_script,
    }
    return [
        printed[script]() if script in printed else (moving_figures.FIGURES / script).read_text()
        for script in moving_figures.scripts_for(f"<{name}>")
    ]


def tidy(svg: str, name: str) -> str:
    """Return a drawing with one decimal in its numbers, and with ids that nothing else has."""
    short = re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), svg)
    return re.sub(r"clip-(\d+)", rf"still-{name}-\1", short)


def draw(chromium: Any, name: str) -> str:
    """Return the still picture of a figure, drawn in a running browser."""
    page = chromium.new_page()
    parts = "".join(f"<script>{text}</script>" for text in scripts(name))
    page.set_content(PAGE.format(name=name, scripts=parts))
    page.wait_for_function(f"document.querySelector('{name} [role=status]')")
    drawn = page.evaluate(DRAWN, name)
    page.close()
    return tidy(drawn["svg"], name) + f"\n<p>{drawn['words']}</p>\n"


def main() -> int:
    from playwright.sync_api import sync_playwright

    moving_figures.STILLS.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-gpu"]
        chromium = driver.chromium.launch(executable_path=browser(), args=options)
        for name in moving_figures.names():
            still = moving_figures.STILLS / f"{name}.html"
            still.write_text(draw(chromium, name), "utf-8")
            print(still.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
