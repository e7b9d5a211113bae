"""Section 4 and the appendix: regret, its lemmas, the theorem, the corollary."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import sympy
from numpy.typing import NDArray

from adambook import minimize
from adambook.ledger.claim import Measured, Verdict, claim, decide
from adambook.ledger.sequences import gaussian
from adambook.problems import ClippedSequence
from adambook.rules import Adam
from adambook.rules.rule import Rule
from adambook.theory import (
    Moments,
    Sides,
    corrected_moments,
    lemma_10_3,
    lemma_10_4,
    paper_regret_bound,
    regret,
    repaired_lemma_10_3,
    repaired_lemma_10_4,
)

PAGE = "2_adam/08_convergence"
Array = NDArray[np.float64]
LAMBDA = sympy.Symbol("lambda", positive=True)


class Run(NamedTuple):
    """A run on `ClippedSequence`: regret and the theorem's right side at each horizon."""

    regret: Array
    bound: Array


def run_against_the_theorem(rule: type[Rule], C: float, alpha: float, horizons: range) -> Run:
    """Follow a rule with α/√t, β1 = 0, β2 = 1/(1 + C²) from 1, and price it by Theorem 4.1."""
    sequence, beta2, T = ClippedSequence(C=C), 1 / (1 + C**2), max(horizons)
    adam = rule(lambda t: alpha / math.sqrt(t), 0.0, beta2, epsilon=0.0)  # type: ignore[call-arg]
    path = minimize(adam, sequence.gradients(), np.array([1.0]), T)
    x = path[:T, 0]
    g = np.array([float(sequence.gradient(t, x[t - 1])) for t in range(1, T + 1)])
    v_hat = corrected_moments(g, 0.0, beta2).v_hat
    paid = regret(sequence.losses(path), sequence.comparator_losses(T))
    bounds = []
    for n in horizons:
        D = float(np.ptp(np.append(x[:n], sequence.comparator)))
        known = {"D": D, "D_inf": D, "G_inf": C, "alpha": alpha, "beta1": 0.0, "beta2": beta2}
        bounds.append(paper_regret_bound(g[:n], v_hat[n - 1], lam=0.01, **known))
    return Run(paid[np.array(horizons) - 1], np.array(bounds))


@claim("C36", "equation 5", "definition", PAGE)
def regret_compares_with_one_fixed_point(definition: Callable[..., Array] = regret) -> Verdict:
    """Regret is what was paid in all rounds minus what the best fixed point would have paid.

    Passes if on the sequence of chapter 8 it is that difference to 1e-12, and no fixed point of a
    grid would have paid less than the comparator.
    """
    sequence, T = ClippedSequence(C=3.0), 60
    path = minimize(Adam(alpha=0.1), sequence.gradients(), np.array([1.0]), T)
    paid = definition(sequence.losses(path), sequence.comparator_losses(T))[-1]
    grid = np.linspace(-3, 3, 601)
    totals = np.sum([sequence.loss(t, grid) for t in range(1, T + 1)], axis=0)
    direct = sum(float(sequence.loss(t, path[t - 1, 0])) for t in range(1, T + 1)) - totals.min()
    return decide(
        abs(paid - direct) <= 1e-12 * abs(direct),
        Measured("regret after 60 rounds", float(paid)),
        Measured("difference from the definition written out", float(abs(paid - direct))),
        yes="it is the definition; Algorithm 1 has no projection onto the set it mentions",
        no="the function is not the regret that equation 5 defines",
    )


Convex = dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]]
CONVEX: Convex = {
    "|x|": (np.abs, np.sign),
    "x²": (lambda x: x**2, lambda x: 2 * x),
    "log(1 + e^x)": (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
    "max(x, -1)": (lambda x: np.maximum(x, -1.0), lambda x: np.where(x > -1, 1.0, 0.0)),
}


@claim("C37", "Definition 10.1, Lemma 10.2", "theorem", PAGE)
def convex_functions_lie_above_their_tangents(functions: Convex | None = None) -> Verdict:
    """A convex function lies nowhere below any of its tangents.

    Passes if no pair among 200 points breaks it by more than 1e-12 for four convex functions, while
    sin, which is not convex, breaks it by more than 1.
    """
    x = np.linspace(-5, 5, 200)

    def gap(f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> float:
        tangent = f(x)[:, None] + slope(x)[:, None] * (x[None, :] - x[:, None])
        return float((f(x)[None, :] - tangent).min())

    gaps = {name: gap(*pair) for name, pair in (functions or CONVEX).items()}
    control = gap(np.sin, np.cos)
    return decide(
        min(gaps.values()) >= -1e-12 and control < -1,
        *(Measured(f"smallest f - tangent, {name}", value) for name, value in gaps.items()),
        Measured("smallest f - tangent, sin (not convex)", control),
        yes="it does, by the definition of convexity",
        no="a function lies below a tangent",
    )


def _kept(sides: Sides) -> bool:
    """Say whether left ≤ right, but for rounding."""
    return sides.left <= sides.right * (1 + 1e-12)


@claim("C38", "Lemma 10.3", "theorem", PAGE)
def lemma_10_3_holds(lemma: Callable[..., Sides] = lemma_10_3) -> Verdict:
    """The sum of |g_t|/√t is at most 2 G∞ times the norm of the gradients.

    Passes if g = (0.1), G∞ = 0.1, and g_t = 1/√t for 31 rounds, G∞ = 1, keep it (to 1e-12).
    """
    decaying = 1 / np.sqrt(np.arange(1, 32))
    small, slow = lemma([0.1], 0.1), lemma(decaying, 1.0)
    trials = [repaired_lemma_10_3(g) for g in gaussian((1000, 50), seed=38)]
    worst = max(sides.left / sides.right for sides in trials)
    return decide(
        _kept(small) and _kept(slow),
        Measured("left side, g = 0.1", small.left),
        Measured("right side, g = 0.1", small.right),
        Measured("left side, g_t = 1/√t, T = 31", slow.left),
        Measured("right side, g_t = 1/√t, T = 31", slow.right),
        Measured("repaired lemma: largest left/right in 1000 trials", worst, 1),
        yes="both sequences keep it",
        no="both break it; true is √H_T times the norm, without G∞",
    )


@claim("C39", "Lemma 10.4", "theorem", PAGE)
def lemma_10_4_holds(lemma: Callable[..., Sides] = lemma_10_4) -> Verdict:
    """The sum of m̂²/√(t v̂) is at most 2/((1 - γ)√(1 - β2)) times the norm, γ = β1²/√β2.

    Passes if g_t = 1/√t keeps it (to 1e-12) at β = (0, 1e-12), T = 31, and at (0, 0.01) and
    (0.1, 0.1), T = 100.
    """
    cases = {(0.0, 1e-12): 31, (0.0, 0.01): 100, (0.1, 0.1): 100}
    found = {b: lemma(1 / np.sqrt(np.arange(1, T + 1)), *b) for b, T in cases.items()}
    trials = [repaired_lemma_10_4(g, 0.9, 0.999) for g in gaussian((100, 50), seed=39)]
    worst = max(sides.left / sides.right for sides in trials)
    return decide(
        all(_kept(sides) for sides in found.values()),
        *(
            Measured(f"left over right side at β = {beta}", sides.left / sides.right)
            for beta, sides in found.items()
        ),
        Measured("repaired lemma: largest left/right in 100 trials", worst, 1),
        yes="the three cases keep it",
        no="broken by slowly falling gradients; the condition γ < 1 is not the right one either",
    )


@claim("C40", "Theorem 4.1", "theorem", PAGE)
def regret_theorem(rule: type[Rule] = Adam) -> Verdict:
    """For bounded gradients and iterates Adam's regret stays below a bound of the order √T.

    Passes if Algorithm 1, corrected and without projection, keeps the stated bound for 120 rounds
    of the convex sequence of chapter 8, for (C, α) = (3, 0.5) and (10, 0.3).
    """
    found = {
        (C, a): run_against_the_theorem(rule, C, a, range(1, 121))
        for C, a in ((3.0, 0.5), (10.0, 0.3))
    }
    evidence, kept = [], []
    for (C, alpha), run in found.items():
        above = np.flatnonzero(run.regret > run.bound)
        kept.append(not above.size)
        n = int(above[0]) if above.size else 119
        name = f"C = {C:g}, α = {alpha}"
        evidence += [
            Measured(f"{name}: first round above the bound", n + 1 if above.size else "none"),
            Measured(f"{name}: regret there", float(run.regret[n])),
            Measured(f"{name}: the bound there", float(run.bound[n])),
        ]
    return decide(
        all(kept),
        *evidence,
        yes="the bound is kept",
        no="violated at a finite T by the algorithm as printed, all conditions met",
    )


@claim("C41", "proof of Theorem 4.1", "measurement", PAGE)
def effective_step_size_never_grows(moments: Callable[..., Moments] = corrected_moments) -> Verdict:
    """The quotient √v̂_t/α_t, that is √(t v̂_t) over α, never falls, as the proof needs.

    Passes if t v̂_t falls by more than 1e-9 of its value in none of 10,000 steps of standard normal
    gradients.
    """
    g = gaussian((10_000, 4), seed=41)
    scale = np.arange(1, len(g) + 1)[:, None] * moments(g, 0.9, 0.999).v_hat
    falls = np.diff(scale, axis=0) < -1e-9 * scale[1:]
    return decide(
        not falls.any(),
        Measured("share of steps at which it falls, first 100", float(falls[:100].mean()), 1),
        Measured("share of steps at which it falls, after 5000", float(falls[5000:].mean()), 1),
        yes="it never falls",
        no="it falls in most steps once t exceeds 1/(1 - β2): the step that the proof gets wrong",
    )


@claim("C42", "proof of Theorem 4.1, end", "theorem", PAGE)
def root_is_below_the_gradient_bound_times_a_small_factor(
    moments: Callable[..., Moments] = corrected_moments,
) -> Verdict:
    """The root √v̂ is at most G∞ √(1 - β2), as the last term of the proof uses.

    Passes if constant gradients 1, for which G∞ = 1, keep it at β2 = 0.999.
    """
    root = float(np.sqrt(moments(np.ones(100), 0.9, 0.999).v_hat[-1]))
    return decide(
        root <= math.sqrt(1 - 0.999),
        Measured("√v̂ for constant gradients 1", root),
        Measured("G∞ √(1 - β2)", math.sqrt(1 - 0.999)),
        yes="it is kept",
        no="off by 1/√(1 - β2), 31.6 at the default; true is √v̂ ≤ G∞",
    )


@claim("C43", "proof of Theorem 4.1", "theorem", PAGE)
def analysed_mean_is_that_of_the_algorithm(lam: Any = LAMBDA) -> Verdict:
    """With a β1 that changes from step to step, m/(1 - β1^t) is an average, as the proof takes it.

    Passes if with β1,t = β1 λ^(t-1) the weights in m_t add up to 1 - β1^t, as they must for m̂ to
    be an average.
    """
    beta, m = sympy.Symbol("beta", positive=True), sympy.Integer(0)
    for t in range(1, 5):
        beta_t = beta * lam ** (t - 1)
        m = beta_t * m + (1 - beta_t)
    rest = sympy.factor(m - (1 - beta**4))
    size = float(rest.subs({beta: 0.9, LAMBDA: 1 - 1e-8}))
    return decide(
        rest == 0,
        Measured("sum of the weights at t = 4, minus 1 - β1^4", str(rest)),
        Measured("its size at β1 = 0.9, λ = 1 - 1e-8", size),
        yes="they do",
        no="the weights add up to 1 minus the product of all β1,s: small, but not Algorithm 1",
    )


@claim("C44", "proof of Theorem 4.1, end", "theorem", PAGE)
def proof_ends_in_the_bound_of_the_theorem(
    factor: Callable[[sympy.Expr], sympy.Expr] = lambda beta1: beta1,
) -> Verdict:
    """The last display of the proof is the bound that the theorem states.

    Passes if the third terms of the two are equal as formulas.
    """
    alpha, beta1 = sympy.symbols("alpha beta1", positive=True)
    stated = 1 / (2 * alpha * (1 - beta1) * (1 - LAMBDA) ** 2)
    printed = 1 / (2 * alpha * factor(beta1) * (1 - LAMBDA) ** 2)
    ratio = sympy.simplify(printed / stated)
    t = np.arange(1, 5001)
    b = 0.9 * 0.99 ** (t - 1)
    total = float(np.sum(b / (1 - b) * np.sqrt(t)))
    return decide(
        ratio == 1,
        Measured("third term of the proof over that of the theorem", str(ratio)),
        Measured("the same at β1 = 0.9", float(ratio.subs(beta1, 0.9)) if ratio != 1 else 1.0),
        Measured("the sum behind it, β1 = 0.9, λ = 0.99", total),
        Measured("what the theorem puts in its place", 1 / ((1 - 0.9) * (1 - 0.99) ** 2)),
        yes="they are the same",
        no="β1 stands where the theorem has 1 - β1: smaller by 9 at the default",
    )


@claim("C45", "section 4", "theorem", PAGE)
def bound_says_something_at_the_papers_lambda(lam: float = 1 - 1e-8) -> Verdict:
    """The bound holds with λ typically 1 - 1e-8.

    Passes if at the default α and β, with gradients and distances at most 1 and λ = 1 - 1e-8, the
    bound is below the trivial one, T, for some T up to 1e12; otherwise it is vacuous.
    """
    constants = {"alpha": 1e-3, "beta1": 0.9, "beta2": 0.999, "D": 1.0, "D_inf": 1.0, "G_inf": 1.0}
    at_rest = paper_regret_bound([1e-12], 1e-24, lam=lam, **constants)
    evidence = (
        Measured("the bound's third term, whatever the gradients", at_rest),
        Measured("trivial bound G∞ D∞ T at T = 1e12", 1e12),
    )
    if at_rest < 1e12:
        return Verdict("TRUE", "it is below the trivial bound from some T on", evidence)
    return Verdict("VACUOUS", "it exceeds what no method can exceed until T = 1e18", evidence)


@claim("C49", "Corollary 4.2", "theorem", PAGE)
def average_regret_goes_to_zero(rule: type[Rule] = Adam) -> Verdict:
    """Under the theorem's conditions the average regret goes to 0 like 1/√T.

    Passes if on the sequence of chapter 8, C = 3, the average regret after 6000 rounds is below
    half of that after 60.
    """
    sequence, T = ClippedSequence(C=3.0), 6000
    adam = rule(lambda t: 0.5 / math.sqrt(t), 0.0, 0.1, epsilon=0.0)  # type: ignore[call-arg]
    path = minimize(adam, sequence.gradients(), np.array([1.0]), T)
    average = regret(sequence.losses(path), sequence.comparator_losses(T)) / np.arange(1, T + 1)
    return decide(
        bool(average[-1] < average[59] / 2),
        Measured("average regret after 60 rounds", float(average[59])),
        Measured("average regret after 6000 rounds", float(average[-1])),
        Measured("its limit, (2C - 4)/3", (2 * 3.0 - 4) / 3),
        yes="it goes to 0",
        no="it stays at (2C - 4)/3: Algorithm 1 walks away from the best point",
    )
