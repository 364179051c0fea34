"""The mean against the longest journey: every trade-off worth making, and where one stands."""

from __future__ import annotations

import math
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from navplan.report import drawing as look
from navplan.report.located import (
    ALIKE_MIN,
    LEAST_TOLD_MIN,
    Located,
    is_proved,
    rows,
    scenarios_of,
    structure,
    told,
)
from navplan.report.model import (
    Block,
    Bullets,
    Cell,
    Figure,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
)
from navplan.report.view import View

SIGNS: Final = ("s", "^", "D", "v", "P", "X", "<", ">")
WIDTH_IN: Final = 7.4
HEIGHT_IN: Final = 4.2
ENDS: Final = 2
"""So few points are told as well without a chart."""


def _front(view: View, question: str, profile: str) -> list[Located]:
    """Points of the front, the least mean first."""
    where = {"profile": profile, "outlook": view.headline_outlook, "kind": "front"}
    found = rows(view, "fronts", question=question, **where)
    return sorted(found, key=lambda row: float(row["mean_minutes"]))


def _named(view: View, question: str, profile: str) -> list[tuple[str, Located]]:
    """Named scenarios with their values, in the order of the study."""
    where = {"profile": profile, "outlook": view.headline_outlook, "kind": "named"}
    placed = rows(view, "fronts", question=question, **where)
    found = {name: row for row in placed for name in scenarios_of(view, row)}
    return [(name, found[name]) for name in view.scenarios if name in found]


def _steps(axes: Axes, front: list[Located]) -> None:
    mean = [float(row["mean_minutes"]) for row in front]
    worst = [float(row["worst_minutes"]) for row in front]
    axes.step(mean, worst, where="post", color=look.MUTED, lw=1.2, zorder=1)
    axes.plot(mean, worst, "o", mfc="white", mec=look.MUTED, ms=5, zorder=2)


def front_chart(view: View, question: str, profile: str) -> Figure:
    """Draw the front of mean against longest journey, with the named scenarios.

    Parameters
    ----------
    view : View
        The run.
    question, profile : str
        A question with a front for this way to travel.

    Returns
    -------
    Figure
    """
    w = view.words
    front, named = _front(view, question, profile), _named(view, question, profile)
    line = {"color": look.MUTED, "marker": "o", "mfc": "white", "ms": 5}
    if len(front) == 1:
        handles = [Line2D([], [], ls="", label=w("front.row_both"), **line)]  # type: ignore[arg-type]
    else:
        handles = [Line2D([], [], label=w("front.line"), **line)]  # type: ignore[arg-type]
    with look.look():
        sheet = Drawing(
            figsize=(WIDTH_IN, HEIGHT_IN + 0.2 * (len(named) + 1)), layout="constrained"
        )
        axes = sheet.add_subplot()
        _steps(axes, front)
        for row in front:
            if not row["knee"]:
                continue
            point = (float(row["mean_minutes"]), float(row["worst_minutes"]))
            axes.plot(*point, "o", mfc=look.INK, mec=look.INK, ms=8, zorder=3)
            axes.annotate(
                w(f"front.{row['knee']}"), point, (-7, -12), textcoords="offset points", ha="right"
            )
        for number, (name, row) in enumerate(named):
            mine = name == view.focus
            style = {
                "marker": SIGNS[number % len(SIGNS)],
                "mfc": look.ACCENT if mine else "white",
                "mec": look.INK,
                "ls": "",
            }
            point = (float(row["mean_minutes"]), float(row["worst_minutes"]))
            axes.plot([point[0]], [point[1]], ms=9, zorder=5 if mine else 4, **style)  # type: ignore[arg-type]
            label = view.scenario_title(name)
            handles.append(Line2D([], [], ms=7, label=label, **style))  # type: ignore[arg-type]
        axes.margins(0.08)
        axes.set_xlabel(w("chart.mean_minutes"))
        axes.set_ylabel(w("chart.worst_minutes"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(look.tick_numbers(axis, view.words))
        axes.grid(color="#dddddd", lw=0.6)
        axes.set_axisbelow(True)
        sheet.legend(handles=handles, loc="outside lower left", ncols=1, frameon=False, fontsize=8)
        drawn = look.svg(sheet)
    values = {"question": view.question_title(question), "how": view.how(profile)}
    return Figure(drawn, w("front.alt", **values), w("front.caption", **values))


def _marked(front: list[Located]) -> dict[str, Located]:
    """Points of the front the table shows, by the key of their word."""
    if len(front) == 1:
        return {"both": front[0]}
    first, last = front[0], front[-1]
    knees = {str(row["knee"]): row for row in front}
    middle: dict[str, Located] = {k: knees[k] for k in ("knee", "compromise") if k in knees}
    return {"least_mean": first, **middle, "least_worst": last}


def _front_table(view: View, question: str, profile: str) -> Table:
    w = view.words
    front = _front(view, question, profile)
    head = (
        Cell(w("col.point"), scope="col"),
        Cell(w("col.mean"), scope="col", number=True),
        Cell(w("col.worst"), scope="col", number=True),
    )

    def line(label: str, row: Located, *, strong: bool = False, small: str = "") -> Row:
        values = [float(row["mean_minutes"]), float(row["worst_minutes"])]
        numbers = [Cell(w.minutes(value), number=True) for value in values]
        return (Cell(label, scope="row", strong=strong, small=small), *numbers)

    on_front = [
        line(w(f"front.row_{key}"), row, small=structure(view, row))
        for key, row in _marked(front).items()
    ]
    named = [
        line(view.scenario_title(name), row, strong=name == view.focus)
        for name, row in _named(view, question, profile)
    ]
    groups = (tuple(on_front), *((tuple(named),) if named else ()))
    key = "front.table_one" if len(front) == 1 else "front.table_all"
    caption = w(
        key if len(on_front) == len(front) else "front.table",
        question=view.question_title(question),
        how=view.how(profile),
        count=w.counted(len(front)),
    )
    return Table(caption, (head,), groups)


def _trade(view: View, front: list[Located]) -> str:
    """Say what the knee gives and takes, or that one structure is best in both."""
    w = view.words
    if len(front) == 1:
        return w("front.single", structure=structure(view, front[0]))
    points = _marked(front)
    key = "knee" if "knee" in points else "least_worst"
    start, end = points["least_mean"], points[key]
    more = float(end["mean_minutes"]) - float(start["mean_minutes"])
    less = float(start["worst_minutes"]) - float(end["worst_minutes"])
    if less < LEAST_TOLD_MIN:
        return ""
    return w(f"front.trade_{key}", more=told(view, more), less=told(view, less))


def _stand(view: View, question: str, front: list[Located]) -> str:
    """Say how far the focus lies from the headline's front."""
    w = view.words
    named = _named(view, question, view.headline_profile)
    mine = next((row for name, row in named if name == view.focus), None)
    if mine is None or view.focus is None:
        return ""
    title = view.scenario_title(view.focus)
    within = [
        float(row["mean_minutes"])
        for row in front
        if float(row["worst_minutes"]) <= float(mine["worst_minutes"]) + ALIKE_MIN
    ]
    gain = float(mine["mean_minutes"]) - min(within, default=math.nan)
    if math.isnan(gain):
        return ""
    if gain < LEAST_TOLD_MIN:
        return w("front.on_it", scenario=title)
    return w("front.off_it", scenario=title, gain=told(view, gain))


def _others(view: View, question: str) -> Bullets | None:
    """Tell the ends of the fronts that are too short to draw."""
    w = view.words
    items = []
    for profile in view.ordered_profiles[1:]:
        front = _front(view, question, profile)
        if not front or len(front) > ENDS:
            continue
        ends = {
            f"{column}_{end}": w.minutes(float(row[f"{column}_minutes"]))
            for end, row in (("from", front[0]), ("to", front[-1]))
            for column in ("mean", "worst")
        }
        key = "front.other" if len(front) > 1 else "front.other_single"
        if len(front) > 1 and ends["mean_from"] == ends["mean_to"]:
            key = "front.other_alike"
        if not all(map(is_proved, front)):
            key = "front.other_unproved"
        items.append(w(key, mode=view.profile_title(profile), **ends))
    return Bullets(tuple(items)) if items else None


def _terms(view: View) -> list[str]:
    """Explain the named points that are shown."""
    where = {"outlook": view.headline_outlook, "kind": "front"}
    shown = [row for row in rows(view, "fronts", **where) if row["profile"] in view.profiles]
    kinds = {str(row["knee"]) for row in shown}
    return [view.words(f"front.{k}_told") for k in ("knee", "compromise") if k in kinds]


def fronts(view: View) -> Section | None:
    """Write the chapter on the mean against the longest journey.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section or None
        None where no front was made.
    """
    w = view.words
    headline = view.headline_profile
    found = {q: front for q in view.questions if (front := _front(view, q, headline))}
    if not found:
        return None
    blocks: list[Block] = [Paragraph(w("front.intro", how=view.how(headline)))]
    blocks.append(Paragraph(" ".join([w("front.line_told"), *_terms(view)])))
    for question, front in found.items():
        text = f"{_trade(view, front)} {_stand(view, question, front)}".strip()
        if not all(map(is_proved, front)):
            text = w("front.unproved")
        blocks.append(Subheading(view.question_title(question)))
        blocks += [Paragraph(text)] if text else []
        if len(front) + len(_named(view, question, headline)) > ENDS:
            blocks.append(front_chart(view, question, headline))
        blocks.append(_front_table(view, question, headline))
        for profile in view.ordered_profiles[1:]:
            if len(_front(view, question, profile)) > ENDS:
                blocks.append(front_chart(view, question, profile))
                blocks.append(_front_table(view, question, profile))
        if others := _others(view, question):
            blocks += [Paragraph(w("front.others")), others]
    return Section("front", w("front.title"), tuple(blocks))
