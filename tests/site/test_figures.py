"""The moving figures in a browser: pointer, keys, sliders, less motion, no scripts, and numbers."""

import io
import re

import moving_figures
import numpy as np
import pytest
import still_figures
from moving_oracles import ORACLES, disagreements
from PIL import Image, ImageColor
from visits import DESKTOP, PHONE, SITE, Visit

from adambook.figures.look import COLOURS

CHAPTERS = SITE.parents[1] / "chapters"


def page_of(name):
    """The first page of the built site on which a figure stands."""
    chapters = sorted(SITE.glob("chapters/*/*.html"))
    return next((p for p in chapters if re.search(rf"<{name}[ >]", p.read_text("utf-8"))), None)


STANDING = [name for name in ORACLES if page_of(name)]


@pytest.fixture(params=STANDING)
def name(request):
    return request.param


@pytest.fixture
def visit(browser, site, name):
    with Visit(browser, page_of(name).as_uri()) as visit:
        visit.wait()
        yield visit


def shown(visit, name):
    return visit.page.evaluate(f"document.querySelector('{name}').shown")


def status(visit, name):
    return visit.page.locator(f"{name} [role=status]").inner_text()


def pad(visit, name):
    return visit.page.locator(f"{name} .pad")


def drag(visit, name):
    box = pad(visit, name).bounding_box()
    left, top, width, height = (box[key] for key in ("x", "y", "width", "height"))
    mouse = visit.page.mouse
    mouse.move(left + 0.3 * width, top + 0.3 * height)
    mouse.down()
    mouse.move(left + 0.6 * width, top + 0.7 * height)
    mouse.up()


def test_on_dark_ground_an_optimizer_has_the_colour_of_the_plots(browser, site):
    css = (SITE / "_static" / "book.css").read_text("utf-8")
    filtered = re.search(r"filter: (.+);\n  opacity: (.+);\n  mix-blend-mode: (.+);", css)
    look = dict(zip(("filter", "opacity", "mix-blend-mode"), filtered.groups(), strict=True))
    style = ";".join(f"{name}:{value}" for name, value in look.items())
    colours = list(COLOURS.values())
    boxes = "".join(
        f'<p style="margin:0;height:9px;background:{colour};{style}"></p>' for colour in colours
    )
    page = browser.new_page(viewport={"width": 9, "height": 9 * len(colours)})
    page.set_content(f'<body style="margin:0;background:{moving_figures.DARK_GROUND}">{boxes}')
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    for k, colour in enumerate(colours):
        own = ImageColor.getrgb(moving_figures.on_dark(colour))
        assert np.abs(np.subtract(seen.getpixel((4, 9 * k + 4)), own)).max() <= 2


def test_every_figure_of_a_chapter_stands_on_its_page(site):
    sources = [path.read_text("utf-8") for path in CHAPTERS.glob("*/*.ipynb")]
    named = [name for name in ORACLES if any(f'"<{name}>' in text for text in sources)]
    assert len(named) >= 8
    assert named == STANDING


def test_numbers_are_the_packages_before_and_after_the_reader_draws(visit, name):
    pad(visit, name).scroll_into_view_if_needed()
    for change in (lambda: None, lambda: drag(visit, name)):
        change()
        now = shown(visit, name)
        assert disagreements(name, now["inputs"], now["numbers"]) == []
    assert visit.complaints == []


def test_dragging_changes_what_is_shown(visit, name):
    pad(visit, name).scroll_into_view_if_needed()
    before = shown(visit, name)["inputs"]
    drag(visit, name)
    assert shown(visit, name)["inputs"] != before


def test_a_finger_draws_too(browser, site, name):
    with Visit(browser, page_of(name).as_uri(), "dark", PHONE, has_touch=True) as visit:
        visit.wait()
        before = shown(visit, name)["inputs"]
        pad(visit, name).scroll_into_view_if_needed()
        box = pad(visit, name).bounding_box()
        visit.page.touchscreen.tap(box["x"] + 0.4 * box["width"], box["y"] + 0.2 * box["height"])
        assert shown(visit, name)["inputs"] != before


def test_arrow_keys_change_what_is_shown_and_said(visit, name):
    before, said = shown(visit, name)["inputs"], pad(visit, name).get_attribute("aria-valuetext")
    for key in ("ArrowLeft", "ArrowDown", "ArrowDown"):
        pad(visit, name).press(key)
    assert shown(visit, name)["inputs"] != before
    assert pad(visit, name).get_attribute("aria-valuetext") != said


def test_keys_that_sliders_have_move_a_pad_to_its_ends_and_in_large_steps(visit, name):
    said = {}
    for key in ("Home", "End", "PageUp", "PageDown"):
        pad(visit, name).press(key)
        said[key] = pad(visit, name).get_attribute("aria-valuetext")
    assert said["Home"] != said["End"]
    assert len({said[key] for key in ("End", "PageUp", "PageDown")}) > 1  # one may be at its end


def test_a_pad_leaves_the_browsers_keys_and_the_other_mouse_button_alone(visit, name):
    before = shown(visit, name)["inputs"]
    swallowed = pad(visit, name).evaluate("""(pad) => {
      const key = { key: "ArrowLeft", altKey: true, bubbles: true, cancelable: true };
      return !pad.dispatchEvent(new KeyboardEvent("keydown", key));
    }""")
    pad(visit, name).click(button="right", position={"x": 40, "y": 9})
    assert not swallowed
    assert shown(visit, name)["inputs"] == before


def test_what_a_pad_says_lies_between_its_ends(visit, name):
    for option in visit.page.locator(f"{name} option").all_inner_texts() or [None]:
        if option:
            visit.page.locator(f"{name} select").select_option(option)
        least, now, most = (
            float(pad(visit, name).get_attribute(f"aria-value{which}"))
            for which in ("min", "now", "max")
        )
        assert least <= now <= most


def test_a_finger_finds_a_slider(visit, name):
    for slider in visit.page.locator(f"{name} input[type=range]").all():
        assert slider.bounding_box()["height"] >= 24


def test_a_slider_moves_by_key_and_the_sentence_follows(visit, name):
    before, said = shown(visit, name)["inputs"], status(visit, name)
    slider = visit.page.locator(f"{name} input[type=range]").first
    slider.press("Home")
    assert shown(visit, name)["inputs"] != before
    assert status(visit, name) != said


def test_no_height_is_missing_and_not_much_is_left_over(visit, name):
    """What was kept free is enough: nothing below moves when the figure comes."""
    figure = f"document.querySelector('{name}')"
    for size in (DESKTOP, PHONE):
        visit.page.set_viewport_size(size)
        kept = visit.page.evaluate(f"parseFloat(getComputedStyle({figure}, '::before').height)")
        ends = f"{figure}.lastElementChild.getBoundingClientRect().bottom"
        used = visit.page.evaluate(f"{ends} - {figure}.getBoundingClientRect().top")
        assert -1 <= kept - used < 60


def test_without_scripts_a_picture_and_words_stand_there(browser, site, name):
    with Visit(browser, page_of(name).as_uri(), java_script_enabled=False) as visit:
        assert visit.page.locator(f"{name} svg[role=img]").bounding_box()["height"] > 100
        assert "a figure stands here" in visit.page.locator(name).inner_text()


NUMBER = re.compile(r"-?\d+(?:\.\d)?")


def differ(first, second):
    """Whether two pictures are not the same to a tenth of a unit, or their words are not."""
    if NUMBER.sub("#", first) != NUMBER.sub("#", second):
        return True
    numbers = ([float(x) for x in NUMBER.findall(text)] for text in (first, second))
    return any(abs(a - b) > 0.11 for a, b in zip(*numbers, strict=True))


def test_a_still_picture_is_what_the_figure_draws(browser, name):
    stored = (moving_figures.STILLS / f"{name}.html").read_text("utf-8")
    assert not differ(still_figures.draw(browser, name), stored)


def test_a_still_picture_that_is_out_of_date_is_seen():
    assert not differ('<path d="M1.0,2.4">', '<path d="M1.1,2.4">')
    assert differ('<path d="M1.0,2.4">', '<path d="M1.2,2.4">')
    assert differ('<path d="M1.0,2.4">', '<line d="M1.0,2.4">')


@pytest.mark.skipif("optimizer-race" not in STANDING, reason="the book is not built: run make book")
def test_play_shows_the_end_at_once_to_readers_who_want_less_motion(browser, site):
    address = page_of("optimizer-race").as_uri()
    with Visit(browser, address, reduced_motion="reduce") as visit:
        visit.wait()
        steps = visit.page.locator("optimizer-race input[type=range]").first
        steps.press("Home")
        assert shown(visit, "optimizer-race")["inputs"]["steps"] == 1
        visit.page.get_by_role("button", name="play").click()
        assert shown(visit, "optimizer-race")["inputs"]["steps"] == 150


@pytest.mark.skipif("optimizer-race" not in STANDING, reason="the book is not built: run make book")
def test_screen_readers_are_told_the_end_of_a_race_and_not_each_step(browser, site):
    with Visit(browser, page_of("optimizer-race").as_uri()) as visit:
        visit.wait()
        said = visit.page.locator("optimizer-race [role=status]")
        visit.page.get_by_role("button", name="play").click()
        visit.page.wait_for_function(
            "document.querySelector('optimizer-race').shown.inputs.steps < 150"
        )
        assert said.get_attribute("aria-live") == "off"
        visit.page.wait_for_function(
            "document.querySelector('optimizer-race').shown.inputs.steps == 150"
        )
        assert said.get_attribute("aria-live") == "polite"
