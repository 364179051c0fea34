"""The page and the figures of the back-tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from _common import markdown_table
from matplotlib.figure import Figure

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "navplan"  # the same figure is the same file
COLOURS: Final = ("#1b4f72", "#b9770e", "#7d8a94", "#7b241c")
PLAIN: Final = 2010
"""First base year that every share method has counts for."""


def _size(name: str) -> str:
    if name == "all":
        return "all"
    if name.endswith("+"):
        return f"{int(name[:-1]):,} or more".replace(",", " ")
    low, high = name.split("-")
    return f"{int(low):,}–{int(high):,}".replace(",", " ")


def _percent(share: float, *, sign: bool = True) -> str:
    text = f"{100 * share:+.1f}" if sign else f"{100 * share:.1f}"
    return ("0.0" if text in {"+0.0", "-0.0"} else text).replace("-", "−")


def kommune_table(tables: Mapping[str, pd.DataFrame], horizon: int) -> str:
    """Write the errors of one horizon as a Markdown table.

    Parameters
    ----------
    tables : mapping
        Projection → errors by size class and horizon; the first is SSB's.
    horizon : int
        Years.

    Returns
    -------
    str
        Lines of Markdown.
    """
    first, *peers = tables
    own = tables[first][tables[first]["horizon"] == horizon]
    rows = []
    for row in own.to_dict("records"):
        spread = [_percent(row[name]) for name in ("p10", "median", "p90")]
        means = [
            _percent(
                float(t[(t["size"] == row["size"]) & (t["horizon"] == horizon)]["mape"].iloc[0]),
                sign=False,
            )
            for t in tables.values()
        ]
        rows.append([_size(row["size"]), str(row["areas"]), *spread, *means])
    head = ["residents in 2016", "areas", "10th", "median", "90th", f"MAPE {first}"]
    return markdown_table([*head, *(f"MAPE {name}" for name in peers)], rows)


def bydel_table(bydeler: pd.DataFrame, horizon: int) -> str:
    """Write the errors of the share methods as a Markdown table.

    Parameters
    ----------
    bydeler : DataFrame
        As `back_test.back_test_bydeler` gives them.
    horizon : int
        Years.

    Returns
    -------
    str
        Lines of Markdown.
    """
    own = bydeler[(bydeler["horizon"] == horizon) & (bydeler["base"] >= PLAIN)]
    groups = [str(c) for c in own.columns if c not in {"base", "horizon", "method"}]
    means = own.groupby("method", sort=False)[groups].mean()
    rows = [[str(m), *(_percent(v, sign=False) for v in row)] for m, row in means.iterrows()]
    return markdown_table(
        ["method", "MAPE of totals", *(f"misplaced, {g}" for g in groups[1:])], rows
    )


def page(tables: Mapping[str, pd.DataFrame], errors: pd.DataFrame, bydeler: pd.DataFrame) -> str:
    """Write docs/back-tests.md.

    Parameters
    ----------
    tables : mapping
        Projection → errors by size class and horizon.
    errors : DataFrame
        Errors of SSB's projection by area and horizon.
    bydeler : DataFrame
        Errors of the share methods.

    Returns
    -------
    str
        The page.
    """
    sums = errors.groupby("horizon")[["projected", "actual"]].sum()
    whole = sums["projected"] / sums["actual"] - 1
    last = int(sums.index.max())
    over = errors[errors["horizon"] == last]["error"]
    early = bydeler[(bydeler["horizon"] == last) & (bydeler["base"] < PLAIN)]
    early_means = early.groupby("method")["mape"].mean()
    several = errors[errors["area"].str.contains("+", regex=False)]["area"].nunique()
    after_5, after_10 = (_percent(float(whole[years])) for years in (5, last))
    fewer = _percent(float((over > 0).mean()), sign=False)
    first_base, last_base = bydeler["base"].min(), bydeler["base"].max()
    one_year, constant = (
        _percent(float(early_means[name]), sign=False)
        for name in ("cohort share, ratios of 1 year", "constant share")
    )
    return f"""# Back-tests of population figures

Made by `python scripts/back_test.py`; every figure here is computed by it.

## How wrong was the projection of 2016?

SSB's main alternative (MMMM) of June 2016 for every kommune against SSB's population on 1 January
{2016 + 1}–{2016 + last}. An error of +5 means that 5 % more people were projected than came.
Kommuner were merged and divided in between: both tables are summed to the smallest areas that
have one border in 2016 and 2024, {errors["area"].nunique()} areas, {several} of them of several
of today's kommuner. So no assumption about a divided kommune is in the errors. The list of
changes is `data/codes/kommune_changes.csv`; `data/codes/kommune_border_moves.csv` names the
transfers of ground between kommuner that went on.

The naive peers know only the past: *no change* keeps the figure of 2016, *growth goes on* keeps
each area's mean yearly growth 2011–2016. MAPE is the mean absolute error in per cent.

After five years (2021), per cent:

{kommune_table(tables, 5)}

After ten years (2026), per cent:

{kommune_table(tables, last)}

![Errors by size and horizon](img/back-test-kommuner.svg)

*Line: median error. Band: 10th to 90th percentile of the areas.*

What to keep in mind:

- **One edition is one draw.** All errors come from the same forecasters, the same pandemic and
  the same war in Ukraine. The sum of all areas was off by {after_5} % after five years and
  {after_10} % after {last}; {fewer} % of the areas got fewer people than projected. Another
  edition would give another table.
- **Errors go together.** Do not add intervals of kommuner as if they were independent.
- The edition's own low and high alternatives are not in this comparison.
- The projection's figures for 2016 and the later statistics differ by less than 0.2 % in any area
  (`tests/real/test_back_tests.py`).

`forecast_interval` and `low_and_high` in `navplan.population` turn the table into outlooks
"as wrong as last time", low and high, up to {last} years ahead; further ahead they refuse, since
nothing is known. They are assumptions and marked so.

## Which share method for bydeler?

SSB projects no bydeler. A kommune's projection is carried to them by shares
(`navplan.population.shares`). Tested on Bergen's eight bydeler from base years
{first_base}–{last_base}, 5 and 10 years ahead, each age and sex controlled to the **true** sum of
the bydeler, so that only the error of the shares is seen. *Misplaced* is the share of people put
in the wrong bydel: half the sum of the absolute errors, by the people there were. Means over base
years {PLAIN}–{last_base}, for which every method has its counts, per cent:

Five years ahead:

{bydel_table(bydeler, 5)}

Ten years ahead:

{bydel_table(bydeler, last)}

![Misplaced by age group](img/back-test-bydeler.svg)

- For a bydel's **total** the constant share was better than cohorts for all ages: young adults
  move on, and ratios carry the moves of one period into the next.
- For **the old** the cohort share was clearly better: they move little, and where they will live
  can be read from where the middle-aged live.
- Cohorts for those over 60 and constant shares for the others, `cohort_share(…, from_age=60)`,
  were the best in every column, to the decimal shown. Take that where ages by bydel are at hand.
- From base years before {PLAIN} only ratios of one year can be had: the cohort share then missed
  totals by {one_year} % after ten years, the constant share by {constant} %.
- One city, eight bydeler, overlapping periods: the order of the methods is a finding about
  Bergen. The age that divides them was set at 60 beforehand and not tuned, but that there should
  be one was seen in these figures.
- `dwelling_share` is not tested: there is no table of dwellings by bydel and year in the data.
- **Oslo, Stavanger and Trondheim are not tested:** the data at hand have no bydel figures for
  them. `back_test_bydeler` in `scripts/back_test.py` takes any city's table.

Sources: SSB, projections of June 2016 and population by kommune, bydel, age and sex (NLOD).
"""


def draw_kommuner(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Draw the errors by size class and horizon.

    Parameters
    ----------
    tables : mapping
        Projection → errors by size class and horizon.
    path : Path
        Where the figure goes.
    """
    first, *peers = tables
    sizes = [size for size in dict.fromkeys(tables[first]["size"]) if size != "all"]
    figure, axes = plt.subplots(2, 3, figsize=(9, 5.6), sharex=True, sharey=True)
    for ax, size in zip(axes.flat, sizes, strict=True):
        own = tables[first][tables[first]["size"] == size]
        years = own["horizon"]
        ax.axhline(0, color="#999999", linewidth=0.8)
        ax.fill_between(years, 100 * own["p10"], 100 * own["p90"], color=COLOURS[0], alpha=0.2)
        ax.plot(years, 100 * own["median"], color=COLOURS[0], label=f"{first}, with band")
        for name, colour in zip(peers, COLOURS[1:], strict=False):
            peer = tables[name][tables[name]["size"] == size]
            ax.plot(peer["horizon"], 100 * peer["median"], color=colour, linestyle="--", label=name)
        ax.set_title(f"{_size(size)} residents, {own['areas'].iloc[0]} areas", fontsize=9)
    for ax in axes[1]:
        ax.set_xlabel("years ahead")
    for ax in axes[:, 0]:
        ax.set_ylabel("projected less actual [%]")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False, fontsize=9)
    _save(figure, path, bottom=0.06)


def draw_bydeler(bydeler: pd.DataFrame, path: Path) -> None:
    """Draw who was put in the wrong bydel, by age group and method.

    Parameters
    ----------
    bydeler : DataFrame
        Errors of the share methods.
    path : Path
        Where the figure goes.
    """
    groups = [str(c) for c in bydeler.columns if c not in {"base", "horizon", "method", "mape"}]
    plain = bydeler[bydeler["base"] >= PLAIN]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    for ax, horizon in zip(axes, sorted(plain["horizon"].unique()), strict=True):
        means = plain[plain["horizon"] == horizon].groupby("method", sort=False)[groups].mean()
        for number, (method, row) in enumerate(means.iterrows()):
            at = [place + 0.2 * (number - 1.5) for place in range(len(groups))]
            ax.bar(at, 100 * row, width=0.2, color=COLOURS[number], label=str(method))
        ax.set_xticks(range(len(groups)), groups)
        ax.set_title(f"{horizon} years ahead", fontsize=10)
    axes[0].set_ylabel("in the wrong bydel [%]")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=2, frameon=False, fontsize=9)
    _save(figure, path, bottom=0.14)


def _save(figure: Figure, path: Path, *, bottom: float) -> None:
    for ax in figure.axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)
    figure.tight_layout(rect=(0, bottom, 1, 1))
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)
    plt.close(figure)
