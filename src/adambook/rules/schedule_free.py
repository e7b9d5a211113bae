"""Schedule-free Adam (Defazio et al., 2024): an average of iterates in the place of a schedule."""

from dataclasses import dataclass
from typing import Any, ClassVar

from adambook.rules.adam import Adam


def schedule_free(xp):
    """Schedule-free Adam for one coordinate; θ is y, where gradients are taken."""

    def step(c, g, theta, v, d):
        v = c.beta2 * v + c.weight2 * g**2
        v_hat = v / c.correction2
        z = d - c.alpha * g / (xp.sqrt(v_hat) + c.epsilon)
        delta = c.newest * z + c.weight1 * ((1 - c.newest) * z - d)
        d = (1 - c.newest) * z
        return delta, v, d

    return step


@dataclass(frozen=True)
class ScheduleFree(Adam):
    r"""Schedule-free Adam: a fast iterate z, its average x, and gradients at y between them.

    $y_{t-1} = (1-\beta_1) z_{t-1} + \beta_1 x_{t-1}$,
    $z_t = z_{t-1} - \alpha\, g_t/(\sqrt{\hat v_t}+\epsilon)$ and
    $x_t = (1-c_t) x_{t-1} + c_t z_t$ with $c_t = 1/t$: x is the mean of all z. The parameters θ of
    this rule are **y**; what one evaluates and keeps is x, from `average`. The state is v and the
    lead $d = z - x$, both 0 at first; in the code z is counted from $x_{t-1}$. There is no first
    moment: $\beta_1$ is the weight of x in y.

    In the reference code $c_t$ is weighted by the squares of the largest step size so far: under
    a constant α that is 1/t. Source: Defazio et al. (2024).

    >>> import numpy as np
    >>> from adambook import ScheduleFree
    >>> rule, y = ScheduleFree(alpha=0.1, epsilon=0.0), np.array([1.0])
    >>> state = rule.init(y)
    >>> for _ in range(2):
    ...     delta, state = rule.update(np.array([3.0]), state, y)
    ...     y = y + delta
    >>> y.round(3), rule.average(y, state).round(3)  # z: 0.9, 0.8
    (array([0.845]), array([0.85]))
    """

    state_names: ClassVar[tuple[str, ...]] = ("v", "d")

    arithmetic = staticmethod(schedule_free)

    def scalars(self, t, xp):
        """Return Adam's scalars but those of a first moment, and c_t."""
        c = Adam.scalars(self, t, xp)
        del c["beta1"], c["correction1"]
        return {**c, "newest": 1 / t}

    def average(self, theta: Any, state: Any) -> Any:
        r"""Return $x = y - (1-\beta_1)(z - x)$, the average, where the model is evaluated.

        Parameters
        ----------
        theta : array
            y, the parameters.
        state
            What belongs to them: the state of `update`.

        >>> import numpy as np
        >>> rule, y = ScheduleFree(), np.array([1.0])
        >>> rule.average(y, rule.init(y))
        array([1.])
        """
        return theta - (1 - self.beta1) * state.d
