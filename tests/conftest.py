"""What several tests share: rules to try, and gradients to feed them."""

import numpy as np
import pytest
from oracles import with_epsilon

from adambook.rules import RULES


@pytest.fixture(params=RULES, ids=lambda rule: rule.__name__)
def rule(request):
    return with_epsilon(request.param)


@pytest.fixture
def gradients():
    """200 gradients of 7 coordinates, over six orders of magnitude, some exactly zero."""
    rng = np.random.default_rng(0)
    g = rng.standard_normal((200, 7)) * 10.0 ** np.arange(-3, 4)
    g[rng.random(g.shape) < 0.1] = 0.0
    g[:, 0] += 1e-3  # one coordinate with a drift
    return g


@pytest.fixture
def theta0():
    return np.random.default_rng(1).standard_normal(7)
