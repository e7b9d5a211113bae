"""Assignment 5: gradients that break Adam, and how much they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import Adam, theory
from adambook.course.faults import PART, Fault, probe
from adambook.course.formulas import Guess, formula
from adambook.problems import LinearSequence

Answer = Callable[..., Any]
Array = NDArray[Any]
LONGEST = 20_000
"""Gradients that a sequence may have."""


def breaking_gradients(answer: Answer, *, seed: int = 0) -> list[Fault]:
    """Return the faults of `answer(beta1, beta2)`, gradients in [-1, 1] with a long step.

    The real rule is run on them. Topics: `longer` (a step is longer than α) and `longest` (it
    has nine tenths of the length that a jump after a long silence reaches).

    >>> breaking_gradients(lambda beta1, beta2: np.ones(100))[0].message
    'Constant gradients make steps of exactly α: no step is longer.'
    """
    rng = np.random.default_rng([seed, 51])
    pairs = [(0.9, 0.999), (rng.uniform(0.8, 0.9), rng.uniform(0.99, 0.997))]
    ratios = []
    for beta1, beta2 in pairs:
        values, faults = probe(answer, {"beta1": beta1, "beta2": beta2}, [None])
        if values is None or any(fault.topic == PART for fault in faults):
            return faults
        g = values[0]
        wrong = _form(g)
        if wrong:
            return [Fault(PART, wrong)]
        if np.all(g == g[0]):
            message = "Constant gradients make steps of exactly α: no step is longer."
            return [Fault("longer", message), Fault("longest", message)]
        rule = Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=1e-8)
        longest = float(theory.step_sizes(rule, g).max())
        if longest <= 1 + 1e-6:
            message = f"The longest step on these gradients is {longest:.3g} α: not above α."
            return [Fault("longer", message), Fault("longest", message)]
        ratios.append(longest / theory.uncorrected_peak(beta1, beta2).value)
        if ratios[-1] < 0.9:
            return [Fault("longest", _why_short(g, longest, beta1, beta2))]
    return []


def slopes(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(C, rounds)`, the slopes of the counterexample.

    The topic is `slopes`.

    >>> slopes(lambda C, rounds: np.full(rounds, -1.0), example={})[0].message
    'The large slope C is missing: it comes at t = 1, 4, 7, …'
    """

    def right(C: float, rounds: int) -> Array:
        sequence = LinearSequence(C=C)
        return np.array([sequence.slope(t) for t in range(1, rounds + 1)])

    guesses = [
        Guess(
            "slopes",
            "The large slope C is missing: it comes at t = 1, 4, 7, …",
            lambda C, rounds: np.full(rounds, -1.0),
        ),
        Guess(
            "slopes",
            "The large slope comes at t = 3, 6, 9, …, and has to come first.",
            lambda C, rounds: right(C, rounds + 1)[1:],
        ),
        Guess(
            "slopes",
            "The large slope comes at t = 2, 5, 8, …, and has to come first.",
            lambda C, rounds: right(C, rounds + 2)[2:],
        ),
        Guess("slopes", "The signs are turned round.", lambda C, rounds: -right(C, rounds)),
        Guess(
            "slopes",
            "The small slope is +1, and -1 is asked.",
            lambda C, rounds: np.abs(right(C, rounds)),
        ),
    ]
    rng = np.random.default_rng([seed, 52])
    probes = [{"C": float(rng.uniform(2.5, 9)), "rounds": rounds} for rounds in (7, 11)]
    return formula(answer, right, probes, guesses, topics=["slopes"], example=example)


def average_regret(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(points, slopes)`, the average regret on [-1, 1].

    The topic is `regret`.

    >>> average_regret(lambda points, slopes: np.mean(points * slopes), example={})[0].message
    'These are the losses alone: subtract those of the best fixed point.'
    """

    def right(points: Array, slopes: Array) -> Any:
        best = -np.sign(slopes.sum())
        return theory.regret(points * slopes, best * slopes)[-1] / len(points)

    guesses = [
        Guess(
            "regret",
            "These are the losses alone: subtract those of the best fixed point.",
            lambda points, slopes: np.mean(points * slopes),
        ),
        Guess(
            "regret",
            "This is the regret of all rounds together: divide by their number.",
            lambda points, slopes: right(points, slopes) * len(points),
        ),
        Guess(
            "regret",
            "Every round has a best point of its own here; one fixed point has to serve all.",
            lambda points, slopes: np.mean(points * slopes + np.abs(slopes)),
        ),
        Guess(
            "regret",
            "The losses are compared with those of the worst fixed point, and not of the best.",
            lambda points, slopes: np.mean((points - np.sign(slopes.sum())) * slopes),
        ),
        Guess(
            "regret",
            "The sign is turned round: regret is ours minus the best.",
            lambda points, slopes: -right(points, slopes),
        ),
    ]
    rng = np.random.default_rng([seed, 53])
    probes = []
    for n, sign in ((6, 1.0), (9, -1.0)):  # the best point is -1 once, and 1 once
        points, slopes = rng.uniform(-1, 1, n), rng.normal(sign, 2, n)
        slopes *= sign * np.sign(slopes.sum())
        probes.append({"points": points, "slopes": slopes})
    return formula(answer, right, probes, guesses, topics=["regret"], example=example)


def _form(g: Array) -> str:
    """Say what is wrong with a sequence of gradients, or nothing."""
    if g.ndim != 1 or not 1 <= g.size <= LONGEST:
        return f"The gradients must be one row of 1 to {LONGEST} numbers, got shape {g.shape}."
    if not np.all(np.abs(g) <= 1):
        return "A gradient lies outside [-1, 1]."
    return ""


def _why_short(g: Array, longest: float, beta1: float, beta2: float) -> str:
    peak = theory.uncorrected_peak(beta1, beta2).value
    nonzero = np.flatnonzero(np.abs(g) > 1e-3)
    text = f"The longest step is {longest:.3g} α, and {peak:.3g} α can be had."
    if len(nonzero) == 1:
        return text + " One spike is not enough: let several large gradients follow each other."
    if len(nonzero) and nonzero[0] < 2 / (1 - beta2):
        return text + " The silence before the jump is too short: v has not forgotten its start."
    return text
