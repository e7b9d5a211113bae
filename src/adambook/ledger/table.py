"""The ledger as a table: in words for the terminal, as JSON for machines."""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from adambook.experiments.provenance import ROOT
from adambook.ledger.claim import ABSENT, COLUMNS, OPEN, Claim, Verdict

RECORD = ROOT / "data" / "results" / "ledger.json"
"""The ledger as it was judged last."""


def entry(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    """Return a claim and its verdict as plain values, numbers to four digits.

    >>> from adambook import ledger
    >>> entry(ledger.find("C03"), ledger.evaluate("C03"))["evidence"][0]["value"]
    2.0
    """
    return {
        "id": claim.id,
        "where": claim.where,
        "kind": claim.kind,
        "statement": claim.statement,
        "pass_rule": claim.pass_rule,
        "chapter": claim.chapter,
        "function": claim.function,
        "verdict": verdict.verdict,
        "part": verdict.part,
        "because": verdict.because,
        "needs": verdict.needs,
        "columns": {name: verdict.columns[name] for name in COLUMNS if name in verdict.columns},
        "evidence": [
            {
                "name": number.name,
                "value": _plain(number.value),
                "seeds": number.seeds,
                "interval": number.interval and [_plain(end) for end in number.interval],
            }
            for number in verdict.evidence
        ],
    }


def _plain(value: Any) -> float | str:
    """Return a number to four digits, or as a word where JSON has no number for it."""
    if isinstance(value, str):
        return value
    return float(f"{float(value):.4g}") if math.isfinite(value) else str(float(value))


def as_json(entries: list[dict[str, Any]]) -> str:
    r"""Return the ledger as JSON, one claim after the other.

    >>> as_json([])
    '[]\n'
    """
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def recorded(path: Path = RECORD) -> list[dict[str, Any]]:
    """Return the ledger as it was judged and recorded last.

    >>> recorded()[0]["id"]
    'C01'
    """
    return list(json.loads(path.read_text(encoding="utf-8")))


def line(claim: Claim, verdict: Verdict) -> str:
    """Return one line of the table: id, verdict, place, function.

    >>> from adambook import ledger
    >>> line(ledger.find("C03"), ledger.evaluate("C03"))
    'C03  TRUE           abstract                      two extra vectors'
    """
    name = claim.judge.__name__.replace("_", " ")
    return f"{claim.id}  {verdict.verdict:14} {claim.where:29} {name}"


def report(claim: Claim, verdict: Verdict) -> str:
    """Return one claim with all its evidence, as text.

    >>> from adambook import ledger
    >>> print(report(ledger.find("C03"), ledger.evaluate("C03")).splitlines()[0])
    C03 (abstract, definition): TRUE
    """
    rows = [f"{claim.id} ({claim.where}, {claim.kind}): {verdict.verdict}"]
    rows += _wrapped(claim.statement) + _wrapped(claim.pass_rule)
    rows += _wrapped(f"Found: {verdict.because}.")
    rows += _wrapped(f"Holds: {verdict.part}.") if verdict.part else []
    rows += _wrapped(f"Needs: {verdict.needs}.") if verdict.needs else []
    rows += [f"  {name:11} {value}" for name, value in verdict.columns.items()]
    rows += ["Evidence:"] + [f"  {number}" for number in verdict.evidence]
    rows += [f"Judged by {claim.function}, treated in chapters/{claim.chapter}."]
    return "\n".join(rows)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, width=92)


def as_html(rows: list[dict[str, Any]], up: str = "../") -> str:
    """Return rows of the ledger as an HTML table: a line a claim, with links.

    Parameters
    ----------
    rows : list of dict
        As `recorded` returns them.
    up : str
        The way from the page to chapters/.

    >>> as_html(recorded()[:1]).count("<tr>")
    2
    """
    heads = ("claim", "what is claimed, what was found", "verdict", "chapter")
    lines = [_line([f'<th scope="col">{head}</th>' for head in heads])]
    for row in rows:
        page = f"{up}{row['chapter']}.html"
        judge = f"{up}appendices/api/ledger.html#{row['function']}"
        cells = (
            f'<a href="{judge}">{row["id"]}</a><br>{escape(row["where"])}',
            f"{typeset(row['statement'])}<br><em>Found:</em> {typeset(row['because'])}.",
            _verdict(row),
            f'<a href="{page}">{row["chapter"].split("/")[1][:2]}</a>',
        )
        lines.append(_line([f"<td>{cell}</td>" for cell in cells]))
    return "\n".join(['<table class="table ledger">', *lines, "</table>"])


LOWERED = re.compile(r"(?<=[αβ])(\d(?:,[st])?)(?![a-z\d])|_(?:\(([^()]*)\)|(\w))")
RAISED = re.compile(r"\^(?:\(((?:[^()]|\([^()]*\))*)\)|(\w+))")
MINUS = re.compile(r"(?<=[\w)]) - (?=[\w(√])")


def typeset(text: str) -> str:
    """Return a claim's text as HTML, with its typed formulas' indices lowered and powers raised.

    >>> typeset("u_t is the largest of β2^(t-i) |g_i|")
    'u<sub>t</sub> is the largest of β<sub>2</sub><sup>t−i</sup> |g<sub>i</sub>|'
    """

    def small(tag: str) -> Callable[[re.Match[str]], str]:
        return lambda found: (
            f"<{tag}>{next(filter(None, found.groups())).replace('-', '−')}</{tag}>"
        )

    lowered = LOWERED.sub(small("sub"), MINUS.sub(" − ", escape(text)))
    return RAISED.sub(small("sup"), lowered)


def _line(cells: list[str]) -> str:
    return "<tr>" + "".join(cells) + "</tr>"


def _verdict(row: dict[str, Any]) -> str:
    """Return a verdict, with what holds of it and the columns that are filled, as HTML."""
    words = [f"<strong>{row['verdict'].lower()}</strong>"]
    words += [typeset(row["part"])] if row["part"] else []
    words += [f"{n}: {v.lower()}" for n, v in row["columns"].items() if v not in (OPEN, ABSENT)]
    return "<br>".join(words)
