"""Places and people: squares with the residents of their area by year, alternative and age."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from navplan.population import merge_small_cells, people_of_cells
from navplan.study.fetching.ground import ACTUAL, Ground
from navplan.study.fetching.parts import BORDERS
from navplan.study.fetching.record import Made
from navplan.study.fetching.residents import AS_WRONG, residents_by_area
from navplan.study.fetching.squares import size_said
from navplan.study.fetching.tables import write_borders, write_table
from navplan.study.schema_fetch import Fetch


def fetch_places(ground: Ground, folder: Path) -> Made:
    """Fetch places.csv, people.csv and borders.gpkg.

    Parameters
    ----------
    ground : Ground
        Kommuner, areas and squares.
    folder : Path
        Where the files go.

    Returns
    -------
    Made

    Raises
    ------
    InputError, FetchError
        Of the services, and of figures that do not fit one another.

    Notes
    -----
    Squares with fewer than ten residents in any year or alternative are merged with the nearest
    of their area (`merge_small_cells`); the people of an area are divided over its squares as
    `people_of_cells` says.
    """
    cells = ground.cells
    counted, sources, notices = residents_by_area(ground)
    areas = counted.rename(columns={"code": "area"})
    squares = cells.frame.rename_axis("cell").reset_index()
    people = people_of_cells(areas, pd.DataFrame(squares[["cell", "area", "people"]]))
    people, squares = _merged(people, squares)
    write_borders(ground.areas.frame, folder / BORDERS)
    write_table(_places(ground, squares), folder / ground.file.zones.file)
    write_table(_people(people, ground.fetch), folder / ground.file.people.file)
    return Made((*cells.sources, *sources), (*cells.notices, *notices))


def _merged(people: pd.DataFrame, squares: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge small squares, and leave out those where nobody lives in any year or alternative."""
    totals = people.pivot_table(
        index="cell", columns=["year", "alternative"], values="people", aggfunc="sum"
    )
    figures = [" ".join(map(str, column)) for column in totals.columns]
    totals.columns = pd.Index(figures)
    frame = squares[["cell", "area"]].assign(x=squares.geometry.x, y=squares.geometry.y)
    frame = frame.merge(totals, on="cell")
    into = merge_small_cells(frame, figures=figures).set_index("cell")["into"]
    people = people.assign(cell=people["cell"].map(into))
    keys = [column for column in people.columns if column != "people"]
    people = people.groupby(keys, sort=False)["people"].sum().reset_index()
    lived = people.groupby("cell")["people"].sum()
    there = lived.index[lived > 0]
    return people[people["cell"].isin(there)], squares[squares["cell"].isin(there)]


def _places(ground: Ground, squares: pd.DataFrame) -> pd.DataFrame:
    areas = ground.areas.frame.set_index("code")
    area = squares["area"].map(areas["area"])
    return pd.DataFrame(
        {
            "id": squares["cell"],
            "name": area + " " + _corners(squares),
            "area": area,
            "kommune": squares["area"].map(areas["kommune"]),
            "x": squares.geometry.x.round(1),
            "y": squares.geometry.y.round(1),
            "source": "SSB, befolkning på rutenett " + squares["side_m"].map(size_said),
            "date": squares["year"],
            "quality": "official",
        }
    ).sort_values("id")


def _corners(squares: pd.DataFrame) -> list[str]:
    """Kilometres east and north of the squares' corners, as they are told apart on a map."""
    decimals = 0 if (squares["side_m"] % 1000 == 0).all() else 2
    at = [
        (np.floor(along / squares["side_m"]) * squares["side_m"] / 1000).map(
            lambda km: f"{km:.{decimals}f}"
        )
        for along in (squares.geometry.x, squares.geometry.y)
    ]
    return [f"{east}-{north}" for east, north in zip(*at, strict=True)]


def _people(people: pd.DataFrame, fetch: Fetch) -> pd.DataFrame:
    table = people.rename(columns={"cell": "place"})[
        ["place", "year", "alternative", "age", "people"]
    ]
    actual = table["alternative"] == ACTUAL
    built = f", {fetch.dwellings}" if fetch.shares == "dwellings" else ""
    said = actual.map(
        {True: "SSB, folkemengde og rutenett", False: f"SSB, framskriving og rutenett{built}"}
    )
    wrong = table["alternative"].isin(AS_WRONG)
    return table.assign(
        source=said.where(~wrong, said + "; så feil som framskrivingen fra 2016"),
        date=table["year"].astype(str),
        quality=actual.map({True: "approximate", False: "assumption"}),
    ).sort_values(["year", "alternative", "place"], kind="stable")
