"""A visit of a page sees each fault that it is meant to see, and none on a sound page."""

import random

import pytest
from visits import Visit


def test_a_heavy_page_is_seen(browser, tmp_path):
    noise = random.Random(0).randbytes(600_000).hex()
    (tmp_path / "page.html").write_text(f"<script>'{noise}'</script>", "utf-8")
    (tmp_path / "big.js").write_text(f"// {noise[:600_000]}", "utf-8")
    (tmp_path / "two.html").write_text("<script src='big.js'></script>", "utf-8")
    for name, faults in (("page.html", ["the page"]), ("two.html", ["its scripts"])):
        with Visit(browser, (tmp_path / name).as_uri()) as visit:
            assert [fault.partition(" weighs")[0] for fault in visit.too_heavy()] == faults


SOUND = "<!doctype html><html lang='en'><head><title>A page</title></head><body>{}</body></html>"


def faults_of(browser, folder, body):
    page = folder / "page.html"
    page.write_text(SOUND.format(f"<main><article><h1>A page</h1>{body}</article></main>"), "utf-8")
    with Visit(browser, page.as_uri()) as visit:
        return visit.shift() + visit.faults() + visit.inaccessible()


def test_a_sound_page_passes(browser, tmp_path):
    assert faults_of(browser, tmp_path, "<p>Text.</p>") == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<script>console.error('broken')</script>", "console: broken"),
        ("<script>missing()</script>", "script error"),
        ("<script>fetch('http://127.0.0.1:9/x').catch(() => 0)</script>", "asks another host"),
        ("<p class='math'>x^2</p>", "a formula is not set"),
        ("<mjx-merror>x</mjx-merror>", "a formula has an error"),
        ("<img src='page.html'>", "no alt text"),
        ("<img src='page.html' alt='A curve'>", "no picture"),
        ("<div style='width: 3000px'>wide</div>", "the page is"),
        ("<p style='color: #bbb; background: #fff'>pale</p>", "color-contrast"),
        ("<input type='range'>", "label"),
    ],
)
def test_each_fault_is_seen(browser, tmp_path, body, fault):
    assert any(found.startswith(fault) for found in faults_of(browser, tmp_path, body))
