"""Back-test projections: SSB's of 2016 for every kommune, and share methods for bydeler.

Run ``python scripts/back_test.py --shared ../shared/data``. Writes docs/back-tests.md, its
figures, and navplan/population/forecast_errors_2016.csv (errors by size class and horizon, which
`navplan.population.forecast_interval` uses). All figures on the page are computed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import numpy as np
import pandas as pd
from _back_test_page import draw_bydeler, draw_kommuner, page
from _common import shared_option

from navplan.population import (
    CodeWeights,
    code_weights,
    cohort_share,
    constant_share,
    forecast_errors,
    join_areas,
    summarise_errors,
)

BASE: Final = 2016
GROWTH_FROM: Final = 2011
HORIZONS: Final = (5, 10)
BASES: Final = range(2006, 2017)
METHODS: Final = {
    "constant share": (0, 0),
    "cohort share, ratios of 1 year": (1, 0),
    "cohort share, ratios of 5 years": (5, 0),
    "constant share under 60, cohort share over": (5, 60),
}
"""Method → years between its counts (0: none) and the lowest age that follows its cohorts."""
AGES: Final = {"0–17": (0, 17), "18–66": (18, 66), "67–79": (67, 79), "80+": (80, 200)}
ROOT: Final = Path(__file__).resolve().parents[1]


def read_codes() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the changes of kommune codes and the borders that moved without one.

    Returns
    -------
    tuple of DataFrame
        Changes and moves.
    """
    folder = ROOT / "data" / "codes"
    changes = pd.read_csv(folder / "kommune_changes.csv", dtype=str)
    moves = pd.read_csv(folder / "kommune_border_moves.csv", dtype=str)
    return changes, moves


def read_kommuner(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the projection of 2016 and what came.

    Parameters
    ----------
    shared : Path
        Folder of the source data.

    Returns
    -------
    tuple of DataFrame
        ``kommune``, ``year``, ``people`` of the projection (codes of 2016) and of the actual
        population (codes of 2024).
    """
    tables = []
    for name in ("kommune_projection_2016", "kommune_population_2005_2026"):
        table = pd.read_csv(shared / "national" / f"{name}.csv", dtype={"kommune_no": str})
        table = table.rename(columns={"kommune_no": "kommune"})
        tables.append(table[["kommune", "year", "people"]])
    return tables[0], tables[1]


def weights_to_2024(projected: pd.DataFrame, changes: pd.DataFrame) -> CodeWeights:
    """Follow the kommuner of the projection to 2024.

    Parameters
    ----------
    projected : DataFrame
        Codes of 2016.
    changes : DataFrame
        As `read_codes` gives them.

    Returns
    -------
    CodeWeights
        2016 → 2024.
    """
    codes = projected["kommune"].unique()
    return code_weights(changes, codes=codes, start=f"{BASE}-01-01", end="2024-01-01")


def common_areas(
    projected: pd.DataFrame, actual: pd.DataFrame, changes: pd.DataFrame, moves: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum both tables to the smallest areas with one border in 2016 and 2024.

    Parameters
    ----------
    projected, actual : DataFrame
        As `read_kommuner` gives them.
    changes, moves : DataFrame
        As `read_codes` gives them.

    Returns
    -------
    tuple of DataFrame
        ``area``, ``year``, ``people``; no weight of a split is in them.
    """
    areas = join_areas(weights_to_2024(projected, changes), moves=moves)
    old = areas[areas["when"] == "old"].set_index("code")["area"]
    new = areas[areas["when"] == "new"].set_index("code")["area"]
    # until 2023 the source gives both successors of Ålesund under the code they had together
    together = pd.Series({"1507": new["1508"]})
    return tuple(  # type: ignore[return-value]
        table.assign(area=table["kommune"].map(codes))
        .groupby(["area", "year"], as_index=False)["people"]
        .sum()
        for table, codes in ((projected, old), (actual, pd.concat([new, together])))
    )


def naive(actual: pd.DataFrame, years: pd.Series[int]) -> dict[str, pd.DataFrame]:
    """Project without knowing anything: nobody comes or goes, or growth goes on.

    Parameters
    ----------
    actual : DataFrame
        ``area``, ``year``, ``people``.
    years : Series of int
        Years to project.

    Returns
    -------
    dict of DataFrame
        Name → ``area``, ``year``, ``people``.
    """
    wide = actual.pivot(index="area", columns="year", values="people")
    growth = (wide[BASE] / wide[GROWTH_FROM]) ** (1 / (BASE - GROWTH_FROM))
    made = {}
    for name, factor in (("no change", growth * 0 + 1), ("growth goes on", growth)):
        table = pd.DataFrame({year: wide[BASE] * factor ** (year - BASE) for year in years})
        made[name] = table.reset_index().melt("area", var_name="year", value_name="people")
    return made


def back_test_kommuner(shared: Path) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Compare the projection of 2016 and two naive ones with what came.

    Parameters
    ----------
    shared : Path
        Folder of the source data.

    Returns
    -------
    dict of DataFrame
        Name → errors by size class and horizon.
    DataFrame
        Errors of SSB's projection by area and horizon.
    """
    projected, actual = common_areas(*read_kommuner(shared), *read_codes())
    errors = forecast_errors(projected, actual, base_year=BASE)
    peers = naive(actual, pd.Series(sorted(errors["year"].unique())))
    tables = {"SSB": summarise_errors(errors)}
    for name, guess in peers.items():
        tables[name] = summarise_errors(forecast_errors(guess, actual, base_year=BASE))
    return tables, errors


def back_test_bydeler(path: Path) -> pd.DataFrame:
    """Back-test share methods on one city.

    Parameters
    ----------
    path : Path
        A table of ``location`` (bydeler have six digits), ``year``, ``age``, ``sex``, ``people``.

    Returns
    -------
    DataFrame
        ``base``, ``horizon``, ``method``, ``mape`` (of the bydeler's totals) and, in columns
        ``all ages`` and `AGES`, the share of people who were put in the wrong bydel.

    Notes
    -----
    The total by age and sex that the methods are controlled to is the true one of the later year,
    summed over the bydeler, so that only the error of the shares remains.
    """
    table = pd.read_csv(path, dtype={"location": str})
    table = table[table["location"].str.len() == 6].rename(columns={"location": "area"})
    counts = dict(list(table.groupby("year")))
    columns = ["area", "age", "sex", "people"]

    def at(year: int) -> pd.DataFrame:
        """Residents of the bydeler in a year."""
        return counts[year][columns]

    def project(method: str, base: int, horizon: int, total: pd.DataFrame) -> pd.DataFrame:
        """Divide the true total of the later year by a method."""
        years, from_age = METHODS[method]
        if not years:
            return constant_share(at(base), total)
        return cohort_share(
            at(base - years),
            at(base),
            total,
            years=years,
            steps=horizon // years,
            from_age=from_age,
        )

    rows = []
    for base in BASES:
        for horizon in HORIZONS:
            came = at(base + horizon)
            total = came.groupby(["age", "sex"])[["people"]].sum().reset_index()
            for method, (years, _) in METHODS.items():
                if base - years not in counts:
                    continue
                made = project(method, base, horizon, total)
                both = made.merge(came, on=["area", "age", "sex"], suffixes=("", "_came"))
                rows.append({"base": base, "horizon": horizon, "method": method, **_scores(both)})
    return pd.DataFrame(rows)


def _scores(both: pd.DataFrame) -> dict[str, float]:
    sums = both.groupby("area")[["people", "people_came"]].sum()
    scores = {"mape": float((sums["people"] / sums["people_came"] - 1).abs().mean())}
    for name, (least, most) in {"all ages": (0, 200), **AGES}.items():
        own = both[both["age"].between(least, most)]
        areas = own.groupby("area")[["people", "people_came"]].sum()
        wrong = np.abs(areas["people"] - areas["people_came"]).sum() / 2
        scores[name] = float(wrong / areas["people_came"].sum())
    return scores


def write_errors(table: pd.DataFrame) -> Path:
    """Write the errors that studies use.

    Parameters
    ----------
    table : DataFrame
        As `summarise_errors` gives them.

    Returns
    -------
    Path
        The file.
    """
    path = ROOT / "navplan" / "population" / "forecast_errors_2016.csv"
    source = (
        "SSB, projections of June 2016 (MMMM), against SSB's population 2017–2026; "
        "computed by scripts/back_test.py"
    )
    table.round(4).assign(source=source, date="2026-01-01", quality="approximate").to_csv(
        path, index=False, lineterminator="\n"
    )
    return path


@click.command(help=__doc__)
@shared_option
def main(shared: Path) -> None:
    """Run both back-tests and write what they say."""
    tables, errors = back_test_kommuner(shared)
    bydeler = back_test_bydeler(shared / "bergen" / "population_age_sex_2005_2026.csv")
    click.echo(write_errors(tables["SSB"]))
    images = ROOT / "docs" / "img"
    images.mkdir(exist_ok=True)
    draw_kommuner(tables, images / "back-test-kommuner.svg")
    draw_bydeler(bydeler, images / "back-test-bydeler.svg")
    text = page(tables, errors, bydeler)
    (ROOT / "docs" / "back-tests.md").write_text(text, encoding="utf-8", newline="\n")
    click.echo(text)


if __name__ == "__main__":
    main()
