"""Every formula of the chapters and docstrings is TeX that MathJax can set (needs node)."""

import importlib
import inspect
import json
import pkgutil
import re
import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

import adambook

ROOT = Path(__file__).parents[2]
CHAPTERS = [path for path in (ROOT / "chapters").rglob("*") if "." not in path.parent.name]
PAGES = [ROOT / "intro.md", *(path for path in CHAPTERS if path.suffix in {".md", ".ipynb"})]
NODE = shutil.which("node")
FORMULAS = {"math_inline", "math_inline_double", "math_block", "math_block_label", "amsmath"}
MARKDOWN = (
    MarkdownIt()
    .use(front_matter_plugin)
    .use(dollarmath_plugin, allow_labels=True, double_inline=True)
    .use(amsmath_plugin)
)


def in_markdown(text):
    """The formulas of a MyST text, those inside its directives included."""
    found = []
    for token in MARKDOWN.parse(text):
        for part in (token, *(token.children or ())):
            if part.type in FORMULAS:
                found.append(part.content)
            elif part.type == "fence" and part.info.startswith("{"):
                body = re.sub(r"\A(?::[\w-]+:.*\n|---\n(?:.*\n)*?---\n)+", "", part.content)
                is_formula = part.info.startswith("{math}")
                found += [body] if is_formula else in_markdown(body)
    return found


def in_page(path):
    if path.suffix == ".md":
        return in_markdown(path.read_text("utf-8"))
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    for output in (o for c in cells for o in c.get("outputs", ())):
        data = output.get("data", {})
        texts += ["".join(data[kind]) for kind in ("text/latex", "text/markdown") if kind in data]
    return [formula for text in texts for formula in in_markdown(text)]


def in_docstrings(package):
    """The formulas between dollars in the docstrings of a package's modules, classes, functions."""
    found = []
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        module = importlib.import_module(info.name)
        owned = [v for v in vars(module).values() if getattr(v, "__module__", "") == info.name]
        for text in map(inspect.getdoc, [module, *owned]):
            found += re.findall(r"\${1,2}([^$]+)\${1,2}", text or "")
    return found


def complaints(formulas):
    mathjax = next(
        file.locate()
        for file in distribution("sphinx-mathjax-offline").files
        if file.name == "node-main.js"
    )
    answer = subprocess.run(
        [NODE, ROOT / "tests" / "book" / "tex_errors.cjs", Path(mathjax).parent],
        input=json.dumps(formulas),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(answer.stdout)


needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: formulas unchecked")


@needs_node
def test_every_formula_can_be_set():
    formulas = [f for page in PAGES for f in in_page(page)] + in_docstrings(adambook)
    assert len(formulas) > 0
    assert complaints(formulas) == []


@needs_node
@pytest.mark.parametrize("formula", [r"\frac{1}{", r"\betta_1", r"x_1_2", r"\begin{align} a"])
def test_broken_tex_is_seen(formula):
    assert [found for found, _ in complaints([formula, r"\beta_1"])] == [formula]


def test_formulas_are_found_inside_directives():
    theorem = "````{prf:theorem} T\n:label: t\n```{math}\n:label: x\nc\n```\n````\n"
    text = f"Let $a$.\n\n$$b$$ (eq)\n\n{theorem}"
    assert [formula.strip() for formula in in_markdown(text)] == ["a", "b", "c"]
