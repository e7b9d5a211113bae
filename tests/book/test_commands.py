"""The commands that the documents name: they exist, and run as they stand there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "chapters").rglob("*.md")])


def made(text):
    """The targets of `make` that a text names as code or in a block of commands."""
    calls = re.findall(r"(?:`|^    |\$ )make ((?:[a-z]+\b ?)+)", text, re.MULTILINE)
    return {target for call in calls for target in call.split()}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_of_a_document_can_be_given(path):
    text = path.read_text("utf-8")
    assert made(text) <= TARGETS
    assert not re.findall(r"(?<![\w./-])python3? tools/.*", text)  # which Python would that be?


def test_commands_are_found_in_a_text():
    text = "`make a`, then\n\n    make b  # words\n$ make c\n`make d NAME=x`, to make e"
    assert made(text) == {"a", "b", "c", "d"}


def test_a_file_that_bears_the_name_of_a_command_does_not_hide_it():
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1]
    assert set(phony.split()) == TARGETS
