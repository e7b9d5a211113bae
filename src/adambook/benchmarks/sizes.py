"""The sizes that are measured: one flat array, or the tensors of a real network."""

from __future__ import annotations

import math

Shapes = list[tuple[int, ...]]


def resnet(blocks: tuple[int, ...], *, bottleneck: bool) -> Shapes:
    """Return the shapes of a residual network's parameters for ImageNet, in order.

    A stage of width w has blocks of two 3×3 convolutions, or of a bottleneck's 1×1, 3×3 and 1×1;
    every convolution is followed by the scale and shift of a batch normalisation, and a block
    whose input is of another width has one convolution more. Source: He et al. (2016), Table 1.

    >>> shapes = resnet((2, 2, 2, 2), bottleneck=False)  # ResNet-18
    >>> len(shapes), sum(math.prod(shape) for shape in shapes)
    (62, 11689512)
    """
    shapes: Shapes = []

    def convolution(width: int, inputs: int, side: int) -> None:
        shapes.extend([(width, inputs, side, side), (width,), (width,)])

    convolution(64, 3, 7)
    inputs = 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        outputs = 4 * width if bottleneck else width
        for _ in range(count):
            sides = ((width, 1), (width, 3), (outputs, 1)) if bottleneck else ((width, 3),) * 2
            before = inputs
            for filters, side in sides:
                convolution(filters, before, side)
                before = filters
            if inputs != outputs:
                convolution(outputs, inputs, 1)
            inputs = outputs
    return [*shapes, (1000, inputs), (1000,)]


NETWORKS = {
    "resnet18": resnet((2, 2, 2, 2), bottleneck=False),
    "resnet50": resnet((3, 4, 6, 3), bottleneck=True),
}
"""62 tensors of 11.7 million parameters, and 161 of 25.6 million."""


def shapes_of(size: str) -> Shapes:
    """Return the shapes that a size names: a number of parameters, or a network.

    Raises
    ------
    ValueError
        If it is neither.

    >>> shapes_of("1e4"), len(shapes_of("resnet50"))
    ([(10000,)], 161)
    """
    if size in NETWORKS:
        return NETWORKS[size]
    try:
        count = float(size)
    except ValueError:
        count = 0.0
    if not (count >= 1 and math.isfinite(count) and count == int(count)):
        raise ValueError(
            f"a size must be a whole number such as 1e6, or {' or '.join(NETWORKS)}, got {size!r}"
        )
    return [(int(count),)]


def parameters(shapes: Shapes) -> int:
    """Return the number of parameters of tensors of these shapes.

    >>> parameters([(2, 3), ()])
    7
    """
    return sum(math.prod(shape) for shape in shapes)
