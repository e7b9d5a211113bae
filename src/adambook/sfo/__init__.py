"""The Sum of Functions Optimizer (Sohl-Dickstein, Poole and Ganguli, 2014), from its paper.

`SFO` is the loop, `Models` the quadratic model of each subfunction, `estimate` the curvature in
it, `Subspace` the few directions in which all of it is kept.
"""

from adambook.sfo.hessian import bfgs, estimate, positive, smallest_curvature
from adambook.sfo.models import Models
from adambook.sfo.optimizer import SFO
from adambook.sfo.subspace import Subspace

__all__ = ["SFO", "Models", "Subspace", "bfgs", "estimate", "positive", "smallest_curvature"]
