"""Problems with known answers: test functions, moving and noisy targets, online sequences."""

from adambook.problems.beale import beale
from adambook.problems.digits_network import DigitsNetwork, squared_error
from adambook.problems.online import ClippedSequence, LinearSequence, StochasticLinear, play
from adambook.problems.problem import Problem
from adambook.problems.quadratics import (
    DriftingQuadratic,
    conditioned_quadratic,
    noisy_gradients,
    quadratic,
)
from adambook.problems.ravine import ravine
from adambook.problems.rosenbrock import rosenbrock
from adambook.problems.saddle import saddle

__all__ = [
    "ClippedSequence",
    "DigitsNetwork",
    "DriftingQuadratic",
    "LinearSequence",
    "Problem",
    "StochasticLinear",
    "beale",
    "conditioned_quadratic",
    "noisy_gradients",
    "play",
    "quadratic",
    "ravine",
    "rosenbrock",
    "saddle",
    "squared_error",
]
