"""The planner's own file of squares: SSB's population grid of 250 m or 1 km, ordered as a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd

from navplan.errors import Fault, raise_faults
from navplan.nouns import Population, Zones
from navplan.nouns.source import Source
from navplan.sources.csv_text import read_csv_rows
from navplan.sources.grid import read_grid
from navplan.sources.ssb_map import SERVICE
from navplan.study.fetching.record import sha256

SIDES: Final = (1000, 250)
"""Of the squares that Statistics Norway hands out as files [m]."""
NO_YEAR: Final = "–"
"""The file does not say which year its people were counted."""
_ID: Final = re.compile(r"\d{14}", re.ASCII)
_SCALE: Final = 10_000_000
_MOST_ROWS_NAMED: Final = 5


class Squares(NamedTuple):
    """Inhabited squares of some areas.

    Parameters
    ----------
    zones : Zones
        One zone a square.
    people : Population
        Residents of each.
    side_m : int
        Side of a square [m].
    """

    zones: Zones
    people: Population
    side_m: int


def read_squares(path: Path, *, areas: gpd.GeoDataFrame, name: str) -> Squares:
    """Read the squares of some areas; the file tells their size.

    Parameters
    ----------
    path : Path
        CSV with ``ssbid250m`` or ``ssbid1000m`` (or ``ssbid``) and ``people``, as for `read_grid`.
    areas : GeoDataFrame
        As for `read_grid`.
    name : str
        Name of the outlook the people stand for.

    Returns
    -------
    Squares

    Raises
    ------
    InputError
        If there is no such file, the squares are of no known size or do not lie on a grid of that
        size, and for all that `read_grid` refuses.
    """
    side = _side(path)
    return Squares(*read_grid(path, areas=areas, name=name, cell_m=side), side)


def squares_source(path: Path, day: str) -> Source:
    """Say where a file of squares comes from: its publisher is to be named wherever it is shown.

    Parameters
    ----------
    path : Path
        The file.
    day : str
        The study's day, ``YYYY-MM-DD``: when the file came is not known.

    Returns
    -------
    Source
    """
    return Source(
        id="own-cells",
        publisher=SERVICE.publisher,
        address=path.name,
        retrieved=day,
        sha256=sha256(path),
        licence=SERVICE.licence,
        attribution=SERVICE.attribution,
        quality=SERVICE.quality,
    )


def size_said(side_m: int) -> str:
    """Write the side of a square as people say it.

    Parameters
    ----------
    side_m : int
        Side [m].

    Returns
    -------
    str
        For example ``"250 m"`` or ``"1 km"``.
    """
    return f"{side_m // 1000} km" if side_m % 1000 == 0 else f"{side_m} m"


def _side(path: Path) -> int:
    """The side by the name of the id column, else the widest grid that all squares lie on."""
    where, expected = path.name, "Expected ssbid250m or ssbid1000m, and people."
    if not path.is_file():
        remedy = "Put SSB's file there, or remove cells = … to have squares of 1 km fetched."
        raise_faults([Fault(where, "", "there is no such file.", remedy)])
    read = read_csv_rows(path, lenient=True)
    raise_faults(read.faults)
    header, *rows = read.rows
    at = next((n for n, name in enumerate(header) if name.casefold().startswith("ssbid")), None)
    if at is None:
        problem = f"found the columns {', '.join(header)}."
        raise_faults([Fault(where, "row 1", problem, expected)])
    assert at is not None
    said = re.search(r"\d+", header[at])
    if said is not None and int(said[0]) not in SIDES:
        problem = f"{header[at]}: squares of {int(said[0])} m are not read."
        raise_faults([Fault(where, "row 1", problem, expected)])
    sides = SIDES if said is None else (int(said[0]),)
    off: list[int] = []
    for side in sides:
        off = [n for n, row in enumerate(rows, start=2) if _is_off(row[at], side)]
        if not off:
            return side
    more = f" and {len(off) - _MOST_ROWS_NAMED} more rows" if len(off) > _MOST_ROWS_NAMED else ""
    key = f"rows {', '.join(map(str, off[:_MOST_ROWS_NAMED]))}{more}, {header[at]}"
    problem = f"no corner of a grid of {size_said(sides[-1])}."
    raise_faults([Fault(where, key, problem, "Let the column's name say the size of the squares.")])
    raise AssertionError


def _is_off(number: str, side: int) -> bool:
    """Whether a square's corner lies between those of the grid; what is no id is told later."""
    if _ID.fullmatch(number) is None:
        return False
    x, y = divmod(int(number), _SCALE)
    return bool(x % side or y % side)
