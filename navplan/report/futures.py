"""Whether the choice holds: regret over the population futures, and what moves the best choice."""

from __future__ import annotations

import math

from navplan.locate.ranked import MIX, OUTLOOK, ROBUST
from navplan.report.located import (
    ALIKE_MIN,
    LEAST_TOLD_MIN,
    Located,
    is_proved,
    more,
    rows,
    structure,
)
from navplan.report.model import Block, Cell, Paragraph, Row, Section, Subheading, Table
from navplan.report.view import View


def _regrets(view: View, question: str, name: str) -> dict[str, Located]:
    """Rows of one structure for the headline's way to travel, by outlook the report shows."""
    where = {"question": question, "profile": view.headline_profile, "structure": name}
    found = {str(row["outlook"]): row for row in rows(view, "regrets", **where)}
    return {outlook: found[outlook] for outlook in view.outlooks if outlook in found}


def _focus_regrets(view: View, question: str) -> dict[str, Located]:
    """Rows of the scenario the answer is about; none where it is no structure of the question."""
    return _regrets(view, question, view.focus) if view.focus else {}


def _most(found: dict[str, Located]) -> float:
    return max(float(row["regret"]) for row in found.values())


def _at_most(view: View, minutes: float) -> str:
    """Minutes after «at most», which are never told as none."""
    number = view.words.minutes(max(minutes, 2 * LEAST_TOLD_MIN))
    return view.words("number.minutes", number=number)


def _regret_sentences(view: View, question: str) -> str:
    w = view.words
    robust = _regrets(view, question, ROBUST)
    first = next(iter(robust.values()))
    how, most = view.how(view.headline_profile), _most(robust)
    key = "regret.same" if most < ALIKE_MIN else "regret.robust"
    parts = [w(key, how=how, structure=structure(view, first), most=_at_most(view, most))]
    if not is_proved(first):
        parts.append(w("regret.open"))
    mine = _focus_regrets(view, question)
    if mine and view.focus:
        title, most = view.scenario_title(view.focus), _most(mine)
        key = "regret.focus_same" if most < ALIKE_MIN else "regret.focus"
        parts.append(w(key, scenario=title, most=_at_most(view, most)))
    return " ".join(parts)


def _regret_table(view: View, question: str) -> Table:
    w = view.words
    robust = _regrets(view, question, ROBUST)
    mine = _focus_regrets(view, question)
    head = [
        Cell(w("col.outlook"), scope="col"),
        Cell(w("col.best_possible"), scope="col", number=True),
        Cell(w("col.robust"), scope="col", number=True),
    ]
    if mine and view.focus:
        head.append(Cell(view.scenario_title(view.focus), scope="col", number=True, strong=True))
    body: list[Row] = []
    for outlook, row in robust.items():
        shown = [row, *([mine.get(outlook)] if mine else [])]
        tag = w.tag(str(view.outlooks[outlook]["quality"]))
        body.append(
            (
                Cell(view.outlook_title(outlook), scope="row", tag=tag),
                Cell(w.minutes(float(row["best"])), number=True),
                *(_regret_cell(view, found) for found in shown),
            )
        )
    worst = [_most(found) for found in (robust, mine) if found]
    largest = [Cell(more(view, most), number=True, strong=True) for most in worst]
    body.append((Cell(w("regret.largest"), scope="row"), Cell("", number=True), *largest))
    values = {"question": view.question_title(question), "how": view.how(view.headline_profile)}
    notes = (w("regret.note"), w("note.differences"))
    return Table(w("regret.table", **values), (tuple(head),), (tuple(body),), notes)


def _regret_cell(view: View, row: Located | None) -> Cell:
    if row is None:
        return Cell(view.words("number.none"), number=True)
    value, regret = float(row["value"]), float(row["regret"])
    return Cell(view.words.minutes(value), number=True, small=more(view, regret))


def _settings(view: View, question: str) -> dict[str, list[Located]]:
    """Settings the report can name, by parameter, for the headline's way to travel."""
    found: dict[str, list[Located]] = {}
    for row in rows(view, "stability", question=question, profile=view.headline_profile):
        parameter, setting = str(row["parameter"]), str(row["setting"])
        known = parameter.removeprefix(MIX) in view.profiles
        if setting in view.outlooks if parameter == OUTLOOK else known:
            found.setdefault(parameter, []).append(row)
    return found


def _holds(row: Located) -> bool:
    return float(row["loss"]) < ALIKE_MIN


def _stable_row(view: View, parameter: str, settings: list[Located]) -> Row:
    """Say of one parameter how far the best structure stays the best."""
    w = view.words
    moved = [row for row in settings if not _holds(row)]
    if parameter == OUTLOOK:
        label = w("stable.outlook")
        names = w.listing(view.outlook_title(str(row["setting"])) for row in moved)
        text = w("stable.not_with", names=names) if moved else w("stable.with_all")
    else:
        how = view.how(parameter.removeprefix(MIX))
        label = w("stable.mix", how=how)
        # Values are linear in the share, so the best structure holds up to a share and not beyond.
        shares = [float(row["setting"]) for row in settings]
        gone = min((float(row["setting"]) for row in moved), default=math.inf)
        kept = max((share for share in shares if share < gone), default=0.0)
        key = "stable.never" if kept == 0 else "stable.until"
        text = w(key if moved else "stable.all", share=w.share(kept), least=w.share(min(shares)))
    loss = max(float(row["loss"]) for row in settings)
    return (Cell(label, scope="row"), Cell(text), Cell(more(view, loss), number=True))


def _stable_table(view: View, question: str, settings: dict[str, list[Located]]) -> Table:
    w = view.words
    head = (
        Cell(w("col.setting"), scope="col"),
        Cell(w("col.still_best"), scope="col"),
        Cell(w("col.loss"), scope="col", number=True),
    )
    body = tuple(_stable_row(view, parameter, found) for parameter, found in settings.items())
    values = {"question": view.question_title(question), "how": view.how(view.headline_profile)}
    shares = dict.fromkeys(
        w.share(float(row["setting"]))
        for parameter, found in settings.items()
        for row in found
        if parameter != OUTLOOK
    )
    notes = [w("stable.note")]
    if shares:
        notes.append(w("stable.tried", shares=w.listing(shares)))
    return Table(w("stable.table", **values), (head,), (body,), tuple(notes))


def futures(view: View) -> Section | None:
    """Write the chapter on regret over outlooks and the stability of the best choice.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section or None
        None where neither was computed.
    """
    w = view.words
    blocks: list[Block] = []
    for question in view.questions:
        mine: list[Block] = []
        if len(robust := _regrets(view, question, ROBUST)) > 1:
            mine.append(Paragraph(_regret_sentences(view, question)))
            if _most(robust) >= ALIKE_MIN or _focus_regrets(view, question):
                mine.append(_regret_table(view, question))
        if settings := _settings(view, question):
            mine.append(_stable_table(view, question, settings))
        blocks += [Subheading(view.question_title(question)), *mine] if mine else []
    if not blocks:
        return None
    return Section("futures", w("future.title"), (Paragraph(w("future.intro")), *blocks))
