"""Statistics Norway's projections of the population of kommuner, in their alternatives.

There is none by bydel: a forecast for bydeler comes from the municipality, or is made by shares of
the kommune's (`navplan.population`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from navplan.errors import Fault, FetchError, raise_faults
from navplan.nouns.source import Source
from navplan.sources.extracts import Extract
from navplan.sources.jsonstat import Variable
from navplan.sources.pxweb import (
    Limits,
    Metadata,
    TableEntry,
    codelist,
    metadata,
    read_table,
    tables,
)
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
)
from navplan.sources.ssb_service import table_name
from navplan.sources.web import Web

TITLE: Final = "Framskrevet folkemengde"
BY_KOMMUNE: Final = "(K)"
"""Statistics Norway's mark of tables that go down to kommuner."""

MAIN: Final = "MMMM"
LOW: Final = "LLML"
HIGH: Final = "HHMH"
ALTERNATIVES: Final = (MAIN, LOW, HIGH)
"""Letters, in order: fertility, life expectancy, domestic migration, immigration."""

FRAMSKRIV: Final = "Framskriv"
"""Older editions tell the alternatives apart by a variable of their own."""

COLUMNS: Final = ("code", "year", "alternative", "age", "sex", "people")

_LETTERS: Final = re.compile(r"(?<![A-Za-z0-9])[LMHK0]{4}(?![A-Za-z0-9])")
_DOCUMENTED: Final[Mapping[str, str]] = {"Personer": MAIN, "Personer1": LOW, "Personer2": HIGH}
_NEEDED: Final = ("region", "kjønn", "alder")


@dataclass(frozen=True)
class Edition:
    """The projection that is used.

    Parameters
    ----------
    entry : TableEntry
        The newest table of its kind.
    sources : tuple of Source
        The lists it was found in.
    """

    entry: TableEntry
    sources: tuple[Source, ...]


def newest_projection(web: Web) -> Edition:
    """Find the newest projection by kommune, by its title: each edition has another number.

    Parameters
    ----------
    web : Web
        The way to the network.

    Returns
    -------
    Edition
        The table whose title is that of projected population by kommune, with region, sex and
        age, and whose first year is the latest; among several the one updated last.

    Raises
    ------
    FetchError
        If there is none; the titles that came nearest are named.
    """
    found, sources = tables(web, TITLE)
    titled = [entry for entry in found if TITLE.casefold() in entry.label.casefold()]
    fitting = [
        entry
        for entry in titled
        if BY_KOMMUNE in entry.label
        and all(word in {name.casefold() for name in entry.variables} for word in _NEEDED)
    ]
    if not fitting:
        near = "; ".join(f"{entry.label!r}" for entry in titled[:3]) or "none with these words"
        raise FetchError(
            f"Statistics Norway lists no projection by kommune, sex and age (looked for {TITLE!r} "
            f"and {BY_KOMMUNE} in the title); nearest: {near}. Titles may have changed: look at "
            "ssb.no/statbank and give own figures in people.csv until navplan knows the new one."
        )
    newest = max(fitting, key=lambda entry: (entry.first_period, entry.updated, entry.id))
    return Edition(newest, sources)


def projection(
    web: Web,
    kommuner: Sequence[str],
    years: Sequence[int],
    alternatives: Sequence[str] = ALTERNATIVES,
    *,
    edition: Edition | None = None,
    limits: Limits | None = None,
) -> Extract:
    """Projected residents on 1 January by kommune, year, alternative, age and sex.

    Parameters
    ----------
    web : Web
        The way to the network.
    kommuner : sequence of str
        Four-digit numbers of today.
    years : sequence of int
        Within the edition.
    alternatives : sequence of str
        Four letters each, for example ``"MMMM"``.
    edition : Edition, optional
        Which projection; the newest unless told.
    limits : Limits, optional
        What the service allows; asked for where not given.

    Returns
    -------
    Extract
        Columns ``code``, ``year``, ``alternative``, ``age`` (the last one is open), ``sex`` and
        ``people``.

    Raises
    ------
    InputError
        For alternatives and years the edition does not have, with those it has.
    FetchError
        If the projection lacks a kommune (those it has in that fylke are named), the service
        cannot be asked, the table has changed, or a figure cannot be.
    """
    chosen = edition or newest_projection(web)
    table = metadata(web, chosen.entry.id)
    where = f"{table_name(table.id)} (projection from {chosen.entry.first_period})"
    regions, grouping, list_sources = _regions(web, table, kommuner, where)
    by, letters, notices = _alternatives(table)
    check_form(table, by)
    raise_faults(
        Fault(where, "alternatives", f"there is no alternative {one!r}.",
              f"It has {', '.join(letters)}.")
        for one in alternatives
        if one not in letters
    )  # fmt: skip
    known_ages, _ = ages(table)
    selection = {
        REGION: list(regions),
        SEX: sexes(table),
        AGE: list(known_ages),
        YEAR: [str(year) for year in years],
        by: [letters[one] for one in alternatives],
    }
    if by != CONTENTS:
        selection[CONTENTS] = [contents(table.variable(CONTENTS), table, "Personer")]
    lists = {REGION: grouping} if grouping else None
    extract = read_table(web, table, selection, codelists=lists, limits=limits)
    answer = extract.frame
    tidy = pd.DataFrame(
        {
            "code": answer[REGION].map(regions),
            "year": answer[YEAR].astype("int64"),
            "alternative": answer[by].map({code: one for one, code in letters.items()}),
            "age": answer[AGE].map(known_ages).astype("int64"),
            "sex": answer[SEX].map(SEXES),
            "value": answer["value"],
            "status": answer["status"],
        }
    )
    for one in alternatives:
        part = tidy[tidy["alternative"] == one]
        refuse_empty_years(part, table.id, what="kommune", codes=kommuner, years=years)
    people = counts(tidy, table.id, keys=("code", "year", "alternative", "age", "sex"))
    frame = tidy.assign(people=people)[list(COLUMNS)]
    return Extract(
        frame.sort_values(list(COLUMNS[:-1]), ignore_index=True),
        tuple(dict.fromkeys((*chosen.sources, *list_sources, *extract.sources))),
        (*notices, *extract.notices),
    )


def _regions(
    web: Web, table: Metadata, kommuner: Sequence[str], where: str
) -> tuple[dict[str, str], str, tuple[Source, ...]]:
    """The table's code → kommune, and the code list they are from where they are from one."""
    region = table.variable(REGION)
    plain = _kommune_codes(region.categories)
    if all(kommune in plain for kommune in kommuner):
        return {plain[kommune]: kommune for kommune in kommuner}, "", ()
    sources: list[Source] = []
    offered = dict(plain)
    for codelist_id in region.codelists:
        if "Kommun" not in codelist_id and "KommSummer" not in codelist_id:
            continue
        labels, source = codelist(web, codelist_id)
        sources.append(source)
        listed = _kommune_codes(labels)
        if all(kommune in listed for kommune in kommuner):
            return {listed[kommune]: kommune for kommune in kommuner}, codelist_id, tuple(sources)
        offered |= listed
    raise FetchError(_without(where, [one for one in kommuner if one not in offered], offered))


def _kommune_codes(labels: Mapping[str, str]) -> dict[str, str]:
    """Kommune → code of the table, which may write ``K-`` before it."""
    codes = {code.removeprefix("K-"): code for code in labels}
    return {kommune: code for kommune, code in codes.items() if re.fullmatch(r"\d{4}", kommune)}


def _without(where: str, missing: Sequence[str], offered: Mapping[str, str]) -> str:
    told = []
    for kommune in missing:
        fylke = kommune[:2]
        there = sorted(one for one in offered if one.startswith(fylke))
        fylker = sorted({one[:2] for one in offered})
        has = (
            f"for fylke {fylke} it has {', '.join(there)}"
            if there
            else f"it has none in fylke {fylke}, only in {', '.join(fylker)}"
        )
        told.append(f"{kommune} ({has})")
    return (
        f"{where} has no region {'; '.join(told)}. The projection may be older than the kommune, "
        "or the number may be an old one: correct the kommuner, or give own figures in people.csv."
    )


def _alternatives(table: Metadata) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """The variable that tells alternatives apart, and alternative → code."""
    codes = {variable.code for variable in table.variables}
    by = FRAMSKRIV if FRAMSKRIV in codes else CONTENTS
    variable = table.variable(by)
    letters = _lettered(variable)
    if letters:
        return by, letters, ()
    if set(variable.categories) == set(_DOCUMENTED):
        notice = (
            f"{table_name(table.id)} names its alternatives without their letters; Personer, "
            "Personer1 and Personer2 were taken for main, low and high, as documented for 14746."
        )
        return by, {letter: code for code, letter in _DOCUMENTED.items()}, (notice,)
    has = ", ".join(f"{code} ({label})" for code, label in variable.categories.items())
    raise FetchError(
        f"{table_name(table.id)} does not tell which of its alternatives is the main one; {by} "
        f"has {has}. Statistics Norway has changed the table: navplan must learn its new form."
    )


def _lettered(variable: Variable) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, label in variable.categories.items():
        if match := _LETTERS.search(label) or _LETTERS.fullmatch(code):
            found.setdefault(match[0], code)
    return found
