"""A full layer whose products oneDNN computes."""

from __future__ import annotations

import torch


class Linear(torch.nn.Linear):
    r"""PyTorch's full layer, $y = Wx + b$, with products in single precision by oneDNN.

    On x86 processors PyTorch's own layer calls MKL, which on an AMD processor with AVX-512 keeps
    to AVX2. PyTorch carries a second library, oneDNN, for its convolutions, which uses what the
    processor has; a tensor in oneDNN's layout is multiplied by it. The sums are the same, added
    in another order, so that results differ by rounding. Where this PyTorch has no oneDNN, on an
    accelerator and in another precision it is PyTorch's own layer, to the bit.

    Parameters, shapes and start are those of `torch.nn.Linear`: weight (out_features, in_features),
    bias (out_features,).

    Raises
    ------
    RuntimeError
        By PyTorch, if a second derivative is asked for, or `torch.func.vmap` is used: it has
        neither for this product.

    >>> layer = Linear(3, 2)
    >>> x = torch.ones(4, 3)
    >>> torch.allclose(layer(x), torch.nn.functional.linear(x, layer.weight, layer.bias))
    True
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return $xW^T + b$, shape (n, out_features), of x of shape (n, in_features)."""
        if not _by_onednn(x):
            return super().forward(x)
        y = torch.nn.functional.linear(x.to_mkldnn(), self.weight, self.bias)
        return torch.as_tensor(y.to_dense())


def _by_onednn(x: torch.Tensor) -> bool:
    there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return there and x.device.type == "cpu" and x.dtype == torch.float32
