"""Every choice within a limit, for any number of sites: what closes the last gap of a proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from navplan.locate.array_types import Ints
from navplan.locate.median import SumQuestion, near_best
from navplan.locate.steps import unheard
from navplan.locate.watch import Status, Watch

MOST_LISTED: Final = 200_000
"""Longest list of choices that a proof may need."""


@dataclass(frozen=True, eq=False)
class Listed:
    """Choices whose value is at most a limit.

    Parameters
    ----------
    choices : list of array of int
        Positions of the chosen sites, rising; best first where the number of sites is fixed.
    status : {"proved", "time limit", "interrupted", "count limit"}
        ``proved``: these are all.
    """

    choices: list[Ints]
    status: Status


def list_within(
    question: SumQuestion, limit: float, watch: Watch, *, most: int = MOST_LISTED
) -> Listed:
    """List every choice of a question whose value is at most a limit, for any number of sites.

    Parameters
    ----------
    question : SumQuestion
        What is asked.
    limit : float
        Largest value; one within `PROVED_GAP` of it counts as inside.
    watch : Watch
        Limits of the search.
    most : int
        Stop when there are more than this.

    Returns
    -------
    Listed
        All of them, or as many as were found before it stopped.
    """
    choices: list[Ints] = []
    for count in range(question.least, min(question.most, question.sites) + 1):
        if np.count_nonzero(question.fixed) > count or np.count_nonzero(~question.barred) < count:
            continue
        exactly = replace(question, least=count, most=count)
        near = near_best(exactly, limit, unheard(watch), most=most - len(choices))
        choices.extend(near.sites)
        if near.status != "proved":
            return Listed(choices, near.status)
        if len(choices) >= most:
            return Listed(choices, "count limit")
    return Listed(choices, "proved")
