"""The paper's models, one file each."""

from adambook.models.cnn import CNN
from adambook.models.initial import initialize
from adambook.models.logistic_regression import accuracy, cost_and_gradient, with_ones
from adambook.models.mlp import MLP
from adambook.models.noise import check_rates, dropout
from adambook.models.whitening import standardize, zca

__all__ = [
    "CNN",
    "MLP",
    "accuracy",
    "check_rates",
    "cost_and_gradient",
    "dropout",
    "initialize",
    "standardize",
    "with_ones",
    "zca",
]
