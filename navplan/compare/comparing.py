"""Every scenario under every outlook and profile, for all, by area and by age group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from navplan.compare.comparison import Comparison
from navplan.compare.tables import Case, Limits, People, by_zone, tidy
from navplan.errors import Fault, raise_faults
from navplan.measures import Distribution, kolm_pollak_kappa
from navplan.nouns import Population, TravelTimes, Zones
from navplan.scenario import Scenario, own_minutes
from navplan.scenario.minutes import own_arrays, zone_areas

LIMITS: Final = (15, 30, 45, 60)
LOSSES: Final = (5, 10, 15)
GAINS: Final = (5,)


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
    visits_per_person: float,
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
        if np.isinf(population.table.to_numpy(dtype=float)).any():
            faults.append(Fault(where, f"outlook {name}", "a count of people is infinite."))
    if not 0 <= visits_per_person < np.inf:
        given = f"{visits_per_person:g}; expected zero or more."
        faults.append(Fault(where, "visits_per_person", given))
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
        If names repeat, the base is unknown, the inputs do not fit each other, or the visits are
        negative.
    """
    chosen = list(scenarios)
    if isinstance(base, Scenario):
        if base not in chosen:
            chosen.insert(0, base)
        base = base.name
    _check(chosen, base, populations, times, zones, visits_per_person)
    places = zone_areas(zones)
    people = People.of(populations, places)
    kappa: dict[tuple[str, str], float] = {}
    cases = []
    for profile, found in times.items():
        own = {scenario.name: own_arrays(scenario, found, places) for scenario in chosen}
        before = own[base].minutes
        steep = Distribution(before, people.everybody).kappa()
        kappa |= {(name, profile): float(k) for name, k in zip(populations, steep, strict=True)}
        cases += [Case(name, profile, minutes, before, steep) for name, minutes in own.items()]
    asked = Limits(visits_per_person, limits, losses, gains)
    table = tidy(cases, people, asked)
    return Comparison(table, by_zone(cases, places.index), base, kappa, zones, populations)
