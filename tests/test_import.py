"""What `import adambook` costs: NumPy and the rules, none of the heavy libraries."""

import subprocess
import sys

import pytest

import adambook
from adambook.rules import RULES

HEAVY = {"torch", "numba", "matplotlib", "sympy", "pandas", "sklearn", "scipy", "IPython"}


def modules_after(statement):
    """The top-level modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    return {name.partition(".")[0] for name in result.stdout.split()}


def test_importing_the_package_imports_no_heavy_library():
    modules = modules_after("import adambook")
    assert "numpy" in modules
    assert not modules & HEAVY


def test_running_a_rule_under_a_schedule_imports_no_heavy_library():
    modules = modules_after(
        "import numpy as np, adambook\n"
        "rule = adambook.Adam(alpha=adambook.schedules.inverse_sqrt(0.1))\n"
        "adambook.minimize(rule, lambda theta: theta, np.ones(3), 5)"
    )
    assert not modules & HEAVY


def test_a_compiled_step_imports_no_downloader():
    modules = modules_after(
        "import numpy as np, adambook\n"
        "adambook.fused.Fused(adambook.SGD(), np.ones(3)).step(np.ones(3))"
    )
    assert "numba" in modules
    assert not modules & {"pooch", "requests", "torch", "pandas", "matplotlib"}


def test_an_engine_is_imported_when_it_is_first_named():
    assert "sympy" in modules_after("import adambook\nadambook.symbolic")


def test_every_public_name_is_there_and_is_said():
    assert sorted(adambook.__all__) == sorted(set(adambook.__all__))
    for name in adambook.__all__:
        assert getattr(adambook, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'adambook' has no attribute 'Adan'"):
        adambook.Adan  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'Adan'"):
        from adambook import Adan  # noqa: F401


def test_the_package_names_every_rule_in_the_order_of_the_book():
    assert adambook.__all__ == [*(rule.__name__ for rule in RULES), "minimize"]
