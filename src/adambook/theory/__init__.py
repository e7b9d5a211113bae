"""What can be proved about Adam, as functions: each docstring holds its theorem and the proof.

Bounds on a step are multiples of α, at ε = 0. Bad input raises ValueError.
"""

from adambook.theory.adamax_bound import adamax_extremal_gradients, adamax_step_bound
from adambook.theory.bias import drift_residual, drift_residual_bound, expected_second_moment
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
from adambook.theory.moments import Moments, corrected_moments
from adambook.theory.norms import discounted_norm
from adambook.theory.regret import (
    averaged_regret_bound,
    paper_regret_bound,
    regret,
    repaired_regret_bound,
)
from adambook.theory.signal import normalised_step_floor, normalised_step_rms
from adambook.theory.startup import (
    Peak,
    uncorrected_peak,
    uncorrected_step,
    uncorrected_step_bound,
)
from adambook.theory.step_bound import (
    extremal_gradients,
    paper_step_bound,
    spike_step,
    step_bound,
    step_bounds,
)
from adambook.theory.travel import fewest_steps, travel_bound

__all__ = [
    "Moments",
    "Peak",
    "Sides",
    "adamax_extremal_gradients",
    "adamax_step_bound",
    "averaged_regret_bound",
    "corrected_moments",
    "discounted_norm",
    "drift_residual",
    "drift_residual_bound",
    "expected_second_moment",
    "extremal_gradients",
    "fewest_steps",
    "harmonic",
    "lemma_10_3",
    "lemma_10_4",
    "momentum_constant",
    "normalised_step_floor",
    "normalised_step_rms",
    "normalised_sum_constant",
    "paper_gamma",
    "paper_regret_bound",
    "paper_step_bound",
    "regret",
    "repaired_lemma_10_3",
    "repaired_lemma_10_4",
    "repaired_regret_bound",
    "spike_step",
    "step_bound",
    "step_bounds",
    "travel_bound",
    "uncorrected_peak",
    "uncorrected_step",
    "uncorrected_step_bound",
]
