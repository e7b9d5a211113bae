"""What the figures on the page compute is what the package computes."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import moving_figures
import numpy as np
import pytest
from moving_oracles import ORACLES, disagreements

from adambook import schedules
from adambook.figures import look
from adambook.rules import RULES

ROOT = Path(__file__).parents[2]
FIGURES = sorted(path for path in (ROOT / "_figures").glob("*.js") if "moving" not in path.name)
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: figures unchecked")


@cache
def scripts():
    """Everything that the pages load, and what node lacks of a browser."""
    own = (path.read_text("utf-8") for path in (ROOT / "_figures" / "moving-figure.js", *FIGURES))
    printed = (moving_figures.rules_script(), moving_figures.surfaces_script())
    return "\n".join(["globalThis.window = globalThis;", *printed, *own])


def on_the_page(expression, value=None):
    """Evaluate an expression in `value` after the page's scripts, in node, as JSON."""
    given = f"const value = {json.dumps(value)};"
    shown = f"console.log(JSON.stringify({expression}))"
    program = "\n".join([scripts(), given, shown])
    done = subprocess.run(
        [NODE, "-"], input=program, capture_output=True, encoding="utf-8", check=True
    )
    return json.loads(done.stdout)


rng = np.random.default_rng(0)
NOISE = rng.standard_normal(60).tolist()
SIZES = rng.random(60).tolist()
PAIRS = [(0.9, 0.999), (0.0, 0.9), (0.9, 0.95), (0.95, 0.8)]
RACE = {"SGD": 0.02, "Momentum": 0.01, "AdaGrad": 0.4, "RMSProp": 0.03, "Adam": 0.1}
INPUTS = {
    "average-weights": [
        {"values": SIZES, "beta": beta, "t": t} for beta in (0.1, 0.9, 0.99) for t in (1, 17, 60)
    ],
    "optimizer-race": [
        {"surface": "long valley", "start": [1.5, -0.7], "steps": 100, "alphas": RACE},
        {"surface": "Rosenbrock", "start": [-1.2, 1.0], "steps": 60, "alphas": {"Adam": 0.05}},
        {"surface": "saddle", "start": [1.0, 0.001], "steps": 60, "alphas": {"RMSProp": 0.02}},
    ],
    "update-rule": [
        {"gradients": NOISE, "beta1": a, "beta2": b, "epsilon": e}
        for a, b in PAIRS
        for e in (1e-8, 0.1)
    ],
    "step-bound": [
        {"gradients": NOISE, "beta1": a, "beta2": b, "quiet": quiet}
        for a, b in PAIRS
        for quiet in (0, 7, 1000)
    ],
    "bias-correction": [{"gradients": NOISE, "beta1": a, "beta2": b} for a, b in PAIRS],
    "lp-norm": [
        {"gradients": SIZES, "beta2": beta2, "p": p}
        for beta2 in (0.5, 0.95, 0.999)
        for p in (1, 2, 7.3, 512)
    ],
    "rare-gradient": [
        {"n": 11, "alpha": 0.2, "beta1": b, "beta2": c, "start": 0.3, "rounds": 300}
        for b, c in PAIRS[:2]
    ],
    "limit-cycle": [
        {"beta1": 0.1, "beta2": 0.9, "start": 1.3, "steps": 600},
        {"beta1": 0.9, "beta2": 0.999, "start": -0.5, "steps": 40},
    ],
    "schedule-designer": [
        {"factors": SIZES, "alpha": 0.3, "sigma": 1.0, "start": 5, "noise": NOISE * 3}
    ],
}
CASES = [
    pytest.param(name, inputs, id=f"{name}-{i}")
    for name, many in INPUTS.items()
    for i, inputs in enumerate(many)
]


def test_every_figure_has_an_oracle_and_is_tried():
    assert {path.stem for path in FIGURES} == ORACLES.keys() == INPUTS.keys()


@needs_node
@pytest.mark.parametrize(("name", "inputs"), CASES)
def test_a_figure_shows_what_the_package_computes(name, inputs):
    figure = f"MovingFigure.figures[{json.dumps(name)}]"
    assert disagreements(name, inputs, on_the_page(f"{figure}.numbers(value)", inputs)) == []


def test_a_figure_that_computes_something_else_is_seen():
    inputs = INPUTS["lp-norm"][0]
    right = ORACLES["lp-norm"](**inputs)
    wrong = {**right, "norms": np.asarray(right["norms"]) * (1 + 1e-10)}
    assert disagreements("lp-norm", inputs, right) == []
    assert disagreements("lp-norm", inputs, wrong) == ["lp-norm.norms"]


@needs_node
def test_a_wrong_step_of_the_race_is_seen_though_rounding_decides_the_last_ones():
    alphas = {"SGD": 0.02, "RMSProp": 0.03, "Adam": 0.1}
    surface = next(iter(moving_figures.SURFACES))
    inputs = {"surface": surface, "start": [1.5, 1.5], "steps": 150, "alphas": alphas}
    right = ORACLES["optimizer-race"](**inputs)
    assert disagreements("optimizer-race", inputs, right) == []
    for name in alphas:
        path = right["paths"][name].copy()
        path[20:] += 1e-11
        wrong = right | {"paths": right["paths"] | {name: path}}
        assert disagreements("optimizer-race", inputs, wrong) == [f"optimizer-race.paths.{name}"]


def test_every_rule_is_on_the_page():
    assert on_the_page("Object.keys(window.adambook.rules)") == [r.__name__ for r in RULES]


SCHEDULES = [
    schedules.constant(0.3),
    schedules.inverse_sqrt(0.3, period=7),
    schedules.warmup(0.3, steps=20),
    schedules.cosine(0.3, steps=50, final=0.01),
    schedules.step_decay(0.3, factor=0.4, period=13),
    schedules.one_cycle(0.3, steps=50, rise=0.25),
]


@needs_node
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: type(schedule).__name__)
def test_a_schedule_on_the_page_is_the_packages(schedule):
    call = f"window.adambook.schedules.{type(schedule).__name__}(value, i + 1)"
    theirs = on_the_page(f"Array.from({{length: 60}}, (_, i) => {call})", vars(schedule))
    np.testing.assert_allclose(theirs, [schedule(t) for t in range(1, 61)], rtol=1e-12, atol=1e-16)


def test_a_page_loads_the_scripts_of_its_own_figures_and_no_others():
    assert moving_figures.scripts_for("<p>no figure</p>") == []
    assert moving_figures.scripts_for("<p></p>\n<lp-norm>\ntext</lp-norm>") == [
        *moving_figures.BASE,
        "lp-norm.js",
    ]
    assert "surfaces.js" in moving_figures.scripts_for("<optimizer-race></optimizer-race>")


def test_every_optimizer_has_a_colour_and_a_line_of_its_own():
    optimizers = look.COLOURS.keys() - {"paper", "bound"}
    assert look.DASHES.keys() == look.COLOURS.keys()
    for looks in (look.COLOURS, look.DASHES):
        assert len({looks[name] for name in optimizers}) == len(optimizers)
