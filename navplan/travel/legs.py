"""Legs of an itinerary: walks, waits, rides and changes, drives and ferries, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from navplan.nouns import Profile, Streets
from navplan.travel.street_way import CONNECTOR, Piece
from navplan.units import SECONDS_PER_MINUTE

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "walk": "on foot",
        "cycle": "by bicycle",
        "drive": "by car",
        "ferry": "a ferry of the street network, the wait for it included",
        "wait": "standing",
        "ride": "in a vehicle of the timetable",
        "seated": "the same, where one stays seated as a trip goes on as another",
        "change": "from one vehicle to the stop of the next, with the least time that takes",
    }
)
"""Kinds of legs."""
_KIND_OF_MODE: Final = {"walk": "walk", "bicycle": "cycle", "car": "drive", "transit": "walk"}
_NAMED_STRUCTURES: Final = ("tunnel", "bridge")


@dataclass(frozen=True)
class Leg:
    """One stretch of an itinerary.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    start, end : str
        Names of stops; ids of zone, site and street nodes.
    line : str
        The public line; the class of road and what it runs through; "" where neither matters.
    departs, arrives : float
        [s after midnight].
    metres : float
        NaN where not known, as for rides [m].
    geometry : geometry or None
        Its course.
    """

    kind: str
    start: str
    end: str
    line: str
    departs: float
    arrives: float
    metres: float = np.nan
    geometry: BaseGeometry | None = None

    @property
    def minutes(self) -> float:
        """How long it takes [min]."""
        return (self.arrives - self.departs) / SECONDS_PER_MINUTE


def table_of(legs: Iterable[Leg], streets: Streets) -> gpd.GeoDataFrame:
    """Put legs into a table.

    Parameters
    ----------
    legs : iterable of Leg
        In order of time.
    streets : Streets
        For the coordinate system.

    Returns
    -------
    GeoDataFrame
        ``kind``, ``from``, ``to``, ``line``, ``departs`` and ``arrives`` [s after midnight],
        ``minutes`` [min], ``metres`` [m] and the course.
    """
    rows = list(legs)
    columns = {
        "kind": [leg.kind for leg in rows],
        "from": [leg.start for leg in rows],
        "to": [leg.end for leg in rows],
        "line": [leg.line for leg in rows],
        "departs": np.array([leg.departs for leg in rows], dtype=float),
        "arrives": np.array([leg.arrives for leg in rows], dtype=float),
        "minutes": np.array([leg.minutes for leg in rows], dtype=float),
        "metres": np.array([leg.metres for leg in rows], dtype=float),
    }
    course = gpd.GeoSeries([leg.geometry for leg in rows], crs=streets.nodes.crs)
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=course)


def street_legs(
    pieces: Sequence[Piece],
    streets: Streets,
    profile: Profile,
    *,
    ends: tuple[str, str],
    departs: float,
    arrives: float | None = None,
) -> list[Leg]:
    """Legs over the streets: one for each run on roads of a class, or one walk in transit.

    Parameters
    ----------
    pieces : sequence of Piece
        From `navplan.travel.street_way.StreetWays`.
    streets : Streets
        The network.
    profile : Profile
        Its mode.
    ends : tuple of str
        Names of where it starts and where it ends.
    departs : float
        [s after midnight].
    arrives : float, optional
        Where the whole takes a rounded number of seconds [s after midnight].

    Returns
    -------
    list of Leg
        A crossing by ferry is a leg of its own in every mode. None that takes no time.
    """
    runs = [(key, list(run)) for key, run in groupby(pieces, lambda p: _what(p, streets, profile))]
    legs: list[Leg] = []
    start, now = ends[0], departs
    for number, ((kind, line), run) in enumerate(runs, start=1):
        after = now + sum(piece.seconds for piece in run)
        end = ends[1]
        if number < len(runs):
            end = _meeting(run[-1], runs[number][1][0], streets)
        elif arrives is not None:
            after = arrives
        metres = sum(piece.metres for piece in run)
        if after > now:
            legs.append(Leg(kind, start, end, line, now, after, metres, course_of(run)))
        start, now = end, after
    return legs


def _what(piece: Piece, streets: Streets, profile: Profile) -> tuple[str, str]:
    """Kind of leg and what it runs on."""
    kind = _KIND_OF_MODE[profile.mode]
    if piece.edge == CONNECTOR:
        return kind, "" if profile.mode == "transit" else "off the streets"
    road_class = str(streets.edges["road_class"].to_numpy()[piece.edge])
    structure = str(streets.edges["structure"].to_numpy()[piece.edge])
    if "ferry" in {road_class, structure}:
        return "ferry", ""
    if profile.mode == "transit":
        return kind, ""
    return kind, f"{road_class}, {structure}" if structure in _NAMED_STRUCTURES else road_class


def _meeting(before: Piece, after: Piece, streets: Streets) -> str:
    """Id of the node between two pieces."""
    if CONNECTOR not in {before.edge, after.edge}:
        return str(streets.nodes.index[streets.edges["head"].to_numpy()[before.edge]])
    return "the street"


def course_of(pieces: Sequence[Piece]) -> LineString | None:
    """Join the lines of pieces.

    Parameters
    ----------
    pieces : sequence of Piece
        In order.

    Returns
    -------
    LineString or None
        A single line; None where they have no length.
    """
    lines = [piece.line for piece in pieces if piece.line.length > 0]
    if not lines:
        return None
    points = np.concatenate([shapely.get_coordinates(line) for line in lines])
    fresh = np.append(True, (points[1:] != points[:-1]).any(axis=1))
    return LineString(points[fresh])


def clock_s(seconds: float) -> str:
    """Write seconds after midnight as ``"HH:MM:SS"``, to the nearest second.

    Parameters
    ----------
    seconds : float
        Seconds after midnight; hours may pass 24, and those of the day before are negative [s].

    Returns
    -------
    str
        The time of day.
    """
    whole = round(seconds)
    sign, whole = ("-", -whole) if whole < 0 else ("", whole)
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
