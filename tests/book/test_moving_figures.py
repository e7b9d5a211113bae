"""What the figures on the page compute is what the package computes."""

import json
import shutil
import subprocess
from pathlib import Path

import moving_figures
import numpy as np
import pytest

from adambook import Adam
from adambook.rules import RULES
from adambook.theory import step_bounds, step_sizes

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")
BROWSER = """
globalThis.window = globalThis;
globalThis.HTMLElement = class {};
globalThis.document = { addEventListener() {} };
"""
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: figures unchecked")


def on_the_page(expression):
    """Evaluate an expression after the page's scripts, in node, as JSON."""
    figure = (ROOT / "_static" / "step-bound.js").read_text("utf-8")
    text = "\n".join(
        [
            BROWSER,
            moving_figures.rules_script(),
            figure,
            f"console.log(JSON.stringify({expression}))",
        ]
    )
    done = subprocess.run([NODE, "-e", text], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@needs_node
def test_every_rule_is_on_the_page():
    assert on_the_page("Object.keys(window.adambook.rules)") == [r.__name__ for r in RULES]


@needs_node
@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.0, 0.9), (0.9, 0.9), (0.95, 0.8)])
@pytest.mark.parametrize("quiet", [0, 7, 1000])
def test_steps_on_the_page_are_the_rules(beta1, beta2, quiet):
    g = np.random.default_rng(quiet).standard_normal(60)
    theirs = on_the_page(f"StepBound.stepSizes({g.tolist()}, {beta1}, {beta2}, {quiet})")
    rule = Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=1e-300)
    ours = step_sizes(rule, np.concatenate([np.zeros(quiet), g]))[quiet:]
    np.testing.assert_allclose(theirs, ours, rtol=1e-12)


@needs_node
@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.5, 0.9), (0.9, 0.9), (0.9, 0.8)])
@pytest.mark.parametrize("quiet", [0, 40])
def test_bounds_on_the_page_are_the_theorys(beta1, beta2, quiet):
    theirs = on_the_page(f"StepBound.bounds(60, {beta1}, {beta2}, {quiet})")
    np.testing.assert_allclose(theirs, step_bounds(beta1, beta2, quiet + 60)[quiet:], rtol=1e-12)
