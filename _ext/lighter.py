"""Sphinx extension: a page loads what it uses.

The theme brings two thousand icons of which the book shows thirty, puts the search index on every
page, and the pictures of plots hold far fewer colours than their files could.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fontTools import subset
from PIL import Image, ImageColor
from sphinx.application import Sphinx

from adambook.figures import look

STYLE = "_static/styles/pydata-sphinx-theme.css"
ICON_FONTS = "_static/vendor/fontawesome/webfonts"
ICON_RULE = re.compile(r'((?:\.fa-[\w-]+::?before,?)+)\{content:"([^"]+)"\}')
ICON_SOURCE = re.compile(r'url\(([^)]*/fa-[\w-]+)\.woff2\) format\("woff2"\),url\([^)]*\)[^};]*')
OWN = ("#ffffff", *sorted(set(look.COLOURS.values())), *look.shades(6))
GREYS, COLOURS = 10, 24  # of a plot's palette, beside those of the book
COLOURED = 30  # how far a colour's red, green and blue lie apart at least, of 255

SEARCH = r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>\n?'
TABS = r'<script[^>]*src="[^"]*design-tabs\.js[^"]*"[^>]*></script>\n?'
DESIGN = r'<link[^>]*href="[^"]*sphinx-design\.min\.css[^"]*"[^>]*>\n?'


def without_unused(name: str, text: str) -> str:
    """Leave out of a page the scripts and styles that nothing on it needs."""
    if name != "search.html":
        text = re.sub(SEARCH, "", text)
    if 'class="sd-' not in text:
        text = re.sub(DESIGN, "", re.sub(TABS, "", text))
    return text


def used_icons(site: Path) -> set[str]:
    """Return the names of the icons in pages and scripts, as `fa-moon`."""
    files = [*site.rglob("*.html"), *(site / "_static").glob("*.js")]
    files += (site / "_static" / "scripts").glob("*.js")
    return {name for file in files for name in re.findall(r"fa-[\w-]+", file.read_text("utf-8"))}


def with_icons(style: str, names: set[str]) -> str:
    """Keep of a style sheet the rules of these icons, and everything that is no icon's rule."""

    def kept(rule: re.Match[str]) -> str:
        return rule[0] if any(part in names for part in re.findall(r"fa-[\w-]+", rule[1])) else ""

    return ICON_SOURCE.sub(r'url(\1.woff) format("woff")', ICON_RULE.sub(kept, style))


def icons_in(style: str) -> set[int]:
    """Return the code points of the private area that a style sheet shows."""
    escaped = {int(code, 16) for code in re.findall(r'"\\([ef][0-9a-f]{3})"', style)}
    return escaped | {ord(letter) for letter in style if 0xE000 <= ord(letter) <= 0xF8FF}


class Store:
    """What was made of a content, kept from build to build under the content's checksum."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, content: bytes, make: Callable[[bytes], bytes], about: str) -> bytes:
        """Return make(content); `about` names how it is made."""
        file = self.folder / hashlib.sha256(about.encode() + content).hexdigest()
        if not file.exists():
            file.write_bytes(make(content))
        return file.read_bytes()


def light_font(content: bytes, letters: set[int] | None = None) -> bytes:
    """Return a font as WOFF, of these letters or of all it has, without hints and features."""
    options = subset.Options(
        flavor="woff", hinting=False, notdef_outline=True, layout_features=[], name_IDs=[]
    )
    font = subset.load_font(io.BytesIO(content), options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=font.getBestCmap() if letters is None else letters)
    chosen.subset(font)
    made = io.BytesIO()
    subset.save_font(font, made, options)
    return made.getvalue()


def with_few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture in a palette in which thin lines count as much as ground and text.

    The optimizers' own colours are in it, however few pixels have them.
    """
    pixels = np.asarray(picture).reshape(-1, 3)
    found, where = np.unique(pixels @ [1 << 16, 1 << 8, 1], return_inverse=True)
    shades = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    coloured = np.ptp(pixels, axis=1) > COLOURED
    grey = ~coloured & (pixels < 255).any(axis=1)
    own = np.array(
        [*map(ImageColor.getrgb, OWN), *few(pixels[grey], GREYS), *few(pixels[coloured], COLOURS)]
    )
    nearest = np.argmin(((shades[:, None] - own) ** 2).sum(axis=-1), axis=1)
    plain = own[nearest][where].astype(np.uint8)
    return Image.fromarray(plain.reshape(*picture.size[::-1], 3))


def few(pixels: np.ndarray, count: int) -> list[tuple[int, ...]]:
    """Return at most so many colours near those of the pixels."""
    if not len(pixels):
        return []
    row = Image.fromarray(pixels[None])
    reduced = row.quantize(count, dither=Image.Dither.NONE).convert("RGB").getcolors(count)
    return [colour for _, colour in reduced or []]


def light_picture(content: bytes) -> bytes:
    """Return a plot as WebP, without loss but for a palette of its own."""
    with Image.open(io.BytesIO(content)) as picture:
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    made = io.BytesIO()
    with_few_colours(flat).save(made, "WEBP", lossless=True, quality=100, method=4)
    return made.getvalue()


def lighten_icons(site: Path, store: Store) -> None:
    sheets = [*(site / "_static").glob("*.css"), *(site / "_static/styles").glob("*.css")]
    theme = site / STYLE
    theme.write_text(with_icons(theme.read_text("utf-8"), used_icons(site)), "utf-8")
    shown = set().union(*(icons_in(sheet.read_text("utf-8")) for sheet in sheets))
    for font in (site / ICON_FONTS).glob("*.ttf"):
        make = partial(light_font, letters=shown)
        light = store.get(font.read_bytes(), make, f"icons {sorted(shown)}")
        font.with_suffix(".woff").write_bytes(light)
        font.unlink()
        font.with_suffix(".woff2").unlink(missing_ok=True)


def lighten_formulas(site: Path, store: Store) -> None:
    for font in (site / "_static" / "mathjax").rglob("*.woff"):
        font.write_bytes(store.get(font.read_bytes(), light_font, "font"))


def lighten_pictures(site: Path, store: Store) -> dict[str, tuple[int, int]]:
    """Make WebP of the plots, and return the names of those that were PNG, with their sizes."""
    sizes, about = {}, f"picture {OWN} {GREYS} {COLOURS} {COLOURED}"
    for file in (site / "_images").glob("*.png"):
        with Image.open(file) as picture:
            sizes[file.name] = picture.size
        light = store.get(file.read_bytes(), light_picture, about)
        file.with_suffix(".webp").write_bytes(light)
        file.unlink()
    return sizes


def with_sizes(text: str, sizes: dict[str, tuple[int, int]]) -> str:
    """Say how large each picture is, so that its place is kept free until it is there."""

    def sized(start: re.Match[str]) -> str:
        width, height = sizes.get(start["name"], (0, 0))
        return f'<img width="{width}" height="{height}"{start["rest"]}' if width else start[0]

    picture = r'<img(?![^>]* (?:width|style)=)(?P<rest> [^>]*src="[^"]*_images/(?P<name>[\w.-]+)")'
    return re.sub(picture, sized, text)


def mend_page(page: Path, pictures: dict[str, tuple[int, int]]) -> None:
    text = with_sizes(without_unused(page.name, page.read_text("utf-8")), pictures)
    for name in pictures.keys() & set(re.findall(r"_images/([\w.-]+)", text)):
        text = text.replace(f"_images/{name}", f"_images/{name.removesuffix('.png')}.webp")
    page.write_text(text, "utf-8")


def finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    site, store = Path(app.outdir), Store(Path(app.doctreedir) / "lighter")
    pictures = lighten_pictures(site, store)
    for page in site.rglob("*.html"):
        mend_page(page, pictures)
    lighten_icons(site, store)
    lighten_formulas(site, store)
    for file in (site / "_static").rglob("*.map"):
        file.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
