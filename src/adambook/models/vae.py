"""The variational auto-encoder of Figure 4 (Kingma and Welling, 2013)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import softplus

from adambook.models.linear import Linear


class VAE(nn.Module):
    r"""A Gaussian encoder and a Bernoulli decoder, one softplus layer each.

    Encoder: $h = \mathrm{softplus}(W_1 x + b_1)$, then the mean $\mu$ and the logarithm of the
    variance, $\ln\sigma^2$, of z, each linear in h. Decoder:
    $k = \mathrm{softplus}(W_2 z + b_2)$, then the logits of the pixels, linear in k. All
    parameters start from a normal distribution with standard deviation `scale`.

    Parameters
    ----------
    generator : torch.Generator
        Where the start comes from.
    pixels, hidden, latent : int
        Sizes of x, h (and k), z.
    scale : float
        Standard deviation of the start.

    >>> vae = VAE(torch.Generator().manual_seed(0))
    >>> sum(p.numel() for p in vae.parameters())
    860884
    """

    def __init__(
        self,
        generator: torch.Generator,
        pixels: int = 784,
        hidden: int = 500,
        latent: int = 50,
        scale: float = 0.01,
    ) -> None:
        super().__init__()
        self.latent = latent
        self.encode = Linear(pixels, hidden)
        self.moments = Linear(hidden, 2 * latent)
        self.decode = Linear(latent, hidden)
        self.logits = Linear(hidden, pixels)
        for p in self.parameters():
            with torch.no_grad():
                p.normal_(0, scale, generator=generator)

    def forward(self, x: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        r"""Return the negative lower bound on $\ln p(x)$, a mean over examples, in nats.

        With $z = \mu + \sigma\eta$, one draw an example, and ℓ the decoder's logits,

        $$-\mathcal L = \sum_j \ln(1 + e^{\ell_j}) - x_j\ell_j
        + \tfrac12\sum_k \mu_k^2 + \sigma_k^2 - \ln\sigma_k^2 - 1 .$$

        The first sum is the reconstruction cost, the second the divergence of the encoder's
        normal from the standard one. Source: Kingma and Welling (2014), equation 10.

        Parameters
        ----------
        x : tensor, shape (n, pixels)
            Grey levels in [0, 1].
        noise : tensor, shape (n, latent)
            η, standard normal.

        Returns
        -------
        tensor, shape ()

        >>> vae = VAE(torch.Generator().manual_seed(0), pixels=4, hidden=3, latent=2, scale=0.0)
        >>> cost = vae(torch.ones(5, 4), torch.randn(5, 2))
        >>> round(float(cost.detach()) / 4, 4)  # ln 2 a pixel
        0.6931
        """
        mu, log_variance = self.moments(softplus(self.encode(x))).split(self.latent, dim=1)
        z = mu + torch.exp(log_variance / 2) * noise
        logits = self.logits(softplus(self.decode(z)))
        reconstruction = (softplus(logits) - x * logits).sum()
        divergence = (mu**2 + torch.exp(log_variance) - log_variance - 1).sum() / 2
        bound: torch.Tensor = (reconstruction + divergence) / len(x)
        return bound
