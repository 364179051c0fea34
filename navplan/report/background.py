"""What stands behind the figures: nearest office, population, assumptions, method, sources."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from navplan.nouns import Profile
from navplan.report.answer import time_notes
from navplan.report.credits import fetched_table, has_osm_offices, used_table
from navplan.report.model import Block, Bullets, Cell, Paragraph, Row, Section, Subheading, Table
from navplan.report.near import was_searched
from navplan.report.view import View
from navplan.report.words import Words
from navplan.units import clock, seconds_of_day

DIGEST_SHOWN: Final = 12


def nearest(view: View) -> Section:
    """Write the chapter on own office against nearest office and on hours of travel.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w = view.words
    service = view.run.get("service") or {}
    tag = w.tag(str(service.get("quality", "assumption")))
    columns = ("own", "nearest", "difference")
    head = (
        Cell(w("col.scenario"), scope="col"),
        *(Cell(w(f"col.{c}"), scope="col", number=True) for c in columns),
        Cell(w("col.hours"), scope="col", number=True, tag=tag),
        Cell(w("col.hours_change"), scope="col", number=True, tag=tag),
    )
    groups = []
    for profile in view.ordered_profiles:
        title = Cell(view.profile_title(profile), scope="rowgroup", span=6)
        rows: list[Row] = [(title,)]
        before = view.figure("person_hours_year", view.base, profile)
        for scenario in view.scenarios:
            own = view.figure("mean_minutes", scenario, profile)
            near = view.figure("mean_minutes_nearest", scenario, profile)
            hours = view.figure("person_hours_year", scenario, profile)
            base = scenario == view.base
            change = w("number.base") if base else w.change(hours.value - before.value, 0)
            rows.append(
                (
                    Cell(view.scenario_title(scenario), scope="row", strong=scenario == view.focus),
                    view.cell(own),
                    view.cell(near),
                    Cell(w.minutes(own.value - near.value), number=True),
                    Cell(w.people(hours.value), number=True, small=view.small(hours.without)),
                    Cell(change, number=True),
                )
            )
        groups.append(tuple(rows))
    given = float(service.get("visits_per_person", 1.0))
    visits = w.number(given, 0 if given.is_integer() else 1)
    blocks: list[Block] = [Paragraph(w("nearest.intro"))]
    note = w.title(service.get("note")) or w("nearest.visits", visits=visits)
    quality = tag or w.quality("official")
    blocks.append(Paragraph(w("nearest.hours", quality=quality, note=note)))
    caption = w("nearest.table", outlook=view.population_said)
    has_outreach = any(entry.get("outreach") for entry in view.scenarios.values())
    meetings = (w("nearest.outreach"),) if has_outreach else ()
    notes = (*time_notes(view), w("note.differences"), *meetings)
    blocks.append(Table(caption, (head,), tuple(groups), notes))
    return Section("nearest", w("nearest.title"), tuple(blocks))


def population(view: View) -> Section:
    """Write the chapter on the population futures.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w = view.words
    names = ("outlook", "year", "people", "quality", "method")
    head = tuple(Cell(w(f"col.{c}"), scope="col", number=c == "people") for c in names)
    rows = []
    for name, entry in view.outlooks.items():
        headline = name == view.headline_outlook
        rows.append(
            (
                Cell(view.outlook_title(name), scope="row", strong=headline),
                Cell(str(entry["year"])),
                Cell(w.people(float(entry.get("people", float("nan")))), number=True),
                Cell(w.quality(str(entry["quality"]))),
                Cell(w.title(entry.get("method"))),
            )
        )
    about = Table(w("outlooks.table"), (head,), (tuple(rows),))
    blocks: list[Block] = [
        Paragraph(w("outlooks.intro", outlook=view.population_said)),
        about,
    ]
    frame = view.tables.outlooks
    if not frame.empty:
        totals = frame.groupby(["area", "outlook"], sort=False)["people"].sum(min_count=1)
        head = (
            Cell(view.area("title"), scope="col"),
            *(
                Cell(view.outlook_title(o), scope="col", number=True, tag=w.tag(entry["quality"]))
                for o, entry in view.outlooks.items()
            ),
        )
        body = [
            (
                Cell(str(area), scope="row"),
                *(
                    Cell(w.people(float(totals.get((area, o), float("nan")))), number=True)
                    for o in view.outlooks
                ),
            )
            for area in dict.fromkeys(frame["area"])
        ]
        blocks.append(Table(w("outlooks.areas", area=view.area("one")), (head,), (tuple(body),)))
    blocks += [*_mean_over_outlooks(view), *_other_profiles(view)]
    return Section("population", w("outlooks.title"), tuple(blocks))


def _mean_over_outlooks(view: View) -> list[Block]:
    if len(view.outlooks) < 2:  # noqa: PLR2004 - nothing to set side by side
        return []
    w, profile = view.words, view.headline_profile
    head = (
        Cell(w("col.scenario"), scope="col"),
        *(
            Cell(view.outlook_title(o), scope="col", number=True, tag=w.tag(entry["quality"]))
            for o, entry in view.outlooks.items()
        ),
    )
    rows = [
        (
            Cell(view.scenario_title(scenario), scope="row", strong=scenario == view.focus),
            *(
                view.cell(view.figure("mean_minutes", scenario, profile, outlook=outlook))
                for outlook in view.outlooks
            ),
        )
        for scenario in view.scenarios
    ]
    caption = w("outlooks.mean_table", how=view.how(profile))
    return [Table(caption, (head,), (tuple(rows),), time_notes(view))]


def _other_profiles(view: View) -> list[Block]:
    """Show every profile that was computed at least once."""
    names = list(view.other_profiles)
    if not names:
        return []
    w = view.words
    head = (
        Cell(w("col.scenario"), scope="col"),
        *(Cell(view.profile_title(p), scope="col", number=True) for p in names),
    )
    rows = [
        (
            Cell(view.scenario_title(scenario), scope="row", strong=scenario == view.focus),
            *(view.cell(view.figure("mean_minutes", scenario, p)) for p in names),
        )
        for scenario in view.scenarios
    ]
    caption = w("outlooks.other_profiles", outlook=view.population_said)
    return [Table(caption, (head,), (tuple(rows),))]


def _time_of_day(w: Words, value: object) -> str:
    if value is None:
        return ""
    seconds = seconds_of_day(value) if isinstance(value, str) else float(str(value))
    return w.clock(clock(seconds))


def _profile_details(view: View, entry: Mapping[str, Any]) -> str:
    w, mode = view.words, str(entry["mode"])
    parts = _window_details(w, entry) if mode == "transit" and "arrive_from" in entry else []

    def value(key: str, decimals: int = 0) -> str:
        return w.number(float(entry[key]), decimals)

    if mode in {"walk", "transit"} and "walk_m_per_s" in entry:
        kilometres = w.number(float(entry["walk_m_per_s"]) * 3.6, 1)
        parts.append(w("profile.walk", speed=kilometres))
    if mode == "transit" and "max_walk_min" in entry:
        parts.append(w("profile.max_walk", minutes=value("max_walk_min")))
    if mode in {"walk", "transit"} and entry.get("step_free"):
        parts.append(w("profile.step_free"))
    if mode == "bicycle" and "bicycle_km_h" in entry:
        parts.append(w("profile.bicycle", speed=value("bicycle_km_h")))
    if mode == "car":
        parts += _car_details(w, entry)
    if float(entry.get("ferry_wait", Profile.ferry_wait)) != Profile.ferry_wait:
        parts.append(w("profile.ferry_wait", share=w.number(100 * float(entry["ferry_wait"]), 0)))
    if "limit_min" in entry:
        parts.append(w("profile.limit", minutes=value("limit_min")))
    return "; ".join(parts)


def _window_details(w: Words, entry: Mapping[str, Any]) -> list[str]:
    departing = entry.get("depart_from") is not None
    side = "depart" if departing else "arrive"
    begin, end = (_time_of_day(w, entry[f"{side}_{at}"]) for at in ("from", "until"))
    parts = [w("profile.departing" if departing else "profile.window", begin=begin, end=end)]
    percentile = float(entry.get("percentile", 50))
    if percentile == 50:  # noqa: PLR2004 - the median has its own word
        parts.append(w("profile.median"))
    else:
        parts.append(w("profile.percentile", percentile=w.number(percentile, 0)))
    if entry.get("max_rides") is not None:
        rides = int(entry["max_rides"])
        parts.append(w("profile.one_ride") if rides == 1 else w("profile.rides", rides=rides))
    return parts


def _car_details(w: Words, entry: Mapping[str, Any]) -> list[str]:
    factor = float(entry.get("car_factor", 1.0))
    slow = w("profile.car_slow", factor=w.number(factor, 2))
    parts = [w("profile.car") if factor == 1 else slow]
    return [*parts, w("profile.turns")] if entry.get("turn_costs") else parts


def _profiles(view: View) -> Table:
    w = view.words
    names = ("mode", "date", "details")
    head = tuple(Cell(w(f"col.{c}"), scope="col") for c in names)
    rows = [
        (
            Cell(view.profile_title(name), scope="row"),
            Cell(w.date(str(entry.get("date", "")))),
            Cell(_profile_details(view, entry)),
        )
        for name, entry in {**view.profiles, **view.other_profiles}.items()
    ]
    return Table(w("method.profiles"), (head,), (tuple(rows),))


def _structures(view: View) -> Table:
    w = view.words
    head = tuple(Cell(w(f"col.{c}"), scope="col") for c in ("scenario", "structure"))
    rows = []
    for name, entry in view.scenarios.items():
        allocation = dict(entry["allocation"])
        if allocation and all(site == "nearest" for site in allocation.values()):
            listed = w.listing(view.office(site) for site in entry["offices"])
            text = w("method.nearest", offices=listed)
        else:
            pairs = ";".join(f"{area}={site}" for area, site in allocation.items())
            text = view.structure("", pairs) if pairs else w("number.none")
            text = text.replace(": nearest", f": {w('method.nearest_word')}")
        for meeting in entry.get("outreach") or ():
            text += ". " + w(
                "method.meeting",
                at=view.office(meeting["at"]),
                areas=w.listing(meeting["serves"]),
                days=w.listing(w(f"day.{day}") for day in meeting["days"]),
                begin=_time_of_day(w, meeting.get("from")),
                end=_time_of_day(w, meeting.get("until")),
            )
        rows.append((Cell(view.scenario_title(name), scope="row"), Cell(text)))
    return Table(w("method.structures"), (head,), (tuple(rows),))


def _location_steps(view: View) -> list[str]:
    """Keys of how the best locations were found, for what the report shows of them."""
    tables = view.tables
    searched = any(was_searched(view, question) for question in view.questions)
    shown = {
        "search": searched,
        "near": not (tables.near_best.empty and tables.prices.empty),
        "regret": not tables.regrets.empty,
    }
    return [key for key, is_shown in shown.items() if is_shown]


def method(view: View) -> Section:
    """Write the chapter on assumptions, limits and method.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w = view.words
    stated = [
        w(
            "method.assumption",
            text=w.title(entry.get("text")),
            quality=w.quality(str(entry.get("quality", "assumption"))),
        )
        for entry in view.run.get("assumptions") or ()
    ]
    blocks: list[Block] = [Subheading(w("method.assumptions"))]
    none_stated = Paragraph(w("method.no_assumptions"))
    blocks.append(Bullets(tuple(stated)) if stated else none_stated)
    limits = ["points", "free_flow", "everyone", "channels", "inside", "withheld"]
    has_transit = any(p["mode"] == "transit" for p in view.profiles.values())
    has_car = any(p["mode"] == "car" for p in view.profiles.values())
    keep = [k for k in limits if k != "free_flow" or has_car]
    if has_transit:
        keep[keep.index("inside")] = "inside_transit"
    keep += ["osm_offices"] if has_osm_offices(view) else []
    blocks += [
        Subheading(w("method.limits")),
        Bullets(tuple(w(f"limit.{key}") for key in keep)),
        Subheading(w("method.how")),
    ]
    steps = ["streets", "transit", "own", "outreach", "measures", "ede", "losers", "ranking"]
    steps += _location_steps(view)
    has_outreach = any(s.get("outreach") for s in view.scenarios.values())
    drop = set()
    drop |= set() if has_transit else {"transit"}
    drop |= set() if has_outreach else {"outreach"}
    drop |= {"ranking"} if view.tables.ranking.empty else set()
    blocks.append(Bullets(tuple(w(f"step.{key}") for key in steps if key not in drop)))
    blocks += [_profiles(view), _structures(view)]
    notices = [str(text) for text in view.run.get("notices") or ()]
    blocks.append(Subheading(w("method.notices")))
    blocks.append(Paragraph(w("method.notices_intro" if notices else "method.no_notices")))
    if notices:
        blocks.append(Bullets(tuple(notices)))
    return Section("method", w("method.title"), tuple(blocks))


def sources(view: View) -> Section:
    """Write the chapter on sources and on how to make the report again.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w, run = view.words, view.run
    blocks: list[Block] = [Paragraph(w("sources.intro"))]
    blocks += [table for table in (used_table(view), fetched_table(view)) if table is not None]
    settings = [str(text) for text in run.get("settings") or ()]
    command = ["navplan", "run", str(run["study"])]
    command += [word for text in settings for word in ("--set", text)]
    again = ["navplan", "report", str(run["study"]), "--language", w.language]
    versions = run.get("versions") or {}
    items = [
        w("sources.command", run=shlex.join(command), report=shlex.join(again)),
        w("sources.made", version=run.get("navplan", ""), date=w.date(str(run.get("created", "")))),
    ]
    if versions:
        listed = ", ".join(f"{name} {version}" for name, version in versions.items())
        items.append(w("sources.versions", versions=listed))
    blocks += [Subheading(w("sources.again")), Bullets(tuple(items))]
    digests = run.get("digests") or {}
    if digests:
        head = tuple(Cell(w(f"col.{c}"), scope="col") for c in ("file", "digest"))
        body = tuple(
            (Cell(str(file), scope="row"), Cell(f"{str(digest)[:DIGEST_SHOWN]}…"))
            for file, digest in digests.items()
        )
        blocks.append(Table(w("sources.digests"), (head,), (body,), (w("sources.digest_note"),)))
    return Section("sources", w("sources.title"), tuple(blocks))
