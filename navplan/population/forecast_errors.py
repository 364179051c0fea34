"""How wrong projections were, and what a study's outlook would be if they are so again."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

from navplan.errors import Fault, raise_faults
from navplan.population.rounding import largest_remainder
from navplan.units import Quality

SIZES: Final = (0, 2_000, 5_000, 10_000, 20_000, 50_000)
"""Lower ends of the size classes [persons]."""
QUANTILES: Final = (0.1, 0.5, 0.9)
QUALITY: Final[Quality] = "assumption"
"""Of the low and high outlooks: that the next edition is as wrong as the last is assumed."""


def size_class(people: float) -> str:
    """Name the size class of a kommune.

    Parameters
    ----------
    people : float
        Residents in the projection's base year [persons].

    Returns
    -------
    str
        For example ``"2000-4999"``; the largest ``"50000+"``.
    """
    if not (np.isfinite(people) and people >= 0):
        problem = f"{people} residents in the base year; expected zero or more."
        raise_faults([Fault("forecast error", "size", problem)])
    number = int(np.searchsorted(SIZES, people, side="right")) - 1
    if number == len(SIZES) - 1:
        return f"{SIZES[-1]}+"
    return f"{SIZES[number]}-{SIZES[number + 1] - 1}"


def forecast_errors(
    projected: pd.DataFrame, actual: pd.DataFrame, *, base_year: int
) -> pd.DataFrame:
    """Compare a projection with what came.

    The error of area i after h years is ``e = (projected − actual) / actual``: above zero where
    too many were projected.

    Parameters
    ----------
    projected, actual : DataFrame
        Columns ``area``, ``year``, ``people``; the same areas in both.
    base_year : int
        The projection's first year, whose figures were known.

    Returns
    -------
    DataFrame
        ``area``, ``year``, ``horizon`` [years], ``size`` (class in the base year by
        ``actual``), ``projected``, ``actual`` [persons], ``error`` [share of the actual].

    Raises
    ------
    InputError
        With every area and year that is projected and has no actual figure above zero, and if
        an area has no figure in the base year.
    """
    joined = projected.merge(
        actual, on=["area", "year"], how="left", suffixes=("_projected", "_actual")
    ).rename(columns={"people_projected": "projected", "people_actual": "actual"})
    raise_faults(
        Fault("actual population", f"{area}, {year}", "no residents to compare with.",
              "Carry both tables to the same codes.")
        for area, year in joined.loc[~(joined["actual"] > 0), ["area", "year"]].itertuples(
            index=False
        )
    )  # fmt: skip
    base = actual[actual["year"] == base_year].set_index("area")["people"]
    raise_faults(
        Fault("actual population", f"{area}, {base_year}", "no figure in the base year.")
        for area in sorted(set(joined["area"]) - set(base.index))
    )
    joined["horizon"] = joined["year"] - base_year
    joined["size"] = [size_class(base[area]) for area in joined["area"]]
    joined["error"] = joined["projected"] / joined["actual"] - 1
    columns = ["area", "year", "horizon", "size", "projected", "actual", "error"]
    return joined.loc[joined["horizon"] > 0, columns].reset_index(drop=True)


def summarise_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """Summarise errors by size class and horizon.

    Parameters
    ----------
    errors : DataFrame
        As `forecast_errors` gives them.

    Returns
    -------
    DataFrame
        ``size`` (classes, and ``all``), ``horizon``, ``areas`` (how many), ``p10``, ``median``,
        ``p90`` [share of the actual], ``mape`` (mean absolute error, the same unit).
    """
    both = pd.concat([errors, errors.assign(size="all")], ignore_index=True)
    grouped = both.groupby(["size", "horizon"])["error"]
    table = grouped.quantile(np.array(QUANTILES)).unstack()
    table.columns = pd.Index(["p10", "median", "p90"])
    table.insert(0, "areas", grouped.size())
    table["mape"] = both["error"].abs().groupby([both["size"], both["horizon"]]).mean()
    order = {size_class(least): number for number, least in enumerate(SIZES)}
    frame = table.reset_index()
    rank = frame["size"].map(order).fillna(len(order))
    return frame.iloc[np.lexsort((frame["horizon"], rank))].reset_index(drop=True)


def past_errors() -> pd.DataFrame:
    """Read the errors of SSB's projection of 2016, by size class and horizon.

    Returns
    -------
    DataFrame
        Columns of `summarise_errors` with ``source``, ``date`` and ``quality``; made by
        ``scripts/back_test.py``.
    """
    path = files("navplan.population").joinpath("forecast_errors_2016.csv")
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"date": str})


def forecast_interval(
    people: float, *, horizon: int, size: float, errors: pd.DataFrame | None = None
) -> tuple[float, float]:
    """Say between what a projected figure would lie if the projection is as wrong as last time.

    With e10 and e90 the 10th and 90th percentile of past errors in the size class after as many
    years, the actual figure that a projected one P stood for lay between ``P / (1 + e90)`` and
    ``P / (1 + e10)`` in eight of ten kommuner (empirical intervals, [1]_).

    Parameters
    ----------
    people : float
        Projected residents [persons].
    horizon : int
        From the projection's base year [years].
    size : float
        The kommune's residents in the base year [persons].
    errors : DataFrame, optional
        As `summarise_errors` gives them; without it, `past_errors`.

    Returns
    -------
    tuple of float
        Low and high [persons].

    Raises
    ------
    InputError
        If the horizon is longer than the errors are known for.

    Notes
    -----
    One edition is one draw: kommuner erred together (immigration, the pandemic, war in Ukraine),
    so the interval says how wrong that edition was, not how likely it is that the next one is.
    For the same reason intervals of kommuner must not be added as if they were independent.

    References
    ----------
    .. [1] S. K. Smith, J. Tayman, D. A. Swanson (2013), A practitioner's guide to state and local
       population projections, Springer, doi:10.1007/978-94-007-7551-0.
    """
    table = past_errors() if errors is None else errors
    own = table[(table["size"] == size_class(size)) & (table["horizon"] == horizon)]
    if own.empty:
        known = f"{table['horizon'].min()}–{table['horizon'].max()}"
        problem = f"no past errors for {size_class(size)} residents after {horizon} years."
        remedy = f"Errors are known for {known} years ahead: choose a year within."
        raise_faults([Fault("forecast error", f"horizon {horizon}", problem, remedy)])
    low, high = own["p10"].iloc[0], own["p90"].iloc[0]
    return people / (1 + float(high)), people / (1 + float(low))


def low_and_high(
    people: pd.DataFrame,
    *,
    kommuner: pd.Series[str],
    alternative: str,
    year: int,
    base: tuple[int, str],
    errors: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Make outlooks in which the projection is as wrong as last time, low and high.

    Each kommune's total moves to the ends of its `forecast_interval`; ages and places keep
    their shares of it. All kommuner move the same way, since errors go together.

    Parameters
    ----------
    people : DataFrame
        The study's people table: ``place``, ``year``, ``alternative``, ``age``, ``people``.
    kommuner : Series
        Place → kommune; the study must hold the whole of each kommune, or the size class is
        that of its part.
    alternative : str
        The outlook's alternative, for example ``MMMM``.
    year : int
        The outlook's year.
    base : tuple of (int, str)
        Year and alternative of the figures the projection began with, as ``(2026, "actual")``.
    errors : DataFrame, optional
        As for `forecast_interval`.

    Returns
    -------
    DataFrame
        Rows of ``people`` twice, as alternatives ``{alternative}-low`` and ``-high``, in whole
        numbers; quality ``assumption`` and the source of the errors added where the table has
        such columns.

    Raises
    ------
    InputError
        If the table lacks one of the two outlooks, a place has no kommune, a kommune has no
        figure in the base year, or the horizon is longer than the errors are known for.
    """
    now = people[(people["year"] == base[0]) & (people["alternative"] == base[1])]
    then = people[(people["year"] == year) & (people["alternative"] == alternative)]
    faults = [
        Fault("people.csv", f"{when} {kind}", "there are no rows of this outlook.")
        for part, (when, kind) in ((now, base), (then, (year, alternative)))
        if part.empty
    ]
    faults += [
        Fault("people.csv", f"place {place}", "its kommune is not known.")
        for place in sorted(set(then["place"]) - set(kommuner.dropna().index))
    ]
    raise_faults(faults)
    sizes = now["people"].groupby(now["place"].map(kommuner)).sum()
    raise_faults(
        Fault("people.csv", f"kommune {kommune}, {base[0]} {base[1]}", "there are no rows of it.")
        for kommune in sorted(set(then["place"].map(kommuner)) - set(sizes.index))
    )
    parts = []
    for kommune, rows in then.groupby(then["place"].map(kommuner), sort=True):
        total = float(rows["people"].sum())
        ends = forecast_interval(
            total, horizon=year - base[0], size=float(sizes[kommune]), errors=errors
        )
        for name, end in zip(("low", "high"), ends, strict=True):
            weights = [float(n) for n in rows["people"]]
            scaled = largest_remainder(weights, round(end))
            parts.append(rows.assign(alternative=f"{alternative}-{name}", people=scaled))
    made = pd.concat(parts).sort_values("alternative", ascending=False, kind="stable")
    if "quality" in made:
        made["quality"] = QUALITY
    if "source" in made:
        made["source"] = made["source"] + "; as wrong as SSB's projection of 2016 (back-test)"
    return made.reset_index(drop=True)
