"""Area by area, age by age, and the places that lose most."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from navplan.report.answer import time_notes
from navplan.report.charts import area_chart
from navplan.report.model import Block, Cell, Paragraph, Row, Section, Subheading, Table
from navplan.report.view import View

PLACES: Final = 15
WORTH_TELLING_MIN: Final = 1.0
"""Places that lose less are not listed [min]."""


def _group_table(view: View, focus: str, by: str) -> Table | None:
    w = view.words
    groups = view.groups(by)
    if not groups:
        return None
    top: Row = (
        Cell(w("col.age") if by == "age" else view.area("title"), scope="col", rows=2),
        Cell(w("col.people"), scope="col", number=True, rows=2),
        *(Cell(view.profile_title(p), scope="colgroup", span=2) for p in view.ordered_profiles),
        Cell(w("col.lose", limit=10), scope="col", number=True, rows=2),
    )
    second: Row = tuple(
        Cell(w(f"col.{when}"), scope="col", number=True)
        for _ in view.profiles
        for when in ("before", "after")
    )
    rows = []
    for group in groups:
        place = {"by": by, "group": group}
        first = view.figure("mean_minutes", focus, view.headline_profile, **place)
        cells = [Cell(view.group_title(group), scope="row")]
        cells.append(Cell(w.people(first.people), number=True))
        for profile in view.ordered_profiles:
            before = view.figure("mean_minutes", view.base, profile, **place)
            after = view.figure("mean_minutes", focus, profile, **place)
            longer = after.value - before.value >= WORTH_TELLING_MIN
            cells.append(view.cell(before))
            cells.append(view.cell(after, strong=longer))
        lose = view.figure("lose_more_10", focus, view.headline_profile, **place)
        cells.append(Cell(w.people(lose.value), number=True))
        rows.append(tuple(cells))
    caption = w(
        f"groups.{by}_table",
        area=view.area("one"),
        scenario=view.scenario_title(focus),
        outlook=view.population_said,
    )
    lose_note = w("note.lose_headline", how=view.how(view.headline_profile))
    notes = (*time_notes(view), w("note.strong"), lose_note)
    return Table(caption, (top, second), (tuple(rows),), notes)


def by_group(view: View) -> Section:
    """Write the chapter on areas and age groups.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w, focus = view.words, view.focus
    title = w("groups.title", areas=view.area("many"))
    if focus is None or focus == view.base:
        return Section("groups", title, (Paragraph(w("groups.none")),))
    blocks: list[Block] = []
    areas = _group_table(view, focus, "area")
    if areas is not None:
        blocks += [Subheading(w("groups.by_area", areas=view.area("many")))]
        blocks += [area_chart(view, focus), areas]
    ages = _group_table(view, focus, "age")
    if ages is not None:
        blocks += [Subheading(w("groups.by_age")), Paragraph(w("groups.age_intro")), ages]
    return Section("groups", title, tuple(blocks) or (Paragraph(w("groups.none")),))


def _changes(view: View, focus: str) -> pd.DataFrame:
    frame = view.tables.zone_minutes
    profile = view.headline_profile
    after = frame[(frame["scenario"] == focus) & (frame["profile"] == profile)].set_index("zone")
    before = frame[(frame["scenario"] == view.base) & (frame["profile"] == profile)]
    before_minutes = before.set_index("zone")["minutes"].reindex(after.index)
    zones = view.tables.zones.set_index("zone").reindex(after.index)
    column = f"people_{view.headline_outlook}"
    people = zones[column] if column in zones else pd.Series(math.nan, index=zones.index)
    table = pd.DataFrame(
        {
            "name": zones["name"],
            "area": zones["area"],
            "people": people,
            "before": before_minutes,
            "after": after["minutes"],
            "reason": after["reason"],
        }
    )
    for other in view.profiles:
        rows = frame[(frame["scenario"] == focus) & (frame["profile"] == other)]
        table[f"change {other}"] = rows.set_index("zone")["change_minutes"].reindex(table.index)
    table["loss"] = table["after"] - table["before"]
    table.loc[table["before"].notna() & table["after"].isna(), "loss"] = math.inf
    table = table[(table["loss"] >= WORTH_TELLING_MIN) & (table["people"] != 0)]
    return table.sort_values(["loss", "name"], ascending=[False, True], kind="stable")


def losers(view: View) -> Section:
    """Write the chapter on the places that lose most.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w, focus = view.words, view.focus
    title = w("losers.title")
    table = pd.DataFrame() if focus is None else _changes(view, focus)
    if focus is None or table.empty:
        none = w("losers.none", how=view.how(view.headline_profile))
        return Section("losers", title, (Paragraph(none),))
    others = view.ordered_profiles[1:]
    head = (
        Cell(w("col.place"), scope="col"),
        Cell(view.area("title"), scope="col"),
        Cell(w("col.people_about"), scope="col", number=True),
        Cell(w("col.before"), scope="col", number=True),
        Cell(w("col.after"), scope="col", number=True),
        Cell(w("col.change"), scope="col", number=True),
        *(
            Cell(w("col.change_mode", mode=view.profile_title(p)), scope="col", number=True)
            for p in others
        ),
    )
    rows = []
    for _, row in table.head(PLACES).iterrows():
        lost = math.isinf(row["loss"])
        after = w(f"reason.{row['reason']}") if lost else w.minutes(row["after"])
        rows.append(
            (
                Cell(row["name"], scope="row"),
                Cell(row["area"]),
                Cell(w.about(row["people"]), number=True),
                Cell(w.minutes(row["before"]), number=True),
                Cell(after, number=True),
                Cell(w("number.lost") if lost else w.change(row["loss"]), number=True, strong=True),
                *(Cell(w.change(row[f"change {p}"]), number=True) for p in others),
            )
        )
    how = view.how(view.headline_profile)
    values = {"how": how, "scenario": view.scenario_title(focus)}
    caption = w("losers.table", **values)
    values["count"] = w.number(float(len(table)))
    column = view.tables.zones.get(f"people_{view.headline_outlook}")
    inhabited = len(view.tables.zones) if column is None else int((column != 0).sum())
    values["all"] = w.number(float(inhabited))
    key = "losers.intro" if len(table) > len(rows) else "losers.intro_all"
    intro = w(key, shown=w.number(float(len(rows))), **values)
    notes = [w("losers.note", how=how)]
    if len(others) == 1:
        notes.append(w("losers.note_other", how=view.how(others[0])))
    elif others:
        notes.append(w("losers.note_others"))
    notes.append(w("note.differences"))
    table_of_places = Table(caption, (head,), (tuple(rows),), tuple(notes))
    return Section("losers", title, (Paragraph(intro), table_of_places))
