"""The ledger's own streams: paired, reproducible, and right where the answer is known."""

import numpy as np
import pytest

from adambook.experiments import experiment
from adambook.experiments.runner import run
from adambook.experiments.streams import Rounds, RoundsRun, Stream, StreamRun


def test_without_noise_and_drift_the_excess_vanishes():
    unit = Stream("SGD", False, "still", sigma=0.0, alphas=(0.5,), decays=("none",), seeds=2)
    assert all(row["excess"] < 1e-12 for row in StreamRun(unit).epoch())


def test_a_jump_costs_what_it_should_when_nothing_moves():
    """At α = 0 and c jumping by ±3 from ±1, the excess is (16 + 4)/4 a coordinate on average."""
    unit = Stream("SGD", False, "jump", alphas=(0.0,), decays=("none",), seeds=50, steps=20)
    mean = np.mean([row["excess"] for row in StreamRun(unit).epoch()])
    assert mean / unit.coordinates == pytest.approx(5.0, rel=0.05)


def test_regret_of_standing_still_is_the_unbalance_of_the_labels():
    """At θ = 0 each round costs 1 a coordinate seen; the best point pays 2 for the rarer label."""
    rows = RoundsRun(Rounds("SGD", 1, alphas=(0.0,), seeds=40)).epoch()
    assert np.mean([row["regret"] for row in rows]) == pytest.approx(0.2 * 3000, rel=0.1)


@pytest.mark.parametrize("name", ["ledger-streams", "ledger-regret"])
def test_smoke_size_is_recorded_whole_and_alike_twice(name, tmp_path):
    first, second = (run(name, "smoke", jobs=1, where=tmp_path / k, quiet=True) for k in "ab")
    assert not first.missing(experiment(name).units("smoke"))
    assert first.rows().equals(second.rows())


def test_optimizers_meet_the_same_stream():
    """With α = 0 nobody moves, so all that could differ is the stream."""
    rows = [
        StreamRun(Stream(name, True, "walk", alphas=(0.0,), seeds=2, steps=50)).epoch()
        for name in ("SGD", "Adam")
    ]
    assert [row["excess"] for row in rows[0]] == [row["excess"] for row in rows[1]]
