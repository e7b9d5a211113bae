"""A full layer whose products oneDNN computes."""

from __future__ import annotations

import torch


class Linear(torch.nn.Linear):
    r"""PyTorch's full layer, $y = Wx + b$, with products in single precision by oneDNN.

    On x86 processors PyTorch's own layer calls MKL, which on an AMD processor with AVX-512 keeps
    to AVX2. PyTorch carries a second library, oneDNN, for its convolutions, which uses what the
    processor has; a tensor in oneDNN's layout is multiplied by it. The sums are the same, added
    in another order, so that results differ by rounding. Where this PyTorch has no oneDNN, on an
    accelerator, in another precision, under `torch.autocast`, within `torch.compile`, and of one
    row without a batch it is PyTorch's own layer, to the bit.

    Parameters, shapes and start are those of `torch.nn.Linear`: weight (out_features, in_features),
    bias (out_features,).

    Raises
    ------
    RuntimeError
        By PyTorch, if x does not fit the weights, or a second derivative, one in forward mode, or
        a transform of `torch.func` is asked for: it has none of them for this product.

    >>> layer = Linear(3, 2)
    >>> x = torch.ones(4, 3)
    >>> torch.allclose(layer(x), torch.nn.functional.linear(x, layer.weight, layer.bias))
    True
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return $xW^T + b$, shape (..., out_features), of x of shape (..., in_features)."""
        if not _by_onednn(x, self.weight):
            return super().forward(x)
        y = torch.nn.functional.linear(x.to_mkldnn(), self.weight, self.bias)
        return torch.as_tensor(y.to_dense())


def _by_onednn(x: torch.Tensor, weight: torch.Tensor) -> bool:
    """Whether oneDNN multiplies these; what does not fit is left to PyTorch's layer to refuse."""
    there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return (
        there
        and type(x) in (torch.Tensor, torch.nn.Parameter)
        and all(a.device.type == "cpu" and a.dtype == torch.float32 for a in (x, weight))
        and x.layout == torch.strided
        and x.dim() > 1
        and x.shape[-1] == weight.shape[-1]
        and 0 not in weight.shape
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )
