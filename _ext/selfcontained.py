"""Sphinx extension: no page of the built book asks another host for anything."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

# The parts that set TeX in CommonHTML, one by one: all in one file they come with a menu that is
# larger than they are. Screen readers are given MathML.
MATHJAX = "mathjax/startup.js"
MATHJAX_LOADS = ("core", "input/tex", "output/chtml", "a11y/assistive-mml")
MATHJAX_PARTS = (
    "startup.js",
    *(f"{part}.js" for part in MATHJAX_LOADS),
    "input/tex/extensions/",
    "output/chtml/fonts/",
)

# Without scripts the theme's buttons do nothing and are left out; on a narrow window one would open
# the menu, which then stands below the text. A figure that stands still has no controls.
WITHOUT_SCRIPTS = """.pst-js-only, .sidebar-toggle,
      .btn-fullscreen-button, .dropdown-download-buttons {
        display: none !important;
      }
      :has(> .moving-figure)::before { display: none; }
      @media (max-width: 959.98px) {
        .bd-container__inner { flex-wrap: wrap; }
        #pst-primary-sidebar {
          position: static; order: 1; width: 100%; max-width: none; height: auto; max-height: none;
          margin: 0; visibility: visible;
        }
      }"""
# The theme as the reader's system has it from the first paint on, where no other was chosen.
FIRST_THEME = """(localStorage.getItem("mode") ?? "auto") !== "auto"
      ? localStorage.getItem("theme")
      : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";"""

# Thebe runs cells on a server this book does not have; the theme's web fonts hold the icons that
# fontawesome.js would draw a second time; what stands in a list is a list item; a
# toggle needs a name; every proof and exercise of a page is given the same id; the first page
# has the title of the book, and is given it twice; `auto` is no theme that has colours.
MENDED = (
    (r'<script[^>]*src="[^"]*(fontawesome|sphinx-thebe)\.js[^"]*"[^>]*></script>\n?', ""),
    (r'<link[^>]*href="[^"]*sphinx-thebe\.css[^"]*"[^>]*>\n?', ""),
    (r'<script type="text/x-thebe-config">.*?</script>\n?', ""),
    (r"<script>(const THEBE_JS_URL|kernelName = ).*?</script>\n?", ""),
    (r'role="doc-biblioentry"', 'role="listitem"'),
    (r'<summary>(?=<span class="toctree-toggle")', '<summary aria-label="pages below">'),
    (r'(<section\b[^>]*?) id="(?:proof|exercise|solution)-content"', r"\1"),
    (r'<div class="proof admonition" id="proof"', '<div class="proof admonition the-proof"'),
    (r"<title>([^<]+) &#8212; \1</title>", r"<title>\1</title>"),
    (r'(<html\b[^>]*) data-theme="auto"', r'\1 data-theme="light"'),
    (r'localStorage\.getItem\("theme"\) \|\| "auto";', FIRST_THEME),
    (r"\.pst-js-only \{ display: none !important; \}", WITHOUT_SCRIPTS),
)
# Text with formulas is shown when they are set: raw TeX would be read for a moment, and then every
# line of it would break elsewhere. book.css hides it, and shows it after a while in any case.
SHOW_FORMULAS = """addEventListener("load", () => {
  const shown = () => document.documentElement.classList.add("formulas-set");
  Promise.resolve(window.MathJax?.startup?.promise).then(shown, shown);
});"""

# Paper is white: pages are printed in the light theme, in which plots are drawn.
PRINT_LIGHT = """{
  const shown = document.documentElement.dataset;
  let theme;
  addEventListener("beforeprint", () => { theme = shown.theme; shown.theme = "light"; });
  addEventListener("afterprint", () => { shown.theme = theme; });
}"""

# A browser that keeps nothing for the site, or not in a frame, throws where the theme asks what was
# kept; then menu, search and theme switch are dead. For such a reader a page remembers by itself.
WITHOUT_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  try { window[name].length; } catch {
    const kept = new Map(), value = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, text) => { kept.set(key, String(text)); },
      removeItem: (key) => { kept.delete(key); },
    };
    Object.defineProperty(window, name, { value, configurable: true });
  }
}"""

UNUSED = ("scripts/fontawesome.js", "sphinx-thebe.js", "sphinx-thebe.css")


def serve_mathjax_from_the_site(app: Sphinx, config: Config) -> None:
    config["mathjax_path"] = MATHJAX
    settings = {"loader": {"load": list(MATHJAX_LOADS)}}
    config["mathjax3_config"] = (config["mathjax3_config"] or {}) | settings


def remember(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Put what helps without storage before the theme's first script, which asks for it."""
    context["metatags"] = context.get("metatags", "") + f"<script>{WITHOUT_STORAGE}</script>\n"


def copy_mathjax(static: Path) -> None:
    for file in distribution("sphinx-mathjax-offline").files or ():
        _, _, part = file.as_posix().partition("static/mathjax/")
        if part.startswith(MATHJAX_PARTS):
            target = static / "mathjax" / part
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def mend_page(page: Path) -> None:
    text = page.read_text("utf-8")
    for pattern, replacement in MENDED:
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    page.write_text(text, "utf-8")


def finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    copy_mathjax(site / "_static")
    for name in UNUSED:
        (site / "_static" / name).unlink(missing_ok=True)
    for page in site.rglob("*.html"):
        mend_page(page)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", serve_mathjax_from_the_site)
    app.add_js_file(None, body=SHOW_FORMULAS)
    app.add_js_file(None, body=PRINT_LIGHT)
    app.connect("html-page-context", remember)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
