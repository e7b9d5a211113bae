"""The built site stands on its own: its links lead somewhere, it asks no other host."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(__file__).parents[2] / "_build" / "html"
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


class Page(HTMLParser):
    """What a page links to, what it loads, and what it leaves undescribed."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.assets, self.undescribed = set(), [], [], []
        self.ids = Counter()
        self.description, self.scripts, self.in_script = "", "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[key] for key in ("id", "name") if given.get(key)}
        self.ids[given.get("id")] += 1
        self.in_script = tag == "script"
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "link" and LOADING_LINKS & set((given.get("rel") or "").split()):
            self.assets.append(given["href"])
        if tag != "a" and given.get("src"):
            self.assets.append(given["src"])
        if tag == "img" and not (given.get("alt") or "").strip():
            self.undescribed.append(given.get("src"))
        if tag == "meta" and given.get("name") == "description":
            self.description = given.get("content") or ""

    def handle_endtag(self, tag):
        self.in_script = False

    def handle_data(self, data):
        self.scripts += data if self.in_script else ""


def is_foreign(address):
    return bool(urlsplit(address).netloc)


def read(site):
    """The pages; what the theme keeps in _static with this ending is templates."""
    paths = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    return {path: Page(path.read_text("utf-8")) for path in paths}


def leads_nowhere(site):
    """(page, link) for every link or asset inside the site whose target is not there."""
    pages = read(site)
    dead = []
    for path, page in pages.items():
        for address in page.links + page.assets:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor, known = unquote(parts.fragment), pages.get(target)
            if not target.exists() or (anchor and known and anchor not in known.anchors):
                dead.append((path.relative_to(site).as_posix(), address))
    return dead


def asks_elsewhere(site):
    """(file, address) for everything that a page, script or style would load from another host."""
    found = []
    for path, page in read(site).items():
        addresses = [a for a in page.assets if is_foreign(a)]
        addresses += re.findall(r"https?://[^\s\"'`]+\.(?:js|css|mjs|wasm)\b", page.scripts)
        found += [(path.relative_to(site).as_posix(), address) for address in addresses]
    for path in sorted(site.rglob("*.css")):
        style = path.read_text("utf-8")
        addresses = re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]+)", style)
        found += [(path.relative_to(site).as_posix(), address) for address in addresses]
    return found


def repeated(site):
    """(page, id) for every id that stands on more than one element of a page."""
    return [
        (path.relative_to(site).as_posix(), name)
        for path, page in read(site).items()
        for name, times in page.ids.items()
        if name and times > 1
    ]


def undescribed(site):
    pages = read(site).items()
    return [(path.relative_to(site).as_posix(), src) for path, p in pages for src in p.undescribed]


needs_site = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="the book is not built: run make book"
)


@needs_site
def test_every_internal_link_leads_somewhere():
    assert leads_nowhere(SITE.resolve()) == []


@needs_site
def test_no_page_asks_another_host():
    assert asks_elsewhere(SITE) == []


@needs_site
def test_no_id_stands_twice_on_a_page():
    assert repeated(SITE) == []


@needs_site
def test_every_picture_is_described():
    assert undescribed(SITE) == []


@needs_site
def test_every_page_of_the_text_has_a_description():
    pages = {path.relative_to(SITE).as_posix(): page for path, page in read(SITE).items()}
    text = {n: p for n, p in pages.items() if n == "intro.html" or n.startswith("chapters/")}
    assert [name for name, page in text.items() if not page.description] == []


@pytest.mark.parametrize(
    ("html", "check"),
    [
        ('<a href="missing.html">x</a>', leads_nowhere),
        ('<a href="#nowhere">x</a>', leads_nowhere),
        ('<script src="https://a.b/c.js"></script>', asks_elsewhere),
        ('<script>load("https://a.b/c.js")</script>', asks_elsewhere),
        ('<link rel="stylesheet" href="//a.b/c.css">', asks_elsewhere),
        ('<img src="index.html">', undescribed),
        ('<p id="a"></p><p id="a"></p>', repeated),
    ],
)
def test_each_fault_is_seen(html, check, tmp_path):
    (tmp_path / "index.html").write_text(html, "utf-8")
    assert len(check(tmp_path)) == 1


def test_a_style_from_another_host_is_seen(tmp_path):
    (tmp_path / "a.css").write_text('@import "https://a.b/c.css";', "utf-8")
    assert asks_elsewhere(tmp_path) == [("a.css", "https://a.b/c.css")]


def test_a_good_page_passes(tmp_path):
    good = '<p id="here"></p><a href="#here">x</a><a href="https://a.b/">y</a>'
    (tmp_path / "index.html").write_text(good, "utf-8")
    assert leads_nowhere(tmp_path) == asks_elsewhere(tmp_path) == undescribed(tmp_path) == []
