"""Statistics Norway's population grid → zones and people."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import Population, Zones

CRS: Final = "EPSG:25833"
_FALSE_EASTING: Final = 2_000_000
_SCALE: Final = 10_000_000
_MOST_ROWS_NAMED: Final = 20


def read_grid(
    path: Path,
    *,
    areas: gpd.GeoDataFrame,
    name: str,
    cell_m: int = 250,
    reach_m: float = 0.0,
    others: gpd.GeoDataFrame | None = None,
) -> tuple[Zones, Population]:
    """Read the inhabited cells of some areas, with their residents.

    Parameters
    ----------
    path : Path
        CSV, commas or semicolons, with ``ssbid250m`` (or another column that starts with ``ssbid``)
        and ``people`` or ``pop_tot``. The id tells the lower-left corner:
        x = id // 10⁷ − 2 000 000, y = id mod 10⁷ [m].
    areas : GeoDataFrame
        Polygons with ``area`` (name) and ``kommune`` (number); any coordinate system. They must
        not overlap.
    name : str
        Name of the outlook the people stand for, for example ``"actual-2018"``.
    cell_m : int
        Side of a cell [m].
    reach_m : float
        A cell whose centre lies outside every area counts to the nearest within this [m]: coarse
        coasts cut off people. Give `others` with it, or cells of the neighbours come along.
    others : GeoDataFrame, optional
        Polygons whose cells are left out even within reach, for example the other kommuner.

    Returns
    -------
    Zones
        One zone a cell at its centre, EPSG:25833; id ``c`` and the cell's id.
    Population
        One age group, ``all``. Small counts are exact: publish no table made of single cells.

    Raises
    ------
    InputError
        On missing columns, ids or counts that cannot be, duplicate cells, areas that overlap, or
        no cell in any area.
    """
    faults = _area_faults(areas)
    if not path.is_file():
        faults.append(Fault(path.name, "", "there is no such file.", "Fetch the grid first."))
    raise_faults(faults)
    cells = _cells(path, cell_m)
    return cells_in_areas(
        cells, areas=areas, name=name, reach_m=reach_m, others=others, where=path.name
    )


def cells_in_areas(
    cells: gpd.GeoDataFrame,
    *,
    areas: gpd.GeoDataFrame,
    name: str,
    reach_m: float = 0.0,
    others: gpd.GeoDataFrame | None = None,
    where: str = "grid",
) -> tuple[Zones, Population]:
    """Place cells in areas, wherever the cells came from.

    Parameters
    ----------
    cells : GeoDataFrame
        As `cells_at` makes them.
    areas : GeoDataFrame
        As for `read_grid`.
    name : str
        Name of the outlook the people stand for.
    reach_m : float
        As for `read_grid` [m].
    others : GeoDataFrame, optional
        As for `read_grid`.
    where : str
        What the cells are called in faults.

    Returns
    -------
    Zones
        One zone a cell at its centre, EPSG:25833; id ``c`` and the cell's id.
    Population
        One age group, ``all``.

    Raises
    ------
    InputError
        On missing columns, areas that overlap, or no cell in any area.
    """
    raise_faults(_area_faults(areas))
    polygons = areas.to_crs(CRS)
    west, south, east, north = polygons.total_bounds
    near = cells.cx[west - reach_m : east + reach_m, south - reach_m : north + reach_m]
    inside = near.sjoin(polygons[["area", "kommune", "geometry"]], predicate="within")
    twice = inside.index[inside.index.duplicated()].unique()
    if len(twice):
        problem = f"{len(twice)} cells lie in more than one area, for example {twice[0]}."
        raise_faults([Fault("areas", "geometry", problem, "Mend the borders: no overlaps.")])
    if reach_m > 0:
        rest = near[~near.index.isin(inside.index)]
        if others is not None:
            taken = rest.sjoin(others.to_crs(CRS)[["geometry"]], predicate="within").index
            rest = rest[~rest.index.isin(taken)]
        found = rest.sjoin_nearest(
            polygons[["area", "kommune", "geometry"]], max_distance=reach_m
        )  # two areas at one distance: the first in table order
        inside = pd.concat([inside, found[~found.index.duplicated()]]).sort_index()
    if inside.empty:
        problem = "no inhabited cell lies in any of the areas."
        raise_faults([Fault(where, "", problem, "Check the areas' coordinate system.")])
    table = inside.assign(name=inside.index)[["name", "area", "kommune", "geometry"]]
    people = pd.DataFrame({"all": inside["people"].astype(int)})
    return Zones(table), Population(people, name)


def cells_at(ids: pd.Series[str], people: pd.Series[int], *, cell_m: int) -> gpd.GeoDataFrame:
    """Put cells where their ids say.

    Parameters
    ----------
    ids : Series of str
        Cell ids of 14 digits: x = id // 10⁷ − 2 000 000, y = id mod 10⁷ [m] of the lower-left
        corner.
    people : Series of int
        Residents, in the same order.
    cell_m : int
        Side of a cell [m].

    Returns
    -------
    GeoDataFrame
        Indexed by ``c`` and the cell's id; column ``people`` and the centre, EPSG:25833.
    """
    numbers = ids.astype("int64")
    x = numbers // _SCALE - _FALSE_EASTING + cell_m / 2
    y = numbers % _SCALE + cell_m / 2
    return gpd.GeoDataFrame(
        {"people": people.astype("int64").to_numpy()},
        index=pd.Index("c" + ids, name="zone"),
        geometry=gpd.points_from_xy(x, y),
        crs=CRS,
    )


def _area_faults(areas: gpd.GeoDataFrame) -> list[Fault]:
    faults = [
        Fault("areas", column, f"column {column} is missing.", "Give area and kommune.")
        for column in ("area", "kommune")
        if column not in areas.columns
    ]
    if areas.crs is None:
        faults.append(Fault("areas", "crs", "no coordinate system is given.", "Set it."))
    return faults


def _cells(path: Path, cell_m: int) -> gpd.GeoDataFrame:
    where = path.name
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline()
    mark = ";" if ";" in header and "," not in header else ","
    frame = pd.read_csv(path, sep=mark, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame = frame.rename(columns={"pop_tot": "people"})  # as Statistics Norway's own files have it
    column = next((c for c in frame.columns if str(c).casefold().startswith("ssbid")), None)
    if column is None or "people" not in frame.columns:
        problem = f"found the columns {', '.join(map(str, frame.columns))}."
        raise_faults([Fault(where, "row 1", problem, "Expected ssbid250m and people.")])
    assert column is not None
    good_id = frame[column].str.fullmatch(r"\d{14}")
    good_people = frame["people"].str.fullmatch(r"\d{1,7}")
    checks = [
        (~good_id, column, "is no cell id; expected 14 digits."),
        (~good_people, "people", "is no number of people; expected zero or more."),
        (frame[column].duplicated() & good_id, column, "stands more than once."),
    ]
    faults = []
    for bad, key, problem in checks:
        rows = frame.index[bad]
        faults += [
            Fault(where, f"row {row + 2}, {key}", f"{frame.loc[row, key]!r} {problem}")
            for row in rows[:_MOST_ROWS_NAMED]
        ]
        if len(rows) > _MOST_ROWS_NAMED:
            rest = f"{len(rows) - _MOST_ROWS_NAMED} more values are wrong in the same way."
            faults.append(Fault(where, key, rest))
    raise_faults(faults)
    return cells_at(frame[column], frame["people"].astype("int64"), cell_m=cell_m)
