"""Any rule as mathematics: SymPy expressions, LaTeX and JavaScript, read off the rule itself."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections import namedtuple
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import sympy
from sympy.printing.jscode import JavascriptCodePrinter

from adambook.arguments import checked
from adambook.rules.rule import Rule

AnyRule = Rule | type[Rule]

GREEK = {
    "alpha": r"\alpha",
    "alpha_t": r"\alpha_t",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "epsilon": r"\epsilon",
    "mu": r"\mu",
    "rho": r"\rho",
    "psi": r"\psi",
    "theta": r"\theta_{t-1}",
    "weight_decay": r"\lambda",
    "threshold": r"\rho_{\min}",
    "delta": r"\Delta_t",
    "g": "g_t",
    "t": "t",
    "variance": r"\sigma_t^2",
    "share_of_g": r"c^{g}_t",
    "share_of_m": r"c^{m}_t",
    "mu_t": r"\mu_t",
    "mu_next": r"\mu_{t+1}",
    "product": r"\Pi_t",
    "rho_t": r"\rho_t",
    "rho_inf": r"\rho_\infty",
    "r": "r_t",
    "adaptive": r"a_t",
    "plain": r"b_t",
    "share": r"s_t",
    "floor": r"\epsilon_t",
    "kept": r"\beta_{2,t}",
    "clip": r"c_t",
    "newest": r"c_t",
}
"""How a name in a rule is printed. Other names are their own letter; _hat and _bar are accents."""

WRITTEN_OUT = ("weight", "correction")
"""Scalars whose names begin so are printed as their formula, such as 1 - β1^t."""


def symbol(name: str) -> sympy.Symbol:
    """Return the SymPy symbol of a name in a rule.

    Step counts are positive integers, squares and constants nonnegative, the rest real.

    >>> symbol("epsilon").is_nonnegative, symbol("m").is_nonnegative
    (True, None)
    """
    if name == "t":
        return sympy.Symbol(name, integer=True, positive=True)
    if name in ("g", "theta", "m", "g_bar", "m_hat", "m_bar", "delta", "x", "z", "d"):
        return sympy.Symbol(name, real=True)
    return sympy.Symbol(name, nonnegative=True)


def _product(term: Any, t: Any, *args: Any) -> sympy.Expr:
    i = sympy.Symbol("i", integer=True, positive=True)
    return sympy.Product(term(i, *args), (i, 1, t))


ARITHMETIC = SimpleNamespace(sqrt=sympy.sqrt, abs=sympy.Abs, maximum=sympy.Max, minimum=sympy.Min)
ONCE = SimpleNamespace(
    sqrt=sympy.sqrt,
    maximum=sympy.Max,
    where=lambda test, yes, no: sympy.Piecewise((yes, test), (no, True)),
    product=_product,
)
SCHEDULE = SimpleNamespace(
    sqrt=sympy.sqrt,
    cos=sympy.cos,
    pi=sympy.pi,
    minimum=sympy.Min,
    where=ONCE.where,
    value=lambda alpha, t: alpha,
)


@checked
def hyperparameters(rule: AnyRule) -> list[str]:
    """Return the names of a rule's hyper-parameters, in order.

    >>> from adambook import Adam
    >>> hyperparameters(Adam)
    ['alpha', 'beta1', 'beta2', 'epsilon']
    """
    return [field.name for field in dataclasses.fields(rule)]


@checked
def scalars(rule: AnyRule) -> dict[str, sympy.Expr]:
    """Return what a rule computes once a step, as expressions in its hyper-parameters and t.

    >>> from adambook import Adam
    >>> scalars(Adam)["correction1"]
    1 - beta1**t
    """
    values = SimpleNamespace(**{name: symbol(name) for name in hyperparameters(rule)})
    cls = rule if isinstance(rule, type) else type(rule)
    return {k: sympy.sympify(v) for k, v in cls.scalars(values, symbol("t"), ONCE).items()}  # type: ignore[arg-type]


@checked
def expressions(rule: AnyRule) -> dict[str, sympy.Expr]:
    """Run a rule on symbols: what one step makes of g, θ and the old state.

    Returns
    -------
    dict
        "delta" and the name of each state array → a SymPy expression in the symbols g, theta,
        t, the old state and the hyper-parameters (see `symbol`).

    >>> from adambook import Adam
    >>> expressions(Adam)["m"]
    beta1*m + g*(1 - beta1)
    """
    values = scalars(rule)
    c = namedtuple("c", values)(**values)
    inputs = [symbol(name) for name in ("g", "theta", *rule.state_names)]
    outputs = rule.arithmetic(ARITHMETIC)(c, *inputs)
    return dict(zip(("delta", *rule.state_names), outputs, strict=True))


class Line(NamedTuple):
    """One assignment of a rule: the name it sets, whether it is new, and to what it is set."""

    name: str
    new: bool
    expression: sympy.Expr


def _step(rule: AnyRule) -> ast.FunctionDef:
    """Return the syntax tree of the rule's inner function `step`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule.arithmetic)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "step":
            return node
    raise ValueError(f"the arithmetic of {rule!r} must return an inner function named step")


def _lines(rule: AnyRule, c: Any, updated: str) -> Iterator[Line]:
    """Evaluate a rule's assignments one by one, each in symbols for what stands above it."""
    step = _step(rule)
    known = {arg.arg: symbol(arg.arg) for arg in step.args.args[1:]}
    for statement in step.body:
        if isinstance(statement, ast.Assign):
            (target,) = statement.targets
            assert isinstance(target, ast.Name)
            code = compile(ast.Expression(statement.value), "<rule>", "eval")
            with sympy.evaluate(False):
                value = eval(code, {"xp": ARITHMETIC, "c": c, **known})
            yield Line(target.id, target.id not in known, value)
            old = known.get(target.id)
            known[target.id] = sympy.Symbol(target.id + (updated if old else ""))


def _letter(name: str) -> str:
    if name.endswith(("_hat", "_bar")):
        return rf"\{name[-3:]}{{{name[:-4]}}}"
    if name.endswith("_max"):
        return rf"{name[:-4]}^{{\max}}"
    return name


def _latex_names(rule: AnyRule) -> dict[str, str]:
    step = _step(rule)
    assigned = [s.targets[0].id for s in step.body if isinstance(s, ast.Assign)]  # type: ignore[attr-defined]
    names = {name: f"{_letter(name)}_t" for name in assigned}
    names |= {name: f"{_letter(name)}_{{t-1}}" for name in rule.state_names}
    names |= {f"{name}_new": f"{_letter(name)}_t" for name in rule.state_names}
    return names | GREEK


def _named_scalars(rule: AnyRule) -> dict[str, sympy.Expr]:
    """Return `scalars`, each in terms of the hyper-parameters and of the scalars above it."""
    named: dict[str, sympy.Expr] = {}
    for name, value in scalars(rule).items():
        for above, expression in named.items():
            if not expression.is_Symbol and not above.startswith(WRITTEN_OUT):
                value = value.subs(expression, symbol(above))
        named[name] = value
    return named


def _flatten(expression: sympy.Expr) -> sympy.Expr:
    """Write a sum of sums as one sum, and leave all else as the code has it."""
    if not expression.args:
        return expression
    args = [_flatten(arg) for arg in expression.args]
    if expression.is_Add:
        args = [term for arg in args for term in (arg.args if arg.is_Add else [arg])]
    return expression.func(*args, evaluate=False)


@checked
def equations(rule: AnyRule) -> list[str]:
    r"""Return a rule as LaTeX equations, one a line of its code, without a display around them.

    Products such as $1-\beta_1^t$ are written out; scalars with a formula of their own (such as
    $\alpha_t$) come first.

    >>> from adambook import SGD
    >>> print(*equations(SGD), sep="\n")
    \Delta_t = - \alpha g_t
    \theta_t = \theta_{t-1} + \Delta_t
    """
    names = _latex_names(rule)

    def print_latex(expression: sympy.Expr) -> str:
        table = {s: names.get(s.name, s.name) for s in expression.free_symbols}
        text = sympy.latex(expression, symbol_names=table, order="none")
        text = re.sub(r"(\d) (?=\{\d)", r"\1 \\cdot ", text)  # else 0.5 times 0.96 reads 0.50.96
        return re.sub(r"^\\frac\{- ", r"-\\frac{", text)

    letters: dict[str, sympy.Expr] = {}
    rows = []
    for name, value in _named_scalars(rule).items():
        letters[name] = value
        if not value.is_Symbol and not name.startswith(WRITTEN_OUT):
            rows.append(f"{names.get(name, name)} = {print_latex(value)}")
            letters[name] = symbol(name)
    c = namedtuple("c", letters)(**letters)
    for line in _lines(rule, c, "_new"):
        left = names[line.name if line.new else line.name + "_new"]
        rows.append(f"{left} = {print_latex(_flatten(line.expression))}")
    return [*rows, r"\theta_t = \theta_{t-1} + \Delta_t"]


@checked
def latex(rule: AnyRule) -> str:
    r"""Return a rule as one aligned block of LaTeX, read from the code that runs.

    >>> from adambook import SGD
    >>> print(latex(SGD))
    \begin{aligned}
    \Delta_t &= - \alpha g_t \\[0.3em]
    \theta_t &= \theta_{t-1} + \Delta_t
    \end{aligned}
    """
    rows = [line.replace(" = ", " &= ", 1) for line in equations(rule)]
    return "\\begin{aligned}\n" + " \\\\[0.3em]\n".join(rows) + "\n\\end{aligned}"


class _JavaScript(JavascriptCodePrinter):
    """SymPy's printer, with products over past steps as a loop in one expression."""

    def _print_Product(self, expression: sympy.Product) -> str:
        ((i, low, high),) = expression.limits
        term, count = self._print(expression.function), self._print(high - low + 1)
        numbers = f"Array.from({{length: {count}}}, (_, k) => k + {self._print(low)})"
        return f"{numbers}.reduce((product, {i}) => product * ({term}), 1)"

    def _print_Float(self, expression: sympy.Float) -> str:
        return repr(float(expression))

    def _print_Max(self, expression: sympy.Max) -> str:
        return f"Math.max({', '.join(map(self._print, expression.args))})"

    def _print_Min(self, expression: sympy.Min) -> str:
        return f"Math.min({', '.join(map(self._print, expression.args))})"


@checked
def javascript(rule: AnyRule) -> str:
    """Return a rule as a JavaScript function of one coordinate.

    `NAME(h, t, g, theta, ...state)` takes the hyper-parameters by name, the number t ≥ 1 of the
    step, the gradient, the parameter and the state, and returns `{delta, ...state}`.

    >>> from adambook import SGD
    >>> print(javascript(SGD))
    function SGD({alpha}, t, g, theta) {
      const delta = (-alpha)*g;
      return {delta};
    }
    """
    cls = rule if isinstance(rule, type) else type(rule)
    show = _JavaScript().doprint
    inputs = ", ".join(("t", "g", "theta", *rule.state_names))
    body = []
    names: dict[str, sympy.Expr] = {}
    for name, value in _named_scalars(rule).items():
        names[name] = symbol(name)
        if value != symbol(name):
            body.append(f"const {name} = {' '.join(show(value).split())};")
    c = namedtuple("c", names)(**names)
    for line in _lines(rule, c, ""):
        declare = "const " if line.new else ""
        body.append(f"{declare}{line.name} = {show(line.expression)};")
    body.append(f"return {{{', '.join(('delta', *rule.state_names))}}};")
    head = f"function {cls.__name__}({{{', '.join(hyperparameters(rule))}}}, {inputs}) {{"
    return "\n".join([head, *("  " + row for row in body), "}"])


@checked
def javascript_function(name: str, arguments: tuple[str, ...], expression: sympy.Expr) -> str:
    """Return an expression as a JavaScript function of the symbols named.

    >>> print(javascript_function("half", ("alpha",), symbol("alpha") / 2))
    function half(alpha) {
      return (1/2)*alpha;
    }
    """
    body = _JavaScript().doprint(expression)
    return f"function {name}({', '.join(arguments)}) {{\n  return {body};\n}}"


@checked
def schedule(kind: type[Any]) -> sympy.Expr:
    """Return the step size of a schedule as an expression in its parameters and t.

    `alpha` is the symbol alpha, also where the schedule may hold another one inside.

    >>> from adambook.schedules import step_decay
    >>> schedule(step_decay)
    alpha*factor**floor((t - 1)/period)
    """
    own = object.__new__(kind)
    for field in dataclasses.fields(kind):
        object.__setattr__(own, field.name, symbol(field.name))
    return sympy.sympify(own._at(symbol("t"), SCHEDULE))


@checked
def javascript_schedule(kind: type[Any]) -> str:
    """Return a schedule as a JavaScript function `NAME({parameters}, t)` that gives α_t.

    >>> from adambook.schedules import warmup
    >>> print(javascript_schedule(warmup))
    function warmup({alpha, steps}, t) {
      return alpha*Math.min(1.0, t/steps);
    }
    """
    names = ", ".join(field.name for field in dataclasses.fields(kind))
    return javascript_function(kind.__name__, (f"{{{names}}}", "t"), schedule(kind))
