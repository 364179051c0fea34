"""Hand one street network to peers that know nothing of ours: as arrays, and as OpenStreetMap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import osmium
from osmium.osm import mutable

from navplan.nouns import Streets

EARTH_M: Final = 6_371_000.0
"""Radius on which peers measure lengths [m]."""
ARRAYS: Final = ("tail", "head", "milliseconds", "lon", "lat")
"""What peers get of a network."""
LEAST_KM_H: Final = 0.5
MOST_KM_H: Final = 400.0

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Roads:
    """A street network and its pairs as plain arrays.

    Parameters
    ----------
    tail, head : ndarray of int
        One value an arc: positions of nodes.
    milliseconds : ndarray of int
        One value an arc [ms].
    lon, lat : ndarray of float
        One value a node [°].
    road_class : ndarray of str
        One value an arc, as in `Streets`.
    """

    tail: Ints
    head: Ints
    milliseconds: Ints
    lon: Floats
    lat: Floats
    road_class: npt.NDArray[np.str_]


def roads_of(streets: Streets, seconds: Floats) -> Roads:
    """Arrays of a network whose edges are all open.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        One value an edge [s].

    Returns
    -------
    Roads
        Seconds rounded to milliseconds, as the search rounds them.
    """
    degrees = streets.nodes.geometry.to_crs("EPSG:4326")
    edges = streets.edges
    return Roads(
        edges["tail"].to_numpy(dtype=np.int64),
        edges["head"].to_numpy(dtype=np.int64),
        np.rint(seconds * 1000).astype(np.int64),
        degrees.x.to_numpy(),
        degrees.y.to_numpy(),
        edges["road_class"].to_numpy(dtype=str),
    )


def write_arrays(path: Path, roads: Roads, more: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a network and further arrays (origins, targets) as one ``.npz``.

    Parameters
    ----------
    path : Path
        The file.
    roads : Roads
        The network.
    more : mapping of str to ndarray
        Written beside it by name.
    """
    network = {name: getattr(roads, name) for name in ARRAYS}
    np.savez(path, allow_pickle=False, **network, **more)


_HIGHWAY: Final = {
    "motorway": "motorway", "expressway": "trunk", "trunk": "trunk", "primary": "primary",
    "secondary": "secondary", "tertiary": "tertiary", "local": "residential",
    "path": "residential", "cycleway": "residential", "ferry": "residential",
}  # fmt: skip


def write_osm(path: Path, roads: Roads) -> None:
    """Write a network as OpenStreetMap data: a straight way an edge, a node a junction.

    ``maxspeed`` is the straight length over the seconds, so that who drives exactly that fast
    takes as long as ours; ``nav:s`` has the seconds themselves. Two edges there and back that
    take equally long are one way; others carry ``oneway=yes``.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``; overwritten.
    roads : Roads
        The network.
    """
    path.unlink(missing_ok=True)
    metres = straight_m(roads)
    km_h = np.clip(metres / np.maximum(roads.milliseconds, 1) * 3600.0, LEAST_KM_H, MOST_KM_H)
    there = {
        (tail, head): row
        for row, (tail, head) in enumerate(zip(roads.tail, roads.head, strict=True))
    }
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in enumerate(zip(roads.lon, roads.lat, strict=True)):
            writer.add_node(mutable.Node(id=number + 1, location=place, version=1))
        for row, (tail, head) in enumerate(zip(roads.tail, roads.head, strict=True)):
            back = there.get((head, tail), -1)
            both = back >= 0 and roads.milliseconds[back] == roads.milliseconds[row]
            if both and back < row:
                continue  # written with the edge in the other direction
            tags = {
                "highway": _HIGHWAY[roads.road_class[row]],
                "maxspeed": f"{km_h[row]:.4f}",
                "nav:s": f"{roads.milliseconds[row] / 1000:.3f}",
                "oneway": "no" if both else "yes",
            }
            nodes = [int(tail) + 1, int(head) + 1]
            writer.add_way(mutable.Way(id=row + 1, nodes=nodes, tags=tags, version=1))


def straight_m(roads: Roads) -> Floats:
    """Great-circle length of every arc, as peers measure it.

    Parameters
    ----------
    roads : Roads
        The network.

    Returns
    -------
    ndarray of float
        Of the coordinates as the file keeps them [m].
    """
    lon, lat = (np.radians(np.round(degrees, 7)) for degrees in (roads.lon, roads.lat))
    a, b = roads.tail, roads.head
    half = np.sin((lat[b] - lat[a]) / 2) ** 2
    half += np.cos(lat[a]) * np.cos(lat[b]) * np.sin((lon[b] - lon[a]) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(half)))
