"""Ferries that a timetable serves are boarded by timetable, and not by the streets' headways."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from shapely import STRtree

from navplan.errors import Fault, raise_faults
from navplan.network.gtfs_means import is_ferry
from navplan.nouns import Streets, Timetable

REACH_M: Final = 500.0
"""A quay of the streets and a stop of the timetable this far apart are one harbour (assumption)."""


def without_served_ferries(
    streets: Streets, timetable: Timetable, reach_m: float = REACH_M
) -> Streets:
    """Close to walking the ferries whose real departures stand in the timetable.

    For travel by public transport: the streets know a ferry by its headway only, so with both a
    passenger could board it when none sails. A ferry edge is closed, both ways, where a boat of
    the timetable calls within reach of either end, at two different stops. Ferries that the
    timetable lacks stay open, and so do all of them to cars and bicycles.

    Parameters
    ----------
    streets : Streets
        The network.
    timetable : Timetable
        The service day, in the same coordinate system.
    reach_m : float
        From a quay to a stop of the same harbour [m].

    Returns
    -------
    Streets
        The same where no ferry is served; else with ``walk`` and ``wheelchair`` False on those
        edges, and a notice.

    Raises
    ------
    InputError
        If the coordinate systems differ.
    """
    crs = timetable.stops.crs
    if crs != streets.nodes.crs:
        given = f"its CRS is {crs}, the streets' is {streets.nodes.crs}."
        raise_faults([Fault("timetable", "crs", given, "Read it in the streets' CRS.")])
    edges = streets.edges
    afloat = ((edges["structure"] == "ferry") | (edges["road_class"] == "ferry")).to_numpy()
    rows = np.flatnonzero(afloat & (edges["walk"] | edges["wheelchair"]).to_numpy())
    stops, joined = _boats(timetable)
    if not len(rows) or not len(stops):
        return streets
    quays = edges[["tail", "head"]].to_numpy(dtype=np.int64)[rows]
    near = _within_reach(streets, quays.ravel(), timetable, stops, reach_m)
    tails, heads = near[::2], near[1::2]
    served = np.asarray((tails @ joined).multiply(heads).sum(axis=1)).ravel() > 0
    if not served.any():
        return streets
    closed = edges.copy(deep=False)
    for name in ("walk", "wheelchair"):
        still = closed[name].to_numpy(dtype=bool).copy()
        still[rows[served]] = False
        closed[name] = still
    notice = (
        f"{int(served.sum()):,} ferry edges closed to walking: the timetable has their departures."
    )
    return replace(streets, edges=closed, notices=(*streets.notices, notice))


def _boats(timetable: Timetable) -> tuple[npt.NDArray[np.int64], sparse.csr_array]:
    """Stops of boats (positions), and which of them some boat calls at together."""
    afloat = timetable.trips["route_type"].map(is_ferry).to_numpy(dtype=bool)
    calls = timetable.stop_times[["trip", "stop"]].to_numpy(dtype=np.int64)
    calls = np.unique(calls[afloat[calls[:, 0]]], axis=0)
    stops, stop = np.unique(calls[:, 1], return_inverse=True)
    trips, trip = np.unique(calls[:, 0], return_inverse=True)
    shape = (len(stops), len(trips))
    at = sparse.csr_array((np.ones(len(calls)), (stop, trip)), shape=shape)
    joined = (at @ at.T).tolil()
    joined.setdiag(0)
    return stops, joined.tocsr()


def _within_reach(
    streets: Streets,
    nodes: npt.NDArray[np.int64],
    timetable: Timetable,
    stops: npt.NDArray[np.int64],
    reach_m: float,
) -> sparse.csr_array:
    """Node × stop: 1 where they lie within reach."""
    points = shapely.points(shapely.get_coordinates(streets.nodes.geometry.to_numpy()[nodes]))
    places = timetable.stops.geometry.to_numpy()[stops]
    node, stop = STRtree(places).query(points, predicate="dwithin", distance=reach_m)
    shape = (len(nodes), len(stops))
    return sparse.csr_array((np.ones(len(node)), (node, stop)), shape=shape)
