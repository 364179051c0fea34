"""The page of the national study."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from _common import markdown_table
from _national_map import CREDITS
from _office_areas import unlike_names

from navplan.measures import (
    gainers_more_than,
    losers_more_than,
    mask_parts,
    mean_minutes,
    percentile_minutes,
)
from navplan.units import LEAST_PEOPLE, REASONS, Reason

if TYPE_CHECKING:
    from national_offices import Country

WHY: Final[Mapping[str, str]] = {
    Reason.ZONE_NOT_LINKED: "no main road within 5 km",
    Reason.SITE_NOT_LINKED: "the office has no main road within 5 km",
    Reason.NOT_CONNECTED: "no way by car",
    Reason.BEYOND_LIMIT: "over 10 hours",
}
TABLE_NAME: Final = "way_to_nav_2019_2024.csv"
LONGEST: Final = 20
"""Kommuner in the page's table."""


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


def _both_years(cells: pd.DataFrame, kind: str) -> tuple[pd.Series[float], pd.Series[float]]:
    """Minutes of those who have an assigned office within reach in both years."""
    known = cells["assigned_2019"].notna() & cells["assigned_2024"].notna()
    before, after = (cells[f"{kind}_{year}"].where(known) for year in (2019, 2024))
    return before, after


def summary_table(cells: pd.DataFrame, people: pd.Series[float]) -> str:
    """Write the figures of the whole country.

    Parameters
    ----------
    cells : DataFrame
        As `national_offices.minutes_by_cell` gives them.
    people : Series of float
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
            row += _count_cells(losers_more_than(*pair, people, limit=float(limit)).value, people)
        counts.append(row)
    gains = ["over 10 min shorter"]
    for pair in kinds.values():
        gains += _count_cells(gainers_more_than(*pair, people, limit=10.0).value, people)
    changed = ["people whose way is", "to their own office", "%", "to the nearest office", "%"]
    return f"{markdown_table(head, rows)}\n\n{markdown_table(changed, [*counts, gains])}"


def _count_cells(count: float, people: pd.Series[float]) -> list[str]:
    """A count and its share of everybody."""
    shown = _published(count)
    return [people_text(shown), percent_text(shown / float(people.sum()))]


def _published(count: float) -> float:
    """NaN instead of a count of one to nine people."""
    return count if count == 0 or count >= LEAST_PEOPLE else np.nan


def kommune_table(table: pd.DataFrame, names: pd.Series[str]) -> str:
    """Write the kommuner with the largest change.

    Parameters
    ----------
    table : DataFrame
        As `_national_table.by_kommune` gives it.
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
            f"{number} {names[str(number)]}",
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
    return markdown_table(head, rows)


def page(country: Country, cells: pd.DataFrame, table: pd.DataFrame, names: pd.Series[str]) -> str:
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
    first = [f"{names[str(number)]} ({minutes_text(row['change_min'], sign=True)} min)"
             for number, row in table.head(3).iterrows()]  # fmt: skip
    return _filled(f"""# How much longer is the way to NAV?

Made by `python scripts/national_offices.py --shared ../shared/data` in about half a
minute on two cores; every figure here is computed by it.

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
  half the headway waited for a ferry, up to 10 hours. A cell is tied to the nearest usable
  road within 5 km; the ground between is driven at 25 km/h.
- **Without a time** in one year or both: {people_text(left_out)} people
  ({percent_text(left_out / float(people.sum()))} %): {_reasons(cells, people)}.
  {_unreached(table, names)}
- **Office of 2024:** by the table of areas, for bydeler in Oslo, Bergen, Stavanger and Trondheim.
  {_kept(country, cells)}
- **Place of an office of 2024:** that of the office of 2019 with the same number;
  {_moved(country)}.
- **Office of 2019:** no table of areas is at hand. Each kommune of 2018, or bydel of the four
  cities, gets the first of these that there is:
{_rules(country)}
- {_checked(country)}
- {_by_later(country)} Where such an area had another office in 2019, a longer way is hidden:
  Ørskog, Stordal and Norddal may have gone to NAV Storfjorden in Skodje.

## What the figures cannot tell

- **A merged office may still receive people in several places.** Areas tell who serves whom, not
  where doors are open: where an old office went on as a branch, the way is not as long as here.
- **An office of 2024 stands where the office of its number stood in 2019.** A merged office keeps
  the number of one of its forerunners, which need not be where its door is: for the largest changes
  look up the address before you use the figure.
- Positions are centres of postcode areas: typically within 2 km, up to 12 km off. A change of a
  minute or two says nothing.
- N1000 holds main roads only, and a connector may cross water. Of those who live within 2 km of a
  main road ({percent_text(float(people[close].sum()) / float(people.sum()))} %) the mean change is
  {close_change:+.2f} min, of all who have a time {mean_after - mean_before:+.2f} min.
- By car only: who goes by bus, boat or on foot has another way, and islands without a car ferry
  have none here.
- Borders are simplified, so cells close to one may count to the neighbour.
- The table of areas is a test file that equals the state of April 2023. Opening hours, services by
  telephone and why an area changed are not in it.

Sources: SSB, population grid 250 m 2018 (CC BY 4.0 / NLOD); Kartverket, N1000 roads and kommune
borders (CC BY 4.0), bydel borders (Geonorge / SSB); NAV, offices of June 2019 and office areas
(MIT). All times are approximate.
""")


def _reasons(cells: pd.DataFrame, people: pd.Series[float]) -> str:
    code = cells["reason_2024"].where(cells["assigned_2024"].isna(), cells["reason_2019"])
    missing = cells["assigned_2019"].isna() | cells["assigned_2024"].isna()
    sums = people[missing].groupby(code[missing]).sum().sort_values(ascending=False)
    return ", ".join(
        f"{WHY[REASONS[int(number)]]} {people_text(count)}"
        for number, count in zip(sums.index, mask_parts(sums), strict=True)
    )


def _unreached(table: pd.DataFrame, names: pd.Series[str]) -> str:
    none = [names[str(number)] for number in table.index[table["change_min"].isna()]]
    return f"Nobody has a time in {', '.join(none)}." if none else ""


def _kept(country: Country, cells: pd.DataFrame) -> str:
    """Who is not in the table of areas of 2024."""
    none = country.assigned["office_2024"].isna()
    text = "Hemsedal is missing in it and keeps its office of 2019"
    if none.any():
        areas = country.assigned.loc[none, "area_2019"].unique()
        where = ", ".join(str(country.areas.loc[area, "name"]) for area in areas)
        count = people_text(_published(float(country.people[none].sum())))
        text += f"; the {count} people of {where} go to"
        found = cells.loc[none, "near_office_2024"]
        used = country.offices["name"].iloc[sorted(found[found >= 0].unique())]
        text += f" the nearest one in both years ({', '.join(used)})"
    return f"{text}."


def _moved(country: Country) -> str:
    names = country.offices["name"]
    moved = ", ".join(f"{office} stands at {names[to]}" for office, to in country.moved.items())
    return f"a number that is new gets the first place in its name ({moved})"


def _rules(country: Country) -> str:
    rule = country.assigned["area_2019"].map(country.areas["rule"])
    sums = country.people.groupby(rule).sum()
    people = dict(zip(sums.index, mask_parts(sums), strict=True))
    areas = country.areas["rule"].value_counts()
    words = {
        "number": "the office of the kommune's own number, or of one it had before",
        "name": "the one office of the fylke that is named after it",
        "later": "the office of 2024, if one of that number stood in 2019",
        "nearest": "the nearest office",
    }
    return "\n".join(
        f"  {place}. {text} ({people_text(float(people[name]))} people in {areas[name]} of"
        f" {len(country.areas)} areas);"
        for place, (name, text) in enumerate(
            ((name, text) for name, text in words.items() if name in areas), start=1
        )
    )


def _checked(country: Country) -> str:
    offices = {str(number): str(name) for number, name in country.offices["name"].items()}
    pairs = unlike_names(country.areas, country.areas, offices)
    return _dashed(
        f"Checked against names: {len(pairs)} offices found by number are named after a district"
        f" or a town and not after the kommune ({', '.join(sorted(pairs)) or 'none'})."
    )


def _by_later(country: Country) -> str:
    later = country.areas[country.areas["rule"] == "later"]
    names = country.offices["name"]
    pairs = [f"{row['name']} → {names[row['office']]}" for _, row in later.iterrows()]
    return _dashed(f"Found by the office of 2024: {', '.join(sorted(pairs)) or 'none'}.")


def _dashed(text: str) -> str:
    """Close up the hyphens of names: at the start of a line they would begin an item."""
    return text.replace(" - ", "–")


def _filled(text: str) -> str:
    """Fill paragraphs and items of lists anew; leave tables, headings and pictures alone."""
    blocks = []
    for block in re.split(r"\n(?=\n|\s*- |\s*\d\. |\|)", text):
        body = block.strip("\n")
        if not body or body.lstrip().startswith(("|", "#", "!")):
            blocks.append(block)
            continue
        head = re.match(r"\s*(- |\d\. )?", body)
        indent = " " * len(head.group() if head else "")
        words = textwrap.fill(
            " ".join(body.split()), 100, initial_indent=" " * (len(body) - len(body.lstrip())),
            subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        blocks.append("\n" * (len(block) - len(block.lstrip("\n"))) + words)
    return "\n".join(blocks).rstrip("\n") + "\n"
