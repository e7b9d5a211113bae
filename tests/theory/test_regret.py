"""Theorem 4.1 violated by Algorithm 1 itself, and the bound that is true."""

import math

import numpy as np
import pytest

from adambook import AdaGrad, Adam, AMSGrad, AMSGradCorrected, minimize
from adambook.problems import ClippedSequence
from adambook.theory import (
    averaged_regret_bound,
    corrected_moments,
    normalised_sum_constant,
    paper_regret_bound,
    regret,
    repaired_regret_bound,
)


def against_theorem_4_1(C, alpha, beta2, rounds):
    """(R(T), bound) for T = 1, …, rounds: Algorithm 1, β1 = 0, no projection, θ* within D."""
    sequence = ClippedSequence(C)
    adam = Adam(lambda t: alpha / math.sqrt(t), beta1=0.0, beta2=beta2, epsilon=0.0)
    path = minimize(adam, sequence.gradients(), np.array([sequence.start]), rounds)
    g = np.array([sequence.gradient(t, x) for t, x in enumerate(path[:-1], 1)])
    R = regret(sequence.losses(path), sequence.comparator_losses(rounds))
    v_hat = corrected_moments(g, 0.0, beta2).v_hat
    bounds = []
    for T in range(1, rounds + 1):
        points = np.append(path[:T], sequence.comparator)
        bounds.append(
            paper_regret_bound(
                g[:T],
                v_hat[T - 1],
                D=np.ptp(points),
                D_inf=np.ptp(points),
                G_inf=C,
                alpha=alpha,
                beta1=0.0,
                beta2=beta2,
                lam=0.01,
            )
        )
    return R, np.array(bounds)


@pytest.mark.parametrize(
    ("C", "alpha", "beta2", "T", "sides"),
    [
        (3.0, 0.5, 1 / 10, 75, (55.754, 55.484)),
        (10.0, 0.3, 1 / 101, 33, (181.05, 180.44)),
        (5.0, 0.4, 1 / 1000, 30, (64.025, 61.691)),
    ],
)
def test_theorem_4_1_is_violated_by_algorithm_1_at_a_finite_T(C, alpha, beta2, T, sides):
    R, bounds = against_theorem_4_1(C, alpha, beta2, T)
    assert R[-1] > bounds[-1]
    np.testing.assert_allclose((R[-1], bounds[-1]), sides, rtol=1e-4)


def test_theorem_4_1_read_to_the_letter_fails_at_the_first_step():
    # f(θ) = |θ| from θ_1 = 1000: one iterate has no distance to another, so D = D∞ = 0
    bound = paper_regret_bound(
        [1.0], 1.0, D=0, D_inf=0, G_inf=1, alpha=1e-3, beta1=0.9, beta2=0.999, lam=0.5
    )
    assert regret([1000.0], [0.0])[0] > 50 * bound


def test_average_regret_goes_to_a_constant_and_not_to_zero():
    for C in (3.0, 10.0):
        R, _ = against_theorem_4_1(C, 0.3, 1 / (1 + C * C), 3000)
        assert math.isclose(R[-1] / 3000, (2 * C - 4) / 3, rel_tol=0.02)


def test_comparator_of_the_sequence_is_the_best_fixed_point_for_every_T():
    sequence, grid = ClippedSequence(3.0), np.linspace(-3, 3, 601)
    total = np.zeros_like(grid)
    for t in range(1, 76):
        total += sequence.loss(t, grid)
        assert np.sum(sequence.comparator_losses(t)) <= total.min() + 1e-12


def test_the_constant_of_theorem_4_1_is_vacuous_at_the_lambda_the_paper_names():
    bound = paper_regret_bound(
        [0.0], 0.0, D=1, D_inf=1, G_inf=1, alpha=1e-3, beta1=0.9, beta2=0.999, lam=1 - 1e-8
    )
    assert bound > 1.5e18


def test_a_line_of_the_papers_proof_is_false():
    # √v̂_t ≤ G∞ √(1 - β2), used for the last term, for gradients that are all 1
    v_hat = corrected_moments(np.ones(50), 0.9, 0.999).v_hat
    np.testing.assert_allclose(v_hat, 1, rtol=1e-12)
    assert math.sqrt(1 - 0.999) < 0.04


def test_bound_of_theorem_4_1_is_the_sum_of_its_three_terms():
    # d = 2, T = 2, every factor a number that can be checked by hand: γ = 1/4 / 1/2 = 1/2
    g = np.array([[3.0, 0.0], [4.0, 1.0]])
    bound = paper_regret_bound(
        g, [2.0, 8.0], D=2, D_inf=1, G_inf=4, alpha=0.5, beta1=0.5, beta2=0.25, lam=0.5
    )
    root = math.sqrt(0.75)
    first = 4 / 0.5 * (2 + 4)
    second = 0.5 * 1.5 * 4 / (0.5 * root * 0.25) * (5 + 1)
    third = 2 * 4 * root / (0.5 * 0.25)
    assert math.isclose(bound, first + second + third, rel_tol=1e-12)


def certified(rule, v_hat, gradients, losses, start, comparator, steps):
    """(R(T), repaired bound) of a run of a rule whose v̂_t is v_hat(state, constants)."""
    theta, path = np.array(start, dtype=float), []
    state, normalisers, g = rule.init(theta), [], []
    for t in range(1, steps + 1):
        path.append(theta)
        g.append(gradients(t, theta))
        delta, state = rule.update(g[-1], state, theta)
        normalisers.append(v_hat(state, rule.constants(t)))
        theta = theta + delta
    R = sum(losses(t, x) - losses(t, comparator) for t, x in enumerate(path, 1))
    bound = repaired_regret_bound(
        np.array(g),
        np.array(normalisers),
        D_inf=float(np.max(np.abs(np.array(path) - comparator))),
        alpha=0.3,
        beta1=rule.beta1,
        beta2=rule.beta2,
    )
    return R, bound


AMSGRADS = [
    (AMSGrad, lambda state, c: state.v_max / c.correction2),
    (AMSGradCorrected, lambda state, c: state.v_max),
]


@pytest.mark.parametrize(("rule", "v_hat"), AMSGRADS)
@pytest.mark.parametrize(("beta1", "beta2"), [(0.0, 0.1), (0.5, 0.5), (0.9, 0.999), (0.9, 0.9)])
@pytest.mark.parametrize("seed", range(3))
def test_repaired_bound_holds_for_amsgrad_on_random_convex_functions(
    rule, v_hat, beta1, beta2, seed
):
    rng = np.random.default_rng(seed)
    targets = rng.standard_normal((300, 4)) + rng.standard_normal(4)
    weights = rng.exponential(size=(300, 4)) * (rng.random((300, 4)) < 0.5) + 1e-3

    def losses(t, x):
        return float(np.sum(weights[t - 1] * np.abs(x - targets[t - 1])))

    R, bound = certified(
        rule(lambda t: 0.3 / math.sqrt(t), beta1=beta1, beta2=beta2, epsilon=0.0),
        v_hat,
        lambda t, x: weights[t - 1] * np.sign(x - targets[t - 1]),
        losses,
        np.full(4, 3.0),
        np.median(targets, axis=0),
        300,
    )
    assert 0 < R <= bound


@pytest.mark.parametrize(("rule", "v_hat"), AMSGRADS)
def test_repaired_bound_holds_for_amsgrad_on_the_sequence_that_breaks_theorem_4_1(rule, v_hat):
    sequence = ClippedSequence(10.0)
    averages = []
    for steps in (300, 3000):
        R, bound = certified(
            rule(lambda t: 0.3 / math.sqrt(t), beta1=0.0, beta2=1 / 101, epsilon=0.0),
            v_hat,
            sequence.gradient,
            lambda t, x: float(np.sum(sequence.loss(t, x))),
            [sequence.start],
            np.array([sequence.comparator]),
            steps,
        )
        assert R <= bound
        averages.append(R / steps)
    assert averages[1] < 0.5 * averages[0]


def test_true_bounds_are_the_sums_of_their_terms():
    # numbers that can be checked by hand: κ_1 = S_1 = H_1 = 1, and κ_2 = 1 + 1/3
    repaired = repaired_regret_bound([2.0], [4.0], D_inf=3, alpha=0.5, beta1=0.5, beta2=0.75)
    assert math.isclose(repaired, 9 * 2 / 0.5 + 0.5 * 1.5 / (2 * 0.5) * 2, rel_tol=1e-12)
    averaged = averaged_regret_bound([3.0, 4.0], D_inf=1, alpha=0.5, beta1=0.5)
    assert math.isclose(averaged, (1 / 0.5 + 0.5 * 1.5 * (4 / 3) / 0.5) * 5, rel_tol=1e-12)


def test_a_coordinate_without_gradients_adds_nothing_where_the_constant_is_beyond_float64():
    silent, both = np.zeros((5000, 1)), np.zeros((5000, 2))
    both[-1, 1] = 1.0
    arguments = {"D_inf": 1, "alpha": 0.5, "beta1": 0.9, "beta2": 0.5}
    assert repaired_regret_bound(silent, silent, **arguments) == 0.0
    assert repaired_regret_bound(both, both, **arguments) == math.inf


def test_adam_does_not_meet_the_condition_of_the_repaired_bound():
    g = [10.0, 0.1, 0.1, 0.1]
    v_hat = corrected_moments(g, 0.0, 0.1).v_hat
    with pytest.raises(ValueError, match=r"t · v_hat must never fall, but it falls at t = 2"):
        repaired_regret_bound(g, v_hat, D_inf=1, alpha=1, beta1=0.0, beta2=0.1)


@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("seed", range(3))
def test_bound_without_the_logarithm_holds_when_nothing_is_forgotten(beta1, seed):
    rng, steps, alpha = np.random.default_rng(seed), 400, 0.3
    # β2 = 1 - 2^-33 averages all squares, up to one part in 10^6
    adam = Adam(lambda t: alpha / math.sqrt(t), beta1=beta1, beta2=1 - 2.0**-33, epsilon=0.0)
    targets = rng.standard_normal(steps)
    gradients = [lambda x, c=c: np.sign(x - c) for c in targets]
    x = minimize(adam, gradients, np.array([4.0]), steps)[:-1, 0]
    best = np.median(targets)
    R = regret(np.abs(x - targets), np.abs(best - targets))[-1]
    D_inf = float(np.max(np.abs(x - best)))
    bound = averaged_regret_bound(np.sign(x - targets), D_inf=D_inf, alpha=alpha, beta1=beta1)
    assert 0 < R <= bound * (1 + 1e-6)


def test_bound_without_the_logarithm_holds_for_adagrad_on_the_sequence_that_breaks_theorem_4_1():
    sequence, adagrad = ClippedSequence(10.0), AdaGrad(alpha=0.3, epsilon=0.0)
    path = minimize(adagrad, sequence.gradients(), np.array([1.0]), 3000)
    g = [sequence.gradient(t, x) for t, x in enumerate(path[:-1], 1)]
    R = regret(sequence.losses(path), sequence.comparator_losses(3000))[-1]
    D_inf = float(np.max(np.abs(path[:-1] + 1)))
    assert 0 < R <= averaged_regret_bound(np.array(g), D_inf=D_inf, alpha=0.3, beta1=0.0)


def test_splitting_the_gradient_into_momenta_is_an_identity():
    rng = np.random.default_rng(20)
    g, d, beta1 = rng.standard_normal(40), rng.standard_normal(41), 0.9
    m = corrected_moments(g, beta1, 0.5).m_hat * (1 - beta1 ** np.arange(1, 41))
    inner = m[-1] * d[39] + np.sum(m[:-1] * (d[:39] - d[1:40]))
    right = np.sum(m * d[:40]) + beta1 / (1 - beta1) * inner
    assert math.isclose(np.sum(g * d[:40]), right, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"lam": 1.0}, "lam"),
        ({"beta1": 0.9, "beta2": 0.5}, "beta1² / sqrt"),
        ({"beta2": 0.0}, "beta2"),
        ({"alpha": 0.0}, "alpha"),
        ({"D": -1.0}, "D must"),
        ({"G_inf": math.nan}, "G_inf"),
    ],
)
def test_theorem_4_1_is_asked_only_where_it_speaks(change, name):
    arguments = dict(D=1, D_inf=1, G_inf=1, alpha=0.1, beta1=0.5, beta2=0.9, lam=0.5)
    with pytest.raises(ValueError, match=name):
        paper_regret_bound([1.0], 1.0, **(arguments | change))


def test_bad_shapes_are_refused():
    with pytest.raises(ValueError, match="one length"):
        regret([1.0, 2.0], [1.0])
    for v_hat in ([1.0, 2.0], [-0.5]):
        with pytest.raises(ValueError, match="v_hat must hold"):
            paper_regret_bound(
                [1.0], v_hat, D=1, D_inf=1, G_inf=1, alpha=1, beta1=0, beta2=0.5, lam=0.5
            )
    with pytest.raises(ValueError, match="shape of g"):
        repaired_regret_bound([1.0], [1.0, 2.0], D_inf=1, alpha=1, beta1=0, beta2=0.5)


def bounds(g, D):
    """The three bounds of a run of one coordinate with v̂ = 1."""
    known = {"alpha": 1.0, "beta1": 0.5}
    return np.array([
        averaged_regret_bound(g, D_inf=D, **known),
        repaired_regret_bound(g, np.ones(len(g)), D_inf=D, beta2=0.9, **known),
        paper_regret_bound(g, 1.0, D=D, D_inf=D, G_inf=0.0, beta2=0.9, lam=0.5, **known),
    ])  # fmt: skip


def test_small_gradients_are_no_zeros_to_the_bounds():
    assert np.all(bounds([1e-200], 0.0)[:2] > 1e-200)


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_diameter_whose_square_is_beyond_float64_has_an_infinite_bound():
    assert np.all(bounds([1.0], 1e200) == math.inf)


def test_a_bound_in_float32_is_that_in_float64():
    def bound(kind):
        one = {"D": 1.0, "D_inf": 1.0, "G_inf": 1.0, "alpha": 0.5}
        betas = {name: kind(np.float32(0.1)) for name in ("beta1", "beta2", "lam")}
        return paper_regret_bound([1.0], 1.0, **one, **betas)

    assert bound(np.float32) == bound(float)


def test_a_negative_second_moment_is_refused_by_name():
    known = {"D_inf": 1.0, "alpha": 0.5, "beta1": 0.0, "beta2": 0.5}
    with pytest.raises(ValueError, match="^v_hat must hold numbers ≥ 0, got -1$"):
        repaired_regret_bound([1.0, 1.0], [-1.0, 1.0], **known)


def test_the_repaired_bound_needs_the_comparator_in_the_box():
    """Slope -1 for ever on [-1, 1]: from 1 each step costs 1 against θ* = 2, and 0 against 1."""
    T = 4000
    known = {"alpha": 1.0, "beta1": 0.0, "beta2": 0.5}
    outside = repaired_regret_bound(-np.ones(T), np.ones(T), D_inf=1.0, **known)
    assert T > 2 * outside > 0


CONSTANTS = {"D_inf": 2.0, "alpha": 0.5, "beta1": 0.5, "beta2": 0.25}


def test_the_repaired_bound_is_the_sum_of_its_two_terms():
    g = np.array([[3.0, 0.0], [4.0, 1.0], [0.0, 2.0]])
    v_hat = np.array([[8.0, 8.0], [8.0, 8.0], [8.0, 8.0]])
    first = 2 * 4 / (2 * 0.5 * 0.5) * math.sqrt(3 * 8)
    constant = normalised_sum_constant(0.5, 0.25, 3) * math.sqrt(1 + 1 / 2 + 1 / 3)
    second = 0.5 * 1.5 / (2 * 0.5) * constant * (5 + math.sqrt(5))
    bound = repaired_regret_bound(g, v_hat, **CONSTANTS)
    assert bound == pytest.approx(first + second, rel=1e-12)


def test_a_scale_that_falls_is_refused_at_the_step_at_which_it_falls():
    with pytest.raises(ValueError, match=r"but it falls at t = 3$"):
        repaired_regret_bound(np.ones(3), [1.0, 2.0, 1.0], **CONSTANTS)
    with pytest.raises(ValueError, match=r"but it falls at t = 2$"):
        repaired_regret_bound(np.ones((3, 2)), [[1.0, 1.0], [1.0, 0.1], [1.0, 1.0]], **CONSTANTS)


def test_a_scale_that_falls_by_rounding_alone_is_none_that_falls():
    t = np.arange(1.0, 101)
    assert np.any(np.diff(t * (1 / t)) < 0)
    assert repaired_regret_bound(np.ones(100), 1 / t, **CONSTANTS) > 0


def test_the_constants_of_a_bound_are_handed_over_by_name():
    g, v_hat = np.ones(2), np.ones(2)
    with pytest.raises(TypeError):
        repaired_regret_bound(g, v_hat, 2.0, 0.5, 0.5, 0.25)
    by_name = repaired_regret_bound(g=g, v_hat=v_hat, **CONSTANTS)
    assert by_name == repaired_regret_bound(g, v_hat, **CONSTANTS)
    more = {"D": 1.0, "G_inf": 1.0, "lam": 0.5}
    with pytest.raises(TypeError):
        paper_regret_bound(g, 1.0, *CONSTANTS.values(), *more.values())
    by_name = paper_regret_bound(g=g, v_hat=1.0, **CONSTANTS, **more)
    assert by_name == paper_regret_bound(g, 1.0, **CONSTANTS, **more)
    with pytest.raises(TypeError):
        averaged_regret_bound(g, 2.0, 0.5, 0.5)
    own = {name: CONSTANTS[name] for name in ("D_inf", "alpha", "beta1")}
    assert averaged_regret_bound(g=g, **own) == averaged_regret_bound(g, **own)


def test_what_v_hat_must_hold_is_said_for_the_number_of_coordinates():
    with pytest.raises(ValueError, match="for each of 2 coordinates"):
        paper_regret_bound(np.ones((3, 2)), [1.0, 1.0, 1.0], D=1, G_inf=1, lam=0.5, **CONSTANTS)


@pytest.mark.parametrize("lam", [0.0, 1.0])
def test_a_decay_of_beta1_at_an_end_of_its_range_is_refused(lam):
    with pytest.raises(ValueError, match=r"lam must lie in \(0, 1\)"):
        paper_regret_bound([1.0], 1.0, D=1, G_inf=1, lam=lam, **CONSTANTS)


def test_paper_regret_bound_takes_no_text_for_lam():
    with pytest.raises(TypeError, match="^lam must "):
        paper_regret_bound([1.0], 1.0, D=1, G_inf=1, lam="0.5", **CONSTANTS)
