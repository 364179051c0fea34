"""Which sites stand in for one another in a list of structures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from navplan.locate.array_types import Floats, Ints
from navplan.locate.median.question import SumQuestion
from navplan.locate.median.rows import nearest_two


@dataclass(frozen=True)
class Exchange:
    """Two sites by which structures of a list differ.

    Parameters
    ----------
    one, other : int
        Positions of the sites, the smaller first.
    change : float
        Largest change of the value by such an exchange, in the unit of the values.
    row : int
        The best structure that has one of them and, in its stead, may have the other.
    """

    one: int
    other: int
    change: float
    row: int


def exchanges(choice: Ints, values: Floats, sites: int) -> list[Exchange]:
    """Find all pairs of sites by which two structures differ.

    Parameters
    ----------
    choice : array of int, shape (structures, most offices)
        Positions of the sites of each, rising, the best structure first; -1 fills short rows.
    values : array, shape (structures,)
        Their values.
    sites : int
        How many sites there are.

    Returns
    -------
    list of Exchange
        In the order of the sites.
    """
    structures, width = choice.shape
    largest = np.full((sites, sites), -np.inf)
    best = np.full((sites, sites), structures, dtype=np.intp)
    if structures and width:
        rest, left_out, row = _with_one_left_out(choice)
        same = np.flatnonzero(rest[1:] == rest[:-1])
        ahead = 1
        while same.size:  # every two entries of a stretch with the same rest, by their distance
            pair = np.sort(np.stack([left_out[same], left_out[same + ahead]]), axis=0)
            change = np.abs(values[row[same]] - values[row[same + ahead]])
            np.maximum.at(largest, (pair[0], pair[1]), change)
            np.minimum.at(best, (pair[0], pair[1]), np.minimum(row[same], row[same + ahead]))
            ahead += 1
            same = same[same + ahead < len(rest)]
            same = same[rest[same + ahead] == rest[same]]
    return [
        Exchange(int(one), int(other), float(largest[one, other]), int(best[one, other]))
        for one, other in np.argwhere(best < structures)
    ]


def _with_one_left_out(choice: Ints) -> tuple[Ints, Ints, Ints]:
    """Leave each site out in turn: number of the rest, the site, and the row; alike together."""
    structures, width = choice.shape
    rests = np.concatenate([np.delete(choice, place, axis=1) for place in range(width)])
    left_out = choice.T.ravel()
    row = np.tile(np.arange(structures), width)
    real = left_out >= 0
    rests, left_out, row = rests[real], left_out[real], row[real]
    order = np.lexsort(rests.T) if width > 1 else np.arange(len(rests))
    rests = rests[order]
    new = (rests[1:] != rests[:-1]).any(axis=1)
    number = np.concatenate([[0], np.cumsum(new)]).astype(np.intp)
    return number, left_out[order], row[order]


def mean_change(question: SumQuestion, stays: Ints, one: int, other: int) -> float:
    """How much an exchange changes the travel time of those who use either site.

    Parameters
    ----------
    question : SumQuestion
        Minutes and weights.
    stays : array of int
        Sites chosen besides.
    one, other : int
        The sites exchanged.

    Returns
    -------
    float
        Weighted mean of the absolute changes over clients for whom one of the two is the
        nearest [min]; 0 where there are none, inf where a client has a time in one case only.
    """
    besides = nearest_two(question.minutes, stays, question.limit)[1]
    two = np.array([one, other], dtype=np.intp)
    either = question.minutes[:, two].astype(np.float64)
    either[either > question.limit] = np.inf
    before, after = np.minimum(either.T, besides)
    users = (np.minimum(before, after) < besides) & (question.weights > 0)
    weights = question.weights[users]
    if not weights.size:
        return 0.0
    return float(weights @ np.abs(before[users] - after[users]) / weights.sum())


def classes(alike: npt.NDArray[np.bool_], times: Ints) -> list[list[int]]:
    """Put sites together so that every two of a class look alike.

    The sites used most begin a class; the next joins the first class whose members it all
    resembles.

    Parameters
    ----------
    alike : array of bool, shape (sites, sites)
        Which look alike.
    times : array of int, shape (sites,)
        How often each is used.

    Returns
    -------
    list of list of int
        Every site in one class, the class of the most used site first.
    """
    found: list[list[int]] = []
    for site in np.argsort(-times, kind="stable").tolist():
        for members in found:
            if alike[site, members].all():
                members.append(site)
                break
        else:
            found.append([site])
    return found
