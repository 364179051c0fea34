"""Whole areas to one office each, clusters that hang together: the question, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import numpy as np

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.certificates import named, too_few_allowed, too_many_fixed
from navplan.locate.checks import counted

_WHERE: Final = "whole areas"
_TOLERANCE: Final = 1e-9
"""A load may pass its limit by what rounding of sums leaves [share of the limit]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AreaQuestion:
    """Divide whole areas among so many offices at least cost.

    Minimise Σ cost_ij x_ij, where every area i belongs to one open site j, exactly `count` sites
    are open and none is idle. Where few areas and sites are asked about, `rank_area_structures`
    tries every structure and says more.

    Parameters
    ----------
    cost : array (areas × sites)
        Cost of giving an area to a site, for example Σ people × minutes of its zones [person-min];
        inf where it is not allowed.
    neighbours : tuple of pairs of int
        Areas that share a border people can cross, by position; one direction is enough.
    site_area : array of int (sites)
        Position of the area each site lies in.
    count : int
        Number of offices.
    contiguous : bool
        Whether the areas of an office must hang together.
    inside : bool
        Whether an office's own area must be one of its areas.
    regions : array of int (areas), optional
        An area and the area of its office have the same number.
    share, apart : tuple of pairs of int
        Areas that must, and that must not, have the same office.
    fixed, barred : array of bool (sites), optional
        Sites that must be open, and sites that must not.
    any_of : tuple of tuples of int
        Sets of sites of which at least one must be open.
    sizes : array (areas), optional
        What an area takes of a capacity, for example residents.
    capacities, minimum : array (sites), optional
        Most and least that an open site serves, in the unit of `sizes`; no limits unless told.
    areas, sites : tuple of str, optional
        Names for messages; numbers where left out.

    Raises
    ------
    InputError
        If numbers are missing or negative, or shapes and positions do not fit.
    """

    cost: Floats
    neighbours: tuple[tuple[int, int], ...]
    site_area: Ints
    count: int
    contiguous: bool = True
    inside: bool = True
    regions: Ints | None = None
    share: tuple[tuple[int, int], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()
    fixed: Bools = None  # type: ignore[assignment]
    barred: Bools = None  # type: ignore[assignment]
    any_of: tuple[tuple[int, ...], ...] = ()
    sizes: Floats = None  # type: ignore[assignment]
    capacities: Floats = None  # type: ignore[assignment]
    minimum: Floats = None  # type: ignore[assignment]
    areas: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        cost = np.asarray(self.cost, dtype=np.float64)
        if cost.ndim != 2 or 0 in cost.shape:  # noqa: PLR2004
            given = f"shape {cost.shape}; expected areas × sites, at least one of each."
            raise_faults([Fault(_WHERE, "cost", given)])
        areas, sites = cost.shape
        self._set("cost", cost)
        self._set("site_area", np.asarray(self.site_area, dtype=np.intp))
        defaults = {
            "fixed": np.zeros(sites, bool),
            "barred": np.zeros(sites, bool),
            "sizes": np.zeros(areas),
            "capacities": np.full(sites, np.inf),
            "minimum": np.zeros(sites),
        }
        for name, default in defaults.items():
            given = getattr(self, name)
            self._set(name, default if given is None else np.asarray(given, default.dtype))
        if not self.areas:
            self._set("areas", tuple(f"area {i + 1}" for i in range(areas)))
        if not self.sites:
            self._set("sites", tuple(f"site {j + 1}" for j in range(sites)))
        raise_faults(self._faults())

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _faults(self) -> list[Fault]:
        areas, sites = self.cost.shape
        lengths = dict.fromkeys(("sizes", "areas"), areas)
        lengths |= dict.fromkeys(
            ("fixed", "barred", "capacities", "minimum", "site_area", "sites"), sites
        )
        if self.regions is not None:
            lengths["regions"] = areas
        faults = [
            Fault(_WHERE, name, f"{len(getattr(self, name))} given; expected {length}.")
            for name, length in lengths.items()
            if len(getattr(self, name)) != length
        ]
        for name in ("cost", "sizes", "capacities", "minimum"):
            numbers = getattr(self, name)
            wrong = np.isnan(numbers) | (numbers < 0)
            if name in ("sizes", "minimum"):
                wrong |= np.isinf(numbers)
            if wrong.any():
                faults.append(Fault(_WHERE, name, f"{wrong.sum()} are negative or missing."))
        for name in ("neighbours", "share", "apart"):
            places = [place for pair in getattr(self, name) for place in pair]
            if any(not 0 <= place < areas for place in places):
                faults.append(Fault(_WHERE, name, f"a position is not between 0 and {areas - 1}."))
        chosen = [site for sites_ in self.any_of for site in sites_]
        if any(not 0 <= site < sites for site in chosen):
            faults.append(Fault(_WHERE, "any_of", f"a position is not between 0 and {sites - 1}."))
        if ((self.site_area < 0) | (self.site_area >= areas)).any():
            faults.append(Fault(_WHERE, "site_area", f"expected positions 0 to {areas - 1}."))
        if self.count < 1:
            faults.append(Fault(_WHERE, "count", f"{self.count} offices; expected at least 1."))
        return faults

    @property
    def graph(self) -> nx.Graph[int]:
        """Areas and the borders people can cross."""
        graph: nx.Graph[int] = nx.Graph(self.neighbours)
        graph.add_nodes_from(range(len(self.cost)))
        return graph

    @property
    def allowed(self) -> Bools:
        """Which area may belong to which site, areas × sites, by cost, region and bar."""
        allowed: Bools = np.isfinite(self.cost) & ~self.barred
        if self.regions is not None:
            allowed &= self.regions[:, np.newaxis] == self.regions[self.site_area]
        return allowed

    def keeps(self, assigned: Ints) -> bool:
        """Tell whether an assignment keeps to every rule.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        bool
        """
        used = np.unique(assigned)
        open_ = set(used.tolist())
        return bool(
            self.allowed[np.arange(len(assigned)), assigned].all()
            and len(used) == self.count
            and set(np.flatnonzero(self.fixed).tolist()) <= open_
            and all(open_.intersection(sites) for sites in self.any_of)
            and self.carries(assigned)
            and (not self.inside or (assigned[self.site_area[used]] == used).all())
            and all(assigned[a] == assigned[b] for a, b in self.share)
            and all(assigned[a] != assigned[b] for a, b in self.apart)
            and (not self.contiguous or not broken(self, assigned))
        )

    def carries(self, assigned: Ints) -> bool:
        """Tell whether every office serves as many as it can and must.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        bool
        """
        used = np.unique(assigned)
        loads = np.bincount(assigned, self.sizes, minlength=len(self.sites))[used]
        return bool(
            (loads <= self.capacities[used] * (1 + _TOLERANCE)).all()
            and (loads >= self.minimum[used] * (1 - _TOLERANCE)).all()
        )


def broken(question: AreaQuestion, assigned: Ints) -> dict[int, list[set[int]]]:
    """Find the clusters that do not hang together.

    Parameters
    ----------
    question : AreaQuestion
        With its neighbours.
    assigned : array of int (areas)
        Position of each area's site.

    Returns
    -------
    dict of int to list of sets of int
        Site → the parts of its cluster, that of the office's own area first.
    """
    graph, found = question.graph, {}
    for site in np.unique(assigned).tolist():
        root = int(question.site_area[site])
        parts = list(nx.connected_components(graph.subgraph(np.flatnonzero(assigned == site))))
        if len(parts) > 1:
            found[site] = sorted(parts, key=lambda part: (root not in part, min(part)))
    return found


def allocation_of(question: AreaQuestion, assigned: Ints) -> str:
    """Write a division as tables have it.

    Parameters
    ----------
    question : AreaQuestion
        Names of areas and sites.
    assigned : array of int (areas)
        Position of each area's site.

    Returns
    -------
    str
        ``area=id`` joined by ;, in the order of the areas' names.
    """
    pairs = zip(question.areas, assigned.tolist(), strict=True)
    return ";".join(f"{area}={question.sites[site]}" for area, site in sorted(pairs))


def check_areas(question: AreaQuestion) -> None:
    """Refute what can be seen to have no answer without any search.

    Parameters
    ----------
    question : AreaQuestion
        What is asked.

    Raises
    ------
    InfeasibleError
        With every reason found, in words.
    """
    open_ = np.flatnonzero(~question.barred)
    areas, count = len(question.cost), question.count
    kept = [question.sites[j] for j in np.flatnonzero(question.fixed)]
    reasons = [too_many_fixed(kept, count), too_few_allowed(len(open_), count)]
    if count > areas:
        reasons.append(f"{counted(areas, 'area')} cannot be divided among {count} offices.")
    alone = np.flatnonzero(~question.allowed.any(axis=1))
    if len(alone):
        names = named([question.areas[i] for i in alone])
        reasons.append(f"No site may serve {names}: allow one, or another region.")
    reasons += _parts(question) if question.contiguous else []
    reasons += _capacities(question, open_)
    reasons += [
        f"{question.areas[a]} and {question.areas[b]} must share an office and must not."
        for a, b in question.apart
        if nx.has_path(_shared(question), a, b)
    ]
    reasons += [
        f"None of {named([question.sites[j] for j in sites])} may be open, and one must be."
        for sites in question.any_of
        if question.barred[list(sites)].all()
    ]
    found = [reason for reason in reasons if reason]
    if found:
        raise InfeasibleError(" ".join(found))


def _shared(question: AreaQuestion) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph(question.share)
    graph.add_nodes_from(range(len(question.cost)))
    return graph


def _parts(question: AreaQuestion) -> list[str]:
    parts = [sorted(part) for part in nx.connected_components(question.graph)]
    listed = [named([question.areas[i] for i in part]) for part in parts]
    reasons = []
    if len(parts) > question.count:
        reasons.append(
            f"{counted(question.count, 'office')} cannot serve {len(parts)} groups of areas that "
            f"do not border on each other: {' | '.join(listed)}. Ask for more offices."
        )
    if question.inside:
        held = set(question.site_area[~question.barred].tolist())
        reasons += [
            f"No site lies in {names}, which borders on no other area: allow one there, or sites "
            "outside the areas."
            for part, names in zip(parts, listed, strict=True)
            if held.isdisjoint(part)
        ]
    return reasons


def _capacities(question: AreaQuestion, open_: Ints) -> list[str]:
    everybody = float(question.sizes.sum())
    largest = float(np.sort(question.capacities[open_])[::-1][: question.count].sum())
    least = float(np.sort(question.minimum[open_])[: question.count].sum())
    reasons = []
    if largest < everybody * (1 - _TOLERANCE):
        reasons.append(
            f"The {question.count} largest offices have room for {largest:,.0f}, and "
            f"{everybody:,.0f} are to be served: ask for more offices, or larger ones."
        )
    if least > everybody * (1 + _TOLERANCE):
        reasons.append(
            f"{question.count} offices must serve at least {least:,.0f}, and there are only "
            f"{everybody:,.0f}: ask for fewer offices, or smaller ones."
        )
    return reasons
