"""The equations and the algebra of the book, read off the code that runs."""

import dataclasses
import re
import shutil
import subprocess

import pytest
import sympy
from sympy.parsing.sympy_parser import parse_expr

from adambook import SGD, Adam, AdaMax, AdamReordered, AdamW, NAdam, symbolic
from adambook.rules import RULES
from adambook.symbolic import expressions, symbol

every_rule = pytest.mark.parametrize("cls", RULES, ids=lambda cls: cls.__name__)
alpha, beta1, beta2, epsilon, g, theta, m, v, t = map(
    symbol, ("alpha", "beta1", "beta2", "epsilon", "g", "theta", "m", "v", "t")
)


def at_first_step(cls, name="delta"):
    """A rule's expression after one step from a state of zeros."""
    zeros = {symbol(state): 0 for state in cls.state_names}
    return expressions(cls)[name].subs({t: 1, **zeros})


# Algebra proved from the code


def test_adams_first_step_is_alpha_g_over_g_plus_epsilon():
    expected = -alpha * g / (sympy.Abs(g) + epsilon)
    assert sympy.simplify(at_first_step(Adam) - expected) == 0


def test_adamaxs_first_step_is_adams():
    difference = at_first_step(AdaMax) - at_first_step(Adam)
    assert sympy.simplify(difference.rewrite(sympy.Piecewise)) == 0


def test_adamw_is_adam_minus_a_share_of_theta():
    difference = expressions(AdamW)["delta"] - expressions(Adam)["delta"]
    assert sympy.simplify(difference + alpha * symbol("weight_decay") * theta) == 0


def test_reordered_adam_is_adam_if_and_only_if_epsilon_hat_is_epsilon_times_the_root():
    """With m and v as they are after the step, and solved for ε̂ rather than tried."""
    hat, x, y = sympy.Symbol("hat", positive=True), symbol("m"), sympy.Symbol("y", positive=True)
    correction = sympy.Symbol("k", positive=True)  # 1 - β2^t, between 0 and 1

    def step(cls, epsilon_name):
        new = {s: e for s, e in expressions(cls).items() if s != "delta"}
        delta = expressions(cls)["delta"].subs({new["v"]: y, new["m"]: x})
        assert not delta.has(g)  # the gradient enters through m and v alone
        return delta.subs(1 - beta2**t, correction).subs(epsilon, epsilon_name)

    plain, reordered = step(Adam, epsilon), step(AdamReordered, hat)
    (solution,) = sympy.solve(sympy.Eq(1 / plain, 1 / reordered), hat)
    assert sympy.simplify(solution - epsilon * sympy.sqrt(correction)) == 0


def test_for_a_constant_gradient_adams_step_never_changes():
    """By induction: m_{t-1} = (1-β1^(t-1)) g and the same of v give m_t, v_t of that form."""
    before = {m: (1 - beta1 ** (t - 1)) * g, v: (1 - beta2 ** (t - 1)) * g**2}
    after = expressions(Adam)
    assert sympy.simplify(after["m"].subs(before) - (1 - beta1**t) * g) == 0
    assert sympy.simplify(after["v"].subs(before) - (1 - beta2**t) * g**2) == 0
    assert at_first_step(Adam, "m") == (1 - beta1) * g
    assert at_first_step(Adam, "v") == (1 - beta2) * g**2


@every_rule
def test_the_symbols_of_the_expressions_are_the_rules_own(cls):
    allowed = {"g", "theta", "t", *cls.state_names, *symbolic.hyperparameters(cls)}
    found = expressions(cls)
    assert set(found) == {"delta", *cls.state_names}
    names = {s.name for e in found.values() for s in e.doit(deep=False).free_symbols}
    assert names <= allowed and {"g", "alpha"} <= names


@every_rule
def test_a_rule_and_its_class_give_the_same_mathematics(cls):
    assert symbolic.latex(cls) == symbolic.latex(cls())
    assert symbolic.javascript(cls) == symbolic.javascript(cls())
    assert expressions(cls) == expressions(cls())


# LaTeX


def test_adams_equations_are_the_lines_of_algorithm_1_and_the_move():
    """Each line is read back into SymPy and compared as mathematics, not as letters."""
    rows = [row.split(" = ", 1) for row in symbolic.equations(Adam)]
    assert [left for left, _ in rows] == [
        "m_t",
        "v_t",
        r"\hat{m}_t",
        r"\hat{v}_t",
        r"\Delta_t",
        r"\theta_t",
    ]
    algorithm_1 = [
        "beta1 * m_old + (1 - beta1) * g",
        "beta2 * v_old + (1 - beta2) * g**2",
        "m_new / (1 - beta1**t)",
        "v_new / (1 - beta2**t)",
        "-alpha * m_hat / (sqrt(v_hat) + epsilon)",
        "theta_old + delta",
    ]
    for (_, right), expected in zip(rows, algorithm_1, strict=True):
        assert sympy.simplify(read(right) - parse_expr(expected, local_dict=LETTERS)) == 0


NAMES = {
    r"\\hat\{m\}_t": "m_hat",
    r"\\hat\{v\}_t": "v_hat",
    r"m_\{t-1\}": "m_old",
    r"v_\{t-1\}": "v_old",
    r"\\theta_\{t-1\}": "theta_old",
    r"m_t": "m_new",
    r"v_t": "v_new",
    r"g_t": "g",
    r"\\Delta_t": "delta",
    r"\\beta_1": "beta1",
    r"\\beta_2": "beta2",
    r"\\alpha": "alpha",
    r"\\epsilon": "epsilon",
}
LETTERS = {name: sympy.Symbol(name) for name in (*NAMES.values(), "t")}


def read(latex):
    """Read the little LaTeX that the equations use: fractions, roots, powers, products."""
    text = re.sub(r"\\left|\\right", "", latex)
    for pattern, name in NAMES.items():
        text = re.sub(rf"({pattern})\^\{{(\w)\}}", rf" ({name})**\2 ", text)
        text = re.sub(pattern, f" {name} ", text)
    text = re.sub(r"\\sqrt\{([^{}]*)\}", r" sqrt(\1) ", text)
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r" ((\1)/(\2)) ", text)
    assert "\\" not in text, text
    text = re.sub(r"(?<=[\w)])\s+(?=[\w(])", " * ", text.strip())
    return parse_expr(text.replace("sqrt * (", "sqrt("), local_dict=LETTERS)


def test_the_reader_of_latex_tells_a_wrong_equation():
    right = r"- \frac{\alpha \hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}"
    wrong = r"- \frac{\alpha \hat{m}_t}{\hat{v}_t + \epsilon}"
    assert read(right) == parse_expr("-alpha*m_hat/(sqrt(v_hat)+epsilon)", local_dict=LETTERS)
    assert sympy.simplify(read(right) - read(wrong)) != 0


def test_sgds_latex_in_full():
    assert symbolic.latex(SGD) == (
        "\\begin{aligned}\n"
        "\\Delta_t &= - \\alpha g_t \\\\[0.3em]\n"
        "\\theta_t &= \\theta_{t-1} + \\Delta_t\n"
        "\\end{aligned}"
    )


def test_a_product_of_numbers_has_its_dot():
    assert r"1 - 0.5 \cdot {0.96}^{\psi t}" in symbolic.latex(NAdam)


@every_rule
def test_latex_is_balanced_has_one_equation_a_line_and_no_name_of_the_code(cls):
    text = symbolic.latex(cls)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    assert all(line.count("&=") == 1 for line in lines[1:-1])
    assert lines[-2] == r"\theta_t &= \theta_{t-1} + \Delta_t"
    plain = re.sub(r"\\(text|begin|end)\{[^}]*\}|\\[a-zA-Z]+|\[0\.3em\]", "", text)
    assert not re.findall(r"[a-zA-Z]{2,}", plain), "a name of the code, unprinted"


@every_rule
def test_every_latex_equation_defines_what_later_ones_use(cls):
    """No old value is used after the new one is set but by its own name: m_{t-1} is not m_t."""
    defined = set()
    for row in symbolic.equations(cls):
        left, right = row.split(" = ", 1)
        for name in cls.state_names:
            new = symbolic._letter(name) + "_t"
            if new in re.sub(r"\\(hat|bar)\{\w\}_t", "", right) and len(name) == 1:
                assert new in defined, (row, new)
        defined.add(left)
    assert {r"\Delta_t", r"\theta_t"} <= defined


# JavaScript

NODE = shutil.which("node")


@every_rule
def test_javascript_is_one_function_of_the_rules_name(cls):
    text = symbolic.javascript(cls)
    names = ", ".join(field.name for field in dataclasses.fields(cls))
    inputs = ", ".join(("t", "g", "theta", *cls.state_names))
    assert text.startswith(f"function {cls.__name__}({{{names}}}, {inputs}) {{\n")
    assert text.count("function ") == 1 and text.endswith("\n}")
    assert f"return {{{', '.join(('delta', *cls.state_names))}}};" in text


@every_rule
def test_javascript_uses_every_constant_that_it_computes_or_prints_none_in_vain(cls):
    """A name may be computed for the reader's equations; but nothing is used undefined."""
    text = symbolic.javascript(cls)
    body = text.partition("\n")[2]
    known = {"t", "g", "theta", *cls.state_names, *symbolic.hyperparameters(cls)}
    for line in body.splitlines()[:-2]:
        name, _, right = line.strip().removeprefix("const ").partition(" = ")
        right = re.sub(r"\((\w+)\) =>|\(_, (\w)\) =>|\((\w+), (\w+)\) =>", "", right)
        words = set(re.findall(r"(?<![\w.])[a-zA-Z_]\w*", right))
        assert words - {"Math", "Array", "length", "k", "i", "product", "_"} <= known, line
        known.add(name)


@pytest.mark.skipif(NODE is None, reason="node is not installed: JavaScript is not parsed")
def test_all_javascript_parses_in_strict_mode(tmp_path):
    file = tmp_path / "rules.mjs"  # a module, and so strict
    file.write_text("\n".join(map(symbolic.javascript, RULES)), encoding="utf-8")
    result = subprocess.run([NODE, "--check", file], capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(NODE is None, reason="node is not installed: JavaScript is not parsed")
def test_node_would_notice_a_fault(tmp_path):
    file = tmp_path / "rules.mjs"
    file.write_text(symbolic.javascript(SGD).replace("delta =", "delta"), encoding="utf-8")
    assert subprocess.run([NODE, "--check", file], capture_output=True).returncode != 0
