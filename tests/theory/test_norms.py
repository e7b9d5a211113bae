"""Discounted norms: against exact arithmetic, the real rules, and the naive formula."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from adambook import Adam, AdaMax
from adambook.theory import discounted_norm


def exact_norm(g, beta2, p):
    with mp.workdps(60):
        b = mpf(beta2)
        total = mp.fsum(b ** (p * (len(g) - 1 - i)) * abs(mpf(x)) ** p for i, x in enumerate(g))
        return ((1 - b**p) * total) ** (mpf(1) / p)


@pytest.mark.parametrize("p", [1, 1.5, 2, 16, 103, 512, 10_000])
def test_norm_agrees_with_sixty_digits_over_300_powers_of_ten(p):
    rng = np.random.default_rng(11)
    for size in (1e-150, 1e-3, 1.0, 1e3, 1e150):
        for beta2 in (0.3, 0.9, 0.999):
            g = [float(x) for x in size * rng.standard_normal(12)]
            assert abs(discounted_norm(g, beta2, p) / exact_norm(g, beta2, p) - 1) < 1e-12


def test_p_two_is_the_root_of_adams_second_moment():
    g = np.random.default_rng(12).standard_normal(25)
    adam, theta = Adam(beta2=0.9**2), np.zeros(1)
    state = adam.init(theta)
    for t, x in enumerate(g, 1):
        _, state = adam.update(np.array([x]), state, theta)
        assert math.isclose(discounted_norm(g[:t], 0.9, 2) ** 2, state.v[0], rel_tol=1e-12)


def test_p_infinity_is_what_the_recursion_of_adamax_keeps():
    g = np.random.default_rng(13).standard_normal(200)
    adamax, theta = AdaMax(beta2=0.97, epsilon=0.0), np.zeros(1)
    state = adamax.init(theta)
    for t, x in enumerate(g, 1):
        _, state = adamax.update(np.array([x]), state, theta)
        assert math.isclose(discounted_norm(g[:t], 0.97, math.inf), state.u[0], rel_tol=1e-12)


def test_norms_lie_between_the_bounds_of_the_proposition_and_go_to_the_maximum():
    rng = np.random.default_rng(14)
    for _ in range(50):
        g, beta2 = rng.standard_normal(30), rng.uniform(0.1, 0.99)
        largest, ps = discounted_norm(g, beta2, math.inf), 2.0 ** np.arange(0, 14)
        ratios = np.array([discounted_norm(g, beta2, p) / largest for p in ps])
        share = 1 - beta2**ps
        assert np.all(ratios >= share ** (1 / ps) * (1 - 1e-12))
        assert np.all(ratios <= (30 * share) ** (1 / ps) * (1 + 1e-12))
        assert abs(ratios[-1] - 1) < 1e-3


def test_the_formula_taken_as_written_leaves_floating_point():
    assert 0.001**107 > 0 == 0.001**108  # Python floats: underflow
    with pytest.raises(OverflowError):
        math.pow(1000.0, 103)
    assert math.isfinite(1000.0**102)
    assert np.float32(1e-3) ** np.float32(15) > 0 == np.float32(1e-3) ** np.float32(16)
    for g in (0.001, 1000.0):
        assert math.isclose(discounted_norm([g], 0.0, 10_000), g, rel_tol=1e-12)


def test_silence_has_norm_zero():
    assert discounted_norm([0.0, 0.0], 0.9, 2) == discounted_norm([0.0], 0.9, math.inf) == 0


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([1.0], 1.0, 2), "beta2"),
        (([1.0], 0.9, 0.5), "p"),
        (([1.0], 0.9, math.nan), "p"),
        (([], 0.9, 2), "g"),
    ],
)
def test_bad_input_is_refused(arguments, name):
    with pytest.raises(ValueError, match=f"^{name} must "):
        discounted_norm(*arguments)
