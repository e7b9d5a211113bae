"""Section 3: what an average from zero expects, and what correcting it does."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy
from numpy.typing import NDArray

from adambook import symbolic
from adambook.ledger.claim import Measured, Verdict, claim, decide
from adambook.ledger.sequences import gaussian, worst_z
from adambook.rules import Adam, AdamReordered
from adambook.rules.rule import Rule
from adambook.theory import (
    average_weights,
    corrected_moments,
    drift_residual,
    drift_residual_bound,
    moving_average,
    uncorrected_peak,
    uncorrected_step,
)

PAGE = "2_adam/06_bias_correction"
STEPS = np.arange(1, 51)
DRIFTS = {
    "constant": np.full(50, 4.0),
    "rising": 1 + 0.1 * STEPS,
    "jump": np.where(STEPS <= 25, 1.0, 9.0),
}
"""Second moments E[g_t²] of three kinds of gradients."""


@claim("C31", "equation 1", "theorem", PAGE)
def second_moment_is_a_weighted_sum(rule: type[Rule] = Adam) -> Verdict:
    """v_t is (1 - β2) times the sum of β2^(t-i) g_i².

    Passes if the rule, run on symbols for five steps, gives that sum exactly.
    """
    beta2, v, g = (symbolic.symbol(name) for name in ("beta2", "v", "g"))
    step, gradients = symbolic.expressions(rule)["v"], sympy.symbols("g1:6", real=True)
    average = sympy.Integer(0)
    for x in gradients:
        average = step.subs({v: average, g: x}, simultaneous=True)
    terms = [beta2 ** (5 - i) * x**2 for i, x in enumerate(gradients, start=1)]
    rest = sympy.expand(average - (1 - beta2) * sum(terms))
    return decide(
        rest == 0,
        Measured("difference of the two, as an expression", str(rest)),
        yes="the recursion unrolls to it",
        no="the recursion is another one",
    )


@claim("C32", "equations 2 to 4", "theorem", PAGE)
def expected_second_moment_has_a_known_rest(
    residual: Callable[..., float] = drift_residual,
) -> Verdict:
    """E[v_t] is E[g_t²] (1 - β2^t) plus a rest ζ that is 0 for stationary gradients.

    Passes if over 20,000 runs of correlated gradients whose second moment is constant, rises or
    jumps, the mean of v is that with the exact ζ, |z| < 4, and ζ keeps the bound L β2/(1 - β2),
    to 1e-12.
    """
    noise = gaussian((50, 20_000), seed=32)
    for t in range(1, 50):
        noise[t] = 0.8 * noise[t - 1] + 0.6 * noise[t]
    worst, kept = {}, []
    for name, moments in DRIFTS.items():
        zeta = np.array([residual(moments[:t], 0.9) for t in STEPS])
        v = moving_average(moments[:, None] * noise**2, 0.9, corrected=False)
        worst[name] = worst_z(v, moments * (1 - 0.9**STEPS) + zeta)
        speed = float(np.abs(np.diff(moments)).max())
        kept.append(float(np.abs(zeta).max()) <= drift_residual_bound(0.9, speed, math.inf) + 1e-12)
    return decide(
        max(worst.values()) < 4 and all(kept),
        *(Measured(f"worst |z| of the mean of v, {name}", z, 1) for name, z in worst.items()),
        yes="with ζ written out it is exact; independence of the gradients is not needed",
        no="the mean of v is not the one claimed",
    )


@claim("C33", "section 3", "theorem", PAGE)
def rest_is_small_for_a_suitable_decay(residual: Callable[..., float] = drift_residual) -> Verdict:
    """ζ is 0 for a stationary second moment, and can be kept small by the choice of the decay rate.

    Passes if ζ is 0 without drift, ζ/(1 - β2^t) is the smaller the shorter the memory of v under
    drift, and the mean squared error of v̂ is smallest at a memory inside the range tried. (The
    paper prints β1 for β2.)
    """
    still = abs(residual(np.full(500, 3.0), 0.999))
    memory = np.geomspace(5, 1000, 15)
    drift = 1 + 1e-3 * np.arange(1499, -1, -1.0)
    bias, variance = [], []
    for beta2 in 1 - 1 / memory:
        b = average_weights(beta2, 1500) / (1 - beta2**1500)
        bias.append(residual(drift, beta2) / (1 - beta2**1500))
        variance.append(float(np.sum(b**2 * 2 * drift**2)))
    error = np.square(bias) + variance
    best = int(error.argmin())
    return decide(
        still == 0 and bool(np.all(np.diff(np.abs(bias)) > 0)) and 0 < best < 14,
        Measured("ζ without drift", still),
        Measured("ζ/(1 - β2^t) at a memory of 5 steps, second moment falling by 0.001", bias[0]),
        Measured("the same at 1000 steps", bias[-1]),
        Measured("memory with the smallest mean squared error, in steps", float(memory[best])),
        yes="true with β2 in the place of the printed β1; noise asks for the opposite of drift",
        no="ζ does not behave as claimed",
    )


@claim("C34", "section 3", "measurement", PAGE)
def correction_removes_the_bias(rule: type[Adam] = Adam) -> Verdict:
    """Dividing by 1 - β2^t (and m by 1 - β1^t) removes the bias of the start.

    Passes if over 20,000 runs the means of v̂ and m̂ are E[g²] and E[g] at each of 50 steps,
    |z| < 4.
    """
    g = 1.0 + gaussian((50, 20_000), seed=34)
    state, z = rule().init(g[0]), []
    with np.errstate(all="ignore"):
        for row in g:
            _, state = rule().update(row, state, row)
            c = rule().constants(state.t)
            z += [worst_z(state.m / c.correction1, 1.0), worst_z(state.v / c.correction2, 2.0)]
    noise = corrected_moments(gaussian((200, 20_000), seed=35), 0.9, 0.999).v_hat
    lean = np.mean(1 / np.sqrt(noise[[4, 199]]), axis=1)
    return decide(
        bool(np.nanmax(z) < 4 and np.all(np.isfinite(z))),
        Measured("worst |z| over 50 steps of both", float(np.max(z)), 1),
        Measured("mean of 1/√v̂ for standard normal g, t = 5", float(lean[0]), 1),
        Measured("the same at t = 200", float(lean[1]), 1),
        yes="m̂ and v̂ are unbiased; the root and the quotient that the step takes are not",
        no="a corrected moment is still biased",
    )


@claim("C35", "section 3", "theorem", PAGE)
def without_correction_first_steps_are_too_long(
    factor: Callable[[float, float, int], float] = uncorrected_step,
) -> Verdict:
    """With the long memory of v that sparse gradients need, uncorrected first steps are too long.

    Passes if without correction steps for constant gradients are (1 - β1^t)/√(1 - β2^t) times α
    to 1e-12, above 2 at the peak for each β2 ≥ 0.99 tried, and more so for longer memories.
    (The paper prints "small β2" for small 1 - β2.)
    """
    t, errors, peaks = np.arange(1, 101), [], {}
    for beta1 in (0.0, 0.9):
        for beta2 in (0.99, 0.999, 0.9999):
            want = np.array([factor(beta1, beta2, int(n)) for n in t])
            have = _uncorrected_steps(beta1, beta2, len(t))
            errors.append(float(np.abs(have / want - 1).max()))
            peaks[beta1, beta2] = uncorrected_peak(beta1, beta2)
    grows = all(
        peaks[b, 0.99].value < peaks[b, 0.999].value < peaks[b, 0.9999].value for b in (0.0, 0.9)
    )
    return decide(
        max(errors) <= 1e-12 and grows and min(p.value for p in peaks.values()) > 2,
        Measured("largest relative error of 100 steps at six pairs", max(errors)),
        *(
            Measured(f"peak at β = {pair}, in α, at t = {peak.t}", peak.value)
            for pair, peak in peaks.items()
        ),
        yes="the excess is exact; with β1 > 0 it peaks after a dozen steps, not at the first",
        no="the first steps are not as long as claimed",
    )


def _uncorrected_steps(beta1: float, beta2: float, steps: int) -> NDArray[np.float64]:
    """Return |m_t|/√v_t for constant gradients: the state of the rule, nothing corrected."""
    rule = AdamReordered(beta1=beta1, beta2=beta2, epsilon=0.0)
    state, sizes = rule.init(np.ones(1)), []
    for _ in range(steps):
        _, state = rule.update(np.ones(1), state, np.ones(1))
        sizes.append(float(state.m[0] / math.sqrt(state.v[0])))
    return np.array(sizes)
