"""Chains of streets and crossings of ferries → the table of directed edges."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely

from navplan.nouns import Streets
from navplan.sources.osm_ferries import Crossing
from navplan.sources.osm_join import Chains, drawn
from navplan.sources.osm_read import Extract, Floats, Ints
from navplan.sources.osm_split import Pieces
from navplan.sources.osm_tags import Way
from navplan.sources.osm_turns import Rows

INNER: Final = ("first_way", "last_way", "chain", "against")
"""Columns that only `turning` needs."""
_SIDED: Final = ("walk", "wheelchair", "bicycle", "car", "speed_km_h")
_PLAIN: Final = ("road_class", "structure", "steps", "surface", "decided_by")
_SEA: Final = ("crossing_min", "headway_min", "sails_from", "sails_until")


def edges(
    pieces: Pieces, chains: Chains, sea: Sequence[Crossing], extract: Extract, points: Floats
) -> tuple[pd.DataFrame, Ints]:
    """Make two directed edges of each street and crossing, where somebody may use them.

    Parameters
    ----------
    pieces : Pieces
        As split.
    chains : Chains
        Streets.
    sea : sequence of Crossing
        Ferries.
    extract : Extract
        As read.
    points : ndarray of float
        Position of each node (two columns) [m].

    Returns
    -------
    edges : DataFrame
        Columns of `Streets`, ``decided_by`` and `INNER`; by tail, head, length and way.
    ends : ndarray of int
        The nodes that edges end at, ascending; ``tail`` and ``head`` are positions in them.
    """
    both = _undirected(pieces, chains, sea, extract, points)
    table, number = _kinds(pieces, chains, sea)
    ends = np.unique(both[["tail", "head"]].to_numpy(dtype=np.int64))
    for column in ("tail", "head"):
        both[column] = np.searchsorted(ends, both[column].to_numpy(dtype=np.int64))
    for column in _PLAIN:
        values = np.array([getattr(way, column) for way in table])
        both[column] = values.astype(object)[number] if values.dtype.kind == "U" else values[number]
    sides = []
    for side in (0, 1):
        edge = both.drop(columns=["against_signals"]).assign(
            **{name: np.array([getattr(w, name)[side] for w in table])[number] for name in _SIDED},
            against=side,
        )
        if side:
            turn = {
                "tail": "head",
                "head": "tail",
                "first_way": "last_way",
                "last_way": "first_way",
            }
            edge = edge.rename(columns=turn).assign(
                signals=both["against_signals"], geometry=shapely.reverse(both["geometry"])
            )
        sides.append(edge[edge[["walk", "bicycle", "car"]].any(axis=1)])
    found = pd.concat(sides, ignore_index=True)
    found = found.sort_values(["tail", "head", "length_m", "way"], kind="stable", ignore_index=True)
    found["opened"] = pd.Series(pd.NaT, index=found.index, dtype="datetime64[ns]")
    found["climb_m"] = found["car_s"] = np.nan
    first = [*Streets.COLUMNS, "wheelchair", *Streets.DEFAULTS]
    return found[[*first, "decided_by", *INNER]], ends


def _kinds(pieces: Pieces, chains: Chains, sea: Sequence[Crossing]) -> tuple[tuple[Way, ...], Ints]:
    """All kinds of street and crossing, and the one of each."""
    table = (*pieces.table, *(crossing.way for crossing in sea))
    return table, np.append(chains.kind, len(pieces.table) + np.arange(len(sea)))


def _undirected(
    pieces: Pieces, chains: Chains, sea: Sequence[Crossing], extract: Extract, points: Floats
) -> pd.DataFrame:
    """What is the same in both directions, and what belongs to the first of them."""
    ways = extract.ways[pieces.run[chains.entry >> 1]]
    nodes, chain = drawn(pieces, chains)
    lines = shapely.linestrings(points[nodes], indices=chain)
    streets = pd.DataFrame(
        {
            "tail": chains.tail,
            "head": chains.head,
            "length_m": shapely.length(lines),
            "signals": chains.signals[:, 0].astype(float),
            "against_signals": chains.signals[:, 1].astype(float),
            "way": _texts(ways, chains.first, extract),
            "geometry": lines,
            "first_way": ways[chains.first[:-1]],
            "last_way": ways[chains.first[1:] - 1],
            "chain": np.arange(len(chains.tail)),
            **dict.fromkeys(_SEA, np.nan),
        }
    )
    if not sea:
        return streets
    boats = pd.DataFrame(
        {
            "tail": [crossing.quay for crossing in sea],
            "head": [crossing.other for crossing in sea],
            "length_m": [crossing.leg.line.length for crossing in sea],
            "signals": 0.0,
            "against_signals": 0.0,
            "way": [_joined(crossing.leg.ways) for crossing in sea],
            "geometry": [crossing.leg.line for crossing in sea],
            "first_way": -1,
            "last_way": -1,
            "chain": len(streets) + np.arange(len(sea)),
            "crossing_min": [crossing.leg.minutes for crossing in sea],
            **{name: [getattr(crossing.leg, name) for crossing in sea] for name in _SEA[1:]},
        }
    )
    return pd.concat([streets, boats], ignore_index=True) if len(streets) else boats


def _texts(ways: Ints, first: Ints, extract: Extract) -> list[str]:
    labels = [f"{way} {extract.names.get(way, '')}".rstrip() for way in ways.tolist()]
    bounds = first.tolist()
    return [
        labels[start] if end == start + 1 else _joined(sorted(set(labels[start:end])))
        for start, end in itertools.pairwise(bounds)
    ]


def _joined(ways: Iterable[str]) -> str:
    """Ids joined by ";", then the first name; each way is given as its id and perhaps a name."""
    parts = [way.partition(" ") for way in ways]
    name = next((name for _, _, name in parts if name), "")
    return f"{';'.join(number for number, _, _ in parts)} {name}".strip()


def turning(table: pd.DataFrame, ends: Ints, extract: Extract) -> Rows:
    """The edges as `osm_turns.bans` wants them.

    Parameters
    ----------
    table : DataFrame
        As `edges` makes it.
    ends : ndarray of int
        As `edges` makes them.
    extract : Extract
        As read.

    Returns
    -------
    Rows
        Row by row.
    """
    ids = np.full(len(ends), -1)
    ids[ends < len(extract.nodes)] = extract.nodes[ends[ends < len(extract.nodes)]]
    chain, against = table["chain"].to_numpy(), table["against"].to_numpy()
    row = np.full((int(chain.max(initial=-1)) + 1, 2), -1)
    row[chain, against] = np.arange(len(table))
    return Rows(
        tail=ids[table["tail"]],
        head=ids[table["head"]],
        first_way=table["first_way"].to_numpy(),
        last_way=table["last_way"].to_numpy(),
        back=row[chain, 1 - against],
        car=table["car"].to_numpy(),
    )
