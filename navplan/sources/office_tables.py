"""Office tables as planners and NAV keep them → one checked frame, ready to be geocoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from navplan.errors import Fault, raise_faults
from navplan.sources.csv_text import read_csv_rows
from navplan.sources.layer_checks import NORWAY, position_faults
from navplan.sources.layers import read_layer
from navplan.sources.office_headings import HEADINGS, columns_meant, plain
from navplan.sources.office_rows import OfficeRow, read_row

WGS84: Final = "EPSG:4326"
COLUMNS: Final = (
    "name", "kind", "area", "kommune", "street", "number", "letter", "postcode", "place",
    "address", "step_free",
)  # fmt: skip
"""Of `OfficeTable.table`, before the geometry; texts, empty where the table has none."""

_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".ods")
_POSITION: Final = ("x", "y", "lon", "lat")
_MOST_TOLD: Final = 10
_WANTED: Final = "Give one of: enhetNr or id; name; and an address or a position."


@dataclass(frozen=True, repr=False)
class OfficeTable:
    """Offices as their table has them.

    Parameters
    ----------
    table : GeoDataFrame
        Indexed by id; `COLUMNS`, and points in the system asked for, missing where the table
        gives no position.
    hours : DataFrame
        ``office``, ``weekday``, ``opens``, ``closes`` ("HH:MM"), one row an opening; may be empty.
    notices : tuple of str
        What was read although it is not written as it should be; each a sentence with its row.
    """

    table: gpd.GeoDataFrame
    hours: pd.DataFrame
    notices: tuple[str, ...]

    @property
    def unplaced(self) -> pd.DataFrame:
        """The rows whose position must be found by their address; no geometry."""
        missing = self.table.geometry.isna()
        return pd.DataFrame(self.table.loc[missing, list(COLUMNS)])

    def __repr__(self) -> str:
        return (
            f"OfficeTable({len(self.table)} offices, {len(self.unplaced)} without position, "
            f"{len(self.notices)} notices)"
        )


def read_offices(
    path: Path,
    *,
    crs: str,
    xy_crs: str | None = None,
    sheet: str | None = None,
    renumbered: Mapping[str, Sequence[str]] | None = None,
    within: tuple[float, float, float, float] = NORWAY,
) -> OfficeTable:
    """Read offices from CSV, Excel or a map layer with Norwegian or English headings.

    For tables made by others. The ``offices.csv`` of a study is read by `read_table`.

    Parameters
    ----------
    path : Path
        ``.csv`` (commas, semicolons or tabs; UTF-8 or Western European), ``.xlsx`` (extra
        ``excel``), or a layer of points that `read_layer` takes (GeoPackage, for example).
    crs : str
        Projected system of the result, for example ``"EPSG:25833"`` [m].
    xy_crs : str, optional
        System of columns x and y; `crs` unless told. Longitude and latitude are WGS 84.
    sheet : str, optional
        Sheet of a workbook, or layer of a file with several; the first sheet unless told.
    renumbered : mapping of str to sequence of str, optional
        Old kommune number → those that came of it. One new number is put in its place, with a
        notice; several are refused by name.
    within : tuple of float
        West, south, east, north [°] that every position must lie in. The default is Norway.

    Returns
    -------
    OfficeTable
        In the order of the file.

    Raises
    ------
    InputError
        With every fault, by row: ids that stand twice or are none, postcodes, positions, words
        and numbers that cannot be read for sure.

    Notes
    -----
    `navplan.sources.office_headings.HEADINGS` states which headings are read. ``enhetNr`` has
    four digits, as have postcodes and kommune numbers: leading zeros that a spreadsheet dropped
    are put back with a notice. Rows of offices that are closed down, or that have no public
    reception, are left out with a notice.
    """
    where = path.name
    rows, labels, notices = _rows(path, crs, sheet)
    header, body = rows[0], rows[1:]
    meant, unread = columns_meant(header)
    raise_faults(_heading_faults(header, meant, where))
    if unread:
        notices.append(f"{where}: columns not read: {', '.join(unread)}.")
    places = {ours: found[0] for ours, found in meant.items()}
    offices: list[OfficeRow] = []
    faults: list[Fault] = []
    told: list[tuple[str, str]] = []
    first: dict[str, str] = {}
    for label, row in zip(labels, body, strict=True):
        if not any(row):
            continue
        given = {ours: row[at] for ours, at in places.items()}
        office = read_row(given, label=label, renumbered=renumbered or {})
        faults += [
            Fault(where, f"{label}, {key}" if key else label, problem, remedy)
            for key, problem, remedy in office.faults
        ]
        told += [(label, notice) for notice in office.notices]
        if not office.left_out:
            faults += _doubled(office, first, where)
            offices.append(office)
    if not offices and not faults:
        faults.append(Fault(where, "", "holds no office.", _WANTED))
    raise_faults(faults)
    points, faults = _points(offices, crs, xy_crs or crs, within, where)
    raise_faults(faults)
    index = pd.Index([office.id for office in offices], name="id", dtype=object)
    table = pd.DataFrame(
        {name: [office.values[name] for office in offices] for name in COLUMNS},
        index=index,
        dtype=object,
    )
    hours = [
        (office.id, weekday, opens, closes)
        for office in offices
        for weekday, opens, closes in office.hours
    ]
    return OfficeTable(
        gpd.GeoDataFrame(table, geometry=points.set_axis(index), crs=crs),
        pd.DataFrame(hours, columns=["office", "weekday", "opens", "closes"], dtype=object),
        tuple(notices + _gathered(told, where)),
    )


def _rows(path: Path, crs: str, sheet: str | None) -> tuple[list[list[str]], list[str], list[str]]:
    """Rows of text with the header first, what the rows are called, and notices."""
    suffix = path.suffix.lower()
    if suffix in _WORKBOOKS:
        from navplan.sources.workbooks import read_workbook  # noqa: PLC0415

        rows, name, faults = read_workbook(path, sheet=sheet)
        raise_faults(faults)
        empty = [at for at, text in enumerate(rows[0], start=1) if not text]
        problem = "has no heading."
        raise_faults(
            Fault(f"{path.name}, {name}", f"row 1, column {at}", problem, "Name the column.")
            for at in empty
        )
        return rows, _numbered(rows), []
    if suffix in {".csv", ".txt", ".tsv"}:
        if sheet is not None:
            problem = f"is a text file without sheets; {sheet!r} was asked for."
            raise_faults([Fault(path.name, "", problem, "Leave the sheet's name out.")])
        read = read_csv_rows(path, lenient=True)
        raise_faults(read.faults)
        return read.rows, _numbered(read.rows), list(read.notices)
    layer, faults = read_layer(path, crs=crs, layer=sheet)
    raise_faults(faults)
    names = [str(name) for name in layer.columns if name != layer.geometry.name]
    # the positions of the points count, whatever columns of that kind stand beside them
    kept = [n for n in names if not {plain(n)} & {w for k in _POSITION for w in HEADINGS[k]}]
    texts = [
        ["" if pd.isna(value) else _plain_number(value) for value in row]
        for row in layer[kept].itertuples(index=False, name=None)
    ]
    at = [[repr(float(point.x)), repr(float(point.y))] for point in layer.geometry.centroid]
    body = [row + position for row, position in zip(texts, at, strict=True)]
    labels = [f"feature {number}" for number in range(1, len(body) + 1)]
    return [[*kept, "x", "y"], *body], labels, []


def _numbered(rows: list[list[str]]) -> list[str]:
    return [f"row {number}" for number in range(2, len(rows) + 1)]


def _plain_number(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _heading_faults(header: list[str], meant: dict[str, list[int]], where: str) -> list[Fault]:
    faults = [
        Fault(where, "row 1", f"{' and '.join(header[at] for at in found)} mean the same.",
              "Keep one of them.")
        for found in meant.values()
        if len(found) > 1
    ]  # fmt: skip
    if "id" in meant and "enhet" in meant:
        faults.append(Fault(where, "row 1", "has both id and enhetNr.", "Keep one of them."))
    seen = f"Found: {', '.join(header)}."
    if "id" not in meant and "enhet" not in meant:
        faults.append(Fault(where, "row 1", f"no column says which office. {seen}", _WANTED))
    if "name" not in meant:
        faults.append(Fault(where, "row 1", f"no column holds the name. {seen}", _WANTED))
    for pair in (("x", "y"), ("lon", "lat")):
        if len([name for name in pair if name in meant]) == 1:
            problem = f"one of {' and '.join(pair)} is missing."
            faults.append(Fault(where, "row 1", problem, "Give both, or neither."))
    if not {"address", "street", "postcode", "x", "lon"} & meant.keys():
        faults.append(Fault(where, "row 1", f"nothing says where offices lie. {seen}", _WANTED))
    if {"address", "street"} <= meant.keys():
        problem = "has the address both whole and as street."
        faults.append(Fault(where, "row 1", problem, "Keep one of them."))
    return faults


def _doubled(office: OfficeRow, first: dict[str, str], where: str) -> list[Fault]:
    """Find an id that an earlier row has; `first` says where each was seen, and learns this one."""
    seen = first.setdefault(office.id, office.label)
    if not office.id or seen == office.label:
        return []
    problem = f"the id {office.id!r} stands in {seen} already."
    remedy = "One row an office; give a second reception an id of its own."
    return [Fault(where, office.label, problem, remedy)]


def _points(
    offices: list[OfficeRow],
    crs: str,
    xy_crs: str,
    within: tuple[float, float, float, float],
    where: str,
) -> tuple[gpd.GeoSeries, list[Fault]]:
    points = gpd.GeoSeries([None] * len(offices), crs=crs)
    faults: list[Fault] = []
    for degrees, system in ((True, WGS84), (False, xy_crs)):
        chosen = {
            at: office.position
            for at, office in enumerate(offices)
            if office.position is not None and office.degrees is degrees
        }
        if not chosen:
            continue
        shapes = [shapely.Point(position) for position in chosen.values()]
        some = gpd.GeoDataFrame(geometry=shapes, crs=system)
        labels = [offices[at].label for at in chosen]
        found = position_faults(some, within=within, where=where, keys=labels)
        faults += found
        if not found:
            points.iloc[list(chosen)] = some.to_crs(crs).geometry.to_numpy()
    return points, faults


def _gathered(told: list[tuple[str, str]], where: str) -> list[str]:
    """One sentence a kind of notice, with the rows it holds for."""
    rows: dict[str, list[str]] = {}
    for label, notice in told:
        rows.setdefault(notice, []).append(label)
    notices = []
    for notice, labels in rows.items():
        named = ", ".join(labels[:_MOST_TOLD])
        if len(labels) > _MOST_TOLD:
            named += f" and {len(labels) - _MOST_TOLD} more"
        notices.append(f"{where}: {named}: {notice}")
    return notices
