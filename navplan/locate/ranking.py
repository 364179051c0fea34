"""A complete ranking of structures: every one has a rank, so the best carries its proof."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.locate.array_types import Ints
from navplan.locate.solution import Solution
from navplan.locate.structures import OBJECTIVES, Objective, Structures
from navplan.nouns import NEAREST
from navplan.scenario import Scenario

__all__ = [
    "MOST",
    "OBJECTIVES",
    "PROVED",
    "Objective",
    "Ranking",
    "RankingInterruptedError",
    "all_or_none",
]

PROVED: Final = "proved: complete enumeration"
MOST: Final = 5_000_000
"""Most structures that are enumerated."""

# For so few rows it is quicker to count what goes before each than to sort everything.
_FEW = 32


class RankingInterruptedError(KeyboardInterrupt):
    """A ranking was interrupted: there is none, as a part of the structures has no ranks."""


@contextmanager
def all_or_none() -> Iterator[None]:
    """Say in a planner's words what an interrupt of a ranking means; also a decorator.

    Yields
    ------
    None
        For the enumeration.

    Raises
    ------
    RankingInterruptedError
        On ``KeyboardInterrupt``, of which it is a kind: whoever ends on one still does.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise RankingInterruptedError(
            "The ranking was interrupted before every structure was tried, and a part of them has "
            "no ranks. Let it finish, allow fewer sites, or search with `solve`, which keeps the "
            "best so far when it is interrupted."
        ) from None


@dataclass(frozen=True, repr=False)
class Ranking(Structures):
    """Every structure of a question with its values and ranks.

    Ranks are all different; see `Structures` for the order, for the fields, and for `keeping`,
    `without` and `within`, which give a smaller ranking that is complete for what is left.
    """

    def __repr__(self) -> str:
        return f"Ranking({self.count:,} structures of {len(self.sites)} sites, by {self.kind})"

    @property
    def table(self) -> pd.DataFrame:
        """Every structure, in text order; see `head` for the columns.

        Made anew at each call: of hundreds of thousands of structures take `head` instead.
        """
        return self._with_ranks(np.arange(self.count))

    def head(self, n: int = 10, objective: Objective = "mean_minutes") -> pd.DataFrame:
        """Give the best structures.

        Parameters
        ----------
        n : int
            How many.
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What they are ranked by.

        Returns
        -------
        DataFrame
            Columns ``offices`` (ids joined by ;), ``allocation`` (``area=id`` joined by ;, empty
            for the nearest), the three objectives [min], ``share_without_time`` [0–1] and
            ``rank_…`` for each objective; best first.
        """
        return self._with_ranks(self.best_rows(objective, n)).reset_index(drop=True)

    def excerpt(
        self,
        objective: Objective,
        *,
        named: Iterable[Scenario] = (),
        first: int = 20,
    ) -> pd.DataFrame:
        """Give the best structures and where named scenarios stand.

        Parameters
        ----------
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What they are ranked by.
        named : iterable of Scenario
            Scenarios to point out; those that are no structure of the question are left out.
        first : int
            How many of the best are always there.

        Returns
        -------
        DataFrame
            Columns ``objective``, ``rank``, ``count``, ``value``, ``scenario`` (one row each
            where several names share a structure), ``offices``, ``allocation``, the three
            objectives, ``share_without_time`` and ``status``; best first.
        """
        names: dict[int, list[str]] = {}
        for scenario in named:
            row = self.row_of(scenario)
            if row is not None:
                names.setdefault(row, []).append(scenario.name)
        ranks = {int(row): rank for rank, row in enumerate(self.best_rows(objective, first), 1)}
        ranks |= {row: self.rank_of_row(row, objective) for row in names if row not in ranks}
        rows = sorted(ranks, key=lambda row: ranks[row])
        repeated = [(row, name) for row in rows for name in names.get(row, [""])]
        table = self.at(np.array([row for row, _ in repeated], dtype=np.intp))
        table = table.reset_index(drop=True)
        table.insert(0, "objective", objective)
        table.insert(1, "rank", [ranks[row] for row, _ in repeated])
        table.insert(2, "count", self.count)
        table.insert(3, "value", table[objective])
        table.insert(4, "scenario", [name for _, name in repeated])
        table["status"] = PROVED
        return table

    def rank_of(self, scenario: Scenario, objective: Objective = "mean_minutes") -> int | None:
        """Rank of a scenario among all structures of the question.

        Parameters
        ----------
        scenario : Scenario
            A structure; one with outreach is no structure of the question.
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What they are ranked by.

        Returns
        -------
        int or None
            From 1 (best) to `count`; None where it is no structure of the question.
        """
        row = self.row_of(scenario)
        return None if row is None else self.rank_of_row(row, objective)

    def value_of(self, scenario: Scenario, objective: Objective = "mean_minutes") -> float | None:
        """Value of a scenario as the ranking has it.

        Parameters
        ----------
        scenario : Scenario
            A structure.
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            Which value.

        Returns
        -------
        float or None
            In minutes; None where it is no structure of the question.
        """
        row = self.row_of(scenario)
        return None if row is None else float(self.values[objective][row])

    def scenario_at(
        self,
        rank: int = 1,
        objective: Objective = "mean_minutes",
        *,
        name: str | None = None,
        title: Mapping[str, str] | None = None,
    ) -> Scenario:
        """Make a scenario of the structure with a rank.

        Parameters
        ----------
        rank : int
            From 1 (best) to `count`.
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What they are ranked by.
        name : str, optional
            Name of the scenario; left out, made of objective and rank.
        title : mapping of str to str, optional
            Language → title.

        Returns
        -------
        Scenario
            The structure, ready to be compared and edited.

        Raises
        ------
        InputError
            If no structure has that rank.
        """
        if not 1 <= rank <= self.count:
            given = f"{rank}; expected 1 to {self.count}."
            raise_faults([Fault("ranking", "rank", given)])
        row = int(self.best_rows(objective, rank)[-1])
        return self.scenario_of(
            row, name=name or f"{objective.replace('_', '-')}-{rank}", title=title
        )

    def scenario_of(
        self, row: int, *, name: str, title: Mapping[str, str] | None = None
    ) -> Scenario:
        """Make a scenario of the structure in a row.

        Parameters
        ----------
        row : int
            In text order, from 0.
        name : str
            Name of the scenario.
        title : mapping of str to str, optional
            Language → title.

        Returns
        -------
        Scenario
            The structure, ready to be compared and edited.
        """
        chosen = self.choice[row].tolist()
        offices = tuple(self.sites[i] for i in sorted(set(chosen)))
        allocation = dict.fromkeys(self.areas, NEAREST)
        if self.kind == "areas":
            allocation = {a: self.sites[i] for a, i in zip(self.areas, chosen, strict=True)}
        return Scenario(name, title or {}, offices, allocation)

    def best(self, objective: Objective = "mean_minutes") -> Solution:
        """Give the best structure with its proof: every other was tried.

        Parameters
        ----------
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What is minimised (after the share of people without a time).

        Returns
        -------
        Solution
            Bound equal to the value, gap 0.
        """
        row = int(self.best_rows(objective, 1)[0])
        value = float(self.values[objective][row])
        return Solution(
            objective=objective,
            value=value,
            bound=value,
            status="proved",
            reason=PROVED,
            scenario=self.scenario_of(row, name=f"{objective.replace('_', '-')}-1"),
            share_without_time=float(self.share_without_time[row]),
            seconds=self.seconds,
            ranking=self,
        )

    def row_of(self, scenario: Scenario) -> int | None:
        """Find the row of a scenario.

        Parameters
        ----------
        scenario : Scenario
            A structure; one with outreach is no structure of the question.

        Returns
        -------
        int or None
            In text order, from 0; None where it is no structure of the question.
        """
        number = {site: position for position, site in enumerate(self.sites)}
        used = set(scenario.allocation.values())
        if scenario.outreach or set(scenario.allocation) != set(self.areas):
            return None
        if self.kind == "areas":
            chosen = [scenario.allocation[area] for area in self.areas]
            if used != set(scenario.offices):
                return None
        else:
            chosen = sorted(scenario.offices)
            if used != {NEAREST} or len(chosen) != self.choice.shape[1]:
                return None
        if not set(chosen) <= set(number):
            return None
        first, end = 0, self.count
        for column, site in enumerate(chosen):  # rows are in text order
            sites = self.choice[:, column]
            first = bisect_left(sites, number[site], first, end)
            end = bisect_right(sites, number[site], first, end)
        return first if first < end else None

    def at(self, rows: Ints) -> pd.DataFrame:
        """Give structures by their rows.

        Parameters
        ----------
        rows : array of int
            In text order, from 0.

        Returns
        -------
        DataFrame
            Indexed by row: ``offices``, ``allocation``, the three objectives [min] and
            ``share_without_time``, as `head` has them.
        """
        chosen = self.choice[rows]
        names = np.array(self.sites, dtype=object)
        table = pd.DataFrame(
            {
                "offices": [";".join(names[sorted(set(row))]) for row in chosen.tolist()],
                "allocation": "",
            },
            index=rows,
        )
        if self.kind == "areas":
            table["allocation"] = [
                ";".join(f"{a}={site}" for a, site in zip(self.areas, names[row], strict=True))
                for row in chosen
            ]
        for objective in OBJECTIVES:
            table[objective] = self.values[objective][rows]
        table["share_without_time"] = self.share_without_time[rows]
        return table

    def _with_ranks(self, rows: Ints) -> pd.DataFrame:
        table = self.at(rows)
        for objective in OBJECTIVES:
            if len(rows) <= _FEW:
                table[f"rank_{objective}"] = [self.rank_of_row(int(r), objective) for r in rows]
            else:
                ranks = np.empty(self.count, dtype=np.intp)
                ranks[self.best_rows(objective, self.count)] = np.arange(1, self.count + 1)
                table[f"rank_{objective}"] = ranks[rows]
        return table
