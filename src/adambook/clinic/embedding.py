"""An embedding that moves without a gradient: a word that is gone still travels.

Cause: the row of a word that is not in the batch has the gradient 0, but not a step of 0. Its m
is still 0.9 of what it was, and v has hardly changed: the row coasts on for some forty steps, up
to nine times as far as its last step with a gradient.

Cure: no first average for the embedding, β1 = 0 in a group of its own. Then m is the gradient,
and where the gradient is 0 the step is 0. (`torch.optim.SparseAdam` leaves absent rows alone too.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pandas as pd
import torch
from torch import nn

from adambook import Adam
from adambook.clinic.text import tokens
from adambook.clinic.training import Batch, train
from adambook.torch import Optimizer

SIZE, WIDTH = 8, 8


def _in_order() -> Iterator[Batch]:
    """Each word with the one that follows, eight pairs at a time, in the order of the text."""
    numbers, _ = tokens()
    for first in range(0, len(numbers) - SIZE, SIZE):
        yield numbers[first : first + SIZE], numbers[first + 1 : first + SIZE + 1]


def _watched() -> tuple[int, int]:
    """Return a word that occurs in the first tenth of the text alone, and its last step."""
    numbers, _ = tokens()
    steps = numbers[: len(numbers) // SIZE * SIZE].reshape(-1, SIZE)
    early = set(steps[: len(steps) // 10].flatten().tolist())
    late = set(steps[len(steps) // 10 :].flatten().tolist())
    word = min(early - late)
    return word, int((steps == word).any(dim=1).nonzero()[-1]) + 1


def _run(beta1: float, steps: int = 150) -> pd.DataFrame:
    _, vocabulary = tokens()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        table = nn.Embedding(len(vocabulary), WIDTH, dtype=torch.float64)
        head = nn.Linear(WIDTH, len(vocabulary), dtype=torch.float64)
    groups = [{"params": table.parameters(), "beta1": beta1}, {"params": head.parameters()}]
    word, last = _watched()
    rows = [table.weight[word].detach().clone()]

    def watch() -> dict[str, float]:
        rows.append(table.weight[word].detach().clone())
        gradient = table.weight.grad
        assert gradient is not None
        moved = float(torch.linalg.norm(rows[-1] - rows[-2]))
        since = rows[-1] - rows[min(last, len(rows) - 1)]
        norms = {"row_gradient": float(torch.linalg.norm(gradient[word])), "row_step": moved}
        return norms | {"drift": float(torch.linalg.norm(since))}

    optimizer = Optimizer(groups, Adam(0.01))
    model = nn.Sequential(table, head)
    return train(model, optimizer, itertools.islice(_in_order(), steps), steps, after_step=watch)


def sick() -> pd.DataFrame:
    """Guess the next word of a text, in its order; watch one word that does not come again.

    `row_gradient` and `row_step` are the norms of its row's gradient and step, `drift` is how
    far the row is from where the last gradient left it.

    >>> log = sick()
    >>> last = log["row_gradient"].to_numpy().nonzero()[0].max() + 1
    >>> bool(log["drift"].iloc[-1] > 2 * log["row_step"].loc[last])
    True
    """
    return _run(beta1=0.9)


def cured() -> pd.DataFrame:
    """The same run with β1 = 0 for the embedding: the row stays where it was left.

    >>> float(cured()["drift"].max())
    0.0
    """
    return _run(beta1=0.0)
