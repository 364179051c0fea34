"""Which sites, when every resident uses the nearest: every choice, ranked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain, combinations
from math import comb

import numpy as np
import pandas as pd

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Floats
from navplan.locate.inputs import SHARE_DECIMALS, Matrix, matrix, rounded, too_many
from navplan.locate.ranking import MOST, Objective, Ranking, all_or_none
from navplan.nouns import TravelTimes, Zones

# A share of the people below this is what rounding leaves of nobody.
_NOBODY = 1e-12


def _blocks(table: Floats, count: int) -> Iterator[Floats]:
    """Least over the chosen rows of every choice, in text order, block by block.

    The last two rows are chosen from a table of pairs made once: pairs are in text order too, so
    those that may follow a prefix are its tail, and a block is one whole-array step.
    """
    rows = len(table)
    if count == 1:
        yield table
        return
    first, second = np.triu_indices(rows, k=1)
    pairs = np.minimum(table[first], table[second])
    tail = np.searchsorted(first, np.arange(rows + 1))

    def grow(chosen: int, after: int, least: Floats) -> Iterator[Floats]:
        if chosen == count - 2:
            yield np.minimum(least, pairs[tail[after] :])
            return
        for row in range(after, rows - (count - chosen) + 1):
            yield from grow(chosen + 1, row + 1, np.minimum(least, table[row]))

    yield from grow(0, 0, np.full(table.shape[1], np.inf))


def _sums(table: Floats, people: Floats, count: int) -> tuple[Floats, Floats, Floats]:
    """Sum up Σ w z, people without a time, and longest time, of every choice in text order.

    Zones with a time to every site go the quick way: no check for absence.
    """
    open_ = np.isfinite(table).all(axis=0)
    full, some = np.ascontiguousarray(table[:, open_]), np.ascontiguousarray(table[:, ~open_])
    w_full, w_some = people[open_], people[~open_]
    size = comb(len(table), count)
    total, without, longest = np.zeros(size), np.zeros(size), np.full(size, -np.inf)
    if len(w_full):
        for part, block in _parts(full, count):
            total[part] = block @ w_full
            longest[part] = block.max(axis=1)
    if len(w_some):
        for part, block in _parts(some, count):
            there = np.isfinite(block)
            total[part] += np.where(there, block, 0.0) @ w_some
            without[part] = ~there @ w_some
            furthest = np.where(there, block, -np.inf).max(axis=1)
            longest[part] = np.maximum(longest[part], furthest)
    return total, without, longest


def _parts(table: Floats, count: int) -> Iterator[tuple[slice, Floats]]:
    start = 0
    for block in _blocks(table, count):
        yield slice(start, start + len(block)), block
        start += len(block)


def _evaluate(data: Matrix, count: int) -> tuple[dict[Objective, Floats], Floats]:
    total, without, longest = _sums(np.ascontiguousarray(data.minutes.T), data.people, count)
    everybody = data.people.sum()
    timed = everybody - without
    timed[timed < everybody * _NOBODY] = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(timed > 0, total / timed, np.nan)
    worst = np.where(np.isfinite(longest), longest, np.nan)
    ede = mean
    if data.kappa > 0:
        # exp rises with the minutes, so the least of it belongs to the nearest site too.
        mass, _, _ = _sums(np.ascontiguousarray(data.weights.T), data.people, count)
        ede = data.ede(mass, timed, mean)
    share = (without / everybody).round(SHARE_DECIMALS)
    values: dict[Objective, Floats] = {"mean_minutes": mean, "worst_minutes": worst}
    return rounded({**values, "ede_minutes": ede}), share


@all_or_none()
def rank_site_choices(
    times: TravelTimes,
    people: pd.Series[float],
    *,
    zones: Zones,
    sites: Iterable[str],
    count: int,
    kappa: float,
    most: int = MOST,
) -> Ranking:
    """Rank every choice of so many sites, every zone going to its nearest in time.

    This is the p-median (mean), p-centre (worst) and its equal-equivalent kin, solved by trying
    everything. Use `rank_area_structures` where whole areas belong to an office.

    Parameters
    ----------
    times : TravelTimes
        Minutes to at least the sites.
    people : Series
        Residents by zone [persons].
    zones : Zones
        The zones and their areas.
    sites : iterable of str
        The sites that may be used.
    count : int
        Number of offices.
    kappa : float
        Aversion to inequality of the equal equivalent [1/min]; `measures.kolm_pollak_kappa` of
        the base.
    most : int
        Most structures to enumerate.

    Returns
    -------
    Ranking
        Complete.

    Raises
    ------
    InfeasibleError
        If there are fewer sites than offices.
    InputError
        If the inputs do not fit each other, or there are too many choices.
    RankingInterruptedError
        If the user stopped it.
    """
    began = time.monotonic()
    data = matrix(times, people, zones=zones, sites=sites, kappa=kappa)
    n = len(data.sites)
    if count < 1:
        raise_faults([Fault("ranking", "count", f"{count} offices; expected at least 1.")])
    if n < count:
        raise InfeasibleError(f"{count} offices are asked for, but only {n} sites may be used.")
    too_many(comb(n, count), most, f"{count} offices among {n} sites")
    flat = chain.from_iterable(combinations(range(n), count))
    choice = np.fromiter(flat, dtype=np.int16).reshape(-1, count)
    values, share = _evaluate(data, count)
    return Ranking("sites", data.areas, data.sites, choice, values, share, time.monotonic() - began)
