"""The table of contents and the files it names."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def files_in(contents):
    """Every `file:` of a table of contents, in reading order."""
    if isinstance(contents, list):
        return [file for entry in contents for file in files_in(entry)]
    if isinstance(contents, dict):
        own = [contents[key] for key in ("root", "file") if key in contents]
        return own + [file for value in contents.values() for file in files_in(value)]
    return []


def sources(root, name):
    return [path for ending in (".md", ".ipynb") if (path := root / f"{name}{ending}").exists()]


def listed():
    return files_in(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")))


def test_every_entry_has_exactly_one_source():
    assert {name: len(sources(ROOT, name)) for name in listed()} == dict.fromkeys(listed(), 1)


def test_no_entry_stands_twice():
    assert len(listed()) == len(set(listed()))


def test_every_page_is_listed_or_an_assignment():
    pages = [p for e in ("*.md", "*.ipynb") for p in (ROOT / "chapters").rglob(e)]
    found = {
        page.relative_to(ROOT).with_suffix("").as_posix()
        for page in pages
        if not {"assignments", ".ipynb_checkpoints"} & set(page.parts)
    }
    assert found - set(listed()) == set()


def test_files_are_found_at_every_depth():
    contents = {"root": "a", "parts": [{"chapters": [{"file": "b", "sections": [{"file": "c"}]}]}]}
    assert files_in(contents) == ["a", "b", "c"]


def test_a_name_with_two_sources_is_seen(tmp_path):
    for ending in ("md", "ipynb"):
        (tmp_path / f"x.{ending}").touch()
    assert len(sources(tmp_path, "x")) == 2
    assert sources(tmp_path, "missing") == []
