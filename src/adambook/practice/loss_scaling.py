"""Dynamic loss scaling: keep float16 gradients above the smallest number that float16 has."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from adambook.theory.arguments import positive, step_count


class LossScaler:
    r"""A factor s on the loss that is as large as float16 gradients allow.

    The gradient of $s\,J$ is $s\,g$. So the backward pass starts from $s\,J$, its small numbers
    stay above $6\cdot10^{-8}$, the least that float16 can hold, and the gradients are divided by
    s before the step, in the parameters' type: float32, for in float16 the small ones would be 0
    after all. If one of them is not finite, s was too large: the step is left out and s is halved.
    After `interval` good steps in a row s is doubled.

    Sources: Micikevicius et al. (2018), section 3.2, for a constant factor and the step left out;
    they name a factor that adjusts itself as an outlook. Halving and doubling are those of
    `torch.amp.GradScaler` (`backoff_factor`, `growth_factor`, `growth_interval`).

    Parameters
    ----------
    scale : float
        The factor s to begin with, above 0; a power of two rounds nothing.
    interval : int
        Good steps in a row before s is doubled, from 1.

    Raises
    ------
    ValueError
        If a parameter is out of its range.

    >>> import torch
    >>> scaler = LossScaler(scale=4.0, interval=2)
    >>> theta = torch.nn.Parameter(torch.tensor([1.0]))
    >>> scaler.scaled((3 * theta).sum()).backward()
    >>> float(theta.grad), scaler.unscale([theta]), float(theta.grad)
    (12.0, True, 3.0)
    """

    def __init__(self, scale: float = 2.0**16, interval: int = 2000) -> None:
        self.scale = positive("scale", scale)
        self.interval = step_count("interval", interval)
        self.good = 0

    def scaled(self, loss: torch.Tensor) -> torch.Tensor:
        """Return s times the loss, in float32: call `backward` on it.

        >>> float(LossScaler(scale=8.0).scaled(torch.tensor(0.5)))
        4.0
        """
        return loss.float() * self.scale

    def unscale(self, parameters: Iterable[torch.nn.Parameter]) -> bool:
        """Divide the gradients by s in place, move s, and return whether the step may be done.

        False means that a gradient is not finite, before or after the division: leave the step
        out.

        Raises
        ------
        TypeError
            If a gradient is of float16. Nothing is changed then.

        >>> theta = torch.nn.Parameter(torch.tensor([1.0]))
        >>> theta.grad, scaler = torch.tensor([float("inf")]), LossScaler(scale=8.0)
        >>> scaler.unscale([theta]), scaler.scale
        (False, 4.0)
        """
        gradients = [p.grad for p in parameters if p.grad is not None]
        if any(g.dtype is torch.float16 for g in gradients):
            raise TypeError(
                "gradients must not be of float16, where what is divided by the scale rounds to 0: "
                "keep the parameters in float32 and run the model under torch.autocast"
            )
        for g in gradients:
            g /= self.scale
        finite = all(bool(torch.isfinite(g).all()) for g in gradients)
        self.good = self.good + 1 if finite else 0
        if not finite:
            self.scale /= 2
        elif self.good == self.interval:
            self.scale, self.good = 2 * self.scale, 0
        return finite
