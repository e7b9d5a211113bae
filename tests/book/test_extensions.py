"""The local Sphinx extensions: docstrings as we write them, pages that ask nobody."""

import docstrings
import pytest
import selfcontained


def rewritten(text):
    lines = text.split("\n")
    docstrings.rewrite(None, "function", "f", None, None, lines)
    return "\n".join(lines)


def test_dollars_become_formulas():
    assert rewritten(r"The step $\Delta_t$.") == r"The step \ :math:`\Delta_t`\ ."


def test_a_formula_may_run_over_a_line():
    assert rewritten("Of $a +\nb$ and $c$.").count(":math:") == 2


def test_a_displayed_formula_becomes_a_block():
    block = ["Text.", "", "", "  .. math:: a = b", "", ""]
    assert rewritten("Text.\n\n  $$a = b$$\n").split("\n") == block


def test_dollars_in_code_and_examples_stay():
    for text in ("Write `$x$`.", ">>> print('$x$')\n$x$"):
        assert rewritten(text) == text


def test_bars_in_a_sentence_stay_bars():
    assert rewritten("|g| and `a | b` and $|x|$") == r"\|g\| and `a | b` and \ :math:`|x|`\ "


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


def test_what_commonhtml_needs_is_copied_and_no_more(tmp_path):
    selfcontained.copy_mathjax(tmp_path)
    folders = {path.name for path in (tmp_path / "mathjax").iterdir()}
    assert folders == {"tex-chtml.js", "input", "output"}
    assert list(tmp_path.rglob("MathJax_Main-Regular.woff"))
    assert list(tmp_path.rglob("boldsymbol.js"))
