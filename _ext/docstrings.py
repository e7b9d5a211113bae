r"""Sphinx extension: docstrings are read as this project writes them.

`$x$` and `$$x$$` are formulas, as they are in the chapters. An example or a `Source:` ends the
section above it, where napoleon alone would read on and take it for one more exception. The bars
of |x| in a sentence are bars, not reStructuredText's substitutions. "beta1, beta2 : float" is one
entry with one description. Values that only Python could read, or too long to read, are left out,
and signatures break between the words of a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

MARKED = re.compile(
    r"(?P<code>`[^`]*`)"
    r"|^(?P<indent> *)\$\$(?P<display>.+?)\$\$"
    r"|(?<![\\$])\$(?P<inline>[^$`]+?)\$"
    r"|(?P<bar>\|)",
    re.DOTALL | re.MULTILINE,
)
SECTION_END = re.compile(r"\n\n(?=>>>|Source:)")
GROUP = re.compile(r"^\w+(?:, \w+)+(?= : |\n +\S)", re.MULTILINE)
JOINED = "\N{INVISIBLE SEPARATOR}"  # at a comma or a space, names of one entry are taken apart
UNREADABLE = re.compile(r"<|lambda|\.\d{8}")
READABLE_LENGTH = 100  # of a value, in characters: about two lines
BREAK_AFTER = re.compile(r"(?<=[A-Za-z0-9][_.])(?=[A-Za-z])")
BEFORE_NAPOLEON = 400


def as_restructured(match: re.Match[str]) -> str:
    if match["code"]:
        return match["code"]
    if match["bar"]:
        return r"\|"
    formula = " ".join((match["display"] or match["inline"]).split())
    if match["display"]:
        return f"\n{match['indent']}.. math:: {formula}\n"
    touched = match.string[match.end() : match.end() + 1].strip()
    return rf"\ :math:`{formula}`" + (r"\ " if touched else "")


def with_formulas(text: str) -> str:
    """Write a docstring's formulas and bars as reStructuredText; examples stay as they are."""
    return in_words(text, lambda part: MARKED.sub(as_restructured, part))


def with_groups(text: str) -> str:
    """Write "a, b : float" so that it stays one entry; examples stay as they are."""
    return in_words(text, lambda part: GROUP.sub(lambda m: m[0].replace(", ", JOINED), part))


def in_words(text: str, change: Callable[[str], str]) -> str:
    paragraphs = re.split(r"(\n\s*\n)", text)
    return "".join(p if p.lstrip().startswith(">>>") else change(p) for p in paragraphs)


def rewrite(
    app: Sphinx, kind: str, name: str, what: object, options: object, lines: list[str]
) -> None:
    text = SECTION_END.sub("\n\n\n", "\n".join(lines))
    lines[:] = with_formulas(with_groups(text)).split("\n")
    if kind in ("data", "attribute", "property"):
        lines.insert(0, "\\")  # shows nothing; else what stands before a colon is taken for a type


def without_words(
    app: Sphinx, kind: str, name: str, what: object, skipped: bool, options: object
) -> bool | None:
    """Leave out what has no words of its own.

    Those are the fields of a named tuple that have Python's words, and a class's methods that are
    functions of its module, which are there already.
    """
    is_field = str(what.__doc__).startswith("Alias for field number")
    is_function = kind == "class" and "." not in getattr(what, "__qualname__", ".")
    return True if is_field or (is_function and isinstance(what, FunctionType)) else None


def mend(app: Sphinx, doctree: nodes.document) -> None:
    for text in list(doctree.findall(lambda n: isinstance(n, nodes.Text) and JOINED in n)):
        text.parent.replace(text, nodes.Text(text.replace(JOINED, ", ")))
    for signature in doctree.findall(addnodes.desc_signature):
        without_unreadable(signature)


def without_unreadable(signature: nodes.Element) -> None:
    """Leave out a constant's value, and shorten a default to "…", if few could read it."""
    for value in list(signature.findall(addnodes.desc_annotation)):
        if value.astext().startswith(" = ") and not is_readable(value.astext()):
            value.parent.remove(value)
    for default in signature.findall(nodes.inline):
        if "default_value" in default["classes"] and not is_readable(default.astext()):
            default[:] = [nodes.Text("…")]
    for text in list(signature.findall(nodes.Text)):
        if "=<factory>" in text:  # a dataclass's; Sphinx does not take such parameters apart
            text.parent.replace(text, nodes.Text(text.replace("<factory>", "…")))


def is_readable(value: str) -> bool:
    return len(value) <= READABLE_LENGTH and not UNREADABLE.search(value)


def break_names(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Let a line of a signature end after its opening bracket, and after a name's dots and _."""
    if app.builder.format != "html":
        return
    for signature in doctree.findall(addnodes.desc_signature):
        for text in list(signature.findall(nodes.Text)):
            first, *rest = BREAK_AFTER.split(text)
            parts = [nodes.Text(first)]
            for part in rest:
                parts += [line_end(), nodes.Text(part)]
            text.parent.replace(text, parts)
        for parameters in signature.findall(addnodes.desc_parameterlist):
            if parameters.children:
                parameters[0].insert(0, line_end())


def line_end() -> nodes.raw:
    return nodes.raw("", "<wbr>", format="html")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", rewrite, priority=BEFORE_NAPOLEON)
    app.connect("autodoc-skip-member", without_words)
    app.connect("doctree-read", mend)
    app.connect("doctree-resolved", break_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
