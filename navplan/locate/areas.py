"""Which areas share an office, and where: every division into clusters, every site, ranked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, permutations, product
from math import perm

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Floats
from navplan.locate.inputs import SHARE_DECIMALS, Matrix, TooManyError, matrix, rounded, too_many
from navplan.locate.partitions import (
    complete_graph,
    components,
    count_structures,
    graph_of,
    members,
    partitions,
    stirling,
)
from navplan.locate.ranking import MOST, Objective, Ranking, all_or_none
from navplan.nouns import Offices, TravelTimes, Zones

_CHUNK = 200_000
_MOST_AREAS = 16
# A share of the people below this is what rounding leaves of nobody.
_NOBODY = 1e-12

_Choice = npt.NDArray[np.int16]


def _pairs(
    neighbours: pd.DataFrame | Iterable[tuple[str, str]], areas: tuple[str, ...]
) -> list[tuple[str, str]]:
    if isinstance(neighbours, pd.DataFrame):
        rows = neighbours[["area", "neighbour"]].itertuples(index=False, name=None)
        pairs = [(str(one), str(other)) for one, other in rows]
    else:
        pairs = list(neighbours)
    unknown = sorted({area for pair in pairs for area in pair if area not in areas})
    raise_faults(
        Fault("neighbours", area, "no zone lies in this area.", f"Known: {', '.join(areas)}.")
        for area in unknown
    )
    return pairs


def _check_feasible(
    areas: tuple[str, ...], graph: tuple[int, ...], count: int, site_areas: list[int], inside: bool
) -> None:
    """Say what rules every structure out, if anything does.

    Nothing else can: from sites in `count` different areas, at least one in each connected group,
    clusters grow area by area until all areas are taken.
    """
    everything = (1 << len(areas)) - 1
    sites = len(site_areas)
    if not 1 <= count <= len(areas):
        message = f"{len(areas)} areas cannot be divided among {count} offices: expected 1 to "
        raise InfeasibleError(f"{message}{len(areas)}.")
    if sites < count:
        raise InfeasibleError(f"{count} offices are asked for, but only {sites} sites may be used.")
    parts = components(graph, everything)
    names = [", ".join(areas[bit] for bit in members(part)) for part in parts]
    if len(parts) > count:
        listed = " | ".join(names)
        message = f"{count} offices cannot serve {len(parts)} groups of areas that do not border"
        raise InfeasibleError(f"{message} on each other: {listed}. Ask for more offices.")
    held = 0
    for area in site_areas:
        held |= 1 << area
    if not inside:
        return
    for part, listed in zip(parts, names, strict=True):
        if not part & held:
            message = f"no site lies in {listed}, which borders on no other area"
            raise InfeasibleError(f"{message}. Allow a site there, or sites outside the areas.")
    if held.bit_count() < count:
        empty = ", ".join(areas[bit] for bit in members(everything & ~held))
        message = f"{count} offices are asked for, each in its own cluster of areas, but sites lie"
        raise InfeasibleError(
            f"{message} in {held.bit_count()} areas only; without a site: {empty}."
        )


def _choices(
    graph: tuple[int, ...], count: int, site_areas: tuple[int, ...], inside: bool
) -> Iterator[_Choice]:
    """Sites by area, a block of structures for each division into clusters."""
    everything = (1 << len(graph)) - 1
    blocks: _Choice = np.empty((0, count), dtype=np.int16)
    if not inside:
        every = chain.from_iterable(permutations(range(len(site_areas)), count))
        blocks = np.fromiter(every, dtype=np.int16).reshape(-1, count)
    for clusters in partitions(graph, everything, count):
        if inside:
            within = [[i for i, a in enumerate(site_areas) if c >> a & 1] for c in clusters]
            flat = chain.from_iterable(product(*within))
            blocks = np.fromiter(flat, dtype=np.int16).reshape(-1, count)
        choice = np.empty((len(blocks), len(graph)), dtype=np.int16)
        for number, cluster in enumerate(clusters):
            choice[:, members(cluster)] = blocks[:, [number]]
        yield choice


@lru_cache(maxsize=4)
def _structures(
    graph: tuple[int, ...], count: int, site_areas: tuple[int, ...], inside: bool
) -> _Choice:
    """List every structure in text order; one list serves every profile and outlook."""
    choice = np.concatenate(list(_choices(graph, count, site_areas, inside)))
    choice = choice[np.lexsort(choice.T[::-1])]
    choice.flags.writeable = False
    return choice


def _area_sums(data: Matrix) -> tuple[Floats, Floats, Floats, Floats]:
    """Sum up by area × site: Σ w z, Σ w exp, longest, people without a time."""
    timed = np.isfinite(data.minutes)
    weights = data.people[:, None]
    shape = (len(data.areas), len(data.sites))
    total, mass, missing = (np.zeros(shape) for _ in range(3))
    longest = np.full(shape, -np.inf)
    np.add.at(total, data.area, weights * np.where(timed, data.minutes, 0.0))
    np.add.at(mass, data.area, weights * np.where(timed, data.weights, 0.0))
    np.add.at(missing, data.area, weights * ~timed)
    np.maximum.at(longest, data.area, np.where(timed, data.minutes, -np.inf))
    return total, mass, longest, missing


def _evaluate(data: Matrix, choice: _Choice) -> tuple[dict[Objective, Floats], Floats]:
    total, mass, longest, missing = _area_sums(data)
    everybody = data.people.sum()
    rows = np.arange(len(data.areas))
    mean, worst, ede, share = (np.empty(len(choice)) for _ in range(4))
    for start in range(0, len(choice), _CHUNK):
        part = slice(start, start + _CHUNK)
        at = (rows, choice[part].astype(np.intp))
        without = missing[at].sum(axis=1)
        timed = everybody - without
        timed[timed < everybody * _NOBODY] = 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            mean[part] = np.where(timed > 0, total[at].sum(axis=1) / timed, np.nan)
        furthest = longest[at].max(axis=1)
        worst[part] = np.where(np.isfinite(furthest), furthest, np.nan)
        ede[part] = data.ede(mass[at].sum(axis=1), timed, mean[part])
        share[part] = (without / everybody).round(SHARE_DECIMALS)
    values: dict[Objective, Floats] = {"mean_minutes": mean, "worst_minutes": worst}
    return rounded({**values, "ede_minutes": ede}), share


@all_or_none()
def rank_area_structures(
    times: TravelTimes,
    people: pd.Series[float],
    *,
    zones: Zones,
    offices: Offices,
    neighbours: pd.DataFrame | Iterable[tuple[str, str]],
    count: int,
    sites: Iterable[str] | None = None,
    contiguous: bool = True,
    inside: bool = True,
    kappa: float,
    most: int = MOST,
) -> Ranking:
    """Rank every way to divide the areas among offices, with every choice of sites.

    Whole areas belong to one office each, as when bydeler are merged. Use `rank_site_choices`
    where residents may choose the nearest office.

    Parameters
    ----------
    times : TravelTimes
        Minutes to at least the sites.
    people : Series
        Residents by zone [persons].
    zones : Zones
        The zones and their areas.
    offices : Offices
        The sites and the areas they lie in.
    neighbours : DataFrame or iterable of pairs
        Areas that share a border people can cross (`tables.NEIGHBOURS`); one direction is enough.
    count : int
        Number of offices.
    sites : iterable of str, optional
        The sites that may be used; left out, every site of `offices`.
    contiguous : bool
        Whether the areas of an office must hang together.
    inside : bool
        Whether an office must lie in one of its own areas.
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
        If no structure satisfies the question; says what rules it out.
    InputError
        If the inputs do not fit each other, or there are too many structures.
    RankingInterruptedError
        On Ctrl-C: a part of the structures has no ranks.
    """
    began = time.monotonic()
    allowed = tuple(offices.table.index) if sites is None else tuple(sites)
    unknown = [site for site in allowed if site not in offices.table.index]
    raise_faults(Fault("ranking", "sites", f"no site is called {s!r}.") for s in unknown)
    data = matrix(times, people, zones=zones, sites=allowed, kappa=kappa)
    areas = data.areas
    number = {area: position for position, area in enumerate(areas)}
    lies_in = offices.table["area"].to_dict()
    stray = [site for site in data.sites if lies_in[site] not in number]
    raise_faults(
        Fault("ranking", "sites", f"{site} lies in {lies_in[site]!r}, where no zone is.")
        for site in stray
    )
    if len(areas) > _MOST_AREAS:
        given = f"{len(areas)} areas; at most {_MOST_AREAS} can be divided completely."
        remedy = "Join small areas, or search with `solve`."
        raise TooManyError([Fault("ranking", "areas", given, remedy)])
    graph = graph_of(areas, _pairs(neighbours, areas))
    if not contiguous:
        graph = complete_graph(len(areas))
    site_areas = [number[lies_in[site]] for site in data.sites]
    _check_feasible(areas, graph, count, site_areas, inside)
    what = f"{len(areas)} areas, {count} offices and {len(data.sites)} sites"
    if not contiguous:
        too_many(stirling(len(areas), count), most, what)
    if inside:

        def choices(cluster: int) -> int:
            return sum(cluster >> area & 1 for area in site_areas)

        structures = count_structures(graph, (1 << len(areas)) - 1, count, choices)
    else:
        ways = count_structures(graph, (1 << len(areas)) - 1, count, lambda _: 1)
        structures = ways * perm(len(data.sites), count)
    too_many(structures, most, what)
    choice = _structures(graph, count, tuple(site_areas), inside)
    values, share = _evaluate(data, choice)
    return Ranking("areas", areas, data.sites, choice, values, share, time.monotonic() - began)
