"""Sphinx extension: a plot is a link to its own file, where it can be seen as large as it is.

On a phone the link is also the box in which a plot scrolls (see book.css), so that its letters keep
a size that can be read; a link is reached by the keyboard, which a box is not.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

OUTPUT = '<div class="cell_output'
PLOT = re.compile(r'<img [^>]*src="([^"]*_images/[^"]+)"[^>]*/>')


def with_links(body: str) -> str:
    """Return a page's body with each picture that a cell has drawn inside a link to its file."""
    before, *outputs = body.split(OUTPUT)
    linked = [PLOT.sub(r'<a class="plot" href="\1">\g<0></a>', text, count=1) for text in outputs]
    return OUTPUT.join([before, *linked])


def prepare(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    if context.get("body"):
        context["body"] = with_links(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", prepare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
