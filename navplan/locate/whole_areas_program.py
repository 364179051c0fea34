"""Whole areas as a program: its columns, its rules as rows, and the rows added on the way.

Columns: x_ij for every area that may belong to a site, then y_j. Whether clusters hang together is
not written down beforehand: each answer is looked at, and where a cluster falls apart, rows are
added that every answer in one piece keeps to (separators; Oehrlein and Haunert, "A cutting-plane
method for contiguity-constrained spatial aggregation", Journal of Spatial Information Science 15
(2017), doi:10.5311/JOSIS.2017.15.379).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse

from navplan.locate.array_types import Floats, Ints
from navplan.locate.program import Program, rows_of
from navplan.locate.whole_areas import AreaQuestion, broken

Row: TypeAlias = tuple[npt.NDArray[np.intp], Floats, float, float]
"""Columns, coefficients, least and most of a row."""


class AreaProgram:
    """Every rule of a division as rows. What is added holds for any cost of the same divisions.

    Parameters
    ----------
    question : AreaQuestion
        Its cost says which area may belong to which site, and is not looked at besides.
    loads : sequence of AreaQuestion, optional
        Questions whose capacities and least sizes a division keeps to; the question's own where
        left out. Outlooks with other people have other loads.
    """

    def __init__(self, question: AreaQuestion, loads: Sequence[AreaQuestion] = ()) -> None:
        self.question, self.loads = question, tuple(loads) or (question,)
        self.graph = question.graph
        self.areas, self.sites = np.nonzero(question.allowed)
        self._column = np.full(question.cost.shape, -1, dtype=np.intp)
        self._column[self.areas, self.sites] = np.arange(len(self.areas))
        self._opened = len(self.areas) + np.arange(len(question.sites))
        self._rows = list(self._rules())
        self._excluded: set[bytes] = set()

    def program(self, cost: Floats, rows: Sequence[Row] = ()) -> Program:
        """Write the program with all rows so far.

        Parameters
        ----------
        cost : array
            Of x in the order of `areas` and `sites`, finite where allowed; then, for each column
            beyond those of the division, its cost. Columns beyond are 0 or more, not whole.
        rows : sequence of Row, optional
            More rows, for this program alone.

        Returns
        -------
        Program
            To be minimised.
        """
        question, pairs = self.question, len(self.areas)
        whole = pairs + len(self._opened)
        columns = whole + len(cost) - pairs
        allowed = question.allowed[self.areas, self.sites]
        paid = np.where(allowed, cost[:pairs], 0.0)
        costs = np.concatenate([paid, np.zeros(len(self._opened)), cost[pairs:]])
        lower, upper = np.zeros(columns), np.ones(columns)
        upper[:pairs] = allowed
        upper[whole:] = np.inf
        lower[self._opened[question.fixed]] = 1.0
        upper[self._opened[question.barred]] = 0.0
        every = [*self._rows, *rows]
        return Program(
            cost=costs,
            lower=lower,
            upper=upper,
            integer=np.arange(columns) < whole,
            rows=sparse.csr_array(rows_of([(row[0], row[1]) for row in every], columns)),
            row_lower=np.array([row[2] for row in every]),
            row_upper=np.array([row[3] for row in every]),
        )

    def narrow(self, question: AreaQuestion) -> None:
        """Allow fewer areas to some sites from now on; rows that were added still hold.

        Parameters
        ----------
        question : AreaQuestion
            The same, with no cost where an area may not belong to a site any more.
        """
        self.question = question

    @property
    def first_beyond(self) -> int:
        """Position of the first column that is not about the division."""
        return len(self.areas) + len(self._opened)

    def division(self, columns: Floats) -> Ints:
        """Read a division off a solution.

        Parameters
        ----------
        columns : array
            Of the program.

        Returns
        -------
        array of int (areas)
            Position of each area's site.
        """
        taken = columns[: len(self.areas)] > 0.5  # noqa: PLR2004 - rounded whole numbers
        assigned = np.empty(len(self.question.cost), dtype=np.intp)
        assigned[self.areas[taken]] = self.sites[taken]
        return assigned

    def columns_of(self, assigned: Ints) -> Floats:
        """Write a division as a solution.

        Parameters
        ----------
        assigned : array of int (areas)
            A division that keeps to the rules.

        Returns
        -------
        array
            The columns x and y.
        """
        columns = np.zeros(self.first_beyond)
        columns[self._column[np.arange(len(assigned)), assigned]] = 1.0
        columns[self._opened[np.unique(assigned)]] = 1.0
        return columns

    def takes(self, assigned: Ints) -> bool:
        """Tell whether a division keeps to every rule and was not excluded.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        bool
        """
        return (
            assigned.tobytes() not in self._excluded
            and self.question.keeps(assigned)
            and all(load.carries(assigned) for load in self.loads)
        )

    def exclude(self, assigned: Ints) -> None:
        """Rule one division out, and no other: a no-good cut.

        Parameters
        ----------
        assigned : array of int (areas)
            A division that keeps to the rules.
        """
        self._excluded.add(assigned.astype(np.intp).tobytes())
        mine = self._column[np.arange(len(assigned)), assigned]
        self._rows.append((mine, np.ones(len(mine)), -np.inf, len(mine) - 1.0))

    def separate(self, assigned: Ints) -> bool:
        """Add rows that a division breaks by falling apart.

        Parameters
        ----------
        assigned : array of int (areas)
            Position of each area's site.

        Returns
        -------
        bool
            Whether there were any to add.
        """
        if not self.question.contiguous:
            return False
        apart = broken(self.question, assigned).items()
        added = [row for site, parts in apart for row in self._cuts(site, parts)]
        self._rows += added
        return bool(added)

    def grown(self, sites: Ints, cost: Floats) -> Ints | None:
        """Let clusters grow from the offices' own areas, the cheapest border area first.

        Parameters
        ----------
        sites : array of int
            Positions of the offices.
        cost : array (areas × sites)
            Which area is cheap.

        Returns
        -------
        array of int (areas) or None
            A division; None where two offices share an area, or an area is not reached.
        """
        question = self.question
        assigned = np.full(len(question.cost), -1, dtype=np.intp)
        for site in sites.tolist():
            if assigned[question.site_area[site]] >= 0:
                return None
            assigned[question.site_area[site]] = site
        allowed = np.where(question.allowed, cost, np.inf)
        while (assigned < 0).any():
            best = (np.inf, -1, -1)
            for area in np.flatnonzero(assigned < 0).tolist():
                for near in self.graph[area]:
                    site = int(assigned[near])
                    if site >= 0 and allowed[area, site] < best[0]:
                        best = (float(allowed[area, site]), area, site)
            if best[1] < 0:
                return None
            assigned[best[1]] = best[2]
        return assigned

    def _rules(self) -> Iterator[Row]:
        """Write every rule but that clusters hang together."""
        question = self.question
        yield self._opened, np.ones(len(self._opened)), question.count, question.count
        for sites in question.any_of:
            yield self._opened[list(sites)], np.ones(len(sites)), 1.0, np.inf
        for area in range(len(question.cost)):
            mine = self._column[area][self._column[area] >= 0]
            yield mine, np.ones(len(mine)), 1.0, 1.0
        for pair, site in enumerate(self.sites.tolist()):
            yield np.array([pair, self._opened[site]]), np.array([1.0, -1.0]), -np.inf, 0.0
        for site in np.flatnonzero(~question.barred).tolist():
            yield from self._site_rules(site)
        for site in range(len(question.sites)):
            for one, other in question.share:
                yield self._weighted(site, {one: 1.0, other: -1.0}, 0.0, 0.0)
            for one, other in question.apart:
                yield self._weighted(site, {one: 1.0, other: 1.0}, -np.inf, 1.0)

    def _site_rules(self, site: int) -> Iterator[Row]:
        question, y = self.question, self._opened[site]
        mine = np.flatnonzero(self._column[:, site] >= 0)
        columns = np.append(self._column[mine, site], y)
        yield columns, np.append(np.ones(len(mine)), -1.0), 0.0, np.inf  # none is idle
        root = int(question.site_area[site])
        if question.inside:
            own = self._column[root, site]
            ends = np.array([y]) if own < 0 else np.array([own, y])
            yield ends, np.array([1.0, -1.0])[-len(ends) :], 0.0, 0.0
            if question.contiguous:
                yield from self._neighbours_too(site, root)
        for load in self.loads:
            sizes = load.sizes[mine]
            if np.isfinite(load.capacities[site]):
                yield columns, np.append(sizes, -load.capacities[site]), -np.inf, 0.0
            if load.minimum[site] > 0:
                yield columns, np.append(sizes, -load.minimum[site]), 0.0, np.inf

    def _neighbours_too(self, site: int, root: int) -> Iterator[Row]:
        """An area away from the office comes with one of its neighbours."""
        for area in range(len(self.question.cost)):
            if area != root and root not in self.graph[area] and self._column[area, site] >= 0:
                yield self._weighted(
                    site, {area: 1.0} | dict.fromkeys(self.graph[area], -1.0), -np.inf, 0.0
                )

    def _weighted(self, site: int, weights: dict[int, float], least: float, most: float) -> Row:
        """Write a row over the areas of one site; an area that may not belong to it is 0."""
        there = [area for area in weights if self._column[area, site] >= 0]
        data = np.array([weights[area] for area in there])
        return self._column[there, site].astype(np.intp), data, least, most

    def _cuts(self, site: int, parts: list[set[int]]) -> Iterator[Row]:
        """Rows that the parts of a cluster break, and no cluster in one piece does."""
        first, *others = parts
        if self.question.inside:
            root = int(self.question.site_area[site])
            for part in others:
                between = dict.fromkeys(self._separator(part, root), -1.0)
                for area in part:
                    yield self._weighted(site, {area: 1.0} | between, -np.inf, 0.0)
            return
        for part in others:
            one, other = min(first), min(part)
            between = dict.fromkeys(self._separator(part, one), -1.0)
            for any_site in np.flatnonzero(~self.question.barred).tolist():
                ends = {one: 1.0, other: 1.0}
                yield self._weighted(any_site, ends | between, -np.inf, 1.0)

    def _separator(self, part: set[int], root: int) -> set[int]:
        """Areas next to a part, of which every way from there to the root passes one."""
        around = {near for area in part for near in self.graph[area]} - part
        rest = self.graph.subgraph(set(self.graph) - around)
        beyond = nx.node_connected_component(rest, root)
        return {area for area in around if beyond & set(self.graph[area])}
