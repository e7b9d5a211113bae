"""Where one rule differs from another: the lines of their equations, side by side."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

from adambook.arguments import checked
from adambook.symbolic import AnyRule, equations


class Difference(NamedTuple):
    """Equations that stand in one rule only, and what stands there in the other."""

    first: tuple[str, ...]
    second: tuple[str, ...]


@checked
def differences(first: AnyRule, second: AnyRule) -> list[Difference]:
    r"""Return where two rules differ, in the order of their equations.

    Both sides are read from the code that runs, by `adambook.symbolic.equations`.

    >>> from adambook import AMSGrad, AMSGradCorrected
    >>> for difference in differences(AMSGrad, AMSGradCorrected):
    ...     print(len(difference.first), len(difference.second))
    1 0
    2 3
    >>> differences(AMSGrad, AMSGrad())
    []
    """
    a, b = equations(first), equations(second)
    changes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [
        Difference(tuple(a[i:j]), tuple(b[k:n])) for tag, i, j, k, n in changes if tag != "equal"
    ]


@checked
def latex_differences(first: AnyRule, second: AnyRule) -> str:
    r"""Return where two rules differ as LaTeX: the first's lines after −, the second's after +.

    >>> from adambook import Adam, AMSGrad
    >>> print(latex_differences(Adam, AMSGrad))
    \begin{array}{cl}
    + & \displaystyle v^{\max}_t = \max\left(v^{\max}_{t-1}, v_t\right) \\[6pt]
    - & \displaystyle \hat{v}_t = \frac{v_t}{1 - \beta_2^{t}} \\[6pt]
    + & \displaystyle \hat{v}_t = \frac{v^{\max}_t}{1 - \beta_2^{t}}
    \end{array}
    """
    rows = []
    for change in differences(first, second):
        rows += [rf"- & \displaystyle {line}" for line in change.first]
        rows += [rf"+ & \displaystyle {line}" for line in change.second]
    return "\\begin{array}{cl}\n" + " \\\\[6pt]\n".join(rows) + "\n\\end{array}"
