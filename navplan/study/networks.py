"""The streets of a study, from its tables or an OpenStreetMap extract, and what lies near them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from navplan.errors import Fault, InputError
from navplan.network import streets_from_links, with_slopes
from navplan.nouns import Streets
from navplan.sources import read_osm
from navplan.study import checks, positions
from navplan.study.schema import StreetFiles

_PREFIX = "osm-"
"""Before the ids of OpenStreetMap's nodes: a site or stop with the same number is no node of it."""


def street_faults(streets: StreetFiles) -> list[Fault]:
    """Find out whether the section names one network and no more.

    Parameters
    ----------
    streets : StreetFiles
        The section of the study file.

    Returns
    -------
    list of Fault
    """

    def fault(key: str, problem: str, remedy: str) -> Fault:
        """Say where it lies."""
        return Fault("study.toml", f"streets.{key}", problem, remedy)

    tables = {"nodes": streets.nodes, "links": streets.links}
    if streets.osm is None:
        faults = [
            fault(key, "is missing.", "Add it, or osm = … for an OpenStreetMap extract.")
            for key, file in tables.items()
            if file is None
        ]
        if streets.heights is not None:
            problem = "is for an OpenStreetMap extract; the links table has climb_m."
            faults.append(fault("heights", problem, "Remove it."))
        return faults
    return [
        fault(key, "stands beside osm: there would be two networks.", "Keep one of them.")
        for key, file in tables.items()
        if file is not None
    ]


def read_extract(folder: Path, files: StreetFiles, crs: str) -> tuple[Streets | None, list[Fault]]:
    """Read the streets of an OpenStreetMap extract, with slopes where there are heights.

    Parameters
    ----------
    folder : Path
        The study's folder.
    files : StreetFiles
        The section of the study file.
    crs : str
        The study's coordinate system.

    Returns
    -------
    Streets or None
        None where the section names no extract, or it cannot be read. Ids of nodes are those of
        OpenStreetMap with ``osm-`` before.
    list of Fault
    """
    if files.osm is None:
        return None, []
    path = folder / files.osm
    if not path.is_file():
        problem = f"there is no such file in {folder.name}/."
        return None, [Fault(files.osm, "", problem, "Put the extract there.")]
    try:
        streets = read_osm(path, crs=crs)
        if files.heights is not None:
            streets = with_slopes(streets, folder / files.heights)
    except InputError as error:
        return None, list(error.faults)
    nodes = streets.nodes.set_axis(_PREFIX + streets.nodes.index.astype(str))
    return replace(streets, nodes=nodes), []


def street_points(streets: Streets) -> pd.DataFrame:
    """Give the points a network is drawn through, to tell what lies near it.

    Parameters
    ----------
    streets : Streets
        The network.

    Returns
    -------
    DataFrame
        ``id``, ``x``, ``y`` [m]: every node, and every bend between them.
    """
    nodes = shapely.get_coordinates(streets.nodes.geometry.to_numpy())
    lines = streets.edges["geometry"].to_numpy(dtype=object)
    bends = shapely.get_coordinates(lines[~shapely.is_missing(lines)])
    ids = [*streets.nodes.index, *(f"bend-{number}" for number in range(len(bends)))]
    at = np.concatenate([nodes, bends])
    return pd.DataFrame({"id": ids, "x": at[:, 0], "y": at[:, 1]})


def check_positions(
    tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], crs: str
) -> list[Fault]:
    """Find points that lie nowhere sensible, in every table that has points.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Sound tables by kind.
    names : mapping of str to str
        Their files, for the faults.
    crs : str
        The study's coordinate system.

    Returns
    -------
    list of Fault
    """
    known = [name for name in ("nodes", "places", "offices") if name in tables]
    return [
        f for name in known for f in positions.check_positions(tables[name], crs, names[name])
    ] or [f for name in known for f in positions.check_stretch(tables[name], crs, "study.toml")]


def check_sites(
    tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], points: pd.DataFrame
) -> list[Fault]:
    """Find sites far from every street or every place.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        With ``places`` and ``offices``.
    names : mapping of str to str
        Their files, for the faults.
    points : DataFrame
        Points of the network: ``x``, ``y`` [m].

    Returns
    -------
    list of Fault
    """
    places = tables["places"]
    # where streets are a table, every place is one of its points
    own = [places[["x", "y"]]] if "nodes" in tables else []
    on_streets = pd.concat([points[["x", "y"]], *own])
    return positions.check_sites_lie_near(tables["offices"], places, on_streets, names["offices"])


def streets_of_tables(
    tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], crs: str
) -> tuple[list[Fault], Streets | None]:
    """Make the streets of a study's tables.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        With ``nodes``, ``links``, ``places`` and ``offices``.
    names : mapping of str to str
        Their files, for the faults.
    crs : str
        The study's coordinate system.

    Returns
    -------
    list of Fault
    Streets or None
        None where links name what is not there, or ferries lack their minutes.
    """
    # Stops are nodes of the street network whether or not a line calls there on the day.
    points = pd.concat([tables[name][["id", "x", "y"]] for name in ("nodes", "places", "offices")])
    links = tables["links"]
    at = points.drop_duplicates("id").set_index("id")
    both = links["from"].isin(at.index) & links["to"].isin(at.index)
    # Rows keep their numbers, so that a fault names the row of the file.
    faults = positions.check_link_lengths(links.where(both), at, names["links"])
    undated = checks.check_opened(links, names["links"])
    if undated:
        links = links.assign(opened="")
    try:
        streets = streets_from_links(points, links, crs=crs)
    except InputError as error:
        faults += [
            Fault(names.get(f.where, f.where), f.key, f.problem, f.remedy) for f in error.faults
        ]
        return faults + undated, None
    return faults + undated, streets
