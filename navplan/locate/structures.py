"""Every structure of a question as arrays: their order, and what is left of them under a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from navplan.errors import Fault, InfeasibleError, raise_faults
from navplan.locate.array_types import Floats, Ints

Objective: TypeAlias = Literal["mean_minutes", "worst_minutes", "ede_minutes"]
OBJECTIVES: Final[tuple[Objective, ...]] = ("mean_minutes", "worst_minutes", "ede_minutes")


@dataclass(frozen=True, repr=False)
class Structures:
    """Every structure of a question with its values, and the order they stand in.

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
    seconds : float
        How long it took to rank them [s].
    """

    kind: Literal["areas", "sites"]
    areas: tuple[str, ...]
    sites: tuple[str, ...]
    choice: npt.NDArray[np.int16]
    values: Mapping[Objective, Floats]
    share_without_time: Floats
    seconds: float = field(default=0.0, compare=False)

    @property
    def count(self) -> int:
        """Number of structures ranked."""
        return len(self.choice)

    def keeping(self, *any_of: str) -> Self:
        """Keep the structures in which at least one of some sites is open; still complete.

        Parameters
        ----------
        *any_of : str
            Ids. For several sites that must all be open, narrow once for each.

        Returns
        -------
        Structures
            Of the same kind, those structures alone, with ranks among themselves.

        Raises
        ------
        InputError
            If a site is none of those that could be chosen.
        InfeasibleError
            If no structure is left.
        """
        there = self._open(any_of)
        return self._narrowed(there, f"no structure has an office in {_listed(any_of)}.")

    def without(self, *sites: str) -> Self:
        """Keep the structures in which none of some sites is open; still complete.

        Parameters
        ----------
        *sites : str
            Ids.

        Returns
        -------
        Structures
            Of the same kind, those structures alone, with ranks among themselves.

        Raises
        ------
        InputError
            If a site is none of those that could be chosen.
        InfeasibleError
            If no structure is left.
        """
        there = self._open(sites)
        return self._narrowed(~there, f"every structure has an office in {_listed(sites)}.")

    def within(self, limit_min: float) -> Self:
        """Keep the structures in which nobody has longer than a limit; still complete.

        Those who have no time to their office are not within any limit: only structures that leave
        as few of them as possible are kept.

        Parameters
        ----------
        limit_min : float
            Longest way of all, itself allowed [min].

        Returns
        -------
        Structures
            Of the same kind, those structures alone, with ranks among themselves.

        Raises
        ------
        InfeasibleError
            If no structure is left; says the shortest longest way there is.
        """
        least = self.share_without_time == self.share_without_time.min()
        worst = self.values["worst_minutes"]
        with np.errstate(invalid="ignore"):
            there = least & (worst <= limit_min)
        shortest = worst[least & np.isfinite(worst)]
        told = (
            f" The shortest longest way is {shortest.min():.1f} minutes." if len(shortest) else ""
        )
        return self._narrowed(
            there, f"in every structure somebody has longer than {limit_min:g} minutes.{told}"
        )

    def _open(self, sites: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Mark the structures in which any of the sites is open."""
        number = {site: position for position, site in enumerate(self.sites)}
        named = tuple(sites)
        raise_faults(
            Fault("ranking", "sites", f"{site!r} is no site that could be chosen.",
                  f"Known: {', '.join(self.sites)}.")
            for site in named
            if site not in number
        )  # fmt: skip
        there = np.zeros(self.count, dtype=bool)
        for site in named:
            for column in self.choice.T:
                there |= column == number[site]
        return there

    def _narrowed(self, there: npt.NDArray[np.bool_], otherwise: str) -> Self:
        if not there.any():
            raise InfeasibleError(otherwise)
        if there.all():
            return self
        return self.only(np.flatnonzero(there))

    def only(self, rows: Ints) -> Self:
        """Keep some structures.

        Parameters
        ----------
        rows : array of int
            Their rows, rising.

        Returns
        -------
        Structures
            Of the same kind; complete if the rows are all structures that satisfy some rule.
        """
        return replace(
            self,
            choice=self.choice[rows],
            values={name: value[rows] for name, value in self.values.items()},
            share_without_time=self.share_without_time[rows],
        )

    def _keys(self, objective: Objective) -> list[Floats]:
        """Give what structures are ranked by, the weightiest first; the rest is text order."""
        names = [objective, *(o for o in OBJECTIVES if o != objective)]
        return [self.share_without_time, *(self.values[name] for name in names)]

    def rank_of_row(self, row: int, objective: Objective) -> int:
        """Count the structures that stand before one, and itself.

        Parameters
        ----------
        row : int
            In text order, from 0.
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What they are ranked by.

        Returns
        -------
        int
            From 1 (best) to `count`.
        """
        alike: Ints = np.arange(self.count)
        before = 0
        for key in self._keys(objective):
            values, own = _no_time_last(key[alike]), _no_time_last(key[row : row + 1])[0]
            before += int(np.count_nonzero(values < own))
            same = np.flatnonzero(values == own)
            alike = alike[same]
        return 1 + before + int(np.searchsorted(alike, row))

    def best_rows(self, objective: Objective, n: int) -> Ints:
        """Find the best structures.

        Parameters
        ----------
        objective : {"mean_minutes", "worst_minutes", "ede_minutes"}
            What they are ranked by.
        n : int
            How many.

        Returns
        -------
        array of int
            Rows in text order, from 0, the best structure first.
        """
        keys = self._keys(objective)
        share, value, *_ = keys
        rows = np.flatnonzero(share <= _nth(share, n))
        if (share[rows] == share[rows[0]]).all():  # so that few are left to be sorted
            values = _no_time_last(value[rows])
            rows = rows[values <= _nth(values, n)]
        order = np.lexsort([_no_time_last(key[rows]) for key in reversed(keys)])
        return rows[order][:n]  # a stable sort: text order at the end


def _nth(values: Floats, n: int) -> float:
    """Give the value of which n are no greater; quick where many share the least."""
    least = values.min()
    if n >= len(values):
        return np.inf
    if np.count_nonzero(values == least) >= n:
        return float(least)
    return float(np.partition(values, n - 1)[n - 1])


def _no_time_last(values: Floats) -> Floats:
    missing = np.isnan(values)
    return np.where(missing, np.inf, values) if missing.any() else values


def _listed(names: Iterable[str]) -> str:
    return " or ".join(names)
