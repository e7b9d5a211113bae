"""The paper's models, one file each."""

from adambook.models.logistic_regression import accuracy, cost_and_gradient, with_ones

__all__ = ["accuracy", "cost_and_gradient", "with_ones"]
