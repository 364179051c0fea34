"""A complete ranking of structures: every one has a rank, so the best carries its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import NEAREST
from navplan.scenario import Scenario

Objective: TypeAlias = Literal["mean_minutes", "worst_minutes", "ede_minutes"]
OBJECTIVES: Final[tuple[Objective, ...]] = ("mean_minutes", "worst_minutes", "ede_minutes")
PROVED: Final = "proved: complete enumeration"
MOST: Final = 5_000_000
"""Most structures that are enumerated."""

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.intp]

# For so few rows it is quicker to count what goes before each than to sort everything.
_FEW = 32


@dataclass(frozen=True, repr=False)
class Ranking:
    """Every structure of a question with its values and ranks.

    A structure ranks before another by the share of people without a time, then by the
    objective, then by the other objectives (mean, worst, equal equivalent; to a billionth of a
    minute), then by the ids of its sites, area by area. Ranks are therefore all different.

    Parameters
    ----------
    kind : {"areas", "sites"}
        Whole areas to one office each, or every zone to its nearest chosen site.
    areas : tuple of str
        All areas, sorted.
    sites : tuple of str
        The sites that could be chosen, sorted.
    choice : array of int
        One row a structure, in text order. ``areas``: position of each area's site; ``sites``:
        positions of the chosen sites, rising.
    values : mapping
        Objective → value of each structure, rounded to a billionth of a minute so that sums taken
        in another order tie [min]; NaN where nobody has a time.
    share_without_time : array
        Share of the people without a time in each structure [0–1].
    """

    kind: Literal["areas", "sites"]
    areas: tuple[str, ...]
    sites: tuple[str, ...]
    choice: npt.NDArray[np.int16]
    values: Mapping[Objective, _Floats]
    share_without_time: _Floats

    @property
    def count(self) -> int:
        """Number of structures ranked."""
        return len(self.choice)

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
        return self._with_ranks(self._top(objective, n)).reset_index(drop=True)

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
            row = self._row_of(scenario)
            if row is not None:
                names.setdefault(row, []).append(scenario.name)
        ranks = {int(row): rank for rank, row in enumerate(self._top(objective, first), 1)}
        ranks |= {row: self._rank_of_row(row, objective) for row in names if row not in ranks}
        rows = sorted(ranks, key=lambda row: ranks[row])
        repeated = [(row, name) for row in rows for name in names.get(row, [""])]
        table = self._rows(np.array([row for row, _ in repeated], dtype=np.intp))
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
        row = self._row_of(scenario)
        return None if row is None else self._rank_of_row(row, objective)

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
        row = self._row_of(scenario)
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
        row = self.choice[self._top(objective, rank)[-1]]
        name = name or f"{objective.replace('_', '-')}-{rank}"
        offices = tuple(self.sites[i] for i in sorted(set(row.tolist())))
        if self.kind == "areas":
            allocation = {a: self.sites[i] for a, i in zip(self.areas, row, strict=True)}
        else:
            allocation = dict.fromkeys(self.areas, NEAREST)
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
        value = float(self.values[objective][self._top(objective, 1)[0]])
        scenario = self.scenario_at(1, objective)
        return Solution(objective, value, value, 0.0, PROVED, scenario, self)

    def _row_of(self, scenario: Scenario) -> int | None:
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
        rows = np.arange(self.count)
        for column, site in enumerate(chosen):
            rows = rows[self.choice[rows, column] == number[site]]
        return int(rows[0]) if len(rows) else None

    def _rows(self, rows: _Ints) -> pd.DataFrame:
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

    def _with_ranks(self, rows: _Ints) -> pd.DataFrame:
        table = self._rows(rows)
        for objective in OBJECTIVES:
            if len(rows) <= _FEW:
                table[f"rank_{objective}"] = [self._rank_of_row(int(r), objective) for r in rows]
            else:
                ranks = np.empty(self.count, dtype=np.intp)
                ranks[self._top(objective, self.count)] = np.arange(1, self.count + 1)
                table[f"rank_{objective}"] = ranks[rows]
        return table

    def _keys(self, objective: Objective) -> list[_Floats]:
        """Give what structures are ranked by, the weightiest first; the rest is text order."""
        names = [objective, *(o for o in OBJECTIVES if o != objective)]
        values = [self.values[name] for name in names]
        return [
            self.share_without_time,
            *(np.where(np.isnan(v), np.inf, v) if np.isnan(v).any() else v for v in values),
        ]

    def _rank_of_row(self, row: int, objective: Objective) -> int:
        alike = np.arange(self.count)
        before = 0
        for key in self._keys(objective):
            values = key[alike]
            before += int(np.count_nonzero(values < key[row]))
            alike = alike[values == key[row]]
        return 1 + before + int(np.count_nonzero(alike < row))

    def _top(self, objective: Objective, n: int) -> _Ints:
        keys = self._keys(objective)
        rows = np.arange(self.count)
        for key in keys[:2]:  # leave out what can be none of the first n, then sort the rest
            if n < len(rows):
                values = key[rows]
                rows = rows[values <= np.partition(values, n - 1)[n - 1]]
                if (key is keys[0]) and (key[rows] != key[rows[0]]).any():
                    break
        order = np.lexsort([key[rows] for key in reversed(keys)])  # stable: text order at the end
        return rows[order][:n]


@dataclass(frozen=True)
class Solution:
    """The best structure of a question, with its proof.

    Parameters
    ----------
    objective : str
        What was minimised.
    value : float
        Its value [min].
    bound : float
        No structure can be better than this [min].
    gap : float
        Value minus bound [min].
    status : str
        How the value is known to be best.
    scenario : Scenario
        The structure.
    ranking : Ranking
        Every structure with its rank.
    """

    objective: Objective
    value: float
    bound: float
    gap: float
    status: str
    scenario: Scenario
    ranking: Ranking = field(repr=False)

    @property
    def count(self) -> int:
        """How many structures were ranked."""
        return self.ranking.count
