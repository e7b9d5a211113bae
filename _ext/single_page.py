"""Sphinx extension: the book as one page, to be printed.

An extension that writes its nodes for `singlehtml` makes Sphinx forget, for that builder, what all
others write for `html`. Here the two are put together again.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def join_writers(app: Sphinx) -> None:
    writers = app.registry.translation_handlers
    writers["singlehtml"] = {**writers.get("html", {}), **writers.get("singlehtml", {})}


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", join_writers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
