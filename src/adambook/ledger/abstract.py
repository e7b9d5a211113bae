"""The abstract: simple, cheap, small, invariant, for large and noisy problems."""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import SimpleNamespace

import mpmath  # type: ignore[import-untyped]
import numpy as np

from adambook import minimize
from adambook.benchmarks.operations import bytes_moved, operations
from adambook.ledger.algorithm import coordinates_do_not_mix
from adambook.ledger.claim import Measured, Verdict, claim, decide
from adambook.ledger.records import NotRecorded, Records
from adambook.ledger.sequences import follow, gaussian
from adambook.rules import Adam, Momentum
from adambook.rules.rule import Rule

PAGE = "2_adam/04_update_rule"


@claim("C01", "abstract", "measurement", PAGE)
def simple_to_implement(rule: type[Adam] = Adam) -> Verdict:
    """Adam takes few lines to write down.

    Passes if the rule is at most ten statements and 20 of its steps, done with 50 digits, agree
    with weighted means written independently to 1e-25; the float64 steps to 1e-12.
    """
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(rule.arithmetic))).body
    inner = next(node for node in ast.walk(function) if getattr(node, "name", "") == "step")
    lines = len(inner.body)  # type: ignore[attr-defined]
    exact, double = _errors_of_twenty_steps(rule)
    return decide(
        lines <= 10 and exact <= 1e-25 and double <= 1e-12,
        Measured("statements of the rule", lines),
        Measured("largest relative error with 50 digits", exact, 1),
        Measured("largest relative error in float64", double, 1),
        yes="few lines, equal to an independent form; slips occur at ε and at t = 1",
        no="the rule is long, or it is not what the paper writes",
    )


def _errors_of_twenty_steps(rule: type[Adam]) -> tuple[float, float]:
    """Return the errors of the rule's path, with 50 digits and in float64."""
    g = gaussian((20,), seed=1)
    with mpmath.workdps(50):
        theta, path = mpmath.mpf(0), []
        beta1, beta2, alpha, epsilon = map(mpmath.mpf, ("0.9", "0.999", "0.001", "1e-8"))
        fields = {"alpha": alpha, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
        step = rule.arithmetic(SimpleNamespace(sqrt=mpmath.sqrt))
        m = v = x = mpmath.mpf(0)
        errors = []
        for t in range(1, 21):
            c = SimpleNamespace(**rule.scalars(SimpleNamespace(**fields), t, None))  # type: ignore[arg-type,no-untyped-call]
            delta, m, v = step(c, mpmath.mpf(g[t - 1]), theta, m, v)
            theta += delta
            path.append(theta)
            seen = [mpmath.mpf(value) for value in g[:t]]
            a = [beta1 ** (t - 1 - i) for i in range(t)]
            b = [beta2 ** (t - 1 - i) for i in range(t)]
            mean = mpmath.fdot(a, seen) / mpmath.fsum(a)
            square = mpmath.fdot(b, [value**2 for value in seen]) / mpmath.fsum(b)
            x -= alpha * mean / (mpmath.sqrt(square) + epsilon)
            errors.append(abs(theta - x) / abs(x))
        exact = float(max(errors))
        ours = follow(rule(), g)
        double = float(
            max(abs(mpmath.mpf(float(o)) - p) / abs(p) for o, p in zip(ours[1:], path, strict=True))
        )
    return exact, double


@claim("C02", "abstract", "measurement", PAGE)
def cheap_to_compute(rule: type[Rule] = Adam, records: Records | None = None) -> Verdict:
    """A step of Adam costs little.

    Passes if a step moves at most three times the memory of a step with momentum, its operations
    are at most a quarter of those of the paper's multilayer network on one batch of 128, and so
    are its seconds in the recorded benchmark: three times momentum's at every size, a quarter of
    the network's step. Counts as partly true without the benchmark.
    """
    count = sum(operations(rule).values())
    share = count / (128 * 9.2e6 / 1_796_010)
    words = bytes_moved(rule) / bytes_moved(Momentum)
    seconds = _recorded_seconds(records or Records())
    evidence = (
        Measured("operations a parameter", count),
        Measured("bytes moved a parameter, float32", bytes_moved(rule)),
        Measured("bytes, over those of momentum", words),
        Measured("operations, over those of gradient and cost of a batch of 128", share),
        *seconds,
    )
    clocked = all(float(s.value) <= limit for s, limit in zip(seconds, (3, 0.25), strict=False))
    if not (words <= 3 and share <= 0.25 and clocked):
        return Verdict("FALSE", "a step costs more than the rule allows", evidence)
    if seconds:
        return Verdict("TRUE", "counted, and timed on the machine of the benchmark", evidence)
    return Verdict(
        "PARTLY",
        "counted, Adam is cheap; no benchmark is recorded",
        evidence,
        part="in operations and memory moved",
    )


def _recorded_seconds(records: Records) -> list[Measured]:
    """Return Adam's seconds over momentum's, at worst, and its share of a network's step."""
    try:
        steps, training = records.benchmark("steps"), records.benchmark("training")
    except NotRecorded:
        return []
    one_pass = steps[(steps["form"] == "one pass") & (steps["threads"] == steps["threads"].max())]
    times = one_pass.pivot(index="rule", columns="size", values="median_ms").dropna(axis=1)
    ours = training[training["form"] == "our PyTorch adapter"].iloc[0]
    return [
        Measured(
            f"recorded seconds of a step over momentum's, largest of {times.shape[1]} sizes",
            float((times.loc["Adam"] / times.loc["Momentum"]).max()),
        ),
        Measured(
            "recorded seconds, over those of a step of the multilayer network, batch of 128",
            float(ours["optimizer_ms"] / ours["median_ms"]),
        ),
    ]


@claim("C03", "abstract", "definition", PAGE)
def two_extra_vectors(rule: type[Rule] = Adam) -> Verdict:
    """Beside the parameters Adam keeps two vectors of their size, which is little.

    Passes if the state takes exactly two times the bytes of the parameters, in every precision.
    """
    ratios = []
    for dtype in (np.float16, np.float32, np.float64):
        theta = np.zeros(1000, dtype)
        state = rule().init(theta)
        ratios.append(sum(array.nbytes for array in state[1:]) / theta.nbytes)
    return decide(
        ratios == [2.0] * 3,
        Measured("bytes of state over bytes of parameters", max(ratios)),
        Measured("gigabytes for 7 billion float32 parameters", 7e9 * 4 * max(ratios) / 1e9),
        yes="two vectors, m and v; little in 2014, the largest part of a large model's memory now",
        no="the state is not two vectors",
    )


@claim("C04", "abstract; section 2.1", "theorem", PAGE)
def steps_ignore_the_scale_of_each_coordinate(rule: type[Rule] = Adam) -> Verdict:
    """Rescaling the gradient of each coordinate by a constant of its own changes no step.

    Passes if 200 steps on g and on Dg, D from 1e-6 to 1e6, agree to 1e-12 at the default ε;
    counts as partly true if only at ε = 0.
    """
    scales = 10.0 ** np.arange(-6, 7)
    g = np.repeat(gaussian((200, 1), seed=4), len(scales), axis=1)
    errors = {}
    for epsilon in (0.0, 1e-8):
        adam = rule(alpha=1.0, epsilon=epsilon)  # type: ignore[call-arg]
        paths = [follow(adam, given) for given in (g, g * scales)]
        errors[epsilon] = float(np.abs(np.diff(paths[0] - paths[1], axis=0)).max())
    D, steps = np.array([1.0, 100.0]), {}
    for name, grad in (("f(θ)", lambda x: x), ("f(Dθ)", lambda x: D**2 * x)):
        steps[name] = minimize(rule(alpha=0.1, epsilon=0.0), grad, 1 / D, 1)[1] - 1 / D  # type: ignore[call-arg]
    co_scales = float(np.abs(steps["f(Dθ)"] * D / steps["f(θ)"]).max())
    evidence = (
        Measured("largest difference of a step at ε = 0, in α", errors[0.0], 1),
        Measured("at ε = 1e-8, in α", errors[1e-8], 1),
        Measured("|g|/ε at which the first step is short by 1 %", 99.0),
        Measured("step of f(Dθ) in the old coordinates over that of f, D = 100", co_scales),
    )
    if errors[0.0] <= 1e-12 < errors[1e-8]:
        return Verdict(
            "PARTLY",
            "exact without ε and for given gradients; ε sets a scale, and f(Dθ) is another problem",
            evidence,
            part="for ε = 0 and a given sequence of gradients",
        )
    return decide(
        max(errors.values()) <= 1e-12,
        *evidence,
        yes="the steps agree",
        no="the steps change with the scale even at ε = 0",
    )


@claim("C05", "abstract", "measurement", PAGE)
def cost_grows_with_the_parameters_alone(rule: type[Rule] = Adam) -> Verdict:
    """Adam suits problems with much data and many parameters.

    Passes if the memory of the state grows linearly with the number of parameters (log-log slope
    1 ± 0.05) and coordinates do not mix (C16), so that each adds the same operations. The number
    of examples does not enter a step.
    """
    sizes = np.array([1_000, 10_000, 100_000, 1_000_000])
    memory = [sum(a.nbytes for a in rule().init(np.zeros(n))[1:]) for n in sizes]
    slope = float(np.polyfit(np.log(sizes), np.log(memory), 1)[0])
    apart = coordinates_do_not_mix(rule)
    return decide(
        abs(slope - 1) <= 0.05 and apart.verdict == "TRUE",
        Measured("slope of memory in the parameters", slope),
        Measured("operations each parameter adds", sum(operations(rule).values())),
        *apart.evidence[:2],
        yes="a step is linear in the parameters: possible at any size, not therefore best",
        no="the cost of a step does not grow linearly with the parameters",
    )


@claim("C09", "abstract; section 4", "theorem", "2_adam/08_convergence")
def regret_bound_is_comparable_to_the_best_known() -> Verdict:
    """Adam's regret has a proved bound of the order √T, as the best methods of its time have.

    Passes if the bound of Theorem 4.1 holds on every convex sequence tried, the one of chapter 8
    included.
    """
    from adambook.ledger.convergence import regret_theorem

    found = regret_theorem()
    return Verdict(
        "TRUE" if found.verdict == "TRUE" else "FALSE",
        "the theorem behind the sentence is refuted by Algorithm 1 itself (C40)"
        if found.verdict == "FALSE"
        else "the bound of Theorem 4.1 held",
        found.evidence,
    )
