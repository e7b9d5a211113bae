"""The audit at a glance: a cell and a sign for each claim, and readable without colour."""

import pytest
from matplotlib.colors import to_hex

from adambook import ledger
from adambook.figures.ledger import SECTIONS, SIGNS, at_a_glance
from adambook.ledger.claim import VERDICTS

VERDICT = {f"C{n:02}": VERDICTS[n % len(VERDICTS)] for n in range(1, 87)}


def texts(verdicts):
    return [text.get_text() for text in at_a_glance(verdicts).axes[0].texts]


def test_every_claim_is_drawn_once_in_its_section():
    numbers = [n for first, last in SECTIONS.values() for n in range(first, last + 1)]
    assert [f"C{n:02}" for n in numbers] == [claim.id for claim in ledger.claims()]
    drawn = texts(VERDICT)
    assert all(drawn.count(f"{n:02}") == 1 for n in range(1, 87))


def test_signs_tell_the_verdicts_apart_without_colour():
    assert set(SIGNS) == set(VERDICTS)
    assert len({sign for sign, *_ in SIGNS.values()}) == len(SIGNS)
    drawn = texts(VERDICT)
    for verdict, (sign, *_) in SIGNS.items():
        claims = sum(v == verdict for v in VERDICT.values())
        assert drawn.count(sign) == claims + 1  # and one in the key
        assert f"{verdict.lower()}: {claims}" in drawn


def test_every_sign_and_number_lies_in_its_own_ink_on_a_cell_of_its_colour():
    (ax,) = at_a_glance(VERDICT).axes
    pairs = []
    for text in ax.texts:
        (x, y) = text.get_position()
        under = [p for p in ax.patches if 0 < x - p.get_x() < 0.84 and 0 < y - p.get_y() < 0.84]
        pairs += [(to_hex(p.get_facecolor()), to_hex(text.get_color())) for p in under]
    looks = {(to_hex(colour), to_hex(ink)): verdict for verdict, (_, colour, ink) in SIGNS.items()}
    claims = [looks[pair] for pair in pairs]
    for verdict in VERDICTS:
        assert claims.count(verdict) == 2 * list(VERDICT.values()).count(verdict) + 1


def test_a_missing_claim_is_noticed():
    with pytest.raises(KeyError, match="C01"):
        at_a_glance({})
