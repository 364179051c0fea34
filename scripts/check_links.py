"""Hold a study's car minutes against the whole N1000 road map and the real 250 m cells.

Run ``python scripts/check_links.py data/bergen --shared ../shared/data`` after build_places.py
and build_links.py. For each area it prints the people-weighted mean minutes by car to its own
office over places.csv and links.csv, and over the uncut map from every inhabited cell, both with
the same simple speeds. Exits with 1 where they differ by more than `MEDIAN_MIN` in the median area
or `WORST_MIN` in any.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Final

import click
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from _build import Build, read_build
from _roads import BY_TYPE, CONNECTOR, key, read_roads
from build_places import read_cells
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from navplan.errors import InputError

MEDIAN_MIN: Final = 2.0
WORST_MIN: Final = 5.0
KM_H: Final = {
    "motorway": 85.0, "expressway": 80.0, "trunk": 55.0, "primary": 50.0, "secondary": 42.0,
    "tertiary": 38.0, "local": 30.0, "path": 15.0, "cycleway": 15.0,
}  # fmt: skip
CONNECTOR_KM_H: Final = 25.0
PIECE_M: Final = 100.0
Floats = npt.NDArray[np.float64]


def compare_minutes(study: Path, shared: Path, build: Build) -> pd.DataFrame:
    """Mean car minutes to the own office by area, over the study's links and over the map.

    Parameters
    ----------
    study, shared : Path
        Folders of the study and of the source data.
    build : Build
        The study's build file.

    Returns
    -------
    DataFrame
        Index area; ``links``, ``map``, ``difference`` [min].
    """
    offices = pd.read_csv(study / "offices.csv")
    offices = offices[offices["kind"] == "office"].set_index("area")
    places = pd.read_csv(study / "places.csv").set_index("id")
    people = pd.read_csv(study / "people.csv")
    people = people[(people["year"] == people["year"].min()) & (people["alternative"] == "actual")]
    places["people"] = people.groupby("place")["people"].sum()
    cells = read_cells(build, shared)
    by_link = _over_links(study, places, offices)
    by_map = _over_map(build, shared, cells, offices)
    rows = {}
    for area in offices.index:
        own = places[places["area"] == area]
        held = cells[cells["area"] == area]
        rows[area] = {
            "links": np.average(by_link.loc[own.index, area], weights=own["people"]),
            "map": np.average(by_map.loc[held.index, area], weights=held["people"]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.assign(difference=table["links"] - table["map"]).sort_index()


def _search(
    tails: Floats, heads: Floats, minutes: Floats, count: int, sources: list[int]
) -> Floats:
    """Minutes from each source to each node; of parallel edges the fastest counts."""
    edges = pd.DataFrame(
        {"a": np.minimum(tails, heads), "b": np.maximum(tails, heads), "m": minutes}
    )
    edges = edges[edges["a"] != edges["b"]].groupby(["a", "b"], as_index=False)["m"].min()
    graph = coo_array((edges["m"], (edges["a"], edges["b"])), shape=(count, count))
    return np.asarray(dijkstra(graph.tocsr(), directed=False, indices=sources))


def _over_links(study: Path, places: pd.DataFrame, offices: pd.DataFrame) -> pd.DataFrame:
    links = pd.read_csv(study / "links.csv")
    links = links[links["car"] == "yes"]
    number = {name: i for i, name in enumerate(sorted({*links["from"], *links["to"]}))}
    speed = links["road_class"].map(KM_H).where(links["structure"] != "connector", CONNECTOR_KM_H)
    minutes = links["km"] / speed * 60
    ferry = links["structure"] == "ferry"
    minutes = minutes.where(~ferry, links["crossing_min"] + links["headway_min"] / 2)
    found = _search(
        links["from"].map(number).to_numpy(), links["to"].map(number).to_numpy(),
        minutes.to_numpy(), len(number), [number[name] for name in offices["id"]],
    )  # fmt: skip
    columns = [number[name] for name in places.index]
    return pd.DataFrame(found[:, columns].T, places.index, offices.index)


def _over_map(
    build: Build, shared: Path, cells: pd.DataFrame, offices: pd.DataFrame
) -> pd.DataFrame:
    """Dijkstra over the whole map; cells and offices join its main part at the nearest piece."""
    xy = cells[["x", "y"]].to_numpy(dtype=float)
    margin = build.roads.buffer_m
    low, top = xy.min(axis=0) - margin, xy.max(axis=0) + margin
    roads: gpd.GeoDataFrame = read_roads(
        shared / build.roads.file, (low[0], low[1], top[0], top[1]),
        source=build.roads.source, date=build.roads.date,
    )  # fmt: skip
    number: dict[tuple[int, int], int] = {}
    at: list[tuple[float, float]] = []
    edges, fit = [], set()

    def node(x: float, y: float) -> int:
        name = key(x, y)
        if name not in number:
            number[name] = len(at)
            at.append((x, y))
        return number[name]

    for way, line in zip(roads["way"], roads.geometry, strict=True):
        if not way.car:
            continue
        pieces = max(1, round(line.length / PIECE_M))
        spots = [line.interpolate(i / pieces, normalized=True) for i in range(pieces + 1)]
        steps = [node(spot.x, spot.y) for spot in spots]
        minutes = line.length / pieces / 1000 / KM_H[way.road_class] * 60
        edges += [(a, b, minutes) for a, b in itertools.pairwise(steps)]
        if way.structure == "open" and way.road_class not in BY_TYPE.values():
            fit.update(steps)
    tails, heads, minutes_of = map(np.array, zip(*edges, strict=True))
    joined = coo_array((np.ones(len(tails)), (tails, heads)), shape=(len(at), len(at)))
    part = connected_components(joined, directed=False)[1]  # islands have no office
    suitable = np.array([i for i in sorted(fit) if part[i] == np.bincount(part).argmax()])
    tree = cKDTree(np.array(at)[suitable])
    rate = CONNECTOR / 1000 / CONNECTOR_KM_H * 60
    office_away, office_at = tree.query(offices[["x", "y"]].to_numpy(dtype=float))
    away, nearest = tree.query(xy)
    sources = [int(i) for i in suitable[office_at]]
    found = _search(tails, heads, minutes_of, len(at), sources)
    total = found[:, suitable[nearest]] + rate * (away + office_away[:, None])
    return pd.DataFrame(total.T, cells.index, offices.index)


@click.command(help=__doc__)
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="../shared/data",
    show_default=True,
    help="Folder of the source data.",
)
def main(study: Path, shared: Path) -> None:
    """Print the table and judge it."""
    try:
        table = compare_minutes(study, shared, read_build(study))
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(table.round(2).to_string())
    away = table["difference"].abs()
    click.echo(f"median difference {away.median():.2f} min, largest {away.max():.2f} min")
    if away.median() >= MEDIAN_MIN or away.max() > WORST_MIN:
        sys.exit(1)


if __name__ == "__main__":
    main()
