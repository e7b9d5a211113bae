"""What is installed and run is what the project says: dependencies, licences, nothing unpickled."""

import ast
import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "chapters" / "appendices" / "dependencies.md"
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
FAMILIES = {
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Apache Software License": "Apache",
    "Python Software Foundation License": "PSF",
}
SOURCES = sorted(
    path for folder in ("src", "tools", "_ext") for path in (ROOT / folder).rglob("*.py")
)
RUNS_TEXT = {"eval", "exec", "__import__"}
UNPICKLES = {"pickle", "cloudpickle", "dill", "marshal", "shelve"}
ALLOWED = {
    "src/adambook/symbolic.py": "evaluates a rule's own lines on symbols",
    "src/adambook/course/slips.py": "runs a rule's own text with a slip put into it",
    "tools/course/worker.py": "runs a submission, which is what it is for",
    "tools/course/marking.py": "runs the tests of an assignment",
}
"""The files that execute text, and which."""


def name(requirement):
    return re.split(r"[\[<>=! ;]", requirement)[0].lower().replace("_", "-")


def pinned(path):
    lines = (ROOT / path).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def direct():
    """The packages that pyproject.toml asks for, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
    ]
    return {name(requirement) for requirements in lists for requirement in requirements} - {
        "adambook"
    }


def table():
    rows = {row[0]: row[1:] for row in ROW.findall(PAGE.read_text("utf-8"))}
    rows.pop("package")
    return rows


def licence(package):
    """What an installed package says: its expression, or the families of its classifiers."""
    about = metadata(package)
    if expression := about.get("License-Expression"):
        return [expression]
    names = [c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if "License ::" in c]
    return [FAMILIES[each] for each in names] or [about.get("License") or ""]


def test_every_dependency_stands_in_the_table_and_no_other():
    assert set(table()) == direct()


def test_every_dependency_has_a_reason_and_an_alternative():
    assert all(what.strip() and instead.strip() for what, instead, _ in table().values())


@pytest.mark.parametrize("package", sorted(table()))
def test_the_licence_in_the_table_is_the_packages_own(package):
    try:
        own = licence(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed here")
    said = table()[package][2]
    assert any(said == each or said.startswith(f"{each}-") for each in own) or own == [""]


@pytest.mark.parametrize(
    "path", ["constraints.txt", "requirements-course.txt", "requirements-sbom.txt"]
)
def test_every_version_is_pinned(path):
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ;.*)?", line) for line in pinned(path))


def test_every_dependency_is_pinned():
    assert direct() <= {name(line) for line in pinned("constraints.txt")}


def called(tree):
    """The dotted names of all that a file calls."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def imported(tree):
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").split(".")[0])
    return modules


def loads(tree):
    """The calls that would unpickle: torch.load or joblib.load, allow_pickle, read_pickle."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            text = ast.unparse(node)
            function = ast.unparse(node.func)
            if function in {"torch.load", "joblib.load"} and "weights_only=True" not in text:
                found.append(text)
            if "allow_pickle=True" in text or function.endswith("read_pickle"):
                found.append(text)
            if function == "np.load" and "allow_pickle=False" not in text:
                found.append(text)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_unpickled_and_no_text_is_executed(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert not imported(tree) & UNPICKLES
    assert not loads(tree)
    if path.relative_to(ROOT).as_posix() not in ALLOWED:
        assert not called(tree) & RUNS_TEXT


@pytest.mark.parametrize("path", sorted(ALLOWED))
def test_a_file_that_may_execute_text_does(path):
    assert called(ast.parse((ROOT / path).read_text("utf-8"))) & RUNS_TEXT


@pytest.mark.parametrize(
    "line", ["torch.load(f)", "np.load(f)", "np.load(f, allow_pickle=True)", "pd.read_pickle(f)"]
)
def test_a_line_that_would_unpickle_is_found(line):
    assert loads(ast.parse(line))
    assert not loads(ast.parse("torch.load(f, weights_only=True)"))
    assert not loads(ast.parse("np.load(f, allow_pickle=False)"))
