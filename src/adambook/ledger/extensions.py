"""Section 7.2 and the conclusion: averaging the iterates, and how widely Adam applies."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from adambook.ledger.claim import OPEN, Measured, Verdict, claim, mean_of
from adambook.ledger.panels import ALL_PANELS, PANELS, profile_areas
from adambook.ledger.records import Records
from adambook.ledger.runs_on_digits import TRAIN, held_out_cost, network_path
from adambook.rules import Adam
from adambook.theory import effective_count, moving_average

PAGE = "3_experiments/13_the_ledger"


@lru_cache(maxsize=1)
def gains_of_averaging() -> tuple[float, ...]:
    """Return, by seed, the log ratio of test costs, averaged weights over the last ones.

    A small network on two thirds of the digits, Adam at α = 0.003, 40 epochs; the corrected
    average of section 7.2 with β2 = 0.99, tested on the other third.
    """
    gains = []
    for seed in range(8):
        path = network_path(Adam(alpha=0.003), epochs=40, seed=seed, examples=TRAIN)
        averaged = moving_average(path[1:], 0.99, corrected=True)[-1]
        gains.append(float(np.log(held_out_cost(averaged) / held_out_cost(path[-1]))))
    return tuple(gains)


@claim("C85", "section 7.2", "measurement", PAGE)
def averaging_the_iterates_helps(
    gains: Callable[[], tuple[float, ...]] = gains_of_averaging,
    average: Callable[..., object] = moving_average,
) -> Verdict:
    """A corrected moving average of the parameters often generalises better.

    Passes if the corrected average of constant parameters is exact (1e-12) and on the digits the
    average has a lower test cost than the last iterate (95 % interval over 8 seeds). (The paper
    has no experiment.)
    """
    constant = np.asarray(average(np.full(500, 0.7), 0.999, corrected=True))
    plain = np.asarray(average(np.full(500, 0.7), 0.999, corrected=False))
    error = float(np.abs(constant / 0.7 - 1).max())
    found = gains()
    gain = mean_of("test cost, average over last iterate, log ratio", found)
    evidence = (
        Measured("error of the corrected average of a constant", error),
        Measured("the uncorrected one after 500 steps, over the constant", float(plain[-1] / 0.7)),
        Measured("independent iterates that β2 = 0.999 averages", effective_count(0.999)),
        gain,
    )
    if error > 1e-12:
        return Verdict("FALSE", "the correction is not exact", evidence)
    if gain.interval is not None and gain.interval[1] < 0:
        return Verdict("TRUE", "exact, and it helps on this problem", evidence)
    return Verdict(
        "PARTLY",
        "the formula is exact; on this problem the average does not lower the test cost",
        evidence,
        part="the formula",
    )


@claim("C86", "section 8", "experiment", PAGE)
def robust_over_many_problems(records: Records | None = None) -> Verdict:
    """Adam is robust and suits a wide range of non-convex problems in machine learning.

    Passes if over at least four panels, tuned, the area under Adam's performance profile (share
    of panels within a factor of the best, factors 1 to 2) is the largest of all methods.
    """
    areas, count = profile_areas(records or Records())
    evidence = tuple(
        Measured(f"area under the profile of {name}, {count} panels", area)
        for name, area in areas.items()
    ) or (Measured("panels recorded", 0),)
    columns = {"paper-like": OPEN, "tuned": "INCONCLUSIVE", "defaults": OPEN}
    if count < 4:
        return Verdict(
            "INCONCLUSIVE", f"{count} of {len(PANELS)} panels are recorded",
            evidence,
            needs=ALL_PANELS,
            columns=columns,
        )  # fmt: skip
    best = max(areas, key=lambda name: areas[name])
    columns["tuned"] = "TRUE" if best == "Adam" else "NOT SUPPORTED"
    return Verdict(columns["tuned"], f"the largest area is {best}'s", evidence, columns=columns)
