"""Adam without bias correction: what Figure 4 of the paper compares Adam with."""

from dataclasses import dataclass

from adambook.rules.adam import Adam, adam_reordered


@dataclass(frozen=True)
class AdamUncorrected(Adam):
    r"""Adam without bias correction: $\Delta_t = -\alpha\,m_t/(\sqrt{v_t}+\epsilon)$.

    m and v are Adam's. This is the arithmetic of `AdamReordered` with α in the place of α_t. Its
    steps are $(1-\beta_1^t)/\sqrt{1-\beta_2^t}$ times Adam's at ε = 0: too long at the start if
    β2 is close to 1. The paper's section 6.4 calls it RMSProp with momentum; `RMSPropMomentum`,
    after Graves, averages rescaled gradients instead.
    Source: Kingma and Ba (2015), sections 3 and 6.4.

    >>> import numpy as np
    >>> from adambook import AdamUncorrected
    >>> rule, theta = AdamUncorrected(alpha=0.1, epsilon=0.0), np.array([1.0, -2.0])
    >>> delta, state = rule.update(np.array([3.0, -1e-6]), rule.init(theta), theta)
    >>> delta.round(4)
    array([-0.3162,  0.3162])
    """

    arithmetic = staticmethod(adam_reordered)

    def scalars(self, t, xp):
        """Return α as α_t, β1, 1 - β1, β2, 1 - β2 and ε."""
        return {
            "alpha_t": self.alpha,
            "beta1": self.beta1,
            "weight1": 1 - self.beta1,
            "beta2": self.beta2,
            "weight2": 1 - self.beta2,
            "epsilon": self.epsilon,
        }
