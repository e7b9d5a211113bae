"""The step bound of Adam: closed form, brute force, and the real rule on its extremal gradients."""

import math
from itertools import product

import numpy as np
import pytest
import sympy
from mpmath import mp, mpf
from scipy.linalg import eigh
from scipy.optimize import minimize as lbfgs

from adambook import Adam, symbolic
from adambook.theory import (
    corrected_moments,
    extremal_gradients,
    paper_step_bound,
    spike_step,
    step_bound,
    step_bound_squared,
    step_bounds,
)

BETA1 = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
BETA2 = (0.05, 0.3, 0.5, 0.81, 0.9, 0.99, 0.999)
STEPS = (1, 2, 3, 5, 10, 30)
PAIRS = list(product(BETA1, BETA2))
GRID = list(product(BETA1, BETA2, STEPS))


def normalised_steps(g, beta1, beta2):
    """|m̂_t| / √v̂_t at every step of Adam at ε = 0; hyper-parameters broadcast against g[0]."""
    adam, theta = Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=0.0), np.zeros_like(g[0])
    state, steps = adam.init(theta), []
    with np.errstate(invalid="ignore"):  # 0/0 before the first gradient that is not 0
        for gradient in g:
            delta, state = adam.update(gradient, state, theta)
            steps.append(np.abs(delta))
    return np.array(steps)


def weights(beta1, beta2, t):
    """The weights a, b of m̂_t and v̂_t, read off the rule by feeding it unit vectors."""
    m_hat, v_hat = corrected_moments(np.eye(t), beta1, beta2)
    return m_hat[-1], v_hat[-1]


def exact_bound(beta1, beta2, t):
    """S_t with 50 digits, from Σ a² / b summed as the geometric series it is."""
    with mp.workdps(50):
        b1, b2 = mpf(beta1), mpf(beta2)
        r = b1**2 / b2
        total = mpf(t) if r == 1 else (r**t - 1) / (r - 1)
        square = (1 - b1) ** 2 / (1 - b2) * (1 - b2**t) / (1 - b1**t) ** 2 * total
        return mp.sqrt(square)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("betas", [(0.5, 0.1), (0.9, 0.999), (0.5, 1e-200)])
def test_the_last_steps_that_float64_counts_have_a_bound_and_those_beyond_are_refused(betas):
    if betas[0] ** 2 < betas[1]:
        assert step_bound(*betas, 10**308) == pytest.approx(step_bound(*betas, math.inf))
    else:
        assert step_bound(*betas, 10**308) == math.inf
    with pytest.raises(ValueError, match=r"^t must be at most the largest float64, 1.8e308, or"):
        step_bound(*betas, 10**309)


def test_the_grid_is_large_enough():
    assert len(GRID) >= 200


def test_closed_form_is_the_root_of_the_sum_of_a_squared_over_b():
    for beta1, beta2, t in GRID:
        a, b = weights(beta1, beta2, t)
        np.testing.assert_allclose(step_bound(beta1, beta2, t) ** 2, np.sum(a**2 / b), rtol=1e-12)


def test_bound_is_the_largest_generalised_eigenvalue():
    for beta1, beta2, t in GRID:
        a, b = weights(beta1, beta2, t)
        root = np.sqrt(b)  # a·g / √(g·diag(b)g) in the scale where b is the identity
        largest = eigh(np.outer(a / root, a / root), eigvals_only=True)[-1]
        np.testing.assert_allclose(step_bound(beta1, beta2, t) ** 2, largest, rtol=1e-10)


def test_no_random_gradients_step_further():
    rng = np.random.default_rng(0)
    beta1, beta2 = np.array(PAIRS).T[..., None]
    shape = (max(STEPS), len(PAIRS), 400)
    spread = rng.choice([0.0, 1.0, 3.0], (1, 1, 400))  # from one scale to twelve orders apart
    g = rng.standard_normal(shape) * np.exp(spread * rng.standard_normal(shape))
    steps = normalised_steps(g, beta1, beta2).max(axis=-1)
    bounds = np.array([step_bounds(*pair, len(g)) for pair in PAIRS]).T
    assert np.all(steps <= bounds * (1 + 1e-12))
    assert np.any(steps > 0.98 * bounds) and np.any(steps[5:] > 1.5)


@pytest.mark.parametrize("t", [2, 5, 20])
def test_lbfgs_climbs_to_the_bound_and_never_above(t):
    rng = np.random.default_rng(t)
    for beta1, beta2 in PAIRS:
        a, b = weights(beta1, beta2, t)
        bound, direction = step_bound(beta1, beta2, t), a / np.sqrt(b)

        def fall(h, u=direction):  # -|ν| and its gradient, in h = √b g
            size, dot = np.linalg.norm(h), u @ h
            return -dot / size, -u / size + dot * h / size**3

        best = -lbfgs(fall, rng.standard_normal(t), jac=True, method="L-BFGS-B").fun
        assert (1 - 1e-3) * bound < best < (1 + 1e-12) * bound


def test_bound_is_attained_by_geometric_gradients_through_the_real_rule():
    for beta1, beta2, t in GRID:
        last = normalised_steps(extremal_gradients(beta1, beta2, t), beta1, beta2)[-1]
        np.testing.assert_allclose(last, step_bound(beta1, beta2, t), rtol=1e-12)


def test_one_geometric_sequence_attains_the_bound_of_every_step():
    for beta1, beta2 in [(0.9, 0.999), (0.9, 0.82), (0.5, 0.5), (0.8, 0.5)]:
        steps = normalised_steps(extremal_gradients(beta1, beta2, 300), beta1, beta2)
        np.testing.assert_allclose(steps, step_bounds(beta1, beta2, 300), rtol=1e-12)


def test_the_bound_of_the_paper_is_exceeded_at_the_defaults_from_step_210_on_and_not_before():
    steps = normalised_steps(extremal_gradients(0.9, 0.999, 300), 0.9, 0.999)
    paper = paper_step_bound(0.9, 0.999)
    assert step_bound(0.9, 0.999, 209) < paper < steps[209]  # steps[209] is that of t = 210
    assert np.all(steps[209:] > paper) and steps[299] > 3.7


def test_the_step_size_itself_is_exceeded_at_the_defaults_from_step_2_on():
    steps = normalised_steps(extremal_gradients(0.9, 0.999, 200), 0.9, 0.999)
    assert math.isclose(steps[0], 1) and np.all(steps[1:] > 1.001) and steps[199] > 3


def test_the_strict_case_of_the_paper_fails_at_the_first_two_steps():
    steps = normalised_steps(np.array([10 / 11, 1.0]), 0.9, 0.99)  # 1 - β1 = √(1 - β2)
    assert math.isclose(steps[0], 1.0) and steps[1] > 1.001
    assert math.isclose(steps[1], step_bound(0.9, 0.99, 2), rel_tol=1e-12)


def test_the_first_case_of_the_paper_is_short_by_the_root_of_one_minus_r():
    for beta1, beta2 in [(0.9, 0.999), (0.5, 0.999), (0.9, 0.9999)]:
        ratio = step_bound(beta1, beta2, math.inf) / paper_step_bound(beta1, beta2)
        assert math.isclose(ratio, (1 - beta1**2 / beta2) ** -0.5, rel_tol=1e-12)
    assert math.isclose(step_bound(0.0, 0.999, math.inf), paper_step_bound(0.0, 0.999))


@pytest.mark.parametrize(
    ("beta1", "beta2", "table"),
    [
        (0.9, 0.999, (3.1623, 1.0014, 1.0431, 2.2434, 5.7812, 7.2703)),
        (0.9, 0.9999, (10.0, 1.0014, 1.0439, 2.2890, 7.0788, 22.947)),
        (0.9, 0.99, (1.0, 1.0011, 1.0359, 1.8674, 2.3452, 2.3452)),
        (0.9, 0.95, (1.0, 1.0004, 1.0115, 1.1615, 1.1650, 1.1650)),
        (0.9, 0.9, (1, 1, 1, 1, 1, 1)),
        (0.9, 0.82, (1.0, 1.0011, 1.0342, 1.7945, 2.1344, 2.1344)),
        (0.9, 0.8, (1.0, 1.0017, 1.0551, 3.139, 996.7, math.inf)),
        (0.0, 0.999, (31.623, 1.4139, 3.1552, 9.7575, 25.146, 31.623)),
        (0.5, 0.999, (15.811, 1.0539, 1.8237, 5.6344, 14.520, 18.261)),
    ],
)
def test_the_table_of_the_book(beta1, beta2, table):
    steps = (2, 10, 100, 1000, math.inf)
    computed = [paper_step_bound(beta1, beta2), *(step_bound(beta1, beta2, t) for t in steps)]
    np.testing.assert_allclose(computed, table, rtol=1e-4)


def test_bound_is_one_at_every_step_only_if_the_decay_factors_are_equal():
    for beta1, beta2 in PAIRS:
        bounds = step_bounds(beta1, beta2, 50)
        assert bounds[0] == 1
        assert np.all(bounds[1:] == 1) if beta1 == beta2 else np.all(bounds[1:] > 1)


def test_bound_grows_with_every_step_until_it_has_reached_its_limit():
    for beta1, beta2 in PAIRS:
        if beta1 != beta2:
            bounds = step_bounds(beta1, beta2, 400)
            limit = step_bound(beta1, beta2, math.inf)
            growing = bounds < limit * (1 - 1e-9)
            assert np.all(np.diff(bounds)[growing[1:]] > 0)
            assert np.all(bounds <= limit * (1 + 1e-14))


def test_bound_has_a_limit_exactly_below_the_wall_beta1_squared_equals_beta2():
    assert step_bound(0.9, 0.8101, math.inf) < math.inf
    assert step_bound(0.9, 0.81, math.inf) == step_bound(0.9, 0.5, math.inf) == math.inf
    on_the_wall = 0.1 * math.sqrt(10**6) / math.sqrt(0.19)  # (1 - β1) √t / √(1 - β2)
    assert math.isclose(step_bound(0.9, 0.81, 10**6), on_the_wall, rel_tol=1e-5)
    np.testing.assert_allclose(  # the condition of the paper's theorem does not bound the step
        [0.8**2 / 0.5**0.5, step_bound(0.8, 0.5, 100)], [0.9051, 1.2e5], rtol=0.05
    )


def test_far_from_the_start_the_bound_nears_its_limit_as_beta2_to_the_t():
    limit = step_bound(0.9, 0.999, math.inf)
    for t in (2000, 5000):
        gap = 1 - (step_bound(0.9, 0.999, t) / limit) ** 2
        assert math.isclose(gap, 0.999**t, rel_tol=1e-9)


@pytest.mark.parametrize("t", [1, 2, 10, 1000, 10**6])
def test_bound_agrees_with_fifty_digits_whatever_the_decay_factors(t):
    near = [1 - 2.0**-k for k in (10, 20, 40)]
    betas = [1e-300, 1e-8, 0.5, 0.9, math.nextafter(0.9, 1), 0.81, 0.9 * 0.9, 0.999, *near]
    compared = 0
    for beta1, beta2 in product([0.0, *betas], betas):
        exact = exact_bound(beta1, beta2, t)
        if exact < 1e300:
            compared += 1
            assert abs(mpf(step_bound(beta1, beta2, t)) / exact - 1) < 1e-12
        else:
            assert step_bound(beta1, beta2, t) > 1e299
    assert compared > 60


def test_the_limit_agrees_with_fifty_digits():
    for beta1, beta2 in [(0.9, 0.999), (0.9, 0.8100001), (0.999999, 1 - 2.0**-40), (0.0, 0.5)]:
        with mp.workdps(50):
            b1, b2 = mpf(beta1), mpf(beta2)
            exact = (1 - b1) / mp.sqrt((1 - b2) * (1 - b1**2 / b2))
            assert abs(step_bound(beta1, beta2, math.inf) / exact - 1) < 1e-14


def test_the_hyperbolic_form_is_the_same_expression():
    x, y, r = sympy.symbols("x y r", positive=True)
    # sinh²(pt) / sinh²(qt) = (x - y)² / (y (1 - x)²) with x = β1^t, y = β2^t, and r^t = x² / y
    geometric = (1 - y) / (1 - x) ** 2 * (1 - x**2 / y) / (1 - r)
    hyperbolic = (1 - (x - y) ** 2 / (y * (1 - x) ** 2)) / (1 - r)
    assert sympy.simplify(geometric - hyperbolic) == 0
    for beta1, beta2, t in [(0.9, 0.999, 50), (0.9, 0.82, 50), (0.9, 0.5, 20)]:
        p, q = abs(math.log(beta2 / beta1)) / 2, -math.log(beta1) / 2
        scale = (1 - beta1) ** 2 / ((1 - beta2) * (1 - beta1**2 / beta2))
        square = scale * (1 - (math.sinh(p * t) / math.sinh(q * t)) ** 2)
        assert math.isclose(step_bound(beta1, beta2, t) ** 2, square, rel_tol=1e-10)


def test_beta2_zero_divides_by_the_last_gradient_alone():
    assert step_bound(0.0, 0.0, 7) == step_bound(0.0, 0.0, math.inf) == 1
    assert step_bound(0.5, 0.0, 1) == 1 and step_bound(0.5, 0.0, 2) == math.inf
    assert step_bound(0.0, 1e-310, 2) == 1
    with np.errstate(divide="ignore"):
        assert normalised_steps(extremal_gradients(0.5, 0.0, 3), 0.5, 0.0)[-1] == math.inf


def test_extremal_gradients_have_largest_entry_one_and_stay_finite():
    for beta1, beta2 in [*PAIRS, (0.9, 1e-300), (1e-300, 0.9), (0.5, 0.0), (0.0, 0.0)]:
        g = extremal_gradients(beta1, beta2, 10_000)
        assert g.shape == (10_000,) and g.max() == 1 and g.min() >= 0 and np.all(np.isfinite(g))


def test_epsilon_keeps_the_supremum_and_large_gradients_come_near_it():
    adam, theta = Adam(alpha=1.0), np.zeros(1)
    for scale, above in [(1e-8, 0.0), (1e8, 0.999_999)]:
        state = adam.init(theta)
        for g in extremal_gradients(0.9, 0.999, 300) * scale:
            delta, state = adam.update(np.array([g]), state, theta)
        assert above < abs(delta[0]) / step_bound(0.9, 0.999, 300) < 1


def test_a_spike_is_not_the_worst_case():
    for t in (2, 100, 1000):
        spike = normalised_steps(np.eye(t)[-1], 0.9, 0.999)[-1]
        assert math.isclose(spike, spike_step(0.9, 0.999, t), rel_tol=1e-12)
        assert spike < step_bound(0.9, 0.999, t)
    np.testing.assert_allclose(
        [spike_step(0.9, 0.999, t) for t in (100, 1000)], [0.976, 2.515], atol=5e-4
    )
    assert math.isclose(spike_step(0.0, 0.999, 50), step_bound(0.0, 0.999, 50), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((1.0, 0.999, 1), r"beta1 must lie in \[0, 1\), got 1.0"),
        ((0.9, -0.1, 1), r"beta2 must lie in \[0, 1\), got -0.1"),
        ((math.nan, 0.9, 1), r"beta1 must lie in"),
        (("0.9", 0.9, 1), "beta1 must be one real number"),
        ((np.array([0.9]), 0.9, 1), "beta1 must be one real number"),
        ((0.9, 0.999, 0), "t must be a whole number"),
        ((0.9, 0.999, 2.5), "t must be a whole number"),
        ((0.9, 0.999, True), "t must be a whole number"),
        ((0.9, 0.999, -math.inf), "t must be a whole number"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        step_bound(*arguments)
    with pytest.raises(ValueError, match=sentence):
        extremal_gradients(*arguments)


def test_extremal_gradients_need_a_finite_number_of_steps():
    with pytest.raises(ValueError, match="t must be a whole number"):
        extremal_gradients(0.9, 0.999, math.inf)


def test_squared_bound_on_symbols_is_the_bound():
    squared = step_bound_squared()
    beta1, beta2, t = (symbolic.symbol(name) for name in ("beta1", "beta2", "t"))
    for b1, b2 in [(0.9, 0.999), (0.5, 0.9), (0.9, 0.9), (0.9, 0.8)]:
        for n in (1, 2, 10, 100):
            value = squared.subs({beta1: sympy.Rational(str(b1)), beta2: sympy.Rational(str(b2))})
            exact = float(sympy.sqrt(value.subs(t, n)))
            assert step_bound(b1, b2, n) == pytest.approx(exact, rel=1e-12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("beta1", "beta2", "t"), [(0.1, 1e-300, 3), (1e-16, 1e-100, 10)])
def test_a_large_bound_below_the_end_of_float64_is_not_infinite(beta1, beta2, t):
    with mp.workdps(700):
        b1, b2 = mpf(beta1), mpf(beta2)
        r, head = b1**2 / b2, (1 - b1) ** 2 / (1 - b2) * (1 - b2**t) / (1 - b1**t) ** 2
        expected = float(mp.sqrt(head * (r**t - 1) / (r - 1)))
    assert step_bound(beta1, beta2, t) == pytest.approx(expected, rel=1e-12)


def test_the_two_cases_that_the_hyperbolic_sines_leave_out_grow_too():
    t = np.arange(1, 40)
    coth = t / np.tanh(t * math.log(2) / 2)
    np.testing.assert_allclose(step_bounds(0.5, 0.25, 39) ** 2, coth / 3, rtol=1e-12)  # r = 1
    np.testing.assert_allclose(step_bounds(0.0, 0.5, 39) ** 2, (1 - 0.5**t) / 0.5, rtol=1e-12)
