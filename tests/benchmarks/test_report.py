"""What is said of measured times: ratios, shares and slopes, on times made up for the test."""

import numpy as np
import pandas as pd
import pytest

from adambook.benchmarks.growth import slope
from adambook.benchmarks.report import comparison, growth_summary, steps_text, training_text

TIMES = {
    "NumPy": 100.0,
    "one pass": 10.0,
    "one pass, bfloat16 state": 7.0,
    "our PyTorch adapter": 12.0,
    "PyTorch loop": 50.0,
    "PyTorch foreach": 40.0,
    "PyTorch fused": 20.0,
    "bare loop": 9.5,
    "bare loop, pieces": 9.0,
    "arithmetic alone": 4.0,
}


def rows(times, rule="Adam", size="1e6", parameters=10**6):
    common = {"rule": rule, "size": size, "parameters": parameters, "tensors": 1}
    return pd.DataFrame([{**common, "form": k, "median_ms": v} for k, v in times.items()])


def test_ratios_are_to_pytorchs_fastest_form_and_the_share_to_the_fastest_loop():
    line = comparison(rows(TIMES)).iloc[0]
    assert line["PyTorch form"] == "fused"
    assert (line["ratio"], line["adapter ratio"], line["share"]) == (0.5, 0.6, 0.9)
    assert line["bfloat16"] == pytest.approx(0.7)
    assert line["arithmetic"] == pytest.approx(0.4)
    assert line["GB/s"] == pytest.approx(28e6 / 10e-3 / 1e9)


def test_a_rule_that_pytorch_lacks_has_no_ratio():
    times = {k: v for k, v in TIMES.items() if not k.startswith("PyTorch")}
    line = comparison(rows(times, rule="AdaBelief")).iloc[0]
    assert line["PyTorch form"] == "none" and np.isnan(line["ratio"])
    assert line["share"] == 0.9


def test_the_table_has_a_line_a_rule_and_size():
    both = pd.concat([rows(TIMES), rows(TIMES, size="1e4", parameters=10**4)])
    assert len(steps_text(both).splitlines()) == 3


def test_training_is_compared_with_the_fused_form():
    table = pd.DataFrame(
        {"form": ["our PyTorch adapter", "PyTorch fused"], "median_ms": [9.0, 10.0]}
    )
    assert "0.90" in training_text(table)


def test_slope_of_a_power_law_is_its_exponent():
    x = np.array([1e5, 1e6, 1e8])
    assert slope(x, 3 * x**1.5) == pytest.approx(1.5)


def grown():
    x = [10**5, 10**6, 10**7, 10**8]
    lines = [("parameters", n, "one pass", 1e-6 * n) for n in x]
    lines += [("parameters", n, "bare loop", 1e-6 * n**0.5) for n in x]
    lines += [("stack", k, "one call", 1 + k) for k in (1, 9)]
    lines += [("stack", k, "a call a model", 2 + 2 * k) for k in (1, 9)]
    lines += [("networks", k, "together", 5 * k) for k in (1, 3)]
    lines += [("networks", k, "in turn", 4 * k) for k in (1, 3)]
    lines += [("workers", n, "4 tasks", 8 / n) for n in (1, 2)]
    table = pd.DataFrame(lines, columns=["what", "x", "form", "median_ms"])
    memory = pd.DataFrame({"what": "epochs", "x": range(4), "form": "memory", "mib": [1, 2, 2, 3]})
    return pd.concat([table, memory], ignore_index=True)


def test_growth_is_told_in_slopes_and_gains():
    summary = growth_summary(grown())
    assert summary["slope, all sizes"] == pytest.approx(1.0)
    assert summary["slope of a bare loop, from 1e7"] == pytest.approx(0.5)
    assert summary["stack gain"] == pytest.approx(2 * 9 / 10)
    assert summary["one call gain"] == pytest.approx(2.0)
    assert summary["network stack gain"] == pytest.approx(4 / 5)
    assert summary["workers gain"] == pytest.approx(2.0)
    assert summary["memory growth"] == pytest.approx(0.5)
