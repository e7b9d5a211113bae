"""Section 2.1, first part: the two bounds on a step, and when they are reached."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adambook.ledger.claim import Measured, Verdict, claim, decide
from adambook.ledger.sequences import gaussian
from adambook.rules import Adam
from adambook.theory import (
    corrected_moments,
    extremal_gradients,
    paper_step_bound,
    spike_step,
    step_bound,
    step_sizes,
    uncorrected_peak,
)

PAGE = "2_adam/05_step_bound"
Bound = Callable[[float, float], float]


def adam(beta1: float, beta2: float) -> Adam:
    """Adam whose steps are multiples of α = 1, and whose ε is too small to matter."""
    return Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=0.0)


def excess(bound: Bound, beta1: float, beta2: float, steps: int) -> tuple[float, int]:
    """Return the largest step over the bound along growing gradients, and the first above it."""
    g = extremal_gradients(beta1, beta2, steps)
    with np.errstate(all="ignore"):
        sizes = step_sizes(adam(beta1, beta2), g)
    sizes = np.where(g**2 > 1e-290, sizes, 0.0)  # older squares underflow, and v with them
    above = sizes > bound(beta1, beta2) * (1 + 1e-9)
    first = int(np.argmax(above)) + 1 if above.any() else 0
    return float(sizes.max()) / bound(beta1, beta2), first


@claim("C19", "section 2.1", "definition", PAGE)
def step_is_alpha_times_the_ratio_of_moments(rule: type[Adam] = Adam) -> Verdict:
    """Without ε, a step is α times the corrected mean over the corrected root.

    Passes if 200 steps equal that ratio to 1e-12.
    """
    g = gaussian((200, 4), seed=19)
    moments = corrected_moments(g, 0.9, 0.999)
    sizes = step_sizes(rule(alpha=0.5, epsilon=0.0), g)
    error = float(np.abs(sizes - np.abs(moments.m_hat) / np.sqrt(moments.v_hat)).max())
    return decide(
        error <= 1e-12,
        Measured("largest difference, in α", error, 1),
        yes="it is, by definition",
        no="the step is another one",
    )


@claim("C20", "section 2.1", "theorem", PAGE)
def first_bound_holds(bound: Bound = paper_step_bound) -> Verdict:
    """If 1 - β1 > √(1 - β2), no step is longer than α (1 - β1)/√(1 - β2).

    Passes if gradients that grow by β2/β1 a step do not exceed it (by more than 1e-9) at the
    defaults and three more such pairs.
    """
    pairs = [(0.9, 0.999), (0.9, 0.9999), (0.5, 0.999), (0.0, 0.999)]
    found = {pair: excess(bound, *pair, 3000) for pair in pairs}
    largest, first = found[pairs[0]]
    return decide(
        all(t == 0 for _, t in found.values()),
        Measured("largest step at the defaults over the bound", largest),
        Measured("first step that exceeds it, defaults", first),
        Measured("exact supremum at the defaults, in α", step_bound(0.9, 0.999, math.inf)),
        Measured("the paper's bound at the defaults, in α", bound(0.9, 0.999)),
        *(
            Measured(f"largest of 3000 steps over the bound, β = {p}", found[p][0])
            for p in pairs[1:]
        ),
        yes="no sequence tried exceeds it",
        no="growing gradients exceed it at all three pairs with β1 > 0, as chapter 5 proves for "
        "every β1 > 0; at β1 = 0 it holds",
    )


@claim("C21", "section 2.1", "theorem", PAGE)
def second_bound_holds(bound: Bound = paper_step_bound) -> Verdict:
    """If 1 - β1 ≤ √(1 - β2), no step is longer than α.

    Passes if gradients that change by β2/β1 a step do not exceed it (by more than 1e-9) at four
    such pairs.
    """
    pairs = [(0.9, 0.95), (0.9, 0.9), (0.9, 0.82), (0.9, 0.8)]
    found = {pair: excess(bound, *pair, 400) for pair in pairs}
    return decide(
        all(t == 0 for _, t in found.values()),
        *(
            Measured(f"largest step in 400, β = {pair}, over the bound", found[pair][0])
            for pair in pairs
        ),
        Measured("exact supremum at β = (0.9, 0.95), in α", step_bound(0.9, 0.95, math.inf)),
        yes="no sequence tried exceeds it",
        no="it fails at all three pairs with β1 ≠ β2, as chapter 5 proves for every such pair; "
        "without limit once β1 ≥ √β2",
    )


@claim("C22", "section 2.1", "theorem", PAGE)
def sparsity_is_the_worst_case(
    spike: Callable[[float, float, float], float] = spike_step,
) -> Verdict:
    """The longest steps come from a gradient that was zero at every step but the present one.

    Passes if at the defaults no other gradients tried make a longer step (by more than 1e-9) than
    a single spike.
    """
    alone = spike(0.9, 0.999, math.inf)
    quiet = np.zeros(8000)
    peak = uncorrected_peak(0.9, 0.999)
    quiet[-int(peak.t) :] = 1.0
    constant = step_sizes(Adam(alpha=1.0, epsilon=1e-300), quiet)[-1]
    with np.errstate(all="ignore"):  # the oldest gradients underflow
        growing = step_sizes(adam(0.9, 0.999), extremal_gradients(0.9, 0.999, 5000))[-1]
    return decide(
        max(constant, growing) <= alone * (1 + 1e-9),
        Measured("a spike after endless zeros, in α", alone),
        Measured(f"zeros, then {peak.t} equal gradients, in α", float(constant)),
        Measured("gradients that grow by 11 % a step, in α", float(growing)),
        Measured("a spike at step 100, in α", spike_step(0.9, 0.999, 100)),
        yes="the spike is the longest step found",
        no="for β1 > 0 growth is the worst case; twelve equal gradients after quiet beat one",
    )


@claim("C23", "section 2.1", "theorem", PAGE)
def ratio_is_below_one_where_the_cases_meet(rule: Callable[[float, float], Adam] = adam) -> Verdict:
    """If 1 - β1 = √(1 - β2), the ratio of the mean to the root stays below 1.

    Passes if it is below 1 at β = (0.9, 0.99) for one gradient, for g = (10/11, 1), and for
    gradients that grow.
    """
    one = float(step_sizes(rule(0.9, 0.99), np.array([1.0]))[0])
    two = float(step_sizes(rule(0.9, 0.99), np.array([10 / 11, 1.0]))[1])
    grown = step_sizes(rule(0.9, 0.99), extremal_gradients(0.9, 0.99, 2000))
    return decide(
        max(one, two, float(grown.max())) < 1,
        Measured("ratio at the first step", one),
        Measured("ratio after g = (10/11, 1)", two),
        Measured("largest ratio of 2000 growing gradients", float(grown.max())),
        Measured("exact supremum", step_bound(0.9, 0.99, math.inf)),
        yes="it stays below 1",
        no="the first step has ratio 1 exactly, and two gradients suffice to exceed it",
    )
