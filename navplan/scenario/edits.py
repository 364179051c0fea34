"""The edits a scenario knows, and how a set of them is applied with every fault reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

from navplan.errors import Fault, raise_faults
from navplan.nouns import NEAREST
from navplan.units import WEEKDAYS, clock

if TYPE_CHECKING:
    from navplan.scenario.structure import Scenario

WORKDAYS: Final = WEEKDAYS[:5]
"""The days a mean over the week is taken over."""


@dataclass(frozen=True)
class Outreach:
    """Meetings at another place on some weekdays.

    Parameters
    ----------
    at : str
        Site where the meetings are held.
    serves : tuple of str
        Areas whose residents may come.
    days : tuple of str
        Weekdays, ``mon`` … ``fri``.
    opens, closes : int
        Hours of the meetings [s after midnight].

    Raises
    ------
    InputError
        On unknown or repeated days, nobody served, or hours that end before they begin.
    """

    at: str
    serves: tuple[str, ...]
    days: tuple[str, ...]
    opens: int = 10 * 3600
    closes: int = 14 * 3600

    def __post_init__(self) -> None:
        where = f"outreach at {self.at}"
        faults = []
        if not self.serves:
            faults.append(Fault(where, "serves", "serves no area.", "Name at least one area."))
        if not self.days:
            faults.append(Fault(where, "days", "has no weekday.", "Name at least one, mon to fri."))
        for day in self.days:
            if day not in WORKDAYS:
                given = f"{day!r}; expected {', '.join(WORKDAYS)}."
                faults.append(Fault(where, "days", given))
        for key, words in (("days", self.days), ("serves", self.serves)):
            if len(set(words)) < len(words):
                faults.append(Fault(where, key, "something stands more than once."))
        if self.closes <= self.opens:
            given = f"ends {clock(self.closes)}, not after it begins {clock(self.opens)}."
            faults.append(Fault(where, "until", given, "Give a later end."))
        raise_faults(faults)


@dataclass(frozen=True)
class Merge:
    """Several areas share one office.

    Parameters
    ----------
    areas : tuple of str
        The areas that are merged.
    office : str
        The site they all belong to; it is opened if it is not open.
    """

    areas: tuple[str, ...]
    office: str


@dataclass(frozen=True)
class Move:
    """An office changes address and keeps its areas.

    Parameters
    ----------
    office : str
        The open office that moves.
    to : str
        The site it moves to.
    """

    office: str
    to: str


@dataclass(frozen=True)
class Edits:
    """A set of edits, applied in the order open, move, close, merge, choice, outreach.

    Parameters
    ----------
    open : tuple of str
        Sites that open; an office opened and used by nobody is a fault.
    move : tuple of Move
        Offices that change address.
    close : tuple of str
        Offices that close; the residents of their areas go to the nearest open office unless a
        merge of the same set says otherwise.
    merge : tuple of Merge
        Areas that share an office; offices left without any area by a merge are closed.
    choice : {"area", "nearest"}
        ``nearest``: every resident uses the open office nearest in time.
    outreach : tuple of Outreach
        Meetings elsewhere, added to those there are.
    """

    open: tuple[str, ...] = ()
    move: tuple[Move, ...] = ()
    close: tuple[str, ...] = ()
    merge: tuple[Merge, ...] = ()
    choice: Literal["area", "nearest"] = "area"
    outreach: tuple[Outreach, ...] = ()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known name is closest, or list them all.

    Parameters
    ----------
    word : str
        The name that is not known.
    known : iterable of str
        The names there are.

    Returns
    -------
    str
        A sentence for a fault's remedy.
    """
    names = [str(k) for k in known]
    close = get_close_matches(word, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names)}."


class _Editor:
    """Applies edits to working copies and gathers every fault on the way."""

    def __init__(self, scenario: Scenario, where: str) -> None:
        self.offices = list(scenario.offices)
        self.allocation = dict(scenario.allocation)
        self.outreach = list(scenario.outreach)
        self.sites = scenario.sites
        self.where = where
        self.faults: list[Fault] = []
        self.closed: set[str] = set()

    def fault(self, key: str, problem: str, remedy: str = "") -> None:
        self.faults.append(Fault(self.where, key, problem, remedy))

    def known(self, site: str, key: str) -> bool:
        if self.sites and site not in self.sites:
            self.fault(key, f"no site is called {site!r}.", did_you_mean(site, self.sites))
            return False
        return True

    def is_open(self, site: str, key: str) -> bool:
        if site in self.offices:
            return True
        if self.known(site, key):
            open_now = ", ".join(self.offices)
            self.fault(key, f"{site!r} is not open.", f"Open are {open_now}.")
        return False

    def open(self, site: str, key: str) -> None:
        if site in self.offices:
            self.fault(key, f"{site!r} is open already: the edit changes nothing.", "Leave it out.")
        elif self.known(site, key):
            self.offices.append(site)

    def move(self, edit: Move, key: str) -> None:
        if not (self.is_open(edit.office, f"{key}.office") and self.known(edit.to, f"{key}.to")):
            return
        if edit.to == edit.office:
            self.fault(key, f"{edit.office!r} moves to where it is: the edit changes nothing.")
        elif edit.to in self.offices:
            given = f"an office is open at {edit.to!r} already."
            self.fault(f"{key}.to", given, "Use merge or close to join two offices.")
        else:
            self.offices[self.offices.index(edit.office)] = edit.to
            self.reallocate(edit.office, edit.to)

    def reallocate(self, old: str, new: str) -> None:
        self.allocation = {a: new if o == old else o for a, o in self.allocation.items()}

    def close(self, site: str, key: str) -> None:
        if not self.is_open(site, key):
            return
        self.offices.remove(site)
        self.closed.add(site)
        self.reallocate(site, NEAREST)

    def merge(self, merges: tuple[Merge, ...]) -> None:
        first: dict[str, int] = {}
        served = set(self.allocation.values()) - {NEAREST}
        for number, edit in enumerate(merges):
            key = f"merge[{number}]"
            good = self.known(edit.office, f"{key}.office")
            if edit.office in self.closed:
                given = f"{edit.office!r} is closed by the same edits."
                self.fault(f"{key}.office", given, "Leave it out of close, or merge elsewhere.")
                good = False
            if not edit.areas:
                self.fault(f"{key}.areas", "no area is named.", "Name the areas that merge.")
            for area in edit.areas:
                if area not in self.allocation:
                    hint = did_you_mean(area, self.allocation)
                    self.fault(f"{key}.areas", f"no area is called {area!r}.", hint)
                elif area in first:
                    other = f"merge[{first[area]}]" if first[area] != number else "the same merge"
                    given = f"{area} stands in {other} too; an area belongs to one office."
                    self.fault(f"{key}.areas", given, "Name it once.")
                first.setdefault(area, number)
            known = [a for a in edit.areas if a in self.allocation]
            if known and all(self.allocation[a] == edit.office for a in known):
                given = f"{', '.join(known)} belong to {edit.office!r} already: nothing changes."
                self.fault(key, given, "Leave it out.")
            if good:
                self.allocation |= dict.fromkeys(known, edit.office)
                if edit.office not in self.offices:
                    self.offices.append(edit.office)
        emptied = served - set(self.allocation.values())
        self.offices = [o for o in self.offices if o not in emptied]

    def choose_nearest(self) -> None:
        if all(office == NEAREST for office in self.allocation.values()):
            given = "every area chooses the nearest office already: the edit changes nothing."
            self.fault("choice", given, "Leave it out.")
        self.allocation = dict.fromkeys(self.allocation, NEAREST)

    def meet(self, meeting: Outreach, key: str) -> None:
        self.known(meeting.at, f"{key}.at")
        if meeting.at in self.offices:
            given = f"{meeting.at!r} is an open office: the meetings there change nothing."
            self.fault(f"{key}.at", given, "Hold them at another site.")
        for area in meeting.serves:
            if area not in self.allocation:
                hint = did_you_mean(area, self.allocation)
                self.fault(f"{key}.serves", f"no area is called {area!r}.", hint)
        if meeting in self.outreach:
            self.fault(key, "these meetings are there already: the edit changes nothing.")
        self.outreach.append(meeting)


def resolve(
    base: Scenario,
    edits: Edits,
    *,
    name: str | None = None,
    title: Mapping[str, str] | None = None,
    where: str = "",
    check_idle: bool = True,
) -> Scenario:
    """Apply a set of edits and report everything that is wrong with them together.

    Parameters
    ----------
    base : Scenario
        What is edited; it stays as it is.
    edits : Edits
        The changes.
    name : str, optional
        Name of the new scenario; left out, the base's.
    title : mapping of str to str, optional
        Language → title of the new scenario.
    where : str
        Where the edits stand, for the faults; left out, the scenario's name.
    check_idle : bool
        Whether an open office that nobody belongs to is a fault.

    Returns
    -------
    Scenario
        The edited structure; equal to `base` where there are no edits.

    Raises
    ------
    InputError
        With one fault for each unknown office or area, area in two merges, and edit without
        effect.
    """
    name = base.name if name is None else name
    editor = _Editor(base, where or f"scenario {name}")
    for number, site in enumerate(edits.open):
        editor.open(site, f"open[{number}]")
    for number, move in enumerate(edits.move):
        editor.move(move, f"move[{number}]")
    for number, site in enumerate(edits.close):
        editor.close(site, f"close[{number}]")
    editor.merge(edits.merge)
    if edits.choice == "nearest":
        editor.choose_nearest()
    for number, meeting in enumerate(edits.outreach):
        editor.meet(meeting, f"outreach[{number}]")
    if not editor.offices and not editor.faults:
        editor.fault("close", "no office would be open.", "Keep at least one.")
    raise_faults(editor.faults)
    if title is None:
        title = base.title if name == base.name else {}
    outreach = tuple(editor.outreach)
    new = replace(
        base,
        name=name,
        title=title,
        offices=tuple(editor.offices),
        allocation=editor.allocation,
        outreach=outreach,
    )
    if check_idle:
        raise_faults(
            Fault(
                editor.where,
                "open",
                f"{office!r} is open, but no area belongs to it: nobody would use it.",
                'Merge areas into it, or set choice = "nearest".',
            )
            for office in new.idle
        )
    return new
