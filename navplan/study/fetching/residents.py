"""Residents by area, year, alternative and age: counted, projected, and as wrong as last time."""

from __future__ import annotations

from typing import Final

import pandas as pd

from navplan.nouns.source import Source
from navplan.population import (
    cohort_share,
    constant_share,
    dwelling_share,
    group_ages,
    low_and_high,
    past_errors,
)
from navplan.sources.ssb import bydel_population, population, projection
from navplan.study.fetching.dwellings import read_dwellings
from navplan.study.fetching.ground import ACTUAL, Ground
from navplan.study.fetching.parts import MAIN

AS_WRONG: Final = (f"{MAIN}-low", f"{MAIN}-high")
"""What `low_and_high` calls the main alternative as wrong as last time."""
_COHORT_YEARS: Final = 5
"""Cohorts are followed over five years, the width of the back-test (docs/back-tests.md)."""
_COHORTS_FROM: Final = 60
"""Younger ages keep their constant shares: the method with the least errors in the back-test."""
_UNKNOWN: Final = (
    "How wrong projections are is known up to {years} years ahead: there are no low and high "
    "figures for {which}."
)


def residents_by_area(ground: Ground) -> tuple[pd.DataFrame, tuple[Source, ...], tuple[str, ...]]:
    """Fetch the residents of each area, and carry projections of kommuner to their bydeler.

    Parameters
    ----------
    ground : Ground
        Kommuner, and areas where they are bydeler.

    Returns
    -------
    DataFrame
        ``code`` of the area, ``year``, ``alternative``, ``age`` (group), ``people``.
    tuple of Source
    tuple of str
        Notices.

    Raises
    ------
    InputError, FetchError
        Of the services and of the planner's table of dwellings.
    """
    fetch, web = ground.fetch, ground.web
    bydeler = fetch.area == "bydel"
    base = max(fetch.years)
    years = sorted({*fetch.years, *([base - _COHORT_YEARS] if _cohorts(ground) else [])})
    count = bydel_population if bydeler else population
    now = count(web, ground.kommuner, years)
    parts = [now.frame[now.frame["year"].isin(fetch.years)].assign(alternative=ACTUAL)]
    sources, notices = now.sources, now.notices
    if fetch.projection_years:
        later = projection(web, ground.kommuner, fetch.projection_years, fetch.alternatives)
        sources, notices = (*sources, *later.sources), (*notices, *later.notices)
        parts.append(_spread(later.frame, now.frame, ground) if bydeler else later.frame)
    whole = pd.concat(parts, ignore_index=True)
    keys = ["code", "year", "alternative", "age"]
    summed = whole.groupby(keys, sort=True)["people"].sum().reset_index()
    grouped = group_ages(summed, starts=fetch.ages)
    if fetch.as_wrong_as_last_time and fetch.projection_years:
        more, told = _as_wrong(grouped, base, sorted(set(fetch.projection_years)))
        grouped, notices = pd.concat([grouped, *more], ignore_index=True), (*notices, *told)
    return grouped, sources, notices


def _as_wrong(
    people: pd.DataFrame, base: int, years: list[int]
) -> tuple[list[pd.DataFrame], tuple[str, ...]]:
    """Low and high for each year that errors are known for, and a word on the others."""
    known = int(past_errors()["horizon"].max())
    places = people.rename(columns={"code": "place"})
    # the intervals are those of kommuner: their bydeler share the error
    kommuner = pd.Series({code: str(code)[:4] for code in places["place"].unique()})
    made = [
        low_and_high(places, kommuner=kommuner, alternative=MAIN, year=year, base=(base, ACTUAL))
        for year in years
        if 0 < year - base <= known
    ]
    far = [str(year) for year in years if year - base > known]
    told = (_UNKNOWN.format(years=known, which=", ".join(far)),) if far else ()
    return [part.rename(columns={"place": "code"}) for part in made], told


def _cohorts(ground: Ground) -> bool:
    fetch = ground.fetch
    return fetch.area == "bydel" and fetch.shares == "cohort" and bool(fetch.projection_years)


def _spread(later: pd.DataFrame, now: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Carry a projection of kommuner to their bydeler."""
    fetch, base = ground.fetch, max(ground.fetch.years)
    built = _dwellings(ground, base, now[now["year"] == base])
    parts = []
    for _, rows in later.groupby(["code", "year", "alternative"]):
        kommune, year = rows["code"].iloc[0], int(rows["year"].iloc[0])
        own = now[now["code"].str[:4] == kommune].rename(columns={"code": "area"})
        total = _with_ages_of(rows[["age", "sex", "people"]], own)
        latest = own[own["year"] == base].drop(columns="year")
        if fetch.shares == "cohort":
            before = own[own["year"] == base - _COHORT_YEARS].drop(columns="year")
            spread = cohort_share(
                before,
                latest,
                total,
                years=_COHORT_YEARS,
                steps=(year - base) / _COHORT_YEARS,
                from_age=_COHORTS_FROM,
            )
        elif built is not None:
            here = built[built["area"].str[:4] == kommune]
            spread = dwelling_share(latest, total, here, base_year=base, year=year)
        else:
            spread = constant_share(latest, total)
        alternative = rows["alternative"].iloc[0]
        parts.append(
            spread.rename(columns={"area": "code"}).assign(year=year, alternative=alternative)
        )
    return pd.concat(parts, ignore_index=True)


def _dwellings(ground: Ground, base: int, latest: pd.DataFrame) -> pd.DataFrame | None:
    fetch = ground.fetch
    if fetch.shares != "dwellings":
        return None
    assert fetch.dwellings is not None
    areas = ground.areas.frame
    return read_dwellings(
        ground.folder / fetch.dwellings,
        names=dict(zip(areas["code"], areas["area"], strict=True)),
        years=list(dict.fromkeys([base, *fetch.projection_years])),
        lived=latest.groupby("code")["people"].sum(),
    )


def _with_ages_of(total: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Give a projection a row, if an empty one, for each age the count has beyond its open age."""
    ages = counted[["age", "sex"]].drop_duplicates()
    return (
        ages.merge(total, how="outer", on=["age", "sex"])
        .fillna({"people": 0})
        .astype({"people": "int64"})
    )
