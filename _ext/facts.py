"""Sphinx extension: what pages say about the book itself, computed when they are built.

The directive `fact` writes one of them: `audit` counts the verdicts on the paper's claims,
`citation` is how to cite the book, `stamp` what the pages were built from, `faults` how many faults
put into the package the tests find, `coverage` how much of it they run, `elsewhere` how many pass
in other surroundings, `printed` where the book is on paper. A page with one is read anew at every
build, and all pages are after a change of the extensions.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from adambook.experiments import provenance
from adambook.figures.ledger import SIGNS

ROOT = Path(__file__).parent.parent
CHECKS = ROOT / "data" / "checks"
PACKAGES = ("numpy", "torch", "numba", "matplotlib", "sympy", "jupyter-book", "sphinx")
MEANING = {
    "TRUE": "holds as stated",
    "PARTLY": "holds in part, or under conditions that the paper does not name",
    "FALSE": "does not hold",
    "NOT SUPPORTED": "our runs do not show it",
    "VACUOUS": "holds, and says nothing",
    "INCONCLUSIVE": "not decided by what has been run so far",
}


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [" | ".join(heads), "|".join(["---"] * len(heads)), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def verdicts(record: Path = ROOT / "data" / "results" / "ledger.json") -> dict[str, int]:
    """Return how often each verdict was reached; a test recomputes all that the record says."""
    return Counter(row["verdict"] for row in json.loads(record.read_text("utf-8")))


def bar(counts: dict[str, int]) -> str:
    """Return one bar with a part for each count; the table below it says them in words."""
    parts = [
        f'<span style="flex-grow: {count}; background: {SIGNS[name][1]}">{SIGNS[name][0]}</span>'
        for name, count in counts.items()
    ]
    return f'<div class="audit" aria-hidden="true">{"".join(parts)}</div>'


def audit(counts: dict[str, int]) -> str:
    """Return the counts of the verdicts, in a fixed order, as a bar and as a table."""
    ordered = {name: counts[name] for name in sorted(counts, key=list(MEANING).index)}
    rows = [
        (str(count), f"{SIGNS[name][0]} **{name}**: {MEANING[name]}")
        for name, count in ordered.items()
    ]
    return f"{bar(ordered)}\n\n{table((f'of {sum(counts.values())}', 'verdict'), rows)}"


def records(name: str, folder: Path = CHECKS) -> list[dict[str, str]]:
    """Return the rows of a recorded check, none where it has not been made."""
    if not (folder / name).exists():
        return []
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measured(heads: tuple[str, ...], rows: list[tuple[str, ...]], command: str) -> str:
    """Return a table of what was measured, or how to measure it."""
    return table(heads, rows) if rows else f"Nothing is recorded yet; `{command}` records it."


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "no branch"


def faults(folder: Path = CHECKS) -> str:
    """Return how many faults of each kind were made, of how many there are, and how many found."""
    rows = []
    for row in records("mutants.csv", folder):
        outcomes = [r["outcome"] for r in records(f"mutants-{row['part']}.csv", folder)]
        found = sum(outcome != "survived" for outcome in outcomes)
        if outcomes:
            tried = f"{len(outcomes)} of {row['faults']}"
            rows.append((row["what"], tried, str(found), share(found, len(outcomes))))
    return measured(("faults in", "made", "found", "share"), rows, "make mutants")


def coverage(folder: Path = CHECKS) -> str:
    """Return how many statements and branches of each part of the package the tests run."""
    parts: dict[str, Counter[str]] = {}
    for row in records("coverage.csv", folder):
        inside = Path(row["module"]).relative_to("src/adambook")
        name = inside.parts[0] if len(inside.parts) > 1 else "the engines and the rest"
        own = parts.setdefault(name, Counter())
        own.update({k: int(row[k]) for k in ("statements", "run", "branches", "taken")})
    if parts:
        parts["all"] = sum(parts.values(), Counter())
    rows = [
        (name, share(n["run"], n["statements"]), share(n["taken"], n["branches"]))
        for name, n in parts.items()
        if n["statements"]
    ]
    heads = ("part of the package", "statements run", "branches taken")
    return measured(heads, rows, "make coverage")


def elsewhere(folder: Path = CHECKS) -> str:
    """Return how many tests and cells pass in unusual surroundings, by the version of Python."""
    columns = ("python", "torch", "passed", "failed", "skipped")
    rows = [tuple(row[column] for column in columns) for row in records("elsewhere.csv", folder)]
    return measured(("Python", "PyTorch", *columns[2:]), rows, "make elsewhere")


def citation(file: Path = ROOT / "CITATION.cff") -> str:
    """Return the citation of CITATION.cff as BibTeX."""
    facts = yaml.safe_load(file.read_text("utf-8"))
    names = [
        f"{{{author['name']}}}"
        if "name" in author
        else f"{author['family-names']}, {author['given-names']}"
        for author in facts["authors"]
    ]
    fields = {"title": facts["title"], "author": " and ".join(names), "version": facts["version"]}
    if "date-released" in facts:
        fields["year"] = str(facts["date-released"])[:4]
    if "repository-code" in facts:
        fields["url"] = facts["repository-code"]
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"```bibtex\n@misc{{adambook,\n{lines}\n}}\n```"


def printed(site: str) -> str:
    """Return where the whole book is as one PDF: beside the published pages, or a command away."""
    if site:
        return f"[The whole book as one PDF]({site}adambook.pdf), for paper."
    return "`make pdf` prints the whole book as one PDF, with Chromium."


def git(*words: str) -> str:
    try:
        return provenance.git(*words, root=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return ""


def stamp() -> str:
    """Return the commit, the day and the versions that these pages were built with."""
    changed = " with changes that are not committed" if git("status", "--porcelain") else ""
    commit, day = git("rev-parse", "--short=12", "HEAD"), git("show", "-s", "--format=%cs")
    rows = [("commit", f"`{commit}` of {day}{changed}")] if commit else []
    rows += [("built on", f"{datetime.now(UTC):%Y-%m-%d}")]
    rows += [(name, version(name)) for name in ("adambook", *PACKAGES)]
    return table(("these pages", "built with"), rows)


class Fact(SphinxDirective):
    """One fact about the book, as Markdown that is read where the directive stands."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what the fact reads as."""
        name = self.arguments[0]
        facts = {
            "audit": lambda: audit(verdicts()),
            "citation": citation,
            "coverage": coverage,
            "elsewhere": elsewhere,
            "faults": faults,
            "printed": lambda: printed(self.config.html_baseurl),
            "stamp": stamp,
        }
        if name not in facts:
            raise self.error(f"a fact is one of {', '.join(facts)}, not {name}")
        self.env.metadata[self.env.docname]["fact"] = name
        parent = nodes.Element()
        self.state.nested_parse(StringList(facts[name]().splitlines()), self.lineno, parent)
        return parent.children


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    return [page for page, own in env.metadata.items() if "fact" in own and page not in removed]


def extensions() -> int:
    """Return a number that changes when one of the extensions does."""
    own = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return int(hashlib.sha256(own).hexdigest()[:12], 16)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("fact", Fact)
    app.connect("env-get-outdated", outdated)
    return {
        "env_version": extensions(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
