"""Section 7.1: AdaMax, from the p-th power mean to the maximum, its bound and its defaults."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from adambook.experiments import compare
from adambook.ledger.claim import ABSENT, Measured, Verdict, claim, decide
from adambook.ledger.panels import over_seeds
from adambook.ledger.records import Records
from adambook.ledger.runs_on_digits import final_costs
from adambook.ledger.sequences import gaussian
from adambook.rules import AdaMax
from adambook.rules.rule import Rule
from adambook.theory import (
    adamax_extremal_gradients,
    adamax_step_bound,
    discounted_norm,
    step_sizes,
)

PAGE = "2_adam/07_adamax"
Costs = dict[float, list[float]]


@claim("C78", "equations 6 and 7", "theorem", PAGE)
def power_mean_unrolls(norm: Callable[..., float] = discounted_norm) -> Verdict:
    """With p in the place of 2, v_t is (1 - β2^p) times the sum of β2^(p(t-i)) |g_i|^p.

    Passes if five steps of the recursion with symbols give that sum exactly, and 50 steps in
    numbers give its p-th root to 1e-12 for p = 2, 3 and 10.
    """
    beta2, p = sympy.symbols("beta2 p", positive=True)
    sizes, v = sympy.symbols("g1:6", positive=True), sympy.Integer(0)
    for size in sizes:
        v = beta2**p * v + (1 - beta2**p) * size**p
    terms = [beta2 ** (p * (5 - i)) * x**p for i, x in enumerate(sizes, start=1)]
    rest = sympy.simplify(v - (1 - beta2**p) * sum(terms))
    g, errors = gaussian((50,), seed=78), []
    for power in (2, 3, 10):
        b, number = 0.9**power, 0.0
        for x in np.abs(g):
            number = b * number + (1 - b) * x**power
        errors.append(abs(norm(g, 0.9, power) / number ** (1 / power) - 1))
    return decide(
        rest == 0 and max(errors) <= 1e-12,
        Measured("difference as an expression", str(rest)),
        Measured("largest relative error for p = 2, 3, 10", max(errors), 1),
        yes="the recursion unrolls to it",
        no="recursion and sum differ",
    )


@claim("C79", "section 7.1", "measurement", PAGE)
def large_powers_are_unstable(norm: Callable[..., float] = discounted_norm) -> Verdict:
    """For large p these rules are numerically unstable.

    Passes if |g|^p leaves float64 and float32 for p below 200 and no way of computing it is
    stable; counts as partly true if scaling by the largest term first is exact to 1e-9 at
    p = 1000.
    """
    first = {
        f"{dtype.__name__}, |g| = {size:g}": _first_lost(size, dtype)
        for dtype in (np.float64, np.float32)
        for size in (1e-3, 1e3)
    }
    one = norm(np.array([1e-3, 1e3]), 0.9, 1000.0)
    with_logarithms = math.exp(math.log(-math.expm1(1000 * math.log(0.9))) / 1000) * 1e3
    error = abs(one / with_logarithms - 1)
    evidence = (
        *(Measured(f"first p at which |g|^p is 0 or infinite, {n}", p) for n, p in first.items()),
        Measured("relative error of the scaled form at p = 1000", error),
    )
    if max(first.values()) >= 200:
        return Verdict("FALSE", "powers stay in range", evidence)
    if not error <= 1e-9:
        return Verdict("TRUE", "no form tried is stable", evidence)
    return Verdict(
        "PARTLY",
        "an artefact of taking the powers as written: with the largest term taken out it is exact",
        evidence,
        part="as the formula is written",
    )


def _first_lost(size: float, dtype: Any) -> int:
    """Return the first p at which size^p is 0 or infinite."""
    with np.errstate(all="ignore"):
        powers = dtype(size) ** np.arange(1, 1000, dtype=dtype)
    return int(np.argmax((powers == 0) | np.isinf(powers))) + 1


@claim("C80", "equations 8 to 11", "theorem", PAGE)
def power_means_go_to_the_maximum(norm: Callable[..., float] = discounted_norm) -> Verdict:
    """As p grows, the p-th root of v_t goes to the largest of β2^(t-i) |g_i|.

    Passes if for 200 gradients it comes nearer with every doubling of p from 2 to 512 and is
    within 1e-6 of it at p = 10 million.
    """
    g = gaussian((200,), seed=80)
    u = float(np.max(0.99 ** np.arange(199, -1, -1.0) * np.abs(g)))
    values = [norm(g, 0.99, p) for p in 2.0 ** np.arange(1, 10)]
    far = abs(norm(g, 0.99, 1e7) / u - 1)
    gaps = np.abs(np.array(values) - u)
    return decide(
        bool(np.all(np.diff(gaps) < 0)) and far <= 1e-6,
        Measured("the maximum", u, 1),
        *(
            Measured(f"root at p = {p}", v, 1)
            for p, v in zip((2, 32, 512), (values[0], values[4], values[8]), strict=True)
        ),
        Measured("relative difference at p = 1e7", far, 1),
        yes="it does",
        no="the limit is another one",
    )


@claim("C81", "equation 12", "theorem", PAGE)
def maximum_has_a_recursion(rule: type[Rule] = AdaMax) -> Verdict:
    """That maximum is u_t = max(β2 u_(t-1), |g_t|), from u_0 = 0.

    Passes if the rule's u equals the maximum of discounted gradients for 20 sequences of 100, to
    1e-12.
    """
    g = gaussian((100, 20), seed=81)
    adamax = rule(epsilon=0.0)  # type: ignore[call-arg]
    state = adamax.init(g[0])
    for row in g:
        _, state = adamax.update(row, state, row)
    want = (0.999 ** np.arange(99, -1, -1.0)[:, None] * np.abs(g)).max(axis=0)
    error = float(np.abs(state[-1] / want - 1).max())
    with np.errstate(all="ignore"):
        stuck, _ = adamax.update(np.zeros(1), adamax.init(np.zeros(1)), np.zeros(1))
    return decide(
        error <= 1e-12,
        Measured("largest relative error", error, 1),
        Measured("step while all gradients are 0", str(stuck[0])),
        yes="exact; without an ε it is 0/0 until the first gradient that is not 0",
        no="the recursion gives another number",
    )


@claim("C82", "section 7.1", "measurement", PAGE)
def maximum_needs_no_correction(rule: type[Rule] = AdaMax) -> Verdict:
    """The maximum u needs no correction for its start at 0.

    Passes if constant gradients give u = |g| from the first step, and for standard normal ones the
    mean of u has settled (within 10 % of its limit) by step 10; counts as partly true if only the
    first holds.
    """
    adamax, theta = rule(epsilon=0.0), np.zeros(1)  # type: ignore[call-arg]
    _, state = adamax.update(np.full(1, 0.7), adamax.init(theta), theta)
    exact = float(state[-1][0]) == 0.7
    u, means = np.zeros(20_000), {}
    rng, state = np.random.default_rng(82), adamax.init(u)
    for t in range(1, 4001):
        if t in (1001, 2001, 3001):
            u, state = u[:2000], type(state)(state.t, *(x[:2000] for x in state[1:]))
        g = rng.standard_normal(len(u))
        _, state = adamax.update(g, state, u)
        if t in (1, 10, 100, 4000):
            means[t] = float(state[-1].mean())
    ratio = means[4000] / means[1]
    evidence = (
        *(Measured(f"mean of u at t = {t}", value, 1) for t, value in means.items()),
        Measured("mean at t = 4000 over mean at t = 1", ratio, 1),
    )
    if not exact:
        return Verdict("FALSE", "constant gradients do not give u = |g|", evidence)
    if means[10] >= 0.9 * means[4000]:
        return Verdict("TRUE", "u starts where it stays", evidence)
    return Verdict(
        "PARTLY",
        "u is not drawn to 0, but it keeps growing: early steps are several times later ones",
        evidence,
        part="nothing has to be divided out; u is not stationary",
    )


@claim("C83", "section 7.1, end", "theorem", PAGE)
def adamax_steps_stay_below_alpha(bound: float = 1.0) -> Verdict:
    """A step of AdaMax is never longer than α.

    Passes if gradients that shrink by β2 a step keep it (to 1e-9) at the defaults, at β2 = 0.99 and
    0.95.
    """
    found = {}
    for beta2 in (0.999, 0.99, 0.95):
        g = adamax_extremal_gradients(0.9, beta2, 1000)
        found[beta2] = step_sizes(AdaMax(1.0, 0.9, beta2, epsilon=0.0), g)
    return decide(
        all(sizes.max() <= bound * (1 + 1e-9) for sizes in found.values()),
        Measured("second step for g = (1, 0.999), in α, minus 1", float(found[0.999][1]) - 1),
        *(Measured(f"longest step, β2 = {b}, in α", float(s.max())) for b, s in found.items()),
        Measured("exact supremum at the defaults, in α", adamax_step_bound(0.9, 0.999, math.inf)),
        yes="they keep it",
        no="exceeded by 0.9 % at the defaults, by 90 % at β2 = 0.95, without limit at β1 ≥ β2",
    )


ADAMAX_GRIDS = {
    "MNIST regression": "ledger-adamax",
    "multilayer network, 10 epochs": "ledger-adamax-network",
}
"""The records of AdaMax over a grid of step sizes, by the problem."""


@claim("C84", "Algorithm 2", "experiment", PAGE)
def adamax_defaults_are_good(
    records: Records | None = None, costs: Callable[..., Costs] = final_costs
) -> Verdict:
    """Good settings of AdaMax for the paper's problems are α = 0.002, β1 = 0.9, β2 = 0.999.

    Passes if on the paper's MNIST regression and on its multilayer network AdaMax at α = 0.002
    ends within 10 % of the best constant step size of its grid. Failing on one is enough against
    it.
    """
    records, columns = records or Records(), {"paper-like": ABSENT, "tuned": ABSENT}
    alphas = (2e-4, 6e-4, 2e-3, 6e-3, 2e-2, 6e-2, 2e-1, 6e-1, 2.0)
    mean = {a: float(np.mean(c)) for a, c in costs(AdaMax, alphas, seeds=range(3)).items()}
    on_digits = Measured("digits: default over best", mean[2e-3] / min(mean.values()), 3)
    regrets = {}
    for title, name in ADAMAX_GRIDS.items():
        if records.has(name):
            finals = compare.final_costs(records.rows(name))
            table = finals.pivot_table(index="seed", columns="alpha", values="final").dropna()
            best = table.mean().idxmin()
            name = f"{title}: default over best (α = {best:g})"
            regrets[title] = over_seeds(name, table[2e-3] / table[best])
    evidence = (*regrets.values(), on_digits)
    good = [float(found.value) <= 1.1 for found in regrets.values()]
    digits = "; and far above it on the digits" if float(on_digits.value) > 1.1 else ""
    if len(good) == 2 or not all(good):
        column = "TRUE" if all(good) else "NOT SUPPORTED"
        return Verdict(
            column,
            f"within 10 % of the best on both{digits}"
            if all(good)
            else f"more than 10 % above the best on one of {len(good)} recorded{digits}",
            evidence, columns={**columns, "defaults": column},
        )  # fmt: skip
    return Verdict(
        "INCONCLUSIVE",
        f"{len(good)} of two problems are recorded, and the default is good there"
        if good
        else "none of the two problems is recorded",
        evidence,
        needs="adambook run ledger-adamax: 20 minutes of one core, ledger-adamax-network: 38",
        columns={**columns, "defaults": "INCONCLUSIVE"},
    )
