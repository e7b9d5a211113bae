"""The paper's claims, one function each: what was claimed, when it passes, what was found.

>>> from adambook import ledger
>>> ledger.claims()[0].id
'C01'
>>> ledger.evaluate("C03").verdict
'TRUE'
"""

from __future__ import annotations

from importlib import import_module

from adambook.ledger.claim import KINDS, REGISTER, Claim, Measured, Verdict
from adambook.ledger.records import NotRecorded, Records

SECTIONS = (
    "abstract",
    "introduction",
    "algorithm",
    "step_bounds",
    "step_sizes",
    "bias_correction",
    "convergence",
    "convergence_rates",
    "related_work",
    "experiments_logistic",
    "experiments_multilayer",
    "experiments_convolutional",
    "experiments_vae",
    "adamax",
    "extensions",
)
"""The files that hold the claims, in the order of the paper."""


def claims(kind: str | None = None) -> list[Claim]:
    """Return every claim, or those of one kind, in the order of the id.

    Raises
    ------
    ValueError
        If there is no such kind.

    >>> claim = claims()[2]
    >>> claim.id, claim.where, claim.kind
    ('C03', 'abstract', 'definition')
    >>> [claim.id for claim in claims("definition")]
    ['C03', 'C13', 'C14', 'C19', 'C36']
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    for section in SECTIONS:
        import_module(f"adambook.ledger.{section}")
    return [REGISTER[id] for id in sorted(REGISTER) if kind in (None, REGISTER[id].kind)]


def find(id: str) -> Claim:
    """Return the claim of an id.

    Raises
    ------
    ValueError
        If there is none of this id.

    >>> find("C99")
    Traceback (most recent call last):
    ...
    ValueError: there is no claim 'C99'; they run from C01 to C86
    """
    known = {entry.id: entry for entry in claims()}
    if id not in known:
        raise ValueError(f"there is no claim {id!r}; they run from {min(known)} to {max(known)}")
    return known[id]


def evaluate(id: str) -> Verdict:
    """Judge a claim now: theorems are computed, experiments read from the records.

    Raises
    ------
    ValueError
        If there is no claim of this id.

    >>> print(evaluate("C03").evidence[0])
    bytes of state over bytes of parameters: 2
    """
    return find(id).judge()


__all__ = ["Claim", "Measured", "NotRecorded", "Records", "Verdict", "claims", "evaluate", "find"]
