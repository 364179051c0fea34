"""The people table of a study → the residents of one outlook."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.nouns import Population

_KEYS = ("place", "year", "alternative", "age")


def check_people(
    people: pd.DataFrame, *, places: Iterable[str], where: str = "people.csv"
) -> list[Fault]:
    """Find rows that stand twice, unknown places, places without figures, and impossible counts.

    Parameters
    ----------
    people : DataFrame
        Columns of `tables.PEOPLE`; rows numbered from 0.
    places : iterable of str
        Ids of all places.
    where : str
        File name for the faults.

    Returns
    -------
    list of Fault
        Row numbers are those of the file (the header is row 1).
    """
    names = list(dict.fromkeys(places))
    known = people["place"].isin(names).to_numpy()
    counts = pd.to_numeric(people["people"], errors="coerce").to_numpy(dtype=float)
    faults = [
        Fault(where, f"row {row + 2}, place", f"{people['place'].iloc[row]!r} is no place.",
              "Use an id of the places table.")
        for row in np.flatnonzero(~known)
    ]  # fmt: skip
    faults += [
        Fault(where, f"row {row + 2}, people", f"{people['people'].iloc[row]} is no number of "
              "people; expected zero or more.", "Write 0 where nobody lives.")
        for row in np.flatnonzero(~(counts >= 0) | np.isinf(counts))
    ]  # fmt: skip
    faults += [
        Fault(where, f"row {row + 2}", "place, year, alternative and age stand more than once.",
              "Keep one row.")
        for row in np.flatnonzero(people.duplicated(list(_KEYS)).to_numpy())
    ]  # fmt: skip
    ages = people["age"].nunique()
    for (year, alternative), part in people[known].groupby(["year", "alternative"], sort=True):
        there = part.groupby("place")["age"].nunique().reindex(names, fill_value=0)
        faults += [
            Fault(where, f"{year} {alternative}", f"{number} of {ages} age groups for {place!r}.",
                  "Add the missing rows; write 0 where nobody lives.")
            for place, number in there[there < ages].items()
        ]  # fmt: skip
    return faults


def population_from_table(
    people: pd.DataFrame,
    *,
    name: str,
    year: int,
    alternative: str,
    places: Iterable[str],
    where: str = "people.csv",
) -> Population:
    """Take one outlook from the people table.

    Parameters
    ----------
    people : DataFrame
        Columns of `tables.PEOPLE`.
    name : str
        Name of the outlook.
    year : int
        1 January of this year.
    alternative : str
        ``actual`` or the name of the projection alternative.
    places : iterable of str
        Ids of all places, in the order of the result.
    where : str
        File name for the faults.

    Returns
    -------
    Population
        Places × age groups; its sum is the sum of the rows taken.

    Raises
    ------
    InputError
        If the table has no such outlook, or with all that `check_people` finds in its rows.
    """
    there = sorted(set(zip(people["year"].astype(str), people["alternative"], strict=True)))
    chosen = (people["year"].astype(str) == str(year)) & (people["alternative"] == alternative)
    if not chosen.any():
        listed = ", ".join(f"{known} {kind}" for known, kind in there) or "nothing"
        problem = f"there are no rows for {year} {alternative}; the table has {listed}."
        raise_faults([Fault(where, name, problem, "Correct the outlook or add the rows.")])
    names = list(dict.fromkeys(places))
    faults = check_people(people, places=names, where=where)
    wanted = f"{year} {alternative}"
    rows = {f"row {row + 2}" for row in np.flatnonzero(chosen.to_numpy())}
    raise_faults(f for f in faults if f.key == wanted or f.key.split(",")[0] in rows)
    ages = list(dict.fromkeys(people["age"]))
    wide = people[chosen].pivot_table(
        index="place", columns="age", values="people", aggfunc="sum", observed=False
    )
    return Population(wide.reindex(index=names, columns=ages), name)
