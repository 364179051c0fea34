"""How many are within a limit, and how many hours all the visits take."""

from __future__ import annotations

from navplan.errors import Fault, raise_faults
from navplan.measures.groups import Distribution
from navplan.measures.measured import Measured, Numbers


def people_within(minutes: Numbers, people: Numbers, *, limit: float) -> Measured:
    """People whose way takes no more than a limit.

    Those without a time are not within; their share stands beside.

    Parameters
    ----------
    minutes : Series or array
        Minutes by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    limit : float
        The limit, itself included [min].

    Returns
    -------
    Measured
        In persons.

    Raises
    ------
    InputError
        If the columns do not fit each other.
    """
    return Distribution.of("people_within", minutes, people).within(limit).first


def person_hours_year(
    minutes: Numbers, people: Numbers, *, visits_per_person: float = 1.0
) -> Measured:
    """Hours that all return visits of a year take on the way.

    Twice the minutes, times people, times visits. Visits of those without a time are left out:
    compare scenarios only where the share is the same.

    Parameters
    ----------
    minutes : Series or array
        Minutes one way by zone [min]; NaN = no time.
    people : Series or array
        Residents by zone [persons].
    visits_per_person : float
        Return visits a resident makes in a year [1/year].

    Returns
    -------
    Measured
        In hours a year.

    Raises
    ------
    InputError
        If the columns do not fit each other, or the visits are negative.
    """
    if not visits_per_person >= 0:
        given = f"{visits_per_person:g}; expected zero or more."
        raise_faults([Fault("person_hours_year", "visits_per_person", given)])
    return (
        Distribution.of("person_hours_year", minutes, people)
        .person_hours_year(visits_per_person)
        .first
    )
