"""Clipping by the global norm: a step against one bad gradient, for NumPy arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambook.arguments import checked
from adambook.rules.rule import floating
from adambook.theory.arguments import positive


@checked
def global_norm(gradients: Sequence[NDArray[Any]]) -> float:
    r"""Return $\|g\| = \sqrt{\sum_k \|g_k\|^2}$ over all parameter arrays, in float64.

    >>> global_norm([np.array([3.0]), np.array([[0.0], [4.0]])])
    5.0
    """
    return math.sqrt(sum(float(np.sum(np.square(g, dtype=np.float64))) for g in gradients))


@checked
def clip_by_global_norm(
    gradients: Sequence[NDArray[Any]], largest: float
) -> tuple[list[NDArray[Any]], float]:
    r"""Return the gradients scaled together so that their global norm is at most `largest`.

    $g_k \leftarrow g_k\,\min(1, c/\|g\|)$ for all arrays k, with c = `largest`: the direction
    stays. A norm that is not finite is returned as it is, with the gradients unchanged: clipping
    cannot mend it, and the caller has to leave that step out.

    For PyTorch take `torch.nn.utils.clip_grad_norm_`, which does the same with $\|g\| + 10^{-6}$.
    Source: Pascanu, Mikolov and Bengio (2013), Algorithm 1.

    Parameters
    ----------
    gradients : sequence of float arrays
        One array a parameter; nothing given is changed.
    largest : float
        The largest norm c allowed, above 0.

    Returns
    -------
    list of arrays, float
        The clipped gradients and the norm before.

    Raises
    ------
    TypeError
        If a gradient does not hold real floating-point numbers.
    ValueError
        If `largest` is not a finite number above 0.

    >>> clip_by_global_norm([np.array([3.0]), np.array([4.0])], largest=1.0)
    ([array([0.6]), array([0.8])], 5.0)
    """
    largest = positive("largest", largest)
    gradients = [floating("each gradient", g) for g in gradients]
    norm = global_norm(gradients)
    factor = largest / norm if largest < norm < math.inf else 1.0
    return [g if factor == 1.0 else _scaled(g, factor) for g in gradients], norm


def _scaled(g: NDArray[Any], factor: float) -> NDArray[Any]:
    """Return a gradient times a factor, in float32 at least: in float16 the factor may be 0."""
    wide = np.result_type(g.dtype, np.float32)
    scaled: NDArray[Any] = (g * wide.type(factor)).astype(g.dtype, copy=False)
    return scaled
