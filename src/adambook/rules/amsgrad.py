"""AMSGrad (Reddi, Kale and Kumar, 2018): the second moment may never fall."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.adam import Adam


def amsgrad(xp):
    """Adam over the largest v so far, for one coordinate."""

    def step(c, g, theta, m, v, v_max):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        v_max = xp.maximum(v_max, v)
        m_hat = m / c.correction1
        v_hat = v_max / c.correction2
        delta = -c.alpha * m_hat / (xp.sqrt(v_hat) + c.epsilon)
        return delta, m, v, v_max

    return step


@dataclass(frozen=True)
class AMSGrad(Adam):
    r"""AMSGrad: Adam with $\max_{i\le t} v_i$ in the place of $v_t$.

    Three forms go by this name. This one corrects the maximum of the uncorrected v, as in
    `torch.optim.Adam(amsgrad=True)`; because $1-\beta_2^t$ still grows, its v̂ can fall early on.
    `AMSGradCorrected` takes the maximum of v̂, as in Optax. The published Algorithm 2 has no
    bias correction at all. Source: Reddi, Kale and Kumar (2018), Algorithm 2.

    >>> import numpy as np
    >>> from adambook import AMSGrad
    >>> rule, theta = AMSGrad(beta2=0.5), np.array([0.0])
    >>> _, state = rule.update(np.array([2.0]), rule.init(theta), theta)
    >>> _, state = rule.update(np.array([0.0]), state, theta)
    >>> state.v, state.v_max
    (array([1.]), array([2.]))
    """

    state_names: ClassVar[tuple[str, ...]] = ("m", "v", "v_max")

    arithmetic = staticmethod(amsgrad)


def amsgrad_corrected(xp):
    """Adam over the largest corrected v so far, for one coordinate."""

    def step(c, g, theta, m, v, v_max):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        m_hat = m / c.correction1
        v_hat = v / c.correction2
        v_max = xp.maximum(v_max, v_hat)
        delta = -c.alpha * m_hat / (xp.sqrt(v_max) + c.epsilon)
        return delta, m, v, v_max

    return step


@dataclass(frozen=True)
class AMSGradCorrected(AMSGrad):
    r"""AMSGrad with $\max_{i\le t} \hat v_i$, the largest corrected second moment.

    Optax computes this form. Source: Reddi, Kale and Kumar (2018), with the bias correction of
    Kingma and Ba (2015) applied before the maximum.

    >>> import numpy as np
    >>> from adambook import AMSGradCorrected
    >>> rule, theta = AMSGradCorrected(beta2=0.5), np.array([0.0])
    >>> _, state = rule.update(np.array([2.0]), rule.init(theta), theta)
    >>> state.v, state.v_max
    (array([2.]), array([4.]))
    """

    arithmetic = staticmethod(amsgrad_corrected)
