"""Rates on quadratics: against the rules run, against grids, against the polynomials."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize as scipy_minimize

from adambook import SGD, Adam, Momentum, Nesterov, minimize
from adambook.theory.quadratic_rates import (
    best_gradient_descent,
    best_momentum,
    convergence_factor,
    critical_momentum,
    step_matrix,
)

RULES = [SGD(alpha=0.3), Momentum(alpha=0.3, mu=0.7), Nesterov(alpha=0.3, mu=0.7)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("curvature", [0.01, 0.5, 2.0])
def test_powers_of_the_matrix_are_the_path(rule, curvature):
    path = minimize(rule, lambda theta: curvature * theta, np.array(1.0), steps=12)
    start = np.zeros(1 + len(rule.state_names))
    start[0] = 1.0
    A = step_matrix(rule, curvature)
    powers = [(np.linalg.matrix_power(A, t) @ start)[0] for t in range(13)]
    np.testing.assert_allclose(powers, path, atol=1e-12)


@pytest.mark.parametrize("alpha_lambda", [0.01, 0.3, 1.0, 1.9])
def test_gradient_descents_factor_is_one_minus_alpha_lambda(alpha_lambda):
    factor = convergence_factor(SGD(alpha=alpha_lambda), 1.0)
    assert factor == pytest.approx(abs(1 - alpha_lambda), abs=1e-14)


@pytest.mark.parametrize("mu", [0.0, 0.2, 0.9])
@pytest.mark.parametrize("alpha_lambda", [0.02, 0.5, 1.5])
def test_eigenvalues_solve_the_polynomials(mu, alpha_lambda):
    heavy = np.linalg.eigvals(step_matrix(Momentum(alpha=alpha_lambda, mu=mu), 1.0))
    np.testing.assert_allclose(heavy**2 - (1 + mu - alpha_lambda) * heavy + mu, 0, atol=1e-12)
    ahead = np.linalg.eigvals(step_matrix(Nesterov(alpha=alpha_lambda, mu=mu), 1.0))
    q = 1 - alpha_lambda
    np.testing.assert_allclose(ahead**2 - (1 + mu) * q * ahead + mu * q, 0, atol=1e-12)


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9])
def test_momentum_is_stable_below_two_times_one_plus_mu(mu):
    edge = 2 * (1 + mu)
    assert convergence_factor(Momentum(alpha=edge * 0.999, mu=mu), 1.0) < 1
    assert convergence_factor(Momentum(alpha=edge * 1.001, mu=mu), 1.0) > 1


@pytest.mark.parametrize("condition", [1.0, 3.0, 100.0])
def test_no_step_size_beats_the_best(condition):
    best = best_gradient_descent(1.0, condition)
    ends = [1.0, condition]
    assert best.mu == 0.0
    assert convergence_factor(SGD(alpha=best.alpha), ends) == pytest.approx(best.factor, abs=1e-12)
    others = [convergence_factor(SGD(alpha=a * best.alpha), ends) for a in np.linspace(0.5, 2, 61)]
    assert min(others) >= best.factor - 1e-12


@pytest.mark.parametrize("condition", [4.0, 30.0, 400.0])
def test_no_momentum_beats_the_best(condition):
    best = best_momentum(1.0, condition)
    curvatures = np.geomspace(1, condition, 9)
    there = convergence_factor(Momentum(alpha=best.alpha, mu=best.mu), curvatures)
    assert there == pytest.approx(best.factor, abs=1e-6)  # a double root: half the digits

    def factor(x):
        alpha, mu = math.exp(x[0]), 1 / (1 + math.exp(-x[1]))
        return convergence_factor(Momentum(alpha=alpha, mu=mu), [1.0, condition])

    starts = [(math.log(best.alpha * a), b) for a in (0.3, 1.0, 3.0) for b in (-3.0, 0.0, 3.0)]
    found = min(scipy_minimize(factor, s, method="Nelder-Mead").fun for s in starts)
    assert best.factor - 1e-6 <= found <= best.factor + 1e-2


@pytest.mark.parametrize("alpha_lambda", [0.01, 0.2, 0.81, 1.0, 2.25, 3.9])
def test_the_critical_momentum_attains_the_smallest_factor(alpha_lambda):
    least, critical = abs(1 - math.sqrt(alpha_lambda)), critical_momentum(alpha_lambda)
    there = convergence_factor(Momentum(alpha=alpha_lambda, mu=critical), 1.0)
    assert there == pytest.approx(least, abs=1e-6)  # a double root: half the digits
    for mu in np.linspace(0, 0.99, 100):
        factor = convergence_factor(Momentum(alpha=alpha_lambda, mu=mu), 1.0)
        assert factor >= least - 1e-6
        if mu >= critical:
            assert factor == pytest.approx(math.sqrt(mu), abs=1e-6)
        else:
            assert factor > math.sqrt(mu)


def test_nesterovs_factor_is_the_root_of_mu_times_one_minus_alpha_lambda():
    factor = convergence_factor(Nesterov(alpha=0.1, mu=0.9), 1.0)
    assert factor == pytest.approx(math.sqrt(0.9 * 0.9), abs=1e-12)


@pytest.mark.parametrize(
    "rule",
    [Adam(), SGD(alpha=np.array([0.1])), Momentum(alpha=lambda t: 0.1)],
    ids=["no linear rule", "an array", "a schedule"],
)
def test_other_rules_are_refused(rule):
    with pytest.raises(TypeError, match="rule must"):
        step_matrix(rule, 1.0)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: step_matrix(SGD(), 0.0), "curvature"),
        (lambda: best_gradient_descent(2.0, 1.0), "smallest"),
        (lambda: best_momentum(0.0, 1.0), "smallest"),
        (lambda: critical_momentum(4.0), "alpha_lambda"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()


@pytest.mark.parametrize("product", [0, 0.0, 4, 4.0])
def test_no_momentum_is_the_best_at_the_ends_of_its_range(product):
    with pytest.raises(ValueError, match=r"^alpha_lambda must lie in \(0, 4\), got"):
        critical_momentum(product)


def test_the_best_settings_of_near_curvatures_keep_their_digits():
    high = 1.0 + 1e-8
    apart = high - 1  # the root of high is 1 + apart / 2 - apart² / 8, and so on
    expected = apart / 4 * (1 - apart / 2)
    assert best_momentum(1.0, high).factor == pytest.approx(expected, rel=1e-14, abs=0)
    expected = apart**2 / 4 * (1 - apart / 2)
    assert critical_momentum(high) == pytest.approx(expected, rel=1e-14, abs=0)


def test_the_best_settings_of_the_largest_curvatures_are_found():
    found = best_gradient_descent(1e308, 1.5e308)
    assert found.alpha == pytest.approx(0.8e-308, abs=0) and found.factor == pytest.approx(0.2)
    found = best_momentum(1e308, 1e308)
    assert found.alpha == pytest.approx(1e-308, abs=0) and found.factor == 0
