"""The planner's table of dwellings by area and year, for shares that follow what is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pandera.pandas as pa

from navplan.errors import Fault, raise_faults
from navplan.sources import read_table

DWELLINGS: Final = pa.DataFrameSchema(
    {
        "area": pa.Column(str, nullable=False, description="name or code of the bydel"),
        "year": pa.Column(int, nullable=False, description="1 January of the year"),
        "dwellings": pa.Column(
            float,
            pa.Check.ge(0, error="must be zero or more"),
            nullable=False,
            description="how many dwellings",
        ),
    },
    name="dwellings",
    description="Dwellings by bydel and year: those there are, and those that are planned.",
    strict=True,
    coerce=True,
)


def read_dwellings(
    path: Path, *, names: Mapping[str, str], years: Sequence[int], lived: pd.Series[int]
) -> pd.DataFrame:
    """Read how many dwellings each area has in the years that are needed.

    Parameters
    ----------
    path : Path
        CSV with ``area`` (name or code), ``year``, ``dwellings``; other years may be there.
    names : mapping of str to str
        Code → name of every area.
    years : sequence of int
        The newest count, first, and the years of the projection.
    lived : Series
        Code → residents at the newest count.

    Returns
    -------
    DataFrame
        ``area`` (code), ``year``, ``dwellings``: every area in each of the years.

    Raises
    ------
    InputError
        With every row that names no area, stands twice or is no number, every area and year that
        is missing, and areas where people live without a dwelling.
    """
    where = path.name
    if not path.is_file():
        remedy = "Write a table with the columns area, year, dwellings."
        raise_faults([Fault(where, "", "there is no such file.", remedy)])
    table, faults = read_table(path, DWELLINGS)
    raise_faults(faults)
    codes = {code: code for code in names} | {name: code for code, name in names.items()}
    found = table.assign(area=table["area"].map(codes))
    faults += [
        Fault(where, f"row {row + 2}, area", f"{table['area'].iloc[row]!r} is no area of the "
              "study.", f"They are: {', '.join(names.values())}.")
        for row in np.flatnonzero(found["area"].isna())
    ]  # fmt: skip
    faults += [
        Fault(where, f"row {row + 2}", f"{names[found['area'].iloc[row]]}, "
              f"{found['year'].iloc[row]}: stands more than once.", "Keep one row.")
        for row in np.flatnonzero(found.duplicated(["area", "year"]) & found["area"].notna())
    ]  # fmt: skip
    people = found["area"].map(lived).fillna(0)
    empty = (found["year"] == years[0]) & (found["dwellings"] == 0) & (people > 0)
    faults += [
        Fault(where, f"row {row + 2}, dwellings", f"none in {years[0]}, but {people[row]:.0f} "
              "people lived there.", "Count the dwellings there are.")
        for row in np.flatnonzero(empty)
    ]  # fmt: skip
    there = set(zip(found["area"], found["year"], strict=True))
    faults += [
        Fault(where, f"{name}, {year}", "has no row.", "Add it; years between are not guessed.")
        for code, name in names.items()
        for year in years
        if (code, year) not in there
    ]
    raise_faults(faults)
    return found[found["year"].isin(years)].reset_index(drop=True)
