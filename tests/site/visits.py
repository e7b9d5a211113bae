"""Opening a page of the site in the browser, and listing what is wrong with it."""

import gzip
import json
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

SITE = Path(__file__).parents[2] / "_build" / "html"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAGES = [
    p.relative_to(SITE).as_posix() for p in sorted(SITE.rglob("*.html")) if "_static" not in p.parts
]
THEMES = ("light", "dark")
MOST_SHIFT = 0.05
MOST_BYTES, MOST_SCRIPT_BYTES = 500_000, 60_000  # gzipped; scripts other than MathJax
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

WATCH_SHIFTS = """
window.layoutShift = 0;
new PerformanceObserver((list) => {
  const own = list.getEntries().filter((entry) => !entry.hadRecentInput);
  window.layoutShift = own.reduce((sum, entry) => sum + entry.value, window.layoutShift);
}).observe({ type: "layout-shift", buffered: true });
"""
SET_FORMULAS = """() => {
  const started = window.MathJax?.startup?.promise;
  return started ? started.then(() => true) : !document.querySelector(".math");
}"""
FAULTS = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const start = (node) => node.outerHTML.slice(0, 90);
  const root = document.documentElement;
  const unset = all("article .math").filter((node) => !node.querySelector("mjx-container"));
  const broken = all("img").filter((img) => img.complete && !img.naturalWidth);
  const wide = root.scrollWidth - root.clientWidth;
  const style = (node) => getComputedStyle(node);
  const strips = all("article :is(a, code, img, span)").filter(
    (node) => style(node).maskImage !== "none" && style(node).display === "inline");
  const boxed = all("[data-theme=dark] article .cell_output img").filter(
    (node) => style(node).backgroundColor !== "rgba(0, 0, 0, 0)");
  const cut = all("article span.math, div.math mjx-container").filter(
    (node) => node.scrollWidth > node.clientWidth + 2 && style(node).overflowX === "hidden");
  return [
    ...unset.map((node) => "a formula is not set: " + start(node)),
    ...all("mjx-merror, [data-mjx-error]").map((node) => "a formula has an error: " + start(node)),
    ...all("img:not([alt]), article img[alt='']").map((node) => "no alt text: " + start(node)),
    ...broken.map((node) => "no picture: " + start(node)),
    ...strips.map((node) => "masked to the height of one line: " + start(node)),
    ...boxed.map((node) => "a plot stands on a ground of its own: " + start(node)),
    ...cut.map((node) => "a formula is cut off and cannot be scrolled: " + start(node)),
    ...(wide > 0 ? [`the page is ${wide} px wider than the window`] : []),
  ];
}"""
STOPS_SET_OR_LATE = """async () => {
  const scrolls = (node) =>
    node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight;
  const boxes = "pre, .cell_output > .output, .pst-scrollable-table-container";
  const all = [...document.querySelectorAll(boxes)];
  const late = performance.now() + 3000;
  const set = () => all.every((node) => node.tabIndex === (scrolls(node) ? 0 : -1));
  while (!set() && performance.now() < late) await new Promise((go) => setTimeout(go, 20));
}"""
DENY_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {
    configurable: true, get() { throw new DOMException("denied", "SecurityError"); } });"""
WITHOUT_GLYPHS = "document.querySelectorAll('mjx-container > *').forEach((node) => node.remove())"


@cache
def axe():
    files = distribution("axe-playwright-python").files
    return next(file for file in files if file.name == "axe.min.js").locate().read_text("utf-8")


@cache
def packed(address):
    """The size of a file on its way to the reader, in bytes."""
    content = Path(unquote(urlsplit(address).path)).read_bytes()
    return min(len(content), len(gzip.compress(content)))


class Visit:
    """A page open in a browser, and what it complained about or asked of others."""

    def __init__(self, browser, address, theme="light", size=DESKTOP, before="", **options):
        self.context = browser.new_context(color_scheme=theme, viewport=size, **options)
        self.page = self.context.new_page()
        self.theme, self.complaints, self.asked = theme, [], set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._watch)
        self.page.add_init_script(WATCH_SHIFTS + before)
        self.page.goto(address)

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request):
        if request.url.startswith("file:"):
            self.asked.add(request.url.partition("#")[0])
        elif not request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"asks another host: {request.url}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def wait(self):
        """Until formulas are set, fonts are there and nothing moves."""
        self.page.wait_for_function(SET_FORMULAS)
        self.page.evaluate("document.fonts.ready.then(() => true)")

    def resize(self, size):
        """Turn to another window; a little later the theme makes focusable what scrolls there.

        What is still not focusable after three seconds, axe names.
        """
        self.page.set_viewport_size(size)
        self.page.evaluate(STOPS_SET_OR_LATE)

    def faults(self):
        """What is wrong at this window size, in words."""
        found = self.complaints + self.page.evaluate(FAULTS)
        shown = self.page.evaluate("document.documentElement.dataset.theme ?? 'no theme'")
        if shown not in (self.theme, "no theme"):
            found.append(f"the theme is {shown}, and the reader's is {self.theme}")
        return found

    def too_heavy(self):
        """Whether the page and all it loads, pictures far below too, is more than it may be."""
        self.page.evaluate(
            "document.querySelectorAll('img').forEach((img) => img.loading = 'eager')"
        )
        self.page.wait_for_load_state("networkidle")
        scripts = [a for a in self.asked if a.partition("?")[0].endswith(".js")]
        own = sum(packed(address) for address in scripts if "/mathjax/" not in address)
        whole = sum(map(packed, self.asked))
        found = [(whole, MOST_BYTES, "the page"), (own, MOST_SCRIPT_BYTES, "its scripts")]
        return [f"{what} weighs {n} bytes, not {most}" for n, most, what in found if n > most]

    def shift(self):
        moved = self.page.evaluate("window.layoutShift")
        return [f"the page moves while it loads: {moved:.3f}"] if moved >= MOST_SHIFT else []

    def inaccessible(self):
        """What axe finds against WCAG 2.2, A and AA; the glyphs of formulas are taken out first."""
        self.page.evaluate(WITHOUT_GLYPHS)
        self.page.evaluate(axe())
        options = {"runOnly": STANDARDS, "resultTypes": ["violations"], "preload": False}
        call = f"axe.run(document, {json.dumps(options)})"
        result = self.page.evaluate(call)
        return [
            f"{violation['id']}: {node['html'][:120]}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]


def is_chapter(name):
    return name.startswith("chapters/") and "/appendices/" not in name


def faults_on(browser, site, name, theme):
    """What is wrong on a page in one theme: on a desktop and, in the same visit, on a phone."""
    first, second = (DESKTOP, PHONE) if theme == "light" else (PHONE, DESKTOP)
    with Visit(browser, (site / name).as_uri(), theme, first) as visit:
        visit.wait()
        found = visit.shift() + visit.faults()
        visit.resize(second)
        found += visit.faults() + visit.inaccessible()
        return found + (visit.too_heavy() if theme == "light" and is_chapter(name) else [])
