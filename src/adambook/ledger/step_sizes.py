"""Section 2.1, second part: how long steps are, what they allow to plan, what they signal."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import minimize
from adambook.ledger.claim import Measured, Verdict, claim, decide, mean_of
from adambook.ledger.runs_on_digits import network_path, softmax_path
from adambook.ledger.sequences import follow, gaussian
from adambook.problems import noisy_gradients
from adambook.rules import Adam
from adambook.rules.rule import Rule
from adambook.theory import (
    corrected_moments,
    extremal_gradients,
    fewest_steps,
    normalised_step_floor,
    normalised_step_rms,
    travel_bound,
)

PAGE = "2_adam/05_step_bound"
SIGNAL = "2_adam/04_update_rule"
Steps = dict[str, list[NDArray[np.float64]]]
SEEDS = range(3)


@lru_cache(maxsize=1)
def steps_in_training() -> Steps:
    """Return |Δ|/α of every coordinate that moved, by seed, in ten epochs of two real problems."""
    paths = {"softmax regression": softmax_path, "network": network_path}
    sizes = {
        name: [np.abs(np.diff(follow(Adam(), 10, seed), axis=0)).ravel() / 1e-3 for seed in SEEDS]
        for name, follow in paths.items()
    }
    return {name: [run[run > 1e-9] for run in runs] for name, runs in sizes.items()}


def shares(found: Steps, what: str, test: Callable[[Any], Any]) -> dict[str, Measured]:
    """Return, by problem, the share of steps that a test holds for, with an interval over seeds."""
    return {
        name: mean_of(f"{name}: {what}", [float(np.mean(test(run))) for run in runs])
        for name, runs in found.items()
    }


def _above(found: dict[str, Measured], limit: float) -> bool:
    """Say whether every interval lies above a limit."""
    return all(number.interval is not None and number.interval[0] > limit
               for number in found.values())  # fmt: skip


@claim("C24", "section 2.1", "measurement", PAGE)
def ratio_is_about_one(sizes: Callable[[], Steps] = steps_in_training) -> Verdict:
    """Usually the ratio of the mean to the root is about ±1, for |E[g]| is at most √E[g²].

    Passes if the inequality holds for every sequence tried (to 1e-12), and in training on two small
    problems more than half of all steps of a coordinate have a ratio above 0.5 (95 % intervals, 3
    seeds).
    """
    g = gaussian((50, 20_000), seed=24) + np.linspace(-2, 2, 20_000)
    equal = corrected_moments(g, 0.9, 0.9)
    jensen = float((np.abs(equal.m_hat) / np.sqrt(equal.v_hat)).max())
    found = sizes()
    share = shares(found, "share of steps above α/2", lambda run: run > 0.5)
    evidence = (
        Measured("largest |mean|/root with the same weights for both", jensen, 1),
        *share.values(),
        *(mean_of(f"{n}: median step, in α", [np.median(run) for run in runs])
          for n, runs in found.items()),
    )  # fmt: skip
    if jensen > 1 + 1e-12:
        return Verdict("FALSE", "the inequality fails", evidence)
    if _above(share, 0.5):
        return Verdict("TRUE", "the inequality holds and most steps are near α", evidence)
    return Verdict(
        "PARTLY",
        "the inequality is exact, but in training more than half of the steps are shorter than α/2",
        evidence,
        part="|E[g]| ≤ √E[g²]",
    )


@claim("C25", "section 2.1", "measurement", PAGE)
def steps_are_hardly_longer_than_alpha(sizes: Callable[[], Steps] = steps_in_training) -> Verdict:
    """Steps are about α at most.

    Passes if in training on two small problems 99 % of all steps of a coordinate are within
    1.05 α (95 % intervals, 3 seeds).
    """
    found = sizes()
    within = shares(found, "share within 1.05 α", lambda run: run <= 1.05)
    return decide(
        _above(within, 0.99),
        *within.values(),
        *(Measured(f"{n}: longest, in α", max(float(run.max()) for run in runs), len(runs))
          for n, runs in found.items()),
        yes="as a statement on most steps it holds; the longest are several α",
        no="on one of two small problems more than one step in a hundred is longer",
        unless="NOT SUPPORTED",
    )  # fmt: skip


@claim("C26", "section 2.1", "theorem", PAGE)
def alpha_is_the_radius_of_a_trust_region(radius: Callable[..., float] = travel_bound) -> Verdict:
    """α sets up a region around the present point beyond which a step does not go.

    Passes if no gradients lead further than α a step; counts as partly true if α times the exact
    supremum S_t is a radius that is kept and reached (to 1e-12).
    """
    alpha, T = 0.01, 500
    g = -extremal_gradients(0.9, 0.999, T)
    travelled = float(follow(Adam(alpha=alpha, epsilon=0.0), g)[-1])
    bound = radius(alpha, 0.9, 0.999, T)
    evidence = (
        Measured("travel in 500 steps, in α", travelled / alpha),
        Measured("α times the sum of S_t, in α", bound / alpha),
        Measured("relative difference", abs(travelled / bound - 1)),
    )
    if travelled <= alpha * T:
        return Verdict("TRUE", "no step goes beyond α", evidence)
    if abs(travelled / bound - 1) > 1e-12:
        return Verdict("FALSE", "neither α nor the radius given is kept", evidence)
    return Verdict(
        "PARTLY",
        "the radius is α S_t for each coordinate: a box, kept and reached, without a test of merit",
        evidence,
        part="with α S_t in the place of α",
    )


@claim("C27", "section 2.1", "theorem", PAGE)
def steps_to_an_optimum_can_be_planned(rule: type[Adam] = Adam) -> Verdict:
    """With the optimum at a known distance D, about D/α steps reach it: α can be set ahead.

    Passes if |θ - D| is solved to 1e-6 in D/α steps ± 1 for four distances, and none of 2000
    random sequences travels a distance in fewer steps than the exact bound allows.
    """
    alpha, misses = 0.01, []
    for steps in (10, 50, 100, 500):
        distance = alpha * steps
        path = minimize(rule(alpha=alpha), partial(_towards, distance), np.zeros(()), 600)
        misses.append(abs(int(np.argmax(path >= distance - 1e-6)) - steps))
    g = gaussian((100, 2000), seed=27) * 10 ** gaussian((100, 2000), seed=28)
    reach = np.abs(follow(rule(alpha=1.0, epsilon=0.0), g)[-1])
    farthest = float(reach.max()) / travel_bound(1.0, 0.9, 0.999, 100)
    return decide(
        max(misses) <= 1 and farthest <= 1,
        Measured("largest miss of D/α, in steps", max(misses)),
        Measured("farthest of 2000 random sequences over the bound", farthest, 1),
        Measured("fewest steps for a distance of 1000 α", fewest_steps(1.0, 0.001, 0.9, 0.999)),
        yes="D/α where the sign of the gradient does not change; in order of magnitude else",
        no="the number of steps is not D/α",
    )


def _towards(distance: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gradient of |θ - D|."""
    return np.asarray(np.sign(x - distance))


@claim("C28", "section 2.1", "measurement", SIGNAL)
def ratio_measures_certainty(limit: Callable[..., float] = normalised_step_rms) -> Verdict:
    """The ratio is a signal-to-noise ratio: the less certain the direction, the smaller the step.

    Passes if for noisy gradients its root mean square is √((s² + ρ)/(s² + 1)), s = μ/σ and
    ρ = (1 - β1)/(1 + β1), within 3 % at β2 = 0.999 for five s, and so grows with s.
    """
    signals, measured, expected = (0.0, 0.1, 0.3, 1.0, 3.0), [], []
    noise = gaussian((2500, 1500), seed=28)
    for s in signals:
        moments = corrected_moments(s + noise, 0.9, 0.999)
        measured.append(float(np.sqrt(np.mean(moments.m_hat[-1] ** 2 / moments.v_hat[-1]))))
        expected.append(limit(s, 1.0, 0.9))
    errors = [abs(m / e - 1) for m, e in zip(measured, expected, strict=True)]
    return decide(
        max(errors) <= 0.03 and measured == sorted(measured),
        Measured("largest relative error over five signals", max(errors), 1),
        *(Measured(f"ratio at μ/σ = {s}", m, 1) for s, m in zip(signals, measured, strict=True)),
        yes="it grows with the certainty, between a floor and 1; it is not μ/σ itself",
        no="the ratio does not follow the certainty",
    )


@claim("C29", "section 2.1", "measurement", SIGNAL)
def steps_anneal_by_themselves_near_an_optimum(
    floor: Callable[[float], float] = normalised_step_floor,
) -> Verdict:
    """Near an optimum the ratio typically falls towards 0, and so do the steps: they anneal.

    Passes if on a noisy quadratic the ratio falls below 0.05; counts as partly true if it falls
    to a floor above 0, √((1 - β1)/(1 + β1)), within 10 %.
    """
    ratios = {}
    for beta1 in (0.0, 0.9):
        rng = np.random.default_rng(29)
        rule = Adam(alpha=1e-3, beta1=beta1, epsilon=0.0)
        path = minimize(rule, noisy_gradients(lambda x: x, 1.0, rng), np.full(200, 0.1), 6000)
        moves = np.diff(path[4000:], axis=0) / 1e-3
        ratios[beta1] = float(np.sqrt(np.mean(moves**2)))
    evidence = (
        Measured("ratio at the optimum, β1 = 0.9", ratios[0.9], 1),
        Measured("floor √((1 - β1)/(1 + β1)) at β1 = 0.9", floor(0.9)),
        Measured("ratio at the optimum, β1 = 0", ratios[0.0], 1),
    )
    if ratios[0.9] < 0.05:
        return Verdict("TRUE", "the steps vanish", evidence)
    if abs(ratios[0.9] / floor(0.9) - 1) > 0.1:
        return Verdict("FALSE", "the ratio does not fall to the floor given", evidence)
    return Verdict(
        "PARTLY",
        "it falls to a floor and stays: with β1 = 0 there is no annealing at all",
        evidence,
        part="the ratio falls, to √((1 - β1)/(1 + β1)) and not to 0",
    )


@claim("C30", "section 2.1", "theorem", SIGNAL)
def steps_ignore_the_scale_of_the_gradients(rule: type[Rule] = Adam) -> Verdict:
    """Multiplying all gradients by one constant cancels in the ratio and changes no step.

    Passes if 200 steps on g and on c g agree to 1e-12 at the default ε for c from 1e-8 to 1e8;
    counts as partly true if only at ε = 0.
    """
    scales = 10.0 ** np.arange(-8, 9, 4)
    g = np.repeat(gaussian((200, 1), seed=30), len(scales), axis=1)
    errors = {}
    for epsilon in (0.0, 1e-8):
        adam = rule(alpha=1.0, epsilon=epsilon)  # type: ignore[call-arg]
        paths = [follow(adam, given) for given in (g, g * scales)]
        errors[epsilon] = float(np.abs(np.diff(paths[0], axis=0) - np.diff(paths[1], axis=0)).max())
    tiny = np.full(1, 1e-23, np.float32)
    evidence = (
        Measured("largest difference of a step at ε = 0, in α", errors[0.0], 1),
        Measured("at ε = 1e-8, in α", errors[1e-8], 1),
        Measured("1e-23 squared in float32", float(tiny[0] ** 2)),
    )
    if errors[0.0] <= 1e-12 < errors[1e-8]:
        return Verdict(
            "PARTLY",
            "exact at ε = 0; ε, and squares that underflow, give the gradients a scale",
            evidence,
            part="for ε = 0",
        )
    return decide(
        max(errors.values()) <= 1e-12,
        *evidence,
        yes="the steps agree",
        no="the steps change with the scale even at ε = 0",
    )
