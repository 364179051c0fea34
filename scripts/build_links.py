"""Make a study's nodes.csv and links.csv from main roads, its points and ways known by hand.

Run ``python scripts/build_links.py data/bergen --shared ../shared/data`` after build_places.py;
the study must have offices.csv and may have timetable/stops.csv. The folder ``hand`` may hold

extra_links.csv
    Ways the map lacks, columns of links.csv; ends are ids of places, offices or stops, or
    positions ``x;y`` [m]. An open street for cars between two positions is drawn on the map:
    points may join it, and an end close to the end of a road is that end. Any other position
    becomes a junction, joined to the nearest road. Ferries stand here too, with crossing and
    headway: those of the map have neither and are left out.
road_facts.csv
    ``name``, ``road_number``, ``x``, ``y`` (a point on the road [m]), ``structure``, ``opened``,
    ``walk``, ``bicycle``, ``car``: corrects one road of the map; empty = as on the map.
barriers.csv
    ``name``, ``wkt`` (LINESTRING [m]): waters that no connector and no local way crosses.
heights.csv
    ``place``, ``height_m``: how far a hillside place lies above its main road [m]; gives the climb
    of the connectors and local ways of the place and of stops and sites close to it.

Roads: N1000, without planned links, barmarksløyper and ferries. E and R roads are trunk, F
secondary, K and P local; motorveg is motorway, motortrafikkveg expressway; sti is path. Foot and
bicycle are closed on motorways, expressways and in road tunnels. Local ways are for foot and
bicycle only: cars get from a connector to the main road, as local streets seldom shorten that.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from _build import Build, read_build, read_texts, write_table
from _common import shared_option
from _local_ways import hand_ends, hand_links, local_links
from _roads import Link, Node, apply_facts, contract, cut, on_map, prune, read_roads
from build_places import read_cells

from navplan import tables
from navplan.errors import Fault, InputError, raise_faults

FAR_M: Final = 6000.0
"""Beyond this a point is not joined to a road [m]."""
HEIGHT_M: Final = 400.0
"""A stop or site this near to a hillside place lies as high as it [m]."""
LINK_COLUMNS: Final = tuple(name for name in tables.LINKS.columns)[:-3]
FACT_COLUMNS: Final = (
    *("name", "road_number", "x", "y", "structure", "opened", "walk", "bicycle", "car"),
)


def read_points(study: Path) -> pd.DataFrame:
    """Read all places, offices and stops of a study.

    Parameters
    ----------
    study : Path
        Folder of the study.

    Returns
    -------
    DataFrame
        Index id; ``x``, ``y`` [m], ``kind`` (place, site or stop), sorted by id.

    Raises
    ------
    InputError
        If a file is missing or an id stands twice.
    """
    parts = []
    names = {"place": "places.csv", "site": "offices.csv", "stop": "timetable/stops.csv"}
    for kind, name in names.items():
        if not (study / name).is_file():
            if kind == "stop":
                continue
            raise_faults([Fault(name, "", "there is no such file.", "Build it first.")])
        frame = pd.read_csv(study / name, dtype={"id": str})[["id", "x", "y"]]
        parts.append(frame.assign(kind=kind))
    points = pd.concat(parts)
    twice = points["id"][points["id"].duplicated()]
    raise_faults(Fault("ids", name, "stands more than once among the points.") for name in twice)
    return points.set_index("id").sort_index()


def heights(study: Path, points: pd.DataFrame) -> pd.Series[float]:
    """Height of each point above its main road, where known.

    Parameters
    ----------
    study : Path
        Folder of the study.
    points : DataFrame
        As `read_points` gives them.

    Returns
    -------
    Series
        Metres, only for hillside points.

    Raises
    ------
    InputError
        If a place is not known.
    """
    table = read_texts(study / "hand" / "heights.csv", ("place", "height_m"))
    unknown = table[~table["place"].isin(points.index)]
    raise_faults(Fault("heights.csv", p, "is no place, stop or office.") for p in unknown["place"])
    known = table.set_index("place")["height_m"].astype(float)
    places = points[points["kind"] == "place"]
    found = dict(known)
    # A stop or office lies as high as the place beside it, unless the table says otherwise.
    for row in points[(points["kind"] != "place") & ~points.index.isin(known.index)].itertuples():
        away = np.hypot(places["x"] - row.x, places["y"] - row.y)
        if away.min() <= HEIGHT_M and away.idxmin() in known.index:
            found[str(row.Index)] = float(known[away.idxmin()])
    return pd.Series(found, dtype=float)


def with_climb(links: list[Link], high: pd.Series[float]) -> list[Link]:
    """Add the rise to connectors and local ways of hillside points.

    Parameters
    ----------
    links : list of Link
        Without climb.
    high : Series
        As `heights` gives them; what is not in it lies at the main road.

    Returns
    -------
    list of Link
        The same links, `climb_m` filled where an end is high.
    """
    if high.empty:
        return links
    level = {str(name): float(height) for name, height in high.items()}
    risen = []
    for link in links:
        ends = [level.get(str(node)) for node in (link.tail, link.head)]
        if ends != [None, None]:
            climb = (ends[1] or 0.0) - (ends[0] or 0.0)
            risen.append(replace(link, climb_m=round(climb)))
        else:
            risen.append(link)
    return risen


def build_network(study: Path, shared: Path, build: Build) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables of nodes and links.

    Parameters
    ----------
    study, shared : Path
        Folders of the study and of the source data.
    build : Build
        The study's build file.

    Returns
    -------
    nodes, links : DataFrame
        As in `navplan.tables.NODES` and `navplan.tables.LINKS`.

    Raises
    ------
    InputError
        If the hand-made tables do not fit the study or the map.
    """
    points = read_points(study)
    extra = read_texts(study / "hand" / "extra_links.csv", LINK_COLUMNS)
    facts = read_texts(study / "hand" / "road_facts.csv", FACT_COLUMNS)
    barriers = [
        shapely.from_wkt(wkt)
        for wkt in read_texts(study / "hand" / "barriers.csv", ("name", "wkt"))["wkt"]
    ]
    by_position = extra["from"].str.contains(";") & extra["to"].str.contains(";")
    drawn = extra[by_position & (extra["car"] == "yes") & (extra["structure"] == "open")]
    extra = extra.drop(index=drawn.index)
    ends = hand_ends(extra, points)
    cells = read_cells(build, shared)[["x", "y"]].to_numpy(dtype=float)
    margin = build.roads.buffer_m
    low, top = cells.min(axis=0) - margin, cells.max(axis=0) + margin
    box = (low[0], low[1], top[0], top[1])
    roads = read_roads(
        shared / build.roads.file, box, source=build.roads.source, date=build.roads.date
    )
    hand = hand_links(drawn)
    roads = on_map(apply_facts(roads, facts), drawn, [w.way for w in hand], [w.km for w in hand])
    joined = pd.concat([points[["x", "y"]], ends])
    pieces, alone = cut(roads, joined, barriers=barriers, far_m=FAR_M)
    raise_faults(
        Fault("points", point, f"lies more than {FAR_M / 1000:g} km from every road.",
              "Check its position, or make roads.buffer_m in hand/build.toml larger.")
        for point in alone
    )  # fmt: skip
    pieces = _with_points(prune(pieces + hand_links(extra)))
    main = contract(pieces)
    at = _positions(main, joined)
    walkable = {
        node
        for link in main
        if link.way.walk and link.way.structure != "ferry"
        for node in (link.tail, link.head)
    }
    local = local_links(
        {node: at[node] for node in walkable | set(points.index)},
        cells=cells,
        barriers=barriers,
        existing=main,
        longest_m=build.roads.local_m,
        built_up_m=build.roads.built_up_m,
    )
    soft = [link for link in main if link.way.structure == "connector"] + local
    hard = [link for link in main if link.way.structure != "connector"]
    nodes, links = _tables(hard + with_climb(soft, heights(study, points)), at, points, build)
    return pd.concat([nodes, _stops(study)], ignore_index=True), links


def _stops(study: Path) -> pd.DataFrame:
    """Stops are nodes of the streets, whether or not a timetable is read."""
    path = study / "timetable" / "stops.csv"
    columns = list(tables.NODES.columns)
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    return pd.read_csv(path, keep_default_na=False)[columns]


def _with_points(links: list[Link]) -> list[Link]:
    """Keep the parts of the network that hold at least one place, office or stop."""
    graph = nx.Graph()
    graph.add_edges_from((link.tail, link.head) for link in links)
    kept = {
        node
        for part in nx.connected_components(graph)
        if any(isinstance(n, str) for n in part)
        for node in part
    }
    return [link for link in links if link.tail in kept]


def _positions(links: list[Link], joined: pd.DataFrame) -> dict[Node, tuple[float, float]]:
    at: dict[Node, tuple[float, float]] = {
        str(row.Index): (float(row.x), float(row.y)) for row in joined.itertuples()
    }
    for link in links:
        for node in (link.tail, link.head):
            if not isinstance(node, str):
                at[node] = (float(node[0]), float(node[1]))
    return at


def _tables(
    links: list[Link],
    at: dict[Node, tuple[float, float]],
    points: pd.DataFrame,
    build: Build,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Name the junctions from north-west to south-east and write everything as rows."""
    used = {node for link in links for node in (link.tail, link.head)}
    junctions = sorted(
        (node for node in used if node not in points.index), key=lambda n: (-at[n][1], at[n][0])
    )
    name: dict[Node, str] = {node: f"j{i:04d}" for i, node in enumerate(junctions, start=1)}
    name.update({node: node for node in points.index})
    nodes = pd.DataFrame(
        [
            {
                "id": name[node],
                "x": round(at[node][0]),
                "y": round(at[node][1]),
                "source": build.roads.source if isinstance(node, tuple) else "navplan, by hand",
                "date": build.roads.date,
                "quality": "approximate",
            }
            for node in junctions
        ],
        columns=list(tables.NODES.columns),
    )
    rows = []
    for link in links:
        way = link.way
        rows.append(
            {
                "from": name[link.tail],
                "to": name[link.head],
                "km": link.km,
                "road_class": way.road_class,
                "road_number": way.road_number,
                "structure": way.structure,
                "walk": "yes" if way.walk else "no",
                "bicycle": "yes" if way.bicycle else "no",
                "car": "yes" if way.car else "no",
                "climb_m": link.climb_m,
                "opened": way.opened,
                "crossing_min": link.crossing_min,
                "headway_min": link.headway_min,
                "source": way.source,
                "date": way.date,
                "quality": way.quality,
            }
        )
    frame = pd.DataFrame(rows, columns=list(tables.LINKS.columns))
    return nodes, frame.sort_values(["from", "to", "km", "structure"], ignore_index=True)


def report(nodes: pd.DataFrame, links: pd.DataFrame, points: pd.DataFrame) -> list[str]:
    """Say what the network holds and which points cannot be reached from most others.

    Parameters
    ----------
    nodes, links : DataFrame
        As `build_network` gives them.
    points : DataFrame
        As `read_points` gives them.

    Returns
    -------
    list of str
        Lines.
    """
    km = links.groupby(["road_class", "structure"])["km"].agg(["size", "sum"]).round(1)
    lines = [f"{len(nodes)} junctions, {len(links)} links", km.to_string()]
    for mode in ("car", "bicycle", "walk"):
        graph = nx.Graph()
        graph.add_nodes_from(points.index)
        open_links = links[links[mode] == "yes"]
        graph.add_edges_from(zip(open_links["from"], open_links["to"], strict=True))
        parts = sorted(nx.connected_components(graph), key=len, reverse=True)
        cut_off = sorted(set(points.index) - parts[0])
        lines.append(f"{mode}: {len(cut_off)} points apart from the rest {' '.join(cut_off)}")
    return lines


@click.command(help=__doc__)
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@shared_option
def main(study: Path, shared: Path) -> None:
    """Build the tables and say what is in them."""
    try:
        nodes, links = build_network(study, shared, read_build(study))
        write_table(nodes, study / "nodes.csv", tables.NODES)
        write_table(links, study / "links.csv", tables.LINKS)
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo("\n".join(report(nodes, links, read_points(study))))


if __name__ == "__main__":
    main()
