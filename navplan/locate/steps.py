"""Searches made of smaller searches: what is handed down, and what comes back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Ints
from navplan.locate.found import Found
from navplan.locate.median import SumQuestion
from navplan.locate.watch import PROVED_GAP, Watch, silent


def unheard(watch: Watch) -> Watch:
    """Give a watch for a step: same clock, limit and seed, but its gap is told to nobody.

    Parameters
    ----------
    watch : Watch
        Of the whole search.

    Returns
    -------
    Watch
        For one step of it.
    """
    return replace(watch, tell=silent)


def time_after(found: Found, watch: Watch) -> Watch:
    """Give the watch for the next step: whoever interrupted one step does not wait for the rest.

    Parameters
    ----------
    found : Found
        Answer of a step.
    watch : Watch
        Of the step.

    Returns
    -------
    Watch
        The same; without any time left where the step was interrupted.
    """
    return replace(watch, limit_s=0.0) if found.status == "interrupted" else watch


def sure_bound(found: Found) -> float:
    """Give what nothing is better than: the value itself where that is proved.

    Parameters
    ----------
    found : Found
        Answer of a step.

    Returns
    -------
    float
        Within `PROVED_GAP` of a true bound, so that the gaps of many steps do not add up.
    """
    return found.value if found.status == "proved" else found.bound


def closed(value: float, bound: float) -> bool:
    """Tell whether nothing better than a value is left.

    Parameters
    ----------
    value, bound : float
        Best value so far, and what nothing is better than.

    Returns
    -------
    bool
        True where they are one within `PROVED_GAP`.
    """
    return bool(value < np.inf and value - bound <= PROVED_GAP * abs(value))


def nearest_minutes(question: SumQuestion, sites: Ints) -> npt.NDArray[np.float64]:
    """Minutes of each client to its nearest chosen site.

    Parameters
    ----------
    question : SumQuestion
        Minutes and limit.
    sites : array of int
        Positions of the chosen sites.

    Returns
    -------
    array, shape (clients,)
        In float64 [min]; inf where none is within the limit.
    """
    nearest = question.minutes[:, sites].min(axis=1).astype(np.float64)
    return np.where(nearest <= question.limit, nearest, np.inf)


def a_person(found: Found, people: float) -> Found:
    """Turn the sum of an answer into a mean.

    Parameters
    ----------
    found : Found
        Value and bound are sums over the weight.
    people : float
        All the weight, above 0.

    Returns
    -------
    Found
        The same with value and bound divided by it.
    """
    return replace(found, value=found.value / people, bound=found.bound / people)
