"""The VAE's bound against its definition, written with PyTorch's distributions."""

import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from adambook.models.vae import VAE


def small(scale=0.5):
    return VAE(torch.Generator().manual_seed(0), pixels=6, hidden=5, latent=3, scale=scale)


def test_the_bound_is_reconstruction_plus_divergence():
    vae, noise = small(), torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    x = (torch.arange(42).reshape(7, 6) % 5 < 2).float()
    h = torch.log1p(torch.exp(x @ vae.encode.weight.T + vae.encode.bias))
    mu, log_variance = (h @ vae.moments.weight.T + vae.moments.bias).split(3, dim=1)
    q = Normal(mu, torch.exp(log_variance / 2))
    z = q.mean + q.stddev * noise
    k = torch.log1p(torch.exp(z @ vae.decode.weight.T + vae.decode.bias))
    pixels = Bernoulli(logits=k @ vae.logits.weight.T + vae.logits.bias)
    bound = kl_divergence(q, Normal(0.0, 1.0)).sum(1) - pixels.log_prob(x).sum(1)
    torch.testing.assert_close(vae(x, noise), bound.mean())


def test_the_bound_of_grey_pixels_is_linear_in_them():
    """Cross-entropy with a grey level between 0 and 1 mixes those with black and white."""
    vae, noise = small(), torch.zeros(1, 3)
    with torch.no_grad():  # the encoder must not see the difference
        vae.encode.weight.zero_()
    black, white, grey = (vae(torch.full((1, 6), level), noise) for level in (0.0, 1.0, 0.25))
    torch.testing.assert_close(grey, 0.75 * black + 0.25 * white)


def test_the_start_has_the_spread_that_is_asked_for_and_follows_the_generator():
    one, same = (VAE(torch.Generator().manual_seed(3)) for _ in range(2))
    other = VAE(torch.Generator().manual_seed(4))
    for p, q, r in zip(one.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)
        assert not torch.equal(p, r)
        if p.numel() > 10_000:
            assert abs(float(p.detach().std()) / 0.01 - 1) < 0.02
