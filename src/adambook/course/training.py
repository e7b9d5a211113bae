"""Assignment 4: a cost with its gradient, a training loop, and a fair choice of step size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import AdaGrad, Adam, Nesterov, models
from adambook.course.faults import PART, Fault, agree, knows_only_the_example, probe
from adambook.course.formulas import Guess, formula
from adambook.models.logistic_regression import log_probabilities
from adambook.rules.rule import Rule

Answer = Callable[..., Any]
Array = NDArray[Any]
CLASSES = 4


def cost_and_gradient(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(theta, x, y)` → (cost, gradient) of softmax regression.

    Topics: `cost`, `gradient`, `stable`, `arguments`.

    >>> def stub(**arguments):
    ...     raise NotImplementedError
    >>> cost_and_gradient(stub, example={})[0].message
    'This part has not been answered yet.'
    """
    small, large = _examples(seed), _examples(seed, scale=1e4)
    values, faults = probe(answer, small, [(), small["theta"].shape])
    if values is None or any(fault.topic == PART for fault in faults):
        return faults
    right = models.cost_and_gradient(**small)
    if not all(map(agree, values, right)) and example and _right_on(answer, example):
        return [knows_only_the_example()]
    faults += _named("cost", values[0], right[0], _wrong_costs(small, right[0]))
    faults += _named("gradient", values[1], right[1], _wrong_gradients(small, right[1]))
    with np.errstate(all="ignore"):
        found, new = probe(answer, large, [(), large["theta"].shape])
    if found is None or not np.all(np.isfinite(found[0])):
        message = (
            "Large logits overflow: exp(1000) is infinite. Subtract the largest logit of each "
            "example first; the probabilities stay the same."
        )
        faults.append(Fault("stable", message))
    return faults


def training(
    answer: Answer, own_cost: Answer, *, seed: int = 0, example: Mapping[str, Any]
) -> list[Fault]:
    """Return the faults of `answer(rule, x, y, batches)`, the cost of each batch before its step.

    What is right for the student's own cost and gradient is right. Topics: `loop`, `batches`.

    >>> def lazy(rule, x, y, batches):
    ...     theta = np.zeros((int(y.max()) + 1, x.shape[1]))
    ...     rows = (models.cost_and_gradient(theta, x[batch], y[batch])[0] for batch in batches)
    ...     return np.array(list(rows))
    >>> training(lazy, models.cost_and_gradient, example={})[0].message
    'θ never moves: add the step that the rule returns.'
    """
    runs = list(_runs(seed))
    own: list[Array] = []
    for arguments in runs:
        values, faults = probe(answer, arguments, [None])
        if values is None or any(fault.topic == PART for fault in faults):
            return faults
        own.append(values[0])
    for cost in (models.cost_and_gradient, own_cost):
        if _all_agree(own, runs, cost):
            return []
    for habit, (topic, message) in _HABITS.items():
        for cost in (models.cost_and_gradient, own_cost):
            if _all_agree(own, runs, cost, habit):
                return [Fault(topic, message)]
    if example:
        values, _ = probe(answer, example, [None])
        if values is not None and _all_agree([values[0]], [example], models.cost_and_gradient):
            return [knows_only_the_example()]
    message = "These are not the costs of the batches, and no classic mistake explains them."
    return [Fault("loop", message), Fault("batches", message)]


def best_step_size(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of `answer(alphas, costs)`, the step size whose last cost is lowest.

    Row k of `costs` belongs to `alphas[k]`; a run that diverged holds NaN or an infinity. The
    topic is `choice`.

    >>> best_step_size(lambda alphas, costs: alphas[costs[:, -1].argmin()], example={})[0].message
    'A run that diverged is chosen: NaN and infinities have to be left out.'
    """

    def chosen(score: Callable[[Array], Array]) -> Answer:
        return lambda alphas, costs: alphas[int(np.argmin(score(costs)))]

    def usable(costs: Array) -> Array:
        return np.where(np.isfinite(costs), costs, np.inf)

    guesses = [
        Guess(
            "choice",
            "A run that diverged is chosen: NaN and infinities have to be left out.",
            chosen(lambda costs: costs[:, -1]),
        ),
        Guess(
            "choice",
            "The lowest cost of the first epoch is chosen; the last one counts.",
            chosen(lambda costs: usable(costs[:, 0])),
        ),
        Guess(
            "choice",
            "The lowest cost at any time is chosen, even of a run that went up again.",
            chosen(lambda costs: usable(costs).min(axis=1)),
        ),
        Guess(
            "choice",
            "The largest of the last costs is chosen.",
            chosen(lambda costs: -np.where(np.isfinite(costs[:, -1]), costs[:, -1], -np.inf)),
        ),
        Guess(
            "choice",
            "This is the index of the step size, and not the step size.",
            lambda alphas, costs: float(np.argmin(usable(costs[:, -1]))),
        ),
        Guess(
            "choice",
            "This is the lowest cost, and not the step size that reaches it.",
            lambda alphas, costs: usable(costs[:, -1]).min(),
        ),
    ]
    rng = np.random.default_rng([seed, 43])
    probes = []
    for best in (2, 3, 4):
        alphas = np.sort(rng.uniform(0.001, 1, 6))
        costs = rng.uniform(0.5, 2.3, (6, 4))
        costs[0, 0], costs[1, 1], costs[5, 1:] = 0.2, 0.1, np.nan
        lowest = int(costs[:5, -1].argmin())
        costs[[lowest, best], -1] = costs[[best, lowest], -1]
        costs[best, :-1] += 2  # its sum is not the lowest
        probes.append({"alphas": alphas, "costs": costs})
    right = chosen(lambda costs: usable(costs[:, -1]))
    return formula(answer, right, probes, guesses, topics=["choice"], example=example)


def _examples(seed: int, scale: float = 1.0) -> dict[str, Any]:
    rng = np.random.default_rng([seed, 41])
    x = np.concatenate([rng.normal(size=(9, 3)), np.ones((9, 1))], axis=1)
    theta = scale * rng.normal(size=(CLASSES, 4))
    return {"theta": theta, "x": x, "y": rng.permutation(np.arange(9) % CLASSES)}


def _right_on(answer: Answer, example: Mapping[str, Any]) -> bool:
    values, _ = probe(answer, example, [None, None])
    right = models.cost_and_gradient(**example)
    return values is not None and all(map(agree, values, right))


def _named(topic: str, own: Any, right: Any, wrong: Mapping[str, Any]) -> list[Fault]:
    """Return the fault whose wrong value the own one is."""
    if agree(own, right):
        return []
    for message, value in wrong.items():
        if agree(own, value):
            return [Fault(topic, message)]
    return [Fault(topic, f"The {topic} is wrong, and no classic mistake explains it.")]


def _wrong_costs(given: Mapping[str, Any], right: Any) -> dict[str, Any]:
    n, classes = len(given["y"]), len(given["theta"])
    return {
        "The cost is the sum over the examples, and their mean is asked.": right * n,
        "The cost is negative: it is minus the mean of log p.": -right,
        "The logarithm has base 2; the natural one is asked.": right / np.log(2),
        "The mean goes over classes too: only the right class of each example counts.": (
            right / classes
        ),
    }


def _wrong_gradients(given: Mapping[str, Any], right: Any) -> dict[str, Any]:
    n = len(given["y"])
    probabilities = np.exp(log_probabilities(given["theta"][None], given["x"]))[:, 0]
    return {
        "The gradient is the sum over the examples, and the cost is a mean.": right * n,
        "The gradient has the wrong sign: it is p - 1 for the right class, and not 1 - p.": -right,
        "The 1 of the right class is not subtracted from p.": probabilities.T @ given["x"] / n,
    }


def _runs(seed: int) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng([seed, 42])
    x = np.concatenate([rng.normal(size=(12, 2)), np.ones((12, 1))], axis=1)
    y = rng.permutation(np.arange(12) % CLASSES)
    for rule in (Nesterov(alpha=0.3, mu=0.8), AdaGrad(alpha=0.4), Adam(alpha=0.2, beta2=0.9)):
        order = rng.permutation(12)
        yield {"rule": rule, "x": x, "y": y, "batches": order.reshape(4, 3)}


_HABITS = {
    "still": ("loop", "θ never moves: add the step that the rule returns."),
    "uphill": ("loop", "The step is subtracted. It points downhill already: add it."),
    "forgets": (
        "loop",
        "The rule starts anew at every step: hand in the state that it returned.",
    ),
    "after": ("loop", "The cost is measured after the step. It is asked before it."),
    "whole": ("batches", "All examples are used in every step, and not those of the batch."),
    "first": ("batches", "The first batch is used in every step."),
    "consecutive": (
        "batches",
        "The batches are taken in the order of the data: use the rows that are named.",
    ),
}


def _all_agree(
    own: Sequence[Array], runs: Sequence[Mapping[str, Any]], cost: Answer, habit: str = ""
) -> bool:
    try:
        return all(agree(a, _costs(cost, habit, **r)) for a, r in zip(own, runs, strict=True))
    except Exception:  # the student's own cost fails: its part says why
        return False


def _costs(
    cost: Answer, habit: str, rule: Rule, x: Array, y: Array, batches: Sequence[Array]
) -> Array:
    """Return the costs that a loop with this habit measures."""
    theta = np.zeros((int(y.max()) + 1, x.shape[1]))
    state, costs = rule.init(theta), []
    consecutive = np.arange(np.size(batches)).reshape(np.shape(batches))
    rows: Any = {"first": [batches[0]] * len(batches), "consecutive": consecutive}
    for batch in rows.get(habit, batches):
        part = slice(None) if habit == "whole" else batch
        before, gradient = cost(theta, x[part], y[part])
        old = rule.init(theta) if habit == "forgets" else state
        delta, state = rule.update(np.asarray(gradient), old, theta)
        if habit != "still":
            theta = theta - delta if habit == "uphill" else theta + delta
        costs.append(cost(theta, x[part], y[part])[0] if habit == "after" else before)
    return np.array(costs)
