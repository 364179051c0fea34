"""A named office structure: which offices are open and which area belongs to which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from navplan.errors import Fault, raise_faults
from navplan.nouns import NEAREST
from navplan.scenario.edits import Edits, Merge, Move, Outreach, did_you_mean, resolve
from navplan.units import LANGUAGES, clock


@dataclass(frozen=True)
class Scenario:
    """An office structure: which offices are open and which area belongs to which.

    Parameters
    ----------
    name : str
        Short name used in tables and on the command line.
    title : mapping of str to str
        Language (nb, nn, en) → title; empty means the name is the title.
    offices : tuple of str
        Ids of the open offices.
    allocation : mapping of str to str
        Area → id of its office, or `navplan.nouns.NEAREST`.
    outreach : tuple of Outreach
        Meetings elsewhere.
    sites : tuple of str
        Every site that may be named in an edit; empty means that site names are checked only
        when minutes are looked up. No part of equality.

    Raises
    ------
    InputError
        On no or repeated offices, areas that belong to an office that is not open, or outreach
        for unknown areas or at an open office.
    """

    name: str
    title: Mapping[str, str] = field(hash=False)
    offices: tuple[str, ...]
    allocation: Mapping[str, str] = field(hash=False)
    outreach: tuple[Outreach, ...] = ()
    sites: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", MappingProxyType(dict(self.title)))
        object.__setattr__(self, "allocation", MappingProxyType(dict(self.allocation)))
        object.__setattr__(self, "offices", tuple(self.offices))
        object.__setattr__(self, "outreach", tuple(self.outreach))
        object.__setattr__(self, "sites", tuple(self.sites))
        raise_faults([*self._office_faults(), *self._area_faults(), *self._outreach_faults()])

    def _office_faults(self) -> list[Fault]:
        where = f"scenario {self.name}"
        faults = []
        if not self.offices:
            faults.append(Fault(where, "offices", "no office is open.", "Keep at least one."))
        faults += [
            Fault(where, "offices", f"{office!r} stands more than once.", "Name it once.")
            for office in self.offices
            if self.offices.count(office) > 1
        ]
        named = [*self.offices, *(meeting.at for meeting in self.outreach)]
        faults += [
            Fault(where, "offices", f"no site is called {site!r}.", did_you_mean(site, self.sites))
            for site in named
            if self.sites and site not in self.sites
        ]
        return faults

    def _area_faults(self) -> list[Fault]:
        where = f"scenario {self.name}"
        if not self.allocation:
            return [Fault(where, "allocation", "no area is named.", "Allocate every area.")]
        return [
            Fault(
                where,
                "allocation",
                f"{area} belongs to {office!r}, which is not open.",
                "Open it or choose another.",
            )
            for area, office in self.allocation.items()
            if office != NEAREST and office not in self.offices
        ]

    def _outreach_faults(self) -> list[Fault]:
        where = f"scenario {self.name}"
        faults = []
        for meeting in self.outreach:
            key = f"outreach at {meeting.at}"
            faults += [
                Fault(
                    where,
                    f"{key}, serves",
                    f"no area is called {area!r}.",
                    did_you_mean(area, self.allocation),
                )
                for area in meeting.serves
                if area not in self.allocation
            ]
            if meeting.at in self.offices:
                given = f"{meeting.at!r} is an open office: the meetings there change nothing."
                faults.append(Fault(where, key, given, "Hold them at another site."))
        return faults

    @classmethod
    def of(
        cls,
        name: str,
        offices: Sequence[str],
        *,
        office_area: Mapping[str, str],
        areas: Iterable[str],
        title: Mapping[str, str] | None = None,
    ) -> Scenario:
        """Make the structure in which each area belongs to the office lying in it.

        Parameters
        ----------
        name : str
            Short name of the scenario.
        offices : sequence of str
            Ids of the open offices.
        office_area : mapping of str to str
            Site → area it lies in, for every known site.
        areas : iterable of str
            Every area.
        title : mapping of str to str, optional
            Language → title.

        Returns
        -------
        Scenario
            With every area allocated.

        Raises
        ------
        InputError
            If an office is unknown, or an area has no office or more than one.
        """
        where = f"scenario {name}"
        faults = []
        for office in offices:
            if office not in office_area:
                hint = did_you_mean(office, office_area)
                faults.append(Fault(where, "offices", f"no site is called {office!r}.", hint))
        allocation: dict[str, str] = {}
        for area in areas:
            inside = [o for o in dict.fromkeys(offices) if office_area.get(o) == area]
            if len(inside) == 1:
                allocation[area] = inside[0]
            elif not inside:
                given = f"no office lies in {area}."
                remedy = "Add one, or start from another scenario with base and merge."
                faults.append(Fault(where, "offices", given, remedy))
            else:
                given = f"{', '.join(inside)} all lie in {area}; expected one office an area."
                faults.append(Fault(where, "offices", given, "Keep one of them."))
        raise_faults(faults)
        return cls(name, title or {}, tuple(offices), allocation, sites=tuple(office_area))

    @property
    def idle(self) -> tuple[str, ...]:
        """Open offices that no area belongs to while no area chooses freely."""
        used = set(self.allocation.values())
        if NEAREST in used:
            return ()
        return tuple(office for office in self.offices if office not in used)

    def title_in(self, language: str) -> str:
        """Title in a language, or another language's, or the name.

        Parameters
        ----------
        language : str
            ``nb``, ``nn`` or ``en``.

        Returns
        -------
        str
            The title.
        """
        known = [self.title[k] for k in (language, *LANGUAGES) if k in self.title]
        return known[0] if known else self.name

    def as_dict(self) -> dict[str, Any]:
        """Give the scenario as plain values, as ``run.json`` holds it.

        Returns
        -------
        dict
            Keys ``name``, ``title``, ``offices``, ``allocation``, ``outreach``.
        """
        return {
            "name": self.name,
            "title": dict(self.title),
            "offices": list(self.offices),
            "allocation": dict(self.allocation),
            "outreach": [
                {
                    "at": meeting.at,
                    "serves": list(meeting.serves),
                    "days": list(meeting.days),
                    "from": clock(meeting.opens),
                    "until": clock(meeting.closes),
                }
                for meeting in self.outreach
            ],
        }

    def named(self, name: str, title: Mapping[str, str] | None = None) -> Scenario:
        """Give the structure another name.

        Parameters
        ----------
        name : str
            The new name.
        title : mapping of str to str, optional
            Language → title; left out, the name is the title.

        Returns
        -------
        Scenario
            The same structure.
        """
        return replace(self, name=name, title=title or {})

    def close(self, site: str, to: str | None = None) -> Scenario:
        """Close an office.

        Parameters
        ----------
        site : str
            The office that closes.
        to : str, optional
            Open office its areas go to; left out, their residents go to the nearest open one.

        Returns
        -------
        Scenario
            Without the office.

        Raises
        ------
        InputError
            If it is not open, is the last one, or `to` is not open.
        """
        if to is None:
            return resolve(self, Edits(close=(site,)), check_idle=False)
        where = f"scenario {self.name}"
        faults = [
            Fault(where, f"close {site}", f"{office!r} is not open.", did_you_mean(office, known))
            for office, known in ((site, self.offices), (to, self.offices))
            if office not in known
        ]
        if site == to:
            faults.append(Fault(where, f"close {site}", "its areas cannot go to itself."))
        raise_faults(faults)
        rest = tuple(o for o in self.offices if o != site)
        new = {a: to if o == site else o for a, o in self.allocation.items()}
        return replace(self, offices=rest, allocation=new)

    def open(self, site: str) -> Scenario:
        """Open an office; areas that choose the nearest office may use it at once.

        An area that belongs to an office keeps it: follow with `merge` or `choose_nearest`.
        `idle` tells whether anybody uses the new office.

        Parameters
        ----------
        site : str
            The site that opens.

        Returns
        -------
        Scenario
            With one more office.

        Raises
        ------
        InputError
            If it is unknown or open already.
        """
        return resolve(self, Edits(open=(site,)), check_idle=False)

    def move(self, site: str, *, to: str) -> Scenario:
        """Move an office to another site; it keeps its areas.

        Parameters
        ----------
        site : str
            The open office.
        to : str
            The site it moves to.

        Returns
        -------
        Scenario
            With the office at the new site.

        Raises
        ------
        InputError
            If the office is not open, or the new site is unknown or taken.
        """
        return resolve(self, Edits(move=(Move(site, to),)), check_idle=False)

    def merge(self, areas: Iterable[str], *, office: str) -> Scenario:
        """Let several areas share one office; offices left without any area close.

        Parameters
        ----------
        areas : iterable of str
            The areas.
        office : str
            The site they belong to afterwards; opened if it is not open.

        Returns
        -------
        Scenario
            The merged structure.

        Raises
        ------
        InputError
            If an area or the site is unknown, or nothing changes.
        """
        return resolve(self, Edits(merge=(Merge(tuple(areas), office),)), check_idle=False)

    def choose_nearest(self) -> Scenario:
        """Let every resident use the open office nearest in time.

        Returns
        -------
        Scenario
            With free choice of office.

        Raises
        ------
        InputError
            If every area chooses freely already.
        """
        return resolve(self, Edits(choice="nearest"), check_idle=False)

    def with_outreach(
        self,
        at: str,
        *,
        serves: Iterable[str],
        days: Iterable[str],
        opens: int = 10 * 3600,
        closes: int = 14 * 3600,
    ) -> Scenario:
        """Add meetings at another place.

        Parameters
        ----------
        at : str
            Site of the meetings.
        serves : iterable of str
            Areas whose residents may come.
        days : iterable of str
            ``mon`` … ``fri``.
        opens, closes : int
            Hours of the meetings [s after midnight].

        Returns
        -------
        Scenario
            With the meetings added.

        Raises
        ------
        InputError
            See `Outreach`.
        """
        meeting = Outreach(at, tuple(serves), tuple(days), opens, closes)
        return resolve(self, Edits(outreach=(meeting,)), check_idle=False)
