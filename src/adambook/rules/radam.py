"""RAdam (Liu et al., 2020): Adam that waits until the variance of 1/√v̂ is finite."""

from dataclasses import dataclass

from adambook.rules.adam import Adam
from adambook.rules.ranges import Number, hyperparameter


def radam(xp):
    """Rectified Adam for one coordinate: one of `adaptive` and `plain` is zero at each step."""

    def step(c, g, theta, m, v):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        m_hat = m / c.correction1
        delta = -m_hat * (c.adaptive / (xp.sqrt(v) + c.epsilon) + c.plain)
        return delta, m, v

    return step


@dataclass(frozen=True)
class RAdam(Adam):
    r"""RAdam: Adam's step times $r_t$ once $\rho_t$ is large enough, momentum's until then.

    $\rho_\infty = 2/(1-\beta_2) - 1$, $\rho_t = \rho_\infty - 2t\beta_2^t/(1-\beta_2^t)$ and
    $r_t = \sqrt{(\rho_t-4)(\rho_t-2)\rho_\infty / ((\rho_\infty-4)(\rho_\infty-2)\rho_t)}$. Where
    $\rho_t$ exceeds `threshold`,
    $\Delta_t = -\alpha\, r_t \sqrt{1-\beta_2^t}\,\hat m_t/(\sqrt{v_t}+\epsilon)$, else
    $\Delta_t = -\alpha\,\hat m_t$. ε stands next to $\sqrt{v_t}$, as in `torch.optim.RAdam`; the
    paper has none, and its threshold is 4 where the implementations have 5. With ε = 0 a
    coordinate without any gradient gives 0/0, as in Adam, here even where the plain step is taken.
    Source: Liu et al. (2020), Algorithm 2.

    >>> import numpy as np
    >>> from adambook import RAdam
    >>> rule, theta = RAdam(alpha=0.1), np.array([0.0])
    >>> rule.update(np.array([3.0]), rule.init(theta), theta)[0].round(12)
    array([-0.3])
    """

    threshold: Number = hyperparameter(5.0, 4.0, float("inf"))

    arithmetic = staticmethod(radam)

    def scalars(self, t, xp):
        """Return Adam's scalars, ρ_∞, ρ_t, r_t, and α for the adaptive or for the plain step."""
        c = Adam.scalars(self, t, xp)
        alpha, correction2 = c.pop("alpha"), c.pop("correction2")
        rho_inf = 2 / (1 - self.beta2) - 1
        rho = rho_inf - 2 * t * self.beta2**t / correction2
        above = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
        r = xp.sqrt(xp.maximum(above, 0))
        adaptive = alpha * r * xp.sqrt(correction2)
        return {
            **c,
            "rho_inf": rho_inf,
            "rho_t": rho,
            "r": r,
            "adaptive": xp.where(rho > self.threshold, adaptive, 0),
            "plain": xp.where(rho > self.threshold, 0, alpha),
        }
