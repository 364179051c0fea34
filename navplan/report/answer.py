"""The answer first: what changes, for whom, what would be best, and the main table."""

from __future__ import annotations

import math
from typing import Final

from navplan.report.credits import has_osm_offices
from navplan.report.model import Block, Bullets, Cell, Paragraph, Row, Section, Subheading, Table
from navplan.report.ranks import answer_sentences
from navplan.report.view import View

NO_CHANGE_MIN: Final = 0.05
"""A smaller change of a mean reads as none, since minutes have one decimal [min]."""
MANY_AREAS: Final = 3
"""Areas named in the sentence on those who lose."""
LOSSES: Final = (5, 10, 15)


def _lead(view: View, focus: str) -> str:
    profile = view.headline_profile
    before = view.figure("mean_minutes", view.base, profile)
    after = view.figure("mean_minutes", focus, profile)
    return view.words(
        "answer.lead",
        scenario=view.scenario_title(focus),
        base=view.scenario_title(view.base),
        how=view.how(profile),
        before=view.told_minutes(before),
        after=view.told_minutes(after),
    )


def _mean_table(view: View, focus: str) -> Table:
    w = view.words
    head = (
        Cell(w("col.mode"), scope="col"),
        Cell(view.scenario_title(view.base), scope="col", number=True),
        Cell(view.scenario_title(focus), scope="col", number=True),
        Cell(w("col.change"), scope="col", number=True),
        Cell(w("col.lose", limit=10), scope="col", number=True),
        Cell(w("col.lose_share", limit=10), scope="col", number=True),
    )
    rows = []
    for profile in view.ordered_profiles:
        before = view.figure("mean_minutes", view.base, profile)
        after = view.figure("mean_minutes", focus, profile)
        lose = view.figure("lose_more_10", focus, profile)
        rows.append(
            (
                Cell(view.profile_title(profile), scope="row"),
                view.cell(before),
                view.cell(after, strong=True),
                view.change(focus, profile),
                Cell(w.people(lose.value), number=True),
                Cell(w.share(lose.value / lose.people), number=True),
            )
        )
    caption = w("answer.table", outlook=view.population_said)
    notes = () if view.all_have_a_time else (w("note.change"),)
    notes = (*time_notes(view), *notes, w("note.rounded"))
    return Table(caption, (head,), (tuple(rows),), notes)


def time_notes(view: View) -> tuple[str, ...]:
    """Say once that everyone has a time, where so; else what the brackets mean.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    tuple of str
        Notes for a table of minutes.
    """
    if view.all_have_a_time:
        return (view.words("note.all_timed"),)
    hollow = (view.words("note.hollow"),) if view.many_lack_a_time else ()
    return (view.words("note.some_untimed"), *hollow)


def _losers(view: View, focus: str) -> str:
    w, profile = view.words, view.headline_profile
    lose = view.figure("lose_more_10", focus, profile)
    if math.isnan(lose.value):
        return w("answer.losers_withheld", how=view.how(profile))
    if lose.value == 0:
        return w("answer.losers_none", how=view.how(profile))
    text = w(
        "answer.losers",
        people=w.about(lose.value),
        share=w.share(lose.value / lose.people),
        how=view.how(profile),
    )
    where = {
        area: view.figure("lose_more_10", focus, profile, by="area", group=area).value
        for area in view.groups("area")
    }
    known = sorted((a for a in where if where[a] > 0), key=lambda a: -where[a])
    if known:
        named = [
            w("answer.area_people", area=area, people=w.about(where[area]))
            for area in known[:MANY_AREAS]
        ]
        key = "answer.losers_where" if len(known) > MANY_AREAS else "answer.losers_all_where"
        text = f"{text} {w(key, areas=w.listing(named))}"
    others = []
    for other in view.ordered_profiles[1:]:
        count = view.figure("lose_more_10", focus, other)
        if not math.isnan(count.value):
            others.append(w("answer.number_how", number=w.about(count.value), how=view.how(other)))
    return f"{text} {w('answer.losers_others', listing=w.listing(others))}" if others else text


def _most(view: View, focus: str) -> str | None:
    """Name the area whose mean grows most."""
    w, profile = view.words, view.headline_profile
    found = []
    for area in view.groups("area"):
        group = {"by": "area", "group": area}
        before = view.figure("mean_minutes", view.base, profile, **group)
        after = view.figure("mean_minutes", focus, profile, **group)
        if after.value - before.value >= NO_CHANGE_MIN:  # not so where either is NaN
            found.append((after.value - before.value, area, before, after))
    if not found:
        return None
    _, area, before, after = max(found, key=lambda row: row[0])
    numbers = {"before": view.minutes(before), "after": view.told_minutes(after)}
    return w("answer.most", area=area, **numbers)


def _gainers(view: View, focus: str) -> str | None:
    w, profile = view.words, view.headline_profile
    gain = view.figure("gain_more_5", focus, profile)
    if math.isnan(gain.value):
        return None
    if gain.value == 0:
        return w("answer.gainers_none", how=view.how(profile))
    share = w.share(gain.value / gain.people)
    return w("answer.gainers", people=w.about(gain.value), share=share, how=view.how(profile))


def _within(view: View, focus: str) -> str | None:
    w, profile = view.words, view.headline_profile
    before = view.figure("within_30", view.base, profile)
    after = view.figure("within_30", focus, profile)
    if math.isnan(before.value) or math.isnan(after.value):
        return None
    shares = [w.share(k.value / k.people) for k in (before, after)]
    key = "answer.within" if shares[0] != shares[1] else "answer.within_same"
    return w(key, how=view.how(profile), before=shares[0], after=shares[1])


def twin_without_outreach(view: View, name: str) -> str | None:
    """Find the scenario with the same offices and allocation, but without meetings elsewhere.

    Parameters
    ----------
    view : View
        The run.
    name : str
        A scenario with outreach.

    Returns
    -------
    str or None
        Its twin's name.
    """
    mine = view.scenarios[name]
    for other, entry in view.scenarios.items():
        same = set(entry["offices"]) == set(mine["offices"])
        if same and entry["allocation"] == mine["allocation"] and not entry.get("outreach"):
            return other
    return None


def _outreach(view: View) -> list[str]:
    w, profile = view.words, view.headline_profile
    found = []
    for name, entry in view.scenarios.items():
        twin = twin_without_outreach(view, name) if entry.get("outreach") else None
        if twin is None:
            continue
        for meeting in entry["outreach"]:
            days = w.listing(w(f"day.{day}") for day in meeting["days"])
            changes = []
            for area in meeting["serves"]:
                group = {"by": "area", "group": area}
                before = view.figure("mean_minutes", twin, profile, **group)
                after = view.figure("mean_minutes", name, profile, **group)
                changes.append(
                    w(
                        "answer.outreach_area",
                        area=area,
                        before=view.minutes(before),
                        after=view.told_minutes(after),
                    )
                )
            found.append(
                w(
                    "answer.outreach",
                    at=view.office(meeting["at"]),
                    days=days,
                    how=view.how(profile),
                    twin=view.scenario_title(twin),
                    changes=w.listing(changes),
                )
            )
    return found


def _with_other_people(view: View, focus: str) -> list[str]:
    """Say within what bounds the change stays with the other populations."""
    w, profile = view.words, view.headline_profile
    changes = {
        outlook: view.figure("mean_change_minutes", focus, profile, outlook=outlook).value
        for outlook in view.outlooks
    }
    mine = w.change(changes.pop(view.headline_outlook))
    known = {outlook: value for outlook, value in changes.items() if not math.isnan(value)}
    if not known:
        return []
    low, high = w.change(min(known.values())), w.change(max(known.values()))
    how = view.how(profile)
    if low != high:
        return [w("answer.outlooks", low=low, high=high, how=how)]
    if len(known) > 1:
        key = "answer.outlooks_same" if low == mine else "answer.outlooks_alike"
        return [w(key, change=low, how=how)]
    key = "answer.outlook_same" if low == mine else "answer.outlook_other"
    return [w(key, change=low, how=how, outlook=view.outlook_title(next(iter(known))))]


def _grounds(view: View) -> list[str]:
    """Name the tables that do not hold official figures only."""
    w, frame = view.words, view.tables.sources
    found = []
    for quality in ("approximate", "assumption"):
        names = dict.fromkeys(frame.loc[frame["quality"] == quality, "table"])
        tables = [view.table_title(name) for name in names]
        if tables:
            found.append(w(f"answer.grounds_{quality}", tables=w.listing(tables)))
    if has_osm_offices(view):
        found.append(w("limit.osm_offices"))
    return [*found, w("answer.grounds_see")]


def _only_base(view: View) -> list[Block]:
    """Say how it is, and what would be best, where nothing is set against the base."""
    w, profile = view.words, view.headline_profile
    base, how = view.scenario_title(view.base), view.how(profile)
    minutes = view.told_minutes(view.figure("mean_minutes", view.base, profile))
    within = view.figure("within_30", view.base, profile)
    blocks: list[Block] = [
        Paragraph(w("answer.only_base_lead", base=base, minutes=minutes, how=how), tone="lead")
    ]
    if not math.isnan(within.value):
        share = w.share(within.value / within.people)
        blocks.append(Paragraph(w("answer.only_base_within", share=share, how=how)))
    blocks.append(Paragraph(w("answer.only_base", base=base)))
    blocks += [Subheading(w("answer.better")), Bullets(tuple(answer_sentences(view, view.base)))]
    blocks += [Subheading(w("answer.sure")), Bullets(tuple(_grounds(view)))]
    return blocks


def answer(view: View) -> Section:
    """Write the short answer.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w, focus = view.words, view.focus
    blocks: list[Block] = []
    if summary := w.title(view.run.get("summary")):
        blocks.append(Paragraph(summary))
    if focus is None or focus == view.base:
        return Section("answer", w("answer.title"), (*blocks, *_only_base(view)))
    blocks.append(Paragraph(_lead(view, focus), tone="lead"))
    if not view.decided:
        text = w("answer.not_decided", scenario=view.scenario_title(focus))
        blocks.append(Paragraph(text, tone="note"))
    blocks.append(_mean_table(view, focus))
    who = [_losers(view, focus), _most(view, focus), _gainers(view, focus), _within(view, focus)]
    better = [*answer_sentences(view, focus), *_outreach(view)]
    sure = [*_with_other_people(view, focus), *_grounds(view)]
    for key, items in (("who", who), ("better", better), ("sure", sure)):
        blocks.append(Subheading(w(f"answer.{key}")))
        blocks.append(Bullets(tuple(item for item in items if item)))
    return Section("answer", w("answer.title"), tuple(blocks))


def side_by_side(view: View) -> Section:
    """Write the main table: every scenario, every way to travel.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w = view.words
    columns = ["mean", "p90", "within", "lose5", "lose10", "lose15"]
    head = (
        Cell(w("col.scenario"), scope="col"),
        *(Cell(w(f"col.{c}"), scope="col", number=True) for c in columns),
    )
    groups = []
    for profile in view.ordered_profiles:
        title = Cell(view.profile_title(profile), scope="rowgroup", span=len(columns) + 1)
        rows: list[Row] = [(title,)]
        for scenario in view.scenarios:
            within = view.figure("within_30", scenario, profile)
            loses = [view.figure(f"lose_more_{k}", scenario, profile) for k in LOSSES]
            base = scenario == view.base
            rows.append(
                (
                    Cell(view.scenario_title(scenario), scope="row", strong=scenario == view.focus),
                    view.cell(view.figure("mean_minutes", scenario, profile)),
                    view.cell(view.figure("p90_minutes", scenario, profile)),
                    Cell(w.share(within.value / within.people), number=True),
                    *(
                        Cell(w("number.base") if base else w.people(k.value), number=True)
                        for k in loses
                    ),
                )
            )
        groups.append(tuple(rows))
    caption = w("main.table", outlook=view.population_said)
    notes = [w("note.p90"), w("note.lose", base=view.scenario_title(view.base))]
    shown = {cell.text for rows in groups for row in rows for cell in row}
    notes += [w("note.withheld")] if w("number.withheld") in shown else []
    notes += [w("note.focus")] if view.focus else []
    table = Table(caption, (head,), tuple(groups), (*time_notes(view), *notes))
    return Section("side-by-side", w("main.title"), (Paragraph(w("main.intro")), table))
