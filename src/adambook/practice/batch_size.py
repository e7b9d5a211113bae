"""The square-root rule: what Adam's hyper-parameters become when the batch grows."""

from __future__ import annotations

import dataclasses
import math
from typing import TypeVar

from adambook.arguments import checked
from adambook.rules import Adam
from adambook.theory.arguments import positive

AdamLike = TypeVar("AdamLike", bound=Adam)


@checked
def scaled_to_batch(rule: AdamLike, factor: float) -> AdamLike:
    r"""Return the rule for a batch κ times as large.

    $\alpha \to \sqrt\kappa\,\alpha$, $1-\beta_i \to \kappa(1-\beta_i)$,
    $\epsilon \to \epsilon/\sqrt\kappa$, κ = `factor`.

    Why: one update on κ times the examples should do what κ updates did. The averages then have
    to forget in $1/\kappa$ times the updates. The gradient's noise falls by $\sqrt\kappa$, and so
    does $\sqrt{\hat v}$ where noise dominates it; κ steps of noise of size α add up, as a random
    walk does, to $\sqrt\kappa\,\alpha$. The rule holds while noise dominates the gradient and
    $\kappa(1-\beta_i)$ is small against 1.
    Source: Malladi, Lyu, Panigrahi and Arora (2022), definition 5.3.

    Parameters
    ----------
    rule : Adam or a rule that extends it
        α must be a number.
    factor : float
        κ, above 0; below 1 for a smaller batch.

    Raises
    ------
    ValueError
        If κ is not above 0, or κ(1-β) exceeds 1 for one of the decay factors: the batch is too
        large for this rule.
    TypeError
        If α is a schedule.

    >>> from adambook import Adam
    >>> rule = scaled_to_batch(Adam(alpha=1e-3, epsilon=1e-8), 4)
    >>> [round(x, 6) for x in (rule.alpha, rule.beta1, rule.beta2, rule.epsilon * 1e8)]
    [0.002, 0.6, 0.996, 0.5]
    """
    factor = positive("factor", factor)
    if callable(rule.alpha):
        raise TypeError("alpha must be a number: scale the schedule's own alpha by sqrt(factor)")
    forgetting = {name: factor * (1 - getattr(rule, name)) for name in ("beta1", "beta2")}
    for name, rate in forgetting.items():
        if rate > 1:
            largest = 1 / (1 - getattr(rule, name))
            raise ValueError(f"factor must be at most {largest:g}, 1/(1 - {name}), got {factor:g}")
    root = math.sqrt(factor)
    betas = {name: 1 - rate for name, rate in forgetting.items()}
    return dataclasses.replace(rule, alpha=root * rule.alpha, epsilon=rule.epsilon / root, **betas)
