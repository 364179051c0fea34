"""What was found in a GTFS feed: texts of its tables, faults, and notices in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

from navplan.errors import Fault

Kind = Literal["repaired", "left out", "assumed"]
_SHOWN: Final = 5


@dataclass(frozen=True)
class Notice:
    """One thing a reader of the timetable must know, though it is no fault.

    Parameters
    ----------
    kind : {"repaired", "left out", "assumed"}
        What was done about it.
    text : str
        A sentence.
    """

    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"Left out: {self.text}" if self.kind == "left out" else self.text


@dataclass
class Feed:
    """A feed while it is read: what it holds, and all that was found wrong so far.

    Parameters
    ----------
    name : str
        Of the file or folder; faults stand under it.
    tables : dict of str to DataFrame
        Table name without ``.txt`` → texts as read, stripped of blanks.
    unread : set of str
        Names of known tables that are there but not read.
    faults : list of Fault
        What cannot be repaired.
    notices : list of Notice
        What was repaired, left out or assumed.
    """

    name: str
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def fault(self, key: str, problem: str, remedy: str = "") -> None:
        """Note something that cannot be repaired.

        Parameters
        ----------
        key, problem, remedy : str
            As in `Fault`.
        """
        self.faults.append(Fault(self.name, key, problem, remedy))

    def repaired(self, text: str) -> None:
        """Note something that was mended.

        Parameters
        ----------
        text : str
            A sentence.
        """
        self.notices.append(Notice("repaired", text))

    def left_out(self, text: str) -> None:
        """Note something that is not used.

        Parameters
        ----------
        text : str
            What, as the end of a sentence that begins with "Left out:".
        """
        self.notices.append(Notice("left out", text))

    def assumed(self, text: str) -> None:
        """Note something the feed does not say, or not for certain.

        Parameters
        ----------
        text : str
            A sentence.
        """
        self.notices.append(Notice("assumed", text))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, without rows where the feed has none.

        Parameters
        ----------
        name : str
            Without ``.txt``.

        Returns
        -------
        DataFrame
            Texts as read.
        """
        return self.tables.get(name, pd.DataFrame())

    def said(self) -> tuple[str, ...]:
        """Return the notices as sentences, each once.

        Returns
        -------
        tuple of str
            In the order they were noted.
        """
        return tuple(dict.fromkeys(map(str, self.notices)))


def texts(table: pd.DataFrame, column: str) -> pd.Series[str]:
    """Return a column that a table may lack.

    Parameters
    ----------
    table : DataFrame
        Of texts.
    column : str
        Its name.

    Returns
    -------
    Series of str
        Empty texts where there is no such column.
    """
    return table[column] if column in table else pd.Series("", index=table.index, dtype=str)


def amount(count: int | pd.Series[bool], noun: str) -> str:
    """Write a number with its noun: ``1 trip``, ``2 trips``.

    Parameters
    ----------
    count : int or Series of bool
        The number, or marks to count.
    noun : str
        In the singular, with a plural in -s.

    Returns
    -------
    str
        For notices.
    """
    number = count if isinstance(count, int) else int(count.sum())
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def some(names: Iterable[str]) -> str:
    """Write the first few of many names.

    Parameters
    ----------
    names : iterable of str
        In any order, each once.

    Returns
    -------
    str
        Sorted, with commas; "…" stands for the rest.
    """
    known = sorted(names)
    return ", ".join(known[:_SHOWN]) + (" …" if len(known) > _SHOWN else "")


def unique_rows(feed: Feed, name: str, column: str) -> pd.DataFrame:
    """Return the rows of a table that have an id no row before them has.

    Parameters
    ----------
    feed : Feed
        A notice is added to it where rows are left out.
    name : str
        Of the table.
    column : str
        Of the ids.

    Returns
    -------
    DataFrame
        The other rows as read.
    """
    table = feed.tables[name]
    nameless = table[column] == ""
    twice = table[column].duplicated() & ~nameless
    if nameless.any():
        feed.left_out(f"{amount(nameless, 'row')} of {name}.txt without {column}.")
    if twice.any():
        rows = amount(twice, "row")
        feed.repaired(f"{name}.txt: {rows} with a {column} used before; the first counts.")
    return table[~nameless & ~twice]
