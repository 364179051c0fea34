"""Checks across tables: what no single table can know. Each returns faults; none stops another."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault
from navplan.nouns import NEAREST
from navplan.study.questions import check_questions
from navplan.study.schema import ProfileEntry, StudyFile
from navplan.units import QUALITIES, SECONDS_PER_DAY, WEEKDAYS, clock, seconds_of_day

_AGES: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3})|(\+))?")
_OLDEST: Final = 1000
FYLKER: Final = {
    "before 2020": "01 02 03 04 05 06 07 08 09 10 11 12 14 15 16 17 18 19 20 50",
    "of 2020–2023": "03 11 15 18 30 34 38 42 46 50 54",
    "from 2024": "03 11 15 18 31 32 33 34 39 40 42 46 50 55 56",
}
"""The fylke numbers that kommune numbers began with, by period."""


def check_ids(frame: pd.DataFrame, where: str) -> list[Fault]:
    """Find ids and areas that the results could not tell apart from their separators.

    Parameters
    ----------
    frame : DataFrame
        Columns ``id`` and ``area``.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    faults = []
    for row, (name, area) in enumerate(zip(frame["id"], frame["area"], strict=True)):
        if name == NEAREST:
            problem = f"{NEAREST!r} is the word for the nearest office, and no id."
            faults.append(Fault(where, f"row {row + 2}, id", problem, "Choose another id."))
        elif re.search(r"[\s;,=|]", name):
            remedy = "Use letters, digits and hyphens."
            faults.append(Fault(where, f"row {row + 2}, id", f"{name!r} is no id.", remedy))
        if re.search(r"[;=]", area):
            problem = f"{area!r} holds a semicolon or an equals sign."
            faults.append(Fault(where, f"row {row + 2}, area", problem, "Write it without."))
    return faults


def check_kommuner(places: pd.DataFrame, where: str) -> list[Fault]:
    """Find kommune numbers that are none, for example with the leading zero lost.

    Parameters
    ----------
    places : DataFrame
        Checked table.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    remedy = "Write four digits as text, for example 0301."
    return [
        Fault(where, f"row {row + 2}, kommune", f"{number!r} is no kommune number.", remedy)
        for row, number in enumerate(places["kommune"])
        if re.fullmatch(r"\d{4}", number, re.ASCII) is None
    ]


def notes_on_kommuner(places: pd.DataFrame, where: str) -> list[str]:
    """Say where kommune numbers of different years are mixed.

    Parameters
    ----------
    places : DataFrame
        Checked table.
    where : str
        File name for the sentence.

    Returns
    -------
    list of str
        One sentence, or none.
    """
    periods = {name: set(fylker.split()) for name, fylker in FYLKER.items()}
    used = {k[:2] for k in places["kommune"]} & set().union(*periods.values())
    if any(used <= fylker for fylker in periods.values()):
        return []
    by_fylke = places.groupby(places["kommune"].str[:2])["kommune"].first()
    given = ", ".join(
        f"{by_fylke[f]} ({' and '.join(p for p, fylker in periods.items() if f in fylker)})"
        for f in sorted(used)
    )
    return [f"{where}: kommune numbers of different years are mixed: {given}."]


def check_ages(people: pd.DataFrame, where: str) -> list[Fault]:
    """Find age groups that count somebody twice, such as a row for all beside the groups.

    Parameters
    ----------
    people : DataFrame
        Checked table; a single group may have any name.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    groups = list(dict.fromkeys(people["age"]))
    if len(groups) == 1:
        return []
    faults = []
    spans = []
    for group in groups:
        match = _AGES.fullmatch(group)
        if match is None:
            problem = f"{group!r} is no age group beside {', '.join(groups[:3])} …"
            remedy = "Write 18-24 or 80+; leave out sums, they would count everybody twice."
            faults.append(Fault(where, "age", problem, remedy))
            continue
        start, end, open_end = match.groups()
        last = _OLDEST if open_end else int(end or start)
        spans.append((int(start), last, group))
    spans.sort()
    for (_, last, group), (start, _, other) in itertools.pairwise(spans):
        if start <= last:
            problem = f"the groups {group} and {other} overlap: some people count twice."
            faults.append(Fault(where, "age", problem, "Let each age stand in one group."))
    return faults


def check_opened(links: pd.DataFrame, where: str) -> list[Fault]:
    """Find days of opening that are not in the calendar.

    Parameters
    ----------
    links : DataFrame
        Checked table.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    if "opened" not in links:
        return []
    opened = links["opened"].replace("", None)
    bad = opened.notna() & pd.to_datetime(opened, format="%Y-%m-%d", errors="coerce").isna()
    remedy = "Write it as 2023-04-15."
    return [
        Fault(where, f"row {row + 2}, opened", f"{opened.iloc[row]!r} is no day.", remedy)
        for row in np.flatnonzero(bad.to_numpy())
    ]


def check_references(
    frame: pd.DataFrame, columns: Iterable[str], known: Iterable[str], what: str, where: str
) -> list[Fault]:
    """Find ids that name nothing.

    Parameters
    ----------
    frame : DataFrame
        The table that refers.
    columns : iterable of str
        Its columns that hold ids or names.
    known : iterable of str
        What may be named.
    what : str
        What is named, for the message.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    names = set(known)
    return [
        Fault(where, f"row {row + 2}, {column}", f"{frame[column].iloc[row]!r} is no {what}.",
              f"Correct it or add the {what}.")
        for column in columns
        for row in np.flatnonzero(~frame[column].isin(names).to_numpy())
    ]  # fmt: skip


def check_hours(hours: pd.DataFrame, offices: pd.DataFrame, where: str) -> list[Fault]:
    """Find hours of unknown offices and hours that end before they begin.

    Parameters
    ----------
    hours, offices : DataFrame
        Checked tables.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    known = offices["id"]
    faults = check_references(hours, ["office"], known, "office of the offices table", where)
    for row, (opens, closes) in enumerate(zip(hours["opens"], hours["closes"], strict=True)):
        if seconds_of_day(closes) <= seconds_of_day(opens):
            key = f"row {row + 2}, {hours['office'].iloc[row]} {hours['weekday'].iloc[row]}"
            problem = f"closes {closes}, which is not after it opens {opens}."
            faults.append(Fault(where, key, problem, "Correct the times."))
        elif seconds_of_day(closes) > SECONDS_PER_DAY:
            key = f"row {row + 2}, {hours['office'].iloc[row]} {hours['weekday'].iloc[row]}"
            faults.append(Fault(where, key, f"{closes} is no time of day.", "Correct the times."))
    return faults


_DAY_NAMES = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)


def notes_on_window(
    profiles: Iterable[ProfileEntry], hours: pd.DataFrame, offices: pd.DataFrame
) -> list[str]:
    """Say which offices are not open during the whole of a profile's arrival window.

    Parameters
    ----------
    profiles : iterable of ProfileEntry
        Those that travel by transit.
    hours, offices : DataFrame
        Checked tables.

    Returns
    -------
    list of str
        One sentence a profile, where there is anything to say.
    """
    names = offices.set_index("id")["name"]
    notes = []
    for profile in profiles:
        noun = profile.noun()
        if noun.by_departure:
            continue
        day = hours[hours["weekday"] == noun.weekday]
        open_all_along = {
            office
            for office, opens, closes in zip(
                day["office"], day["opens"], day["closes"], strict=True
            )
            if seconds_of_day(opens) <= noun.arrive_from
            and noun.arrive_until <= seconds_of_day(closes)
        }
        shut = [names[o] for o in dict.fromkeys(hours["office"]) if o not in open_all_along]
        if shut:
            notes.append(
                f"Profile {profile.name} arrives {clock(noun.arrive_from)}–"
                f"{clock(noun.arrive_until)} on a {_DAY_NAMES[noun.weekday]}; "
                f"not open all that time: {', '.join(shut)}."
            )
    return notes


def notes_on_quality(file: StudyFile, people: pd.DataFrame) -> list[str]:
    """Say which outlooks claim to be better than the rows they are made of.

    Parameters
    ----------
    file : StudyFile
        The study file.
    people : DataFrame
        The checked people table.

    Returns
    -------
    list of str
        One sentence an outlook.
    """
    notes = []
    for outlook in file.outlook:
        same = (people["year"] == outlook.year) & (people["alternative"] == outlook.alternative)
        worst = max(people.loc[same, "quality"], key=QUALITIES.index, default=outlook.quality)
        if QUALITIES.index(worst) > QUALITIES.index(outlook.quality):
            notes.append(
                f"Outlook {outlook.name} is called {outlook.quality}, but its rows in the people "
                f"table are {worst} at worst."
            )
    return notes


def check_names(file: StudyFile, tables: Mapping[str, pd.DataFrame], where: str) -> list[Fault]:
    """Find names in the study file that stand twice or name nothing.

    Parameters
    ----------
    file : StudyFile
        The study file.
    tables : mapping of str to DataFrame
        Checked tables ``people``, ``offices`` and ``places``.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    lists = {
        "outlook": [o.name for o in file.outlook],
        "profile": [p.name for p in file.profile],
        "scenario": [s.name for s in file.scenario],
        "question": [q.name for q in file.question],
    }
    faults = [
        Fault(where, kind, f"the name {name!r} stands more than once.", "Names must differ.")
        for kind, names in lists.items()
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    faults += [
        Fault(where, key, f"there is no {kind} {name!r}.",
              f"Known: {', '.join(lists[kind]) or 'none'}.")
        for key, kind, name in _named(file)
        if name not in lists[kind]
    ]  # fmt: skip
    if "people" in tables:
        faults += _outlook_faults(file, tables["people"], where)
    if "offices" in tables and "places" in tables:
        areas = tables["places"]["area"]
        faults += check_questions(file, tables["offices"], areas, where)
    return faults


def _named(file: StudyFile) -> Iterator[tuple[str, str, str]]:
    """Give every place of the study file that names another entry: key, kind, name."""
    yield "base", "scenario", file.base
    if file.decided is not None:
        yield "decided", "scenario", file.decided
    yield "report.headline_profile", "profile", file.report.headline_profile
    yield "report.headline_outlook", "outlook", file.report.headline_outlook
    for name in file.report.profiles:
        yield "report.profiles", "profile", name
    for name in file.report.outlooks:
        yield "report.outlooks", "outlook", name
    for scenario in file.scenario:
        if scenario.locate is not None:
            key = f"scenario {scenario.name}, locate"
            yield key, "question", scenario.locate.question
            yield key, "profile", scenario.locate.profile
            yield key, "outlook", scenario.locate.outlook


def _outlook_faults(file: StudyFile, people: pd.DataFrame, where: str) -> list[Fault]:
    pairs = set(zip(people["year"], people["alternative"], strict=True))
    there = ", ".join(f"{year} {name}" for year, name in sorted(pairs))
    return [
        Fault(where, f"outlook {outlook.name}",
              f"the people table has no rows for {outlook.year} {outlook.alternative}.",
              f"It has: {there}.")
        for outlook in file.outlook
        if (outlook.year, outlook.alternative) not in pairs
    ]  # fmt: skip
