"""Column schemas: what each table holds, in which unit, and what is checked.

One definition drives validation, loading and the documentation (`describe`). Every input table
ends with ``source``, ``date`` and ``quality``, so that a figure can be followed back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from navplan.errors import Fault
from navplan.units import QUALITIES, WEEKDAYS

_CLOCK = r"\d{1,2}:[0-5]\d(:[0-5]\d)?"
YES_NO: Final = ("yes", "no")
STRUCTURES: Final = ("open", "tunnel", "bridge", "ferry", "connector")
SURFACES: Final = ("", "paved", "rough", "unpaved")
ROAD_CLASSES: Final = (
    "motorway",
    "expressway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "local",
    "path",
    "cycleway",
    "ferry",
)
OFFICE_KINDS: Final = ("office", "counter", "outreach", "possible")


def _text(about: str, *, unique: bool = False, within: Iterable[str] | None = None) -> pa.Column:
    checks = [pa.Check.str_length(min_value=1, error="is empty")]
    if within is not None:
        words = list(within)
        checks = [pa.Check.isin(words, error=f"must be one of {', '.join(words)}")]
    return pa.Column(str, checks, unique=unique, nullable=False, description=about)


def _maybe_text(about: str, pattern: str | None = None) -> pa.Column:
    checks = [] if pattern is None else [pa.Check.str_matches(f"^({pattern})?$")]
    return pa.Column(str, checks, nullable=True, required=False, description=about)


def _number(
    about: str,
    unit: str,
    *,
    least: float | None = None,
    most: float | None = None,
    nullable: bool = False,
    required: bool = True,
) -> pa.Column:
    checks = []
    if least is not None:
        checks.append(pa.Check.ge(least, error=f"must be at least {least:g} {unit}".rstrip()))
    if most is not None:
        checks.append(pa.Check.le(most, error=f"must be at most {most:g} {unit}".rstrip()))
    return pa.Column(
        float,
        checks,
        nullable=nullable,
        required=required,
        description=about,
        metadata={"unit": unit},
    )


def _whole(about: str, unit: str, *, least: int) -> pa.Column:
    check = pa.Check.ge(least, error=f"must be at least {least} {unit}".rstrip())
    return pa.Column(int, check, nullable=False, description=about, metadata={"unit": unit})


def _yes_no(about: str) -> pa.Column:
    return _text(about, within=YES_NO)


_SOURCE: Final = {
    "source": _text("where the row's figures come from"),
    "date": _text("the day or year the figures hold for"),
    "quality": _text("official, approximate or assumption", within=QUALITIES),
}


def _schema(name: str, about: str, columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {**columns, **_SOURCE}, name=name, description=about, strict=True, coerce=True
    )


PLACES = _schema(
    "places",
    "The places people live; one row a place.",
    {
        "id": _text("a short name without spaces", unique=True),
        "name": _text("the name on maps and in tables"),
        "area": _text("the bydel or kommune the place belongs to"),
        "kommune": _text("kommune number, four digits"),
        "x": _number("easting of the populated point", "m"),
        "y": _number("northing of the populated point", "m"),
    },
)
PEOPLE = _schema(
    "people",
    "Residents by place, year, alternative and age group.",
    {
        "place": _text("id of the place"),
        "year": _whole("1 January of the year", "", least=1900),
        "alternative": _text("actual, or the name of the projection alternative"),
        "age": _text("age group, for example 18-24 or 80+"),
        "people": _whole("residents", "persons", least=0),
    },
)
NODES = _schema(
    "nodes",
    "Points of the street network that are neither place nor site: junctions and stops.",
    {
        "id": _text("name of the junction or stop", unique=True),
        "x": _number("easting", "m"),
        "y": _number("northing", "m"),
    },
)
LINKS = _schema(
    "links",
    "Streets, paths and ferries; both ends are ids of nodes, places, sites or stops.",
    {
        "from": _text("one end: id of a node, place, office or stop; links go both ways"),
        "to": _text("the other end"),
        "km": _number("length along the road", "km", least=0.0),
        "road_class": _text("class of the road", within=ROAD_CLASSES),
        "road_number": _maybe_text("for example E39 or Fv585; empty where there is none"),
        "structure": _text(
            "what carries the link; connector: from a place, office or stop to the road",
            within=STRUCTURES,
        ),
        "walk": _yes_no("open on foot"),
        "bicycle": _yes_no("open to bicycles"),
        "car": _yes_no("open to cars"),
        "climb_m": _number("rise from the first end to the second", "m", nullable=True),
        "opened": _maybe_text("the day the link opened; empty if long ago", r"\d{4}-\d\d-\d\d"),
        "crossing_min": _number("ferries: minutes on board", "min", least=0.0, nullable=True),
        "headway_min": _number(
            "ferries: minutes between departures", "min", least=0.0, nullable=True
        ),
    },
)
OFFICES = _schema(
    "offices",
    "Existing offices and possible sites.",
    {
        "id": _text("a short name without spaces", unique=True),
        "name": _text("the name on maps and in tables"),
        "kind": _text("what stands there today", within=OFFICE_KINDS),
        "area": _text("the bydel or kommune it lies in"),
        "address": _maybe_text("street and place"),
        "x": _number("easting", "m"),
        "y": _number("northing", "m"),
        "step_free": _text("step-free entrance", within=("yes", "no", "unknown")),
    },
)
HOURS = _schema(
    "hours",
    "Drop-in hours; one row an office and weekday.",
    {
        "office": _text("id of the office"),
        "weekday": _text("mon … sun", within=WEEKDAYS),
        "opens": pa.Column(str, pa.Check.str_matches(f"^{_CLOCK}$"), description="HH:MM"),
        "closes": pa.Column(str, pa.Check.str_matches(f"^{_CLOCK}$"), description="HH:MM"),
    },
)
NEIGHBOURS = _schema(
    "neighbours",
    "Which areas share a border that people can cross; water does not connect.",
    {
        "area": _text("one area"),
        "neighbour": _text("the other area"),
        "connection": _text("how they meet, for example land, bridge or tunnel"),
    },
)
INPUT_SCHEMAS: Final = (PLACES, PEOPLE, NODES, LINKS, OFFICES, HOURS, NEIGHBOURS)


def _message(case: pd.Series) -> str:  # one row of pandera's failure_cases
    check, value = str(case["check"]), case["failure_case"]
    if check == "column_in_dataframe":
        return f"column {value} is missing."
    if check == "column_in_schema":
        return f"column {value} is not known."
    if check == "not_nullable":
        return "is empty; a value is needed."
    if check == "field_uniqueness":
        return f"{value!r} stands more than once."
    if check.startswith(("coerce_dtype", "dtype")):
        return f"{value!r} is not of the right kind (number, whole number or text)."
    if check.startswith("str_matches"):
        return f"{value!r} is not written as expected."
    return f"{value!r} {check}."


def check(
    frame: pd.DataFrame, schema: pa.DataFrameSchema, *, where: str
) -> tuple[pd.DataFrame, list[Fault]]:
    """Check a table against its schema and say everything that is wrong.

    Parameters
    ----------
    frame : DataFrame
        Texts as read from the file; rows numbered from 0.
    schema : DataFrameSchema
        One of this module's schemas.
    where : str
        File name for the faults.

    Returns
    -------
    DataFrame
        The table with the schema's types; as given where there are faults.
    list of Fault
        Row numbers are those of the file (the header is row 1).
    """
    columns = ", ".join(schema.columns)
    try:
        return schema.validate(frame, lazy=True), []
    except SchemaErrors as errors:
        faults = []
        for _, case in errors.failure_cases.iterrows():
            row = case["index"]
            column = str(case["column"]) if case["schema_context"] == "Column" else ""
            number = f"row {int(row) + 2}" if pd.notna(row) else ""
            key = ", ".join(part for part in (number, column) if part)
            remedy = "" if column else f"Expected columns: {columns}."
            if column and schema.columns[column].description:
                remedy = f"Expected: {schema.columns[column].description}."
            faults.append(Fault(where, key, _message(case), remedy))
        return frame, sorted(set(faults))


def describe(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """List the columns of a table with unit and meaning, for the documentation.

    Parameters
    ----------
    schema : DataFrameSchema
        One of this module's schemas.

    Returns
    -------
    DataFrame
        Columns ``column``, ``unit``, ``meaning``, ``words`` (those allowed), ``required``.
    """
    return pd.DataFrame(
        [
            {
                "column": name,
                "unit": (column.metadata or {}).get("unit", ""),
                "meaning": column.description,
                "words": ", ".join(
                    str(word)
                    for one in column.checks
                    for word in one.statistics.get("allowed_values", ())
                ),
                "required": column.required and not column.nullable,
            }
            for name, column in schema.columns.items()
        ]
    )


def columns_page() -> str:
    """Write what every input table holds as a Markdown page.

    Returns
    -------
    str
        A heading and a table for each of `INPUT_SCHEMAS`.
    """
    lines = ["# The tables of a study", ""]
    for schema in INPUT_SCHEMAS:
        lines += [f"## {schema.name}.csv", "", str(schema.description), ""]
        lines += ["| column | unit | meaning | allowed words | needed |", "|---|---|---|---|---|"]
        for row in describe(schema).to_dict("records"):
            needed = "yes" if row["required"] else "may be empty"
            cells = (row["column"], row["unit"], row["meaning"], row["words"], needed)
            lines.append(f"| {' | '.join(map(str, cells))} |")
        lines.append("")
    return "\n".join(lines)
