"""One rule, five engines: 200 steps give the same path in each, whatever the gradients."""

import json
import shutil
import subprocess

import numpy as np
import pytest
import sympy
import torch
from oracles import coordinate_difference, extreme_gradients, our_path, with_epsilon
from oracles import relative_difference as on_the_whole

from adambook import symbolic
from adambook.fused import Fused
from adambook.rules import RULES
from adambook.torch import Optimizer


@pytest.fixture(params=["ordinary", "extreme"])
def case(request, gradients, theta0):
    """Gradients and a start; zero, huge, tiny, subnormal, NaN and infinite ones start from 0."""
    with np.errstate(all="ignore"):
        if request.param == "ordinary":
            yield gradients, theta0, on_the_whole
        else:
            yield extreme_gradients(200), np.zeros(7), coordinate_difference


def test_numba_gives_numpys_path(rule, case):
    gradients, theta0, difference = case
    theta = theta0.copy()
    fused, path = Fused(rule, theta), [theta0]
    for g in gradients:
        fused.step(g)
        path.append(theta.copy())
    assert difference(our_path(rule, gradients, theta0), path) <= 1e-12


def test_pytorch_gives_numpys_path(rule, case):
    gradients, theta0, difference = case
    theta = torch.nn.Parameter(torch.tensor(theta0))
    optimizer, path = Optimizer([theta], rule), [theta0]
    for g in gradients:
        theta.grad = torch.tensor(g)
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    assert difference(our_path(rule, gradients, theta0), path) <= 1e-12


def test_sympy_lambdified_gives_numpys_path(rule, case):
    gradients, theta0, difference = case
    c = rule.constants(1)._fields
    arguments = [*map(symbolic.symbol, ("g", "theta", *rule.state_names)), *sympy.symbols(c)]
    step = rule.arithmetic(symbolic.ARITHMETIC)
    scalars = type(rule.constants(1))(*sympy.symbols(c))
    outputs = step(scalars, *arguments[: 2 + len(rule.state_names)])
    function = sympy.lambdify(arguments, outputs, "numpy")
    theta, state, path = theta0, [np.zeros(7)] * len(rule.state_names), [theta0]
    for t, g in enumerate(gradients, 1):
        delta, *state = function(g, theta, *state, *rule.constants(t))
        theta = theta + delta
        path.append(theta)
    assert difference(our_path(rule, gradients, theta0), path) <= 1e-12


def test_sympy_expressions_with_every_scalar_written_out_give_the_third_step(rule, theta0):
    """Here t, β^t and RAdam's, NAdam's schedules are SymPy's own, substituted at t = 1, 2, 3."""
    expressions = symbolic.expressions(rule)
    values = {symbolic.symbol(n): getattr(rule, n) for n in symbolic.hyperparameters(rule)}
    theta, state, x = np.array([0.3]), rule.init(np.array([0.3])), {}
    x = {name: sympy.Float(0) for name in rule.state_names} | {"theta": sympy.Float(0.3)}
    for t, g in enumerate((1.5, -0.2, 0.7), 1):
        delta, state = rule.update(np.array([g]), state, theta)
        theta = theta + delta
        at = values | {symbolic.symbol(k): v for k, v in x.items()}
        at |= {symbolic.symbol("g"): g, symbolic.symbol("t"): t}
        new = {k: e.subs(at).doit().evalf(20) for k, e in expressions.items()}
        x = {**new, "theta": x["theta"] + new.pop("delta")}
    assert float(x["theta"]) == pytest.approx(theta[0], rel=1e-12)


NODE = shutil.which("node")
DRIVER = """
const input = require("fs").readFileSync(0, "utf8");  // may hold NaN and Infinity
const {theta0, gradients, rules} = new Function("return " + input)();
const paths = {};
for (const [name, {text, h, state}] of Object.entries(rules)) {
  const rule = new Function("return (" + text + ")")();
  const path = [theta0], states = theta0.map(() => state.map(() => 0));
  gradients.forEach((g, k) => {
    path.push(path[k].map((theta, i) => {
      const {delta, ...rest} = rule(h, k + 1, g[i], theta, ...states[i]);
      states[i] = state.map((name) => rest[name]);
      return theta + delta;
    }));
  });
  paths[name] = path;
}
console.log(JSON.stringify(paths, (key, x) => typeof x === "number" ? String(x) : x));
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed: JavaScript is not run")
def test_javascript_gives_numpys_paths(case):
    gradients, theta0, difference = case
    rules = {cls.__name__: with_epsilon(cls) for cls in RULES}
    job = {"theta0": theta0.tolist(), "gradients": gradients.tolist(), "rules": {}}
    for name, rule in rules.items():
        h = {k: getattr(rule, k) for k in symbolic.hyperparameters(rule)}
        text = symbolic.javascript(rule)
        job["rules"][name] = {"text": text, "h": h, "state": rule.state_names}
    result = subprocess.run(
        [NODE, "-e", DRIVER],
        input=json.dumps(job),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    for name, path in json.loads(result.stdout).items():
        expected = our_path(rules[name], gradients, theta0)
        path = [[float(x) for x in row] for row in path]
        assert difference(expected, path) <= 1e-12, name
