"""The local Sphinx extensions: docstrings as we write them, pages that ask nobody."""

import io
from collections import namedtuple
from types import SimpleNamespace

import docstrings
import lighter
import line_breaks
import numpy as np
import plots
import pytest
import selfcontained
from docutils import nodes
from docutils.utils import new_document
from PIL import Image, ImageColor
from sphinx import addnodes
from sphinx.ext.napoleon import Config, NumpyDocstring

from adambook.figures.look import COLOURS


def rewritten(text):
    lines = text.split("\n")
    docstrings.rewrite(None, "function", "f", None, None, lines)
    return "\n".join(lines)


def with_napoleon(kind, text):
    """A docstring as reStructuredText, as napoleon hands it on."""
    lines = text.split("\n")
    docstrings.rewrite(None, kind, "name", None, None, lines)
    return NumpyDocstring(lines, Config(), what=kind, name="name").lines()


def test_dollars_become_formulas():
    assert rewritten(r"The step $\Delta_t$.") == r"The step \ :math:`\Delta_t`\ ."


@pytest.mark.parametrize("after", ["\nat β2", " at β2", ""])
def test_the_space_after_a_formula_stays(after):
    assert rewritten(f"about $x$ {after}".rstrip(" ")) == rf"about \ :math:`x` {after}".rstrip(" ")


@pytest.mark.parametrize("kind", ["data", "attribute", "property"])
def test_a_colon_in_a_constants_words_makes_no_type(kind):
    lines = with_napoleon(kind, "Fewer than this: one thread.\n\nMore: all.")
    assert lines == ["\\", "Fewer than this: one thread.", "", "More: all."]


@pytest.mark.parametrize("section", ["Parameters", "Attributes"])
def test_parameters_of_one_description_are_one_entry(section):
    text = "\n".join(with_napoleon("function", f"{section}\n---\nx, y_1 : float\n    Both."))
    assert f"x{docstrings.JOINED}y_1" in text
    assert text.count("Both.") == 1


def test_parameters_without_a_type_are_one_entry_too():
    lines = with_napoleon("function", "Parameters\n----------\nx, y\n    Both.")
    assert lines[0] == f":param x{docstrings.JOINED}y: Both."


def mended(*parts):
    """A signature of these parts, as a page shows it and as HTML breaks it."""
    page = new_document("page")
    page += addnodes.desc_signature("", "", *parts)
    docstrings.mend(None, page)
    shown = page.astext()
    docstrings.break_names(SimpleNamespace(builder=SimpleNamespace(format="html")), page, "")
    assert page.astext().replace("<wbr>", "") == shown
    return shown, page.astext()


def value(text):
    return addnodes.desc_annotation("", f" = {text}")


def test_values_that_only_python_reads_are_left_out():
    assert mended(value("<function f>"))[0] == ""
    assert mended(value("0.01980262729617973"))[0] == ""
    assert mended(value("1" * 100))[0] == ""
    assert mended(value("(1, 0.001)"))[0] == " = (1, 0.001)"


def test_a_default_that_only_python_reads_is_shortened():
    for text, shown in [("lambda t: ...", "…"), ("<factory>", "…"), ("None", "None")]:
        assert mended(nodes.inline("", text, classes=["default_value"]))[0] == shown
    assert mended(nodes.Text("columns=<factory>"))[0] == "columns=…"


def test_names_break_between_their_words():
    assert mended(nodes.Text("a.b_c(_d, __init__) 0.1"))[1] == "a.<wbr>b_<wbr>c(_d, __init__) 0.1"


def test_a_line_may_end_at_the_bracket_of_a_signature():
    parameters = [addnodes.desc_parameter("", name) for name in "xy"]
    assert mended(addnodes.desc_parameterlist("", "", *parameters))[1].count("<wbr>") == 1


def test_one_entrys_names_have_their_commas_again():
    page = new_document("page")
    page += nodes.strong("", docstrings.JOINED.join("xy"))
    docstrings.mend(None, page)
    assert page.astext() == "x, y"


def test_the_fields_of_named_tuples_without_words_are_left_out():
    pair = namedtuple("pair", "a")
    assert docstrings.without_words(None, "class", "a", pair.a, False, None) is True
    assert docstrings.without_words(None, "module", "f", rewritten, False, None) is None


def test_a_modules_function_is_not_printed_again_by_a_class():
    assert docstrings.without_words(None, "class", "begin", rewritten, False, None) is True
    method = nodes.Node.astext
    assert docstrings.without_words(None, "class", "astext", method, False, None) is None


def test_a_formula_may_run_over_a_line():
    assert rewritten("Of $a +\nb$ and $c$.").count(":math:") == 2


def test_a_displayed_formula_becomes_a_block():
    block = ["Text.", "", "", "  .. math:: a = b", "", ""]
    assert rewritten("Text.\n\n  $$a = b$$\n").split("\n") == block


def test_dollars_in_code_and_examples_stay():
    for text in ("Write `$x$`.", ">>> print('$x$')\n$x$"):
        assert rewritten(text) == text


def test_bars_in_a_sentence_stay_bars():
    assert rewritten("|g| and `a | b` and $|x|$") == r"\|g\| and `a | b` and \ :math:`|x|`"


@pytest.mark.parametrize("after", [">>> f()", "Source: equation 4."])
def test_what_follows_a_section_does_not_belong_to_it(after):
    text = f"Raises\n------\nValueError\n    Always.\n\n{after}"
    assert rewritten(text).endswith(f"Always.\n\n\n{after}")


THEBE = """<link rel="stylesheet" href="_static/sphinx-thebe.css?v=1">
<script>const THEBE_JS_URL = "https://a.b/thebe.js"</script>
<script async="async" src="_static/sphinx-thebe.js?v=1"></script>
<script type="text/x-thebe-config">{ requestKernel: true }</script>
<script>kernelName = 'python3'</script>
<script defer src="_static/scripts/fontawesome.js?digest=1"></script>
"""


def test_a_page_is_freed_of_thebe_and_of_doubled_icons(tmp_path):
    page = tmp_path / "index.html"
    page.write_text(f"<head>{THEBE}</head><p>text</p><script>own = 1</script>", "utf-8")
    selfcontained.mend_page(page)
    assert page.read_text("utf-8") == "<head></head><p>text</p><script>own = 1</script>"


PROOFS = """<div class="proof admonition" id="proof"><p>Proof.</p></div>
<section class="theorem-content" id="proof-content"></section>
<section id="exercise-content"></section>
<section id="solution-content"></section>"""


def test_proofs_and_exercises_of_a_page_have_no_id_in_common(tmp_path):
    page = tmp_path / "index.html"
    page.write_text(PROOFS, "utf-8")
    selfcontained.mend_page(page)
    assert "id=" not in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("given", "kept"), [("A book &#8212; A book", "A book"), ("1. A &#8212; A", "1. A &#8212; A")]
)
def test_the_first_page_does_not_say_the_title_twice(given, kept, tmp_path):
    page = tmp_path / "intro.html"
    page.write_text(f"<title>{given}</title>", "utf-8")
    selfcontained.mend_page(page)
    assert page.read_text("utf-8") == f"<title>{kept}</title>"


HEAD = """<html lang="en" data-theme="auto">
<style>.pst-js-only { display: none !important; }</style>
<script>document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";</script>
"""


def test_a_page_has_a_theme_before_and_without_the_themes_scripts(tmp_path):
    page = tmp_path / "index.html"
    page.write_text(HEAD, "utf-8")
    selfcontained.mend_page(page)
    text = page.read_text("utf-8")
    assert '<html lang="en" data-theme="light">' in text
    assert selfcontained.WITHOUT_SCRIPTS in text
    assert f"dataset.theme = {selfcontained.FIRST_THEME}</script>" in text


def test_what_helps_without_storage_stands_before_the_themes_scripts():
    context = {"metatags": "<meta>"}
    selfcontained.remember(None, "page", "page.html", context, None)
    assert context["metatags"].startswith("<meta><script>for (const name of")


def test_what_commonhtml_needs_is_copied_and_no_more(tmp_path):
    selfcontained.copy_mathjax(tmp_path)
    folders = {path.name for path in (tmp_path / "mathjax").iterdir()}
    assert folders == {"startup.js", "core.js", "a11y", "input", "output"}
    assert list(tmp_path.rglob("MathJax_Main-Regular.woff"))
    assert list(tmp_path.rglob("boldsymbol.js"))


LOADED = """<link href="_static/sphinx-design.min.css?v=1" rel="stylesheet">
<script src="_static/searchtools.js"></script>
<script src="searchindex.js"></script>
<script data-sd="x" src="_static/design-tabs.js?v=1"></script>
<script src="_static/doctools.js"></script>
"""


def test_a_page_without_search_or_cards_loads_neither():
    text = lighter.without_unused("intro.html", LOADED)
    assert text == '<script src="_static/doctools.js"></script>\n'


def test_what_a_page_needs_stays():
    cards = LOADED + '<div class="sd-card">'
    assert "searchindex.js" in lighter.without_unused("search.html", LOADED)
    assert "design-tabs.js" in lighter.without_unused("intro.html", cards)


def test_only_icons_that_are_shown_stay():
    style = '.a{color:red}.fa-moon:before{content:"\\f186"}.fa-sun:before{content:"\\f185"}'
    kept = lighter.with_icons(style, {"fa-sun"})
    assert kept == '.a{color:red}.fa-sun:before{content:"\\f185"}'
    assert lighter.icons_in(kept) == {0xF185}


def test_what_was_made_is_kept_until_the_content_changes(tmp_path):
    store, made = lighter.Store(tmp_path / "store"), []

    def make(content):
        made.append(content)
        return content.upper()

    assert [store.get(text, make, "big") for text in (b"a", b"a", b"b")] == [b"A", b"A", b"B"]
    assert made == [b"a", b"b"]


def test_a_page_says_how_large_its_pictures_are(tmp_path):
    site, page = tmp_path, tmp_path / "page.html"
    (site / "_images").mkdir()
    Image.new("RGB", (40, 30), "white").save(site / "_images" / "p.png")
    own = '<img style="width: 9px" alt="" src="_images/p.png">'
    page.write_text(f'<img alt="A &gt; b" src="_images/p.png"><img src="q.png">{own}', "utf-8")
    lighter.mend_page(page, lighter.lighten_pictures(site, lighter.Store(tmp_path / "store")))
    text = page.read_text("utf-8")
    assert '<img width="40" height="30" alt="A &gt; b" src="_images/p.webp">' in text
    assert '<img src="q.png">' in text
    assert own.replace("png", "webp") in text


def test_a_picture_keeps_its_size_and_colours(tmp_path):
    file = tmp_path / "p.png"
    plot = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    plot.paste((213, 94, 0, 255), (5, 5, 20, 20))
    plot.save(file)
    light = tmp_path / "p.webp"
    light.write_bytes(lighter.light_picture(file.read_bytes()))
    with Image.open(light) as picture:
        assert picture.size == (40, 30)
        assert [picture.convert("RGB").getpixel(at) for at in ((0, 0), (10, 10))] == [
            (255, 255, 255),
            (213, 94, 0),
        ]


def test_a_thin_line_of_a_plot_keeps_its_colour():
    ramp = Image.linear_gradient("L").resize((256, 200))
    plot = Image.merge("RGB", (ramp, ramp, ramp))
    plot.paste((10, 120, 200), (20, 50, 200, 51))  # 180 of 51,200 pixels, no optimizer's colour
    packed = io.BytesIO()
    plot.save(packed, "PNG")
    light = Image.open(io.BytesIO(lighter.light_picture(packed.getvalue()))).convert("RGB")
    off = np.abs(np.array(light.getpixel((100, 50))) - (10, 120, 200))
    assert off.max() < 8


def test_among_many_colours_an_optimizers_own_is_kept_however_few_its_pixels():
    ramp = Image.linear_gradient("L").resize((256, 200))
    plot = Image.merge("RGB", (ramp, ramp.rotate(180), ramp.rotate(90).resize(ramp.size)))
    plot.paste(COLOURS["AdaGrad"], (20, 50, 24, 51))  # 4 pixels
    kept = lighter.with_few_colours(plot).getpixel((21, 50))
    assert kept == ImageColor.getrgb(COLOURS["AdaGrad"])


def test_the_ground_of_a_plot_stays_white():
    greys = Image.linear_gradient("L").resize((256, 200))
    plot = Image.merge("RGB", (greys, greys, greys))
    plot.paste((255, 255, 255), (0, 0, 256, 100))
    plain = np.asarray(lighter.with_few_colours(plot))
    assert (plain[:100] == 255).all()


IMAGE = '<img alt="A curve" src="../_images/a.png" />'


def test_a_plot_links_to_its_file_and_no_other_picture_does():
    page = f'{IMAGE}<div class="cell_output docutils container">{IMAGE}</div>'
    linked = plots.with_links(page)
    assert linked == (
        f'{IMAGE}<div class="cell_output docutils container">'
        f'<a class="plot" href="../_images/a.png">{IMAGE}</a></div>'
    )


def kept_together(*parts):
    """A paragraph of texts and, as one-letter strings, formulas: what is in its boxes."""
    document = new_document("page")
    document += nodes.paragraph()
    document[0] += [nodes.math("", p) if len(p) == 1 else nodes.Text(p) for p in parts]
    whole = document.astext()
    line_breaks.keep_together(document)
    assert document.astext() == whole
    return [box.astext() for box in document.findall(nodes.inline)]


def test_punctuation_stays_with_its_formula():
    assert kept_together("both in ", "x", ", say") == ["x,"]
    assert kept_together("the sum (", "x", "). It") == ["(x)."]
    assert kept_together("the ", "k", "-th of ", "n", "’s.") == ["k-th", "n’s."]


def test_what_restructured_text_escapes_stays_with_a_formula_too():
    assert kept_together("the sum (\x00 ", "x", "\x00 ). It") == ["(x)."]


def test_a_formula_among_words_has_no_box():
    assert kept_together("where ", "x", " is and ", "y", "-like") == []
    assert kept_together("x") == []


def with_units(node):
    """A paragraph of one node: its words once numbers hold on to their units."""
    document = new_document("page")
    document += nodes.paragraph("", "", node)
    line_breaks.keep_units(document)
    return document.astext()


def test_a_number_holds_on_to_its_unit():
    assert with_units(nodes.Text("5 % of 20 ms, 3 seconds")) == "5\u00a0% of 20\u00a0ms, 3 seconds"


@pytest.mark.parametrize("kind", [nodes.literal, nodes.math, nodes.literal_block])
def test_spaces_of_code_and_formulas_stay(kind):
    assert with_units(kind("", "7 % 2")) == "7 % 2"
