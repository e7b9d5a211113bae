"""Assignment 1: descent, the heavy ball, and averages that forget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import SGD, Adam, Momentum, theory
from adambook.course.adam_slips import FED_BACK
from adambook.course.faults import Fault
from adambook.course.formulas import Guess, formula
from adambook.course.loops import loop
from adambook.course.slips import Slip, with_slips

Answer = Callable[..., Any]
Array = NDArray[Any]

_UPHILL = Slip("update", "The path goes uphill: the gradient is subtracted.", (("-c.", "c."),))
_DESCENT = (
    _UPHILL,
    Slip("update", "The step size α is missing.", (("-c.alpha * g", "-g"),)),
    Slip(
        "update",
        "Every step has the length α: the gradient's sign is used, and not the gradient.",
        (("-c.alpha * g", "-c.alpha * g / xp.abs(g)"),),
    ),
)
_MOMENTUM = (
    _UPHILL,
    Slip(
        "update",
        "m is an average, with the weight 1-μ for the new gradient. The heavy ball sums: "
        "the new gradient has the weight 1.",
        (("c.mu * m + g", "c.mu * m + (1 - c.mu) * g"),),
    ),
    Slip(
        "update",
        "This is Nesterov's form: the step adds the gradient once more.",
        (("-c.alpha * m", "-c.alpha * (g + c.mu * m)"),),
    ),
    Slip(
        "update",
        "The old m is not multiplied by μ: nothing is ever forgotten.",
        (("c.mu * m + g", "m + g"),),
    ),
)


def descent(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a student's gradient descent; see `loop`.

    Topics: `update`, `loop`, `path`, `arguments`.

    >>> def still(grad, theta0, steps, alpha):
    ...     return np.array([theta0] * steps)
    >>> len(descent(still, example={}))
    3
    """
    rule = SGD(alpha=0.2)
    return loop(answer, rule, names=["alpha"], slips=_DESCENT, seed=seed, example=example)


def momentum(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a student's heavy ball; topics as for `descent`.

    >>> def plain(grad, theta0, steps, alpha, mu):
    ...     path = [theta0]
    ...     for _ in range(steps):
    ...         path.append(path[-1] - alpha * grad(path[-1]))
    ...     return np.array(path)
    >>> momentum(plain, example={})[0].message
    'The state starts anew at every step: what a step returns has to go into the next one.'
    """
    rule = Momentum(alpha=0.1, mu=0.7)
    return loop(answer, rule, names=["alpha", "mu"], slips=_MOMENTUM, seed=seed, example=example)


def moving_average(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a student's uncorrected average of shape (T,).

    Topics: `weights`, `start`, `arguments`.

    >>> moving_average(lambda x, beta: np.cumsum(x), example={})[0].topic
    'start'
    """
    guesses = [
        Guess(
            "weights",
            "β and 1-β have changed places: β multiplies the old average.",
            lambda x, beta: _average(x, 1 - beta),
        ),
        Guess(
            "weights",
            "The new value has the weight 1 in place of 1-β: this is a sum, no average.",
            lambda x, beta: _average(x, beta) / (1 - beta),
        ),
        Guess(
            "weights",
            "This is the plain mean of all values so far: nothing is forgotten.",
            lambda x, beta: np.cumsum(x) / np.arange(1, len(x) + 1),
        ),
        Guess(
            "start",
            "The average starts at the first value. It has to start at a_0 = 0.",
            lambda x, beta: x[0] + _average(x - x[0], beta),
        ),
        Guess(
            "start",
            "The list begins with a_0 = 0 and lacks the last average: a_1 comes first.",
            lambda x, beta: np.concatenate([[0.0], _average(x, beta)[:-1]]),
        ),
        Guess(
            "start",
            "The list begins with a_0 = 0: it has one entry too many.",
            lambda x, beta: np.concatenate([[0.0], _average(x, beta)]),
        ),
        Guess(
            "start",
            "These are the corrected averages; the correction belongs to the next part.",
            _corrected,
        ),
        Guess("start", "Only the last average is returned.", lambda x, beta: _average(x, beta)[-1]),
    ]
    topics = ["start", "weights"]
    return formula(answer, _average, _series(seed), guesses, topics=topics, example=example)


def corrected_average(
    answer: Answer, own_average: Answer, *, seed: int = 0, example: Mapping[str, Any]
) -> list[Fault]:
    """Return the faults of a student's corrected average; the topic is `correction`.

    What is right for the student's own uncorrected average is right.

    >>> from adambook.theory import moving_average
    >>> def uncorrected(x, beta):
    ...     return moving_average(x, beta, corrected=False)
    >>> corrected_average(uncorrected, uncorrected, example={})[0].message
    'These are the averages without correction.'
    """

    def own(x: Array, beta: float) -> Any:
        try:
            return np.asarray(own_average(x.copy(), beta)) / _shares(x, beta)
        except Exception:  # the average's own part says what is wrong with it
            return np.inf

    def fed_back(x: Array, beta: float) -> Array:
        rule = with_slips(Adam(beta1=beta), FED_BACK)
        state, theta, found = rule.init(x[:1]), x[:1], []
        for value in x:
            _, state = rule.update(np.array([value]), state, theta)
            found.append(state.m[0])
        return np.array(found)

    def shifted(by: int) -> Answer:
        return lambda x, beta: _average(x, beta) / (1 - beta ** (np.arange(len(x)) + by))

    guesses = [
        Guess("correction", "These are the averages without correction.", _average),
        Guess(
            "correction",
            "Every average is divided by 1-β. The sum of its weights is 1-β^t.",
            lambda x, beta: _average(x, beta) / (1 - beta),
        ),
        Guess(
            "correction",
            "The correction counts t from zero, and divides the first average by 0.",
            shifted(0),
        ),
        Guess("correction", "The correction counts one step too many.", shifted(2)),
        Guess(
            "correction",
            "The correction uses β·t where β to the power t is meant.",
            lambda x, beta: _average(x, beta) / (1 - beta * np.arange(1, len(x) + 1)),
        ),
        Guess(
            "correction",
            "The average is multiplied by 1-β^t, and has to be divided by it.",
            lambda x, beta: _average(x, beta) * _shares(x, beta),
        ),
        Guess(
            "correction",
            "The corrected average goes into the next step: the recursion runs on the "
            "uncorrected one.",
            fed_back,
        ),
    ]
    right, probes = [_corrected, own], _series(seed)
    return formula(answer, right, probes, guesses, topics=["correction"], example=example)


def _average(x: Array, beta: float) -> Array:
    return theory.moving_average(x, beta, corrected=False)


def _corrected(x: Array, beta: float) -> Array:
    return theory.moving_average(x, beta, corrected=True)


def _shares(x: Array, beta: float) -> Any:
    """The sums 1-β^t of the weights, by the average of ones."""
    return _average(np.ones(len(x)), beta)


def _series(seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng([seed, 3])
    return [{"x": rng.normal(2, 1, n), "beta": beta} for n, beta in ((7, 0.8), (3, 0.35))]
