"""Ways of a map → pieces between the places where something happens: a junction, a barrier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from navplan.sources.osm_nodes import signals, stopped
from navplan.sources.osm_read import Extract, Floats, Ints
from navplan.sources.osm_tags import Way

BARRIER_M: Final = 1.0
"""A barrier closes this much of the street on either side of it [m], less on very short ones."""
_MOST: Final = 0.4
"""… but never more than this share of the stretch to the next node, where there may be another."""
_METRES_PER_DEGREE: Final = 111_195.0
_MODES: Final = ("walk", "wheelchair", "bicycle", "car")

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pieces:
    """Stretches of ways with nothing to choose on them; arrays have one value a piece.

    Parameters
    ----------
    run : ndarray of int
        Run of the extract it is a piece of.
    first, last : ndarray of int
        Where it begins and ends in `vertices`, both belong to it.
    kind, turned : ndarray of int
        What it is, as drawn and seen from its end: positions in `table`.
    signals : ndarray of int
        Signals passed along it and against it (two columns), the one at its start not counted.
    vertices : ndarray of int
        Positions in `lon`, `lat`, `names`, run by run.
    table : tuple of Way
        All kinds.
    lon, lat : ndarray of float
        Where the nodes are [°].
    names : ndarray of str
        Their OSM ids; where a barrier begins, its id and that of the node beyond.
    kept : ndarray of bool
        Nodes that stay, whatever meets there.
    notices : tuple of str
        What could not be used.
    """

    run: Ints
    first: Ints
    last: Ints
    kind: Ints
    turned: Ints
    signals: Ints
    vertices: Ints
    table: tuple[Way, ...]
    lon: Floats
    lat: Floats
    names: npt.NDArray[np.object_]
    kept: Flags
    notices: tuple[str, ...]

    @property
    def tail(self) -> Ints:
        """Node each piece begins at."""
        return self.vertices[self.first]

    @property
    def head(self) -> Ints:
        """Node each piece ends at."""
        return self.vertices[self.last]


class _Kinds:
    """Numbers for kinds of way."""

    def __init__(self, known: tuple[Way, ...]) -> None:
        self.code = {way: number for number, way in enumerate(known)}

    def of(self, way: Way) -> int:
        return self.code.setdefault(way, len(self.code))


def split(extract: Extract, keep: frozenset[int]) -> Pieces:
    """Cut ways wherever they meet, end, or pass a barrier that stops somebody.

    Parameters
    ----------
    extract : Extract
        As read.
    keep : frozenset of int
        OSM ids of more nodes to cut at.

    Returns
    -------
    Pieces
        In the order of the ways' ids.

    Notes
    -----
    A barrier becomes a metre of street on both its sides that is closed to whom it stops
    (`osm_nodes.stopped`). At a node where three or more streets meet nobody can tell which of them
    it bars: it is left out and counted.
    """
    kinds = _Kinds(extract.kind)
    run = np.repeat(np.arange(len(extract.ways)), np.diff(extract.first))
    stops, notices = _stops(extract, run)
    vertices, run, stops, lon, lat, names = _with_barriers(extract, run, stops)
    uses = np.bincount(vertices, minlength=len(lon))
    kept = np.zeros(len(lon), dtype=bool)
    kept[: len(extract.nodes)] = np.isin(extract.nodes, list(keep))
    ends = np.diff(run, prepend=-1) != 0
    ends[:-1] |= ends[1:]
    ends[-1] = True
    cut = (uses[vertices] > 1) | kept[vertices] | (vertices >= len(extract.nodes)) | ends
    at = np.flatnonzero(cut | (stops > 0))
    same = run[at[:-1]] == run[at[1:]]
    first, last = at[:-1][same], at[1:][same]
    kind = _closed(extract.kinds[run[first]], stops[first] | stops[last], extract.kind, kinds)
    table = tuple(kinds.code)
    turned = np.array([kinds.of(way.turned()) for way in table])
    lit = np.zeros((len(lon), 2), dtype=np.int64)
    lit[: len(extract.nodes)] = _lit(extract)
    along, against = np.cumsum(lit[vertices], axis=0).T
    before = np.append(0, against)  # so that the sum before a vertex leaves its own signal out
    passed = np.stack([along[last] - along[first], before[last] - before[first]], axis=1)
    return Pieces(run[first], first, last, kind, turned[kind], passed, vertices,
                  tuple(kinds.code), lon, lat, names, kept, notices)  # fmt: skip


def _stops(extract: Extract, run: Ints) -> tuple[Ints, tuple[str, ...]]:
    """Whom each vertex stops that could go there otherwise, as bits in the order of `_MODES`."""
    of_node = np.zeros(len(extract.nodes), dtype=np.int64)
    for node, tags in extract.node_tags.items():
        modes = stopped(tags)
        at = int(np.searchsorted(extract.nodes, node))
        if modes and at < len(extract.nodes) and extract.nodes[at] == node:
            of_node[at] = sum(1 << bit for bit, mode in enumerate(_MODES) if mode in modes)
    of_kind = np.array(
        [sum(1 << bit for bit, m in enumerate(_MODES) if any(getattr(way, m)))
         for way in extract.kind]
    )  # fmt: skip
    stops = of_node[extract.vertices] & of_kind[extract.kinds[run]]
    ends = np.concatenate([extract.first[:-1], extract.first[1:] - 1])
    size = len(extract.nodes)
    arms = 2 * np.bincount(extract.vertices, minlength=size)
    arms -= np.bincount(extract.vertices[ends], minlength=size)
    meeting = arms[extract.vertices]
    lost = len(np.unique(extract.vertices[(stops > 0) & (meeting > 2)]))  # noqa: PLR2004
    told = "Barriers at a node where three or more streets meet, left out"
    return np.where(meeting == 2, stops, 0), (f"{told}: {lost}.",) if lost else ()  # noqa: PLR2004


def _with_barriers(
    extract: Extract, run: Ints, stops: Ints
) -> tuple[Ints, Ints, Ints, Floats, Floats, npt.NDArray[np.object_]]:
    """Put a node on both sides of each barrier: vertices, their runs and stops; all nodes."""
    size = len(extract.nodes)
    number: dict[tuple[int, int], int] = {}
    before: list[int] = []
    new: list[int] = []
    for at in np.flatnonzero(stops):
        for other, place in ((at - 1, at), (at + 1, at + 1)):
            if 0 <= other < len(run) and run[other] == run[at]:
                pair = (int(extract.vertices[at]), int(extract.vertices[other]))
                before.append(int(place))
                new.append(size + number.setdefault(pair, len(number)))
    ends = np.array(list(number), dtype=np.int64).reshape(-1, 2)
    (lon, lon_on), (lat, lat_on) = extract.lon[ends].T, extract.lat[ends].T
    east = (lon_on - lon) * np.cos(np.radians(lat))
    metres = np.hypot(east, lat_on - lat) * _METRES_PER_DEGREE
    share = np.minimum(BARRIER_M / np.maximum(metres, BARRIER_M), _MOST)
    ids = extract.nodes.astype(str).astype(object)
    names = np.array([f"{ids[a]}-{ids[b]}" for a, b in number], dtype=object)
    return (
        np.insert(extract.vertices, before, new),
        np.insert(run, before, run[np.minimum(before, len(run) - 1)] if before else []),
        np.insert(stops, before, 0),
        np.append(extract.lon, lon + share * (lon_on - lon)),
        np.append(extract.lat, lat + share * (lat_on - lat)),
        np.append(ids, names),
    )


def _closed(kind: Ints, stops: Ints, known: tuple[Way, ...], kinds: _Kinds) -> Ints:
    """The kinds of pieces that end at a barrier, without the modes it stops."""
    kind = kind.copy()
    for piece in np.flatnonzero(stops):
        modes = frozenset(m for bit, m in enumerate(_MODES) if stops[piece] >> bit & 1)
        kind[piece] = kinds.of(known[kind[piece]].closed_to(modes))
    return kind


def _lit(extract: Extract) -> Ints:
    """Signals at each node for those along its way, and those against."""
    lit = np.zeros((len(extract.nodes), 2), dtype=np.int64)
    for node, tags in extract.node_tags.items():
        sides = signals(tags)
        at = int(np.searchsorted(extract.nodes, node))
        if any(sides) and at < len(extract.nodes) and extract.nodes[at] == node:
            lit[at] = sides
    return lit
