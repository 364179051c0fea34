"""A kommune's projected people → its bydeler: shares that stay, age with the cohorts, or build.

Statistics Norway projects kommuner, not bydeler. These methods carry a kommune's projection to
its areas. Each is controlled to the kommune: every age and sex sums to the projection, to the
person. What they give is an assumption and is to be marked so (`ASSUMED`). Back-tests stand in
docs/back-tests.md.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.population.cohorts import cohort_ratio
from navplan.population.counts import count_faults
from navplan.population.fitting import Floats, fit_table, round_table
from navplan.units import Quality

ASSUMED: Final[Quality] = "assumption"
SEXES: Final = ("female", "male")


def constant_share(areas: pd.DataFrame, total: pd.DataFrame) -> pd.DataFrame:
    """Let each area keep its share of the kommune in every age and sex.

    With P the residents of area a, age x and sex s in the base year 0, and K the kommune's
    projection for year t::

        P(t, a, x, s) = K(t, x, s) · P(0, a, x, s) / Σ_a P(0, a, x, s)

    An age that nobody in the kommune had in the base year is divided by the areas' shares of all
    ages. The simplest method and the yardstick for the others; choose `cohort_share` where the old
    matter, `dwelling_share` where it is known what will be built.

    Parameters
    ----------
    areas : DataFrame
        Residents in the base year: ``area``, ``people`` and the columns of ``total`` (age, sex).
    total : DataFrame
        The kommune's projection: ``people`` (whole) and one or more of age, sex.

    Returns
    -------
    DataFrame
        ``area``, the columns of ``total``, ``people`` (whole): every area × every row of
        ``total``, whose figures the areas sum to.

    Raises
    ------
    InputError
        With every count that is no number of people, or row that stands twice; if nobody lived
        in the areas.
    """
    strata, wanted = _total(total)
    base = _table(areas, strata)
    return _control(base, strata, wanted)


def cohort_share(
    before: pd.DataFrame,
    base: pd.DataFrame,
    total: pd.DataFrame,
    *,
    years: int,
    steps: float,
    pooled: int = 5,
    open_age: int = 90,
    from_age: int = 0,
) -> pd.DataFrame:
    """Let each area's cohorts go on changing as they did, controlled to the kommune.

    Each area is projected by `cohort_ratio` (Hamilton–Perry); with H what that gives::

        P(t, a, x, s) = K(t, x, s) · H(t, a, x, s) / Σ_a H(t, a, x, s)

    so the level comes from the kommune's projection and only the areas' shares from the cohorts.
    It knows who grows old where; it also carries on what was special in the base period, as one
    large housing scheme. In Bergen it was better than `constant_share` for the old, who move
    little, and worse for the others: ``from_age=60`` takes each where it was good.

    Parameters
    ----------
    before, base : DataFrame
        Residents at two counts: ``area``, ``age`` (one-year), ``sex``, ``people``.
    total : DataFrame
        The kommune's projection: ``age`` (one-year), ``sex`` (one of `SEXES`), ``people`` (whole).
    years : int
        Between the two counts [years].
    steps : float
        How many times the ratios are applied: the projection's year is the base year and
        ``steps × years``. With a fraction, people lie on the line between two whole steps.
    pooled : int
        Ratios are taken over this many neighbouring ages (odd).
    open_age : int
        This age and over is one group when ratios are taken; it is divided by the base year's
        ages afterwards.
    from_age : int
        Younger ages are divided by `constant_share`.

    Returns
    -------
    DataFrame
        ``area``, ``age``, ``sex``, ``people`` (whole), as `constant_share`.

    Raises
    ------
    InputError
        As `constant_share`; if a sex is none of `SEXES`, the two counts do not have the same areas,
        a cohort was empty or the steps are fewer than none.

    References
    ----------
    .. [1] C. H. Hamilton, J. Perry (1962), A short method for projecting population by age from
       one decennial census to another, Social Forces 41(2), 163–170, doi:10.2307/2573607.
    .. [2] S. K. Smith, J. Tayman, D. A. Swanson (2013), A practitioner's guide to state and local
       population projections, Springer, doi:10.1007/978-94-007-7551-0.
    """
    strata, wanted = _total(total)
    if set(strata.columns) != {"age", "sex"}:
        given = ", ".join(map(str, strata.columns))
        problem = f"columns {given}; cohorts need age and sex."
        raise_faults([Fault("projection", "columns", problem)])
    raise_faults(
        Fault("projection", "sex", f"{sex!r} is none of {', '.join(SEXES)}.")
        for sex in strata["sex"].unique()
        if sex not in SEXES
    )
    if not (np.isfinite(steps) and steps >= 0):
        problem = f"{steps} steps; expected zero or more."
        raise_faults([Fault("projection", "year", problem, "Choose a year after the base year.")])
    old, new = _table(before, strata), _table(base, strata)
    if list(old.index) != list(new.index):
        odd = ", ".join(sorted(set(old.index) ^ set(new.index)))
        problem = f"{odd}: in one of the two counts only."
        raise_faults([Fault("residents", "area", problem, "Carry both to the same areas.")])
    whole, part = divmod(steps, 1)
    rows = []
    for area in new.index:
        then, now = _by_sex(old, area, strata), _by_sex(new, area, strata)
        project = partial(cohort_ratio, then, now, years=years, pooled=pooled, open_age=open_age)
        later = project(steps=int(whole))
        if part:
            later = later * (1 - part) + project(steps=int(whole) + 1) * part
        spread = _open_group(later, now, open_age)
        at = spread.index.get_indexer(pd.Index(pd.to_numeric(strata["age"])))
        rows.append(spread.to_numpy()[at, [SEXES.index(sex) for sex in strata["sex"]]])
    young = (pd.to_numeric(strata["age"]) < from_age).to_numpy()
    table = np.where(young, new.to_numpy(dtype=float), np.array(rows))
    projected = pd.DataFrame(table, index=new.index, columns=new.columns)
    return _control(projected, strata, wanted)


def dwelling_share(
    areas: pd.DataFrame,
    total: pd.DataFrame,
    dwellings: pd.DataFrame,
    *,
    base_year: int,
    year: int,
) -> pd.DataFrame:
    """Let areas grow with their dwellings, controlled to the kommune.

    With D the dwellings, an area's weight is its people in the base year times D(t) / D(0); where
    there were no dwellings yet, D(t) times the kommune's people a dwelling, with the kommune's
    ages. Ages by area are then fitted to the kommune's ages and the areas' weights (iterative
    proportional fitting, `fit_table`). Use it where building plans or dwellings by area are
    given; it knows nothing of ageing. The housing-unit method of [1]_, with people a dwelling
    held constant.

    Parameters
    ----------
    areas : DataFrame
        Residents in the base year, as for `constant_share`.
    total : DataFrame
        The kommune's projection, as for `constant_share`.
    dwellings : DataFrame
        ``area``, ``year``, ``dwellings`` (zero or more), for both years and every area.
    base_year, year : int
        The year of ``areas`` and the year of ``total``.

    Returns
    -------
    DataFrame
        As `constant_share`.

    Raises
    ------
    InputError
        As `constant_share`; if a figure of dwellings is missing or negative, an area has people
        but no dwellings, or no table fits.

    References
    ----------
    .. [1] S. K. Smith, J. Tayman, D. A. Swanson (2013), A practitioner's guide to state and local
       population projections, Springer, doi:10.1007/978-94-007-7551-0.
    """
    strata, wanted = _total(total)
    base = _table(areas, strata)
    wide = dwellings.pivot_table(
        index="area", columns="year", values="dwellings", aggfunc="sum", dropna=False
    ).reindex(index=sorted(set(base.index) | set(dwellings["area"])), columns=[base_year, year])
    faults = [
        Fault("dwellings", f"{area}, {when}", f"{value:g}; expected zero or more dwellings.")
        for area, row in wide.iterrows()
        for when, value in row.items()
        if not (np.isfinite(value) and value >= 0)
    ]
    base = base.reindex(wide.index, fill_value=0.0)
    people = base.sum(axis=1)
    faults += [
        Fault("dwellings", f"{area}, {base_year}", f"no dwellings, but {people[area]:g} people.")
        for area in wide.index[(wide[base_year] == 0) & (people > 0)]
    ]
    raise_faults(faults)
    mean = people.sum() / wide[base_year].sum() if wide[base_year].sum() else 0.0
    fresh = (people == 0) & (wide[year] > 0)
    each = (people / wide[base_year].where(wide[base_year] > 0)).where(~fresh, mean).fillna(0.0)
    weights = each * wide[year]
    base.loc[fresh] = base.sum(axis=0).to_numpy(dtype=float)
    _any_people(weights)
    rows = weights.to_numpy(dtype=float) * (wanted.sum() / weights.sum())
    seed = _filled(base.to_numpy(dtype=float))
    table = fit_table(seed, rows, wanted, where="dwelling shares")
    return _whole(table, base.index, strata)


def _total(total: pd.DataFrame) -> tuple[pd.DataFrame, Floats]:
    strata = total.drop(columns="people").reset_index(drop=True)
    faults = count_faults(total["people"], where="projection")
    faults += [
        Fault("projection", f"row {row + 2}", "stands twice.", "Keep one row.")
        for row in np.flatnonzero(strata.duplicated())
    ]
    raise_faults(faults)
    return strata, pd.to_numeric(total["people"]).to_numpy(dtype=float)


def _table(areas: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """Areas × rows of the projection."""
    keys = [str(column) for column in strata.columns]
    missing = [column for column in ("area", *keys, "people") if column not in areas.columns]
    raise_faults(Fault("residents", column, "the column is missing.") for column in missing)
    faults = count_faults(areas["people"], where="residents", whole=False)
    faults += [
        Fault("residents", f"row {row + 2}", f"{', '.join(['area', *keys])} stand twice.")
        for row in np.flatnonzero(areas.duplicated(["area", *keys]))
    ]
    raise_faults(faults)
    known = pd.MultiIndex.from_frame(strata)
    wide = areas.set_index(["area", *keys])["people"].unstack(keys)
    if len(keys) == 1:
        wide.columns = pd.MultiIndex.from_arrays([wide.columns], names=keys)
    odd = wide.columns.difference(known)
    raise_faults(
        Fault("residents", ", ".join(map(str, group)), "is not in the projection.",
              "Use the same ages and sexes in both.")
        for group in odd[wide[odd].sum().to_numpy() > 0]
    )  # fmt: skip
    return wide.reindex(columns=known).fillna(0.0).astype(float).sort_index()


def _any_people(people: pd.Series[float]) -> None:
    if not people.sum() > 0:
        raise_faults([Fault("residents", "people", "nobody lives in the areas; no shares exist.")])


def _filled(seed: Floats) -> Floats:
    """Give ages that nobody had the pattern of all ages."""
    empty = seed.sum(axis=0) == 0
    filled = seed.copy()
    filled[:, empty] = seed.sum(axis=1)[:, None]
    return filled


def _control(table: pd.DataFrame, strata: pd.DataFrame, wanted: Floats) -> pd.DataFrame:
    """Scale every age and sex to the kommune's figure, then round keeping it."""
    _any_people(table.sum(axis=1))
    seed = _filled(table.to_numpy(dtype=float))
    return _whole(seed * (wanted / seed.sum(axis=0)), table.index, strata)


def _whole(table: Floats, areas: pd.Index[str], strata: pd.DataFrame) -> pd.DataFrame:
    rounded = round_table(table)
    parts = [strata.assign(area=area, people=row) for area, row in zip(areas, rounded, strict=True)]
    columns = ["area", *map(str, strata.columns), "people"]
    return pd.concat(parts, ignore_index=True)[columns]


def _by_sex(table: pd.DataFrame, area: str, strata: pd.DataFrame) -> pd.DataFrame:
    people = strata.assign(people=table.loc[area].to_numpy(dtype=float))
    wide = people.assign(age=pd.to_numeric(people["age"])).pivot(
        index="age", columns="sex", values="people"
    )
    return wide.reindex(columns=list(SEXES)).fillna(0.0)


def _open_group(later: pd.DataFrame, base: pd.DataFrame, open_age: int) -> pd.DataFrame:
    """Divide the open group over the base year's ages of it."""
    spread = later.reindex(base.index).fillna(0.0)
    oldest = np.flatnonzero(np.asarray(base.index) >= open_age)
    if not len(oldest):  # the table's own open group is younger
        return later
    for sex in SEXES:
        people = base[sex].to_numpy(dtype=float)[oldest]
        parts = people / people.sum() if people.sum() else np.full(len(oldest), 1 / len(oldest))
        values = spread[sex].to_numpy(dtype=float).copy()
        values[oldest] = float(later[sex].to_numpy(dtype=float)[-1]) * parts
        spread[sex] = values
    return spread
