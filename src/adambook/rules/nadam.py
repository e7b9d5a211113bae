"""NAdam (Dozat, 2016): Adam with Nesterov's look-ahead in the first moment."""

from dataclasses import dataclass

from adambook.rules.adam import Adam
from adambook.rules.ranges import Number, hyperparameter


def nadam(xp):
    """NAdam for one coordinate: a share of the gradient and a share of the moment."""

    def step(c, g, theta, m, v):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        m_bar = c.share_of_g * g + c.share_of_m * m
        v_hat = v / c.correction2
        delta = -c.alpha * m_bar / (xp.sqrt(v_hat) + c.epsilon)
        return delta, m, v

    return step


def mu(i, beta1, psi):
    """The momentum of step i: it rises from about β1/2 to β1."""
    return beta1 * (1 - 0.5 * 0.96 ** (i * psi))


@dataclass(frozen=True)
class NAdam(Adam):
    r"""NAdam: $\Delta_t = -\alpha\,\bar m_t/(\sqrt{\hat v_t}+\epsilon)$ with a look-ahead mean.

    $\bar m_t = \frac{1-\mu_t}{1-\prod_{i\le t}\mu_i}\,g_t
    + \frac{\mu_{t+1}}{1-\prod_{i\le t+1}\mu_i}\,m_t$ and
    $\mu_t = \beta_1(1 - \tfrac12\,0.96^{t\psi})$. This is `torch.optim.NAdam` with ψ its
    `momentum_decay`. `psi=math.inf` gives $\mu_t = \beta_1$, the form without a schedule, which
    Optax computes. Source: Dozat (2016).

    >>> import numpy as np
    >>> from adambook import NAdam
    >>> rule, theta = NAdam(alpha=0.1, psi=float("inf"), epsilon=0.0), np.array([0.0])
    >>> rule.update(np.array([1.0]), rule.init(theta), theta)[0].round(4)
    array([-0.1474])
    """

    psi: Number = hyperparameter(4e-3, 0.0, float("inf"), closed=True)

    arithmetic = staticmethod(nadam)

    def scalars(self, t, xp):
        """Return Adam's scalars, μ_t, μ_{t+1}, Π_t, and the shares of g_t and m_t in m̄_t."""
        c = Adam.scalars(self, t, xp)
        del c["correction1"]
        mu_t, mu_next = (mu(i, self.beta1, self.psi) for i in (t, t + 1))
        product = xp.product(mu, t, self.beta1, self.psi)
        return {
            **c,
            "mu_t": mu_t,
            "mu_next": mu_next,
            "product": product,
            "share_of_g": (1 - mu_t) / (1 - product),
            "share_of_m": mu_next / (1 - product * mu_next),
        }
