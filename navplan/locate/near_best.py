"""Every structure that is nearly as good as the best: what they share, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Floats, Ints
from navplan.locate.look_alikes import classes, exchanges, mean_change
from navplan.locate.median.near_best import NO_SITE, NearSums
from navplan.locate.median.question import SumQuestion
from navplan.locate.ranking import Objective, Ranking
from navplan.locate.watch import PROVED_GAP, Status
from navplan.locate.whole_areas import AreaQuestion, allocation_of
from navplan.locate.whole_areas_listing import Divisions

ALIKE_MIN: Final = 1.0
"""Assumption: so small a change of travel time is no reason to prefer a site [min]."""

ALIKE_SHARE: Final = 0.1
"""Assumption, where times are not at hand: so small a share of the margin is no reason either."""


@dataclass(frozen=True, eq=False, repr=False)
class NearBest:
    """Structures whose value is within a limit, the best first.

    Made by `of_sums` and `of_divisions` from what the solvers list, or by `of_ranking` from a
    complete enumeration. Where `complete` is false some structures are missing, and every share is
    one of those found.

    Parameters
    ----------
    sites : tuple of str
        Every site that could be chosen.
    choice : array of int, shape (structures, most offices)
        Positions of each structure's sites, rising; short rows end with -1.
    values : array, shape (structures,)
        Value of each [min], rising.
    limit : float
        Largest value that was asked for [min].
    status : {"proved", "time limit", "interrupted", "count limit"}
        Why the search stopped; ``proved`` says that no structure within the limit is missing.
    alike : float
        Two sites look alike up to this change: [min] of those who use one or the other where
        `times` are given, otherwise [min] of the value.
    times : SumQuestion, optional
        Minutes and weights of the clients.
    allocation : tuple of str
        One a structure where whole areas belong to an office, as ``area=id`` joined by ``;``;
        empty where everybody goes to the nearest.
    """

    sites: tuple[str, ...]
    choice: Ints
    values: Floats
    limit: float
    status: Status
    alike: float
    times: SumQuestion | None = field(default=None)
    allocation: tuple[str, ...] = ()

    @classmethod
    def of_sums(
        cls,
        near: NearSums,
        sites: tuple[str, ...],
        question: SumQuestion,
        *,
        per: float = 1.0,
        alike: float = ALIKE_MIN,
    ) -> NearBest:
        """Name the sites of what the solver lists.

        Parameters
        ----------
        near : NearSums
            What `near_best` lists.
        sites : tuple of str
            Ids of the question's sites, sorted.
        question : SumQuestion
            The question that was asked.
        per : float
            Values are divided by it, for example by all people for a mean.
        alike : float
            Mean change of travel time of those concerned up to which two sites look alike [min].

        Returns
        -------
        NearBest
            The same structures.

        Raises
        ------
        InputError
            If there are not as many ids as sites, or `per` or `alike` make no sense.
        """
        faults = []
        if len(sites) != question.sites:
            given = f"{len(sites)} ids of {question.sites} sites."
            faults.append(Fault("near-best structures", "sites", given))
        if not (np.isfinite(per) and per > 0):
            faults.append(Fault("near-best structures", "per", f"{per}; expected above 0."))
        if not alike >= 0:
            faults.append(Fault("near-best structures", "alike", f"{alike}; expected 0 or more."))
        raise_faults(faults)
        return cls(
            sites, near.sites, near.values / per, near.limit / per, near.status, alike, question
        )

    @classmethod
    def of_ranking(
        cls, ranking: Ranking, objective: Objective = "mean_minutes", within: float = 0.01
    ) -> NearBest:
        """Take the structures of a complete ranking that are within a share of the best.

        Only structures that leave as few people without a time as the best are compared. Sites
        look alike up to `ALIKE_SHARE` of the margin.

        Parameters
        ----------
        ranking : Ranking
            Every structure.
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What is compared.
        within : float
            How much worse than the best, as a share of it [0–1].

        Returns
        -------
        NearBest
            Complete.

        Raises
        ------
        InputError
            If `within` is negative or no number, or nobody has a time in the best structure.
        """
        values, without = ranking.values[objective], ranking.share_without_time
        fewest = without == without.min()
        best = float(np.min(values[fewest]))
        faults = []
        if not (np.isfinite(within) and within >= 0):
            given = f"{within}; expected a share, 0 or more."
            faults.append(Fault("near-best structures", "within", given))
        if not np.isfinite(best):
            given = "nobody has a time in the best structure."
            faults.append(Fault("near-best structures", objective, given))
        raise_faults(faults)
        limit = best * (1.0 + within)
        inside = fewest & (values <= limit + PROVED_GAP * abs(limit))
        table = ranking.at(ranking.best_rows(objective, int(inside.sum())))
        number = {site: position for position, site in enumerate(ranking.sites)}
        offices = [[number[site] for site in row.split(";")] for row in table["offices"]]
        choice = np.full((len(offices), max(map(len, offices))), NO_SITE, dtype=np.intp)
        for row, chosen in enumerate(offices):
            choice[row, : len(chosen)] = chosen
        return cls(
            ranking.sites,
            choice,
            table[objective].to_numpy(dtype=np.float64),
            limit,
            "proved",
            ALIKE_SHARE * (limit - best),
            allocation=tuple(table["allocation"]) if ranking.kind == "areas" else (),
        )

    @classmethod
    def of_divisions(
        cls, question: AreaQuestion, divisions: Divisions, limit: float, *, per: float
    ) -> NearBest:
        """Name the areas and sites of listed divisions; sites look alike as in `of_ranking`.

        Parameters
        ----------
        question : AreaQuestion
            The question that was asked.
        divisions : Divisions
            What `whole_areas_listing.list_divisions` lists.
        limit : float
            Largest cost that was asked for.
        per : float
            Costs are divided by it, for example by all people for a mean.

        Returns
        -------
        NearBest
            The same divisions.
        """
        values = divisions.values / per
        choice = np.full((len(values), question.count), NO_SITE, dtype=np.intp)
        for row, assigned in enumerate(divisions.assigned):
            choice[row] = np.unique(assigned)
        best = float(values.min(initial=np.inf))
        margin = limit / per - best if len(values) else 0.0
        return cls(
            question.sites,
            choice,
            values,
            limit / per,
            divisions.status,
            ALIKE_SHARE * margin,
            allocation=tuple(allocation_of(question, row) for row in divisions.assigned),
        )

    def __repr__(self) -> str:
        words = "" if self.complete else f", not complete: {self.status}"
        return f"NearBest({self.count:,} structures within {self.limit:.6g}{words})"

    @property
    def count(self) -> int:
        """How many structures were found."""
        return len(self.values)

    @property
    def complete(self) -> bool:
        """Whether no structure within the limit is missing."""
        return self.status == "proved"

    @property
    def optimum(self) -> float:
        """Value of the best structure [min]; NaN where nothing is within the limit."""
        return float(self.values.min()) if self.count else float("nan")

    @property
    def table(self) -> pd.DataFrame:
        """Every structure; see `head` for the columns."""
        return self.head(self.count)

    def head(self, n: int = 10) -> pd.DataFrame:
        """Give the best structures.

        Parameters
        ----------
        n : int
            How many.

        Returns
        -------
        DataFrame
            Columns ``rank``, ``offices`` (ids joined by ;), ``value`` [min], ``above_best``
            [min], ``above_best_percent`` [%] and, where areas belong to an office, ``allocation``.
        """
        values = self.values[:n]
        above = values - self.optimum
        best = abs(self.optimum) or float("nan")
        table = pd.DataFrame(
            {
                "rank": np.arange(1, len(values) + 1),
                "offices": pd.Series(self._offices(np.arange(len(values))), dtype=object),
                "value": values,
                "above_best": above,
                "above_best_percent": np.where(above == 0, 0.0, 100.0 * above / best),
            }
        )
        if self.allocation:
            table["allocation"] = list(self.allocation[:n])
        return table

    @cached_property
    def share(self) -> pd.Series[float]:
        """Share of the structures that hold each site [0–1], the most frequent first."""
        times = np.bincount(self.choice[self.choice >= 0], minlength=len(self.sites))
        share = pd.Series(
            times / self.count if self.count else np.full(len(self.sites), np.nan),
            index=pd.Index(self.sites, name="site"),
            name="share",
        )
        return share.sort_values(ascending=False, kind="stable")

    @property
    def must(self) -> tuple[str, ...]:
        """Sites that every structure holds, sorted."""
        return tuple(sorted(self.share.index[self.share == 1.0]))

    @property
    def never(self) -> tuple[str, ...]:
        """Sites that no structure holds, sorted."""
        return tuple(sorted(self.share.index[self.share == 0.0]))

    @cached_property
    def look_alikes(self) -> tuple[tuple[str, ...], ...]:
        """Sites that stand in for one another, the most used set first.

        Two sites are exchanged where two structures differ by them only. Where times are given,
        they look alike if those who would use one or the other travel on average at most `alike`
        minutes longer or shorter by the exchange, in the best structure that has one (absolute
        changes, so that gains and losses do not cancel); without times, if no exchange listed
        changes the value by more than `alike`. In a set every two sites look alike.
        """
        return tuple(
            tuple(self.sites[site] for site in sorted(alike))
            for alike in self._classes
            if len(alike) > 1
        )

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Structures that are equal but for look-alikes, one row a group, the best group first.

        Columns ``group``, ``offices`` (look-alikes joined by ``|``), ``structures`` (how many),
        ``rank``, ``best`` (offices of its best structure), ``value`` [min] of that and ``worst``
        [min], the largest value in the group.
        """
        label = np.empty(len(self.sites) + 1, dtype=np.intp)
        label[-1] = NO_SITE
        for number, alike in enumerate(self._classes):
            label[alike] = number
        labels = np.sort(label[self.choice], axis=1)
        _, first, group, counts = np.unique(
            labels, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        worst = np.full(len(first), -np.inf)
        np.maximum.at(worst, group.ravel(), self.values)
        order = np.argsort(first)
        names = ["|".join(self.sites[site] for site in sorted(a)) for a in self._classes]
        offices = [
            ";".join(sorted(names[place] for place in labels[row] if place >= 0))
            for row in first[order]
        ]
        return pd.DataFrame(
            {
                "group": np.arange(1, len(first) + 1),
                "offices": pd.Series(offices, dtype=object),
                "structures": counts[order],
                "rank": first[order] + 1,
                "best": pd.Series(self._offices(first[order]), dtype=object),
                "value": self.values[first[order]],
                "worst": worst[order],
            }
        )

    def _offices(self, rows: Ints) -> list[str]:
        return [
            ";".join(self.sites[site] for site in row if site >= 0)
            for row in self.choice[rows].tolist()
        ]

    @cached_property
    def _classes(self) -> list[list[int]]:
        """Every site in one class: those that look alike together."""
        found = exchanges(self.choice, self.values, len(self.sites))
        alike = np.zeros((len(self.sites),) * 2, dtype=np.bool_)
        for pair in found:
            change = pair.change
            if self.times is not None:
                stays = self.choice[pair.row]
                stays = stays[(stays >= 0) & (stays != pair.one) & (stays != pair.other)]
                change = mean_change(self.times, stays, pair.one, pair.other)
            if change <= self.alike:
                alike[pair.one, pair.other] = alike[pair.other, pair.one] = True
        times = np.bincount(self.choice[self.choice >= 0], minlength=len(self.sites))
        return classes(alike, times)
