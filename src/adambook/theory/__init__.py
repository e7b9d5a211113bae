"""What can be proved about Adam, as functions: each docstring holds its theorem and the proof.

Bounds on a step are multiples of α, at ε = 0. Bad input raises ValueError.
"""

from adambook.theory.adamax_bound import adamax_extremal_gradients, adamax_step_bound
from adambook.theory.averages import (
    average_weights,
    effective_count,
    mean_age,
    moving_average,
    share_within,
)
from adambook.theory.bias import drift_residual, drift_residual_bound, expected_second_moment
from adambook.theory.critical_beta2 import critical_beta2, cycle_drift, cycle_moments
from adambook.theory.lemmas import (
    Sides,
    harmonic,
    lemma_10_3,
    lemma_10_4,
    momentum_constant,
    normalised_sum_constant,
    paper_gamma,
    repaired_lemma_10_3,
    repaired_lemma_10_4,
)
from adambook.theory.limit_cycles import (
    critical_beta1,
    cycle_margin,
    cycle_point,
    cycle_polynomial,
    edge_of_stability,
    two_cycle,
)
from adambook.theory.moments import Moments, corrected_moments
from adambook.theory.noise_floor import noise_floor, skew_shift
from adambook.theory.norms import discounted_norm
from adambook.theory.quadratic_rates import (
    Best,
    best_gradient_descent,
    best_momentum,
    convergence_factor,
    critical_momentum,
    step_matrix,
)
from adambook.theory.regret import (
    averaged_regret_bound,
    paper_regret_bound,
    regret,
    repaired_regret_bound,
)
from adambook.theory.sharpness import preconditioned_sharpness
from adambook.theory.signal import normalised_step_floor, normalised_step_rms
from adambook.theory.startup import (
    Peak,
    uncorrected_mean,
    uncorrected_peak,
    uncorrected_step,
    uncorrected_step_bound,
)
from adambook.theory.step_bound import (
    extremal_gradients,
    paper_step_bound,
    spike_step,
    step_bound,
    step_bound_squared,
    step_bounds,
)
from adambook.theory.step_sizes import step_sizes
from adambook.theory.travel import fewest_steps, travel_bound

__all__ = [
    "Best",
    "Moments",
    "Peak",
    "Sides",
    "adamax_extremal_gradients",
    "adamax_step_bound",
    "average_weights",
    "averaged_regret_bound",
    "best_gradient_descent",
    "best_momentum",
    "convergence_factor",
    "corrected_moments",
    "critical_beta1",
    "critical_beta2",
    "critical_momentum",
    "cycle_drift",
    "cycle_margin",
    "cycle_point",
    "cycle_moments",
    "cycle_polynomial",
    "discounted_norm",
    "drift_residual",
    "drift_residual_bound",
    "edge_of_stability",
    "effective_count",
    "expected_second_moment",
    "extremal_gradients",
    "fewest_steps",
    "harmonic",
    "lemma_10_3",
    "lemma_10_4",
    "mean_age",
    "momentum_constant",
    "moving_average",
    "noise_floor",
    "normalised_step_floor",
    "normalised_step_rms",
    "normalised_sum_constant",
    "paper_gamma",
    "paper_regret_bound",
    "paper_step_bound",
    "preconditioned_sharpness",
    "regret",
    "repaired_lemma_10_3",
    "repaired_lemma_10_4",
    "repaired_regret_bound",
    "share_within",
    "skew_shift",
    "spike_step",
    "step_bound",
    "step_bound_squared",
    "step_bounds",
    "step_matrix",
    "step_sizes",
    "travel_bound",
    "two_cycle",
    "uncorrected_mean",
    "uncorrected_peak",
    "uncorrected_step",
    "uncorrected_step_bound",
]
