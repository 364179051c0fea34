"""What is asked of a location: the people, the times, the sites and the rules, as a noun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.locate.inputs import Matrix, matrix
from navplan.nouns import Offices, TravelTimes, Zones

Aim: TypeAlias = Literal[
    "mean_minutes",
    "worst_minutes",
    "worst_then_mean",
    "ede_minutes",
    "tail_minutes",
    "people_beyond",
    "offices",
]
AIMS: Final[tuple[Aim, ...]] = (
    "mean_minutes",
    "worst_minutes",
    "worst_then_mean",
    "ede_minutes",
    "tail_minutes",
    "people_beyond",
    "offices",
)
"""What can be minimised: see `LocationProblem`."""

WithoutTime: TypeAlias = Literal["fewest", "refuse"]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Together:
    """Sites of which only so many may be open, or must be.

    Parameters
    ----------
    sites : tuple of str
        Ids.
    least, most : int
        How many of them are open.
    """

    sites: tuple[str, ...]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Budget:
    """What opening and closing costs, and how much there is.

    Parameters
    ----------
    amount : float
        All there is [NOK, or any other unit].
    opening : mapping of str to float
        Site → cost of opening it; none for sites that are not named.
    closing : mapping of str to float
        Existing office → cost of closing it; none for those that are not named.
    """

    amount: float
    opening: Mapping[str, float] = field(hash=False)
    closing: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Staff:
    """How many people each office can serve, and how few it may.

    Parameters
    ----------
    most : mapping of str to float
        Site → residents it can serve at most [persons]; no limit for sites that are not named.
    least : float
        Residents an office must serve at least [persons].
    """

    most: Mapping[str, float] = field(hash=False)
    least: float = 0.0


@dataclass(frozen=True)
class WholeAreas:
    """Whole areas belong to one office each, as when bydeler are merged.

    Parameters
    ----------
    neighbours : tuple of pairs of str
        Areas that share a border people can cross; water does not connect unless it is named.
    contiguous : bool
        Whether the areas of an office must hang together.
    inside : bool
        Whether an office must lie in one of its own areas.
    regions : mapping of str to str
        Area → region; an area and its office's area then lie in the same region.
    share : tuple of pairs of str
        Areas that must have the same office.
    apart : tuple of pairs of str
        Areas that must not have the same office.
    """

    neighbours: tuple[tuple[str, str], ...] = ()
    contiguous: bool = True
    inside: bool = True
    regions: Mapping[str, str] = field(default_factory=dict, hash=False)
    share: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class LocationProblem:
    """The question where so many offices should lie.

    Every resident goes to the nearest open office in time, unless `areas` or `staff` say
    otherwise. What can be minimised (`minimise`):

    - ``mean_minutes``: the p-median [1]_; the total burden of travel.
    - ``worst_minutes``: the p-centre; the longest way of all.
    - ``worst_then_mean``: the least possible longest way, and among those the least mean.
    - ``ede_minutes``: Kolm–Pollak equally-distributed equivalent [2]_: as if everyone travelled x.
    - ``tail_minutes``: mean of the people who travel longest (`tail`; conditional value at risk).
    - ``people_beyond``: people farther than `limit_min` from any office (maximal covering).
    - ``offices``: how few offices are enough for everyone to be within `limit_min`
      (set covering); `count` is not used.

    Gini and Jain are never minimised: they can improve by making it worse for those who live near.

    Parameters
    ----------
    times : TravelTimes
        Minutes to at least the sites.
    people : Series
        Residents by zone [persons].
    zones : Zones
        The zones and their areas.
    offices : Offices
        Existing offices and possible sites.
    count : int
        Number of offices.
    minimise : str
        One of `AIMS`.
    sites : tuple of str, optional
        Where offices may lie; left out, every site of `offices`.
    keep : tuple of str
        Sites that must be open.
    close : tuple of str
        Sites that must not be open.
    limit_min : float, optional
        With ``people_beyond`` and ``offices`` the limit that counts [min]; otherwise nobody who can
        be served at all may have longer than this.
    kappa : float
        Aversion to inequality [1/min]; see `measures.kolm_pollak_kappa`.
    tail : float
        Share of the people that is the tail [0–1].
    without_time : {"fewest", "refuse"}
        Zones that have no time to some sites. ``fewest``: as few people as possible are left
        without a time, and among such choices the aim decides; zones without a time to any site
        are counted and left out. ``refuse``: everybody must have a time.
    together : tuple of Together
        Sites of which so many must or may be open.
    budget : Budget, optional
        Costs of opening and closing.
    staff : Staff, optional
        How many people an office can serve; each zone then has one office, not always the nearest.
    areas : WholeAreas, optional
        Whole areas belong to one office each.

    Raises
    ------
    InputError
        With all faults, if the parts do not fit each other.

    References
    ----------
    .. [1] S. L. Hakimi, "Optimum locations of switching centers and the absolute centers and
       medians of a graph", Operations Research 12 (1964), doi:10.1287/opre.12.3.450
    .. [2] T. M. Logan et al., "Measuring inequalities in urban systems", CEUS 86 (2021),
       doi:10.1016/j.compenvurbsys.2020.101590
    """

    times: TravelTimes
    people: pd.Series[float]
    zones: Zones
    offices: Offices
    count: int
    minimise: Aim = "mean_minutes"
    sites: tuple[str, ...] | None = None
    keep: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    limit_min: float | None = None
    kappa: float = 0.0
    tail: float = 0.1
    without_time: WithoutTime = "fewest"
    together: tuple[Together, ...] = ()
    budget: Budget | None = None
    staff: Staff | None = None
    areas: WholeAreas | None = None

    def __post_init__(self) -> None:
        raise_faults([*self._aim_faults(), *self._site_faults()])

    def __repr__(self) -> str:
        return (
            f"LocationProblem({self.count} of {len(self.allowed)} sites, {self.minimise}, "
            f"{self.times.profile.name})"
        )

    @property
    def allowed(self) -> tuple[str, ...]:
        """Sites that may be open, sorted."""
        named = self.offices.table.index if self.sites is None else self.sites
        return tuple(sorted(set(named) - set(self.close)))

    @cached_property
    def data(self) -> Matrix:
        """Minutes of the inhabited zones to the allowed sites, checked and aligned."""
        return matrix(
            self.times, self.people, zones=self.zones, sites=self.allowed, kappa=self.kappa
        )

    @cached_property
    def served(self) -> Marks:
        """Inhabited zones that have a time to some allowed site, as `data` has them."""
        return np.asarray(np.isfinite(self.data.minutes).any(axis=1))

    @property
    def inhabited(self) -> pd.Index:
        """Ids of the zones that `data` holds: those where people live."""
        index: pd.Index = self.zones.table.index
        return index[self.people.loc[index].to_numpy() > 0]

    def marked(self, sites: tuple[str, ...]) -> Marks:
        """Mark some of the allowed sites.

        Parameters
        ----------
        sites : tuple of str
            Ids.

        Returns
        -------
        array of bool, shape (sites,)
            One for each of `allowed`.
        """
        return np.isin(np.array(self.allowed, dtype=object), list(sites))

    def _aim_faults(self) -> list[Fault]:
        where, faults = "location problem", []
        if self.minimise not in AIMS:
            known = f"Known: {', '.join(AIMS)}."
            faults.append(Fault(where, "minimise", f"{self.minimise!r} is not known.", known))
        if self.count < 1:
            faults.append(Fault(where, "count", f"{self.count} offices; expected at least 1."))
        if self.limit_min is None:
            if self.minimise in ("people_beyond", "offices"):
                faults.append(Fault(where, "limit_min", "is not given.", "Say which limit counts."))
        elif not 0 <= self.limit_min < float("inf"):
            given = f"{self.limit_min:g}; expected minutes from 0."
            faults.append(Fault(where, "limit_min", given))
        if not 0 < self.tail <= 1:
            faults.append(Fault(where, "tail", f"{self.tail:g}; expected above 0 and at most 1."))
        whole = self.staff is not None or self.areas is not None
        if whole and self.minimise != "mean_minutes":
            given = f"{self.minimise!r} cannot be asked with staff or whole areas."
            faults.append(
                Fault(where, "minimise", given, "Ask for mean_minutes, or rank them all.")
            )
        faults += [
            Fault(where, rule, f"cannot be asked with {what}.", "Rank every structure, or drop it.")
            for rule, given in (
                ("together", bool(self.together)),
                ("budget", self.budget is not None),
                ("limit_min", whole and self.limit_min is not None),
            )
            for what in ["staff or whole areas" if whole else self.minimise]
            if given and (whole or self.minimise not in ("mean_minutes", "ede_minutes"))
        ]
        if self.without_time not in ("fewest", "refuse"):
            given = f"{self.without_time!r} is not known."
            faults.append(Fault(where, "without_time", given, "Known: fewest, refuse."))
        return faults

    def _site_faults(self) -> list[Fault]:
        where = "location problem"
        known = set(self.offices.table.index)
        named = {"sites": self.sites or (), "keep": self.keep, "close": self.close}
        named |= {f"together[{i}]": rule.sites for i, rule in enumerate(self.together)}
        if self.budget is not None:
            named["budget"] = (*self.budget.opening, *self.budget.closing)
        if self.staff is not None:
            named["staff"] = tuple(self.staff.most)
        faults = [
            Fault(where, key, f"no site is called {site!r}.", "See the table of offices.")
            for key, sites in named.items()
            for site in sites
            if site not in known
        ]
        faults += [
            Fault(where, "keep", f"{site!r} must be open and must not be.", "Choose one.")
            for site in self.keep
            if site in self.close
        ]
        barred = set(self.keep) & known - set(self.allowed) - set(self.close)
        faults += [
            Fault(where, "keep", f"{site!r} must be open but is not among the sites.", "Add it.")
            for site in sorted(barred)
        ]
        return [*faults, *self._area_faults()]

    def _area_faults(self) -> list[Fault]:
        if self.areas is None:
            return []
        where, known = "location problem", set(self.zones.areas)
        pairs = {name: getattr(self.areas, name) for name in ("neighbours", "share", "apart")}
        named = {name: [area for pair in some for area in pair] for name, some in pairs.items()}
        named["regions"] = list(self.areas.regions)
        faults = [
            Fault(where, f"areas.{key}", f"no zone lies in {area!r}.", f"Known: {sorted(known)}.")
            for key, areas in named.items()
            for area in dict.fromkeys(areas)
            if area not in known
        ]
        if self.areas.regions:
            faults += [
                Fault(where, "areas.regions", f"{area} has no region.", "Give every area one.")
                for area in sorted(known - set(self.areas.regions))
            ]
        lies_in = self.offices.table["area"]
        return faults + [
            Fault(where, "sites", f"{site} lies in {lies_in[site]!r}, where no zone is.")
            for site in self.allowed
            if site in lies_in.index and lies_in[site] not in known
        ]
