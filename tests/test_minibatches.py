"""Mini-batches: every example once an epoch, in a fresh order."""

from itertools import islice

import numpy as np
import pytest

from adambook.minibatches import minibatches


@pytest.mark.parametrize(("n", "size"), [(1, 1), (7, 7), (10, 3), (12, 4), (5, 1)])
def test_every_example_is_met_once_an_epoch(n, size):
    per_epoch = -(-n // size)
    stream = minibatches(n, size, np.random.default_rng(0))
    for _ in range(3):
        epoch = list(islice(stream, per_epoch))
        assert sorted(np.concatenate(epoch)) == list(range(n))
        assert all(len(batch) == size for batch in epoch[:-1])


def test_each_epoch_has_an_order_of_its_own():
    stream = minibatches(100, 100, np.random.default_rng(0))
    assert not np.array_equal(next(stream), next(stream))


def test_the_order_is_the_seeds():
    first, second = (minibatches(50, 50, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(next(first), next(second))


@pytest.mark.parametrize(("n", "size"), [(0, 1), (5, 0), (5, 6)])
def test_sizes_out_of_range_are_refused(n, size):
    with pytest.raises(ValueError, match="size must lie in"):
        next(minibatches(n, size, np.random.default_rng(0)))
