"""The formula of every measure, for several groups of people at once.

The groups live in the same zones: they share the minutes z of each zone, and a group has a row of
people w. Nobody of a group lives in a zone where its w is 0, so such a zone never counts for it.
Only `Distribution.of` checks anything: the functions of this package that measure one group are
the checked way in, and tell when to use which measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from navplan.measures.measured import Floats, Marks, MeasuredGroups, Numbers, numbers
from navplan.units import SECONDS_PER_MINUTE

_MINUTES_PER_HOUR = SECONDS_PER_MINUTE
_WAYS = 2  # there and home again
# Below this κ·(longest time) the exponential loses more to rounding than it differs from the mean.
_FLAT = 1e-7
# Keeps a sum of fractional people from stepping one zone past the percentile.
_ALMOST = 1 - 1e-12


def per_head(sums: Floats, people: Floats) -> Floats:
    """Divide sums by people.

    Parameters
    ----------
    sums, people : array, shape (groups,)
        Sums over the people, and the people [persons].

    Returns
    -------
    array, shape (groups,)
        Sums a head, NaN where there are no people.
    """
    means: Floats = np.divide(sums, people, out=np.full(len(people), np.nan), where=people > 0)
    return means


def is_flat(kappa: float | Floats, longest: float | Floats) -> np.bool_ | Marks:
    """Tell whether κ is so small that the equal equivalent is the mean.

    Parameters
    ----------
    kappa : float or array
        Aversion to inequality [1/min].
    longest : float or array
        Longest time [min].

    Returns
    -------
    bool, or array of bool for arrays
        True where the two differ by less than a ten-millionth of the longest time.
    """
    return np.less(np.multiply(kappa, longest), _FLAT)


@dataclass(frozen=True, eq=False)
class Groups:
    """Several groups of people in the same zones.

    Parameters
    ----------
    people : array, shape (groups, zones)
        Residents w, finite and not negative [persons].
    """

    people: Floats

    def sum(self, each: Floats | Marks) -> Floats:
        """``Σ w x`` of each group.

        Parameters
        ----------
        each : array, shape (zones,)
            The x of each zone; marks count as 1.

        Returns
        -------
        array, shape (groups,)
            Summed row by row, so that no group's sum depends on which others are beside it.
        """
        sums: Floats = np.vecdot(self.people, each.astype(float))
        return sums

    def share(self, marked: Marks) -> Floats:
        """Share of each group in the marked zones.

        Parameters
        ----------
        marked : array of bool, shape (zones,)
            The zones.

        Returns
        -------
        array, shape (groups,)
            Between 0 and 1; NaN where there are no people.
        """
        return per_head(self.sum(marked), self.everybody)

    @cached_property
    def everybody(self) -> Floats:
        """``Σ w`` of each group [persons]."""
        return self.sum(np.ones(self.people.shape[1]))


@dataclass(frozen=True, eq=False)
class Distribution:
    """How the minutes of several groups are spread.

    Zones without a time are left out of every value; the share of the people in them stands
    beside it.

    Parameters
    ----------
    minutes : array, shape (zones,)
        Minutes z [min]; NaN = no time.
    groups : Groups
        Who lives there.
    """

    minutes: Floats
    groups: Groups

    @classmethod
    def of(cls, what: str, minutes: Numbers, people: Numbers) -> Self:
        """Check the minutes and people of one group, and put them together.

        Parameters
        ----------
        what : str
            The measure, for the faults.
        minutes, people : Series or array, shape (zones,)
            Minutes [min], NaN = no time, and residents [persons].

        Returns
        -------
        Distribution
            Of that group alone.

        Raises
        ------
        InputError
            If the columns do not fit each other.
        """
        z, w = numbers(what, minutes, people)
        return cls(z, Groups(w[np.newaxis]))

    @cached_property
    def _timed(self) -> Marks:
        return ~np.isnan(self.minutes)

    @cached_property
    def _share_without(self) -> Floats:
        return self.groups.share(~self._timed)

    @cached_property
    def _reached(self) -> Floats:
        """People with a time."""
        return self.groups.sum(self._timed)

    @cached_property
    def _z(self) -> Floats:
        """Minutes, 0 where there is no time."""
        return np.where(self._timed, self.minutes, 0.0)

    @cached_property
    def _burden(self) -> Floats:
        """All the minutes, Σ w z."""
        return self.groups.sum(self._z)

    @cached_property
    def _sorted(self) -> tuple[Floats, Floats]:
        """Times from short to long, and the people of each group who have each."""
        order = np.argsort(self.minutes, kind="stable")[: np.count_nonzero(self._timed)]  # NaN last
        return self.minutes[order], self.groups.people.take(order, axis=1)

    @cached_property
    def _risen(self) -> Floats:
        """People who have each time of `_sorted` or a shorter one."""
        return self._sorted[1].cumsum(axis=1)

    @cached_property
    def _longest(self) -> Floats:
        z, w = self._sorted
        return self._first((w > 0)[:, ::-1], z[::-1])

    def _first(self, marked: Marks, z: Floats) -> Floats:
        """First z that is marked for each group, NaN where nobody has a time."""
        if not len(z):
            return np.full(len(self._reached), np.nan)
        return np.where(self._reached > 0, z[marked.argmax(axis=1)], np.nan)

    def _measured(self, value: Floats, unit: str) -> MeasuredGroups:
        return MeasuredGroups(value, unit, self._share_without, self.groups.everybody)

    def mean(self) -> MeasuredGroups:
        """Mean minutes of a resident, ``Σ w z / Σ w``.

        Returns
        -------
        MeasuredGroups
            In minutes.
        """
        return self._measured(per_head(self._burden, self._reached), "min")

    def percentile(self, percent: float) -> MeasuredGroups:
        """Smallest z with ``Σ w [z' ≤ z] ≥ percent · Σ w``.

        Parameters
        ----------
        percent : float
            Above 0 and at most 100 [%].

        Returns
        -------
        MeasuredGroups
            In minutes.
        """
        wanted = percent / 100 * self._risen[:, -1:] * _ALMOST
        return self._measured(self._first(self._risen >= wanted, self._sorted[0]), "min")

    def worst(self) -> MeasuredGroups:
        """Longest z of a zone where w > 0.

        Returns
        -------
        MeasuredGroups
            In minutes.
        """
        return self._measured(self._longest, "min")

    def kappa(self, epsilon: float = 1.0) -> Floats:
        """Aversion to inequality per minute, ``κ = ε · Σ w z / Σ w z²``.

        Parameters
        ----------
        epsilon : float
            Aversion to inequality, 0 (none) upwards.

        Returns
        -------
        array, shape (groups,)
            κ [1/min]; 0 where all times are 0 or nobody has one.
        """
        squares = self.groups.sum(self._z**2)
        return np.where(squares > 0, epsilon * per_head(self._burden, squares), 0.0)

    def ede(self, kappa: Floats) -> MeasuredGroups:
        """Kolm–Pollak equal equivalent, ``(1/κ) · ln(Σ w exp(κ z) / Σ w)``.

        Parameters
        ----------
        kappa : array, shape (groups,)
            κ of each group [1/min]; where it is next to nothing, the value is the mean.

        Returns
        -------
        MeasuredGroups
            In minutes.
        """
        value = per_head(self._burden, self._reached)
        steep = (self._reached > 0) & ~is_flat(kappa, self._longest)
        k, longest = kappa[steep], self._longest[steep]
        # Measured from the longest time nothing overflows; nobody of the group is beyond it.
        nearer = np.minimum(self._z - longest[:, np.newaxis], 0)
        weights = np.exp(k[:, np.newaxis] * nearer) * self._timed
        mass = np.vecdot(self.groups.people[steep], weights) / self._reached[steep]
        value[steep] = longest + np.log(mass) / k
        return self._measured(value, "min")

    def within(self, limit: float) -> MeasuredGroups:
        """People whose way takes no more than a limit, ``Σ w [z ≤ limit]``.

        Parameters
        ----------
        limit : float
            The limit, itself included [min].

        Returns
        -------
        MeasuredGroups
            In persons.
        """
        return self._measured(self.groups.sum(self.minutes <= limit), "persons")

    def gini(self) -> MeasuredGroups:
        """Gini coefficient, ``Σ Σ w w' |z − z'| / (2 Σ w Σ w z)``.

        Returns
        -------
        MeasuredGroups
            Between 0 and 1, a pure number; 0 where all times are 0.
        """
        z, w = self._sorted
        # Of the pairs of two times the later one has the longer: Σ w z (people before − after).
        before = self._risen - w
        after = self._reached[:, np.newaxis] - self._risen
        apart = np.vecdot(w * (before - after), z)
        level = self._reached * self._burden
        value = np.divide(apart, level, out=np.zeros(len(level)), where=level > 0)
        return self._measured(np.where(self._reached > 0, np.maximum(value, 0.0), np.nan), "1")

    def jain(self) -> MeasuredGroups:
        """Jain's index, ``(Σ w z)² / (Σ w Σ w z²)``.

        Returns
        -------
        MeasuredGroups
            Above 0 and at most 1 (all alike), a pure number; 1 where all times are 0.
        """
        squares = self._reached * self.groups.sum(self._z**2)
        value = np.divide(self._burden**2, squares, out=np.ones(len(squares)), where=squares > 0)
        return self._measured(np.where(self._reached > 0, np.minimum(value, 1.0), np.nan), "1")

    def tail_mean(self, share: float) -> MeasuredGroups:
        """Mean minutes of the share of the people with the longest times.

        Parameters
        ----------
        share : float
            Above 0 and at most 1; the zone on the boundary counts in part.

        Returns
        -------
        MeasuredGroups
            In minutes.
        """
        z, w = self._sorted
        wanted = share * self._reached
        # What of each zone lies above the quantile: all beyond it, the boundary in part.
        longer = self._reached[:, np.newaxis] - self._risen
        counted = np.clip(wanted[:, np.newaxis] - longer, 0.0, w)
        return self._measured(per_head(np.vecdot(counted, z), counted.sum(axis=1)), "min")

    def person_hours_year(self, visits_per_person: float) -> MeasuredGroups:
        """Hours of all return visits of a year, ``2 · visits · Σ w z / 60``.

        Parameters
        ----------
        visits_per_person : float
            Return visits a resident makes in a year [1/year].

        Returns
        -------
        MeasuredGroups
            In hours a year; NaN where people live, none of them with a time.
        """
        hours = self._burden * _WAYS * visits_per_person / _MINUTES_PER_HOUR
        unknown = (self.groups.everybody > 0) & (self._reached == 0)
        return self._measured(np.where(unknown, np.nan, hours), "h")
