"""Samples of a question's clients: choices that are good for them are good for all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from navplan.locate.median.question import SumQuestion


def drawn_clients(question: SumQuestion, size: int, seed: int) -> SumQuestion:
    """Draw clients by weight, at even steps from a random start (systematic sampling).

    Parameters
    ----------
    question : SumQuestion
        The question.
    size : int
        How many draws; a client drawn again counts again.
    seed : int
        Where chance begins.

    Returns
    -------
    SumQuestion
        The same over the clients drawn, each weighing as often as it was drawn.
    """
    weights = question.weights if question.weights.any() else np.ones(question.clients)
    up_to = np.cumsum(weights)
    drawn = (np.arange(size) + np.random.default_rng(seed).random()) * (up_to[-1] / size)
    rows = np.minimum(np.searchsorted(up_to, drawn, side="right"), question.clients - 1)
    rows, counts = np.unique(rows, return_counts=True)
    return replace(question, minutes=question.minutes[rows], weights=counts.astype(np.float64))
