"""Places and people: squares with the residents of their area by year, alternative and age."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from navplan.nouns.source import Source
from navplan.population import (
    cohort_share,
    constant_share,
    group_ages,
    merge_small_cells,
    people_of_cells,
)
from navplan.sources.ssb import bydel_population, population, projection
from navplan.study.fetching.ground import ACTUAL, Ground
from navplan.study.fetching.parts import BORDERS
from navplan.study.fetching.record import Made
from navplan.study.fetching.tables import write_borders, write_table

_COHORT_YEARS: Final = 5
"""Cohorts are followed over five years, the width of the back-test (docs/back-tests.md)."""
_COHORTS_FROM: Final = 60
"""Younger ages keep their constant shares: the method with the least errors in the back-test."""


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
    counted, sources, notices = _by_area(ground)
    areas = counted.rename(columns={"code": "area"})
    squares = cells.frame.rename_axis("cell").reset_index()
    people = people_of_cells(areas, pd.DataFrame(squares[["cell", "area", "people"]]))
    people, squares = _merged(people, squares)
    write_borders(ground.areas.frame, folder / BORDERS)
    write_table(_places(ground, squares), folder / ground.file.zones.file)
    write_table(_people(people), folder / ground.file.people.file)
    return Made((*cells.sources, *sources), (*cells.notices, *notices))


def _by_area(ground: Ground) -> tuple[pd.DataFrame, tuple[Source, ...], tuple[str, ...]]:
    """Residents by code of the area, year, alternative and age group."""
    fetch, web = ground.fetch, ground.web
    bydeler = fetch.area == "bydel"
    base = max(fetch.years)
    years = sorted({*fetch.years, *([base - _COHORT_YEARS] if _cohorts(ground) else [])})
    count = bydel_population if bydeler else population
    now = count(web, ground.kommuner, years)
    parts = [now.frame[now.frame["year"].isin(fetch.years)].assign(alternative=ACTUAL)]
    sources, notices = now.sources, now.notices
    if fetch.projection_years:
        later = projection(web, ground.kommuner, fetch.projection_years, fetch.alternatives)
        sources, notices = (*sources, *later.sources), (*notices, *later.notices)
        parts.append(_spread(later.frame, now.frame, ground) if bydeler else later.frame)
    whole = pd.concat(parts, ignore_index=True)
    keys = ["code", "year", "alternative", "age"]
    summed = whole.groupby(keys, sort=True)["people"].sum().reset_index()
    return group_ages(summed, starts=fetch.ages), sources, notices


def _cohorts(ground: Ground) -> bool:
    fetch = ground.fetch
    return fetch.area == "bydel" and fetch.shares == "cohort" and bool(fetch.projection_years)


def _spread(later: pd.DataFrame, now: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Carry a projection of kommuner to their bydeler."""
    base = max(ground.fetch.years)
    parts = []
    for _, rows in later.groupby(["code", "year", "alternative"]):
        kommune, year = rows["code"].iloc[0], int(rows["year"].iloc[0])
        own = now[now["code"].str[:4] == kommune].rename(columns={"code": "area"})
        total = _with_ages_of(rows[["age", "sex", "people"]], own)
        latest = own[own["year"] == base].drop(columns="year")
        if _cohorts(ground):
            before = own[own["year"] == base - _COHORT_YEARS].drop(columns="year")
            spread = cohort_share(
                before,
                latest,
                total,
                years=_COHORT_YEARS,
                steps=(year - base) / _COHORT_YEARS,
                from_age=_COHORTS_FROM,
            )
        else:
            spread = constant_share(latest, total)
        alternative = rows["alternative"].iloc[0]
        parts.append(
            spread.rename(columns={"area": "code"}).assign(year=year, alternative=alternative)
        )
    return pd.concat(parts, ignore_index=True)


def _with_ages_of(total: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Give a projection a row, if an empty one, for each age the count has beyond its open age."""
    ages = counted[["age", "sex"]].drop_duplicates()
    return (
        ages.merge(total, how="outer", on=["age", "sex"])
        .fillna({"people": 0})
        .astype({"people": "int64"})
    )


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
    x, y = squares.geometry.x.round(1), squares.geometry.y.round(1)
    at = [f"{east // 1000:.0f}-{north // 1000:.0f}" for east, north in zip(x, y, strict=True)]
    area = squares["area"].map(areas["area"])
    return pd.DataFrame(
        {
            "id": squares["cell"],
            "name": area + " " + at,
            "area": area,
            "kommune": squares["area"].map(areas["kommune"]),
            "x": x,
            "y": y,
            "source": "SSB, befolkning på rutenett 1 km",
            "date": squares["year"],
            "quality": "official",
        }
    ).sort_values("id")


def _people(people: pd.DataFrame) -> pd.DataFrame:
    actual = people["alternative"] == ACTUAL
    table = people.rename(columns={"cell": "place"})[
        ["place", "year", "alternative", "age", "people"]
    ]
    said = {True: "SSB, folkemengde og rutenett", False: "SSB, framskriving og rutenett"}
    quality = {True: "approximate", False: "assumption"}
    return table.assign(
        source=actual.map(said),
        date=table["year"].astype(str),
        quality=actual.map(quality),
    ).sort_values(["year", "alternative", "place"], kind="stable")
