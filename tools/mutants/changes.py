"""Small faults for a module's text: Cosmic Ray's, and functions that do nothing."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

EMPTIED = "emptied"
"""Our own operator: a public function hands back its first argument, or None."""

Function = ast.FunctionDef | ast.ClassDef
Span = tuple[tuple[int, int], tuple[int, int]]
T = TypeVar("T")


class Place(NamedTuple):
    """Where an operator can change a module: its n-th occurrence, and the line."""

    module: str
    operator: str
    occurrence: int
    line: int


class Change(NamedTuple):
    """One fault: where it is, what the lines say, and what they say instead."""

    module: str
    operator: str
    occurrence: int
    line: int
    function: str
    before: str
    after: str

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(*self[:4])


def places(module: Path, root: Path, operators: list[str]) -> Iterator[Place]:
    """Return every place where these operators change a module, outside of annotations."""
    text = (root / module).read_text("utf-8")
    nodes, annotated = list(ast_nodes(get_ast(text))), annotations(ast.parse(text))
    for operator in operators:
        if operator == EMPTIED:
            starts = [(node.lineno, 0) for _, node in public_functions(text)]
        else:
            kind = get_operator(f"core/{operator}")()
            starts = [start for node in nodes for start, _ in kind.mutation_positions(node)]
        for occurrence, start in enumerate(starts):
            if not any(first <= start < end for first, end in annotated):
                yield Place(module.as_posix(), operator, occurrence, start[0])


def described(place: Place, text: str, new: str) -> Change:
    """Return the fault that makes one text of a module into another, at a place."""
    return Change(*place, innermost(text, place.line), *difference(text, new))


def changed(text: str, operator: str, occurrence: int) -> str:
    """Return a module's text with one fault in it."""
    if operator == EMPTIED:
        return emptied(text, public_functions(text)[occurrence][1])
    new = mutate_code(text.encode(), get_operator(f"core/{operator}")(), occurrence)
    if new is None:
        raise ValueError(f"{operator} does not occur {occurrence + 1} times")
    return str(new)


def difference(old: str, new: str) -> tuple[str, str]:
    """Return the lines in which two texts differ, each side as one line."""
    a, b = old.splitlines(), new.splitlines()
    while a and b and a[0] == b[0]:
        del a[0], b[0]
    while len(a) > 1 and len(b) > 1 and a[-1] == b[-1]:
        del a[-1], b[-1]
    return " ".join(" ".join(a).split()), " ".join(" ".join(b).split())


def named(text: str) -> list[tuple[str, Function]]:
    """Return every function and class with its dotted name."""
    found: list[tuple[str, Function]] = []

    def walk(node: ast.AST, above: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = above
            if isinstance(child, Function):
                name = f"{above}.{child.name}".lstrip(".")
                found.append((name, child))
            walk(child, name)

    walk(ast.parse(text), "")
    return found


def innermost(text: str, line: int) -> str:
    """Return the name of the innermost function or class around a line, "" outside of all."""
    around = [
        (first, name)
        for name, node in named(text)
        for first in [min([node.lineno, *(d.lineno for d in node.decorator_list)])]
        if first <= line <= (node.end_lineno or 0)
    ]
    return max(around, default=(0, ""))[1]


def statement(text: str, line: int) -> range:
    """Return the lines of the innermost statement at a line, of a compound one those of its head.

    Decorators belong to the head of what they decorate.
    """
    found = range(line, line + 1)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            own = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            body = getattr(node, "body", None)
            if isinstance(body, list) and body:
                first = min([own[0], *(d.lineno for d in getattr(node, "decorator_list", []))])
                own = range(first, max(own[0] + 1, body[0].lineno))
            if line in own:
                found = own
    return found


def shown_by(text: str, line: int) -> set[int]:
    """Return the lines of which a test must run one to see a change of the statement at a line.

    They are the statement's own. What runs when the module is imported is run by no test alone: of
    the head of a function they are also those inside, of a constant those that name it.
    """
    tree, own = ast.parse(text), statement(text, line)
    shown, names = {*own}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno in own:
            shown |= {*range(node.body[0].lineno, (node.end_lineno or 0) + 1)}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno in own:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return shown | {n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in names}


def whole(text: str, line: int) -> range:
    """Return the lines inside the function that begins at a line."""
    (node,) = (n for _, n in named(text) if n.lineno == line)
    return range(node.body[1].lineno, (node.end_lineno or line) + 1)


def annotations(tree: ast.Module) -> list[Span]:
    """Return where annotations stand: a fault there changes no result."""
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [
        ((n.lineno, n.col_offset), (n.end_lineno or 0, n.end_col_offset or 0)) for n in found if n
    ]


def public_functions(text: str) -> list[tuple[str, ast.FunctionDef]]:
    """Return the functions and methods that users call and that have a body to be emptied of."""
    everything = named(text)
    functions = {name for name, node in everything if isinstance(node, ast.FunctionDef)}
    return [
        (name, node)
        for name, node in everything
        if isinstance(node, ast.FunctionDef)
        and not any(part.startswith("_") for part in name.split("."))
        and name.rpartition(".")[0] not in functions
        and ast.get_docstring(node)
        and len(node.body) > 1
        and not isinstance(node.body[1], ast.Raise)
        and ast.unparse(node.body[1]) != "..."  # a protocol's
    ]


def emptied(text: str, node: ast.FunctionDef) -> str:
    """Return a module's text with one function that hands back its first argument, or None."""
    names = [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
    first, indent = node.body[1], " " * node.body[1].col_offset
    lines = text.splitlines(keepends=True)
    new = f"{indent}return {names[0] if names else None}\n"
    return "".join([*lines[: first.lineno - 1], new, *lines[node.end_lineno :]])


def shuffled(things: list[T], seed: int = 0) -> list[T]:
    """Return these in a random order: however far one comes, what was seen is a random sample."""
    return random.Random(seed).sample(things, len(things))
