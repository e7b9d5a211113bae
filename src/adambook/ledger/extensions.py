"""Section 7.2 and the conclusion: averaging the iterates, and how widely Adam applies."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from adambook.ledger.claim import OPEN, Measured, Verdict, claim, mean_of
from adambook.ledger.panels import ALL_PANELS, CONVEX, PANELS
from adambook.ledger.ranks import Finals, final_logs, in_every_panel
from adambook.ledger.records import Records
from adambook.ledger.runs_on_digits import TRAIN, held_out_cost, network_path
from adambook.rules import Adam
from adambook.theory import effective_count, moving_average

PAGE = "3_experiments/13_the_ledger"
NETWORKS = tuple(panel for panel in PANELS if panel not in CONVEX)


@lru_cache(maxsize=1)
def gains_of_averaging() -> dict[str, tuple[float, ...]]:
    """Return, by problem, the log ratios of test costs, averaged weights over the last, by seed.

    A small network on two thirds of the digits, Adam at α = 0.003, 40 epochs; the corrected
    average of section 7.2 with β2 = 0.99, tested on the other third.
    """
    gains = []
    for seed in range(8):
        path = network_path(Adam(alpha=0.003), epochs=40, seed=seed, examples=TRAIN)
        averaged = moving_average(path[1:], 0.99, corrected=True)[-1]
        gains.append(float(np.log(held_out_cost(averaged) / held_out_cost(path[-1]))))
    return {"digits": tuple(gains)}


@claim("C85", "section 7.2", "measurement", PAGE)
def averaging_the_iterates_helps(
    gains: Callable[[], dict[str, tuple[float, ...]]] = gains_of_averaging,
    average: Callable[..., object] = moving_average,
) -> Verdict:
    """A corrected moving average of the parameters often generalises better.

    Passes if the corrected average of constant parameters is exact (1e-12) and on each of four
    problems or more the average has a lower test cost than the last iterate (95 % intervals).
    Counts as partly true if the formula holds. (The paper has no experiment; here one problem, the
    digits, is tried, with 8 seeds.)
    """
    constant = np.asarray(average(np.full(500, 0.7), 0.999, corrected=True))
    plain = np.asarray(average(np.full(500, 0.7), 0.999, corrected=False))
    error = float(np.abs(constant / 0.7 - 1).max())
    found = {
        name: mean_of(f"{name}: test cost, average over last iterate, log ratio", ratios)
        for name, ratios in gains().items()
    }
    evidence = (
        Measured("error of the corrected average of a constant", error),
        Measured("the uncorrected one after 500 steps, over the constant", float(plain[-1] / 0.7)),
        Measured("independent iterates that β2 = 0.999 averages", effective_count(0.999)),
        *found.values(),
    )
    if error > 1e-12:
        return Verdict("FALSE", "the correction is not exact", evidence)
    helps = [name for name, gain in found.items() if gain.interval and gain.interval[1] < 0]
    if len(helps) == len(found) >= 4:
        return Verdict("TRUE", f"exact, and it helps on {len(helps)} problems", evidence)
    return Verdict(
        "PARTLY",
        f"the formula is exact; the average lowers the test cost on {len(helps)} of the problems "
        f"tried, {len(found)} in all, too few for 'often'",
        evidence,
        part="the formula" + (f", and a gain on {' and '.join(helps)}" if helps else ""),
    )


@claim("C86", "section 8", "experiment", PAGE)
def robust_over_many_problems(records: Records | None = None) -> Verdict:
    """Adam is robust and suits a wide range of non-convex problems in machine learning.

    Passes if over the three panels that compare methods on networks, tuned, the area under Adam's
    performance profile (share of panels within a factor of the best, factors 1 to 2) is the
    largest of all methods. (The regressions are convex and say nothing here.)
    """
    records = records or Records()
    finals = final_logs(records, "tuned", NETWORKS)
    areas = profile_areas(finals)
    evidence = tuple(
        Measured(f"area under the profile of {name}, {len(finals)} panels", area)
        for name, area in areas.items()
    ) or (Measured("panels of networks recorded", 0),)
    columns = {"paper-like": OPEN, "tuned": "INCONCLUSIVE", "defaults": OPEN}
    if len(finals) < len(NETWORKS):
        return Verdict(
            "INCONCLUSIVE",
            f"{len(finals)} of {len(NETWORKS)} panels of networks are recorded",
            evidence,
            needs=ALL_PANELS,
            columns=columns,
        )
    best = max(areas, key=lambda name: areas[name])
    columns["tuned"] = "TRUE" if best == "Adam" else "NOT SUPPORTED"
    return Verdict(columns["tuned"], f"the largest area is {best}'s", evidence, columns=columns)


def profile_areas(finals: Finals) -> dict[str, float]:
    """Return the area under each optimizer's performance profile.

    The profile at a factor f from 1 to 2 is the share of panels in which the mean final cost is
    at most f times the best one.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"best": [0.0, 0.0], "half as good again": np.log([1.5, 1.5])})
    >>> {name: round(area, 1) for name, area in profile_areas({"one": table}).items()}
    {'best': 1.0, 'half as good again': 0.5}
    """
    factors, names = np.linspace(1, 2, 101), in_every_panel(finals)
    means = [np.exp(table[names]).mean() for table in finals.values()]
    return {
        name: float(np.mean([np.mean([m[name] <= f * m.min() for m in means]) for f in factors]))
        for name in names
    }
