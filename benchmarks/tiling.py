"""A city, or a country, made of copies of a real extract: `tiled`.

The largest real extracts at hand have some ten thousand car junctions. Copies of one, laid side by
side and joined across their borders, keep its degrees, its one-way streets and its hierarchy, and
reach any size. What they lack is what binds a real country: motorways that run through it all.
"""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from navplan.network import edge_seconds
from navplan.nouns import Profile, Streets

GAP_M: Final = 200.0
"""Between neighbouring copies [m]."""
BANDS: Final = 48
"""Pieces in which each border is cut."""
JOINTS: Final = 24
"""Two-way streets from each copy to each neighbour, in the bands where the two lie nearest."""
JOINT_CLASS: Final = "secondary"
"""Class of those streets, which gives their speed."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def largest_part(streets: Streets, profile: Profile) -> Streets:
    """Keep the largest part in which each node reaches each other in the profile's mode.

    Parameters
    ----------
    streets : Streets
        The network.
    profile : Profile
        Mode and date that say which edges are open.

    Returns
    -------
    Streets
        Its nodes and the edges open to the mode between them; turn restrictions are left out.
    """
    usable = np.isfinite(edge_seconds(streets, profile))
    ends = streets.edges[["tail", "head"]].to_numpy()
    count = len(streets.nodes)
    graph = csr_array((np.ones(usable.sum()), ends[usable].T), shape=(count, count))
    _, part = connected_components(graph, connection="strong")
    kept = part == np.bincount(part).argmax()
    number = np.cumsum(kept) - 1
    inside = usable & kept[ends].all(axis=1)
    edges = streets.edges[inside].reset_index(drop=True)
    edges["tail"], edges["head"] = number[ends[inside]].T
    return Streets(streets.nodes[kept], edges)


def tiled(streets: Streets, columns: int, rows: int, seed: int) -> Streets:
    """Lay copies of a network side by side and join neighbours.

    Between two neighbours the common border is cut in `BANDS` bands at seeded random places. In
    each band the node nearest to the border on either side could be joined; the `JOINTS` bands
    with the least between them get a two-way street in a straight line. Edges lose their shape:
    they become straight, while ``length_m`` stays that of the real street. So of parallel streets
    only the shortest stays, and loops are left out.

    Parameters
    ----------
    streets : Streets
        What is copied: best one connected part, see `largest_part`.
    columns, rows : int
        Copies eastwards and northwards.
    seed : int
        Of the places where the borders are cut.

    Returns
    -------
    Streets
        Nodes are named by their number; turn restrictions are left out.

    Raises
    ------
    ValueError
        If there are no copies to be made.
    """
    if columns < 1 or rows < 1:
        raise ValueError(f"{columns} × {rows} copies; at least 1 × 1 is needed.")
    at = streets.nodes.get_coordinates().to_numpy()
    copies = columns * rows
    step = np.ptp(at, axis=0) + GAP_M
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    shift = np.column_stack([column.ravel(), row.ravel()]) * step
    everywhere = (at[None] + shift[:, None]).reshape(-1, 2)
    nodes = gpd.GeoDataFrame(
        index=pd.RangeIndex(len(everywhere)).astype(str),
        geometry=gpd.points_from_xy(*everywhere.T),
        crs=streets.nodes.crs,
    )
    base = _simple(streets.edges).assign(geometry=None)
    edges = pd.concat([base] * copies, ignore_index=True)
    first = np.repeat(np.arange(copies) * len(at), len(base))
    edges["tail"] += first
    edges["head"] += first
    joints = _joints(at, columns, rows, np.random.default_rng(seed))
    if len(joints):
        edges = pd.concat([edges, _streets_along(joints, everywhere, base)], ignore_index=True)
    return Streets(nodes, edges)


def grid_for(streets: Streets, nodes: int) -> tuple[int, int]:
    """Columns and rows whose copies have about so many nodes, as square as can be.

    Parameters
    ----------
    streets : Streets
        What is copied.
    nodes : int
        How many nodes are wished for.

    Returns
    -------
    columns, rows : int
        The nearest that at most a copy more or less a row reaches.
    """
    copies = max(1, round(nodes / len(streets.nodes)))
    rows = max(1, math.isqrt(copies))
    return max(1, round(copies / rows)), rows


def _simple(edges: pd.DataFrame) -> pd.DataFrame:
    streets = edges[edges["tail"] != edges["head"]].sort_values("length_m", kind="stable")
    return streets.drop_duplicates(["tail", "head"]).sort_index()


def _joints(at: Floats, columns: int, rows: int, rng: np.random.Generator) -> Ints:
    """Pairs of node positions to be joined, over all borders."""
    pairs = []
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if column + 1 < columns:
                pairs.append(_across(at, 0, rng) + np.array([here, here + 1]) * len(at))
            if row + 1 < rows:
                pairs.append(_across(at, 1, rng) + np.array([here, here + columns]) * len(at))
    return np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=np.int64)


def _across(at: Floats, axis: int, rng: np.random.Generator) -> Ints:
    """Positions in one copy of the nodes on both sides of a border: (low side, high side)."""
    out, along = at[:, axis], at[:, 1 - axis]
    cuts = np.sort(rng.uniform(along.min(), along.max(), BANDS - 1))
    band = np.searchsorted(cuts, along)
    order = np.lexsort((out, band))
    starts = np.flatnonzero(np.r_[True, np.diff(band[order]) > 0])
    ends = np.r_[starts[1:], len(at)] - 1
    low, high = order[ends], order[starts]
    nearest = np.argsort(out[high] - out[low], kind="stable")[:JOINTS]
    return np.column_stack([low, high])[nearest]


def _streets_along(joints: Ints, at: Floats, like: pd.DataFrame) -> pd.DataFrame:
    ways = np.concatenate([joints, joints[:, ::-1]])
    length = np.hypot(*(at[ways[:, 0]] - at[ways[:, 1]]).T)
    new = like.iloc[np.zeros(len(ways), dtype=int)].copy()
    plain = {name: value for name, value in Streets.DEFAULTS.items() if name in new}
    return new.assign(
        **plain, tail=ways[:, 0], head=ways[:, 1], length_m=length, road_class=JOINT_CLASS,
        structure="open", walk=True, wheelchair=True, bicycle=True, car=True, climb_m=np.nan,
        opened=np.datetime64("NaT", "ns"), crossing_min=np.nan, headway_min=np.nan,
        speed_km_h=np.nan,
    )  # fmt: skip
