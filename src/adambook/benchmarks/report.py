"""What measured steps say: ratios to PyTorch's fastest form, and shares of the memory limit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from adambook import rules
from adambook.benchmarks.growth import slope
from adambook.benchmarks.operations import bytes_moved

OURS, ADAPTER, HALF = "one pass", "our PyTorch adapter", "one pass, bfloat16 state"
ARITHMETIC = "arithmetic alone"


def medians(rows: pd.DataFrame, rule: str, size: str) -> dict[str, float]:
    """Return the median milliseconds of every form of a rule at a size.

    >>> table = [{"rule": "SGD", "size": "1e4", "form": "NumPy", "median_ms": 0.5}]
    >>> medians(pd.DataFrame(table), "SGD", "1e4")
    {'NumPy': 0.5}
    """
    chosen = rows[(rows["rule"] == rule) & (rows["size"] == size)]
    return {str(k): float(v) for k, v in zip(chosen["form"], chosen["median_ms"], strict=True)}


def comparison(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line a rule and size: our times, the best of others, ratios and shares.

    Columns: our one pass and adapter, NumPy, PyTorch's fastest form and its name, in ms;
    `ratio` and `adapter ratio`, ours over PyTorch's fastest; `share`, the fastest bare loop
    over ours; `arithmetic`, the rule's arithmetic in the nearest cache over ours; `GB/s`, the
    bytes the rule must move over our time; `bfloat16`, the step with half the state's bytes over
    the one in float32. What was not measured is NaN.

    >>> row = {"rule": "SGD", "size": "10", "parameters": 10, "tensors": 1}
    >>> times = {"one pass": 2.0, "PyTorch loop": 8.0, "PyTorch fused": 4.0, "bare loop": 1.0}
    >>> table = pd.DataFrame([{**row, "form": k, "median_ms": v} for k, v in times.items()])
    >>> comparison(table)[["PyTorch form", "ratio", "share"]].to_dict("records")
    [{'PyTorch form': 'fused', 'ratio': 0.5, 'share': 0.5}]
    """
    lines: list[dict[str, Any]] = []
    keys = rows[["rule", "size", "parameters", "tensors"]].drop_duplicates()
    for rule, size, parameters, tensors in keys.itertuples(index=False):
        times = medians(rows, rule, size)
        theirs = {k.split()[1]: v for k, v in times.items() if k.startswith("PyTorch ")}
        bare = [v for k, v in times.items() if k.startswith("bare loop")]
        best = min(theirs, key=theirs.__getitem__, default="none")
        one, fastest = times.get(OURS, np.nan), theirs.get(best, np.nan)
        moved = parameters * bytes_moved(getattr(rules, rule))
        lines.append(
            {
                "rule": rule,
                "size": size,
                "tensors": tensors,
                "one pass": one,
                "adapter": times.get(ADAPTER, np.nan),
                "NumPy": times.get("NumPy", np.nan),
                "PyTorch": fastest,
                "PyTorch form": best,
                "ratio": one / fastest,
                "adapter ratio": times.get(ADAPTER, np.nan) / fastest,
                "share": min(bare) / one if bare else np.nan,
                "arithmetic": times.get(ARITHMETIC, np.nan) / one,
                "GB/s": moved / one / 1e6,
                "bfloat16": times.get(HALF, np.nan) / one,
            }
        )
    return pd.DataFrame(lines)


def steps_text(rows: pd.DataFrame) -> str:
    """Return measured steps as a table for a terminal, times in milliseconds.

    >>> row = {"rule": "SGD", "size": "10", "parameters": 10, "tensors": 1}
    >>> print(steps_text(pd.DataFrame([{**row, "form": "one pass", "median_ms": 2.0}])).split()[0])
    rule
    """
    table = comparison(rows)
    formats = {
        **dict.fromkeys(["one pass", "adapter", "NumPy", "PyTorch"], "{:.3g}".format),
        **dict.fromkeys(["ratio", "adapter ratio", "bfloat16"], "{:.2f}".format),
        **dict.fromkeys(["share", "arithmetic"], "{:.0%}".format),
        "GB/s": "{:.1f}".format,
    }
    return table.to_string(index=False, formatters=formats, na_rep="–", line_width=200)


def training_text(rows: pd.DataFrame) -> str:
    """Return measured training steps as a table, with ratios to PyTorch's fused form.

    >>> row = {"median_ms": 4.0, "optimizer_ms": 1.0}
    >>> forms = ["our PyTorch adapter", "PyTorch fused"]
    >>> print(training_text(pd.DataFrame([{"form": form, **row} for form in forms])).split()[-1])
    1.00
    """
    fused = rows.set_index("form")["median_ms"]["PyTorch fused"]
    table = rows.assign(ratio=(rows["median_ms"] / fused).map("{:.2f}".format))
    return table.to_string(index=False)


def growth_summary(rows: pd.DataFrame) -> dict[str, float]:
    """Return what the points of `adambook bench growth` say, one number a question.

    Slopes of log time against log parameters: over all sizes, up to $10^6$ and from $10^7$, ours
    and the fastest bare loop's; what a stack gains, k models one by one over k at once; what one
    compiled call gains over a call a model, at the largest stack; what the gradients of networks
    gain from being computed together; what workers gain; and by how much the memory grows from
    the middle epoch to the last, as a share.

    >>> from adambook.benchmarks.growth import measure
    >>> summary = growth_summary(pd.DataFrame(measure(quick=True, threads=1)))
    >>> "slope, all sizes" in summary
    True
    """
    summary = _slopes(rows[rows["what"] == "parameters"])
    stack = _by_form(rows, "stack")
    one, each = stack["one call"], stack["a call a model"]
    k = one.index.max()
    summary["stack gain"] = float(one[1] * k / one[k])
    summary["one call gain"] = float(each[k] / one[k])
    networks = _by_form(rows, "networks").iloc[-1]
    summary["network stack gain"] = float(networks["in turn"] / networks["together"])
    workers = rows[rows["what"] == "workers"].set_index("x")["median_ms"]
    summary["workers gain"] = float(workers[workers.index.min()] / workers[workers.index.max()])
    memory = rows[rows["what"] == "epochs"]["mib"].to_numpy()
    summary["memory growth"] = float(memory[-1] / memory[len(memory) // 2] - 1)
    return summary


def _by_form(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    chosen = rows[rows["what"] == what]
    return chosen.pivot(index="x", columns="form", values="median_ms")


def _slopes(rows: pd.DataFrame) -> dict[str, float]:
    times = _by_form(rows, "parameters")
    bare = times[[name for name in times if str(name).startswith("bare")]].min(axis=1)
    ranges = {"all sizes": (0.0, np.inf), "up to 1e6": (0.0, 1e6), "from 1e7": (1e7, np.inf)}
    slopes = {}
    for name, (low, high) in ranges.items():
        inside = (times.index >= low) & (times.index <= high)
        if inside.sum() >= 2:
            x = times.index[inside]
            slopes[f"slope, {name}"] = slope(x, times[OURS][inside])
            slopes[f"slope of a bare loop, {name}"] = slope(x, bare[inside])
    return slopes


def growth_text(rows: pd.DataFrame) -> str:
    """Return the points and what they say, as text for a terminal.

    >>> from adambook.benchmarks.growth import measure
    >>> "workers gain" in growth_text(pd.DataFrame(measure(quick=True, threads=1)))
    True
    """
    lines = [f"{name}: {value:.3f}" for name, value in growth_summary(rows).items()]
    return "\n".join([rows.to_string(index=False, na_rep="–"), "", *lines])
