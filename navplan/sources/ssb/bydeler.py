"""Residents of bydeler by year, age and sex (table 10826)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from navplan.errors import Fault, FetchError, raise_faults
from navplan.sources.extracts import Extract
from navplan.sources.pxweb import Limits, metadata, read_table
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
    is_unknown,
    refuse_empty_years,
    sexes,
    shown_people,
)
from navplan.sources.ssb.population import COLUMNS
from navplan.sources.ssb_service import table_name
from navplan.sources.web import Web

TABLE: Final = "10826"
CITY: Final = "the whole city"
UNKNOWN: Final = "unknown bydel"
HISTORIC: Final = "a division no longer in use"

_CODE: Final = re.compile(
    r"(?P<kommune>\d{4})(?P<number>\d\d)(?P<letters>[a-zæøå]*)", re.IGNORECASE
)
_ENDED: Final = re.compile(r"\((?:\d{4})?\s*[-–]\s*(?P<last>\d{4})\)")
_REPORT: Final = ("code", "name", "year", "people", "reason")


@dataclass(frozen=True)
class _Row:
    """What one code of the table's Region stands for."""

    code: str
    name: str
    bydel: str
    reason: str  # why it is no bydel of today; empty where it is one


def bydel_population(
    web: Web, kommuner: Sequence[str], years: Sequence[int], *, limits: Limits | None = None
) -> Extract:
    """Residents on 1 January by bydel, year, age and sex, of the four cities that have bydeler.

    Parameters
    ----------
    web : Web
        The way to the network.
    kommuner : sequence of str
        Among 0301 Oslo, 1103 Stavanger, 4601 Bergen and 5001 Trondheim.
    years : sequence of int
        From 2001 on.
    limits : Limits, optional
        What the service allows; asked for where not given.

    Returns
    -------
    Extract
        Columns ``code`` (six digits, as in KLASS 103), ``year``, ``age`` (0–105), ``sex`` and
        ``people``. `left_out` has ``code``, ``name``, ``year``, ``people`` and ``reason`` of
        every other row of the city.

    Raises
    ------
    InputError
        For a kommune without bydeler in the table, or a year it does not have.
    FetchError
        If the service cannot be asked, the table has changed, a city has no residents in a year,
        or a figure cannot be.

    Notes
    -----
    The table mixes rows of several kinds under one variable. Left out are, in this order: the
    city itself (fifth and sixth digit 00); people of unknown bydel (99, or a name that says so);
    a division no longer in use (a name that ends before the first year asked for, or, where a
    city's codes carry a letter as Oslo's ``030101a``, the codes without). The letter is dropped.
    A notice tells how many people have no bydel, and any year in which bydeler and unknown do
    not sum to the city.
    """
    table = metadata(web, TABLE)
    check_form(table)
    rows = _rows(table.variable(REGION).categories, kommuner, years)
    known_ages, unknown_ages = ages(table)
    extract = read_table(
        web,
        table,
        {
            REGION: [row.code for row in rows],
            SEX: sexes(table),
            AGE: [*known_ages, *unknown_ages],
            CONTENTS: [contents(table.variable(CONTENTS), table, "Personer")],
            YEAR: [str(year) for year in years],
        },
        limits=limits,
    )
    answer = extract.frame
    bydel = {row.code: row.bydel for row in rows if not row.reason}
    tidy = pd.DataFrame(
        {
            "region": answer[REGION],
            "code": answer[REGION].map(bydel),
            "kommune": answer[REGION].str[:4],
            "year": answer[YEAR].astype("int64"),
            "age": answer[AGE].map(known_ages),
            "sex": answer[SEX].map(SEXES),
            "value": answer["value"],
            "status": answer["status"],
        }
    )
    kept = tidy["code"].notna()
    city = tidy[kept].assign(code=tidy["kommune"])
    refuse_empty_years(city, TABLE, what="bydeler of", codes=kommuner, years=years)
    inside, notices = _in_use(tidy[kept])
    inside = inside.assign(people=counts(inside, TABLE, keys=("region", "year", "age", "sex")))
    aged = inside["age"].notna()
    frame = inside[aged].astype({"age": "int64"})[list(COLUMNS)]
    told = tidy[~kept & tidy["value"].notna()]
    people = counts(told, TABLE, keys=("region", "year", "age", "sex"))
    left_out = _left_out(told.assign(people=people), rows)
    notices += [*_unknown_ages(inside[~aged]), *_told(inside, left_out)]
    return Extract(
        frame.sort_values(list(COLUMNS[:-1]), ignore_index=True),
        extract.sources,
        (*extract.notices, *notices),
        left_out,
    )


def _rows(
    regions: Mapping[str, str], kommuner: Sequence[str], years: Sequence[int]
) -> tuple[_Row, ...]:
    """Every code of the kommuner, with what it stands for."""
    matches = {code: _CODE.fullmatch(code) for code in regions}
    with_bydeler = {match["kommune"] for match in matches.values() if match}
    raise_faults(
        Fault(
            table_name(TABLE), kommune, "has no bydeler in the table.",
            f"Only these have: {', '.join(sorted(with_bydeler))}. Take the population by kommune.",
        )
        for kommune in kommuner
        if kommune not in with_bydeler
    )  # fmt: skip
    lettered = {
        match["kommune"]
        for match in matches.values()
        if match and match["letters"] and match["number"] not in ("00", "99")
    }
    first = min(years, default=0)
    found = []
    for code, match in matches.items():
        if match is None or match["kommune"] not in kommuner:
            continue
        name = regions[code]
        ended = _ENDED.search(name)
        over = ended is not None and int(ended["last"]) < first
        reason = ""
        if match["number"] == "00":
            reason = CITY
        elif match["number"] == "99" or is_unknown(name):
            reason = UNKNOWN
        elif over or (match["kommune"] in lettered and not match["letters"]):
            reason = HISTORIC
        found.append(_Row(code, name, f"{match['kommune']}{match['number']}", reason))
    _refuse_doubles(found)
    return tuple(found)


def _refuse_doubles(rows: Sequence[_Row]) -> None:
    """Two rows for one bydel would count its people twice."""
    kept: dict[str, _Row] = {}
    for row in rows:
        if row.reason:
            continue
        if first := kept.get(row.bydel):
            raise FetchError(
                f"{table_name(TABLE)} has two rows for the bydel {row.bydel}: {first.code} "
                f"({first.name}) and {row.code} ({row.name}). Statistics Norway has changed the "
                "table: navplan must learn which of them counts."
            )
        kept[row.bydel] = row


def _in_use(inside: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows of bydeler that have residents in the year: others did not exist then."""
    sums = inside.groupby(["code", "year"])["value"].transform("sum")
    empty = inside[sums == 0].groupby("code")["year"].unique()
    notices = [
        f"{table_name(TABLE)}: {code} has no residents in {', '.join(map(str, sorted(years)))}; "
        "it was no bydel then."
        for code, years in empty.items()
    ]
    return inside[sums != 0], notices


def _left_out(rest: pd.DataFrame, rows: Sequence[_Row]) -> pd.DataFrame:
    """The other rows by year, largest first within a reason; empty ones do not count."""
    sums = rest.groupby(["region", "year"], sort=True)["people"].sum()
    report = sums[sums > 0].reset_index().rename(columns={"region": "code"})
    named = {row.code: row for row in rows}
    return report.assign(
        name=report["code"].map({code: row.name for code, row in named.items()}),
        reason=report["code"].map({code: row.reason for code, row in named.items()}),
    )[list(_REPORT)]


def _unknown_ages(rest: pd.DataFrame) -> list[str]:
    people = int(rest["people"].sum())
    if not people:
        return []
    return [f"{table_name(TABLE)}: {shown_people(people)} people of unknown age were left out."]


def _told(inside: pd.DataFrame, left_out: pd.DataFrame) -> list[str]:
    """Who has no bydel, and where the parts do not sum to the city."""
    notices = []
    sums = inside.groupby(["kommune", "year"], as_index=False)["people"].sum()
    city = left_out["code"].str[:4]
    for kommune, year, people in sums.itertuples(index=False):
        others = left_out[(city == kommune) & (left_out["year"] == year)]
        unknown = int(others.loc[others["reason"] == UNKNOWN, "people"].sum())
        whole = int(others.loc[others["reason"] == CITY, "people"].sum())
        if unknown:
            notices.append(
                f"{table_name(TABLE)}: {shown_people(unknown)} residents of {kommune} in {year} "
                "have no known bydel; they are in none of the bydeler."
            )
        if whole and whole != people + unknown:
            notices.append(
                f"{table_name(TABLE)}: the bydeler of {kommune} and those of unknown bydel sum to "
                f"{people + unknown} in {year}, the city itself to {whole}."
            )
    return notices
