"""Sphinx extension: what search engines and link previews read: descriptions, a card, a sitemap.

A card and a sitemap name whole addresses, so they are made only where the site's own is known:
`html_baseurl`, or the environment variable ADAMBOOK_SITE.
"""

from __future__ import annotations

import os
import re
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

GENERAL = (
    "Adam, from first principles: the optimizer derived, its paper checked by code, "
    "its experiments repeated on real data."
)
LONGEST = 200  # characters of a description
CARD = "_static/social-card.png"
NO_CONTENT = {"genindex", "search"}


def shorten(text: str, longest: int = LONGEST) -> str:
    """Return whole sentences of a text up to a length, or whole words of a long first one."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    ends = [end.end() for end in re.finditer(r"[.?!](?=\s)", text) if end.end() <= longest]
    return text[: ends[-1]] if ends else text[:longest].rpartition(" ")[0] + " …"


def plain(text: str) -> str:
    r"""Write simple TeX as plain text: `\beta_1` is β_1, what has no letter keeps its name."""
    letters = re.sub(r"\\([A-Za-z]+)", lambda name: unescape(f"&{name[1]};"), text)
    return re.sub(r"&(\w+);", r"\1", re.sub(r"[\\{}$]", "", letters))


def description(doctree: nodes.document | None) -> str:
    """Return what a page says of itself first: its opening paragraph, formulas as they are read."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        text = paragraph.astext()
        if isinstance(paragraph.parent, nodes.section) and len(text) > 40:
            return shorten(plain(text))
    return GENERAL


def tags(title: str, text: str, page: str, site: str) -> str:
    """Return the elements for a page's head; with the address of the site, also its card."""
    named = {"description": text}
    shared = {"og:title": title, "og:description": text, "og:type": "article"}
    if site:
        shared |= {"og:url": f"{site}{quote(page)}.html", "og:image": f"{site}{CARD}"}
        named["twitter:card"] = "summary_large_image"
    lines = [f'<meta name="{k}" content="{escape(v)}" />' for k, v in named.items()]
    lines += [f'<meta property="{k}" content="{escape(v)}" />' for k, v in shared.items()]
    return "\n".join(lines) + "\n"


def describe(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    title = re.sub(r"<[^>]*>", "", context.get("title", ""))
    made = tags(title, description(doctree), page, app.config.html_baseurl)
    context["metatags"] = context.get("metatags", "") + made


def sitemap(site: str, pages: list[str]) -> str:
    rows = "\n".join(f"<url><loc>{escape(site + quote(page))}.html</loc></url>" for page in pages)
    schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{schema}">\n{rows}\n</urlset>\n'


def front_page(title: str, first: str, site: str) -> str:
    """Return the page at the site's own address: what previews say of it, and the way in."""
    shown, page = escape(title), f"{quote(first)}.html"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="refresh" content="0; url={page}" />
<title>{shown}</title>
{tags(title, GENERAL, first, site)}</head>
<body><main><h1><a href="{page}">{shown}</a></h1></main></body>
</html>
"""


def set_address(app: Sphinx, config: Config) -> None:
    site = os.environ.get("ADAMBOOK_SITE") or config["html_baseurl"]
    config["html_baseurl"] = site.rstrip("/") + "/" if site else ""


def finish(app: Sphinx, error: Exception | None) -> None:
    site, out = app.config.html_baseurl, Path(app.outdir)
    if error or app.builder.format != "html":
        return
    if app.builder.name == "html":
        front = front_page(app.config.html_title, app.config.root_doc, site)
        (out / "index.html").write_text(front, "utf-8")
    if not site:
        return
    pages = sorted(page for page in app.env.found_docs if page not in NO_CONTENT)
    (out / "sitemap.xml").write_text(sitemap(site, pages), "utf-8")
    (out / "robots.txt").write_text(f"Sitemap: {site}sitemap.xml\n", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", set_address)
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
