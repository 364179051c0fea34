"""The best division of whole areas, with proof: a program whose clusters are made to hang together.

Columns: x_ij for every area that may belong to a site, then y_j. Whether clusters hang together is
not written down beforehand: each answer is looked at, and where a cluster falls apart, rows are
added that every answer in one piece keeps to (separators; Oehrlein and Haunert, "A cutting-plane
method for contiguity-constrained spatial aggregation", Journal of Spatial Information Science 15
(2017), doi:10.5311/JOSIS.2017.15.379).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy import sparse

from navplan.errors import InfeasibleError
from navplan.locate.array_types import Floats, Ints
from navplan.locate.found import Found, NotFoundError
from navplan.locate.highs import Program, rows_of, solve_program
from navplan.locate.steps import closed
from navplan.locate.watch import Gap, Status, Watch
from navplan.locate.whole_areas import AreaQuestion, broken, check_areas

Row: TypeAlias = tuple[npt.NDArray[np.intp], Floats, float, float]
"""Columns, coefficients, least and most of a row."""


def solve_areas(question: AreaQuestion, watch: Watch) -> Found:
    """Divide whole areas among offices at least cost.

    Parameters
    ----------
    question : AreaQuestion
        What is asked.
    watch : Watch
        Its limit, who is told, and the seed.

    Returns
    -------
    Found
        With ``assigned``, the site of each area.

    Raises
    ------
    InfeasibleError
        If no division keeps to the rules.
    NotFoundError
        If none was found in the time allowed.
    """
    check_areas(question)
    return _Search(question, watch).run()


class _Search:
    """The program so far, and the best division so far."""

    def __init__(self, question: AreaQuestion, watch: Watch) -> None:
        self.question, self.watch = question, watch
        self.graph = question.graph
        self.areas, self.sites = np.nonzero(question.allowed)
        self.column = np.full(question.cost.shape, -1, dtype=np.intp)
        self.column[self.areas, self.sites] = np.arange(len(self.areas))
        self.opened = len(self.areas) + np.arange(len(question.sites))
        self.rows = list(self._rules())
        self.best: Ints | None = None
        self.value, self.bound, self.nodes = float("inf"), 0.0, 0

    def run(self) -> Found:
        """Solve, look, add rows, until nothing falls apart."""
        try:
            return self._found(self._rounds())
        except KeyboardInterrupt:
            return self._found("interrupted")

    def _rounds(self) -> Status:
        while True:
            answer = solve_program(self._program(), self.watch, step="areas", start=self._start())
            self.nodes += max(1, answer.nodes)
            if answer.status == "infeasible":
                return "proved"
            self.bound = max(self.bound, min(answer.bound, self.value))
            added = [] if answer.columns is None else self._look(self._assigned(answer.columns))
            self.watch.tell(Gap("areas", self.value, self.bound, self.watch.seconds, self.nodes))
            if answer.status != "proved":
                return answer.status
            if not added or closed(self.value, self.bound):
                return "proved"
            self.rows += added

    def _look(self, assigned: Ints) -> list[Row]:
        """Take what an answer has to offer; give the rows it breaks by falling apart."""
        self._offer(assigned)
        self._offer(self._grown(np.unique(assigned)))
        if not self.question.contiguous:
            return []
        apart = broken(self.question, assigned).items()
        return [row for site, parts in apart for row in self._cuts(site, parts)]

    def _found(self, status: Status) -> Found:
        if self.best is None:
            if status == "proved":
                raise InfeasibleError(
                    "No division of the areas keeps to every rule: allow more sites or offices, or "
                    "give up a rule."
                )
            raise NotFoundError.of("division of the areas")
        if status == "proved":
            self.bound = self.value
        return Found(
            sites=np.unique(self.best),
            value=self.value,
            bound=min(self.bound, self.value),
            status=status,
            seconds=self.watch.seconds,
            seed=self.watch.seed,
            nodes=self.nodes,
            assigned=self.best,
        )

    def _offer(self, assigned: Ints | None) -> None:
        if assigned is not None and self.question.keeps(assigned):
            value = self.question.value(assigned)
            if value < self.value:
                self.best, self.value = assigned, value

    def _assigned(self, columns: Floats) -> Ints:
        taken = columns[: len(self.areas)] > 0.5  # noqa: PLR2004 - rounded whole numbers
        assigned = np.empty(len(self.question.cost), dtype=np.intp)
        assigned[self.areas[taken]] = self.sites[taken]
        return assigned

    def _start(self) -> Floats | None:
        if self.best is None:
            return None
        columns = np.zeros(len(self.areas) + len(self.opened))
        columns[self.column[np.arange(len(self.best)), self.best]] = 1.0
        columns[self.opened[np.unique(self.best)]] = 1.0
        return columns

    def _grown(self, sites: Ints) -> Ints | None:
        """Let clusters grow from the offices' own areas, the cheapest border area first."""
        question = self.question
        assigned = np.full(len(question.cost), -1, dtype=np.intp)
        for site in sites.tolist():
            if assigned[question.site_area[site]] >= 0:
                return None
            assigned[question.site_area[site]] = site
        allowed = np.where(question.allowed, question.cost, np.inf)
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

    def _program(self) -> Program:
        question, pairs = self.question, len(self.areas)
        columns = pairs + len(self.opened)
        cost = np.concatenate([question.cost[self.areas, self.sites], np.zeros(len(self.opened))])
        lower, upper = np.zeros(columns), np.ones(columns)
        lower[self.opened[question.fixed]] = 1.0
        upper[self.opened[question.barred]] = 0.0
        return Program(
            cost=cost,
            lower=lower,
            upper=upper,
            integer=np.ones(columns, dtype=np.bool_),
            rows=sparse.csr_array(rows_of([(row[0], row[1]) for row in self.rows], columns)),
            row_lower=np.array([row[2] for row in self.rows]),
            row_upper=np.array([row[3] for row in self.rows]),
        )

    def _rules(self) -> Iterator[Row]:
        """Write every rule but that clusters hang together."""
        question = self.question
        yield self.opened, np.ones(len(self.opened)), question.count, question.count
        for area in range(len(question.cost)):
            mine = self.column[area][self.column[area] >= 0]
            yield mine, np.ones(len(mine)), 1.0, 1.0
        for pair, site in enumerate(self.sites.tolist()):
            yield np.array([pair, self.opened[site]]), np.array([1.0, -1.0]), -np.inf, 0.0
        for site in np.flatnonzero(~question.barred).tolist():
            yield from self._site_rules(site)
        for site in range(len(question.sites)):
            for one, other in question.share:
                yield self._weighted(site, {one: 1.0, other: -1.0}, 0.0, 0.0)
            for one, other in question.apart:
                yield self._weighted(site, {one: 1.0, other: 1.0}, -np.inf, 1.0)

    def _site_rules(self, site: int) -> Iterator[Row]:
        question, y = self.question, self.opened[site]
        mine = np.flatnonzero(self.column[:, site] >= 0)
        columns = np.append(self.column[mine, site], y)
        yield columns, np.append(np.ones(len(mine)), -1.0), 0.0, np.inf  # none is idle
        root = int(question.site_area[site])
        if question.inside:
            own = self.column[root, site]
            ends = np.array([y]) if own < 0 else np.array([own, y])
            yield ends, np.array([1.0, -1.0])[-len(ends) :], 0.0, 0.0
            if question.contiguous:
                yield from self._neighbours_too(site, root)
        sizes = question.sizes[mine]
        if np.isfinite(question.capacities[site]):
            yield columns, np.append(sizes, -question.capacities[site]), -np.inf, 0.0
        if question.minimum[site] > 0:
            yield columns, np.append(sizes, -question.minimum[site]), 0.0, np.inf

    def _neighbours_too(self, site: int, root: int) -> Iterator[Row]:
        """An area away from the office comes with one of its neighbours."""
        for area in range(len(self.question.cost)):
            if area != root and root not in self.graph[area] and self.column[area, site] >= 0:
                yield self._weighted(
                    site, {area: 1.0} | dict.fromkeys(self.graph[area], -1.0), -np.inf, 0.0
                )

    def _weighted(self, site: int, weights: dict[int, float], least: float, most: float) -> Row:
        """Write a row over the areas of one site; an area that may not belong to it is 0."""
        there = [area for area in weights if self.column[area, site] >= 0]
        data = np.array([weights[area] for area in there])
        return self.column[there, site].astype(np.intp), data, least, most

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
