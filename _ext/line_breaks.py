"""Sphinx extension: no line of a text begins with the comma of a formula, or with a unit.

A browser may break a line at either end of a formula. Brackets and punctuation that touch one are
therefore put into one box with it, in which lines are not broken. The space between a number and
its unit becomes one that does not break.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

OPENING = re.compile(r"[(\[“‘]+$")
CLOSING = re.compile(r"^(?:-th\b|’s\b|[.,;:!?)\]%”’]+)+")
UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|kB|MB|GB|GiB|nats)(?!\w))")
NO_BREAK_SPACE = "\u00a0"


def keep_together(doctree: nodes.document) -> None:
    """Put each formula of a text into a box with the punctuation at its ends, if there is any."""
    for formula in list(doctree.findall(nodes.math)):
        parent = formula.parent
        k = parent.index(formula)
        before = _cut(parent, k - 1, OPENING)
        after = _cut(parent, k + 1, CLOSING)
        if before or after:
            box = nodes.inline(classes=["unbroken"])
            parent.replace(formula, box)
            box += [nodes.Text(before), formula, nodes.Text(after)]


def _cut(parent: nodes.Element, k: int, mark: re.Pattern[str]) -> str:
    """Take what matches out of the k-th child, if that is a text, and return it."""
    text = parent[k] if 0 <= k < len(parent) else None
    words = text.astext() if isinstance(text, nodes.Text) else ""  # without reST's escapes
    if not (found := mark.search(words)):
        return ""
    parent[k] = nodes.Text(words[: found.start()] + words[found.end() :])
    return found[0]


def keep_units(doctree: nodes.document) -> None:
    """Put a space that does not break between each number of a text and its unit."""
    for text in list(doctree.findall(nodes.Text)):
        parent = text.parent
        if isinstance(parent, nodes.literal | nodes.FixedTextElement | nodes.raw | nodes.math):
            continue
        if (kept := UNIT.sub(NO_BREAK_SPACE, text)) != text:
            parent.replace(text, nodes.Text(kept))


def prepare(app: Sphinx, doctree: nodes.document, page: str) -> None:
    if app.builder.format == "html":
        keep_together(doctree)
        keep_units(doctree)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-resolved", prepare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
