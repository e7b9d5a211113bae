"""The cycle of two points: Adam itself stays on it, falls into it, or leaves it, as computed."""

import math

import numpy as np
import pytest
import sympy

from adambook import Adam, Momentum, symbolic, theory
from adambook.follow import follow

BETA1, BETA2 = symbolic.symbol("beta1"), symbolic.symbol("beta2")


def on_cycle(beta1, beta2, *, off=0.0, alpha=0.1, curvature=3.0, epsilon=0.0, steps=400):
    """Adam's path from the cycle (plus a relative offset), its state set as if t were large."""
    rule = Adam(alpha, beta1, beta2, epsilon)
    size = theory.two_cycle(alpha, beta1, curvature, epsilon)
    theta = np.array([size * (1 + off)])
    g = curvature * size
    state = rule.State(10**7, np.array([-(1 - beta1) / (1 + beta1) * g]), np.array([g**2]))
    path = [theta[0]]
    for _ in range(steps):
        delta, state = rule.update(curvature * theta, state, theta)
        theta = theta + delta
        path.append(theta[0])
    return np.array(path) / size * (-1.0) ** np.arange(steps + 1)


@pytest.mark.parametrize("epsilon", [0.0, 1e-3])
@pytest.mark.parametrize(("beta1", "beta2"), [(0.0, 0.9), (0.1, 0.99), (0.17, 0.999)])
def test_adam_stays_on_the_cycle(beta1, beta2, epsilon):
    np.testing.assert_allclose(on_cycle(beta1, beta2, epsilon=epsilon), 1.0, rtol=1e-9)


def test_one_step_leads_to_the_other_point_even_where_the_cycle_is_unstable():
    np.testing.assert_allclose(on_cycle(0.9, 0.999, steps=2), 1.0, rtol=1e-12)


@pytest.mark.parametrize("beta2", [0.5, 0.9, 0.99])
def test_an_offset_shrinks_below_the_critical_beta1_and_grows_above(beta2):
    edge = theory.critical_beta1(beta2)
    below = np.abs(on_cycle(edge - 0.02, beta2, off=1e-6, steps=9000) - 1)
    above = np.abs(on_cycle(edge + 0.02, beta2, off=1e-6, steps=9000) - 1)
    assert below[-100:].max() < 1e-8
    assert above.max() > 1e-3


@pytest.mark.parametrize("curvature", [0.1, 10.0])
def test_from_afar_and_at_t_0_adam_ends_in_the_cycle_where_it_is_stable(curvature):
    def pull(theta, c):
        return c * theta

    path = follow(Adam(0.01, 0.1, 0.9, 0.0), pull, np.full(5000, curvature), 1.0)
    np.testing.assert_allclose(np.abs(path[-50:]), theory.two_cycle(0.01, 0.1), rtol=1e-9)


def test_the_polynomial_is_as_displayed():
    _, a, b, d = theory.cycle_polynomial().all_coeffs()
    displayed = (
        1 - BETA1 - 3 * BETA2,
        3 * BETA1 + BETA2 - BETA1 * BETA2,
        -BETA1 * BETA2,
    )
    for coefficient, shown in zip((a, b, d), displayed, strict=True):
        assert sympy.expand(coefficient - shown) == 0


def test_jurys_conditions_are_as_the_proof_says():
    _, a, b, d = theory.cycle_polynomial().all_coeffs()
    claims = {
        1 + a + b + d: 2 * (1 + BETA1) * (1 - BETA2),
        1 - a + b - d: 4 * (BETA1 + BETA2),
        1 - d**2 + b - a * d: (1 + BETA2) * (1 + 3 * BETA1 * (1 - BETA2) - BETA1**2 * BETA2),
        1 - d**2 - b + a * d: (1 - BETA2) * theory.cycle_margin(BETA1, BETA2),
    }
    assert all(sympy.expand(left - right) == 0 for left, right in claims.items())


def test_the_margin_has_the_sign_of_one_minus_the_spectral_radius():
    coefficients = sympy.lambdify((BETA1, BETA2), theory.cycle_polynomial().all_coeffs())
    for beta1 in np.linspace(0.001, 0.999, 40):
        for beta2 in np.linspace(0.001, 0.999, 40):
            radius = np.abs(np.roots(coefficients(beta1, beta2))).max()
            assert (radius < 1) == (theory.cycle_margin(beta1, beta2) > 0)


def test_the_critical_beta1_is_a_zero_of_the_margin_and_runs_from_a_third_to_3_minus_2_root_2():
    beta2 = np.linspace(0, 1, 50)
    edge = np.array([theory.critical_beta1(b) for b in beta2])
    np.testing.assert_allclose(theory.cycle_margin(edge, beta2), 0, atol=1e-14)
    assert np.all(np.diff(edge) < 0)
    assert edge[0] == pytest.approx(1 / 3) and edge[-1] == pytest.approx(3 - 2 * math.sqrt(2))


def test_on_the_cycle_the_curvature_over_the_scale_is_the_edge_of_stability():
    alpha, beta1, c, epsilon = 0.01, 0.7, 3.0, 1e-4
    scale = c * theory.two_cycle(alpha, beta1, c, epsilon) + epsilon
    assert c / scale == pytest.approx(theory.edge_of_stability(alpha, beta1), rel=1e-12)


@pytest.mark.parametrize(("factor", "grows"), [(0.999, False), (1.001, True)])
def test_momentum_with_a_fixed_scale_is_stable_up_to_the_edge(factor, grows):
    alpha, beta1 = 0.05, 0.9
    curvature = factor * theory.edge_of_stability(alpha, beta1)
    rule = Momentum(alpha * (1 - beta1), beta1)  # the same as an average with step size alpha
    theta, state = np.array([1.0]), rule.init(np.array([1.0]))
    for _ in range(20_000):
        delta, state = rule.update(curvature * theta, state, theta)
        theta = theta + delta
    assert (abs(theta[0]) > 1e3) if grows else (abs(theta[0]) < 1e-1)


def test_without_a_cycle_the_sentence_names_epsilon():
    with pytest.raises(ValueError, match="epsilon must be below alpha"):
        theory.two_cycle(1e-3, 0.9, 1.0, epsilon=1e-3)


@pytest.mark.parametrize("beta2", [-0.001, 1.001, math.nan])
def test_there_is_no_critical_beta1_for_a_beta2_outside_0_to_1(beta2):
    with pytest.raises(ValueError, match=r"^beta2 must lie in \[0, 1\], got"):
        theory.critical_beta1(beta2)


def test_the_edge_of_the_smallest_step_sizes_is_infinite():
    assert theory.edge_of_stability(5e-324, 1 - 1e-8) == np.inf


def test_the_cycle_is_that_of_curvature_one_unless_another_is_named():
    assert theory.two_cycle(1e-3, 0.9, epsilon=1e-6) == theory.two_cycle(1e-3, 0.9, 1.0, 1e-6)
    assert theory.two_cycle(1e-3, 0.9, epsilon=1e-6) != theory.two_cycle(1e-3, 0.9, 2.0, 1e-6)


def test_an_epsilon_that_leaves_a_cycle_of_no_width_is_refused():
    with pytest.raises(ValueError, match="epsilon must be below alpha"):
        theory.two_cycle(4.0, 0.0, 1.0, epsilon=2.0)
