"""Charts: the areas before and after, and the named structures on the scale of all."""

from __future__ import annotations

import math
from typing import Final

from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from navplan.report import drawing as look
from navplan.report.model import Figure
from navplan.report.view import View

WIDTH_IN: Final = 7.4


def area_chart(view: View, focus: str) -> Figure:
    """Draw mean minutes of every area before and after, for the headline profile.

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
    w, profile = view.words, view.headline_profile
    rows = []
    for area in view.groups("area"):
        group = {"by": "area", "group": area}
        before = view.figure("mean_minutes", view.base, profile, **group).value
        after = view.figure("mean_minutes", focus, profile, **group).value
        rows.append((area, before, after))
    rows.sort(key=lambda row: (not math.isnan(row[2] - row[1]), row[2] - row[1]))
    with look.look():
        sheet = Drawing(figsize=(WIDTH_IN, 0.34 * len(rows) + 1.1), layout="constrained")
        axes = sheet.add_subplot()
        for y, (_, before, after) in enumerate(rows):
            axes.plot([before, after], [y, y], color=look.MUTED, lw=1.4, zorder=1)
            # A circle at no minutes lies across the axis: neither cut by it nor under it.
            circle = {"marker": "o", "mec": look.INK, "ms": 7, "clip_on": False}
            axes.plot([before], [y], mfc="white", zorder=3, **circle)  # type: ignore[arg-type]
            axes.plot([after], [y], mfc=look.ACCENT, zorder=4, **circle)  # type: ignore[arg-type]
            if not math.isnan(after - before):
                far = max(before, after)
                text = w.change(after - before)
                axes.annotate(
                    text, (far, y), (8, 0), textcoords="offset points", va="center", fontsize=8
                )
        axes.set_yticks(range(len(rows)), [view.group_title(area) for area, *_ in rows])
        axes.set_ylim(-0.5, len(rows) - 0.5)
        axes.margins(x=0.12)
        axes.set_xlim(left=0)
        axes.set_xlabel(w("chart.minutes"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: w.number(v)))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        handles = [
            Line2D([], [], ls="", marker="o", mfc=fill, mec=look.INK, ms=7, label=label)
            for fill, label in (
                ("white", view.scenario_title(view.base)),
                (look.ACCENT, view.scenario_title(focus)),
            )
        ]
        sheet.legend(
            handles=handles, loc="outside upper left", ncols=2, frameon=False, fontsize=8.5
        )
        drawn = look.svg(sheet)
    values = {
        "how": view.how(profile),
        "area": view.area("one"),
        "base": view.scenario_title(view.base),
        "scenario": view.scenario_title(focus),
    }
    caption = w("chart.area_caption", **values)
    timed = [row for row in rows if not math.isnan(row[2] - row[1])]
    if timed:
        area, before, after = max(timed, key=lambda row: abs(row[2] - row[1]))
        numbers = {"before": w.minutes(before), "after": w.minutes(after)}
        caption = f"{caption} {w('chart.area_told', area=area, **numbers)}"
    return Figure(drawn, w("chart.area_alt", **values), caption)


def rank_chart(view: View, question: str) -> Figure | None:
    """Draw the named structures beside the best ones, in mean minutes.

    Parameters
    ----------
    view : View
        The run.
    question : str
        Which question.

    Returns
    -------
    Figure or None
        None where no named scenario is a structure of the question.
    """
    w = view.words
    frame = view.tables.ranking
    keep = (frame["question"] == question) & (frame["objective"] == "mean_minutes")
    keep &= frame["outlook"] == view.headline_outlook
    mine = frame[keep & frame["profile"].isin(list(view.profiles))]
    found = {name for names in mine["scenario"] for name in names.split(";") if name}
    names = [name for name in view.scenarios if name in found]
    if not names:
        return None
    signs = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
    profiles = view.ordered_profiles[::-1]
    whose = view.focus if view.focus in names else names[0]
    told = []
    with look.look():
        sheet = Drawing(
            figsize=(WIDTH_IN, 0.5 * len(profiles) + 1.0 + 0.2 * len(names)), layout="constrained"
        )
        axes = sheet.add_subplot()
        for y, profile in enumerate(profiles):
            rows = mine[mine["profile"] == profile]
            top = rows[rows["rank"] <= 20]["value"]  # noqa: PLR2004 - what `run` keeps of each
            axes.plot(top, [y] * len(top), "|", color=look.MUTED, ms=12, mew=0.9, zorder=1)
            for number, name in enumerate(names):
                place = rows[[name in text.split(";") for text in rows["scenario"]]]
                if place.empty:
                    continue
                fill = look.ACCENT if name == view.focus else "white"
                value, rank = float(place["value"].iloc[0]), float(place["rank"].iloc[0])
                axes.plot(
                    [value],
                    [y],
                    signs[number % len(signs)],
                    mfc=fill,
                    mec=look.INK,
                    ms=8,
                    zorder=4 if name == view.focus else 3,
                )
                if name == whose:
                    label = w("chart.rank_place", rank=w.number(rank))
                    axes.annotate(
                        label,
                        (value, y),
                        (0, 8),
                        textcoords="offset points",
                        ha="center",
                        fontsize=8,
                    )
                    told.append(w("chart.rank_told", mode=view.profile_title(profile), place=label))
        axes.set_yticks(range(len(profiles)), [view.profile_title(p) for p in profiles])
        axes.set_ylim(-0.5, len(profiles) - 0.3)
        axes.margins(x=0.06)
        axes.set_xlabel(w("chart.mean_minutes"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: w.number(v)))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        handles = [
            Line2D(
                [],
                [],
                ls="",
                marker=signs[number % len(signs)],
                mfc=look.ACCENT if name == view.focus else "white",
                mec=look.INK,
                ms=7,
                label=view.scenario_title(name),
            )
            for number, name in enumerate(names)
        ]
        handles.append(
            Line2D([], [], ls="", marker="|", color=look.MUTED, ms=10, label=w("chart.best20"))
        )
        sheet.legend(handles=handles, loc="outside lower left", ncols=1, frameon=False, fontsize=8)
        drawn = look.svg(sheet)
    caption = w("chart.rank_caption", question=view.question_title(question))
    alt = w("chart.rank_alt", question=view.question_title(question))
    told.append(w("chart.rank_whose", scenario=view.scenario_title(whose)))
    return Figure(drawn, alt, " ".join([caption, *reversed(told)]))
