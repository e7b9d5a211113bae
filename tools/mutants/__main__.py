"""Make faults and record what became of each: python -m mutants [PART ...] [--most N].

The parts are those of `cosmic-ray.toml`. A part's record is `data/checks/mutants-PART.csv`, one
row a fault. A fault stays recorded while its line is as it was; one that survived is tried again,
and its row stays until it has been. To measure all anew, delete the file.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mutants.changes import (
    EMPTIED,
    Change,
    Place,
    changed,
    described,
    named,
    places,
    shown_by,
    shuffled,
    whole,
)
from mutants.trial import Seen, copied, git, text_of, trial, warm, watched

ROOT = Path(__file__).parents[2]
RECORDS = ROOT / "data" / "checks"
OUTCOME = {"failed": "killed", "too long": "killed: too long", "passed": "survived"}


class Part(NamedTuple):
    """What is tried together: where, how, and the tests that must find the faults.

    modules : patterns of paths
    tests : files of tests, or patterns of them; MODULE stands for the name of the module
    warm : what is imported before the trials
    operators : the faults
    what : how the part is called where its figures are printed
    by_name : whether only the tests are run that name a function or class of the module
    seconds : the tests that run the changed line are run, the quickest first, as many as take so
        long where there is no fault
    """

    modules: list[str]
    tests: list[str]
    warm: list[str]
    operators: list[str]
    what: str
    by_name: bool = False
    seconds: float = 20.0


def parts() -> dict[str, Part]:
    """Return the parts of cosmic-ray.toml."""
    table = tomllib.loads((ROOT / "cosmic-ray.toml").read_text("utf-8"))["mutants"]
    common = {"operators": table["operators"]}
    return {name: Part(**common | part) for name, part in table["part"].items()}


def read(record: Path) -> dict[Change, str]:
    """Return what became of each fault that is recorded."""
    if not record.exists():
        return {}
    with record.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {name: int(row[name]) for name in ("occurrence", "line")}
    return {Change(**{name: row[name] for name in Change._fields}): row["outcome"] for row in rows}


def write(record: Path, outcomes: dict[Change, str]) -> None:
    """Record what became of each fault."""
    rows = ([*fault, outcome] for fault, outcome in outcomes.items())
    write_table(record, [*Change._fields, "outcome"], rows)


def write_table(path: Path, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a table whole or not at all, whatever happens meanwhile.

    The package's `write_whole` would do it, but a fault is seen only if the package is not
    imported before (`trial`).
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def commit() -> str:
    """Return the commit that is measured, with "+changes" if something differs from it."""
    changed = git(ROOT, "status", "--porcelain", "src", "tests")
    return git(ROOT, "rev-parse", "HEAD") + ("+changes" if changed else "")


def write_totals(part: str, what: str, faults: int) -> None:
    """Record how many faults a part has, and the commit that was measured."""
    totals = RECORDS / "mutants.csv"
    rows = {}
    if totals.exists():
        with totals.open(encoding="utf-8", newline="") as file:
            rows = {row["part"]: row for row in csv.DictReader(file)}
    rows[part] = {"part": part, "what": what, "faults": faults, "commit": commit()}
    write_table(totals, rows[part], (rows[name].values() for name in parts() if name in rows))


def found_before(record: Path, *, survivors: bool = False) -> dict[Place, tuple[Change, str]]:
    """Return the recorded faults that were found, or all, and whose line is as it was."""
    found = {}
    for fault, outcome in read(record).items():
        module = ROOT / fault.module
        lines = module.read_text("utf-8").splitlines() if module.exists() else []
        same = fault.line <= len(lines) and " ".join(lines[fault.line - 1].split()) in fault.before
        if (survivors or outcome != OUTCOME["passed"]) and same:
            found[fault.place] = (fault, outcome)
    return found


def words(fault: Change, text: str) -> list[str]:
    """Return what a test for a fault must name: a claim and its judge, or part of the module."""
    own = [name for name, _ in named(text) if "." not in name and not name.startswith("_")]
    judge, judged = fault.function.split(".")[0], claims(text)
    return [judge, judged[judge]] if judge in judged else [*own, *judged.values()]


def claims(text: str) -> dict[str, str]:
    """Return the claims of a module of the ledger by the names of their judges."""
    return {
        node.name: decorator.args[0].value
        for _, node in named(text)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and getattr(decorator.func, "id", "") == "claim"
        and isinstance(decorator.args[0], ast.Constant)
    }


def tests_of(fault: Change, part: Part, folder: Path) -> tuple[list[str], list[str]]:
    """Return the files of tests for a fault, and the words by which its tests are known.

    Where tests are known by words, files that have none of them are left out.
    """
    stem = Path(fault.module).stem
    names = words(fault, (folder / fault.module).read_text("utf-8")) if part.by_name else []
    found = (p for t in part.tests for p in sorted(folder.glob(t.replace("MODULE", stem))))
    telling = re.compile("|".join(map(re.escape, ["RULES", "claims()", *names])) if names else "")
    files = [
        p.relative_to(folder).as_posix() for p in found if telling.search(p.read_text("utf-8"))
    ]
    return list(dict.fromkeys(files)), names


def tried(place: Place, part: Part, folder: Path) -> tuple[Change, str]:
    """Make one fault in the copy, run the tests for it, and say what became of it."""
    path = folder / place.module
    text = path.read_text("utf-8")
    new = changed(text, place.operator, place.occurrence)
    fault = described(place, text, new)
    files, names = tests_of(fault, part, folder)
    seen = without_fault(folder, tuple(files), tuple(names)) if files else Seen({}, {})
    lines: Collection[int] = shown_by(text, place.line)
    if place.operator == EMPTIED:
        lines = whole(text, place.line)
    name = fault.function.split(".")[0]
    tests = seen.of(place.module, lines, name, part.seconds, claims(text).get(name, ""))
    cpu = 20 + 5 * sum(map(seen.cost, tests))
    with text_of(path, new):
        return fault, OUTCOME[trial(folder, place.module, tests, cpu)]


@cache
def without_fault(folder: Path, files: tuple[str, ...], names: tuple[str, ...]) -> Seen:
    """Run the tests once without a fault and return what each takes and which lines it runs."""
    return watched(folder, list(files), list(names), folder / "src" / "adambook")


def measure(name: str, part: Part, most: int, *, new: bool = False) -> Iterator[tuple[Change, str]]:
    """Try the faults of a part in a random order, up to so many, and record as it goes."""
    record = RECORDS / f"mutants-{name}.csv"
    modules = sorted(m.relative_to(ROOT) for pattern in part.modules for m in ROOT.glob(pattern))
    everywhere = [place for m in modules for place in places(m, ROOT, part.operators)]
    print(f"{name}: {len(everywhere)} faults", flush=True)
    write_totals(name, part.what, len(everywhere))
    sample, known = shuffled(everywhere)[:most], found_before(record, survivors=new)
    there = set(everywhere)
    outcomes = {p: o for p, o in found_before(record, survivors=True).items() if p in there}
    warm(part.warm)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        copied(ROOT, folder)
        for place in sample:
            outcomes[place] = known.get(place) or tried(place, part, folder)
            write(record, dict(outcomes.values()))
            yield outcomes[place]


def main(arguments: list[str] | None = None) -> int:
    """Measure the parts named, and print what survived and how many faults were found."""
    known = parts()
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(known)}; all, if none is named")
    parser.add_argument("--most", type=int, default=10**6, help="try so many faults of each part")
    parser.add_argument("--seconds", type=float, help="how long the tests of one fault may take")
    parser.add_argument("--new", action="store_true", help="do not try survivors again")
    options = parser.parse_args(arguments)
    if unknown := set(options.part) - set(known):
        parser.error(f"part must be one of {', '.join(known)}, got {', '.join(sorted(unknown))}")
    for name in options.part or known:
        found = tries = 0
        part = known[name]._replace(seconds=options.seconds or known[name].seconds)
        for fault, outcome in measure(name, part, options.most, new=options.new):
            tries, found = tries + 1, found + (outcome != OUTCOME["passed"])
            if outcome == OUTCOME["passed"]:
                where = f"{fault.module}:{fault.line}"
                print(f"  {where} survived: {fault.before}  ->  {fault.after}", flush=True)
        print(f"{name}: {found} of {tries} found", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
