"""Before and after: the mean change, who loses and who gains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from navplan.measures.groups import Groups, per_head
from navplan.measures.measured import Floats, Marks, Measured, MeasuredGroups, Numbers, numbers

# A difference of two sums of minutes may miss a limit by rounding alone.
_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Change:
    """What a change of minutes means to several groups.

    Parameters
    ----------
    before, after : array, shape (zones,)
        Minutes z and z' [min]; NaN = no time.
    groups : Groups
        Who lives there.
    """

    before: Floats
    after: Floats
    groups: Groups

    @cached_property
    def _had(self) -> Marks:
        return ~np.isnan(self.before)

    @cached_property
    def _has(self) -> Marks:
        return ~np.isnan(self.after)

    @cached_property
    def _longer(self) -> Floats:
        """``z' − z``, NaN (never more than a limit) without a time before or after."""
        return self.after - self.before

    @cached_property
    def _share_unknown(self) -> Floats:
        return self.groups.share(~self._had & ~self._has)

    def _count(self, marked: Marks) -> MeasuredGroups:
        count, everybody = self.groups.sum(marked), self.groups.everybody
        return MeasuredGroups(count, "persons", self._share_unknown, everybody)

    def mean(self) -> MeasuredGroups:
        """Mean change of those with a time before and after, ``Σ w (z' − z) / Σ w``.

        Returns
        -------
        MeasuredGroups
            In minutes.
        """
        both = self._had & self._has
        longer = self.groups.sum(np.where(both, self._longer, 0.0))
        value = per_head(longer, self.groups.sum(both))
        return MeasuredGroups(value, "min", self.groups.share(~both), self.groups.everybody)

    def losing(self, limit: float) -> Marks:
        """Zones with ``z' − z > limit``, and those that lose their time altogether.

        Parameters
        ----------
        limit : float
            The limit, itself not included [min].

        Returns
        -------
        array of bool, shape (zones,)
            One a zone.
        """
        return (self._had & ~self._has) | (self._longer > limit + _TOLERANCE)

    def losers(self, limit: float) -> MeasuredGroups:
        """People in the zones that lose more than a limit, see `losing`.

        Parameters
        ----------
        limit : float
            The limit, itself not included [min].

        Returns
        -------
        MeasuredGroups
            In persons.
        """
        return self._count(self.losing(limit))

    def gainers(self, limit: float) -> MeasuredGroups:
        """People in the zones with ``z − z' > limit``, and in those that get a time.

        Parameters
        ----------
        limit : float
            The limit, itself not included [min].

        Returns
        -------
        MeasuredGroups
            In persons.
        """
        return self._count((~self._had & self._has) | (-self._longer > limit + _TOLERANCE))


def _change(what: str, before: Numbers, after: Numbers, people: Numbers) -> Change:
    old, new, w = numbers(what, before, after, people)
    return Change(old, new, Groups(w[np.newaxis]))


def mean_change_minutes(before: Numbers, after: Numbers, people: Numbers) -> Measured:
    """Mean of after − before over the people with a time in both.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].

    Returns
    -------
    Measured
        In minutes; positive means longer. The share is of those who lack a time before, after or
        both, among them everybody who lost or got a time: read it together with
        `losers_more_than`.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return _change("mean_change_minutes", before, after, people).mean().first


def losing_zones(before: Numbers, after: Numbers, *, limit: float) -> Marks:
    """Zones whose way gets more than a limit longer, or that lose their time altogether.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    limit : float
        The limit, itself not included [min].

    Returns
    -------
    array of bool
        One a zone.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return _change("losing_zones", before, after, np.zeros(len(before))).losing(limit)


def losers_more_than(before: Numbers, after: Numbers, people: Numbers, *, limit: float) -> Measured:
    """People whose way gets more than a limit longer.

    Zones that had a time and have none afterwards count as losers whatever the limit.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    limit : float
        The limit, itself not included [min].

    Returns
    -------
    Measured
        In persons; the share is of those without a time both before and after, of whom nothing
        can be said.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return _change("losers_more_than", before, after, people).losers(limit).first


def gainers_more_than(
    before: Numbers, after: Numbers, people: Numbers, *, limit: float
) -> Measured:
    """People whose way gets more than a limit shorter.

    Zones that had no time and have one afterwards count as gainers whatever the limit.

    Parameters
    ----------
    before, after : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    limit : float
        The limit, itself not included [min].

    Returns
    -------
    Measured
        In persons; the share is of those without a time both before and after.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return _change("gainers_more_than", before, after, people).gainers(limit).first
