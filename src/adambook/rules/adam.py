"""Adam, as Algorithm 1 prints it, and in the reordered form of section 2's end."""

from dataclasses import dataclass
from typing import ClassVar

from adambook.rules.ranges import Number, decay, nonnegative, step_size
from adambook.rules.rule import Rule, StepSize


def adam(xp):
    """Algorithm 1 for one coordinate."""

    def step(c, g, theta, m, v):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        m_hat = m / c.correction1
        v_hat = v / c.correction2
        delta = -c.alpha * m_hat / (xp.sqrt(v_hat) + c.epsilon)
        return delta, m, v

    return step


@dataclass(frozen=True)
class Adam(Rule):
    r"""Adam: a bias-corrected mean of gradients over the root of one of their squares.

    $m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t$, $v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2$,
    $\hat m_t = m_t/(1-\beta_1^t)$, $\hat v_t = v_t/(1-\beta_2^t)$,
    $\Delta_t = -\alpha\,\hat m_t/(\sqrt{\hat v_t}+\epsilon)$.

    ε stands outside the root and next to $\sqrt{\hat v_t}$, as in the paper and in PyTorch; for
    the constant next to $\sqrt{v_t}$ (TensorFlow, Keras) see `AdamReordered`. In float16 the
    default ε rounds to 0, and a coordinate without any gradient gives 0/0: take 1e-4 there.
    Source: Kingma and Ba (2015), Algorithm 1.

    >>> import numpy as np
    >>> from adambook import Adam
    >>> adam, theta = Adam(alpha=0.1, epsilon=0.0), np.array([1.0, -2.0])
    >>> delta, state = adam.update(np.array([3.0, -1e-6]), adam.init(theta), theta)
    >>> delta.round(12), state.t
    (array([-0.1,  0.1]), 1)
    """

    state_names: ClassVar[tuple[str, ...]] = ("m", "v")
    alpha: StepSize = step_size(1e-3)
    beta1: Number = decay(0.9)
    beta2: Number = decay(0.999)
    epsilon: Number = nonnegative(1e-8)

    arithmetic = staticmethod(adam)

    def scalars(self, t, xp):
        """Return α, β1, 1 - β1, 1 - β1^t, the same of β2, and ε."""
        return {
            "alpha": self.alpha,
            "beta1": self.beta1,
            "weight1": 1 - self.beta1,
            "correction1": 1 - self.beta1**t,
            "beta2": self.beta2,
            "weight2": 1 - self.beta2,
            "correction2": 1 - self.beta2**t,
            "epsilon": self.epsilon,
        }


def adam_reordered(xp):
    """Adam with both corrections moved into the step size, for one coordinate."""

    def step(c, g, theta, m, v):
        m = c.beta1 * m + c.weight1 * g
        v = c.beta2 * v + c.weight2 * g**2
        delta = -c.alpha_t * m / (xp.sqrt(v) + c.epsilon)
        return delta, m, v

    return step


@dataclass(frozen=True)
class AdamReordered(Adam):
    r"""Adam in the order of computation that the paper calls more efficient but less clear.

    $\alpha_t = \alpha\sqrt{1-\beta_2^t}/(1-\beta_1^t)$,
    $\Delta_t = -\alpha_t m_t/(\sqrt{v_t}+\hat\epsilon)$; here `epsilon` is $\hat\epsilon$.

    The paper does not say what $\hat\epsilon$ is: the two orders agree exactly when
    $\hat\epsilon = \epsilon\sqrt{1-\beta_2^t}$, which changes at every step. With a constant
    $\hat\epsilon$, as in TensorFlow and Keras, this is Adam with
    $\epsilon_t = \hat\epsilon/\sqrt{1-\beta_2^t}$: 31.6 times larger at the first step, for
    β2 = 0.999. Source: Kingma and Ba (2015), end of section 2.

    >>> import numpy as np
    >>> from adambook import Adam, AdamReordered
    >>> theta, g = np.array([0.0]), np.array([1.0])
    >>> for rule in (Adam(alpha=1.0, epsilon=0.1), AdamReordered(alpha=1.0, epsilon=0.1)):
    ...     print(rule.update(g, rule.init(theta), theta)[0].round(4))
    [-0.9091]
    [-0.2403]
    """

    arithmetic = staticmethod(adam_reordered)

    def scalars(self, t, xp):
        """Return α_t, β1, 1 - β1, β2, 1 - β2 and ε̂."""
        return {
            "alpha_t": self.alpha * xp.sqrt(1 - self.beta2**t) / (1 - self.beta1**t),
            "beta1": self.beta1,
            "weight1": 1 - self.beta1,
            "beta2": self.beta2,
            "weight2": 1 - self.beta2,
            "epsilon": self.epsilon,
        }
