"""The page and the map of the national study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from _office_areas import unlike_names
from matplotlib.patches import Patch

from navplan.measures import gainers_more_than, losers_more_than, mean_minutes, percentile_minutes
from navplan.units import LEAST_PEOPLE, REASONS, Reason

if TYPE_CHECKING:
    from national_offices import Country

mpl.use("Agg")
STEPS: Final = (-1.0, 1.0, 5.0, 10.0, 20.0)
"""Where one class of the map ends and the next begins [min]."""
CLASSES: Final = (
    ("over 1 min shorter", "#4393c3"),
    ("within 1 min of 2019", "#e3e3e3"),
    ("1–5 min longer", "#fed98e"),
    ("5–10 min longer", "#fe9929"),
    ("10–20 min longer", "#cc4c02"),
    ("over 20 min longer", "#662506"),
)
"""Words and colours (a sequence that stays one for the colour-blind, and blue for the gains)."""
WHY: Final[Mapping[str, str]] = {
    Reason.ZONE_NOT_LINKED: "no main road within 5 km",
    Reason.SITE_NOT_LINKED: "the office has no main road within 5 km",
    Reason.NOT_CONNECTED: "no way by car",
    Reason.BEYOND_LIMIT: "over 10 hours",
}
LONGEST: Final = 20
"""Kommuner in the page's table."""
CREDITS: Final = "© Kartverket (roads, borders) · Statistics Norway (people) · NAV (offices)"


def minutes_text(minutes: float, *, sign: bool = False) -> str:
    """Write minutes with one decimal.

    Parameters
    ----------
    minutes : float
        [min].
    sign : bool
        Whether a plus is written.

    Returns
    -------
    str
        With a true minus; zero bears no sign.
    """
    text = f"{minutes:+.1f}" if sign else f"{minutes:.1f}"
    return "0.0" if text.strip("+-") == "0.0" else text.replace("-", "−")


def people_text(people: float) -> str:
    """Write a count of people.

    Parameters
    ----------
    people : float
        Persons; NaN = hidden.

    Returns
    -------
    str
        Thousands apart; ``·`` where hidden.
    """
    return "·" if np.isnan(people) else f"{people:,.0f}".replace(",", " ")


def percent_text(share: float) -> str:
    """Write a share in per cent.

    Parameters
    ----------
    share : float
        0–1; NaN = hidden.

    Returns
    -------
    str
        One decimal; ``·`` where hidden.
    """
    return "·" if np.isnan(share) else f"{100 * share:.1f}"


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _both_years(cells: pd.DataFrame, kind: str) -> tuple[pd.Series[float], pd.Series[float]]:
    """Minutes of those who have an assigned office within reach in both years."""
    known = cells["assigned_2019"].notna() & cells["assigned_2024"].notna()
    before, after = (cells[f"{kind}_{year}"].where(known) for year in (2019, 2024))
    return before, after


def summary_table(cells: pd.DataFrame, people: pd.Series[int]) -> str:
    """Write the figures of the whole country.

    Parameters
    ----------
    cells : DataFrame
        As `national_offices.minutes_by_cell` gives them.
    people : Series of int
        Residents by cell.

    Returns
    -------
    str
        Lines of Markdown.
    """
    kinds = {kind: _both_years(cells, kind) for kind in ("assigned", "nearest")}
    values = [[mean_minutes(z, people).value for pair in kinds.values() for z in pair]]
    percents = {"median": 50, "90th percentile": 90, "99th percentile": 99}
    values += [
        [percentile_minutes(z, people, percent=p).value for pair in kinds.values() for z in pair]
        for p in percents.values()
    ]
    rows = [
        [name, *map(minutes_text, row)]
        for name, row in zip(["mean", *percents], values, strict=True)
    ]
    head = ["minutes by car", "own office 2019", "2024", "nearest office 2019", "2024"]
    counts = []
    for limit in (10, 20, 30):
        row = [f"over {limit} min longer"]
        for pair in kinds.values():
            lost = losers_more_than(*pair, people, limit=float(limit)).value
            row += [people_text(lost), percent_text(lost / float(people.sum()))]
        counts.append(row)
    gains = ["over 10 min shorter"]
    for pair in kinds.values():
        won = gainers_more_than(*pair, people, limit=10.0).value
        shown = won if won == 0 or won >= LEAST_PEOPLE else np.nan
        gains += [people_text(shown), percent_text(shown / float(people.sum()))]
    changed = ["people whose way is", "to their own office", "%", "to the nearest office", "%"]
    return f"{_rows(head, rows)}\n\n{_rows(changed, [*counts, gains])}"


def kommune_table(table: pd.DataFrame, names: pd.Series[str]) -> str:
    """Write the kommuner with the largest change.

    Parameters
    ----------
    table : DataFrame
        As `national_offices.by_kommune` gives it.
    names : Series of str
        Kommune number → name.

    Returns
    -------
    str
        Lines of Markdown.
    """
    head = ["kommune", "people", "2019 [min]", "2024 [min]", "change", "nearest 2024"]
    head += ["over 10 min more, %", "without a time, %"]
    rows = [
        [
            f"{number} {names[number]}",
            people_text(row["people"]),
            minutes_text(row["mean_2019_min"]),
            minutes_text(row["mean_2024_min"]),
            minutes_text(row["change_min"], sign=True),
            minutes_text(row["nearest_2024_min"]),
            percent_text(row["share_longer"]),
            percent_text(row["share_without"]) + (f" ({WHY[row['why']]})" if row["why"] else ""),
        ]
        for number, row in table.head(LONGEST).iterrows()
    ]
    return _rows(head, rows)


def page(
    country: Country, cells: pd.DataFrame, table: pd.DataFrame, names: pd.Series[str], *, took_s: float
) -> str:
    """Write docs/national.md.

    Parameters
    ----------
    country : Country
        Cells, people and offices.
    cells : DataFrame
        Minutes by cell.
    table : DataFrame
        By kommune.
    names : Series of str
        Kommune number → name.
    took_s : float
        How long the computing took [s].

    Returns
    -------
    str
        The page.
    """
    people = country.people
    before, after = _both_years(cells, "assigned")
    mean_before, mean_after = (mean_minutes(z, people).value for z in (before, after))
    near = [mean_minutes(z, people).value for z in _both_years(cells, "nearest")]
    longer = losers_more_than(before, after, people, limit=10.0).value
    known = before.notna()
    close = known & (cells["snap_m"] <= 2000)
    close_change = mean_minutes(after[close], people[close]).value
    close_change -= mean_minutes(before[close], people[close]).value
    left_out = float(people[~known].sum())
    most = (table["change_min"] >= 10).sum()
    same = (table["change_min"].abs() < 1).sum()
    first = [f"{names[number]} ({minutes_text(row['change_min'], sign=True)} min)"
             for number, row in table.head(3).iterrows()]  # fmt: skip
    return f"""# How much longer is the way to NAV?

Made by `python scripts/national_offices.py --shared ../shared/data` in about {took_s:.0f} s on two
cores; every figure here is computed by it.

**Asked:** in June 2019 NAV had {len(country.offices)} local offices, in the office areas of 2024
it has {len(country.open_2024)}. How much longer is the way by car from every inhabited 250 m cell
to the office that serves it, by kommune of 2024?

**Answer:** the mean way of {people_text(float(people[known].sum()))} people grew from
{minutes_text(mean_before)} to {minutes_text(mean_after)} minutes, and to the nearest office,
whoever it serves, from {minutes_text(near[0])} to {minutes_text(near[1])}. For
{people_text(longer)} people ({percent_text(longer / float(people.sum()))} %) it is more than 10
minutes longer, while in {same} of {len(table)} kommuner the mean changed by less than a minute.
The change is 10 minutes or more in {most} kommuner, the most in {", ".join(first[:2])} and
{first[2]}.

![Change of the mean way to the own office by kommune](img/national-change.png)

*Mean minutes by car to the office of one's area, 2024 less 2019. {CREDITS}.*

{summary_table(cells, people)}

## The {LONGEST} kommuner with the largest change

{kommune_table(table, names)}

Means are of the people who have a time in both years, weighted by residents; `·` is a count under
{LEAST_PEOPLE}, or one that would tell such a count by difference. All {len(table)} kommuner:
[`data/national/{TABLE_NAME}`](../data/national/{TABLE_NAME}).

## How it was found

- **People:** {people_text(float(people.sum()))} residents in {people_text(len(cells))} cells of
  250 m, 1 January 2018, the same for both years: only the offices change.
- **Way:** by car on the roads and car ferries of N1000, free of traffic, speeds by class of road,
  half the headway waited for a ferry, up to {WHY_HOURS} hours. A cell is tied to the nearest usable
  road within 5 km; the ground between is driven at 25 km/h.
- **Without a time** in one year or both: {people_text(left_out)} people
  ({percent_text(left_out / float(people.sum()))} %): {_reasons(cells, people)}.
- **Office of 2024:** by the table of areas, for bydeler in Oslo, Bergen, Stavanger and Trondheim.
  {_kept(country, names)}
- **Place of an office of 2024:** that of the office of 2019 with the same number;
  {_moved(country)}.
- **Office of 2019:** no table of areas is at hand. The rule takes, kommune by kommune of 2018 and
  bydel by bydel, the first of these: {_rules(country, cells)}.
  {_unlike(country)}

## What the figures cannot tell

- **A merged office may still receive people in several places.** Areas tell who serves whom, not
  where doors are open: where an old office went on as a branch, the way is not as long as here.
- Offices of 2024 stand where the office of that number stood in 2019; an office that moved to
  another town of its area is misplaced.
- Positions are centres of postcode areas: typically within 2 km, up to 12 km off. A change of a
  minute or two says nothing.
- N1000 holds main roads only. The {percent_text(1 - float(people[close].sum()) / float(people.sum()))} %
  farther than 2 km from one, or without a time, are uncertain; without them the mean change is
  {minutes_text(close_change, sign=True)} min instead of
  {minutes_text(mean_after - mean_before, sign=True)}. A connector may cross water.
- By car only: who goes by bus, boat or on foot has another way, and islands without a car ferry
  have none here.
- Borders are simplified, so cells close to one may count to the neighbour.
- The table of areas is a test file that equals the state of April 2023. Opening hours, services by
  telephone and why an area changed are not in it.

Sources: SSB, population grid 250 m 2018 (CC BY 4.0 / NLOD); Kartverket, N1000 roads and kommune
borders (CC BY 4.0), bydel borders (Geonorge / SSB); NAV, offices of June 2019 and office areas
(MIT). All times are approximate.
"""


TABLE_NAME: Final = "way_to_nav_2019_2024.csv"
WHY_HOURS: Final = 10


def _reasons(cells: pd.DataFrame, people: pd.Series[int]) -> str:
    code = cells["reason_2024"].where(cells["assigned_2024"].isna(), cells["reason_2019"])
    missing = cells["assigned_2019"].isna() | cells["assigned_2024"].isna()
    sums = people[missing].groupby(code[missing]).sum().sort_values(ascending=False)
    return ", ".join(
        f"{WHY[REASONS[int(number)]]} {people_text(float(count))}"
        for number, count in sums.items()
    )


def _kept(country: Country, names: pd.Series[str]) -> str:
    kommune = country.zones.table["kommune"]
    none = country.assigned["office_2024"].isna()
    lost = country.people[none].groupby(kommune[none]).sum()
    text = "Hemsedal is missing in it and keeps its office of 2019"
    if len(lost):
        where = ", ".join(f"{names[number]}" for number in lost.index)
        text += f"; {people_text(float(lost.sum()))} people in {where} outside every bydel with an"
        text += " office (Marka) go to the nearest one in both years"
    return f"{text}."


def _moved(country: Country) -> str:
    names = country.offices["name"]
    moved = ", ".join(f"{office} at that of {names[to]}" for office, to in country.moved.items())
    return f"one number is new, {moved}, the first place in its name"


def _rules(country: Country, cells: pd.DataFrame) -> str:
    rule = country.assigned["area_2019"].map(country.areas["rule"])
    people = country.people.groupby(rule).sum()
    areas = country.areas["rule"].value_counts()
    words = {
        "number": "the office of the kommune's own number, or of one it had before",
        "name": "the one office of the fylke that is named after it",
        "later": "the office of 2024, if one of that number stood in 2019",
        "nearest": "the nearest office",
    }
    return "; ".join(
        f"{text} ({areas[name]} areas, {people_text(float(people[name]))} people)"
        for name, text in words.items()
        if name in areas
    )


def _unlike(country: Country) -> str:
    offices = {str(k): str(v) for k, v in country.offices["name"].items()}
    pairs = unlike_names(country.areas, country.areas, offices)
    later = country.areas[country.areas["rule"] == "later"]
    by_later = [f"{row['name']} → {offices[row['office']]}" for _, row in later.iterrows()]
    return (
        f"Checked against names: of the offices found by number {len(pairs)} are named after a"
        f" district or a town instead ({', '.join(pairs)}). By the office of 2024:"
        f" {', '.join(by_later)}."
    )


def draw_map(land: gpd.GeoDataFrame, table: pd.DataFrame, path: Path) -> None:
    """Colour kommuner by the change of the mean way.

    Parameters
    ----------
    land : GeoDataFrame
        Indexed by kommune; projected.
    table : DataFrame
        As `national_offices.by_kommune` gives it.
    path : Path
        PNG, 1 200 pixels wide.
    """
    change = table["change_min"].reindex(land.index)
    figure, ax = plt.subplots(figsize=(8, 9))
    for number, (_, colour) in enumerate(CLASSES):
        own = land[np.digitize(change, STEPS) == number]
        if len(own):
            own.plot(ax=ax, color=colour, edgecolor="white", linewidth=0.25)
    west, south, east, north = land.total_bounds
    ax.set_xlim(west - 2e4, east + 2e4)
    ax.set_ylim(south - 2e4, north + 2e4)
    ax.set_axis_off()
    counts = np.bincount(np.digitize(change.dropna(), STEPS), minlength=len(CLASSES))
    handles = [
        Patch(facecolor=colour, edgecolor="#777777", linewidth=0.4, label=f"{words} ({count})")
        for (words, colour), count in zip(CLASSES, counts, strict=True)
    ]
    ax.legend(
        handles=handles[::-1], loc="lower right", fontsize=12, frameon=False,
        bbox_to_anchor=(1.0, 0.14), title="Mean way by car\n(number of kommuner)", title_fontsize=12,
        alignment="left",
    )  # fmt: skip
    longer = int((change >= STEPS[1]).sum())
    figure.suptitle(
        f"The way to one's NAV office grew in {longer} of {len(table)} kommuner,\n"
        "2019–2024, and most where offices were merged",
        x=0.03, y=0.98, ha="left", va="top", fontsize=15, weight="bold",
    )  # fmt: skip
    figure.text(0.03, 0.015, CREDITS, fontsize=10.5, color="#444444")
    figure.subplots_adjust(0.0, 0.04, 1.0, 0.93)
    figure.savefig(path, dpi=150, metadata={"Software": None}, pil_kwargs={"optimize": True})
    plt.close(figure)
