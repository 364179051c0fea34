"""Counts of people by age and sex out of Statistics Norway's answers, checked one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

import numpy as np
import pandas as pd

from navplan.errors import FetchError
from navplan.sources.jsonstat import Variable
from navplan.sources.pxweb import Metadata
from navplan.sources.ssb_service import table_name
from navplan.units import LEAST_PEOPLE

REGION: Final = "Region"
SEX: Final = "Kjonn"
AGE: Final = "Alder"
CONTENTS: Final = "ContentsCode"
YEAR: Final = "Tid"

SEXES: Final[Mapping[str, str]] = {"1": "male", "2": "female"}
"""Statistics Norway's codes → the words of navplan's tables."""

_ONE_YEAR: Final = re.compile(r"\d{3}")
_OPEN: Final = re.compile(r"\d{2,3}\+")
_HELD_BACK: Final = ":"
MOST_PEOPLE: Final = 10_000_000
"""In one figure; more than live in Norway is a mistake of the service."""
_MOST_NAMED: Final = 3


def check_form(table: Metadata, *more: str) -> None:
    """Check that a table has the variables it is read by, and needs no others.

    Parameters
    ----------
    table : Metadata
        A table by region, sex, age and year.
    *more : str
        Variables it has beside those.

    Raises
    ------
    FetchError
        If a variable is gone or a new one has come: then the table has changed.
    """
    known = (REGION, SEX, AGE, CONTENTS, YEAR, *more)
    for code in known:
        table.variable(code)
    for variable in table.variables:
        if variable.code not in known and not variable.elimination:
            raise FetchError(
                f"{table_name(table.id)} is divided by a new variable, {variable.code} "
                f"({variable.label}). Statistics Norway has changed the table: navplan must learn "
                "its new form before it can be used."
            )


def ages(table: Metadata) -> tuple[dict[str, int], list[str]]:
    """Find the one-year ages of a table and its rows of unknown age.

    Parameters
    ----------
    table : Metadata
        With the variable ``Alder``.

    Returns
    -------
    dict of str to int
        Code → age in years; the last is open, for example ``105+`` → 105.
    list of str
        Codes of unknown age.

    Raises
    ------
    FetchError
        If the ages have gaps or no open end: then the table has changed.
    """
    labels = table.variable(AGE).categories
    unknown = [code for code, label in labels.items() if is_unknown(label)]
    open_ages = {code: int(code[:-1]) for code in labels if _OPEN.fullmatch(code)}
    oldest = min(open_ages.values(), default=0)
    single = {
        code: int(code)
        for code in labels
        if _ONE_YEAR.fullmatch(code) and code not in unknown and int(code) < oldest
    }  # totals such as 999 stand above the open age
    if len(open_ages) != 1 or sorted(single.values()) != list(range(oldest)):
        listed = ", ".join(list(labels)[:8])
        raise FetchError(
            f"{table_name(table.id)}: {AGE} is expected by single years from 000 to an open age "
            f"such as 105+; it has {listed} …. Statistics Norway has changed the table: navplan "
            "must learn its new form."
        )
    return single | open_ages, unknown


def sexes(table: Metadata) -> list[str]:
    """Check that a table tells men and women apart.

    Parameters
    ----------
    table : Metadata
        With the variable ``Kjonn``.

    Returns
    -------
    list of str
        The two codes.

    Raises
    ------
    FetchError
        If one is missing: then the table has changed.
    """
    variable = table.variable(SEX)
    if missing := [code for code in SEXES if code not in variable.categories]:
        raise FetchError(
            f"{table_name(table.id)}: {SEX} has no code {missing[0]}; it has "
            f"{', '.join(variable.categories)}. Statistics Norway has changed the table."
        )
    return list(SEXES)


def is_unknown(label: str) -> bool:
    """Whether a label stands for people of whom something is not known.

    Parameters
    ----------
    label : str
        In Norwegian or English.

    Returns
    -------
    bool
        True for ``"Uoppgitt"`` and its like.
    """
    words = label.casefold()
    return any(word in words for word in ("uoppgitt", "uoppgjeve", "ukjent", "unknown"))


def shown_people(people: int) -> str:
    """Write a number of people for a notice, which a report prints.

    Parameters
    ----------
    people : int
        Above zero.

    Returns
    -------
    str
        The number, or ``"fewer than 10"``.
    """
    return str(people) if people >= LEAST_PEOPLE else f"fewer than {LEAST_PEOPLE}"


def contents(variable: Variable, table: Metadata, preferred: str) -> str:
    """Choose the figure a table of counts is read for.

    Parameters
    ----------
    variable : Variable
        ``ContentsCode``.
    table : Metadata
        Whose it is.
    preferred : str
        The code known for the table.

    Returns
    -------
    str
        `preferred`, or the only one there is.

    Raises
    ------
    FetchError
        If there are several and none is the known one.
    """
    if preferred in variable.categories:
        return preferred
    if len(variable.categories) == 1:
        return next(iter(variable.categories))
    has = ", ".join(f"{code} ({label})" for code, label in variable.categories.items())
    raise FetchError(
        f"{table_name(table.id)}: none of its figures is {preferred}; it has {has}. Statistics "
        "Norway has changed the table: navplan must learn which one counts people."
    )


def counts(frame: pd.DataFrame, table: str, *, keys: Sequence[str]) -> np.ndarray:
    """Read the values of an answer as numbers of people.

    Parameters
    ----------
    frame : DataFrame
        As `pxweb.read_table` gives it.
    table : str
        Id of the table, for messages.
    keys : sequence of str
        Columns that name a row in a message.

    Returns
    -------
    ndarray of int64, shape (rows,)
        Residents [persons].

    Raises
    ------
    FetchError
        For a count that is missing, held back, negative, beyond all people or no whole number; the
        rows are named.
    """
    value = frame["value"].to_numpy(dtype=float)
    _refuse(
        frame, frame["status"].to_numpy() == _HELD_BACK, table, keys,
        "held back to protect people (“:”)",
        "Ask for larger areas or wider ages.",
    )  # fmt: skip
    _refuse(
        frame, np.isnan(value), table, keys, "missing",
        "Run fetch again later; if it stays so, ask for other years.",
    )  # fmt: skip
    _refuse(
        frame, value < 0, table, keys, "negative",
        "A number of people cannot be: report it to Statistics Norway.",
    )  # fmt: skip
    _refuse(
        frame, value > MOST_PEOPLE, table, keys, f"above {MOST_PEOPLE:,}",
        "So many people of one age and sex cannot be: report it to Statistics Norway.",
    )  # fmt: skip
    _refuse(
        frame, value != np.floor(value), table, keys, "no whole number",
        "The table may hold shares now instead of people: navplan must learn its new form.",
    )  # fmt: skip
    return value.astype(np.int64)


def _refuse(
    frame: pd.DataFrame, bad: np.ndarray, table: str, keys: Sequence[str], what: str, remedy: str
) -> None:
    rows = np.flatnonzero(bad)
    if not len(rows):
        return
    named = [
        ", ".join(f"{key} {frame[key].iloc[row]}" for key in keys) for row in rows[:_MOST_NAMED]
    ]
    more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
    count = "1 figure is" if len(rows) == 1 else f"{len(rows)} figures are"
    raise FetchError(f"{table_name(table)}: {count} {what}: {'; '.join(named)}{more}. {remedy}")


def refuse_empty_years(
    frame: pd.DataFrame, table: str, *, what: str, codes: Sequence[str], years: Sequence[int]
) -> None:
    """Refuse areas that have no residents in a year: their number was not in use.

    Parameters
    ----------
    frame : DataFrame
        Columns ``code``, ``year`` and ``value`` (NaN where there is none).
    table : str
        Id of the table, for messages.
    what : str
        What the areas are, for example ``"kommune"``.
    codes : sequence of str
        Areas asked for.
    years : sequence of int
        Years asked for.

    Raises
    ------
    FetchError
        With every such area, its years, and the years it has.
    """
    sums = frame.groupby(["code", "year"])["value"].sum(min_count=1).fillna(0.0)
    told = []
    for code in codes:
        there = [year for year in years if sums.get((code, year), 0.0) > 0]
        gone = [str(year) for year in years if year not in there]
        if gone:
            has = f"it has {_span(there)}" if there else "nor in any other year asked for"
            told.append(f"{code} in {', '.join(gone)} ({has})")
    if told:
        _not_in_use(table, what, told)


def _not_in_use(table: str, what: str, told: Sequence[str]) -> NoReturn:
    raise FetchError(
        f"{table_name(table)} has no residents for {what} {'; '.join(told)}. Numbers change when "
        "areas are merged, split or renumbered: ask for the years the number was in use, or for "
        "the areas of that time."
    )


def _span(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
