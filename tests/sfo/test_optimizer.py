"""The Sum of Functions Optimizer on problems whose minimum is known."""

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize

from adambook.models import cost_and_gradient, with_ones
from adambook.sfo import SFO
from adambook.sfo.models import Models


def quadratics(m, n, seed=0):
    """n quadratics about centres: each, their sum, its minimum in closed form, and a start."""
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.standard_normal((m, m)))[0]
    shared = q * np.logspace(0, 2, m) @ q.T / n
    b = 0.3 * rng.standard_normal((n, m, m))
    a, c = shared + b @ b.transpose(0, 2, 1) / m, rng.standard_normal((n, m))
    lowest = np.linalg.solve(a.sum(axis=0), np.einsum("ijk,ik->j", a, c))

    def f(x, i):
        g = a[i] @ (x - c[i])
        return float((x - c[i]) @ g / 2), g

    def total(x):
        return sum(f(x, i)[0] for i in range(n))

    return f, total, lowest, 3 * rng.standard_normal(m)


@pytest.mark.parametrize(
    ("m", "n", "epochs"), [(1, 1, 10), (3, 5, 30), (10, 5, 40), (40, 8, 60), (200, 12, 60)]
)
def test_sums_of_quadratics_are_minimized_to_the_closed_form(m, n, epochs):
    f, total, lowest, start = quadratics(m, n)
    sfo = SFO(f, start, n)
    for _ in range(epochs):
        sfo.epoch()
    assert total(sfo.theta) - total(lowest) < 1e-9 * (total(start) - total(lowest))
    assert sfo.active == n


def digits(n):
    """Softmax regression on random data with a penalty, in n parts whose costs are summed."""
    rng = np.random.default_rng(3)
    x, y = with_ones(rng.standard_normal((240, 8))), rng.integers(0, 4, 240)
    parts = np.array_split(np.arange(240), n)

    def f(theta, j):
        w, rows = theta.reshape(4, 9), parts[j]
        cost, gradient = cost_and_gradient(w, x[rows], y[rows], penalty=0.05)
        return float(cost + 0.025 * np.sum(w[:, :-1] ** 2)), gradient.reshape(-1)

    def total(theta):
        both = [f(theta, j) for j in range(n)]
        return sum(v for v, _ in both), sum(g for _, g in both)

    return f, total


def test_logistic_regression_reaches_the_optimum_that_scipy_finds():
    f, total = digits(6)
    best = scipy_minimize(total, np.zeros(36), jac=True, method="BFGS", options={"gtol": 1e-9})
    sfo = SFO(f, np.zeros(36), 6)
    for _ in range(40):
        sfo.epoch()
    assert total(sfo.theta)[0] - best.fun < 1e-9
    np.testing.assert_allclose(sfo.theta, best.x, atol=1e-4)


def test_the_path_turns_with_the_coordinates():
    """Unlike Adam's, which goes coordinate by coordinate."""
    f, _, _, start = quadratics(30, 4)
    turn = np.linalg.qr(np.random.default_rng(9).standard_normal((30, 30)))[0]

    def turned(x, i):
        value, g = f(turn.T @ x, i)
        return value, turn @ g

    plain, other = SFO(f, start, 4), SFO(turned, turn @ start, 4)
    for _ in range(3):
        np.testing.assert_allclose(plain.epoch(), other.epoch(), rtol=1e-6)
    np.testing.assert_allclose(turn @ plain.theta, other.theta, rtol=1e-6, atol=1e-6)


def test_memory_grows_as_parameters_times_subfunctions():
    def held(m, n):
        return SFO(lambda x, i: (0.0, x), np.zeros(m, np.float32), n).nbytes

    for n in (2, 10, 30):
        assert held(30_000, n) - held(20_000, n) == 10_000 * 4 * (3 * (n + 1) + 1)


def test_memory_does_not_grow_with_the_steps():
    f, _, _, start = quadratics(100, 3)
    sfo = SFO(f, start, 3)
    before = sfo.nbytes
    for _ in range(30):
        sfo.epoch()
        assert sfo.space.size <= 12 - 2  # room for a look and a second one
    assert sfo.nbytes == before


def bent(centres):
    """Sums of ln cosh: curved at the bottom and straight far out, where a parabola overshoots."""

    def f(x, i):
        d = x - centres[i]
        return float(np.sum(np.logaddexp(d, -d))), np.tanh(d)

    return f


def bent_in_many_dimensions():
    centres = np.random.default_rng(2).standard_normal((4, 80))
    return bent(centres), np.full(80, 3.0)


@pytest.mark.parametrize("problem", [lambda: quadratics(80, 4)[::3], bent_in_many_dimensions])
def test_the_position_and_gradient_of_each_stay_in_the_subspace(problem):
    f, start = problem()
    sfo = SFO(f, start, 4)
    kept = {}
    for _ in range(60):
        latest = sfo.models.value.copy()
        sfo.step()
        for i in np.flatnonzero(sfo.models.seen & (sfo.models.value != latest)):
            at = start + sfo.space.vector(sfo.models.position[i, : sfo.space.size])
            kept[i] = at - start, f(at, i)[1]
            assert sfo.models.value[i] == pytest.approx(f(at, i)[0])
        for i, vectors in kept.items():
            for vector, held in zip(
                vectors, (sfo.models.position, sfo.models.gradient), strict=True
            ):
                read = sfo.space.vector(held[i, : sfo.space.size])
                np.testing.assert_allclose(read, vector, atol=1e-9 * np.linalg.norm(vector))
    assert len(kept) == 4


def test_a_step_that_made_its_subfunction_rise_is_taken_back():
    seen, f = [], bent(np.zeros((1, 1)))

    def watched(x, i):
        seen.append(float(x[0]))
        return f(x, i)

    sfo = SFO(watched, np.array([2.0]), 1)
    while not sfo.bad:
        sfo.step()
    stood, tried, again = seen[-3:]
    assert again == stood and abs(tried) > abs(stood)
    assert sfo.share == 0.5 and sfo.looks == len(seen)
    assert sfo.models.position[0, 0] == sfo.before[0]  # it went on from where it had stood
    assert sfo.models.pairs[0] == 3  # 2 to 1.9 to 0.9, and the step that failed


def test_a_high_first_look_is_no_bad_step_if_it_was_higher_before():
    f, looked = bent(np.zeros((2, 1))), []

    def raised(x, i):
        looked.append((i, float(x[0])))
        value, gradient = f(x, i)
        return value + 100 * i, gradient

    sfo = SFO(raised, np.array([2.0]), 2)
    sfo.step(), sfo.step()
    assert looked == [(0, 2.0), (1, 1.9), (1, 2.0)]
    assert sfo.bad == 0 and sfo.share == 1
    assert sfo.models.value[1] == raised(np.array([1.9]), 1)[0] and sfo.models.pairs[1] == 1


@pytest.mark.parametrize("seed", range(4))
def test_the_bottom_is_reached_though_parabolas_overshoot(seed):
    centres = np.random.default_rng(seed).standard_normal((5, 12))
    f = bent(centres)
    best = scipy_minimize(
        lambda x: tuple(map(sum, zip(*(f(x, i) for i in range(5)), strict=True))),
        np.zeros(12), jac=True, method="BFGS", options={"gtol": 1e-9},
    )  # fmt: skip
    sfo = SFO(f, np.full(12, 3.0), 5)
    for _ in range(30):
        sfo.epoch()
    assert sfo.bad > 0 and sfo.share == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(sfo.theta, best.x, atol=1e-5)


def test_a_first_look_is_doubted_beyond_three_standard_deviations_of_the_others():
    f = bent(np.zeros((3, 1)))

    def looks_at_the_third(height):
        looked, heights = [], (0.0, 10.0, height)

        def raised(x, i):
            looked.append(i)
            value, gradient = f(x, i)
            return value + heights[i], gradient

        sfo = SFO(raised, np.array([0.5]), 3, first_step=1e-3)
        while sfo.models.seen.sum() < 3:
            sfo.step()
        return looked.count(2)

    assert looks_at_the_third(12.0) == looks_at_the_third(19.0) == 1
    assert looks_at_the_third(21.0) == 2


@pytest.mark.parametrize(("promised", "doubted"), [(4.0, True), (5.0, False)])
def test_a_rise_is_measured_against_what_the_step_promised_of_the_others(promised, doubted):
    sfo = SFO(lambda x, i: (0.0, x), np.zeros(1), 2)
    models = sfo.models
    models.seen[0], models.value[0], models.gradient[0, 0] = True, 5.0, -2.0
    sfo.z[0], sfo.promised = 1.0, promised  # the model says 3; of the others: promised - 2
    assert sfo._doubted(0, 5.5) is doubted
    assert not sfo._doubted(0, 4.9)  # no rise


@pytest.mark.parametrize(("axis", "most"), [(0, 3**0.5), (1, 10 * 3**0.5)])
def test_gradients_agree_up_to_a_scatter_that_is_larger_across_steep_directions(axis, most):
    """Three about (1, 0) where H = diag(1, 100): 1 is at least 2 s²/6, or 2 s²/600."""
    models = Models(n=3, size=2, history=1)
    models.seen[:], models.hessian[:] = True, np.diag([1.0, 100.0]) / 3
    for scatter, agree in ((0.99 * most, True), (1.01 * most, False)):
        models.gradient[:] = [1.0, 0.0]
        models.gradient[:, axis] += scatter * np.array([1.0, -1.0, 0.0])
        assert models.agree(active=3, size=2) is agree


def test_a_bad_step_lets_another_subfunction_take_part():
    sfo, grown = SFO(bent(np.zeros((9, 1))), np.array([2.0]), 9), 0
    while sfo.active < sfo.n:
        active, bad = sfo.active, sfo.bad
        sfo.step()
        if sfo.bad > bad:
            grown += 1
            assert sfo.active == active + 1
    assert grown > 0


def test_no_step_is_longer_than_ten_mean_steps():
    centres = np.random.default_rng(0).standard_normal((5, 12))
    sfo, shares = SFO(bent(centres), np.full(12, 6.0), 5), []
    for _ in range(60):
        sfo.step()
        if sfo.steps > 5:
            mean = sfo.travelled / (sfo.steps - 1)
            shares.append(np.linalg.norm(sfo.z - sfo.before) / mean)
    assert 9.999 < max(shares) < 10.001


def test_a_second_look_that_is_not_finite_is_forgotten():
    f, start = bent(np.zeros((2, 1))), np.array([2.0])

    def broken(x, i):
        value, gradient = f(x, i)
        return (0.0, gradient * np.nan) if i == 1 and x == start else (value + 100 * i, gradient)

    sfo = SFO(broken, start, 2)
    sfo.step(), sfo.step()
    assert sfo.looks == 3 and sfo.bad == 0
    assert np.isfinite(sfo.theta).all() and np.isfinite(sfo.models.gradient).all()


def test_it_goes_on_when_every_step_so_far_was_bad():
    sfo = SFO(bent(np.zeros((1, 1))), np.array([1.0]), 1, first_step=30.0)
    for _ in range(20):
        sfo.epoch()
    assert sfo.bad > 0
    np.testing.assert_allclose(sfo.theta, 0.0, atol=1e-6)


def test_a_second_look_is_one_less_in_the_next_pass():
    f = bent(np.zeros((3, 1)))
    sfo = SFO(f, np.array([5.0]), 3)
    for k in range(1, 20):
        values = sfo.epoch()
        assert 3 * k <= sfo.looks <= 3 * k + 1 and 1 <= len(values) <= 3
    assert sfo.bad > 0


def test_what_it_is_given_is_not_changed():
    f, _, _, start = quadratics(10, 3)
    kept = start.copy()
    sfo = SFO(f, start, 3)
    sfo.epoch()
    np.testing.assert_array_equal(start, kept)


@pytest.mark.parametrize("stop", [1, 5, 17])
def test_taken_up_again_it_goes_on_to_the_same_bits(stop):
    f, _, _, start = quadratics(60, 5)
    whole, first, second = (SFO(f, start, 5) for _ in range(3))
    values = [whole.step() for _ in range(40)]
    begun = [first.step() for _ in range(stop)]
    second.restore({name: np.array(a) for name, a in first.arrays().items()})
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name])
    assert begun + [second.step() for _ in range(40 - stop)] == values
    np.testing.assert_array_equal(whole.theta, second.theta)


def test_it_steps_back_from_where_a_subfunction_is_not_finite():
    """-ln x + c x has its minimum at x = 1/c and is no number left of 0."""

    def f(x, i):
        with np.errstate(all="ignore"):
            return float(np.sum((i + 1) * x - np.log(x))), (i + 1) - 1 / x

    sfo = SFO(f, np.full(3, 5.0), 3, first_step=30.0)
    for _ in range(40):
        sfo.epoch()
    assert sfo.bad > 0
    np.testing.assert_allclose(sfo.theta, 0.5, rtol=1e-5)  # 3/(1 + 2 + 3)


def test_a_start_that_is_not_finite_is_refused():
    with pytest.raises(FloatingPointError, match="subfunction 0 is not finite at the start"):
        SFO(lambda x, i: (np.nan, x), np.zeros(2), 2).step()


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"theta0": np.zeros((2, 2))}, ValueError, r"shape \(M,\), got shape \(2, 2\)"),
        ({"theta0": np.zeros(2, int)}, TypeError, "theta0 must hold real floating-point"),
        ({"n": 0}, ValueError, "at least 1, got 0"),
        ({"history": 0}, ValueError, "at least 1, got 2 and 0"),
        ({"first_step": -1.0}, ValueError, "first_step must be a positive number, got -1.0"),
    ],
)
def test_bad_arguments_get_one_sentence(arguments, error, text):
    given = {"theta0": np.zeros(2), "n": 2, **arguments}
    with pytest.raises(error, match=text):
        SFO(lambda x, i: (0.0, x), **given)


def test_a_gradient_of_the_wrong_shape_names_its_subfunction():
    with pytest.raises(ValueError, match=r"subfunction 0 must have theta's shape \(2,\)"):
        SFO(lambda x, i: (0.0, np.zeros(3)), np.zeros(2), 2).step()


@pytest.mark.parametrize(("m", "n", "seed"), [(3, 50, 0), (5, 20, 1)])
def test_epochs_go_on_at_the_minimum_where_rounding_hides_the_curvature(m, n, seed):
    rng, parts = np.random.default_rng(seed), []
    for _ in range(n):
        q = rng.normal(size=(m, m))
        parts.append((q @ q.T / m + 0.1 * np.eye(m), rng.normal(size=m)))
    lowest = np.linalg.solve(sum(a for a, _ in parts), sum(a @ c for a, c in parts))

    def f(x, i):
        a, c = parts[i]
        return float((x - c) @ a @ (x - c) / 2), a @ (x - c)

    sfo = SFO(f, np.zeros(m), n)
    for _ in range(30):
        sfo.epoch()
    np.testing.assert_allclose(sfo.theta, lowest, rtol=1e-9)


def test_a_function_may_use_one_array_for_all_its_gradients():
    f, start = bent_in_many_dimensions()
    held = np.zeros(80)

    def reusing(x, i):
        value, held[:] = f(x, i)
        return value, held

    plain, other = SFO(f, start, 4), SFO(reusing, start, 4)
    for _ in range(10):
        plain.epoch(), other.epoch()
    assert plain.looks > plain.steps  # a second look was taken, and wrote over the first
    np.testing.assert_array_equal(plain.theta, other.theta)
