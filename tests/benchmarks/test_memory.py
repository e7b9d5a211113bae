"""The bare loops touch every number of every stream once."""

import numpy as np
import pytest

from adambook import SGD
from adambook.benchmarks import memory
from adambook.benchmarks.memory import NEAR, arithmetic_alone, bare_loops


@pytest.mark.parametrize("states", [0, 1, 2, 3])
@pytest.mark.parametrize("n, threads", [(5, 1), (40_000, 2), (40_001, 1)])
def test_each_loop_adds_g_once_to_every_stream(n, threads, states):
    g = np.random.default_rng(0).standard_normal(n).astype(np.float32)
    streams = [np.zeros_like(g) for _ in range(1 + states)]
    loops = bare_loops(g, streams[0], streams[1:], threads)
    assert len(loops) >= 1
    for done, loop in enumerate(loops.values(), 1):
        loop()
        for stream in streams:
            np.testing.assert_array_equal(stream, g * done)


def test_a_fourth_state_is_refused_in_one_sentence():
    g = np.ones(3)
    with pytest.raises(ValueError, match="^states must be at most three, got 4$"):
        bare_loops(g, g.copy(), [g.copy()] * 4, 1)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_arithmetic_alone_steps_one_threads_share_of_the_elements(threads, monkeypatch):
    stepped = []

    class Counted(memory.Pass):
        def __call__(self, scalars, threads):
            stepped.append((self.elements, threads))
            super().__call__(scalars, threads)

    monkeypatch.setattr(memory, "Pass", Counted)
    arithmetic_alone(SGD(), np.ones(8 * NEAR, np.float32), threads)()
    assert stepped == [(8 * NEAR // threads, 1)]
