"""Assignment 3: weights, the start without correction, and how far one step can go."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import Adam, theory
from adambook.course.faults import PART, Fault, probe
from adambook.course.formulas import Guess, formula

Answer = Callable[..., Any]
Array = NDArray[Any]


def weights(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(beta, t)`, the weights of g_1, …, g_t in m_t.

    The topic is `weights`.

    >>> weights(lambda beta, t: theory.average_weights(beta, t)[::-1], example={})[0].message
    'The order is turned round: the newest gradient has the largest weight, and comes last.'
    """
    right = theory.average_weights
    guesses = [
        Guess(
            "weights",
            "The order is turned round: the newest gradient has the largest weight, and comes "
            "last.",
            lambda beta, t: right(beta, t)[::-1],
        ),
        Guess(
            "weights",
            "These are the weights in the corrected m̂: they sum to 1. Those of m sum to 1-β^t.",
            lambda beta, t: right(beta, t) / right(beta, t).sum(),
        ),
        Guess(
            "weights",
            "The factor 1-β is missing.",
            lambda beta, t: right(beta, t) / (1 - beta),
        ),
        Guess(
            "weights",
            "The power is one too large: the newest gradient has the weight 1-β.",
            lambda beta, t: beta * right(beta, t),
        ),
        Guess(
            "weights",
            "β and 1-β have changed places.",
            lambda beta, t: right(1 - beta, t),
        ),
        Guess(
            "weights",
            "All weights are the same: this average forgets nothing.",
            lambda beta, t: np.full(t, 1 / t),
        ),
    ]
    rng = np.random.default_rng([seed, 31])
    probes = [{"beta": rng.uniform(0.6, 0.9), "t": t} for t in (6, 1, 9)]
    return formula(answer, right, probes, guesses, topics=["weights"], example=example)


def uncorrected_step(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(beta1, beta2, t)`: |Δ_t|/α without correction, g constant.

    The topic is `step`.

    >>> uncorrected_step(lambda beta1, beta2, t: 1.0, example={})[0].message
    'The step is 1 at every t with bias correction. Without it, it is not.'
    """
    right = theory.uncorrected_step
    guesses = [
        Guess(
            "step",
            "The step is 1 at every t with bias correction. Without it, it is not.",
            lambda beta1, beta2, t: 1.0,
        ),
        Guess(
            "step",
            "The fraction is upside down: m is in the numerator.",
            lambda beta1, beta2, t: 1 / right(beta1, beta2, t),
        ),
        Guess(
            "step",
            "The root of v is missing.",
            lambda beta1, beta2, t: right(beta1, 0.0, t) * right(0.0, beta2, t) ** 2,
        ),
        Guess(
            "step",
            "This is the step after one spike, as long as t = 1: the powers β^t are missing.",
            lambda beta1, beta2, t: right(beta1, beta2, 1),
        ),
        Guess(
            "step",
            "The two decay factors have changed places.",
            lambda beta1, beta2, t: right(beta2, beta1, t),
        ),
        Guess(
            "step",
            "t is counted from zero here.",
            lambda beta1, beta2, t: right(beta1, beta2, t + 1),
        ),
    ]
    return formula(answer, right, _pairs(seed), guesses, topics=["step"], example=example)


def uncorrected_peak(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(beta1, beta2)`: the longest such step, as t and length.

    The topic is `peak`.

    >>> uncorrected_peak(lambda beta1, beta2: np.array([1.0, 1.0]), example={})[0].topic
    'peak'
    """

    def largest(beta1: float, beta2: float, first: int = 1, most: int = 400) -> Array:
        sizes = [theory.uncorrected_step(beta1, beta2, t) for t in range(1, most)]
        best = int(np.argmax(sizes))
        return np.array([best + first, sizes[best]])

    guesses = [
        Guess(
            "peak",
            "t is counted from zero: np.argmax gives 0 for the first step.",
            lambda beta1, beta2: largest(beta1, beta2, first=0),
        ),
        Guess(
            "peak",
            "This is the first step. The longest one comes later.",
            lambda beta1, beta2: largest(beta1, beta2, most=2),
        ),
        Guess(
            "peak",
            "The search ends at step 10, before the longest step.",
            lambda beta1, beta2: largest(beta1, beta2, most=11),
        ),
        Guess(
            "peak",
            "The two numbers have changed places: t comes first.",
            lambda beta1, beta2: largest(beta1, beta2)[::-1],
        ),
    ]
    rng = np.random.default_rng([seed, 33])
    probes = [
        {"beta1": float(rng.uniform(*one)), "beta2": float(rng.uniform(*two))}
        for one, two in (((0.88, 0.92), (0.998, 0.9995)), ((0.92, 0.95), (0.99, 0.999)))
    ]
    return formula(answer, largest, probes, guesses, topics=["peak"], example=example)


def step_bound(
    answer: Answer, own_weights: Answer, *, seed: int = 0, example: Mapping[str, Any]
) -> list[Fault]:
    """Return the faults of `answer(beta1, beta2, t)`: the largest |Δ_t|/α, for ε = 0.

    The topic is `bound`. What is right for the student's own weights is right.

    >>> step_bound(theory.spike_step, theory.average_weights, example={})[0].message
    'This is the step after one late spike. Other gradients make longer steps.'
    """
    right = theory.step_bound

    def by_own_weights(beta1: float, beta2: float, t: int) -> Any:
        try:
            a, b = (np.asarray(own_weights(beta, t)) for beta in (beta1, beta2))
        except Exception:  # the weights' own part says what is wrong with them
            return np.inf
        return np.sqrt(np.sum((a / a.sum()) ** 2 / (b / b.sum())))

    guesses = [
        Guess(
            "bound",
            "This is the paper's bound. It is the step after one late spike, and not the largest.",
            lambda beta1, beta2, t: theory.paper_step_bound(beta1, beta2),
        ),
        Guess(
            "bound",
            "This is the step after one late spike. Other gradients make longer steps.",
            theory.spike_step,
        ),
        Guess(
            "bound",
            "This is the square of the bound: the root is missing.",
            lambda beta1, beta2, t: right(beta1, beta2, t) ** 2,
        ),
        Guess(
            "bound",
            "This bound is for weights without correction: a and b have to sum to 1.",
            lambda beta1, beta2, t: (
                right(beta1, beta2, t) * theory.uncorrected_step(beta1, beta2, t)
            ),
        ),
        Guess(
            "bound",
            "This is the limit for t → ∞ at every t.",
            lambda beta1, beta2, t: right(beta1, beta2, math.inf),
        ),
        Guess(
            "bound",
            "The two decay factors have changed places.",
            lambda beta1, beta2, t: right(beta2, beta1, t),
        ),
        Guess(
            "bound",
            "No step is longer than α only where β1 = β2.",
            lambda beta1, beta2, t: 1.0,
        ),
        Guess(
            "bound",
            "t is one too large here.",
            lambda beta1, beta2, t: right(beta1, beta2, t + 1),
        ),
    ]
    accepted = [right, by_own_weights]
    return formula(answer, accepted, _pairs(seed), guesses, topics=["bound"], example=example)


def extremal_gradients(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(beta1, beta2, t)`, gradients whose last step is the longest.

    Any multiple of the extremal sequence is right: the real rule is run on it. The topic is
    `extremal`.

    >>> extremal_gradients(lambda beta1, beta2, t: np.ones(t), example={})[0].message
    'Constant gradients make steps of exactly α, and no longer ones.'
    """
    wrong: dict[str, Callable[..., Array]] = {
        "Constant gradients make steps of exactly α, and no longer ones.": (
            lambda beta1, beta2, t: np.ones(t)
        ),
        "This is one late spike. Other gradients make a longer step.": (
            lambda beta1, beta2, t: np.eye(t)[-1]
        ),
        "The gradients shrink. They have to grow: the order is turned round.": (
            lambda beta1, beta2, t: theory.extremal_gradients(beta1, beta2, t)[::-1]
        ),
        "These gradients grow by 1/β1 a step, and have to grow by β2/β1.": (
            lambda beta1, beta2, t: beta1 ** -np.arange(t, dtype=np.float64)
        ),
        "These gradients grow by (β2/β1)² a step, which is too fast.": (
            lambda beta1, beta2, t: theory.extremal_gradients(beta1, beta2, t) ** 2
        ),
    }
    answers: list[Array] = []
    for arguments in _pairs(seed):
        values, faults = probe(answer, arguments, [(arguments["t"],)])
        if values is None or any(fault.topic == PART for fault in faults):
            return faults
        answers.append(values[0])
    reached = [_is_reached(g, **p) for g, p in zip(answers, _pairs(seed), strict=True)]
    if all(reached):
        return []
    for message, sequence in wrong.items():
        pairs = zip(answers, _pairs(seed), strict=True)
        if all(_is_multiple(g, sequence(**p)) for g, p in pairs):
            return [Fault("extremal", message)]
    if any(reached) or _knows_example(answer, example):
        return [Fault(PART, "The gradients are right for some decay factors and no others.")]
    return [Fault("extremal", "The last step of these gradients is shorter than the bound.")]


def _is_reached(g: Array, beta1: float, beta2: float, t: int) -> bool:
    rule = Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=0.0)
    with np.errstate(all="ignore"):
        last = theory.step_sizes(rule, g)[-1]
    return bool(np.isclose(last, theory.step_bound(beta1, beta2, t), rtol=1e-8))


def _is_multiple(g: Array, sequence: Array) -> bool:
    size = np.linalg.norm(g) * np.linalg.norm(sequence)
    return bool(np.isclose(abs(g @ sequence), size, rtol=1e-9) and size > 0)


def _knows_example(answer: Answer, example: Mapping[str, Any]) -> bool:
    if not example:
        return False
    values, _ = probe(answer, example, [(example["t"],)])
    return values is not None and _is_reached(values[0], **example)


def _pairs(seed: int) -> list[dict[str, Any]]:
    """Return decay factors and steps, both with and without β1² < β2."""
    rng = np.random.default_rng([seed, 32])
    return [
        {"beta1": float(rng.uniform(*one)), "beta2": float(rng.uniform(*two)), "t": t}
        for one, two, t in (
            ((0.75, 0.9), (0.95, 0.99), 12),
            ((0.9, 0.95), (0.5, 0.7), 7),
            ((0.3, 0.5), (0.9, 0.999), 5),
        )
    ]
