"""Local ways on foot and by bicycle, which a map of main roads lacks, and ways known by hand."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from _roads import Link, Node, Way
from scipy.spatial import Delaunay, cKDTree
from shapely.geometry import LineString

from navplan.errors import Fault, raise_faults

DETOUR: Final = 1.3
"""Way over straight line on local links."""
STEP_M: Final = 125.0
"""A local way is looked at this often."""
Floats = npt.NDArray[np.float64]
LOCAL: Final = Way(
    "path", "", "open", walk=True, bicycle=True, car=False, opened="",
    source=f"navplan: straight line between neighbours in built-up land × {DETOUR:g}",
    date="2026", quality="approximate",
)  # fmt: skip


def gabriel(points: Floats) -> list[tuple[int, int]]:
    """Pairs of points with no third point in the circle over their line (Gabriel graph).

    Parameters
    ----------
    points : array of shape (n, 2)
        Different positions [m].

    Returns
    -------
    list of tuple of int
        Pairs of rows, lower first, sorted.

    References
    ----------
    .. [1] K. R. Gabriel, R. R. Sokal (1969), A new statistical approach to geographic variation
       analysis, Systematic Zoology 18(3), 259–278, doi:10.2307/2412323.
    """
    if len(points) < 3:
        return [(0, 1)] if len(points) == 2 else []
    corners = Delaunay(points).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    pairs = np.unique(np.sort(sides, axis=1), axis=0)
    ends = points[pairs]
    radius = np.hypot(*(ends[:, 0] - ends[:, 1]).T) / 2
    nearest, _ = cKDTree(points).query(ends.mean(axis=1))
    return [(int(a), int(b)) for a, b in pairs[nearest >= radius - 1e-6]]


def local_links(
    nodes: dict[Node, tuple[float, float]],
    *,
    cells: Floats,
    barriers: Collection[LineString],
    existing: Collection[Link],
    longest_m: float,
    built_up_m: float,
) -> list[Link]:
    """Ways between neighbouring nodes where the whole straight line lies in built-up land.

    Parameters
    ----------
    nodes : dict
        Node to position [m].
    cells : array of shape (n, 2)
        Centres of inhabited cells [m].
    barriers : collection of LineString
        Waters that no local way crosses.
    existing : collection of Link
        Where one that is open on foot joins the same nodes, none is added.
    longest_m : float
        Longest straight line [m].
    built_up_m : float
        Every 125 m of it lies within this of an inhabited cell [m].

    Returns
    -------
    list of Link
        Open on foot and by bicycle, `DETOUR` longer than the straight line.
    """
    joined = {frozenset((link.tail, link.head)) for link in existing if link.way.walk}
    at: dict[tuple[float, float], list[Node]] = {}
    for node in sorted(nodes, key=str):
        at.setdefault(nodes[node], []).append(node)
    links = [
        Link(same[0], other, 0.01, LOCAL)
        for same in at.values()
        for other in same[1:]
        if frozenset((same[0], other)) not in joined
    ]
    spots = sorted(at)
    points = np.array(spots, dtype=float)
    tree = cKDTree(cells)
    wall = shapely.union_all(list(barriers)) if barriers else LineString()
    shapely.prepare(wall)
    for a, b in gabriel(points):
        straight = float(np.hypot(*(points[a] - points[b])))
        tail, head = at[spots[a]][0], at[spots[b]][0]
        pairs = {frozenset((t, h)) for t in at[spots[a]] for h in at[spots[b]]}
        if straight > longest_m or pairs & joined:
            continue
        if wall.intersects(LineString([points[a], points[b]])):
            continue
        steps = np.linspace(0, 1, int(straight // STEP_M) + 2)[:, None]
        away, _ = tree.query(points[a] + steps * (points[b] - points[a]))
        if away.max() <= built_up_m:
            links.append(Link(tail, head, round(max(0.01, DETOUR * straight / 1000), 2), LOCAL))
    return links


def hand_ends(rows: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Positions of the ends of hand-made ways that are written ``x;y`` instead of an id.

    Parameters
    ----------
    rows : DataFrame
        Texts, columns ``from``, ``to``.
    points : DataFrame
        Index id of places, offices and stops.

    Returns
    -------
    DataFrame
        Index the text of the end; ``x``, ``y`` [m].

    Raises
    ------
    InputError
        If an end is neither an id nor a position.
    """
    found: dict[str, tuple[float, float]] = {}
    faults = []
    for number, row in rows.iterrows():
        for end in (row["from"], row["to"]):
            if end in points.index:
                continue
            try:
                x, y = map(float, str(end).split(";"))
            except ValueError:
                problem = f"{end!r} is no id of a place, office or stop, and no position x;y."
                faults.append(Fault("extra_links.csv", f"row {int(str(number)) + 2}", problem))
                continue
            found[end] = (x, y)
    raise_faults(faults)
    return pd.DataFrame.from_dict(found, orient="index", columns=["x", "y"], dtype=float)


def hand_links(rows: pd.DataFrame) -> list[Link]:
    """Ways known by hand, as links.

    Parameters
    ----------
    rows : DataFrame
        Texts with the columns of `navplan.tables.LINKS`.

    Returns
    -------
    list of Link
        In the order of the rows.
    """

    def number(text: str) -> float:
        return float(text) if text else float("nan")

    return [
        Link(
            row["from"],
            row["to"],
            float(row["km"]),
            Way(
                row["road_class"], row["road_number"], row["structure"], row["walk"] == "yes",
                row["bicycle"] == "yes", row["car"] == "yes", row["opened"],
                row["source"], row["date"], row["quality"],
            ),
            number(row["climb_m"]),
            number(row["crossing_min"]),
            number(row["headway_min"]),
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
