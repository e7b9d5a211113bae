"""What a verdict must be: in the vocabulary, with evidence, and with what is missing."""

import json
import math

import pytest

from adambook import ledger
from adambook.ledger import table
from adambook.ledger.claim import (
    ABSENT,
    KINDS,
    OPEN,
    REGISTER,
    Measured,
    Verdict,
    claim,
    decide,
    largest,
    mean_of,
)
from adambook.ledger.panels import conclude

NUMBER = Measured("error", 0.5)


def test_no_verdict_without_evidence():
    with pytest.raises(ValueError, match="no verdict by assertion"):
        Verdict("TRUE", "said so", ())


@pytest.mark.parametrize("verdict", ["true", "MAYBE", ""])
def test_a_verdict_outside_the_vocabulary_is_refused(verdict):
    with pytest.raises(ValueError, match="verdict must be one of TRUE, PARTLY"):
        Verdict(verdict, "because", (NUMBER,))


def test_partly_needs_its_part_and_inconclusive_what_it_needs():
    with pytest.raises(ValueError, match="PARTLY needs one"):
        Verdict("PARTLY", "because", (NUMBER,))
    with pytest.raises(ValueError, match="INCONCLUSIVE, which needs it"):
        Verdict("INCONCLUSIVE", "because", (NUMBER,))
    with pytest.raises(ValueError, match="part is for PARTLY"):
        Verdict("TRUE", "because", (NUMBER,), part="half")


def test_an_unknown_column_or_word_in_it_is_refused():
    with pytest.raises(ValueError, match="column must be one of paper-like"):
        Verdict("TRUE", "because", (NUMBER,), columns={"lucky": "TRUE"})
    with pytest.raises(ValueError, match="'tuned' must be one of"):
        Verdict("TRUE", "because", (NUMBER,), columns={"tuned": "yes"})


def test_a_claim_without_pass_rule_is_refused():
    with pytest.raises(ValueError, match="lacks statement or 'Passes if'"):

        @claim("C00", "nowhere", "theorem", "intro")
        def nothing():
            """Nothing."""

    assert "C00" not in REGISTER


def test_two_claims_cannot_share_an_id():
    def first():
        """Something.

        Passes if it passes.
        """

    def second():
        """Something else.

        Passes if it fails.
        """

    enter = claim("C00", "nowhere", "theorem", "intro")
    try:
        assert enter(first) is enter(first)  # a module may be loaded again
        with pytest.raises(ValueError, match="C00 is entered twice"):
            enter(second)
    finally:
        del REGISTER["C00"]


def test_nan_among_errors_is_no_small_error():
    assert largest("error", [0.1, math.nan]).value == math.inf
    assert decide(math.nan <= 1, NUMBER, yes="", no="").verdict == "FALSE"


def test_an_interval_over_seeds_is_kept():
    number = mean_of("gain", [1.0, 2.0, 3.0])
    assert (number.value, number.seeds) == (2.0, 3)
    assert number.interval[0] < 2 < number.interval[1]
    assert "3 seeds" in str(number)


def test_json_has_no_infinity_and_reads_back():
    verdict = Verdict("TRUE", "b", (Measured("a", math.inf, 2, (0.0, math.inf)),))
    (row,) = json.loads(table.as_json([table.entry(ledger.find("C13"), verdict)]))
    assert row["evidence"] == [{"name": "a", "value": "inf", "seeds": 2, "interval": [0.0, "inf"]}]


def test_claims_of_one_kind_are_judged_alone():
    kinds = {kind: ledger.claims(kind) for kind in KINDS}
    assert sum(map(len, kinds.values())) == len(ledger.claims())
    assert all(claim.kind == kind for kind, own in kinds.items() for claim in own)
    with pytest.raises(ValueError, match="kind must be one of definition"):
        ledger.claims("rumour")


def test_a_column_that_does_not_apply_is_no_open_one():
    columns = {"paper-like": ABSENT, "tuned": "TRUE", "defaults": OPEN}
    verdict = conclude(columns, (NUMBER,), yes="yes", no="no", needs="runs", but="one panel")
    assert (verdict.verdict, verdict.because) == ("TRUE", "yes (one panel)")
    nothing = {**columns, "tuned": OPEN}
    assert conclude(nothing, (NUMBER,), yes="", no="", needs="runs").verdict == "INCONCLUSIVE"
