"""Every claim is judged, and no verdict changes without an edit of data/expected_verdicts.csv."""

import csv
import dataclasses
import json
import re

import numpy as np
import pytest

from adambook import ledger
from adambook.experiments.provenance import ROOT
from adambook.ledger import records, table
from adambook.ledger.claim import COLUMNS, KINDS

CLAIMS = ledger.claims()
WORDS = "because", "part", "needs"


@pytest.fixture(scope="module", autouse=True)
def only_the_columns_asked_for():
    """Records give no column but those whose lack is refused in one sentence."""
    with_columns = records._with_columns

    def trimmed(name, rows, path):
        asked = {"unit", "epoch", *records.COLUMNS.get(name, records.RUN)}
        return with_columns(name, rows, path)[[column for column in rows if column in asked]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_with_columns", trimmed)
        records._recorded.cache_clear()
        yield
    records._recorded.cache_clear()


def expected():
    with open(ROOT / "data" / "expected_verdicts.csv", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def as_row(claim, verdict):
    columns = {name: verdict.columns.get(name, "") for name in COLUMNS}
    return {"id": claim.id, "verdict": verdict.verdict, **columns}


def test_all_86_claims_are_there_and_each_is_expected():
    ids = [f"C{n:02}" for n in range(1, 87)]
    assert [claim.id for claim in CLAIMS] == ids == list(expected())


@pytest.mark.parametrize("id", list(expected()))
def test_a_verdict_is_the_expected_one(id):
    """If it is not: look why, and if the new one is right, change data/expected_verdicts.csv."""
    verdict = ledger.evaluate(id)
    assert as_row(ledger.find(id), verdict) == expected()[id]
    assert verdict.evidence
    assert differences(id, verdict) == []


def differences(id, verdict):
    """Where words and evidence are not the recorded ones, to what processors may differ in."""
    (now,) = json.loads(table.as_json([table.entry(ledger.find(id), verdict)]))
    (then,) = (row for row in table.recorded() if row["id"] == id)
    words = [[re.sub(r"\d+(\.\d+)?", "#", row[k]) for k in WORDS] for row in (now, then)]
    if words[0] != words[1]:
        return [f"{words[0]} is not {words[1]}: adambook claims --json"]
    new, old = ({e["name"]: e for e in row["evidence"]} for row in (now, then))
    if list(new) != list(old):
        return [f"{list(new)} is not {list(old)}: adambook claims --json"]
    return [
        f"{name}: {new[name]}, recorded {old[name]}"
        for name in new
        if not alike(new[name], old[name])
    ]


def alike(new, old):
    """Whether two pieces of evidence agree: seeds and words, and numbers to 0.3 per cent."""
    pair = [[e["value"], *(e["interval"] or ())] for e in (new, old)]
    try:
        numbers = [[float(x) for x in own] for own in pair]
    except ValueError:  # a formula, or yes and no
        return pair[0] == pair[1]
    near = np.allclose(*numbers, rtol=0.003, atol=1e-9, equal_nan=True)
    return new["seeds"] == old["seeds"] and near


def test_changed_evidence_is_noticed():
    verdict = ledger.evaluate("C03")
    first, *rest = verdict.evidence
    more = first._replace(value=1.005 * float(first.value))
    assert differences("C03", verdict) == []
    assert differences("C03", dataclasses.replace(verdict, evidence=(more, *rest)))
    assert differences("C03", dataclasses.replace(verdict, evidence=tuple(rest)))
    assert differences("C03", dataclasses.replace(verdict, because="for the test"))


def test_a_changed_verdict_is_noticed():
    claim, verdict = ledger.find("C03"), ledger.evaluate("C03")
    assert as_row(claim, verdict) == expected()["C03"]
    changed = ledger.Verdict("FALSE", "for the test", verdict.evidence)
    assert as_row(claim, changed) != expected()["C03"]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_says_where_what_and_when(claim):
    assert claim.kind in KINDS
    assert claim.where
    assert claim.statement.endswith(".")
    assert claim.pass_rule.startswith("Passes if")


def test_experiments_have_three_columns_and_theorems_none():
    rows = expected()
    for claim in CLAIMS:
        filled = [bool(rows[claim.id][column]) for column in COLUMNS]
        assert any(filled) == all(filled) == (claim.kind == "experiment"), claim.id


def test_the_recorded_ledger_agrees_with_the_expected_verdicts():
    """After a change: adambook claims --json > data/results/ledger.json."""
    recorded = {
        row["id"]: {
            "id": row["id"],
            "verdict": row["verdict"],
            **{c: row["columns"].get(c, "") for c in COLUMNS},
        }
        for row in table.recorded()
    }
    assert recorded == expected()


def test_the_recorded_ledger_has_the_statements_of_the_code():
    statements = {row["id"]: (row["statement"], row["pass_rule"]) for row in table.recorded()}
    assert statements == {c.id: (c.statement, c.pass_rule) for c in CLAIMS}


def test_an_open_verdict_says_what_would_decide_it():
    for row in table.recorded():
        assert bool(row["needs"]) == (row["verdict"] == "INCONCLUSIVE"), row["id"]
        assert bool(row["part"]) == (row["verdict"] == "PARTLY"), row["id"]
