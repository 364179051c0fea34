"""What one travels on: streets, and the service day of a timetable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns.checks import crs_faults, index_faults, missing_columns, unplaced
from navplan.nouns.digests import digest, of_columns, of_points
from navplan.nouns.edge_values import edge_faults


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
        are missing: ``wheelchair`` (bool: open to a wheelchair; as ``walk``, but not ``steps``),
        ``steps`` (bool: a flight of stairs; False), ``surface`` (`tables.SURFACES`; "" =
        unknown), ``signals`` (traffic signals passed, that at the head counted; 0), ``car_s``
        (car seconds that the source gives [s]; NaN), ``sails_from`` and ``sails_until`` (a
        ferry's hours [s after midnight]; NaN = all day), ``way`` (what the source calls it, for
        reports; "").
    bans : tuple of tuple of int
        Turn restrictions for cars: rows of edges that may not be driven one after another, two
        for a turn at a junction, more for one by way of other streets.
    notices : tuple of str
        What was repaired, assumed or left out when the source was read, in plain words.

    Raises
    ------
    InputError
        If columns are missing, hold another kind of value than said above, a negative or
        infinite one where there can be none, or leave a length or the signals open; if a node has
        no position or an id stands twice; if an edge ends at no node, a ban names no edges in a
        row, or the CRS is in degrees.
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
        faults = missing_columns(self.edges, self.COLUMNS, "streets")
        if not faults:
            faults += edge_faults(self.edges)
        if not faults:
            object.__setattr__(self, "edges", self._filled())
        faults += index_faults(self.nodes.index, "streets")
        if not faults:
            faults += crs_faults(self.nodes, "streets")
            ends = self.edges[["tail", "head"]].to_numpy()
            if len(ends) and (ends.min() < 0 or ends.max() >= len(self.nodes)):
                faults.append(Fault("streets", "tail, head", "an edge ends at no node."))
            faults += self._position_faults()
            faults += self._ban_faults()
        raise_faults(faults)

    @cached_property
    def digest(self) -> str:
        """Hash of nodes, edges and bans; not of notices and of what ways are called."""
        columns = (*self.COLUMNS, "wheelchair", *(name for name in self.DEFAULTS if name != "way"))
        parts = [*of_points("nodes", self.nodes), *of_columns("edges", self.edges[list(columns)])]
        return digest([*parts, ("bans", str(self.bans).encode())])

    def _filled(self) -> pd.DataFrame:
        missing = [name for name in (*self.DEFAULTS, "wheelchair") if name not in self.edges]
        edges = self.edges.copy(deep=False) if missing else self.edges
        for name in missing:
            if name in self.DEFAULTS:
                edges[name] = self.DEFAULTS[name]
            else:
                edges[name] = edges["walk"] & ~edges["steps"]
        return edges

    def _position_faults(self) -> list[Fault]:
        rows = unplaced(self.nodes)
        if not len(rows):
            return []
        given = f"has no position ({len(rows)} nodes in all)."
        key = f"node {self.nodes.index[rows[0]]}"
        return [Fault("streets", key, given, "Give it a point [m], or leave it out.")]

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
        faults = missing_columns(self.stop_times, columns, "timetable")
        faults += missing_columns(self.changes, self.CHANGES, "timetable changes")
        faults += index_faults(self.stops.index, "timetable stops")
        if "step_free" not in self.stops:
            object.__setattr__(self, "stops", self.stops.assign(step_free=np.nan))
        given = {"step_free": np.nan, "continues": -1}
        new = {name: value for name, value in given.items() if name not in self.trips}
        if new:
            object.__setattr__(self, "trips", self.trips.assign(**new))
        if not faults:
            faults += crs_faults(self.stops, "timetable")
        raise_faults(faults)

    @cached_property
    def digest(self) -> str:
        """Hash of the service day: stops, trips, calls and rules for changing."""
        calls = self.stop_times[["trip", "stop", "arrival", "departure", "board", "alight"]]
        parts = [
            ("service day", str(self.date).encode()),
            *of_points("stops", self.stops),
            *of_columns("stops", self.stops[["step_free"]]),
            *of_columns("trips", self.trips[["step_free", "continues", "route_type"]]),
            *of_columns("calls", calls),
            *of_columns("changes", self.changes[list(self.CHANGES)]),
        ]
        return digest(parts)

    def __repr__(self) -> str:
        return f"Timetable({self.date}, {len(self.trips)} trips, {len(self.stops)} stops)"
