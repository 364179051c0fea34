"""The nouns that travel between the floors: frozen, checked when made, plain tables inside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from navplan.errors import Fault, raise_faults
from navplan.units import MODES, STEP_FREE, WEEKDAYS, Mode, Reason, StepFree, clock

NEAREST: Final = "nearest"
"""Allocation word: every zone of the area goes to the office nearest in time."""


_ALL_PERCENT: Final = 100


def _missing(frame: pd.DataFrame, columns: tuple[str, ...], noun: str) -> list[Fault]:
    return [
        Fault(noun, name, f"column {name} is missing; found {', '.join(map(str, frame.columns))}.")
        for name in columns
        if name not in frame.columns
    ]


def _index_faults(index: pd.Index, noun: str) -> list[Fault]:
    twice = index[index.duplicated()].unique()
    return [Fault(noun, str(i), "the id stands more than once.", "Ids must differ.") for i in twice]


def _crs_faults(frame: gpd.GeoDataFrame, noun: str) -> list[Fault]:
    if frame.crs is None:
        return [Fault(noun, "crs", "no coordinate system is given.", "Set it, e.g. EPSG:25833.")]
    if not CRS(frame.crs).is_projected:
        given = f"{frame.crs.to_string()} is in degrees; metres are needed."
        return [Fault(noun, "crs", given, "Reproject, e.g. to EPSG:25833.")]
    return []


@dataclass(frozen=True, repr=False)
class Zones:
    """The places people live.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by zone id (str); columns ``name``, ``area``, ``kommune`` and point geometry at
        the populated point, in a projected CRS [m].

    Raises
    ------
    InputError
        On duplicate ids, missing columns, empty points, or a CRS in degrees.
    """

    table: gpd.GeoDataFrame

    def __post_init__(self) -> None:
        faults = _missing(self.table, ("name", "area", "kommune", "geometry"), "zones")
        faults += _index_faults(self.table.index, "zones")
        if not faults:
            faults += _crs_faults(self.table, "zones")
            empty = self.table.index[self.table.geometry.is_empty | self.table.geometry.isna()]
            faults += [Fault("zones", str(i), "has no position.") for i in empty]
        raise_faults(faults)

    @property
    def areas(self) -> tuple[str, ...]:
        """Names of the areas, sorted."""
        return tuple(sorted(self.table["area"].unique()))

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Zones({len(self)} zones in {len(self.areas)} areas, {self.table.crs})"


@dataclass(frozen=True, repr=False)
class Population:
    """Residents by zone and age group under one outlook.

    Parameters
    ----------
    table : DataFrame
        Zones (rows, same ids as `Zones`) × age groups (columns) → persons, no negatives.
    name : str
        Name of the outlook.
    """

    table: pd.DataFrame
    name: str

    def __post_init__(self) -> None:
        where = f"population {self.name}"
        faults = _index_faults(self.table.index, where)
        values = self.table.to_numpy(dtype=float)
        for row, column in np.argwhere(~(values >= 0))[:20]:
            key = f"{self.table.index[row]}, {self.table.columns[column]}"
            given = f"{values[row, column]:g} people; expected zero or more."
            faults.append(Fault(where, key, given))
        raise_faults(faults)

    @property
    def people(self) -> pd.Series[float]:
        """Residents of all ages by zone."""
        return self.table.sum(axis=1)

    @property
    def ages(self) -> tuple[str, ...]:
        """Age groups in table order."""
        return tuple(self.table.columns)

    def __repr__(self) -> str:
        return (
            f"Population({self.name!r}, {self.people.sum():,.0f} people, {len(self.table)} zones)"
        )


@dataclass(frozen=True, repr=False)
class Offices:
    """Existing offices and possible sites.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by site id; columns ``name``, ``kind``, ``area``, ``address``, ``step_free``,
        ``quality`` (of the position) and point geometry in a projected CRS [m].
    hours : DataFrame
        Columns ``office``, ``weekday``, ``opens`` [s], ``closes`` [s]; may be empty.
    """

    table: gpd.GeoDataFrame
    hours: pd.DataFrame

    def __post_init__(self) -> None:
        columns = ("name", "kind", "area", "address", "step_free", "quality", "geometry")
        faults = _missing(self.table, columns, "offices") + _index_faults(
            self.table.index, "offices"
        )
        faults += _missing(self.hours, ("office", "weekday", "opens", "closes"), "hours")
        if not faults:
            faults += _crs_faults(self.table, "offices")
            hours = self.hours[["office", "weekday", "opens", "closes"]]
            rows = hours.itertuples(index=False, name=None)
            for office, weekday, opens, closes in rows:
                key = f"{office}, {weekday}"
                if office not in self.table.index:
                    faults.append(Fault("hours", key, "no such office.", "Use an id of offices."))
                if closes <= opens:
                    given = f"closes {clock(closes)}, not after it opens {clock(opens)}."
                    faults.append(Fault("hours", key, given, "Give a later closing time."))
        raise_faults(faults)

    @property
    def existing(self) -> tuple[str, ...]:
        """Ids of the sites where an office stands today."""
        return tuple(self.table.index[self.table["kind"] == "office"])

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Offices({len(self.existing)} offices, {len(self) - len(self.existing)} more sites)"


@dataclass(frozen=True, repr=False)
class Streets:
    """A street network with everything a speed model asks for.

    Parameters
    ----------
    nodes : GeoDataFrame
        Indexed by node id; point geometry in a projected CRS [m].
    edges : DataFrame
        One row a direction. Columns: ``tail``, ``head`` (positions in `nodes`, int), ``length_m``
        [m], ``road_class`` (`tables.ROAD_CLASSES`), ``structure`` (`tables.STRUCTURES`),
        ``walk``, ``bicycle``, ``car`` (bool), ``climb_m`` [m, NaN = unknown], ``opened``
        (datetime, NaT = long ago), ``crossing_min`` and ``headway_min`` [min, NaN unless ferry],
        ``speed_km_h`` (posted [km/h], NaN = by class), ``geometry`` (LineString from tail to
        head, or None = straight). Columns that only some sources know are filled in where they
        are missing: ``wheelchair`` (bool: open to a wheelchair; as ``walk``), ``steps`` (bool: a
        flight of stairs; False), ``surface`` (`tables.SURFACES`; "" = unknown), ``signals``
        (traffic signals passed, that at the head counted; 0), ``car_s`` (car seconds that the
        source gives [s]; NaN), ``sails_from`` and ``sails_until`` (a ferry's hours [s after
        midnight]; NaN = all day), ``way`` (what the source calls it, for reports; "").
    bans : tuple of tuple of int
        Turn restrictions for cars: rows of edges that may not be driven one after another, two
        for a turn at a junction, more for one by way of other streets.
    notices : tuple of str
        What was repaired, assumed or left out when the source was read, in plain words.
    """

    nodes: gpd.GeoDataFrame
    edges: pd.DataFrame
    bans: tuple[tuple[int, ...], ...] = ()
    notices: tuple[str, ...] = ()

    COLUMNS = (
        *("tail", "head", "length_m", "road_class", "structure", "walk", "bicycle", "car"),
        *("climb_m", "opened", "crossing_min", "headway_min", "speed_km_h", "geometry"),
    )
    DEFAULTS: ClassVar[Mapping[str, bool | str | float]] = MappingProxyType(
        {
            "steps": False,
            "surface": "",
            "signals": 0.0,
            "car_s": np.nan,
            "sails_from": np.nan,
            "sails_until": np.nan,
            "way": "",
        }
    )

    def __post_init__(self) -> None:
        faults = _missing(self.edges, self.COLUMNS, "streets")
        if not faults:
            object.__setattr__(self, "edges", self._filled())
        faults += _index_faults(self.nodes.index, "streets")
        if not faults:
            faults += _crs_faults(self.nodes, "streets")
            ends = self.edges[["tail", "head"]].to_numpy()
            if len(ends) and (ends.min() < 0 or ends.max() >= len(self.nodes)):
                faults.append(Fault("streets", "tail, head", "an edge ends at no node."))
            if not (self.edges["length_m"] >= 0).all():
                faults.append(Fault("streets", "length_m", "a length is negative or missing."))
            faults += self._ban_faults()
        raise_faults(faults)

    def _filled(self) -> pd.DataFrame:
        missing = [name for name in ("wheelchair", *self.DEFAULTS) if name not in self.edges]
        edges = self.edges.copy(deep=False) if missing else self.edges
        for name in missing:
            edges[name] = self.DEFAULTS[name] if name in self.DEFAULTS else edges["walk"]
        return edges

    def _ban_faults(self) -> list[Fault]:
        ends = self.edges[["tail", "head"]].to_numpy()
        faults = []
        for number, ban in enumerate(self.bans):
            known = all(0 <= row < len(ends) for row in ban)
            if len(ban) < 2 or not known:  # noqa: PLR2004
                faults.append(Fault("streets", f"ban {number}", f"{ban} names no edges in a row."))
            elif any(ends[a, 1] != ends[b, 0] for a, b in pairwise(ban)):
                faults.append(Fault("streets", f"ban {number}", f"the edges {ban} do not meet."))
        return faults

    def __repr__(self) -> str:
        km = self.edges["length_m"].sum() / 1000
        return f"Streets({len(self.nodes)} nodes, {len(self.edges)} directed edges, {km:,.0f} km)"


def _no_changes() -> pd.DataFrame:
    kinds = {"from_stop": int, "to_stop": int, "least_s": float, "allowed": bool, "timed": bool}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


@dataclass(frozen=True, repr=False)
class Timetable:
    """One service day of a timetable.

    Parameters
    ----------
    stops : GeoDataFrame
        Indexed by stop id; ``name`` and point geometry in a projected CRS [m]; filled in where
        missing: ``step_free`` (1 yes, 0 no, NaN unknown).
    stop_times : DataFrame
        Sorted by ``trip`` then position; columns ``trip`` (int, 0…), ``stop`` (position in
        `stops`, int), ``arrival`` and ``departure`` (seconds after midnight of the day [s], may
        be negative or pass 24 h), ``board`` and ``alight`` (bool: allowed).
    trips : DataFrame
        Indexed 0…; ``line`` (public name), ``trip_id``, ``route_type``; filled in where missing:
        ``step_free`` (as for stops) and ``continues`` (number of the trip it goes on as, its
        passengers staying seated; -1 = none).
    date : date
        The service day.
    changes : DataFrame
        Rules for changing between two stops, rows only where there is one: ``from_stop`` and
        ``to_stop`` (positions in `stops`, int), ``least_s`` (a change takes this at least [s];
        NaN = as long as the walk), ``allowed`` (bool), ``timed`` (bool: the connection waits, no
        slack is needed).
    notices : tuple of str
        What was repaired or dropped when the feed was read, in plain words.
    """

    stops: gpd.GeoDataFrame
    stop_times: pd.DataFrame
    trips: pd.DataFrame
    date: dt.date
    changes: pd.DataFrame = field(default_factory=_no_changes)
    notices: tuple[str, ...] = ()

    CHANGES = ("from_stop", "to_stop", "least_s", "allowed", "timed")

    def __post_init__(self) -> None:
        columns = ("trip", "stop", "arrival", "departure", "board", "alight")
        faults = _missing(self.stop_times, columns, "timetable")
        faults += _missing(self.changes, self.CHANGES, "timetable changes")
        faults += _index_faults(self.stops.index, "timetable stops")
        if "step_free" not in self.stops:
            object.__setattr__(self, "stops", self.stops.assign(step_free=np.nan))
        given = {"step_free": np.nan, "continues": -1}
        new = {name: value for name, value in given.items() if name not in self.trips}
        if new:
            object.__setattr__(self, "trips", self.trips.assign(**new))
        if not faults:
            faults += _crs_faults(self.stops, "timetable")
        raise_faults(faults)

    def __repr__(self) -> str:
        return f"Timetable({self.date}, {len(self.trips)} trips, {len(self.stops)} stops)"


@dataclass(frozen=True)
class Profile:
    """A way to travel.

    Parameters
    ----------
    name : str
        Used in tables and on the command line.
    mode : {"walk", "bicycle", "car", "transit"}
    date : date
        The day: decides which links are open and which service runs.
    arrive_from, arrive_until : int
        Transit: the window of wished arrival times [s after midnight].
    depart_from, depart_until : int or None
        Transit: the window of wished departures; where both are set, it takes the place of the
        arrivals' [s after midnight].
    percentile : float
        Transit: which percentile of the minutes over the window is reported [0–100].
    step_s : int
        Transit: seconds between wished times [s].
    walk_m_per_s : float
        Walking speed [m/s].
    bicycle_km_h : float
        Cycling speed on the flat [km/h].
    car_factor : float
        Free-flow car seconds are multiplied by this.
    turn_costs : bool
        Car: whether turning at a junction costs time (`navplan.network.turns`). Turn restrictions
        hold either way.
    step_free : {"", "known", "unless-barred"}
        Walk and transit: "" for anybody; else only what a wheelchair can use, taking what is not
        known for impassable ("known") or for passable ("unless-barred").
    ferry_wait : float
        Streets: the share of the headway waited for a ferry [0–1]; 0 if one comes in time for it.
    change_slack_s : int
        Transit: least time between alighting and boarding another trip [s].
    max_rides : int or None
        Transit: most vehicles boarded on one way; None for any number. Staying seated while a
        trip goes on as another is no new ride.
    max_walk_min : float
        Transit: longest walk to, from or between stops [min].
    max_direct_walk_min : float or None
        Transit: longest walk all the way, past which it is no journey by public transport [min];
        None means the limit below.
    limit_min : float
        Longer ways count as no time [min].
    snap_limit_m : float
        A zone or site farther from any usable street is not linked [m].
    """

    name: str
    mode: Mode
    date: dt.date
    arrive_from: int = 10 * 3600
    arrive_until: int = 14 * 3600
    depart_from: int | None = None
    depart_until: int | None = None
    percentile: float = 50.0
    step_s: int = 60
    walk_m_per_s: float = 1.2
    bicycle_km_h: float = 15.0
    car_factor: float = 1.0
    turn_costs: bool = False
    step_free: StepFree = ""
    ferry_wait: float = 0.5
    change_slack_s: int = 60
    max_rides: int | None = None
    max_walk_min: float = 25.0
    max_direct_walk_min: float | None = None
    limit_min: float = 240.0
    snap_limit_m: float = 2000.0

    def __post_init__(self) -> None:
        where = f"profile {self.name}"
        faults = []
        if self.mode not in MODES:
            given = f"{self.mode!r}; expected {', '.join(MODES)}."
            faults.append(Fault(where, "mode", given))
        if self.arrive_until < self.arrive_from:
            given = f"until {clock(self.arrive_until)} is before from {clock(self.arrive_from)}."
            faults.append(Fault(where, "arrive", given, "Turn them round."))
        if (self.depart_from is None) != (self.depart_until is None):
            given = "only one end of the window is given."
            faults.append(Fault(where, "depart", given, "Give both from and until, or neither."))
        elif self.by_departure and self.window[1] < self.window[0]:
            given = "until {1} is before from {0}.".format(*map(clock, self.window))
            faults.append(Fault(where, "depart", given, "Turn them round."))
        if self.max_rides is not None and self.max_rides < 1:
            faults.append(Fault(where, "max_rides", f"{self.max_rides}; expected 1 or more."))
        if self.step_free not in STEP_FREE:
            given = f"{self.step_free!r}; expected {', '.join(map(repr, STEP_FREE))}."
            faults.append(Fault(where, "step_free", given))
        if not 0 <= self.ferry_wait <= 1:
            faults.append(Fault(where, "ferry_wait", f"{self.ferry_wait:g}; expected 0 to 1."))
        if not 0 <= self.percentile <= _ALL_PERCENT:
            faults.append(Fault(where, "percentile", f"{self.percentile:g}; expected 0 to 100."))
        positive = (
            *("walk_m_per_s", "bicycle_km_h", "car_factor", "limit_min"),
            *("snap_limit_m", "step_s", "max_walk_min"),
            *(() if self.max_direct_walk_min is None else ("max_direct_walk_min",)),
        )
        faults += [
            Fault(where, key, f"{getattr(self, key):g}; expected more than zero.")
            for key in positive
            if not getattr(self, key) > 0
        ]
        raise_faults(faults)

    @property
    def weekday(self) -> str:
        """``mon`` … ``sun`` of the date."""
        return WEEKDAYS[self.date.weekday()]

    @property
    def by_departure(self) -> bool:
        """Whether the window is one of wished departures, not arrivals."""
        return self.depart_from is not None

    @property
    def window(self) -> tuple[int, int]:
        """First and last wished time, of departure or arrival [s after midnight]."""
        if self.depart_from is not None and self.depart_until is not None:
            return self.depart_from, self.depart_until
        return self.arrive_from, self.arrive_until


@dataclass(frozen=True, repr=False)
class TravelTimes:
    """Minutes from every zone to every site, with a reason where there is no time.

    Parameters
    ----------
    minutes : DataFrame
        Zones (rows) × sites (columns) [min]; NaN means no time.
    reason : DataFrame
        Same shape; values of `units.Reason`, ``ok`` exactly where there is a time.
    snap_m : Series
        Distance from each zone to the street it is linked to [m]; NaN where not linked.
    profile : Profile
        The way to travel.
    digest : str
        sha256 over everything the times depend on.
    """

    minutes: pd.DataFrame
    reason: pd.DataFrame
    snap_m: pd.Series[float]
    profile: Profile
    digest: str = ""

    def __post_init__(self) -> None:
        where = f"travel times {self.profile.name}"
        faults = _index_faults(self.minutes.index, where)
        same = self.minutes.index.equals(self.reason.index) and self.minutes.columns.equals(
            self.reason.columns
        )
        if not same:
            faults.append(Fault(where, "reason", "its zones or sites differ from the minutes'."))
        else:
            timed = self.minutes.notna().to_numpy()
            if (timed != (self.reason == Reason.OK).to_numpy()).any():
                faults.append(Fault(where, "reason", "a time without ok, or ok without a time."))
            values = self.minutes.to_numpy()
            if np.isinf(values).any() or (values[timed] < 0).any():
                faults.append(Fault(where, "minutes", "a time is negative or infinite."))
        raise_faults(faults)

    def __repr__(self) -> str:
        zones, sites = self.minutes.shape
        missing = int(self.minutes.isna().to_numpy().sum())
        return (
            f"TravelTimes({self.profile.name!r}, {zones} zones × {sites} sites, "
            f"{missing} pairs without a time)"
        )
