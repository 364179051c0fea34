"""Checks across tables: what no single table can know. Each returns faults; none stops another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from scipy.spatial import cKDTree

from navplan.errors import Fault
from navplan.study.schema import ProfileEntry, StudyFile
from navplan.units import clock, seconds_of_day

FAR_FROM_STREET_M = 2000.0
"""An office farther than this from every street lies in the sea or outside the area."""
FAR_FROM_PEOPLE_M = 20_000.0
"""An office farther than this from every place lies outside the area."""
ROUNDING_M = 60.0
"""Positions and lengths are rounded; a link may seem shorter than its ends are apart by this."""
_MOST_DEGREES = 180.0
_NORWAY = (-10.0, 55.0, 35.0, 82.0)  # lon, lat, lon, lat [°], with Svalbard


def check_crs(crs: str, where: str) -> list[Fault]:
    """Check that a CRS is known and in metres.

    Parameters
    ----------
    crs : str
        As the study file gives it.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    remedy = "Use a projected system in metres; in Norway EPSG:25833."
    try:
        known = CRS.from_user_input(crs)
    except CRSError:
        return [Fault(where, "crs", f"{crs!r} is not a known coordinate system.", remedy)]
    if not known.is_projected or known.axis_info[0].unit_name != "metre":
        return [Fault(where, "crs", f"{crs} is not in metres.", remedy)]
    return []


def check_positions(frame: pd.DataFrame, crs: str, where: str) -> list[Fault]:
    """Find swapped coordinates, degrees instead of metres, and points outside Norway.

    Parameters
    ----------
    frame : DataFrame
        Columns ``id``, ``x``, ``y`` [m].
    crs : str
        The study's projected system.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    x, y = frame["x"].to_numpy(dtype=float), frame["y"].to_numpy(dtype=float)
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def in_norway(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        """Tell which points lie in Norway."""
        lon, lat = to_degrees.transform(east, north)
        west, south, far_east, far_north = _NORWAY
        inside = (lon >= west) & (lon <= far_east) & (lat >= south) & (lat <= far_north)
        return np.asarray(inside)

    good, turned = in_norway(x, y), in_norway(y, x)
    degrees = (np.abs(x) <= _MOST_DEGREES) & (np.abs(y) <= _MOST_DEGREES)
    faults = []
    for row in np.flatnonzero(~good | degrees):
        key = f"row {row + 2}, {frame['id'].iloc[row]}"
        given = f"x {x[row]:g}, y {y[row]:g}"
        if degrees[row]:
            problem = f"{given} are degrees; {crs} is in metres."
            faults.append(Fault(where, key, problem, f"Reproject the positions to {crs}."))
        elif turned[row]:
            problem = f"{given}: easting and northing seem to be swapped."
            faults.append(Fault(where, key, problem, "Put the easting in x, the northing in y."))
        else:
            problem = f"{given} lies outside Norway in {crs}."
            remedy = "Check the numbers and that the file uses the study's coordinate system."
            faults.append(Fault(where, key, problem, remedy))
    return faults


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


def check_people(people: pd.DataFrame, places: pd.DataFrame, where: str) -> list[Fault]:
    """Find rows that stand twice and places that lack people in some year or age group.

    Parameters
    ----------
    people, places : DataFrame
        Checked tables.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    keys = ["place", "year", "alternative", "age"]
    faults = check_references(people, ["place"], places["id"], "place of the places table", where)
    faults += [
        Fault(where, f"row {row + 2}", "place, year, alternative and age stand more than once.",
              "Keep one row.")
        for row in np.flatnonzero(people.duplicated(keys).to_numpy())
    ]  # fmt: skip
    ages = people["age"].unique()
    for (year, alternative), part in people.groupby(["year", "alternative"], sort=True):
        counts = part.groupby("place")["age"].nunique().reindex(places["id"], fill_value=0)
        for place in counts.index[counts < len(ages)]:
            problem = f"{counts[place]} of {len(ages)} age groups for {place!r}."
            remedy = "Add the missing rows; write 0 where nobody lives."
            faults.append(Fault(where, f"{year} {alternative}", problem, remedy))
    return faults


def check_link_lengths(links: pd.DataFrame, points: pd.DataFrame, where: str) -> list[Fault]:
    """Find links shorter than the straight line between their ends.

    Such a link comes of a wrong position, of two coordinate systems in one study, or of metres
    written as kilometres.

    Parameters
    ----------
    links : DataFrame
        Checked links whose ends are known.
    points : DataFrame
        Indexed by id; ``x``, ``y`` [m].
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    ends = [points.reindex(links[end])[["x", "y"]].to_numpy(dtype=float) for end in ("from", "to")]
    straight = np.hypot(*(ends[0] - ends[1]).T)
    km = links["km"].to_numpy(dtype=float)
    short = np.flatnonzero(km * 1000 * 1.05 + ROUNDING_M < straight)
    return [
        Fault(
            where,
            f"row {row + 2}, {links['from'].iloc[row]}–{links['to'].iloc[row]}",
            f"{km[row]:g} km, but its ends are {straight[row] / 1000:.2f} km apart.",
            "Check the positions of both ends, their coordinate system and the length.",
        )
        for row in short
    ]


def check_sites_lie_near(
    offices: pd.DataFrame, places: pd.DataFrame, streets: pd.DataFrame, where: str
) -> list[Fault]:
    """Find sites in the sea or outside the area.

    Parameters
    ----------
    offices, places : DataFrame
        Checked tables with ``id``, ``x``, ``y`` [m].
    streets : DataFrame
        Positions of the street network's own points, ``x``, ``y`` [m].
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    at = offices[["x", "y"]].to_numpy(dtype=float)
    to_street = _nearest_m(at, streets)
    to_people = _nearest_m(at, places)
    faults = []
    for row in range(len(offices)):
        key = f"row {row + 2}, {offices['id'].iloc[row]}"
        remedy = "Check its position and coordinate system."
        if to_people[row] > FAR_FROM_PEOPLE_M:
            problem = f"lies {to_people[row] / 1000:.0f} km from any place: outside the area."
            faults.append(Fault(where, key, problem, remedy))
        elif to_street[row] > FAR_FROM_STREET_M:
            problem = f"lies {to_street[row] / 1000:.1f} km from the nearest street: in the sea?"
            faults.append(Fault(where, key, problem, remedy))
    return faults


def _nearest_m(at: np.ndarray, points: pd.DataFrame) -> np.ndarray:
    return np.asarray(cKDTree(points[["x", "y"]].to_numpy(dtype=float)).query(at)[0])


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
    return faults


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
                f"{clock(noun.arrive_until)} on a {noun.weekday}; not open all that time: "
                f"{', '.join(shut)}."
            )
    return notes


def check_names(file: StudyFile, tables: Mapping[str, pd.DataFrame], where: str) -> list[Fault]:
    """Find names in the study file that stand twice or name nothing.

    Parameters
    ----------
    file : StudyFile
        The study file.
    tables : mapping of str to DataFrame
        Checked tables ``people`` and ``offices``.
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
    if "offices" in tables:
        known = set(tables["offices"]["id"])
        faults += [
            Fault(where, f"question {question.name}, sites", f"there is no site {site!r}.",
                  "Use ids of the offices table.")
            for question in file.question
            if not isinstance(question.sites, str)
            for site in question.sites
            if site not in known
        ]  # fmt: skip
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
