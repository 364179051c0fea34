"""What is hidden before results are written: every count of one to nine people.

See `measures.disclosure` for the rule and for what it does not prevent.

- ``zones.csv``: zones whose count is small, and another zone of the area, so that the area's sum
  does not give it away.
- ``outlooks.csv``: the same along both sums, over areas and over age groups.
- ``comparison.csv``: counts of people that are small, leave a small rest, or differ by a small
  count from the next limit (within 15 and within 30 minutes); and another group where the sum of
  all is shown. A share without a time that stands for one to nine people is raised to that of
  ten; the person-hours beside it are hidden, as they would give the count.
- ``comparison.csv``, ``ranking.csv`` and ``answers.csv``: every share without a time is rounded to
  steps of at least ten people and at least a hundredth, so that the difference of two shares does
  not give the count of those who have a time in one case only. See `published_share`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from navplan.measures import mask_parts, mask_small, mask_table
from navplan.results.tables import PEOPLE
from navplan.units import LEAST_PEOPLE

_MOST_STEPS = 100  # a share is published in hundredths at the finest
_NESTED = ("within_", "lose_more_", "gain_more_")
_KEYS = ["scenario", "outlook", "profile", "by", "group"]

_Marks = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]


def _small(counts: _Floats) -> _Marks:
    with np.errstate(invalid="ignore"):
        return np.isnan(mask_small(counts)) & ~np.isnan(counts)


def publishable_zones(zones: pd.DataFrame, hidden_areas: dict[str, set[str]]) -> pd.DataFrame:
    """Hide small counts of zones.

    Parameters
    ----------
    zones : DataFrame
        ``zones.csv``.
    hidden_areas : dict
        Outlook → areas whose sum is hidden too.

    Returns
    -------
    DataFrame
        With NaN for hidden counts.
    """
    shown = zones.copy()
    for column in [c for c in zones.columns if c.startswith(PEOPLE)]:
        shown[column] = shown[column].astype(float)
        barred = hidden_areas.get(column.removeprefix(PEOPLE), set())
        for area, rows in zones.groupby("area").groups.items():
            counts = zones.loc[rows, column].to_numpy(dtype=float)
            shown.loc[rows, column] = np.nan if area in barred else mask_parts(counts)
    return shown


def publishable_outlooks(
    outlooks: pd.DataFrame, hidden_areas: dict[str, set[str]], hidden_ages: dict[str, set[str]]
) -> pd.DataFrame:
    """Hide small counts by area and age group.

    Parameters
    ----------
    outlooks : DataFrame
        ``outlooks.csv``.
    hidden_areas, hidden_ages : dict
        Outlook → areas and age groups whose sums are hidden too.

    Returns
    -------
    DataFrame
        With NaN for hidden counts.
    """
    shown = outlooks.assign(people=outlooks["people"].astype(float))
    for outlook, rows in outlooks.groupby("outlook", sort=False).groups.items():
        part = outlooks.loc[rows]
        cells = part.pivot_table(index="area", columns="age", values="people", aggfunc="sum")
        full = cells.fillna(0.0)
        areas, ages = hidden_areas.get(str(outlook), set()), hidden_ages.get(str(outlook), set())
        masked = pd.DataFrame(
            mask_table(full.to_numpy(dtype=float)), index=full.index, columns=full.columns
        )
        masked.loc[masked.index.isin(areas)] = np.nan
        masked.loc[:, masked.columns.isin(ages)] = np.nan
        found = [masked.loc[area, age] for area, age in zip(part["area"], part["age"], strict=True)]
        shown.loc[rows, "people"] = np.array(found, dtype=float)
    return shown


def hidden_groups(comparison: pd.DataFrame, by: str) -> dict[str, set[str]]:
    """Find the groups whose number of people is hidden.

    Parameters
    ----------
    comparison : DataFrame
        ``comparison.csv`` before masking.
    by : {"area", "age"}
        Which groups.

    Returns
    -------
    dict
        Outlook → groups.
    """
    part = comparison[comparison["by"] == by]
    sizes = part.groupby(["outlook", "group"], sort=False)["people"].first().reset_index()
    hidden: dict[str, set[str]] = {}
    for outlook, rows in sizes.groupby("outlook", sort=False):
        marks = np.isnan(mask_parts(rows["people"].to_numpy(dtype=float)))
        hidden[str(outlook)] = set(rows["group"][marks])
    return hidden


def _rounded(share: _Floats, people: _Floats) -> _Floats:
    """Round shares to steps of ten people; see `published_share`."""
    steps = np.floor(np.minimum(people / LEAST_PEOPLE, _MOST_STEPS))
    whole = np.maximum(steps, 2.0)
    near = np.clip(np.rint(share * whole), 1.0, whole - 1.0) / whole
    # Below two steps a single value stands for "some": that of ten people, or everybody.
    some = np.where(steps < 2, LEAST_PEOPLE / np.maximum(people, LEAST_PEOPLE), near)  # noqa: PLR2004
    return np.where((share > 0) & (share < 1), some, share)


def published_share(share: _Floats, people: _Floats) -> _Floats:
    """Round shares so that neither one nor the difference of two gives one to nine people.

    Shares that stand for one to nine people with or without a time become those of ten. Then every
    share is rounded to a multiple of a step: the smallest that is at least
    ``LEAST_PEOPLE / people`` and 0.01 and that goes into 1 a whole number of times (6601 people:
    1/100; 376: 1/37). Only
    nobody is 0 and only everybody is 1: any other share is at least one step and at most one less
    than 1. So two shares of a group are equal or differ by whole steps, of ten people or more.

    A group of fewer than twenty has no room for that: there any share between 0 and 1 is shown as
    that of ten people, and as 1 where the group has ten at most.

    Parameters
    ----------
    share : array
        Shares without a time [0–1]; NaN stays.
    people : array
        Everybody in the group [persons].

    Returns
    -------
    array
        Shares that never say "nobody" where there is somebody.
    """
    ten = np.divide(LEAST_PEOPLE, people, out=np.ones_like(people), where=people > 0)
    without = share * people
    shown = np.where(_small(without), np.minimum(ten, 1.0), share)
    few_left = _small(people - without) & ~_small(without)
    shown = np.where(few_left, np.maximum(1.0 - ten, 0.0), shown)
    return _rounded(shown, people)


def _hide_steps(values: _Floats, hidden: _Marks, measures: list[str]) -> None:
    """Hide counts that differ by a small count from the last one shown of nested limits."""
    for start in _NESTED:
        chain = [number for number, name in enumerate(measures) if name.startswith(start)]
        chain.sort(key=lambda number: float(measures[number].removeprefix(start)))
        last: _Floats = np.full(len(values), np.nan)
        for column in chain:
            hidden[:, column] |= _small(np.abs(values[:, column] - last))
            last = np.where(hidden[:, column], last, values[:, column])


def _hide_parts(values: _Floats, hidden: _Marks, groups: pd.DataFrame) -> None:
    """Hide another group where a single hidden one follows from the sum of all."""
    by = groups["by"].to_numpy(dtype=object)
    cases = groups.groupby(["scenario", "outlook", "profile"], sort=False).ngroup().to_numpy()
    for case in np.unique(cases[hidden.any(axis=1)]):
        rows = np.flatnonzero(cases == case)
        whole = rows[by[rows] == "all"]
        for kind in ("area", "age"):
            parts = rows[by[rows] == kind]
            for column in np.flatnonzero(hidden[parts].any(axis=0)):
                if hidden[whole, column].any():
                    continue
                marks = hidden[parts, column]
                hidden[parts, column] = np.isnan(mask_parts(values[parts, column], hidden=marks))


def _hidden_counts(counts: pd.DataFrame) -> pd.Series[bool]:
    """Which counts of the comparison are hidden, by group and measure."""
    measures = list(dict.fromkeys(counts["measure"]))
    groups = counts[_KEYS].drop_duplicates().reset_index(drop=True)
    index = pd.MultiIndex.from_frame(groups)
    keyed = counts.set_index([*_KEYS, "measure"])["value"]
    wide = keyed.unstack("measure").reindex(index=index, columns=measures)
    values = wide.to_numpy(dtype=float)
    sizes = counts.groupby(_KEYS, sort=False)["people"].first().reindex(index)
    whole = np.broadcast_to(sizes.to_numpy(dtype=float)[:, None], values.shape)
    hidden = np.isnan(mask_small(values, whole=whole)) & ~np.isnan(values)
    _hide_steps(values, hidden, measures)
    _hide_parts(values, hidden, groups)
    rows = groups.loc[groups.index.repeat(len(measures))].assign(measure=measures * len(groups))
    return pd.Series(hidden.ravel(), index=pd.MultiIndex.from_frame(rows))


def _two_digits(values: _Floats) -> _Floats:
    size = np.floor(np.log10(np.where(np.abs(values) > 0, np.abs(values), 1.0)))
    scale = 10.0 ** (size - 1.0)
    return np.asarray(np.rint(values / scale) * scale)


def publishable_comparison(comparison: pd.DataFrame) -> pd.DataFrame:
    """Hide small counts of the comparison.

    Parameters
    ----------
    comparison : DataFrame
        ``comparison.csv``.

    Returns
    -------
    DataFrame
        With NaN for hidden values of unit persons or h and for hidden people; the shares without
        a time rounded to steps of at least ten people of the group, and hours to two digits where
        somebody has no time.
    """
    shown = comparison.reset_index(drop=True).copy()
    if shown.empty:
        return shown
    people = shown["people"].to_numpy(dtype=float)
    share = shown["share_without_time"].to_numpy(dtype=float)
    gone = np.zeros(len(shown), dtype=bool)
    for by in ("area", "age"):
        for outlook, groups in hidden_groups(shown, by).items():
            rows = (shown["by"] == by) & (shown["outlook"] == outlook)
            gone |= (rows & shown["group"].isin(groups)).to_numpy()
    gone |= (shown["by"] == "all").to_numpy() & _small(people)
    gone_values = np.zeros(len(shown), dtype=bool)
    counts = shown[shown["unit"] == "persons"]
    if len(counts):
        keys = pd.MultiIndex.from_frame(shown[[*_KEYS, "measure"]])
        gone_values |= _hidden_counts(counts).reindex(keys, fill_value=False).to_numpy(dtype=bool)
    hours = (shown["unit"] == "h").to_numpy()
    without = share * people
    gone_values |= hours & (_small(without) | _small(people - without))
    gone_values |= gone & shown["unit"].isin(["persons", "h"]).to_numpy()
    values = shown["value"].to_numpy(dtype=float)
    # Exact hours over exact minutes would give the exact number of people with a time.
    values = np.where(hours & (without > 0), _two_digits(values), values)
    shown["value"] = np.where(gone_values, np.nan, values)
    shown["share_without_time"] = published_share(share, people)
    shown["people"] = np.where(gone, np.nan, people)
    return shown


def publishable_ranking(ranking: pd.DataFrame, people: dict[str, float]) -> pd.DataFrame:
    """Round the shares without a time of structures, and raise small ones.

    Parameters
    ----------
    ranking : DataFrame
        ``ranking.csv`` or ``answers.csv``.
    people : dict
        Outlook → everybody [persons].

    Returns
    -------
    DataFrame
        With shares that stand for nobody or for ten people at least, and that differ by none or
        by ten at least.
    """
    everybody = np.array([people[name] for name in ranking["outlook"]], dtype=float)
    share = ranking["share_without_time"].to_numpy(dtype=float)
    return ranking.assign(share_without_time=published_share(share, everybody))


def totals(outlooks: pd.DataFrame) -> dict[str, float]:
    """Everybody by outlook.

    Parameters
    ----------
    outlooks : DataFrame
        ``outlooks.csv``.

    Returns
    -------
    dict
        Outlook → people [persons].
    """
    names: Iterable[object] = outlooks["outlook"].unique()
    return {
        str(name): float(outlooks.loc[outlooks["outlook"] == name, "people"].sum())
        for name in names
    }
