"""Which NAV office serves a kommune or bydel: by number, by name, by the later table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pandas as pd

FIRST_DIGITS: Final[Mapping[str, tuple[str, ...]]] = {
    "07": ("07", "53"),
    "12": ("12",),
    "50": ("16", "17", "57"),
}
"""Fylke of a kommune number of 2018 → how office numbers of that fylke begin, where they differ:
offices kept the numbers of Vestfold's and Trøndelag's kommuner, or got new ones (53, 57)."""
_COMMON: Final = frozenset(
    (
        *("nav", "og", "i", "nord", "sør", "øst", "vest", "midt", "inn", "indre", "ytre"),
        *("nordre", "søndre", "østre", "vestre", "øvre", "nedre", "midtre"),
    )
)
"""Words that name no place by themselves."""


def words_of(name: str) -> frozenset[str]:
    """Split a name into words; what stands in brackets is left out.

    Parameters
    ----------
    name : str
        Of an office, a kommune or a bydel.

    Returns
    -------
    frozenset of str
        In small letters, without ``nav`` and ``og``.
    """
    plain = re.sub(r"\(.*?\)", " ", name).casefold()
    return frozenset(re.findall(r"\w+", plain)) - {"nav", "og", "i"}


def office_named(name: str, offices: Mapping[str, str]) -> str | None:
    """Find the office that is named after an area.

    Parameters
    ----------
    name : str
        Of the area.
    offices : mapping of str to str
        Number → name of those that may be meant.

    Returns
    -------
    str or None
        The office that shares a place name with the area and the largest part of all its words;
        none where no office does, or two do alike.
    """
    own = words_of(name)
    shares = {
        number: len(own & words) / len(own | words)
        for number, text in offices.items()
        if (own & (words := words_of(text))) - _COMMON
    }
    best = [number for number, share in shares.items() if share == max(shares.values())]
    return best[0] if len(best) == 1 else None


def numbers_before(kommune: str, changes: pd.DataFrame, *, until: str) -> tuple[str, ...]:
    """Collect the numbers a kommune had, or those of the kommuner merged into it.

    Parameters
    ----------
    kommune : str
        Number on the day ``until``.
    changes : DataFrame
        ``oldCode``, ``newCode``, ``changeOccurred``, as in data/codes/kommune_changes.csv.
    until : str
        Day, ISO.

    Returns
    -------
    tuple of str
        The number itself first.
    """
    past = changes[changes["changeOccurred"] <= until]
    found = [kommune]
    for number in found:
        older = past.loc[past["newCode"] == number, "oldCode"]
        found += [code for code in older if code not in found]
    return tuple(found)


def offices_of_2019(
    areas: pd.DataFrame, offices: Mapping[str, str], changes: pd.DataFrame
) -> pd.DataFrame:
    """Find the office that served each area in 2019.

    Parameters
    ----------
    areas : DataFrame
        Indexed by kommune (4 digits) or bydel (6 digits) of 2018/2019: ``name``, ``kommune`` (its
        number in 2018), ``later`` (the office that serves most of its people in 2024, or missing).
    offices : mapping of str to str
        Number → name of the offices of 2019.
    changes : DataFrame
        As for `numbers_before`.

    Returns
    -------
    DataFrame
        Indexed as ``areas``: ``office`` and ``rule``, the first of these that gives an office:

        ========  =======================================================================
        number    the office bears the kommune's number, or one it had before
        name      of the fylke's offices one alone is named after the area
        later     the office of 2024, where an office of that number stood in 2019
        nearest   none of these: the office is missing, and the nearest one is taken
        ========  =======================================================================
    """
    rows: list[tuple[str, str | None, str]] = []
    for area, own in areas.iterrows():
        code, kommune = str(area), str(own["kommune"])
        numbers = numbers_before(code, changes, until="2019-06-01") if len(code) == 4 else ()
        by_number = [number for number in numbers if number in offices]
        begins = FIRST_DIGITS.get(kommune[:2], (kommune[:2],))
        near = {number: name for number, name in offices.items() if number.startswith(begins)}
        if by_number:
            rows.append((code, by_number[0], "number"))
        elif named := office_named(str(own["name"]), near):
            rows.append((code, named, "name"))
        elif own["later"] in offices:
            rows.append((code, str(own["later"]), "later"))
        else:
            rows.append((code, None, "nearest"))
    return pd.DataFrame(rows, columns=["area", "office", "rule"]).set_index("area")


def unlike_names(found: pd.DataFrame, areas: pd.DataFrame, offices: Mapping[str, str]) -> list[str]:
    """Check numbers against names: areas whose office of the same number is called otherwise.

    Parameters
    ----------
    found : DataFrame
        As `offices_of_2019` gives it.
    areas : DataFrame
        As for `offices_of_2019`.
    offices : mapping of str to str
        Number → name.

    Returns
    -------
    list of str
        ``area → office``, as names.
    """
    by_number = found[found["rule"] == "number"]
    pairs = [
        (str(areas["name"][str(area)]), offices[office])
        for area, office in by_number["office"].items()
    ]
    return [
        f"{area} → {office}"
        for area, office in pairs
        if not (words_of(area) & words_of(office)) - _COMMON
    ]


def served_in_2024(table: pd.DataFrame) -> pd.DataFrame:
    """Read which office serves each kommune and bydel of 2024.

    Parameters
    ----------
    table : DataFrame
        ``area_code``, ``area_type``, ``office_nr``, ``office_name``, ``kommune_2024`` (several
        numbers joined by ``;`` where a kommune was divided).

    Returns
    -------
    DataFrame
        Indexed by kommune (4 digits) or bydel (6 digits): ``office_nr``, ``office_name``.
    """
    kommune = table["area_type"] == "kommune"
    areas = table["area_code"].where(~kommune, table["kommune_2024"].str.split(";"))
    long = table.assign(area=areas).explode("area")
    return long.set_index("area")[["office_nr", "office_name"]]


def positions_of_2024(served: pd.DataFrame, offices: Mapping[str, str]) -> dict[str, str]:
    """Tell at which office of 2019 each office of 2024 is taken to stand.

    Parameters
    ----------
    served : DataFrame
        As `served_in_2024` gives it.
    offices : mapping of str to str
        Number → name of the offices of 2019.

    Returns
    -------
    dict of str to str
        Office of 2024 → office of 2019: the one of the same number, else the one named first in
        its name that had an office in 2019. An office without either is left out.
    """
    found = {}
    for number, name in served.drop_duplicates("office_nr").itertuples(index=False, name=None):
        if number in offices:
            found[number] = number
        elif place := _first_named(name, same_fylke(number, offices)):
            found[number] = place
    return found


def same_fylke(number: str, offices: Mapping[str, str]) -> dict[str, str]:
    """Keep the offices whose numbers begin alike.

    Parameters
    ----------
    number : str
        Of an office.
    offices : mapping of str to str
        Number → name.

    Returns
    -------
    dict of str to str
        Those with the same first two digits.
    """
    return {other: name for other, name in offices.items() if other[:2] == number[:2]}


def _first_named(name: str, offices: Mapping[str, str]) -> str | None:
    places = re.findall(r"\w+", name.casefold())
    hits = (office_named(place, offices) for place in places if place not in _COMMON)
    return next((office for office in hits if office), None)
