"""Scenarios × outlooks × profiles × groups in one tidy table, and who loses where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.measures import (
    Measured,
    ede_minutes,
    gainers_more_than,
    kolm_pollak_kappa,
    losers_more_than,
    losing_zones,
    mean_change_minutes,
    mean_minutes,
    median_minutes,
    people_within,
    percentile_minutes,
    person_hours_year,
    worst_minutes,
)
from navplan.nouns import Population, TravelTimes, Zones
from navplan.scenario import Scenario, own_minutes

By: TypeAlias = Literal["all", "area", "age"]
ALL: Final = "all"
COLUMNS: Final = (
    *("scenario", "outlook", "profile", "by", "group", "measure", "value", "unit"),
    *("share_without_time", "people"),
)
LIMITS: Final = (15, 30, 45, 60)
LOSSES: Final = (5, 10, 15)
GAINS: Final = (5,)
_P90: Final = 90

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Comparison:
    """What `compare` found.

    Parameters
    ----------
    table : DataFrame
        One row a scenario, outlook, profile, group and measure: `COLUMNS`.
    zone_minutes : DataFrame
        One row a scenario, profile and zone: ``office``, ``minutes`` [min], ``nearest``,
        ``nearest_minutes`` [min], ``reason``, ``change_minutes`` against the base [min].
    base : str
        Name of the scenario the others are compared with.
    kappa : mapping
        (outlook, profile) → κ of the equal equivalent, from the base [1/min].
    zones : Zones
        The zones.
    populations : mapping
        Outlook → residents.
    """

    table: pd.DataFrame
    zone_minutes: pd.DataFrame
    base: str
    kappa: Mapping[tuple[str, str], float]
    zones: Zones = field(repr=False)
    populations: Mapping[str, Population] = field(repr=False)

    def __repr__(self) -> str:
        names = ", ".join(self.table["scenario"].unique())
        return f"Comparison({names}; base {self.base}, {len(self.table):,} rows)"

    def _known(self, column: str, word: str | None) -> list[Fault]:
        known = list(self.table[column].unique())
        if word is None or word in known:
            return []
        given = f"{word!r} is not in the comparison."
        return [Fault("comparison", column, given, f"Known: {', '.join(map(str, known))}.")]

    def pivot(
        self,
        measure: str,
        *,
        by: By = "all",
        outlook: str | None = None,
        profile: str | None = None,
        column: Literal["value", "share_without_time", "people"] = "value",
    ) -> pd.DataFrame:
        """Lay one measure out with a scenario a row.

        Parameters
        ----------
        measure : str
            For example ``mean_minutes``.
        by : {"all", "area", "age"}
            Which groups.
        outlook, profile : str, optional
            Keep one; left out, each has columns of its own.
        column : {"value", "share_without_time", "people"}
            What stands in the cells; show the share beside a mean.

        Returns
        -------
        DataFrame
            Scenarios in the order compared; columns of what is not fixed.

        Raises
        ------
        InputError
            On an unknown measure, outlook or profile.
        """
        raise_faults(
            [
                *self._known("measure", measure),
                *self._known("by", by),
                *self._known("outlook", outlook),
                *self._known("profile", profile),
            ]
        )
        table = self.table
        chosen = table[(table["measure"] == measure) & (table["by"] == by)]
        across = []
        for key, word in (("outlook", outlook), ("profile", profile)):
            if word is None:
                across.append(key)
            else:
                chosen = chosen[chosen[key] == word]
        if by != ALL or not across:
            across.append("group")
        rows = list(dict.fromkeys(chosen["scenario"]))
        columns = list(dict.fromkeys(chosen[across].itertuples(index=False, name=None)))
        wide = chosen.set_index(["scenario", *across])[column].unstack(across)
        order = [c if len(across) > 1 else c[0] for c in columns]
        return wide.loc[rows, order]

    def losers(
        self,
        more_than_min: float = 10.0,
        *,
        scenario: str | None = None,
        outlook: str | None = None,
        profile: str | None = None,
    ) -> pd.DataFrame:
        """List the zones whose way gets longer by more than a limit, the longest loss first.

        Zones that lose their time altogether come first, with NaN as change.

        Parameters
        ----------
        more_than_min : float
            The limit, itself not included [min].
        scenario, outlook, profile : str, optional
            Keep one; left out, all.

        Returns
        -------
        DataFrame
            Columns ``scenario``, ``outlook``, ``profile``, ``zone``, ``name``, ``area``,
            ``people`` [persons], ``before``, ``after`` and ``change`` [min], ``reason``. Counts
            are not masked: use `results.Results` for what is published.

        Raises
        ------
        InputError
            On an unknown scenario, outlook or profile.
        """
        raise_faults(
            [
                *self._known("scenario", scenario),
                *self._known("outlook", outlook),
                *self._known("profile", profile),
            ]
        )
        minutes = self.zone_minutes
        base = minutes[minutes["scenario"] == self.base].set_index(["profile", "zone"])["minutes"]
        keys = pd.MultiIndex.from_frame(minutes[["profile", "zone"]])
        before = base.reindex(keys).to_numpy(dtype=float)
        after = minutes["minutes"].to_numpy(dtype=float)
        found = minutes.assign(before=before, after=after, change=after - before)
        found = found[losing_zones(before, after, limit=more_than_min)]
        for key, word in (("scenario", scenario), ("profile", profile)):
            if word is not None:
                found = found[found[key] == word]
        places = self.zones.table[["name", "area"]].reset_index(names="zone")
        found = found.merge(places, on="zone")
        parts = []
        for name, population in self.populations.items():
            if outlook in (None, name):
                people = population.people.reindex(found["zone"]).to_numpy(dtype=float)
                parts.append(found.assign(outlook=name, people=people))
        table = pd.concat(parts, ignore_index=True)
        table = table[table["people"] > 0]
        columns = ["scenario", "outlook", "profile", "zone", "name", "area", "people"]
        columns += ["before", "after", "change", "reason"]
        table = table.sort_values(
            ["scenario", "outlook", "profile", "change", "zone"],
            ascending=[True, True, True, False, True],
            na_position="first",
        )
        return table[columns].reset_index(drop=True)


@dataclass(frozen=True)
class _Case:
    """The minutes of one scenario beside the base's, and what the measures need."""

    own: _Floats
    nearest: _Floats
    before: _Floats
    kappa: float
    visits: float
    limits: Sequence[float]
    losses: Sequence[float]
    gains: Sequence[float]

    def measures(
        self, keep: npt.NDArray[np.bool_], people: _Floats
    ) -> Iterator[tuple[str, Measured]]:
        own, before, w = self.own[keep], self.before[keep], people[keep]
        yield "mean_minutes", mean_minutes(own, w)
        yield "median_minutes", median_minutes(own, w)
        yield "p90_minutes", percentile_minutes(own, w, percent=_P90)
        yield "worst_minutes", worst_minutes(own, w)
        yield "ede_minutes", ede_minutes(own, w, kappa=self.kappa)
        yield "mean_minutes_nearest", mean_minutes(self.nearest[keep], w)
        for limit in self.limits:
            yield f"within_{limit:g}", people_within(own, w, limit=limit)
        yield "person_hours_year", person_hours_year(own, w, visits_per_person=self.visits)
        yield "mean_change_minutes", mean_change_minutes(before, own, w)
        for limit in self.losses:
            yield f"lose_more_{limit:g}", losers_more_than(before, own, w, limit=limit)
        for limit in self.gains:
            yield f"gain_more_{limit:g}", gainers_more_than(before, own, w, limit=limit)


def _groups(
    zones: Zones, population: Population
) -> Iterator[tuple[By, str, npt.NDArray[np.bool_], _Floats]]:
    table = population.table.loc[zones.table.index]
    people = table.sum(axis=1).to_numpy(dtype=float)
    everyone = np.ones(len(zones), dtype=bool)
    area = zones.table["area"].to_numpy(dtype=object)
    yield "all", ALL, everyone, people
    for name in zones.areas:
        yield "area", name, area == name, people
    for age in population.ages:
        yield "age", age, everyone, table[age].to_numpy(dtype=float)


def base_kappa(
    base: Scenario, population: Population, times: TravelTimes, zones: Zones, *, epsilon: float = 1
) -> float:
    """Give the κ of the equal equivalent from the base scenario.

    Parameters
    ----------
    base : Scenario
        The scenario all are compared with.
    population : Population
        Residents.
    times : TravelTimes
        Minutes to at least the base's sites.
    zones : Zones
        The zones.
    epsilon : float
        Aversion to inequality, 0 (none) upwards.

    Returns
    -------
    float
        κ [1/min]; see `measures.kolm_pollak_kappa`.
    """
    own = own_minutes(base, times, zones)["minutes"]
    return kolm_pollak_kappa(own, population.people.loc[own.index], epsilon=epsilon)


def _check(
    scenarios: Sequence[Scenario],
    base: str,
    populations: Mapping[str, Population],
    times: Mapping[str, TravelTimes],
    zones: Zones,
) -> None:
    where = "comparison"
    names = [scenario.name for scenario in scenarios]
    faults = [
        Fault(where, "scenario", f"{name!r} stands more than once.", "Give each its own name.")
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if base not in names:
        known = f"Known: {', '.join(names)}."
        faults.append(Fault(where, "base", f"no scenario is called {base!r}.", known))
    for what, mapping in (("outlook", populations), ("profile", times)):
        if not mapping:
            faults.append(Fault(where, what, "there is none.", "Give at least one."))
    for name, population in populations.items():
        missing = zones.table.index.difference(population.table.index)
        if len(missing):
            given = f"{len(missing)} zones have no people, for example {missing[0]!r}."
            faults.append(Fault(where, f"outlook {name}", given, "Give every zone a row."))
    raise_faults(faults)


def compare(
    scenarios: Iterable[Scenario],
    *,
    base: str | Scenario,
    populations: Mapping[str, Population],
    times: Mapping[str, TravelTimes],
    zones: Zones,
    visits_per_person: float = 1.0,
    limits: Sequence[float] = LIMITS,
    losses: Sequence[float] = LOSSES,
    gains: Sequence[float] = GAINS,
) -> Comparison:
    """Measure every scenario under every outlook and profile, for all, by area and by age group.

    Parameters
    ----------
    scenarios : iterable of Scenario
        What is compared, in the order shown.
    base : str or Scenario
        What the others are compared with; put first if it is not among them.
    populations : mapping of str to Population
        Outlook → residents.
    times : mapping of str to TravelTimes
        Profile → minutes to at least every site of the scenarios.
    zones : Zones
        The zones.
    visits_per_person : float
        Return visits a resident makes in a year [1/year].
    limits : sequence of float
        Minutes for people within [min].
    losses, gains : sequence of float
        Minutes for people who lose or gain more [min].

    Returns
    -------
    Comparison
        The tidy table, and the minutes of each zone.

    Raises
    ------
    InputError
        If names repeat, the base is unknown, or the inputs do not fit each other.
    """
    chosen = list(scenarios)
    if isinstance(base, Scenario):
        if base not in chosen:
            chosen.insert(0, base)
        base = base.name
    _check(chosen, base, populations, times, zones)
    chosen_base = next(scenario for scenario in chosen if scenario.name == base)
    groups = {name: list(_groups(zones, people)) for name, people in populations.items()}
    kappa: dict[tuple[str, str], float] = {}
    rows: list[tuple[str | float, ...]] = []
    parts = []
    for profile, table in times.items():
        before = own_minutes(chosen_base, table, zones)["minutes"].to_numpy(dtype=float)
        for outlook in populations:
            everybody = groups[outlook][0][3]
            kappa[outlook, profile] = kolm_pollak_kappa(before, everybody)
        for scenario in chosen:
            own = own_minutes(scenario, table, zones)
            minutes = own["minutes"].to_numpy(dtype=float)
            nearest = own["nearest_minutes"].to_numpy(dtype=float)
            part = own.assign(change_minutes=minutes - before).reset_index(names="zone")
            part.insert(0, "profile", profile)
            part.insert(0, "scenario", scenario.name)
            parts.append(part)
            for outlook in populations:
                case = _Case(
                    minutes,
                    nearest,
                    before,
                    kappa[outlook, profile],
                    visits_per_person,
                    limits,
                    losses,
                    gains,
                )
                for by, group, keep, people in groups[outlook]:
                    rows += [
                        (
                            *(scenario.name, outlook, profile, by, group, measure),
                            *(found.value, found.unit, found.share_without_time, found.people),
                        )
                        for measure, found in case.measures(keep, people)
                    ]
    tidy = pd.DataFrame(rows, columns=list(COLUMNS))
    zone_minutes = pd.concat(parts, ignore_index=True)
    return Comparison(tidy, zone_minutes, base, kappa, zones, populations)
