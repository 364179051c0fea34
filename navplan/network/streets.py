"""A street network from a table of links."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import Streets

_MODES = ("walk", "bicycle", "car")
_NUMBERS = ("climb_m", "crossing_min", "headway_min")


def streets_from_links(nodes: pd.DataFrame, links: pd.DataFrame, *, crs: Any) -> Streets:
    """Build the network of a study's node and link tables.

    Each link becomes two directed edges, one each way, with the sign of the climb turned. The
    edges are straight (``geometry`` is None); lengths are the links' ``km``. Posted speeds are
    not part of a link table, so `edge_seconds` goes by class of road.

    Use this for tables made by hand or by a build script; a source with one-way streets makes a
    `Streets` itself.

    Parameters
    ----------
    nodes : DataFrame
        Columns ``id``, ``x``, ``y`` [m]: every junction, place, site and stop a link names.
    links : DataFrame
        As `navplan.tables.LINKS`.
    crs : CRS, str or int
        Projected coordinate system of the nodes, in metres.

    Returns
    -------
    Streets
        Nodes in table order; edge rows 2k and 2k + 1 are link k and its reverse.

    Raises
    ------
    InputError
        If a link names an unknown end, an id stands twice, or a ferry has no crossing or headway.
    """
    ids = pd.Index(nodes["id"].astype(str), name="id")
    links = links.reset_index(drop=True)
    faults = [
        Fault("nodes", str(i), "the id stands more than once.", "Give every node its own id.")
        for i in ids[ids.duplicated()].unique()
    ]
    if not faults:
        faults += _link_faults(ids, links)
    raise_faults(faults)
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(nodes["x"], nodes["y"]), index=ids, crs=crs
    )
    return Streets(points, _edges(ids, links))


def _link_faults(ids: pd.Index, links: pd.DataFrame) -> list[Fault]:
    faults = []
    for column in ("from", "to"):
        for row in np.flatnonzero(~links[column].isin(ids)):
            given = f"{links[column].iloc[row]!r} is no node, place, site or stop."
            faults.append(Fault("links", f"row {row + 2}, {column}", given, "Use a known id."))
    ferry = (links["structure"] == "ferry") | (links["road_class"] == "ferry")
    for column in ("crossing_min", "headway_min"):
        for row in np.flatnonzero(ferry & links[column].isna()):
            given = "a ferry without " + column.replace("_min", "") + " minutes."
            faults.append(Fault("links", f"row {row + 2}, {column}", given, "Fill in the minutes."))
    return faults


def _edges(ids: pd.Index, links: pd.DataFrame) -> pd.DataFrame:
    start, end = (ids.get_indexer(pd.Index(links[column])) for column in ("from", "to"))
    both = np.repeat(np.arange(len(links)), 2)
    back = np.tile([False, True], len(links))
    opened = (
        links["opened"].replace("", None) if "opened" in links else pd.Series(None, links.index)
    )
    climb = links["climb_m"].to_numpy(dtype=float)[both]
    edges = {
        "tail": np.where(back, end[both], start[both]),
        "head": np.where(back, start[both], end[both]),
        "length_m": links["km"].to_numpy(dtype=float)[both] * 1000.0,
        "road_class": links["road_class"].to_numpy(dtype=object)[both],
        "structure": links["structure"].to_numpy(dtype=object)[both],
        **{mode: (links[mode] == "yes").to_numpy()[both] for mode in _MODES},
        "climb_m": np.where(back, -climb, climb),
        "opened": pd.to_datetime(opened).to_numpy(dtype="datetime64[ns]")[both],
        **{name: links[name].to_numpy(dtype=float)[both] for name in _NUMBERS[1:]},
        "speed_km_h": np.nan,
        "geometry": np.full(len(both), None, dtype=object),
    }
    return pd.DataFrame(edges)
