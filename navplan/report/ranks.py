"""Where the named structures stand among all that are possible, and what would be best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from navplan.locate import OBJECTIVES
from navplan.report.charts import rank_chart
from navplan.report.model import Block, Bullets, Cell, Paragraph, Row, Section, Subheading, Table
from navplan.report.near import (
    infeasible_sentence,
    near_blocks,
    near_sentence,
    searched_sentence,
    searched_table,
    was_searched,
)
from navplan.report.prices import price_sentence
from navplan.report.view import View

BEST: Final = 5
Ranked = Mapping[str, Any]


def ranked(
    view: View, question: str, profile: str, outlook: str, objective: str = "mean_minutes"
) -> list[Ranked]:
    """Rows of one ranking, best first.

    Parameters
    ----------
    view : View
        The run.
    question, profile, outlook, objective : str
        Which ranking.

    Returns
    -------
    list of mapping
        Column → value; empty where `run` has none.
    """
    return view.rankings.get((question, profile, outlook, objective), [])


def place_of(rows: list[Ranked], scenario: str) -> Ranked | None:
    """Find the row of a named scenario.

    Parameters
    ----------
    rows : list of mapping
        One ranking.
    scenario : str
        Its name.

    Returns
    -------
    mapping or None
        None where the scenario is no structure of the question.
    """
    return next((row for row in rows if scenario in row["scenario"].split(";")), None)


def _own_questions(view: View, focus: str) -> list[str]:
    found = []
    for question in view.questions:
        rows = ranked(view, question, view.headline_profile, view.headline_outlook)
        if place_of(rows, focus) is not None:
            found.append(question)
    return found


def _best_text(view: View, row: Ranked) -> str:
    return view.structure(str(row["offices"]), str(row["allocation"]))


def _rank_sentence(view: View, question: str, focus: str) -> str:
    w = view.words
    rows = ranked(view, question, view.headline_profile, view.headline_outlook)
    mine, best = place_of(rows, focus), rows[0]
    if mine is None:
        raise KeyError(focus)
    values = {
        "count": w.counted(float(mine["count"])),
        "question": view.question_title(question),
        "scenario": view.scenario_title(focus),
        "how": view.how(view.headline_profile),
        "rank": w.number(float(mine["rank"])),
    }
    text = w("rank.sentence_first" if mine["rank"] == 1 else "rank.sentence", **values)
    untimed = float(mine["share_without_time"])
    if untimed > float(best["share_without_time"]):
        text = f"{text} {w('rank.untimed', share=w.share(untimed))}"
    places = {
        other: place["rank"]
        for other in view.ordered_profiles[1:]
        if (place := place_of(ranked(view, question, other, view.headline_outlook), focus))
    }
    if places and {mine["rank"], *places.values()} == {1}:
        text = f"{text} {w('rank.others_first', listing=w.listing(map(view.how, places)))}"
    elif places:
        numbers = {view.how(other): w.number(float(rank)) for other, rank in places.items()}
        others = [w("answer.number_how", number=n, how=how) for how, n in numbers.items()]
        text = f"{text} {w('rank.others', listing=w.listing(others))}"
    if mine["rank"] > 1:
        gain = float(mine["value"]) - float(best["value"])
        text += " " + w(
            "rank.best",
            how=view.how(view.headline_profile),
            structure=_best_text(view, best),
            value=view.told_minutes(view.ranked_figure(best)),
            gain=w("number.minutes", number=w.minutes(gain)),
        )
    return text


def _other_sentence(view: View, question: str, focus: str) -> str | None:
    w, profile = view.words, view.headline_profile
    rows = ranked(view, question, profile, view.headline_outlook)
    if not rows:
        return searched_sentence(view, question, focus)
    best = rows[0]
    now = view.figure("mean_minutes", focus, profile)
    gain = now.value - float(best["value"])
    if math.isnan(gain):
        return None
    key = "rank.elsewhere_less" if gain > 0 else "rank.elsewhere_more"
    if round(gain, 1) == 0:
        key = "rank.elsewhere_same"
    return w(
        key,
        question=view.question_title(question),
        count=w.counted(float(best["count"])),
        structure=_best_text(view, best),
        value=view.told_minutes(view.ranked_figure(best)),
        how=view.how(profile),
        gain=w("number.minutes", number=w.minutes(abs(gain))),
        scenario=view.scenario_title(focus),
    )


def answer_sentences(view: View, focus: str) -> list[str]:
    """Say for the answer where the focus stands and what would be best.

    Parameters
    ----------
    view : View
        The run.
    focus : str
        The decided scenario, or the one the answer is about.

    Returns
    -------
    list of str
        One sentence group a question; one that says so where nothing was ranked.
    """
    if not _has_answers(view):
        return [view.words("rank.no_question")]
    own = _own_questions(view, focus)
    sentences = [_rank_sentence(view, question, focus) for question in own]
    if not own:
        sentences.append(view.words("rank.no_structure", scenario=view.scenario_title(focus)))
    others = [question for question in view.questions if question not in own]
    sentences += [text for q in others if (text := _other_sentence(view, q, focus))]
    return [*sentences, *_leeway(view, own, focus)]


def _leeway(view: View, own: list[str], focus: str) -> list[str]:
    """Say how many are nearly as good and what the demands cost, for one question."""
    question = (own or list(view.questions))[0]
    near = near_sentence(view, question, focus if own else None)
    told = [text for text in (near, price_sentence(view, question)) if text]
    title = view.question_title(question)
    return [view.words("rank.leeway", question=title, told=" ".join(told))] if told else []


def _has_answers(view: View) -> bool:
    return bool(view.questions) and not (view.tables.ranking.empty and view.tables.answers.empty)


def _named(view: View, question: str) -> list[str]:
    frame = view.tables.ranking
    mine = frame.loc[(frame["question"] == question) & (frame["scenario"] != ""), "scenario"]
    known = {name for names in mine for name in names.split(";")}
    return [name for name in view.scenarios if name in known]


def _rank_table(view: View, question: str, names: list[str]) -> Table:
    w = view.words
    head = (
        Cell(w("col.scenario"), scope="col"),
        *(Cell(w(f"objective.{o}"), scope="col", number=True) for o in OBJECTIVES),
    )
    groups = []
    for profile in view.ordered_profiles:
        tables = [
            ranked(view, question, profile, view.headline_outlook, objective)
            for objective in OBJECTIVES
        ]
        title = Cell(view.profile_title(profile), scope="rowgroup", span=len(head))
        rows: list[Row] = [(title,)]
        for name in names:
            strong = name == view.focus
            cells = [Cell(view.scenario_title(name), scope="row", strong=strong)]
            for table in tables:
                place = place_of(table, name)
                cells.append(_rank_cell(view, place, strong=strong))
            rows.append(tuple(cells))
        best = [_rank_cell(view, table[0] if table else None) for table in tables]
        first = Cell(w("rank.the_best"), scope="row")
        rows.append((first, *best))
        groups.append(tuple(rows))
    caption = w(
        "rank.table",
        question=view.question_title(question),
        count=w.number(_count(view, question)),
        outlook=view.population_said,
    )
    return Table(caption, (head,), tuple(groups), (w("note.rank"), w("note.objectives")))


def _count(view: View, question: str) -> float:
    return float(view.questions[question].get("count") or math.nan)


def _rank_cell(view: View, row: Ranked | None, *, strong: bool = False) -> Cell:
    w = view.words
    if row is None:
        return Cell(w("number.none"), number=True)
    without = view.small(float(row["share_without_time"]))
    minutes = w("rank.minutes", number=w.minutes(float(row["value"])))
    small = f"{minutes}, {without}" if without else minutes
    return Cell(w.number(float(row["rank"])), number=True, strong=strong, small=small)


def _best_table(view: View, question: str) -> Table | None:
    w = view.words
    rows = ranked(view, question, view.headline_profile, view.headline_outlook)
    if not rows:
        return None
    shown = [row for row in rows if row["rank"] <= BEST or _mine(view, row["scenario"])]
    head = (
        Cell(w("col.rank"), scope="col", number=True),
        Cell(
            w("col.structure" if any(row["allocation"] for row in shown) else "col.offices"),
            scope="col",
        ),
        Cell(w("col.mean"), scope="col", number=True),
        Cell(w("col.worst"), scope="col", number=True),
    )
    body = []
    for row in shown:
        names = [view.scenario_title(n) for n in row["scenario"].split(";") if n in view.scenarios]
        text = _best_text(view, row)
        if names:
            text = w("rank.named", structure=text, scenario=w.listing(names))
        body.append(
            (
                Cell(w.number(float(row["rank"])), scope="row", number=True),
                Cell(text, strong=_mine(view, row["scenario"])),
                view.cell(view.ranked_figure(row, "mean_minutes")),
                Cell(w.minutes(float(row["worst_minutes"])), number=True),
            )
        )
    has_mine = any(_mine(view, row["scenario"]) for row in shown)
    best = sum(row["rank"] <= BEST for row in rows)
    caption = w(
        "rank.best_table_mine" if has_mine else "rank.best_table",
        first=w(f"rank.first_{min(best, BEST)}"),
        how=view.how(view.headline_profile),
        outlook=view.population_said,
    )
    return Table(caption, (head,), (tuple(body),))


def _mine(view: View, names: str) -> bool:
    return view.focus is not None and view.focus in names.split(";")


def _outlook_table(view: View, question: str, names: list[str]) -> Table | None:
    if len(view.outlooks) < 2 or not names:  # noqa: PLR2004 - nothing to set side by side
        return None
    w = view.words
    head = (
        Cell(w("col.mode"), scope="col"),
        Cell(w("col.scenario"), scope="col"),
        *(
            Cell(view.outlook_title(o), scope="col", number=True, tag=w.tag(entry["quality"]))
            for o, entry in view.outlooks.items()
        ),
    )
    groups = []
    for profile in view.ordered_profiles:
        rows: list[Row] = []
        for name in names:
            cells = [Cell(view.scenario_title(name), scope="row", strong=name == view.focus)]
            for outlook in view.outlooks:
                place = place_of(ranked(view, question, profile, outlook), name)
                none = w("number.none")
                text = none if place is None else w.number(float(place["rank"]))
                cells.append(Cell(text, number=True))
            rows.append(tuple(cells))
        first = Cell(view.profile_title(profile), scope="rowgroup", rows=len(rows))
        groups.append(((first, *rows[0]), *rows[1:]))
    return Table(w("rank.outlook_table"), (head,), tuple(groups))


def _each_best(view: View, question: str) -> Bullets | None:
    w = view.words
    items = []
    for profile in view.ordered_profiles[1:]:
        rows = ranked(view, question, profile, view.headline_outlook)
        if rows:
            best = rows[0]
            items.append(
                w(
                    "rank.best_how",
                    mode=view.profile_title(profile),
                    structure=_best_text(view, best),
                    value=view.told_minutes(view.ranked_figure(best)),
                )
            )
    return Bullets(tuple(items)) if items else None


def _about(view: View, question: str) -> str:
    w, entry = view.words, view.questions[question]
    kind = str(entry["kind"])
    searched = was_searched(view, question)
    one = int(entry["offices"]) == 1
    parts = [
        w(
            f"rank.searched_{kind}" if searched else f"rank.kind_{kind}{'_one' if one else ''}",
            offices=w.counted(float(entry["offices"])),
            count=w.number(_count(view, question)),
            areas=view.area("the_many"),
            area=view.area("one"),
        )
    ]
    if kind == "areas" and not one:
        if entry.get("contiguous", True):
            parts.append(w("rank.contiguous", areas=view.area("many")))
        if entry.get("inside", True):
            parts.append(w("rank.inside", areas=view.area("the_many")))
    sites = entry.get("sites", "all")
    if sites == "existing":
        parts.append(w("rank.sites_existing"))
    elif not isinstance(sites, str):
        listed = w.listing(view.office(site) for site in sites)
        parts.append(w("rank.sites_listed", sites=listed))
    parts += [
        w(f"rank.{key}", sites=w.listing(map(view.office, entry[key])))
        for key in ("keep", "close")
        if entry.get(key)
    ]
    if entry.get("limit_min") is not None:
        limit = w("number.minutes", number=w.number(float(entry["limit_min"])))
        parts.append(w("rank.limit", minutes=limit))
    parts.append(w("rank.searched" if searched else "rank.enumerated"))
    return " ".join(part[:1].upper() + part[1:] for part in parts)


def ranking(view: View) -> Section:
    """Write the chapter on all possible structures.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section
    """
    w = view.words
    if not _has_answers(view):
        only = Paragraph(w("rank.no_question"))
        return Section("ranking", w("rank.title"), (only,))
    blocks: list[Block] = [Paragraph(w("rank.intro"))]
    for question in view.questions:
        names = _named(view, question)
        blocks += [Subheading(view.question_title(question)), Paragraph(_about(view, question))]
        if text := infeasible_sentence(view, question):
            blocks.append(Paragraph(text))
        if was_searched(view, question):
            blocks.append(searched_table(view, question))
        elif names:
            blocks.append(_rank_table(view, question, names))
        else:
            blocks.append(Paragraph(w("rank.none_named")))
        blocks += [b for b in (rank_chart(view, question), _best_table(view, question)) if b]
        if others := _each_best(view, question):
            blocks += [Paragraph(w("rank.best_others")), others]
        mine = [name for name in names if name == view.focus]
        blocks += near_blocks(view, question, view.focus if mine else None)
        if table := _outlook_table(view, question, mine or names):
            blocks.append(table)
    return Section("ranking", w("rank.title"), tuple(blocks))
