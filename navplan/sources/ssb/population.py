"""Residents of kommuner by year, age and sex (table 07459)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import pandas as pd

from navplan.sources.extracts import Extract
from navplan.sources.pxweb import Limits, Metadata, metadata, read_table
from navplan.sources.ssb.figures import (
    AGE,
    CONTENTS,
    REGION,
    SEX,
    SEXES,
    YEAR,
    ages,
    check_form,
    contents,
    counts,
    refuse_empty_years,
    sexes,
    shown_people,
)
from navplan.sources.ssb_service import table_name
from navplan.sources.web import Web

TABLE: Final = "07459"
TODAY: Final = "agg_KommSummer"
"""Code list that sums the kommuner of earlier years into today's; its codes begin with ``K-``."""

COLUMNS: Final = ("code", "year", "age", "sex", "people")


def population(
    web: Web,
    kommuner: Sequence[str],
    years: Sequence[int],
    *,
    borders: Literal["today", "then"] = "today",
    limits: Limits | None = None,
) -> Extract:
    """Residents on 1 January by kommune, year, age and sex.

    For areas below the kommune take `bydel_population`, for years to come `projection`.

    Parameters
    ----------
    web : Web
        The way to the network.
    kommuner : sequence of str
        Four-digit numbers.
    years : sequence of int
        From 1986 on.
    borders : {"today", "then"}
        Whether earlier years are summed to today's kommuner, as Statistics Norway itself sums
        them (a kommune made by a split has no earlier years), or kept as each year had them.
    limits : Limits, optional
        What the service allows; asked for where not given.

    Returns
    -------
    Extract
        Columns ``code``, ``year``, ``age`` (0–105, 105 is 105 and over), ``sex`` (``male``,
        ``female``) and ``people``; `left_out` holds people of unknown age, if any.

    Raises
    ------
    InputError
        For kommuner and years the table does not have, the nearest ones named.
    FetchError
        If the service cannot be asked, the table has changed, a kommune has no residents in a
        year, or a figure cannot be.
    """
    table = metadata(web, TABLE)
    check_form(table)
    region = table.variable(REGION)
    summed = borders == "today" and (table.older or TODAY in region.codelists)
    prefix = "K-" if summed else ""
    known_ages, unknown_ages = ages(table)
    extract = read_table(
        web,
        table,
        {
            REGION: [f"{prefix}{kommune}" for kommune in kommuner],
            SEX: sexes(table),
            AGE: [*known_ages, *unknown_ages],
            CONTENTS: [contents(table.variable(CONTENTS), table, "Personer1")],
            YEAR: [str(year) for year in years],
        },
        codelists={REGION: TODAY} if summed else None,
        limits=limits,
    )
    notices = list(extract.notices)
    if borders == "today" and not summed:
        notices.append(
            f"{table_name(TABLE)} no longer sums earlier years to today's kommuner; each year "
            "has the kommuner of its time."
        )
    frame, left_out = people_frame(extract.frame, table, codes=kommuner, years=years)
    if not left_out.empty:
        people = shown_people(int(left_out["people"].sum()))
        notices.append(f"{table_name(TABLE)}: {people} people of unknown age were left out.")
    return Extract(frame, extract.sources, tuple(notices), left_out)


def people_frame(
    answer: pd.DataFrame, table: Metadata, *, codes: Sequence[str], years: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn an answer by region, sex, age and year into the tidy columns.

    Parameters
    ----------
    answer : DataFrame
        As `pxweb.read_table` gives it.
    table : Metadata
        The table it is from.
    codes : sequence of str
        Kommuner asked for.
    years : sequence of int
        Years asked for.

    Returns
    -------
    DataFrame
        `COLUMNS`, rows by code, year, age and sex.
    DataFrame
        The same for unknown ages: ``code``, ``year``, ``sex``, ``people``, ``reason``.

    Raises
    ------
    FetchError
        As `population` does.
    """
    known_ages, unknown_ages = ages(table)
    tidy = pd.DataFrame(
        {
            "code": answer[REGION].str.removeprefix("K-"),
            "year": answer[YEAR].astype("int64"),
            "age": answer[AGE].map(known_ages),
            "sex": answer[SEX].map(SEXES),
            "value": answer["value"],
            "status": answer["status"],
        }
    )
    refuse_empty_years(tidy, table.id, what="kommune", codes=codes, years=years)
    unknown = answer[AGE].isin(unknown_ages)
    people = counts(tidy, table.id, keys=("code", "year", "age", "sex"))
    tidy = tidy.assign(people=people).drop(columns=["value", "status"])
    frame = tidy[~unknown].astype({"age": "int64"})
    left_out = tidy[unknown & (tidy["people"] > 0)].drop(columns="age")
    return (
        frame.sort_values(list(COLUMNS[:-1]), ignore_index=True)[list(COLUMNS)],
        left_out.assign(reason="unknown age").reset_index(drop=True),
    )
