"""The test functions: gradients by SymPy and finite differences, minima, grids, runs."""

import math

import numpy as np
import pytest
import sympy

from adambook import SGD, Adam, minimize
from adambook.problems import (
    DriftingQuadratic,
    beale,
    conditioned_quadratic,
    noisy_gradients,
    quadratic,
    ravine,
    rosenbrock,
    saddle,
)

PROBLEMS = [
    rosenbrock(),
    beale(),
    ravine(),
    saddle(),
    quadratic([[3.0, 1.0], [1.0, 2.0]], minimum=[1.0, -1.0]),
    conditioned_quadratic(100.0),
    conditioned_quadratic(100.0, math.pi / 4),
]
x, y = sympy.symbols("x y", real=True)
FORMULAS = [
    (rosenbrock(), (1 - x) ** 2 + 100 * (y - x**2) ** 2),
    (
        beale(),
        sum(
            (sympy.Rational(c) - x + x * y**k) ** 2
            for c, k in [("3/2", 1), ("9/4", 2), ("21/8", 3)]
        ),
    ),
    (ravine(7.0), sympy.sqrt(1 + x**2) - 1 + sympy.Rational(7, 2) * y**2),
    (saddle(), (x**2 - y**2) / 2 + y**4 / 4),
    (quadratic([[3.0, 1.0], [1.0, 2.0]]), (3 * x**2 + 2 * x * y + 2 * y**2) / 2),
]


def points(problem, n=60):
    """Random points inside the problem's bounds, shape (n, 2)."""
    low, high = np.array(problem.bounds).T
    return np.random.default_rng(0).uniform(low, high, (n, 2))


@pytest.mark.parametrize(("problem", "formula"), FORMULAS, ids=lambda p: getattr(p, "name", ""))
def test_value_and_gradient_are_those_of_the_formula(problem, formula):
    theta = points(problem)
    value = sympy.lambdify((x, y), formula)
    slopes = sympy.lambdify((x, y), [sympy.diff(formula, x), sympy.diff(formula, y)])
    np.testing.assert_allclose(problem.value(theta), value(*theta.T), rtol=1e-10, atol=1e-12)
    expected = np.transpose(slopes(*theta.T))
    np.testing.assert_allclose(problem.gradient(theta), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_gradient_is_the_slope_of_the_value(problem):
    theta, h = points(problem), 1e-6
    for axis in (0, 1):
        step = h * np.eye(2)[axis]
        slope = (problem.value(theta + step) - problem.value(theta - step)) / (2 * h)
        expected = problem.gradient(theta)[:, axis]
        np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_minimum_is_the_lowest_point_shown_and_start_lies_inside(problem):
    lowest = problem.value(problem.minimum)
    assert np.all(problem.value(points(problem, 3000)) >= lowest)
    np.testing.assert_allclose(problem.gradient(problem.minimum), 0, atol=1e-12)
    for point in (problem.minimum, problem.start):
        assert all(low < c < high for c, (low, high) in zip(point, problem.bounds, strict=True))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_a_grid_of_points_is_one_call_and_bad_shapes_are_refused(problem):
    grid = np.ones((3, 4, 2))
    assert problem.value(grid).shape == (3, 4) and problem.gradient(grid).shape == (3, 4, 2)
    with pytest.raises(ValueError, match="2 numbers along its last axis"):
        problem.value(np.ones(3))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_adam_descends_from_the_start(problem):
    path = minimize(Adam(alpha=0.02), problem.gradient, problem.start, steps=1500)
    drop = problem.value(path[-1]) - problem.value(problem.minimum)
    assert drop < 0.05 * (problem.value(problem.start) - problem.value(problem.minimum))


def test_rotation_keeps_the_curvatures_and_turns_the_axes():
    straight, turned = conditioned_quadratic(50.0), conditioned_quadratic(50.0, math.pi / 6)
    axis = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    np.testing.assert_allclose(turned.gradient(axis), axis, rtol=1e-12)
    for problem in (straight, turned):
        hessian = np.array([problem.gradient(e) for e in np.eye(2)])
        np.testing.assert_allclose(np.linalg.eigvalsh(hessian), [1, 50], rtol=1e-12)


def test_adam_is_slower_on_a_rotated_quadratic_and_gradient_descent_is_not():
    left = {}
    for rule in (Adam(alpha=0.01), SGD(alpha=0.01)):
        for angle in (0.0, math.pi / 4):
            problem = conditioned_quadratic(100.0, angle)
            turn = np.array(
                [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
            )
            path = minimize(rule, problem.gradient, turn @ np.ones(2), steps=200)
            left[type(rule), angle] = float(problem.value(path[-1]))
    assert math.isclose(left[SGD, 0.0], left[SGD, math.pi / 4], rel_tol=1e-6)
    assert left[Adam, math.pi / 4] > 2 * left[Adam, 0.0]


def test_drifting_minimum_is_followed_with_the_lag_of_gradient_descent():
    problem = DriftingQuadratic(1.0, lambda t: np.array([0.01 * t]))
    path = minimize(SGD(alpha=0.1), problem.gradients(), np.zeros(1), steps=300)
    lag = problem.centre(300) - path[-1]
    assert math.isclose(lag[0], 0.01 * (1 - 0.1) / 0.1, rel_tol=1e-6)  # drift (1 - αh) / (αh)
    h = 1e-6
    slope = (problem.value(5, np.array([2 + h])) - problem.value(5, np.array([2 - h]))) / (2 * h)
    assert math.isclose(slope, problem.gradient(5, np.array([2.0]))[0], rel_tol=1e-6)


def test_noise_has_the_deviation_asked_for_and_repeats_with_its_seed():
    n = 40_000

    def draw():
        return next(noisy_gradients(lambda theta: 3 * theta, 0.5, np.random.default_rng(1)))(
            np.ones(n)
        )

    g = draw()
    assert abs(g.mean() - 3) < 4 * 0.5 / math.sqrt(n)
    assert abs(g.var() - 0.25) < 4 * 0.25 * math.sqrt(2 / n)
    np.testing.assert_array_equal(g, draw())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: quadratic([[1.0, 2.0], [0.0, 1.0]]), "hessian must be a symmetric matrix"),
        (lambda: quadratic([[1.0, 0.0], [0.0, -1.0]]), "positive eigenvalues, got -1"),
        (lambda: quadratic([[1.0]], minimum=[1.0, 2.0]), r"minimum must have shape \(1,\)"),
        (lambda: conditioned_quadratic(0.5), r"condition must lie in \[1, ∞\), got 0.5"),
        (lambda: DriftingQuadratic(0.0, lambda t: np.zeros(1)), "curvature must .* got 0.0"),
        (
            lambda: next(noisy_gradients(lambda theta: theta, -1.0, np.random.default_rng(0))),
            "sigma must .* got -1.0",
        ),
        (lambda: ravine(0.0), "steepness must .* got 0.0"),
    ],
)
def test_bad_input_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_a_quadratic_does_not_change_with_what_it_was_made_of():
    hessian, minimum = np.eye(2), np.zeros(2)
    problem = quadratic(hessian, minimum)
    hessian[0, 0], minimum[0], problem.minimum[1] = 7.0, 3.0, 5.0
    np.testing.assert_array_equal(problem.gradient([1.0, 1.0]), [1.0, 1.0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: quadratic([[1e-9, 5e-10], [0.0, 1e-9]]), "hessian must be a symmetric matrix"),
        (lambda: quadratic(np.zeros((0, 0))), "hessian must be a matrix"),
        (lambda: quadratic(np.diag([np.inf, 1.0])), "hessian must be a matrix of finite numbers"),
        (lambda: quadratic(np.eye(2), [np.nan, 0.0]), "minimum must hold 2 finite numbers"),
        (lambda: conditioned_quadratic(10.0, math.inf), "angle must be finite, got inf"),
        (lambda: conditioned_quadratic(1e17, 0.7), "condition must be at most 1e15 at an angle"),
    ],
)
def test_a_quadratic_that_is_none_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()
