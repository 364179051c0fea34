"""Checks of positions: coordinate systems, places, sites, links and stops that cannot be right."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError
from scipy.spatial import cKDTree

from navplan.errors import Fault
from navplan.network import attach, edge_seconds
from navplan.nouns import Profile, Streets

FAR_FROM_STREET_M = 2000.0
"""An office farther than this from every street lies in the sea or outside the area."""
FAR_FROM_PEOPLE_M = 20_000.0
"""An office farther than this from every place lies outside the area."""
FAR_JOIN_M = 1000.0
"""A point joined to a street farther off than this is told."""
ROUNDING_M = 60.0
"""Positions and lengths are rounded; a link may seem shorter than its ends are apart by this."""
LONGEST_DETOUR = 100.0
FAR_ROUND_KM = 50.0
"""A link that is this much longer than the straight line, and this long, has its metres as km."""
FAR_FROM_STOPS_M = 5000.0
"""Stops farther than this from the street network's are in another coordinate system."""
_MOST_STRETCH = 0.01
_MOST_DEGREES = 180.0
_NORWAY = (  # lon, lat, lon, lat [°]: the mainland, Svalbard with Bjørnøya, Jan Mayen
    (3.5, 57.5, 32.0, 71.6),
    (8.0, 73.5, 36.0, 81.5),
    (-10.0, 70.0, -7.0, 72.0),
)


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
        inside = [
            (lon >= west) & (lon <= far_east) & (lat >= south) & (lat <= far_north)
            for west, south, far_east, far_north in _NORWAY
        ]
        return np.asarray(np.any(inside, axis=0))

    good, turned = in_norway(x, y), in_norway(y, x)
    degrees = (np.abs(x) <= _MOST_DEGREES) & (np.abs(y) <= _MOST_DEGREES)
    kinds = {  # what is wrong, and what to do
        "degrees": (f"are degrees; {crs} is in metres.", f"Reproject the positions to {crs}."),
        "turned": (
            "easting and northing seem to be swapped.",
            "Put the easting in x, the northing in y.",
        ),
        "outside": (
            f"lies outside Norway in {crs}.",
            "Check the numbers and that the file uses the study's coordinate system.",
        ),
    }
    kind = np.select([degrees, good, turned], ["degrees", "", "turned"], "outside")
    rows = np.flatnonzero(kind != "")
    whole = len(frame) > 1 and len(rows) == len(frame) and len(set(kind)) == 1
    faults = []
    for row in rows[:1] if whole else rows:
        problem, remedy = kinds[str(kind[row])]
        key = f"row {row + 2}, {frame['id'].iloc[row]}"
        if whole:
            key = f"all {len(frame)} rows, for example {key}"
            remedy += " If they are right, correct crs in study.toml."
        link = " " if problem.startswith(("are", "lies")) else ": "
        given = f"x {x[row]:g}, y {y[row]:g}"
        faults.append(Fault(where, key, f"{given}{link}{problem}", remedy))
    return faults


def check_stretch(frame: pd.DataFrame, crs: str, where: str) -> list[Fault]:
    """Find a CRS whose metres are none, such as that of web maps (EPSG:3857).

    Parameters
    ----------
    frame : DataFrame
        Columns ``x``, ``y`` [m]; positions that `check_positions` found nothing wrong with.
    crs : str
        The study's projected system.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
    """
    east, north = float(frame["x"].median()), float(frame["y"].median())
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(east, north)
    factors = Proj(crs).get_factors(lon, lat)
    scale = max(factors.meridional_scale, factors.parallel_scale)
    if abs(scale - 1) <= _MOST_STRETCH:
        return []
    problem = f"a metre of {crs} is {1 / scale:.2f} m on the ground here."
    remedy = "Reproject the positions to a system that is true to length; in Norway EPSG:25833."
    return [Fault(where, "crs", problem, remedy)]


def check_stops(stops: gpd.GeoDataFrame, streets: pd.DataFrame, where: str) -> list[Fault]:
    """Find a study whose coordinate system is not the one its positions are in.

    A timetable gives its stops in degrees, so they lie right whatever the study file says.

    Parameters
    ----------
    stops : GeoDataFrame
        Indexed by stop id, in the study's coordinate system.
    streets : DataFrame
        Points of the street network: ``id``, ``x``, ``y`` [m].
    where : str
        File name of the timetable for the faults.

    Returns
    -------
    list of Fault
        One, if stops lie far from the points of the same id, or all stops from every point.
    """
    at = pd.DataFrame({"x": stops.geometry.x, "y": stops.geometry.y}, index=stops.index)
    same = streets.set_index("id")[["x", "y"]].reindex(at.index).dropna()
    if len(same):
        apart = np.hypot(*(at.loc[same.index] - same).to_numpy(dtype=float).T)
        far, what = float(np.median(apart)), "the street network's points of the same names"
    elif len(at):
        far = float(_nearest_m(at.to_numpy(dtype=float), streets).min())
        what = "any point of the street network"
    else:
        return []
    if far <= FAR_FROM_STOPS_M:
        return []
    problem = f"its stops lie {far / 1000:.0f} km from {what}."
    remedy = (
        "Check crs in study.toml: it must be the system the tables' x and y are in. If it is, "
        "the timetable is of another place."
    )
    return [Fault(where, "", problem, remedy)]


def check_link_lengths(links: pd.DataFrame, points: pd.DataFrame, where: str) -> list[Fault]:
    """Find links shorter than the straight line between their ends, and absurdly long ones.

    A short link comes of a wrong position or of two coordinate systems in one study; a long one
    of metres written as kilometres.

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
    detour = km * 1000 / (straight + ROUNDING_M)
    faults = [
        Fault(
            where,
            f"row {row + 2}, {links['from'].iloc[row]}–{links['to'].iloc[row]}",
            f"{km[row]:g} km, but its ends are only {straight[row] / 1000:.2f} km apart.",
            "Write the length in kilometres, not in metres.",
        )
        for row in np.flatnonzero((km > FAR_ROUND_KM) & (detour > LONGEST_DETOUR))
    ]
    return faults + [
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


def notes_on_links(
    points: gpd.GeoDataFrame, streets: Streets, profiles: Iterable[Profile]
) -> list[str]:
    """Say which places and sites have no link of their own, and what becomes of them.

    Parameters
    ----------
    points : GeoDataFrame
        Indexed by id, with ``name``.
    streets : Streets
        The network; the points may be nodes of it.
    profiles : iterable of Profile
        The ways to travel.

    Returns
    -------
    list of str
        One sentence for each such point.
    """
    ends = streets.edges[["tail", "head"]].to_numpy().ravel()
    loose = points[~points.index.isin(streets.nodes.index[np.unique(ends)])]
    return [
        f"{name} ({i}) has no link, and no street lies near enough: no travel time in any mode."
        if np.isnan(metres)
        else f"{name} ({i}) has no link of its own: it is joined to the nearest street, "
        f"{metres:.0f} m away in a straight line. Add a link; if water lies between, lower "
        "snap_limit_m."
        for i, name, metres in _joined(loose, streets, profiles)
    ]


def notes_on_joins(
    points: gpd.GeoDataFrame, streets: Streets, profiles: Iterable[Profile]
) -> list[str]:
    """Say which places and sites are joined to no street, or to one far off.

    For streets of an extract, where every point is joined to the nearest.

    Parameters
    ----------
    points : GeoDataFrame
        Indexed by id, with ``name``.
    streets : Streets
        The network.
    profiles : iterable of Profile
        The ways to travel.

    Returns
    -------
    list of str
        One sentence for each such point.
    """
    far = f"{FAR_JOIN_M:.0f} m"
    return [
        f"{name} ({i}) has no street near enough: no travel time in any mode."
        if np.isnan(metres)
        else f"{name} ({i}) is joined to the nearest street, {metres:.0f} m away in a straight "
        f"line, more than {far}. If water lies between, lower snap_limit_m."
        for i, name, metres in _joined(points, streets, profiles)
        if np.isnan(metres) or metres > FAR_JOIN_M
    ]


def _joined(
    points: gpd.GeoDataFrame, streets: Streets, profiles: Iterable[Profile]
) -> list[tuple[str, str, float]]:
    """Id, name and metres to the street of each point, in the first mode that finds one."""
    away = pd.Series(np.nan, index=points.index)
    for profile in profiles if len(points) else ():
        found = attach(points, streets, edge_seconds(streets, profile), profile)
        away = away.fillna(found["snap_m"].where(found["linked"]))
    return list(zip(points.index, points["name"], away, strict=True))
