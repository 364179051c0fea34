"""What a run wrote about the best locations, and the words its chapters share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from navplan.report.view import View

Located = Mapping[str, Any]
MEAN: Final = "mean_minutes"
LEAST_TOLD_MIN: Final = 0.05
"""Less than this reads as no minutes at all, since minutes have one decimal [min]."""
ALIKE_MIN: Final = 1e-3
"""Values are written with four decimals; a smaller difference is rounding [min]."""


def rows(view: View, table: str, **where: str) -> list[Located]:
    """Rows of a table where the columns named hold the values given.

    Parameters
    ----------
    view : View
        The run.
    table : str
        Name of the table, for example ``prices``.
    **where : str
        Column → value.

    Returns
    -------
    list of mapping
        Column → value, in the order of the table.
    """
    frame: pd.DataFrame = getattr(view.tables, table)
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def headline(view: View, table: str, question: str) -> list[Located]:
    """Rows of a question for the way to travel and the population the answer speaks of.

    Parameters
    ----------
    view : View
        The run.
    table : str
        A table with question, profile and outlook.
    question : str
        Which question.

    Returns
    -------
    list of mapping
    """
    wanted = {"profile": view.headline_profile, "outlook": view.headline_outlook}
    return rows(view, table, question=question, **wanted)


def is_proved(row: Located) -> bool:
    """Tell whether no better one exists.

    Parameters
    ----------
    row : mapping
        A row with a status.

    Returns
    -------
    bool
    """
    return str(row["status"]).startswith("proved")


def told(view: View, minutes: float) -> str:
    """Minutes for a sentence; a few seconds are neither nought nor rounded up.

    Parameters
    ----------
    view : View
        For the language.
    minutes : float
        Not negative [min].

    Returns
    -------
    str
        For example ``0,4 minutter`` or ``under 0,1 minutter``.
    """
    return view.words("number.minutes", number=short(view, minutes))


def short(view: View, minutes: float) -> str:
    """Write `told` without the unit.

    Parameters
    ----------
    view : View
        For the language.
    minutes : float
        Not negative [min].

    Returns
    -------
    str
    """
    w = view.words
    if ALIKE_MIN <= minutes < LEAST_TOLD_MIN:
        return w("number.below", number=w.minutes(2 * LEAST_TOLD_MIN))
    return w.minutes(minutes)


def at_most(view: View, minutes: float) -> str:
    """Minutes of a limit, without the unit: rounded up, so that it stays one.

    Parameters
    ----------
    view : View
        For the language.
    minutes : float
        Upper limit [min].

    Returns
    -------
    str
    """
    return view.words.minutes(math.ceil(10 * (minutes - ALIKE_MIN)) / 10)


def at_least(view: View, minutes: float) -> str:
    """Minutes of a limit, without the unit: rounded down, so that it stays one.

    Parameters
    ----------
    view : View
        For the language.
    minutes : float
        Lower limit [min].

    Returns
    -------
    str
    """
    return view.words.minutes(math.floor(10 * (minutes + ALIKE_MIN)) / 10)


def more(view: View, minutes: float) -> str:
    """Write minutes more than the best, for a table.

    Parameters
    ----------
    view : View
        For the language.
    minutes : float
        Not negative but for rounding [min].

    Returns
    -------
    str
        For example ``+0,4``, ``under 0,1`` or ``0,0``.
    """
    text = short(view, minutes)
    return f"+{text}" if minutes >= LEAST_TOLD_MIN else text


def structure(view: View, row: Located) -> str:
    """Say the structure of a row in words.

    Parameters
    ----------
    view : View
        The run.
    row : mapping
        A row with offices and allocation.

    Returns
    -------
    str
    """
    return view.structure(str(row["offices"]), str(row["allocation"]))


def scenarios_of(view: View, row: Located) -> list[str]:
    """Name the scenarios that are the structure of a row.

    Parameters
    ----------
    view : View
        The run.
    row : mapping
        A row with ``scenario``: names joined by ``;``.

    Returns
    -------
    list of str
        Those the run has.
    """
    return [name for name in str(row["scenario"]).split(";") if name in view.scenarios]
