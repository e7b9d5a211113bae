"""Sphinx extension: the figures that move, and the package's own arithmetic in JavaScript.

Rules, schedules, formulas and test surfaces are printed from the package when the site is built.
A page loads the scripts of the figures that stand on it, and no others. In a figure's element
stands its still picture (see tools/still_figures.py) unless a script puts the figure there.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from contourpy import contour_generator
from matplotlib.colors import to_hex, to_rgb
from sphinx.application import Sphinx
from sphinx.config import Config

from adambook import problems, schedules, symbolic, theory
from adambook.figures import look
from adambook.problems.problem import Problem
from adambook.rules import RULES, Adam, Rule

FIGURES = Path(__file__).parent.parent / "_figures"
STILLS = Path(__file__).parent.parent / "_stills"
BASE = ("rules.js", "moving-figure.js")
NEEDS = {"optimizer-race": ("surfaces.js",)}
SCHEDULES = ("constant", "inverse_sqrt", "warmup", "cosine", "step_decay", "one_cycle")
SURFACES = {
    "long valley": problems.conditioned_quadratic(30.0, np.pi / 6),
    "Rosenbrock": problems.rosenbrock(),
    "saddle": problems.saddle(),
}
HALF_TURN = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])
OPACITY, DARK_GROUND = 0.92, "#121212"
LEVELS = 9
GRID = 45  # points along each axis of a contour plot


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def entries(pairs: dict[str, str]) -> str:
    """Return an object literal from names and JavaScript expressions."""
    return "{\n" + ",\n".join(f"{json_text(name)}: {text}" for name, text in pairs.items()) + "\n}"


def correction() -> sympy.Expr:
    """Return 1 - β^t as the rule has it."""
    factor = symbolic.scalars(Adam)["correction1"]
    return factor.subs(symbolic.symbol("beta1"), symbolic.symbol("beta"))


def defaults(rule: type[Rule]) -> dict[str, float]:
    return {field.name: float(getattr(rule(), field.name)) for field in dataclasses.fields(rule)}


def start_of(rule: type[Rule]) -> dict[str, float]:
    """Return the state of one coordinate before the first step, by name."""
    state = rule().init(np.zeros(()))
    return {name: float(getattr(state, name)) for name in rule.state_names}


def on_dark(colour: str) -> str:
    """Return a colour as the plots' filter in `book.css` shows it on dark ground.

    That is `invert(1) hue-rotate(180deg)` at an opacity, screened on the page.
    """
    turned = np.clip(HALF_TURN @ (1 - np.array(to_rgb(colour))), 0, 1)
    return to_hex(1 - (1 - OPACITY * turned) * (1 - np.array(to_rgb(DARK_GROUND))))


def rules_script() -> str:
    """Return a classic script that sets `window.adambook`: rules, schedules, formulas, looks."""
    beta1, beta2 = symbolic.symbol("beta1"), symbolic.symbol("beta2")
    kinds = [getattr(schedules, name) for name in SCHEDULES]
    formulas = {
        "stepBoundSquared": (("beta1", "beta2", "t"), theory.step_bound_squared()),
        "correction": (("beta", "t"), correction()),
        "cyclePoint": (("beta1",), theory.cycle_point(1, beta1, 1, 0)),
        "cycleMargin": (("beta1", "beta2"), theory.cycle_margin(beta1, beta2)),
    }
    looks = {
        name: {
            "colour": look.COLOURS[name],
            "onDark": on_dark(look.COLOURS[name]),
            "dashes": [2 * length for length in dashes],
        }
        for name, dashes in look.DASHES.items()
    }
    parts = {
        "rules": entries({rule.__name__: symbolic.javascript(rule) for rule in RULES}),
        "defaults": json_text({rule.__name__: defaults(rule) for rule in RULES}),
        "states": json_text({rule.__name__: start_of(rule) for rule in RULES}),
        "schedules": entries({k.__name__: symbolic.javascript_schedule(k) for k in kinds}),
        **{name: symbolic.javascript_function(name, *rest) for name, rest in formulas.items()},
        "look": json_text(looks),
    }
    return f"window.adambook = {entries(parts)};\n"


def path(line: Any) -> str:
    """Return points as an SVG path of whole numbers, each relative to the one before."""
    points = np.rint(line).astype(int)
    steps = np.diff(points, axis=0)[np.any(np.diff(points, axis=0), axis=1)]
    start = " ".join(map(str, points[0]))
    return f"M{start}l" + " ".join(map(str, steps.ravel()))


def contours(problem: Problem) -> list[str]:
    """Return the level lines as SVG paths over the unit square times 1000, lowest first."""
    (left, right), (low, high) = problem.bounds
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(low, high, GRID))
    value = problem.value(np.stack([x, y], axis=-1))
    depth = np.log(value - value.min() + 1e-2 * np.ptp(value))
    across, down = (x - left) / (right - left), (high - y) / (high - low)
    drawn = contour_generator(1000 * across, 1000 * down, depth)
    levels = np.linspace(depth.min(), depth.max(), LEVELS + 2)[1:-1]
    return ["".join(map(path, drawn.lines(level))) for level in levels]


def surface(problem: Problem) -> str:
    point = np.array(sympy.symbols("x y", real=True), dtype=object)
    names = ("x", "y")
    slopes = [sympy.sympify(slope) for slope in problem.gradient(point)]
    functions = {
        "value": sympy.sympify(problem.value(point).item()),
        "slopeX": slopes[0],
        "slopeY": slopes[1],
    }
    parts = {
        name: symbolic.javascript_function(name, names, expression)
        for name, expression in functions.items()
    }
    parts["bounds"] = json_text(problem.bounds)
    parts["start"] = json_text(problem.start.tolist())
    parts["minimum"] = json_text(problem.minimum.tolist())
    parts["contours"] = json_text(contours(problem))
    return entries(parts)


def surfaces_script() -> str:
    """Return a classic script that adds `surfaces` to what `rules_script` sets."""
    text = entries({name: surface(problem) for name, problem in SURFACES.items()})
    return f"window.adambook.surfaces = {text};\n"


def add_scripts(app: Sphinx, config: Config) -> None:
    folder = Path(app.doctreedir) / "scripts"  # always the same: another is a change of all pages
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.js").write_text(rules_script(), encoding="utf-8")
    (folder / "surfaces.js").write_text(surfaces_script(), encoding="utf-8")
    config["html_static_path"] = [*config["html_static_path"], str(folder), str(FIGURES)]


def names() -> list[str]:
    """Return the names of the figures that move."""
    return [path.stem for path in sorted(FIGURES.glob("*.js")) if path.name not in BASE]


def scripts_for(body: str) -> list[str]:
    """Return the scripts that a page needs, in the order in which it has to load them."""
    used = [name for name in names() if re.search(rf"<{name}[ >]", body)]
    if not used:
        return []
    further = [script for name in used for script in NEEDS.get(name, ())]
    return [*BASE, *further, *(f"{name}.js" for name in used)]


def with_stills(body: str) -> str:
    """Put into the element of each figure the picture that readers without scripts see."""
    for name in names():
        still = (STILLS / f"{name}.html").read_text("utf-8")
        element = f'<{name}>\n<div class="moving-figure">{still}</div>'
        body = body.replace(f"<{name}>", element)
    return body


def prepare(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    body = context.get("body", "")
    for script in scripts_for(body):
        app.add_js_file(script)
    if body:
        context["body"] = with_stills(body)


def version_of_stills() -> int:
    """Return a number that changes when a still picture does; all pages are written anew then."""
    drawn = b"".join(path.read_bytes() for path in sorted(STILLS.glob("*.html")))
    return int(hashlib.sha256(drawn).hexdigest()[:12], 16)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", add_scripts)
    app.connect("html-page-context", prepare)
    return {
        "env_version": version_of_stills(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
