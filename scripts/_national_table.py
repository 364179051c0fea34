"""The table by kommune of the national study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from navplan.measures import losers_more_than, mask_table, mean_minutes
from navplan.units import REASONS

if TYPE_CHECKING:
    from national_offices import Country

YEARS: Final = (2019, 2024)
LONGER_MIN: Final = 10.0


def by_kommune(country: Country, cells: pd.DataFrame) -> pd.DataFrame:
    """Sum up by kommune of 2024; small counts are masked.

    Parameters
    ----------
    country : Country
        Who lives where.
    cells : DataFrame
        As `minutes_by_cell` gives them.

    Returns
    -------
    DataFrame
        Indexed by kommune, sorted by ``change_min``, the longest first: ``people``,
        ``mean_2019_min``, ``mean_2024_min``, ``change_min``, ``nearest_2019_min``,
        ``nearest_2024_min``, all of those with a time in both years; ``people_longer`` (more than
        10 min longer), ``people_without`` (no time in one year or both), ``share_longer``,
        ``share_without`` of everybody (missing where the count is masked), ``why``.
    """
    kommune = country.zones.table["kommune"].to_numpy()
    timed = (cells["assigned_2019"].notna() & cells["assigned_2024"].notna()).to_numpy()
    rows = {}
    for number, at in pd.Series(range(len(cells))).groupby(kommune):
        own, w, known = cells.iloc[at], country.people.iloc[at], timed[at]
        with_time = {
            f"{kind}_{year}": own[f"{kind}_{year}"].where(known)
            for kind in ("assigned", "nearest")
            for year in YEARS
        }
        before, after = with_time["assigned_2019"], with_time["assigned_2024"]
        means = {name: mean_minutes(column, w).value for name, column in with_time.items()}
        rows[number] = {
            "people": int(w.sum()),
            "mean_2019_min": means["assigned_2019"],
            "mean_2024_min": means["assigned_2024"],
            "change_min": means["assigned_2024"] - means["assigned_2019"],
            "nearest_2019_min": means["nearest_2019"],
            "nearest_2024_min": means["nearest_2024"],
            "people_longer": losers_more_than(before, after, w, limit=LONGER_MIN).value,
            "people_without": float(w[~known].sum()),
            "why": _why(own[~known], w[~known]),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    masked = masked_counts(table)
    for name in ("people_longer", "people_without"):
        table[name] = masked[name]
    table["share_longer"] = table["people_longer"] / table["people"]
    table["share_without"] = table["people_without"] / table["people"]
    table.loc[~(table["people_without"] > 0), "why"] = ""
    table.index.name = "kommune_no"
    return table.sort_values(["change_min", "people"], ascending=False, kind="stable")


def _why(cells: pd.DataFrame, people: pd.Series[float]) -> str:
    """The reason that most of the people without a time have."""
    if not len(cells):
        return ""
    last = cells["reason_2024"].where(cells["assigned_2024"].isna(), cells["reason_2019"])
    sums = people.groupby(last.to_numpy()).sum()
    return str(REASONS[int(sums.index[int(sums.argmax())])])


def masked_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Hide counts under ten, and those that would tell them by difference.

    Parameters
    ----------
    table : DataFrame
        ``people``, ``people_longer``, ``people_without`` by kommune.

    Returns
    -------
    DataFrame
        The two counts, NaN where hidden. The rest of a kommune's people counts as a third part,
        since everybody can subtract, and so do the sums over the country.
    """
    parts = table[["people_longer", "people_without"]].to_numpy(dtype=float)
    rest = table["people"].to_numpy(dtype=float) - parts.sum(axis=1)
    shown = mask_table(np.column_stack([parts, rest]))
    return pd.DataFrame(shown[:, :2], table.index, ["people_longer", "people_without"])


def write_table(table: pd.DataFrame, names: pd.Series[str], path: Path) -> None:
    """Write the table by kommune.

    Parameters
    ----------
    table : DataFrame
        As `by_kommune` gives it.
    names : Series of str
        Kommune number → name.
    path : Path
        CSV.
    """
    made = table.drop(columns=["share_longer", "share_without"])
    made.insert(0, "kommune_name", names.reindex(table.index))
    minutes = [str(name) for name in made if str(name).endswith("_min")]
    made = made.round(dict.fromkeys(minutes, 2))
    for name in ("people_longer", "people_without"):
        made[name] = made[name].round().astype("Int64")
    made = made.assign(
        source="SSB, Kartverket and NAV; computed by scripts/national_offices.py",
        date="2024-11-07",
        quality="approximate",
    )
    path.parent.mkdir(exist_ok=True)
    made.to_csv(path, lineterminator="\n")
