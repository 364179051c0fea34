"""Maps before and after, and of the change: places by people and minutes, offices by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from navplan.report import canvas
from navplan.report import drawing as look
from navplan.report.credits import credit_line
from navplan.report.model import Block, Figure, Paragraph, Section, Subheading
from navplan.report.view import View

PANEL_IN: Final = 3.7


def _legend(
    drawing: Drawing,
    view: View,
    marks: Sequence[look.Mark],
    people: pd.Series[float],
    shown: Sequence[str],
) -> None:
    w = view.words
    handles = [
        Line2D(
            [],
            [],
            ls="",
            marker=mark.marker,
            ms=7,
            mfc=mark.colour,
            mec=mark.edge,
            mew=0.6,
            label=w(mark.word),
        )
        for mark in marks
    ]
    if shown:
        square = {"ls": "", "marker": "s", "ms": 5.5, "mfc": look.INK, "mec": look.INK}
        handles.append(Line2D([], [], label=w("map.office"), **square))  # type: ignore[arg-type]
        sites = [set(view.scenarios[scenario]["offices"]) for scenario in shown]
        if sites[0] - sites[-1]:
            handles.append(
                Line2D([], [], ls="", marker="x", ms=5.5, mec=look.INK, label=w("map.closed"))
            )
        if any(view.scenarios[scenario].get("outreach") for scenario in shown):
            handles.append(
                Line2D(
                    [],
                    [],
                    ls="",
                    marker="D",
                    ms=5,
                    mfc="white",
                    mec=look.INK,
                    label=w("map.meeting"),
                )
            )
    largest = people.max()
    if largest > 0:
        step = 10 ** math.floor(math.log10(largest))
        round_one = float(max(k * step for k in (1, 2, 5) if k * step <= largest))
        for count in (round_one / 5, round_one):
            diameter = math.sqrt(max(count / largest * canvas.LARGEST_PT2, canvas.SMALLEST_PT2))
            label = w("map.people", number=w.number(count))
            handles.append(
                Line2D(
                    [],
                    [],
                    ls="",
                    marker="o",
                    ms=diameter,
                    mfc="none",
                    mec=look.MUTED,
                    mew=0.8,
                    label=label,
                )
            )
    drawing.legend(
        handles=handles,
        loc="outside lower center",
        ncols=4,
        frameon=False,
        fontsize=8,
        handletextpad=0.4,
        columnspacing=1.4,
        labelspacing=0.6,
    )


def _panels(zones: pd.DataFrame, count: int) -> tuple[Drawing, list[Axes]]:
    wide = max(float(zones["x"].max() - zones["x"].min()), 1000.0)
    high = max(float(zones["y"].max() - zones["y"].min()), 1000.0)
    ratio = min(max(high / wide, 0.45), 1.5)
    columns = min(count, 2)
    rows = math.ceil(count / 2)
    size = (columns * PANEL_IN, rows * (PANEL_IN * ratio + 0.3) + 0.75)
    sheet = Drawing(figsize=size, layout="constrained")
    FigureCanvasAgg(sheet)  # measures the labels
    axes = [sheet.add_subplot(rows, columns, k + 1) for k in range(count)]
    return sheet, axes


def _zones(view: View) -> pd.DataFrame:
    zones = view.tables.zones.set_index("zone")
    column = f"people_{view.headline_outlook}"
    people = zones[column] if column in zones else pd.Series(math.nan, index=zones.index)
    zones = zones.assign(people=people)
    return zones[zones["people"] != 0]


def _own(view: View, zones: pd.DataFrame, scenario: str, profile: str) -> pd.DataFrame:
    frame = view.tables.zone_minutes
    mine = frame[(frame["scenario"] == scenario) & (frame["profile"] == profile)]
    return mine.set_index("zone").reindex(zones.index)


def _told(view: View, scenario: str, profile: str) -> str:
    w, within = view.words, view.figure("within_30", scenario, profile)
    title = view.scenario_title(scenario)
    if math.isnan(within.value):
        return w("map.told_masked", scenario=title)
    return w("map.told", scenario=title, share=w.share(within.value / within.people))


def before_after(view: View, profile: str) -> Figure:
    """Draw minutes to the own office in the base and in the focus, side by side.

    Parameters
    ----------
    view : View
        The run.
    profile : str
        The way to travel.

    Returns
    -------
    Figure
    """
    w = view.words
    shown = [view.base, *([view.focus] if view.focus and view.focus != view.base else [])]
    zones = _zones(view)
    tables = [_own(view, zones, scenario, profile) for scenario in shown]
    with look.look():
        sheet, panels = _panels(zones, len(shown))
        marks = list(look.MINUTE_MARKS)
        if any(table["minutes"].isna().any() for table in tables):
            marks.append(look.NO_TIME)
        _legend(sheet, view, marks, zones["people"], shown)
        for axes, scenario, table in zip(panels, shown, tables, strict=True):
            axes.set_title(view.scenario_title(scenario), fontsize=9.5, loc="left", wrap=True)
            groups = table["office"].where(table["office"] != "", zones["area"])
            canvas.ground(axes, zones, groups.fillna(""))
            args = (look.MINUTE_LIMITS, look.MINUTE_MARKS, look.NO_TIME)
            canvas.places(axes, zones, table["minutes"], *args)
            canvas.scale_bar(axes, view)
        sheet.draw_without_rendering()  # settles the layout, which the labels need
        sheet.set_layout_engine("none")
        for axes, scenario in zip(panels, shown, strict=True):
            canvas.offices(axes, view, scenario)
        drawn = look.svg(sheet)
    told = [_told(view, scenario, profile) for scenario in shown]
    mode = view.profile_title(profile)
    titles = w.listing(w("number.quoted", text=view.scenario_title(s)) for s in shown)
    alt = w("map.alt", how=view.how(profile), scenarios=titles)
    caption = w("map.caption", mode=mode, outlook=view.population_said)
    return Figure(
        drawn, alt, " ".join(filter(None, (caption, *told, credit_line(view, [profile]))))
    )


def change_map(view: View, focus: str) -> Figure:
    """Draw the change of minutes from the base to the focus, one panel a profile.

    Parameters
    ----------
    view : View
        The run.
    focus : str
        The scenario compared with the base.

    Returns
    -------
    Figure
    """
    w = view.words
    zones = _zones(view)
    profiles = view.ordered_profiles
    centres = zones.groupby("area", sort=False)[["x", "y"]].mean()
    told = []
    with look.look():
        sheet, panels = _panels(zones, len(profiles))
        lost_any = never_any = False
        for axes, profile in zip(panels, profiles, strict=True):
            after = _own(view, zones, focus, profile)["minutes"]
            before = _own(view, zones, view.base, profile)["minutes"]
            axes.set_title(view.profile_title(profile), fontsize=9.5, loc="left")
            canvas.ground(axes, zones, zones["area"])
            # Who gets a time for the first time has gained more than any limit.
            change = (after - before).mask(before.isna() & after.notna(), -math.inf)
            never = before.isna() & after.isna()
            lost_any |= bool((change.isna() & ~never).any())
            never_any |= bool(never.any())
            args = (look.CHANGE_LIMITS, look.CHANGE_MARKS)
            canvas.places(axes, zones, change, *args, look.LOST, shown=~never)
            canvas.places(axes, zones, change, *args, look.NEVER, shown=never)
            canvas.scale_bar(axes, view)
            lose = view.figure("lose_more_10", focus, profile)
            told.append(
                w("map.change_told", mode=view.profile_title(profile), people=w.about(lose.value))
            )
        marks = [*look.CHANGE_MARKS, *([look.LOST] if lost_any else [])]
        marks += [look.NEVER] if never_any else []
        _legend(sheet, view, marks, zones["people"], ())
        sheet.draw_without_rendering()
        sheet.set_layout_engine("none")
        for axes in panels:
            names = [(r["x"], r["y"], str(a), 7.5, "normal") for a, r in centres.iterrows()]
            canvas.label(axes, names, zones)
        drawn = look.svg(sheet)
    values = {"base": view.scenario_title(view.base), "scenario": view.scenario_title(focus)}
    alt = w("map.change_alt", **values)
    texts = (w("map.change_caption", **values), *told, credit_line(view, profiles))
    return Figure(drawn, alt, " ".join(filter(None, texts)))


def maps(view: View) -> Section:
    """Write the chapter of maps.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w = view.words
    blocks: list[Block] = [Paragraph(w("map.intro", areas=view.area("many")))]
    if view.focus and view.focus != view.base:
        blocks += [Subheading(w("map.change_title")), change_map(view, view.focus)]
    for profile in view.ordered_profiles:
        blocks += [Subheading(view.profile_title(profile)), before_after(view, profile)]
    return Section("maps", w("map.title"), tuple(blocks))
