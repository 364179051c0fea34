"""Before and after: the mean change, who loses and who gains."""

from __future__ import annotations

import numpy as np

from navplan.measures.groups import Change, Groups
from navplan.measures.measured import Marks, Measured, Numbers, numbers


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
