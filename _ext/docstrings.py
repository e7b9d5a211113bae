r"""Sphinx extension: docstrings are read as this project writes them.

`$x$` and `$$x$$` are formulas, as they are in the chapters. An example or a `Source:` ends the
section above it, where napoleon alone would read on and take it for one more exception. The bars
of |x| in a sentence are bars, not reStructuredText's substitutions.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

MARKED = re.compile(
    r"(?P<code>`[^`]*`)"
    r"|^(?P<indent> *)\$\$(?P<display>.+?)\$\$"
    r"|(?<![\\$])\$(?P<inline>[^$`]+?)\$"
    r"|(?P<bar>\|)",
    re.DOTALL | re.MULTILINE,
)
SECTION_END = re.compile(r"\n\n(?=>>>|Source:)")
BEFORE_NAPOLEON = 400


def as_restructured(match: re.Match[str]) -> str:
    if match["code"]:
        return match["code"]
    if match["bar"]:
        return r"\|"
    formula = " ".join((match["display"] or match["inline"]).split())
    if match["display"]:
        return f"\n{match['indent']}.. math:: {formula}\n"
    return rf"\ :math:`{formula}`\ "


def with_formulas(text: str) -> str:
    """Write a docstring's formulas and bars as reStructuredText; examples stay as they are."""
    paragraphs = re.split(r"(\n\s*\n)", text)
    return "".join(
        part if part.lstrip().startswith(">>>") else MARKED.sub(as_restructured, part)
        for part in paragraphs
    )


def rewrite(
    app: Sphinx, kind: str, name: str, what: object, options: object, lines: list[str]
) -> None:
    text = SECTION_END.sub("\n\n\n", "\n".join(lines))
    lines[:] = with_formulas(text).split("\n")
    if kind in ("data", "attribute"):
        lines.insert(0, "")  # else napoleon takes what stands before a colon for a type


def without_words(
    app: Sphinx, kind: str, name: str, what: object, skipped: bool, options: object
) -> bool | None:
    """Leave out the fields of a named tuple that have no words but Python's own."""
    return True if str(what.__doc__).startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", rewrite, priority=BEFORE_NAPOLEON)
    app.connect("autodoc-skip-member", without_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
