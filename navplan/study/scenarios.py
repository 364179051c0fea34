"""The scenarios a study file states → scenario nouns, with every fault of all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from navplan.errors import Fault, InputError, raise_faults
from navplan.nouns import NEAREST
from navplan.scenario import Edits, Merge, Move, Outreach, Scenario, resolve
from navplan.scenario.edits import did_you_mean
from navplan.study.schema import LocateEntry, ScenarioEntry

Locator = Callable[[LocateEntry], Scenario]


def resolve_scenarios(
    entries: tuple[ScenarioEntry, ...],
    *,
    areas: Sequence[str],
    office_area: Mapping[str, str],
    existing: Sequence[str] = (),
) -> tuple[dict[str, Scenario], dict[str, ScenarioEntry]]:
    """Resolve every scenario that does not wait for a question's answer.

    Parameters
    ----------
    entries : tuple of ScenarioEntry
        The study file's scenarios; names differ.
    areas : sequence of str
        Every area.
    office_area : mapping of str to str
        Every site → the area it lies in.
    existing : sequence of str
        The sites where an office stands today.

    Returns
    -------
    dict of str to Scenario
        Name → scenario.
    dict of str to ScenarioEntry
        Those that stand for the best structure of a question, or are edits of such.

    Raises
    ------
    InputError
        With the faults of all scenarios.
    """
    known = {entry.name: entry for entry in entries}
    done: dict[str, Scenario] = {}
    waiting: dict[str, ScenarioEntry] = {}
    faults = [fault for entry in entries for fault in _form_faults(entry, known)]
    bad = {fault.key for fault in faults}
    for entry in entries:
        for one in _lineage(entry, known):
            if one.name in done or one.name in waiting or _key(one) in bad:
                continue
            if one.locate is not None or one.base in waiting:
                waiting[one.name] = one
                faults += _name_faults(one, areas, tuple(office_area))
                continue
            if one.base is not None and one.base not in done:
                continue  # its base is at fault, and says so itself
            try:
                done[one.name] = _resolve(
                    one, done, areas=areas, office_area=office_area, existing=existing
                )
            except InputError as error:
                faults += _told(one, error)
                bad.add(_key(one))
    raise_faults(faults)
    return done, waiting


def notes_on_existing(
    entries: tuple[ScenarioEntry, ...],
    scenarios: Mapping[str, Scenario],
    office_area: Mapping[str, str],
) -> list[str]:
    """Say for which areas the offices of today leave open which one they belong to.

    Parameters
    ----------
    entries : tuple of ScenarioEntry
        The study file's scenarios.
    scenarios : mapping of str to Scenario
        As `resolve_scenarios` gives them.
    office_area : mapping of str to str
        Office → the area it lies in.

    Returns
    -------
    list of str
        At most two sentences a scenario: areas without an office, areas with several.
    """
    notes = []
    for entry in entries:
        asked = entry.offices == "existing" and entry.choice == "area"
        if not asked or entry.name not in scenarios:
            continue
        scenario = scenarios[entry.name]
        there = Counter(office_area[office] for office in scenario.offices)
        free = [area for area, office in scenario.allocation.items() if office == NEAREST]
        several = [area for area in free if there[area]]
        if none := [area for area in free if not there[area]]:
            notes.append(
                f"Scenario {entry.name}: no office lies in {', '.join(none)}: people there use "
                "the nearest."
            )
        if several:
            notes.append(
                f"Scenario {entry.name}: several offices of today lie in {', '.join(several)}: "
                "people there use the nearest."
            )
    return notes


def resolve_located(
    entry: ScenarioEntry,
    *,
    located: Locator,
    base: Callable[[str], Scenario],
) -> Scenario:
    """Resolve a scenario that waits for a question's answer.

    Parameters
    ----------
    entry : ScenarioEntry
        From the second table of `resolve_scenarios`.
    located : callable
        Answers the question.
    base : callable
        Gives another scenario by name.

    Returns
    -------
    Scenario
        With the entry's own name and title.
    """
    title = entry.title.model_dump()
    if entry.locate is not None:
        return located(entry.locate).named(entry.name, title)
    assert entry.base is not None
    try:
        return resolve(base(entry.base), _edits(entry), name=entry.name, title=title)
    except InputError as error:
        raise InputError(_told(entry, error)) from None


def _key(entry: ScenarioEntry) -> str:
    return f"scenario {entry.name}"


def _told(entry: ScenarioEntry, error: InputError) -> list[Fault]:
    """Say in which scenario of the study file the faults of a noun lie."""
    faults = []
    for f in error.faults:
        parts = dict.fromkeys((_key(entry), f.where, f.key))
        key = ", ".join(part for part in parts if part)
        faults.append(Fault("study.toml", key, f.problem, f.remedy))
    return faults


def _name_faults(entry: ScenarioEntry, areas: Sequence[str], sites: Sequence[str]) -> list[Fault]:
    """Find names that no answer can make right, before hours are spent on the answer."""
    named = [(site, "site", sites) for site in (*entry.open, *entry.close)]
    for move in entry.move:
        named += [(site, "site", sites) for site in (move.office, move.to)]
    for at, served in (
        *((merge.office, merge.areas) for merge in entry.merge),
        *((meeting.at, meeting.serves) for meeting in entry.outreach),
    ):
        named += [(at, "site", sites), *((area, "area", areas) for area in served)]
    faults = [
        Fault(
            "study.toml", _key(entry), f"no {what} is called {name!r}.", did_you_mean(name, known)
        )
        for name, what, known in named
        if name not in known
    ]
    try:
        _edits(entry)
    except InputError as error:
        faults += _told(entry, error)
    return faults


def _edits(entry: ScenarioEntry) -> Edits:
    return Edits(
        open=entry.open,
        move=tuple(Move(m.office, m.to) for m in entry.move),
        close=entry.close,
        merge=tuple(Merge(m.areas, m.office) for m in entry.merge),
        choice=entry.choice,
        outreach=tuple(
            Outreach(o.at, o.serves, o.days, opens=o.start, closes=o.until) for o in entry.outreach
        ),
    )


def _form_faults(entry: ScenarioEntry, known: Mapping[str, ScenarioEntry]) -> list[Fault]:
    def fault(problem: str, remedy: str) -> Fault:
        return Fault("study.toml", _key(entry), problem, remedy)

    starts = [key for key in ("offices", "base", "locate") if getattr(entry, key) is not None]
    if len(starts) != 1:
        given = " and ".join(starts) or "none of them"
        problem = f"begins with {given}; expected one of offices, base, locate."
        return [fault(problem, "Keep one.")]
    edited = any((entry.merge, entry.close, entry.open, entry.move, entry.choice == "nearest"))
    if entry.base is None:
        if entry.locate is not None and (edited or entry.outreach):
            remedy = "Make a second scenario with this one as its base."
            return [fault("has both locate and edits.", remedy)]
        return []
    if entry.base not in known:
        remedy = f"Known: {', '.join(known)}."
        return [fault(f"its base {entry.base!r} is no scenario.", remedy)]
    if not edited and not entry.outreach:
        return [fault("has a base and no edit: it changes nothing.", "Add an edit or remove it.")]
    if any(one.name == entry.base for one in _lineage(known[entry.base], known)[:-1]):
        return [fault("its bases go in a circle.", "Let one of them begin with offices.")]
    return []


def _lineage(entry: ScenarioEntry, known: Mapping[str, ScenarioEntry]) -> list[ScenarioEntry]:
    """Give the entry's bases, the first ancestor first, and then the entry itself."""
    line = [entry]
    while len(line) <= len(known):
        base = line[-1].base
        if base is None or base not in known:
            break
        line.append(known[base])
    return line[::-1]


def _resolve(
    entry: ScenarioEntry,
    done: Mapping[str, Scenario],
    *,
    areas: Sequence[str],
    office_area: Mapping[str, str],
    existing: Sequence[str],
) -> Scenario:
    title = entry.title.model_dump()
    if entry.base is not None:
        return resolve(done[entry.base], _edits(entry), name=entry.name, title=title)
    assert entry.offices is not None
    if entry.offices == "existing":
        inside = {area: [o for o in existing if office_area[o] == area] for area in areas}
        allocation = {area: o[0] if len(o) == 1 else NEAREST for area, o in inside.items()}
        start = Scenario(entry.name, title, tuple(existing), allocation, sites=tuple(office_area))
    else:
        start = Scenario.of(
            entry.name, entry.offices, office_area=office_area, areas=areas, title=title
        )
    return resolve(start, _edits(entry), name=entry.name, title=title)
