"""A small real text that is always there: scikit-learn's descriptions of its data sets."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import torch


@cache
def words() -> list[str]:
    """Return the words of the descriptions of iris, wine and digits, in order, in lower case.

    >>> words()[:4]
    ['iris', 'plants', 'dataset', 'data']
    """
    from sklearn import datasets

    sets: list[Any] = [datasets.load_iris(), datasets.load_wine(), datasets.load_digits()]
    found = re.findall(r"[a-z]+", " ".join(s.DESCR.lower() for s in sets))
    return found[found.index("plants") - 1 :]


@cache
def tokens() -> tuple[torch.Tensor, list[str]]:
    """Return the words as numbers in the order of the text, and the vocabulary they index.

    >>> numbers, vocabulary = tokens()
    >>> [vocabulary[k] for k in numbers[:2]]
    ['iris', 'plants']
    """
    vocabulary = sorted(set(words()))
    index = {word: k for k, word in enumerate(vocabulary)}
    return torch.tensor([index[word] for word in words()]), vocabulary
