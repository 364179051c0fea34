"""Make a study's places.csv and people.csv from named seeds, a grid of residents and age tables.

Run ``python scripts/build_places.py data/bergen --shared ../shared/data``. Inputs are
``hand/build.toml`` and ``hand/place_seeds.csv`` of the study and the files they name.

Each inhabited 250 m cell of an area goes to the nearest seed of that area. A place lies at the
inhabited cell nearest to the people-weighted mean of its cells. The residents of an area by age
are split over its places by the places' shares of the area's residents in the grid, in whole
numbers that keep both the place totals and the area's figure for each age group.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
import geopandas as gpd
import numpy as np
import pandas as pd
from _build import Build, read_build, read_texts, write_table
from _common import shared_option
from scipy.spatial import cKDTree

from navplan import tables
from navplan.errors import Fault, InputError, raise_faults
from navplan.population import cohort_ratio, controlled_rounding, largest_remainder

CELL_M: Final = 250
LEAST: Final = 10
"""No published figure of people is below this."""
CRS: Final = "EPSG:25833"


def read_cells(build: Build, shared: Path) -> pd.DataFrame:
    """Read the inhabited cells of the study's areas.

    Parameters
    ----------
    build : Build
        The study's build file.
    shared : Path
        Folder of the source data.

    Returns
    -------
    DataFrame
        Columns ``x``, ``y`` (centre [m]), ``people``, ``area``, in a fixed order.
    """
    cells = pd.read_csv(shared / build.cells.file)
    ids = cells.iloc[:, 0].astype("int64")
    cells = pd.DataFrame(
        {
            "x": ids // 10**7 - 2_000_000 + CELL_M // 2,
            "y": ids % 10**7 + CELL_M // 2,
            "people": cells["people"],
        }
    )
    code_of = {code: area.name for area in build.area for code in area.polygons}
    outlines = gpd.read_file(shared / build.polygons.file).to_crs(CRS)
    outlines["area_name"] = outlines[build.polygons.code].astype(str).map(code_of)
    outlines = outlines.dropna(subset=["area_name"])[["area_name", "geometry"]]
    missing = set(code_of.values()) - set(outlines["area_name"])
    raise_faults([Fault("hand/build.toml", f"area {a}", "has no polygon.") for a in missing])
    near = build.polygons.near_m
    west, south, east, north = outlines.total_bounds
    cells = cells[
        cells["x"].between(west - near, east + near)
        & cells["y"].between(south - near, north + near)
    ].reset_index(drop=True)
    points = gpd.GeoDataFrame(cells, geometry=gpd.points_from_xy(cells["x"], cells["y"]), crs=CRS)
    inside = gpd.sjoin(points, outlines, how="left", predicate="intersects")
    area = inside[~inside.index.duplicated()]["area_name"]
    if near > 0:  # the coast is drawn coarsely: people on it lie outside every area
        left = points[area.isna()]
        if build.polygons.within is not None:
            own = gpd.read_file(shared / build.polygons.within).to_crs(CRS)
            code = own[str(build.polygons.within_code)].astype(str)
            own = own[code.isin(build.polygons.within_codes)]
            left = left[left.intersects(own.union_all())]
        joined = gpd.sjoin_nearest(left, outlines, max_distance=near)
        joined = joined[~joined.index.duplicated()]
        area = area.fillna(joined["area_name"].reindex(area.index))
    cells["area"] = area
    return cells.dropna(subset=["area"]).sort_values(["area", "x", "y"], ignore_index=True)


def make_places(build: Build, seeds: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Gather the cells of each area around its seeds.

    Parameters
    ----------
    build : Build
        The study's build file.
    seeds : DataFrame
        ``id``, ``name``, ``area``, ``x``, ``y`` and where they come from.
    cells : DataFrame
        As `read_cells` gives them.

    Returns
    -------
    DataFrame
        The columns of `navplan.tables.PLACES` and ``weight`` (residents in the grid).

    Raises
    ------
    InputError
        If a seed is in an unknown area or draws no cell, or an area has no seed.
    """
    names = [area.name for area in build.area]
    faults = [
        Fault("place_seeds.csv", f"row {row + 2}, area", f"{area!r} is not known.")
        for row, area in seeds["area"].items()
        if area not in names
    ]
    faults += [
        Fault("place_seeds.csv", name, "the id stands more than once.")
        for name in seeds["id"][seeds["id"].duplicated()]
    ]
    faults += [
        Fault("place_seeds.csv", f"area {name}", "has no seed.")
        for name in names
        if name not in set(seeds["area"])
    ]
    raise_faults(faults)
    rows = []
    for area in build.area:
        own = seeds[seeds["area"] == area.name].sort_values("id")
        held = cells[cells["area"] == area.name]
        at = own[["x", "y"]].astype(float).to_numpy()
        _, nearest = cKDTree(at).query(held[["x", "y"]].to_numpy(dtype=float))
        for number, (_, seed) in enumerate(own.iterrows()):
            mine = held[nearest == number]
            if mine.empty:
                problem = "no inhabited cell lies nearest to it."
                faults.append(Fault("place_seeds.csv", str(seed["id"]), problem, "Move it."))
                continue
            centre = np.average(mine[["x", "y"]], axis=0, weights=mine["people"])
            away = np.hypot(mine["x"] - centre[0], mine["y"] - centre[1])
            cell = mine.loc[away.idxmin()]
            rows.append(
                {
                    "id": seed["id"],
                    "name": seed["name"],
                    "area": area.name,
                    "kommune": area.kommune,
                    "x": 10 * round(cell["x"] / 10),
                    "y": 10 * round(cell["y"] / 10),
                    "weight": int(mine["people"].sum()),
                    "source": f"navplan: seed by hand; position from {build.cells.source}",
                    "date": build.cells.date,
                    "quality": "approximate",
                }
            )
    raise_faults(faults)
    return pd.DataFrame(rows)


def read_ages(build: Build, shared: Path) -> pd.DataFrame:
    """Read residents by area, year, age and sex.

    Parameters
    ----------
    build : Build
        The study's build file.
    shared : Path
        Folder of the source data.

    Returns
    -------
    DataFrame
        Columns ``area``, ``year``, ``age`` (one-year), ``sex``, ``people``.
    """
    table = pd.read_csv(shared / build.ages.file, dtype={"location": str})
    code_of = {code: area.name for area in build.area for code in area.ages}
    table["area"] = table["location"].map(code_of)
    table = table.dropna(subset=["area"])
    faults = [
        Fault("hand/build.toml", f"area {area.name}, ages", f"{code} is not in {build.ages.file}.")
        for area in build.area
        for code in area.ages
        if code not in set(table["location"])
    ]
    raise_faults(faults)
    keys = ["area", "year", "age", "sex"]
    return table.groupby(keys, as_index=False)["people"].sum()


def _group_of(groups: tuple[str, ...], ages: pd.Series[int]) -> pd.Series[str]:
    starts = [int(group.rstrip("+").split("-")[0]) for group in groups]
    return pd.Series(np.array(groups)[np.searchsorted(starts, ages, side="right") - 1], ages.index)


def area_ages(build: Build, shared: Path) -> pd.DataFrame:
    """Residents by area and age group in every year and alternative of the study.

    Parameters
    ----------
    build : Build
        The study's build file.
    shared : Path
        Folder of the source data.

    Returns
    -------
    DataFrame
        Columns ``year``, ``alternative``, ``area``, ``age``, ``people`` (whole) and where from.
    """
    ages = read_ages(build, shared)
    groups = build.ages.groups
    ages["group"] = _group_of(groups, ages["age"])
    by_group = ages.pivot_table(
        index=["year", "area"], columns="group", values="people", aggfunc="sum", fill_value=0
    )[list(groups)]
    parts = []

    def add(frame: pd.DataFrame, year: int, alternative: str, source: str, date: str) -> None:
        long = frame.rename_axis("area").reset_index().melt("area", var_name="age")
        long = long.rename(columns={"value": "people"})
        quality = "approximate" if alternative == "actual" else "assumption"
        parts.append(
            long.assign(
                year=year, alternative=alternative, source=source, date=date, quality=quality
            )
        )

    split = f"split over places by {build.cells.source}"
    for year in build.ages.actual:
        source = f"{build.ages.source}; {split}"
        add(by_group.loc[year], year, "actual", source, f"{year}-01-01")
    if build.projection is not None:
        projection = build.projection
        add(
            _projected(build, by_group.loc[projection.base], shared),
            projection.year,
            projection.alternative,
            f"{projection.source}; shares of areas and ages of {projection.base}; {split}",
            str(projection.base),
        )
    if build.cohorts is not None:
        cohorts = build.cohorts
        source = (
            f"navplan: Hamilton–Perry ratios {cohorts.start}–{cohorts.base} "
            f"from {build.ages.source}; {split}"
        )
        frame = _cohorts(build, ages)
        add(frame, cohorts.year, cohorts.alternative, source, f"{cohorts.base}-01-01")
    return pd.concat(parts, ignore_index=True)


def _projected(build: Build, base: pd.DataFrame, shared: Path) -> pd.DataFrame:
    """Carry each kommune's projected figure to its areas and ages by the shares of the base."""
    projection = build.projection
    assert projection is not None
    table = pd.read_csv(shared / projection.file, dtype={"kommune_no": str})
    table = table[table["year"] == projection.year].set_index("kommune_no")["people"]
    counted = base.astype(int).copy()
    for group in projection.group:
        total = round(sum(table[code] * share for code, share in group.kommuner.items()))
        names = list(group.areas)
        weights = base.loc[names].to_numpy(dtype=float)
        parts = largest_remainder(list(weights.ravel()), total)
        counted.loc[names] = np.array(parts).reshape(weights.shape)
    covered = {name for group in projection.group for name in group.areas}
    raise_faults(
        Fault("hand/build.toml", "projection.group", f"area {area.name} is in no group.")
        for area in build.area
        if area.name not in covered
    )
    return counted


def _cohorts(build: Build, ages: pd.DataFrame) -> pd.DataFrame:
    cohorts = build.cohorts
    assert cohorts is not None
    years = cohorts.base - cohorts.start
    steps, left = divmod(cohorts.year - cohorts.base, years)
    if left or steps < 1:
        problem = f"{cohorts.year} is not {cohorts.base} and a multiple of {years} years."
        raise_faults([Fault("hand/build.toml", "cohorts.year", problem)])
    rows = {}
    for area in build.area:
        own = ages[ages["area"] == area.name]
        count = {
            year: own[own["year"] == year].pivot(index="age", columns="sex", values="people")
            for year in (cohorts.start, cohorts.base)
        }
        later = cohort_ratio(
            count[cohorts.start],
            count[cohorts.base],
            years=years,
            steps=steps,
            open_age=cohorts.open_age,
            pooled=cohorts.pooled,
        ).sum(axis=1)
        index = pd.Series(later.index, index=later.index)
        grouped = later.groupby(_group_of(build.ages.groups, index)).sum()[list(build.ages.groups)]
        rows[area.name] = largest_remainder(list(grouped), round(float(grouped.sum())))
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(build.ages.groups))


def make_people(places: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Split the residents of each area over its places.

    Parameters
    ----------
    places : DataFrame
        As `make_places` gives them.
    totals : DataFrame
        As `area_ages` gives them.

    Returns
    -------
    DataFrame
        The columns of `navplan.tables.PEOPLE`.

    Raises
    ------
    InputError
        If a figure would be below 10, with every such place.
    """
    rows, faults = [], []
    keys = ["year", "alternative", "area"]
    for (year, alternative, area), part in totals.groupby(keys, sort=False):
        own = places[places["area"] == area]
        sums = largest_remainder(list(own["weight"].astype(float)), int(part["people"].sum()))
        table = controlled_rounding(sums, [int(n) for n in part["people"]])
        for place, counts in zip(own["id"], table, strict=True):
            if min(counts) < LEAST:
                age = part["age"].iloc[counts.index(min(counts))]
                problem = f"{min(counts)} people of {age} in {year} {alternative}; none below 10."
                remedy = "Merge its seed with a neighbour, or make the age groups wider."
                faults.append(Fault("place_seeds.csv", str(place), problem, remedy))
            for (_, row), people in zip(part.iterrows(), counts, strict=True):
                kept = {k: row[k] for k in ("age", "source", "date", "quality")}
                rows.append(
                    {"place": place, "year": year, "alternative": alternative, **kept}
                    | {"people": people}
                )
    raise_faults(faults)
    people = pd.DataFrame(rows)
    people["order"] = people.groupby(["year", "alternative"], sort=False).ngroup()
    people["rank"] = people["place"].map({p: i for i, p in enumerate(places["id"])})
    return people.sort_values(["order", "rank"], kind="stable", ignore_index=True)


@click.command(help=__doc__)
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@shared_option
def main(study: Path, shared: Path) -> None:
    """Build the tables and say what is in them."""
    try:
        build = read_build(study)
        seeds = read_texts(study / "hand" / "place_seeds.csv", ("id", "name", "area", "x", "y"))
        cells = read_cells(build, shared)
        places = make_places(build, seeds, cells)
        people = make_people(places, area_ages(build, shared))
        write_table(places, study / "places.csv", tables.PLACES)
        write_table(people, study / "people.csv", tables.PEOPLE)
    except InputError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(f"{len(places)} places, {int(cells['people'].sum())} people in the grid")
    sums = people.assign(area=people["place"].map(places.set_index("id")["area"]))
    click.echo(
        sums.pivot_table(
            index="area", columns=["year", "alternative"], values="people", aggfunc="sum",
            margins=True, margins_name="sum",
        ).to_string()
    )  # fmt: skip
    click.echo(f"smallest figure {people['people'].min()}, smallest place {_smallest(people)}")


def _smallest(people: pd.DataFrame) -> str:
    sums = people.groupby(["place", "year", "alternative"])["people"].sum()
    return f"{sums.idxmin()}: {sums.min()}"


if __name__ == "__main__":
    main()
