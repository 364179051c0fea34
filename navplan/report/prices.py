"""What each demand costs: the mean travel time lost by keeping an office where one wants it."""

from __future__ import annotations

import math
from typing import Final

from navplan.locate.ranked import NOT_FOUND
from navplan.report.located import (
    ALIKE_MIN,
    Located,
    at_least,
    at_most,
    headline,
    is_proved,
    more,
    rows,
    told,
)
from navplan.report.model import Block, Bullets, Cell, Paragraph, Row, Section, Table
from navplan.report.view import View

TOLD: Final = 4
"""Demands the answer names."""


def demand_form(view: View, row: Located) -> tuple[str, str]:
    """Say what a demand asks for: whether it is kept, new or anywhere in an area, and its name.

    Parameters
    ----------
    view : View
        The run.
    row : mapping
        A row of the prices.

    Returns
    -------
    form : {"keep", "have", "area"}
        An office there now, a site without one, or some office in an area.
    name : str
        Title of the site or area.
    """
    demand, sites = str(row["demand"]), str(row["sites"]).split(";")
    if demand not in sites:
        return "area", demand
    kept = demand in view.scenarios[view.base]["offices"]
    return ("keep" if kept else "have"), view.office(demand)


def _is_free(row: Located) -> bool:
    return is_proved(row) and abs(float(row["price_minutes"])) < ALIKE_MIN


def _why_none(row: Located) -> str:
    """Why a demand has no price."""
    if row["status"] == NOT_FOUND:
        return "not_found"
    # It can be met where it has a value, but only by leaving more people without a time.
    return "impossible" if math.isnan(float(row["value"])) else "untimed"


def _ends(view: View, row: Located) -> dict[str, str]:
    """Limits a price that is not proved lies between."""
    least, most = float(row["least_price"]), float(row["most_price"])
    return {"least": at_least(view, least), "most": at_most(view, most)}


def _sentence(view: View, row: Located) -> str:
    w = view.words
    form, name = demand_form(view, row)
    what, how = w(f"price.{form}", name=name), view.how(str(row["profile"]))
    price = float(row["price_minutes"])
    if math.isnan(price):
        return w(f"price.{_why_none(row)}", what=what, how=how)
    if _is_free(row):
        return w("price.free", what=what, how=how)
    if is_proved(row):
        return w("price.told", what=what, how=how, price=told(view, price))
    return w("price.between", what=what, how=how, **_ends(view, row))


def price_sentence(view: View, question: str) -> str | None:
    """Say for the answer what the demands cost.

    Parameters
    ----------
    view : View
        The run.
    question : str
        Which question.

    Returns
    -------
    str or None
        None where no demand was priced.
    """
    w = view.words
    items = []
    for row in headline(view, "prices", question)[:TOLD]:
        price = float(row["price_minutes"])
        if math.isnan(price):
            continue
        form, name = demand_form(view, row)
        site = w(f"price.at_{form}", name=name)
        if is_proved(row):
            key = "item_free" if _is_free(row) else "item"
            items.append(w(f"price.{key}", site=site, price=told(view, price)))
        else:
            items.append(w("price.item_between", site=site, **_ends(view, row)))
    if not items:
        return None
    return w("price.answer", how=view.how(view.headline_profile), listing=w.listing(items))


def _cell(view: View, found: list[Located]) -> Cell:
    w = view.words
    if not found:
        return Cell(w("number.none"), number=True)
    row = found[0]
    price = float(row["price_minutes"])
    if math.isnan(price):
        return Cell(w(f"price.no_{_why_none(row)}"), number=True)
    if is_proved(row):
        return Cell(more(view, price), number=True)
    between = w("price.interval", **_ends(view, row))
    return Cell(more(view, price), number=True, small=between)


def _table(view: View, questions: list[str]) -> Table:
    w = view.words
    head = (
        Cell(w("col.demand"), scope="col"),
        *(Cell(view.profile_title(p), scope="col", number=True) for p in view.ordered_profiles),
    )
    groups = []
    for question in questions:
        title = Cell(view.question_title(question), scope="rowgroup", span=len(head))
        body: list[Row] = [(title,)]
        where = {"question": question, "outlook": view.headline_outlook}
        first = {str(row["demand"]): row for row in rows(view, "prices", **where)}
        for demand, row in first.items():
            form, name = demand_form(view, row)
            cells = [
                _cell(view, rows(view, "prices", demand=demand, profile=profile, **where))
                for profile in view.ordered_profiles
            ]
            body.append((Cell(w(f"price.row_{form}", name=name), scope="row"), *cells))
        groups.append(tuple(body))
    is_open = any(
        not is_proved(row) and not math.isnan(float(row["price_minutes"]))
        for row in rows(view, "prices")
    )
    notes = (w("price.read"), *((w("price.open_note"),) if is_open else ()))
    return Table(w("price.table", outlook=view.population_said), (head,), tuple(groups), notes)


def prices(view: View) -> Section | None:
    """Write the chapter on what each demand costs.

    Parameters
    ----------
    view : View
        The run.

    Returns
    -------
    Section or None
        None where no demand was priced.
    """
    w = view.words
    questions = [q for q in view.questions if headline(view, "prices", q)]
    if not questions:
        return None
    blocks: list[Block] = [Paragraph(w("price.intro"))]
    told_of = headline(view, "prices", questions[0])
    blocks.append(Paragraph(w("price.with", question=view.question_title(questions[0]))))
    blocks.append(Bullets(tuple(_sentence(view, row) for row in told_of)))
    blocks += [_table(view, questions), Paragraph(w("price.caution"))]
    return Section("prices", w("price.title"), tuple(blocks))
