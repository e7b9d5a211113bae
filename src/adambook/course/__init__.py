"""What the hidden tests of the assignments call: they find a fault, and say what it is.

A student's function is run on numbers that it has not seen, beside the real rule and beside
wrong rules that are made from the real one (`with_slips`). If it agrees with a wrong one, the
message says which. The grader itself is in the project's folder `tools/course`.
"""

from adambook.course.bounds import (
    extremal_gradients,
    step_bound,
    uncorrected_peak,
    uncorrected_step,
    weights,
)
from adambook.course.breaking import average_regret, breaking_gradients, slopes
from adambook.course.descent import corrected_average, descent, momentum, moving_average
from adambook.course.faults import Fault, agree, check, probe
from adambook.course.formulas import Guess, first_step, formula
from adambook.course.loops import loop
from adambook.course.slips import Slip, with_slips
from adambook.course.steps import adam_step, adamax_step, amsgrad_step, step
from adambook.course.training import best_step_size, cost_and_gradient, training

__all__ = [
    "Fault",
    "Guess",
    "Slip",
    "adam_step",
    "adamax_step",
    "agree",
    "amsgrad_step",
    "average_regret",
    "best_step_size",
    "breaking_gradients",
    "check",
    "corrected_average",
    "cost_and_gradient",
    "descent",
    "extremal_gradients",
    "first_step",
    "formula",
    "loop",
    "momentum",
    "moving_average",
    "probe",
    "slopes",
    "step",
    "step_bound",
    "training",
    "uncorrected_peak",
    "uncorrected_step",
    "weights",
    "with_slips",
]
