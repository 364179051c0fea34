"""The measures of every case as columns, made without looking at each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.compare.comparison import ALL, By
from navplan.measures import Change, Distribution, Groups, MeasuredGroups
from navplan.nouns import Population
from navplan.scenario.minutes import OwnMinutes, ZoneAreas

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.intp]

# Groups × zones that are worked on at once: 8 MB a matrix, however large the study.
_CELLS: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class People:
    """Everybody the tidy table has rows about: all, each area and each age group of each outlook.

    Parameters
    ----------
    outlooks : tuple of str
        Names of the outlooks.
    outlook : array, shape (groups,)
        Each group's position in `outlooks`.
    by, name : tuple of str, length groups
        What kind of group it is, and which.
    residents : array, shape (groups, zones)
        Residents; none in the zones of other areas [persons].
    """

    outlooks: tuple[str, ...]
    outlook: _Numbers
    by: tuple[By, ...]
    name: tuple[str, ...]
    residents: _Floats

    @classmethod
    def of(cls, populations: Mapping[str, Population], zones: ZoneAreas) -> People:
        """Lay the people of all outlooks out by group.

        Parameters
        ----------
        populations : mapping of str to Population
            Outlook → residents of at least the zones.
        zones : ZoneAreas
            From `navplan.scenario.minutes.zone_areas`.

        Returns
        -------
        People
            By outlook, and in each all, areas and ages.
        """
        rows: list[tuple[int, By, str, _Floats]] = []
        inside = zones.area == np.arange(len(zones.names))[:, np.newaxis]
        for number, population in enumerate(populations.values()):
            order = population.table.index.get_indexer(zones.index)
            ages = population.table.to_numpy(dtype=float)[order].T
            people = ages.sum(axis=0)
            rows.append((number, "all", ALL, people))
            for name, here in zip(zones.names, inside, strict=True):
                rows.append((number, "area", name, np.where(here, people, 0.0)))
            for name, one in zip(population.ages, ages, strict=True):
                rows.append((number, "age", name, one))
        outlook, by, names, residents = zip(*rows, strict=True)
        return cls(tuple(populations), np.array(outlook), by, names, np.array(residents))

    @property
    def everybody(self) -> Groups:
        """All residents, a row an outlook."""
        return Groups(self.residents[[kind == "all" for kind in self.by]])

    def blocks(self) -> list[tuple[slice, Groups]]:
        """Cut the groups into runs that are not too many numbers to work on at once.

        Returns
        -------
        list of tuple
            Which groups, and the groups.
        """
        groups, zones = self.residents.shape
        step = max(1, _CELLS // max(1, zones))
        runs = [slice(start, start + step) for start in range(0, groups, step)]
        return [(run, Groups(self.residents[run])) for run in runs]


@dataclass(frozen=True, eq=False)
class Case:
    """One scenario under one profile.

    Parameters
    ----------
    scenario, profile : str
        Their names.
    own : OwnMinutes
        The scenario's minutes.
    before : array, shape (zones,)
        The base's minutes [min].
    kappa : array, shape (outlooks,)
        κ of the equal equivalent, from the base [1/min].
    """

    scenario: str
    profile: str
    own: OwnMinutes
    before: _Floats
    kappa: _Floats


@dataclass(frozen=True)
class Limits:
    """What the measures are asked for.

    Parameters
    ----------
    visits : float
        Return visits a resident makes in a year [1/year].
    within, losses, gains : sequence of float
        Minutes for people within, and for people who lose or gain more [min].
    """

    visits: float
    within: Sequence[float]
    losses: Sequence[float]
    gains: Sequence[float]


def _measures(
    case: Case, groups: Groups, kappa: _Floats, limits: Limits
) -> Iterator[tuple[str, MeasuredGroups]]:
    own = Distribution(case.own.minutes, groups)
    change = Change(case.before, case.own.minutes, groups)
    yield "mean_minutes", own.mean()
    yield "median_minutes", own.percentile(50)
    yield "p90_minutes", own.percentile(90)
    yield "worst_minutes", own.worst()
    yield "ede_minutes", own.ede(kappa)
    yield "mean_minutes_nearest", Distribution(case.own.nearest_minutes, groups).mean()
    for limit in limits.within:
        yield f"within_{limit:g}", own.within(limit)
    yield "person_hours_year", own.person_hours_year(limits.visits)
    yield "mean_change_minutes", change.mean()
    for limit in limits.losses:
        yield f"lose_more_{limit:g}", change.losers(limit)
    for limit in limits.gains:
        yield f"gain_more_{limit:g}", change.gainers(limit)


def _spread(names: Sequence[str], positions: _Numbers) -> pd.api.extensions.ExtensionArray:
    return pd.Series(names).array.take(positions)


def tidy(cases: Sequence[Case], people: People, limits: Limits) -> pd.DataFrame:
    """Measure every case for every group.

    Parameters
    ----------
    cases : sequence of Case
        In the order of the rows.
    people : People
        The groups.
    limits : Limits
        What the measures are asked for.

    Returns
    -------
    DataFrame
        Columns `navplan.compare.COLUMNS`; by case, group and measure.
    """
    blocks = people.blocks()
    units: dict[str, str] = {}
    numbers = []
    for case in cases:
        kappa = case.kappa[people.outlook]
        parts = []
        for run, groups in blocks:
            found = dict(_measures(case, groups, kappa[run], limits))
            parts.append([(m.value, m.share_without_time, m.people) for m in found.values()])
            units |= {name: measured.unit for name, measured in found.items()}
        numbers.append(np.concatenate(parts, axis=2))
    # cases × measures × (value, share, people) × groups → three columns
    value, share, count = np.array(numbers).transpose(2, 0, 3, 1).reshape(3, -1)
    shape = (len(cases), len(people.name), len(units))
    at_case, at_group, at_measure = np.indices(shape).reshape(3, -1)
    return pd.DataFrame(
        {
            "scenario": _spread([case.scenario for case in cases], at_case),
            "outlook": _spread(people.outlooks, people.outlook[at_group]),
            "profile": _spread([case.profile for case in cases], at_case),
            "by": _spread(people.by, at_group),
            "group": _spread(people.name, at_group),
            "measure": _spread(tuple(units), at_measure),
            "value": value,
            "unit": _spread(tuple(units.values()), at_measure),
            "share_without_time": share,
            "people": count,
        },
        copy=False,
    )


def by_zone(cases: Sequence[Case], zones: pd.Index) -> pd.DataFrame:
    """Put the minutes of every case below each other.

    Parameters
    ----------
    cases : sequence of Case
        In the order of the rows.
    zones : Index
        The zones.

    Returns
    -------
    DataFrame
        ``scenario``, ``profile``, ``zone``, the columns of `navplan.scenario.own_minutes`, and
        ``change_minutes`` against the base [min].
    """
    at_case, at_zone = np.indices((len(cases), len(zones))).reshape(2, -1)
    own = [vars(case.own) for case in cases]
    columns = {name: np.concatenate([one[name] for one in own]) for name in own[0]}
    before = np.concatenate([case.before for case in cases])
    return pd.DataFrame(
        {
            "scenario": _spread([case.scenario for case in cases], at_case),
            "profile": _spread([case.profile for case in cases], at_case),
            "zone": zones.take(at_zone),
            **columns,
            "change_minutes": columns["minutes"] - before,
        },
        copy=False,
    )
