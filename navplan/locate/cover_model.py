"""The program of a covering question: kinds of clients, and rows added as they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from navplan.locate.array_types import Bools, Floats, Ints
from navplan.locate.cover_question import CoverQuestion, Reach
from navplan.locate.highs import Answer, Program, solve_program
from navplan.locate.setcover import find_cover
from navplan.locate.signatures import merge_clients
from navplan.locate.watch import PROVED_GAP, Watch

Aim: TypeAlias = Literal["fewest", "beyond"]

# Kinds that must be reached, added after each look at all of them.
_ROWS_MORE: Final = 40
# Weights in a row add up to this, so that HiGHS's 1e-6 is far below PROVED_GAP of it.
_SCALED: Final = 1e5
# Whole weights up to this are added up exactly, and need not be scaled.
_LARGEST_WHOLE: Final = 1e9


@dataclass(frozen=True, eq=False)
class _Needs:
    """Kinds of clients and how many more of the free sites each takes.

    ``never`` is the weight that no choice reaches.
    """

    reach: Reach
    table: Bools
    times: npt.NDArray[np.int64]
    weights: Floats
    never: float


class CoverModel:
    """Columns: one a free site, then one for each kind that may be left beyond.

    Parameters
    ----------
    question : CoverQuestion
        What is asked.
    aim : {"fewest", "beyond"}
        What is minimised: sites, or weight beyond.
    """

    def __init__(self, question: CoverQuestion, aim: Aim) -> None:
        self.question = question
        self.aim = aim
        self.free = question.sites.free
        self.inside = len(question.sites.fixed)
        needs = [_needs(question, reach) for reach in question.reaches]
        self.must = [n for n in needs if n.reach.share == 1]
        self.may = [
            n
            for n in needs
            if 0 < n.reach.share < 1 or (aim == "beyond" and n.reach.share < 1 and n.reach.credit)
        ]
        self.possible = all(n.never == 0 for n in self.must)

    def first_rows(self) -> list[tuple[int, int]]:
        """Kinds that must be reached and share no site, as (limit, kind).

        Returns
        -------
        list of (int, int)
            Those with the fewest sites first.
        """
        return self._apart([np.arange(len(n.times)) for n in self.must])

    def unreached(self, sites: Ints) -> list[tuple[int, int]]:
        """Some of the kinds that must be reached and are not.

        Parameters
        ----------
        sites : array of int
            Chosen sites.

        Returns
        -------
        list of (int, int)
            As (limit, kind); empty where every one is reached.
        """
        open_ = np.isin(self.free, sites)
        return self._apart(
            [np.flatnonzero(n.table[:, open_].sum(axis=1) < n.times) for n in self.must]
        )

    def solve(self, rows: list[tuple[int, int]], watch: Watch) -> Answer:
        """Solve the question for some of the kinds that must be reached.

        Parameters
        ----------
        rows : list of (int, int)
            Those kinds, as (limit, kind).
        watch : Watch
            Its limit and who is told.

        Returns
        -------
        Answer
            Its bound is one of the whole question.
        """
        if not self.possible:
            return Answer(None, float("inf"), float("inf"), "infeasible")
        simple = all(n.reach.times == 1 for n in self.must)
        if self.aim == "fewest" and not self.may and simple:
            return self._cover(rows, watch)
        return solve_program(self._program(rows), watch, step="cover", start=self._start())

    def sites_of(self, columns: Floats) -> Ints:
        """Positions of the chosen sites.

        Parameters
        ----------
        columns : array
            A solution.

        Returns
        -------
        array of int
            Rising, the fixed ones among them.
        """
        chosen = self.free[columns[: len(self.free)] > 1 / 2]
        return np.sort(np.concatenate([self.question.sites.fixed, chosen]))

    def value(self, sites: Ints) -> float:
        """Value of a choice, summed anew from the times.

        Parameters
        ----------
        sites : array of int
            Positions of the sites.

        Returns
        -------
        float
            Number of sites, or Σ credit · weight beyond.
        """
        if self.aim == "fewest":
            return float(len(sites))
        reaches = self.question.reaches
        return float(sum(r.credit * self.question.beyond(r, sites) for r in reaches if r.credit))

    def completed(self, sites: Ints) -> Ints:
        """Add sites, always the one that reaches most, until every share is reached.

        Parameters
        ----------
        sites : array of int
            Positions of some sites.

        Returns
        -------
        array of int
            Rising; shares may still be unreached where no more may be chosen.
        """
        question = self.question
        while len(sites) < question.most and (
            len(sites) < question.least or not question.satisfied(sites)
        ):
            spare = np.setdiff1d(self.free, sites)
            if not len(spare):
                break
            open_ = np.isin(self.free, sites)
            gain = np.zeros(len(self.free))
            for needs in (*self.must, *self.may):
                left = needs.table[:, open_].sum(axis=1) < needs.times
                gain += needs.weights[left] @ needs.table[left]
            sites = np.sort(np.append(sites, spare[np.argmax(gain[np.isin(self.free, spare)])]))
        return sites

    def _apart(self, kinds: list[Ints]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for limit, (needs, some) in enumerate(zip(self.must, kinds, strict=True)):
            untouched = np.ones(len(self.free), dtype=np.bool_)
            for kind in some[np.argsort(needs.table[some].sum(axis=1), kind="stable")]:
                if untouched[needs.table[kind]].all():
                    untouched &= ~needs.table[kind]
                    found.append((limit, int(kind)))
                if not untouched.any():
                    break
        return found[:_ROWS_MORE]

    def _cover(self, rows: list[tuple[int, int]], watch: Watch) -> Answer:
        """Set covering without anything else: its own reductions are quicker than HiGHS."""
        table = np.array([self.must[limit].table[kind] for limit, kind in rows], dtype=np.bool_)
        table = table.reshape(len(rows), len(self.free))
        cover = find_cover(table, self.question.most - self.inside, watch)
        if cover.chosen is None:
            bound = float("inf") if cover.status == "infeasible" else float(cover.least)
            return Answer(None, float("inf"), bound + self.inside, cover.status)
        chosen = cover.chosen
        missing = self.question.least - self.inside - len(chosen)
        if missing > 0:
            spare = np.setdiff1d(np.arange(len(self.free)), chosen)
            chosen = np.concatenate([chosen, spare[:missing]])
        columns = np.isin(np.arange(len(self.free)), chosen).astype(np.float64)
        least = max(cover.least + self.inside, self.question.least)
        return Answer(columns, float(len(chosen) + self.inside), float(least), cover.status)

    def _program(self, rows: list[tuple[int, int]]) -> Program:
        sites, question = len(self.free), self.question
        starts = np.cumsum([sites, *(len(n.times) for n in self.may)])
        columns = int(starts[-1])
        cost = np.zeros(columns)
        cost[:sites] = 1.0 if self.aim == "fewest" else 0.0
        offset = float(self.inside) if self.aim == "fewest" else 0.0
        integer = np.arange(columns) < sites
        left = (question.least - self.inside, question.most - self.inside)
        blocks = [_Block(sparse.csr_array(np.ones((1, sites))), *(np.array([x]) for x in left))]
        for needs, start in zip(self.may, starts[:-1], strict=True):
            place = slice(start, start + len(needs.times))
            if self.aim == "beyond":
                cost[place] = needs.reach.credit * needs.weights
                offset += needs.reach.credit * needs.never
            # One site in reach or none: a whole number of sites makes the column whole.
            integer[place] = needs.times > 1
            blocks.append(_beyond_rows(needs, int(start)))
            if needs.reach.share > 0:
                blocks.append(_share_row(needs, float(question.weights.sum()), int(start)))
        if rows:
            table = np.array([self.must[limit].table[kind] for limit, kind in rows], np.float64)
            times = np.array([self.must[limit].times[kind] for limit, kind in rows])
            blocks.append(_Block(sparse.csr_array(table), times, np.full(len(rows), np.inf)))
        return Program(
            cost=cost,
            lower=np.zeros(columns),
            upper=np.ones(columns),
            integer=integer,
            rows=sparse.csr_array(sparse.vstack([_widened(b.rows, columns) for b in blocks])),
            row_lower=np.concatenate([b.lower for b in blocks], dtype=np.float64),
            row_upper=np.concatenate([b.upper for b in blocks], dtype=np.float64),
            offset=offset,
        )

    def _start(self) -> Floats | None:
        """Choose greedily, then swap while it helps; None where shares bind as well."""
        if self.aim == "fewest" or any(n.reach.share > 0 for n in (*self.must, *self.may)):
            return None
        state = _Choice(self.may, len(self.free))
        for _ in range(self.question.most - self.inside):
            if state.chosen.all():
                break
            state.add(int(np.argmax(np.where(state.chosen, -1.0, state.gains()))))
        while state.swap():
            pass
        beyond = [(state.left(n) > 0).astype(np.float64) for n in self.may]
        return np.concatenate([state.chosen.astype(np.float64), *beyond])


@dataclass(frozen=True, eq=False)
class _Block:
    """Rows of a program with their limits."""

    rows: sparse.csr_array
    lower: npt.NDArray[np.generic]
    upper: npt.NDArray[np.generic]


class _Choice:
    """A choice of free sites that is made better step by step."""

    def __init__(self, needs: list[_Needs], sites: int) -> None:
        self.needs = needs
        self.tables = [n.table.astype(np.float32) for n in needs]
        self.chosen = np.zeros(sites, dtype=np.bool_)

    def left(self, needs: _Needs) -> Floats:
        """How many more sites each kind takes."""
        near: Floats = needs.table[:, self.chosen].sum(axis=1, dtype=np.float64)
        return needs.times - near

    def gains(self) -> Floats:
        """Credit that each site brings; half of it where two more are needed, and so on."""
        gains = np.zeros(len(self.chosen))
        for needs, table in zip(self.needs, self.tables, strict=True):
            left = self.left(needs)
            credit = np.where(left > 0, needs.reach.credit * needs.weights, 0) / np.maximum(left, 1)
            gains += credit.astype(np.float32) @ table
        return gains

    def beyond(self) -> float:
        """Credit that is missed."""
        return float(sum(n.reach.credit * n.weights[self.left(n) > 0].sum() for n in self.needs))

    def add(self, site: int) -> None:
        """Choose one more."""
        self.chosen[site] = True

    def swap(self) -> bool:
        """Replace one site by a better one; False where none is found."""
        missed = self.beyond()
        for site in np.flatnonzero(self.chosen):
            self.chosen[site] = False
            better = int(np.argmax(np.where(self.chosen, -1.0, self.gains())))
            self.chosen[better] = True
            if self.beyond() < missed * (1 - PROVED_GAP):
                return True
            self.chosen[better] = False
            self.chosen[site] = True
        return False


def _needs(question: CoverQuestion, reach: Reach) -> _Needs:
    fixed, free = question.sites.fixed, question.sites.free
    kinds = merge_clients(
        question.minutes, question.weights, reach.minutes, np.concatenate([fixed, free])
    )
    times = reach.times - kinds.table[:, : len(fixed)].sum(axis=1)
    table = kinds.table[:, len(fixed) :]
    open_ = (times > 0) & (kinds.weights > 0)
    able = table.sum(axis=1) >= times
    some = open_ & able
    never = float(kinds.weights[open_ & ~able].sum())
    return _Needs(reach, table[some], times[some], kinds.weights[some], never)


def _widened(rows: sparse.csr_array, columns: int) -> sparse.csr_array:
    return sparse.csr_array((rows.data, rows.indices, rows.indptr), (rows.shape[0], columns))


def _beyond_rows(needs: _Needs, start: int) -> _Block:
    """Sites within reach, and as many more as are needed where the kind is left beyond."""
    count = len(needs.times)
    beyond = sparse.dia_array((needs.times[None].astype(np.float64), 0), shape=(count, count))
    rows = [sparse.csr_array(needs.table.astype(np.float64))]
    if start > needs.table.shape[1]:
        rows.append(sparse.csr_array((count, start - needs.table.shape[1])))
    both = sparse.csr_array(sparse.hstack([*rows, beyond.tocsr()]))
    return _Block(both, needs.times, np.full(count, np.inf))


def _share_row(needs: _Needs, whole: float, start: int) -> _Block:
    """Weight beyond is at most what the share leaves."""
    most = (1 - needs.reach.share + PROVED_GAP) * whole - needs.never
    weights = needs.weights
    if (weights == np.rint(weights)).all() and whole < _LARGEST_WHOLE:
        most = np.floor(most)
    else:
        scale = _SCALED / whole
        weights, most = weights * scale, most * scale
    rows = sparse.csr_array(weights[None])
    front = sparse.csr_array((1, start))
    return _Block(
        sparse.csr_array(sparse.hstack([front, rows])), np.array([-np.inf]), np.array([most])
    )
