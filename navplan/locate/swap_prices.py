"""What it changes to swap one chosen site for another, for every pair at once."""

from __future__ import annotations

import numpy as np

from navplan.locate.array_types import Floats, Ints
from navplan.locate.checks import rows_at_a_time
from navplan.locate.median import SumQuestion
from navplan.locate.median.rows import nearest_two


def swap_prices(question: SumQuestion, sites: Ints, value: float) -> Floats:
    """Price every swap of one chosen site for one that is not.

    Parameters
    ----------
    question : SumQuestion
        What is summed.
    sites : array of int
        The choice, rising; it leaves nobody without a time who must have one.
    value : float
        Its value. A client that must have a time and loses it is priced at this: no such swap
        then looks better than none.

    Returns
    -------
    array (sites × chosen)
        Change of the value when the site of the row comes in for that of the column; inf where
        the site of the row is chosen already.

    Notes
    -----
    M. G. C. Resende and R. F. Werneck, "A fast swap-based local search procedure for location
    problems", Annals of Operations Research 150 (2007), doi:10.1007/s10479-006-0154-0.
    """
    place, *near = nearest_two(question.minutes, sites, question.limit)
    first, second = (_weighted(question, minutes, question.weights, value) for minutes in near)
    loss = np.bincount(place[place >= 0], (second - first)[place >= 0], minlength=len(sites))
    saved = np.zeros(question.sites)
    spared = np.zeros((question.sites, len(sites)))
    for rows in rows_at_a_time(question.minutes):
        minutes = question.minutes[rows].astype(np.float64)
        minutes[minutes > question.limit] = np.inf
        cost = _weighted(question, minutes, question.weights[rows, None], value)
        least, next_, at = first[rows, None], second[rows, None], place[rows]
        saved += np.maximum(least - cost, 0).sum(axis=0)
        kept = np.maximum(next_ - np.maximum(cost, least), 0)
        for column in range(len(sites)):
            spared[:, column] += kept[at == column].sum(axis=0)
    change = loss - spared - saved[:, None]
    change += question.site_costs[:, None] - question.site_costs[sites]
    change[sites] = np.inf
    return change


def _weighted(question: SumQuestion, minutes: Floats, weights: Floats, value: float) -> Floats:
    """Weighted costs of minutes; `value` for no time where everybody must have one."""
    costs = question.costs_of(minutes)
    lost = np.isinf(costs)
    weighted: Floats = weights * np.where(lost, 0.0, costs)
    weighted[lost] = value
    return weighted
