"""Every public name has a docstring, an executed example, and one place in the API reference."""

import importlib
import inspect
import pkgutil
import re
from doctest import DocTestParser
from pathlib import Path

import pytest

import adambook

APPENDICES = Path(__file__).parents[2] / "chapters" / "appendices"
PAGES = [APPENDICES / "api.md", *sorted((APPENDICES / "api").glob("*.md"))]
REFERENCE = "\n".join(page.read_text("utf-8") for page in PAGES)
DIRECTIVE = re.compile(r"^\.\. automodule:: (\S+)\n((?:[ ]+:.*\n)*)", re.MULTILINE)
OPTION = re.compile(r"^ +:([\w-]+):[ ]*(.*)$", re.MULTILINE)


def modules(package):
    """The public modules: a subpackage that lists its names in `__all__` speaks for its files."""
    yield package
    for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        name = info.name.rpartition(".")[2]
        if not name.startswith("_") and name != "cli":  # its commands explain themselves: --help
            module = importlib.import_module(info.name)
            if info.ispkg and not hasattr(module, "__all__"):
                yield from modules(module)
            else:
                yield module


def is_documentable(value):
    return inspect.isclass(value) or inspect.isroutine(value)


def public(module):
    """A module's public functions and classes by name: `__all__`, or what it defines itself."""
    listed = getattr(module, "__all__", None)
    names = [n for n in vars(module) if not n.startswith("_")] if listed is None else listed
    values = {name: inspect.getattr_static(module, name) for name in names}
    return {
        name: value
        for name, value in values.items()
        if is_documentable(value) and (value.__module__ == module.__name__ or listed is not None)
    }


def documented(page):
    """The functions and classes that a page's automodule directives print, repeats included."""
    places = []
    for name, block in DIRECTIVE.findall(page):
        options = dict(OPTION.findall(block))
        names = public(importlib.import_module(name))
        chosen = [n.strip() for n in options.get("members", "-").split(",") if n.strip()]
        if "members" in options:
            places += [names[n] for n in chosen] if chosen else list(names.values())
    return places


def by_name(package):
    """Every public object under the first name that leads to it."""
    names = {}
    for module in modules(package):
        for name, value in public(module).items():
            names.setdefault(id(value), (f"{module.__name__}.{name}", value))
    return dict(names.values())


NAMES = by_name(adambook)
PARAMETERS = [pytest.param(value, id=name) for name, value in NAMES.items()]
NEEDS_NO_EXAMPLE = "adambook.figures"  # a plot's example is the chapter that draws it


def has_example(value):
    return bool(DocTestParser().get_examples(inspect.getdoc(value) or ""))


def needs_example(value):
    """All but plots, exceptions, protocols and named tuples: other examples show these."""
    if value.__module__.startswith(NEEDS_NO_EXAMPLE):
        return False
    return not inspect.isclass(value) or not (
        issubclass(value, BaseException)
        or hasattr(value, "_fields")
        or getattr(value, "_is_protocol", False)
    )


@pytest.mark.parametrize("value", PARAMETERS)
def test_a_public_name_has_a_docstring_of_its_own(value):
    assert (value.__doc__ or "").strip()


@pytest.mark.parametrize("value", [p for p in PARAMETERS if needs_example(*p.values)])
def test_a_public_name_has_an_executed_example(value):
    assert has_example(value)


@pytest.mark.parametrize("value", PARAMETERS)
def test_a_public_name_has_one_place_in_the_reference(value):
    places = sum(value is other for other in documented(REFERENCE))
    assert places == 1


def test_the_names_of_the_public_face_are_seen():
    assert {"adambook.Adam", "adambook.minimize"} <= NAMES.keys()


def test_a_name_is_missed_when_its_directive_is_not_there():
    assert documented("") == []
    page = ".. automodule:: adambook.rules\n   :members: Rule\n"
    assert documented(page) == [adambook.rules.Rule]
    assert adambook.Adam in documented(".. automodule:: adambook.rules.adam\n   :members:\n")
    assert adambook.Adam not in documented(".. automodule:: adambook.torch\n   :members:\n")


def test_what_a_module_lists_is_printed_though_it_is_imported():
    assert adambook.Adam in documented(".. automodule:: adambook.rules\n   :members:\n")


def test_a_docstring_without_example_is_seen():
    def step():
        """Only words."""

    assert not has_example(step)
