"""Sphinx extension: the rules in JavaScript, printed from the package when the site is built."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from adambook import symbolic, theory
from adambook.rules import RULES

SCRIPT = "rules.js"


def rules_script() -> str:
    """Return a classic script that sets `window.adambook` to {rules, stepBoundSquared}."""
    rules = ",\n".join(f"{rule.__name__}: {symbolic.javascript(rule)}" for rule in RULES)
    bound = symbolic.javascript_function(
        "stepBoundSquared", ("beta1", "beta2", "t"), theory.step_bound_squared()
    )
    return f"window.adambook = {{\nrules: {{\n{rules}\n}},\nstepBoundSquared: {bound}\n}};\n"


def add_script(app: Sphinx, config: Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="adambook-static-"))
    (folder / SCRIPT).write_text(rules_script(), encoding="utf-8")
    config["html_static_path"] = [*config["html_static_path"], str(folder)]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", add_script)
    app.add_js_file(SCRIPT)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
