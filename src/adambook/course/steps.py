"""One step of a rule, as a student writes it, and the mistake that is in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook import Adam, AdaMax, AMSGrad
from adambook.course import adam_slips
from adambook.course.faults import PART, Fault, agree, knows_only_the_example, probe
from adambook.course.slips import Slip, wrong_rules
from adambook.rules.rule import Rule

STEPS, SIZES = 8, 10.0 ** np.arange(-2, 2)
HYPERPARAMETERS = ("alpha", "beta1", "beta2", "epsilon")
Answer = Callable[..., Any]
Array = NDArray[Any]


def adam_step(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a student's step of Adam; see `step`.

    Topics: `moments`, `correction`, `step`, `arguments`.

    >>> def stub(**arguments):
    ...     raise NotImplementedError
    >>> adam_step(stub, example={})[0].message
    'This part has not been answered yet.'
    """
    rule = Adam(alpha=0.3, beta1=0.8, beta2=0.95, epsilon=0.05)
    return step(answer, rule, adam_slips.ADAM, names=HYPERPARAMETERS, seed=seed, example=example)


def adamax_step(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a student's step of AdaMax, without ε as the paper prints it.

    Topics: `norm`, `correction`, `step`, `arguments`.

    >>> adamax_step(lambda **arguments: 0.0, example={})[0].message
    'The function returns 1 value, and 3 values is asked.'
    """
    rule = AdaMax(alpha=0.3, beta1=0.8, beta2=0.7, epsilon=0.0)
    names = HYPERPARAMETERS[:-1]
    return step(answer, rule, adam_slips.ADAMAX, names=names, seed=seed, example=example)


def amsgrad_step(answer: Answer, *, seed: int = 0, example: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a student's step of AMSGrad, as `adambook.AMSGrad` computes it.

    Topics: `maximum`, `moments`, `correction`, `step`, `arguments`.

    >>> amsgrad_step(lambda **arguments: (0.0,) * 4, example={})[0].message
    'The function returns an array of shape (); (4,) is asked.'
    """
    rule = AMSGrad(alpha=0.3, beta1=0.8, beta2=0.7, epsilon=0.05)
    slips = adam_slips.AMSGRAD
    return step(answer, rule, slips, names=HYPERPARAMETERS, seed=seed, example=example)


def step(
    answer: Answer,
    rule: Rule,
    slips: Sequence[Slip],
    *,
    names: Sequence[str],
    seed: int = 0,
    example: Mapping[str, Any],
) -> list[Fault]:
    """Return the faults of a function that makes one step of a rule.

    Parameters
    ----------
    answer : callable
        `answer(theta=…, g=…, <state>=…, t=…, <hyper-parameters>=…)` → `(theta, *state)`.
    rule : Rule
        What it should compute.
    slips : sequence of Slip
        The mistakes to recognise, alone or two at once.
    names : sequence of str
        The hyper-parameters that the function takes.
    seed : int
        Of the gradients.
    example : mapping
        The arguments of the visible test, to recognise an answer that knows only these.

    Returns
    -------
    list of Fault
        The topics are those of the slips, and `arguments`. An answer that agrees with no known
        mistake has a fault in every topic of the slips; those whose messages are about the state
        alone are spared if the state is right.

    >>> from adambook import SGD
    >>> def uphill(theta, g, t, alpha):
    ...     return theta + alpha * g
    >>> slips, example = [Slip("step", "This climbs.", edits=(("-c.alpha", "c.alpha"),))], {}
    >>> faults = step(uphill, SGD(alpha=0.5), slips, names=["alpha"], example=example)
    >>> [fault.message for fault in faults]
    ['This climbs.']
    """
    trial = Trial(seed)
    own, faults = trial.path_of(answer, rule, names)
    if own is None or any(fault.topic == PART for fault in faults):
        return faults
    right = trial.path(rule)
    if agree(own, right):
        return faults
    for chosen, wrong in wrong_rules(rule, slips):
        if agree(own, trial.path(wrong)):
            return faults + [Fault(slip.topic, slip.message) for slip in chosen]
    if example and right_on(answer, rule, example):
        return [knows_only_the_example()]
    defaults = dataclasses.replace(rule, **{name: getattr(type(rule)(), name) for name in names})
    if agree(own, trial.path(defaults)):
        message = "The hyper-parameters that are handed in are not used: the defaults are."
    else:
        message = _first_difference(own, right, ("theta", *rule.state_names))
    about_state = {slip.topic for slip in slips if slip.state_alone}
    topics = {slip.topic for slip in slips}
    if agree(own[:, 1:], right[:, 1:]):
        topics -= about_state
    return faults + [Fault(topic, message) for topic in sorted(topics)]


class Trial:
    """A start, and gradients of four sizes whose sign is not constant."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 20141222])
        self.theta = rng.standard_normal(SIZES.size)
        self.gradients = SIZES * rng.normal(0.5, 1.0, (STEPS, SIZES.size))

    def path(self, rule: Rule) -> Array:
        """Return (θ, *state) after each step, shape (T, 1 + states, d)."""
        theta, state, rows = self.theta, rule.init(self.theta), []
        with np.errstate(all="ignore"):
            for g in self.gradients:
                delta, state = rule.update(g, state, theta)
                theta = theta + delta
                rows.append([theta, *state[1:]])
        return np.array(rows)

    def path_of(
        self, answer: Answer, rule: Rule, names: Sequence[str]
    ) -> tuple[Array | None, list[Fault]]:
        """Return the same of a student's function, and the faults seen on the way."""
        given = {name: getattr(rule, name) for name in names}
        values: tuple[Array, ...] = (self.theta, *rule.init(self.theta)[1:])
        rows, faults = [], []
        for t, g in enumerate(self.gradients, start=1):
            state = dict(zip(rule.state_names, values[1:], strict=True))
            arguments = {"theta": values[0], "g": g, **state, "t": t, **given}
            found, new = probe(answer, arguments, [value.shape for value in values])
            faults += [fault for fault in new if fault not in faults]
            if found is None:
                return None, faults
            values = found
            rows.append(values)
        return np.array(rows), faults


def right_on(answer: Answer, rule: Rule, example: Mapping[str, Any]) -> bool:
    """Return whether the answer is right for the arguments of the visible test."""
    names = [field.name for field in dataclasses.fields(rule) if field.name in example]
    state = rule.State(example["t"] - 1, *(example[name] for name in rule.state_names))
    delta, new = dataclasses.replace(rule, **{name: example[name] for name in names}).update(
        example["g"], state, example["theta"]
    )
    values, _ = probe(answer, example, [delta.shape] * len(new))
    expected = (example["theta"] + delta, *new[1:])
    return values is not None and all(map(agree, values, expected))


def _first_difference(own: Array, right: Array, names: Sequence[str]) -> str:
    columns = (*range(1, len(names)), 0)  # the state first: it is computed first
    for t in range(len(own)):
        for column in columns:
            if not agree(own[t, column], right[t, column]):
                return (
                    f"At step {t + 1}, {names[column]} is {_shown(own[t, column])} instead of "
                    f"{_shown(right[t, column])}, and no classic mistake explains it."
                )
    raise ValueError("own and right must differ")


def _shown(array: Array) -> str:
    return "[" + ", ".join(f"{x:.4g}" for x in array) + "]"
