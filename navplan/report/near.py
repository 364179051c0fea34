"""How sure the best structure is, and how many others are nearly as good."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

from navplan.locate.ranked import INFEASIBLE, NOT_FOUND
from navplan.report.located import (
    MEAN,
    Located,
    at_most,
    headline,
    is_proved,
    more,
    rows,
    scenarios_of,
    structure,
    told,
)
from navplan.report.model import Block, Cell, Paragraph, Table
from navplan.report.view import View

GROUPS: Final = 5
"""Groups of look-alikes the table shows."""
SITES: Final = 15
"""Sites the table of shares shows."""
OFTEN: Final = 3
"""Sites the sentence on shares names."""


def was_searched(view: View, question: str) -> bool:
    """Whether a question was answered by a search because its structures are too many to rank.

    Parameters
    ----------
    view : View
        The run.
    question : str
        Which question.

    Returns
    -------
    bool
    """
    found = [r for r in rows(view, "answers", question=question) if r["status"] != INFEASIBLE]
    return bool(found) and not rows(view, "ranking", question=question)


def infeasible_sentence(view: View, question: str) -> str | None:
    """Say with which ways to travel no structure meets the terms of a question.

    Parameters
    ----------
    view : View
        The run.
    question : str
        Which question.

    Returns
    -------
    str or None
        None where there is one with each.
    """
    where = {"question": question, "outlook": view.headline_outlook, "objective": MEAN}
    found = {r["profile"] for r in rows(view, "answers", status=INFEASIBLE, **where)}
    hows = [view.how(profile) for profile in view.ordered_profiles if profile in found]
    return view.words("rank.infeasible", hows=view.words.listing(hows)) if hows else None


def proof(view: View, row: Located) -> str:
    """Say how sure the best structure of a search is.

    Parameters
    ----------
    view : View
        The run.
    row : mapping
        A row of the answers.

    Returns
    -------
    str
        That it is proved, or by how much another may be better.
    """
    w = view.words
    if is_proved(row):
        return w("proof.proved")
    if row["status"] == INFEASIBLE:
        return w("proof.infeasible")
    if row["status"] == NOT_FOUND:
        return w("proof.not_found")
    gap = float(row["value"]) - float(row["bound"])
    if math.isnan(gap):
        return w("proof.unknown")
    return w("proof.open", gap=w("number.minutes", number=at_most(view, gap)))


def _mean_cell(view: View, row: Located) -> Cell:
    if row["status"] in (INFEASIBLE, NOT_FOUND):
        return Cell(view.words("number.none"), number=True)
    return view.cell(view.ranked_figure(row))


def searched_table(view: View, question: str) -> Table:
    """Show the best structure a search found for every way to travel, and how sure it is.

    Parameters
    ----------
    view : View
        The run.
    question : str
        A question that was searched.

    Returns
    -------
    Table
    """
    w = view.words
    head = (
        Cell(w("col.mode"), scope="col"),
        Cell(w("col.mean"), scope="col", number=True),
        Cell(w("col.sure"), scope="col"),
        Cell(w("col.found"), scope="col"),
    )
    where = {"question": question, "outlook": view.headline_outlook, "objective": MEAN}
    body = [
        (
            Cell(view.profile_title(profile), scope="row"),
            _mean_cell(view, row),
            Cell(proof(view, row)),
            Cell(structure(view, row)),
        )
        for profile in view.ordered_profiles
        for row in rows(view, "answers", profile=profile, **where)
    ]
    title = view.question_title(question)
    caption = w("proof.table", question=title, outlook=view.population_said)
    return Table(caption, (head,), (tuple(body),))


def searched_sentence(view: View, question: str, focus: str) -> str | None:
    """Say for the answer what a search found and how that stands to the focus.

    Parameters
    ----------
    view : View
        The run.
    question : str
        A question that was searched.
    focus : str
        The scenario the answer is about.

    Returns
    -------
    str or None
        None where there is no mean to set beside another.
    """
    w, profile = view.words, view.headline_profile
    best = next((r for r in headline(view, "answers", question) if r["objective"] == MEAN), None)
    if best is None:
        return None
    gain = view.figure(MEAN, focus, profile).value - float(best["value"])
    if math.isnan(gain):
        return None
    key = "less" if gain > 0 else "more"
    return w(
        f"proof.searched_{key if round(gain, 1) else 'same'}",
        question=view.question_title(question),
        structure=structure(view, best),
        value=view.told_minutes(view.ranked_figure(best)),
        how=view.how(profile),
        gain=w("number.minutes", number=w.minutes(abs(gain))),
        scenario=view.scenario_title(focus),
        proof=proof(view, best),
    )


def near_sentence(view: View, question: str, focus: str | None) -> str | None:
    """Say how many structures are nearly as good as the best, and whether the focus is one.

    Parameters
    ----------
    view : View
        The run.
    question : str
        Which question.
    focus : str or None
        A scenario that is a structure of the question; None says nothing of it.

    Returns
    -------
    str or None
        None where no list was made.
    """
    w = view.words
    near = headline(view, "near_best", question)
    shares = headline(view, "site_shares", question)
    if not near or not shares:
        return None
    percent, count = float(shares[0]["within_percent"]), int(shares[0]["count"])
    complete = shares[0]["complete"] == "yes"
    values = {
        "count": w.counted(count - 1),
        "percent": w.percent(percent),
        "minutes": told(view, float(near[0]["value"]) * percent / 100),
        "how": view.how(view.headline_profile),
    }
    form = {1: "none", 2: "one"}.get(count, "many")
    if not complete:
        form = "none_found" if count == 1 else "least"
    text = w(f"near.{form}", **values)
    text = text[:1].upper() + text[1:]
    if focus is None or count == 1:
        return text
    mine = next((row for row in near if focus in scenarios_of(view, row)), None)
    key = "near.focus_out"
    if mine is not None:
        key = "near.focus_best" if mine["rank"] == 1 else "near.focus_in"
    elif len(near) < count:
        return text
    return f"{text} {w(key, scenario=view.scenario_title(focus))}"


def near_blocks(view: View, question: str, focus: str | None) -> list[Block]:
    """Write how many structures are nearly as good, which sites they share, and the first ones.

    Parameters
    ----------
    view : View
        The run.
    question : str
        Which question.
    focus : str or None
        A scenario that is a structure of the question.

    Returns
    -------
    list of block
        Empty where no list was made.
    """
    text = near_sentence(view, question, focus)
    if text is None:
        return []
    near = headline(view, "near_best", question)
    if len(near) == 1:
        return [Paragraph(text)]
    shares = headline(view, "site_shares", question)
    parts = [text, _site_sentence(view, shares), view.words("near.so")]
    blocks: list[Block] = [Paragraph(" ".join(part for part in parts if part))]
    blocks.append(_share_table(view, question))
    grouped = len({row["group"] for row in near}) < len(near)
    if grouped or was_searched(view, question):
        blocks.append(_group_table(view, near, int(shares[0]["count"])))
    return blocks


def _site_sentence(view: View, shares: list[Located]) -> str:
    w = view.words
    ordered = sorted(shares, key=lambda row: -float(row["share"]))
    always = [view.office(str(row["site"])) for row in ordered if row["share"] == 1]
    often = [
        w("near.site_share", site=view.office(str(row["site"])), share=w.share(float(row["share"])))
        for row in ordered
        if 0 < row["share"] < 1
    ]
    complete = shares[0]["complete"] == "yes"
    key = "near.sites_always" if complete else "near.sites_always_found"
    parts = [w(key, sites=w.listing(always))] if always else []
    if often:
        key = "near.sites_then" if always else "near.sites_often"
        parts.append(w(key, sites=w.listing(often[:OFTEN])))
    return " ".join(parts)


def _share_table(view: View, question: str) -> Table:
    w = view.words
    where = {"question": question, "outlook": view.headline_outlook}
    found = {p: rows(view, "site_shares", profile=p, **where) for p in view.ordered_profiles}
    found = {profile: shares for profile, shares in found.items() if shares}
    share = {p: {str(r["site"]): float(r["share"]) for r in shares} for p, shares in found.items()}
    sites = list(dict.fromkeys(site for shares in share.values() for site in shares))
    used = [site for site in sites if any(shares.get(site, 0) > 0 for shares in share.values())]
    used.sort(key=lambda site: tuple(-shares.get(site, 0.0) for shares in share.values()))
    head = (
        Cell(w("col.site"), scope="col"),
        *(Cell(view.profile_title(p), scope="col", number=True) for p in share),
    )
    counts = []
    for shares in found.values():
        count = w.number(float(shares[0]["count"]))
        complete = shares[0]["complete"] == "yes"
        counts.append(Cell(count if complete else w("near.at_least", count=count), number=True))
    body = [(Cell(w("near.counted"), scope="row"), *counts)]
    for site in used[:SITES]:
        cells = [Cell(w.share(shares.get(site, 0.0)), number=True) for shares in share.values()]
        body.append((Cell(view.office(site), scope="row"), *cells))
    percent = w.percent(float(next(iter(found.values()))[0]["within_percent"]))
    caption = w("near.shares", percent=percent, outlook=view.population_said)
    notes = [w("near.shares_note")]
    if len(used) < len(sites):
        notes.append(w("near.shares_unused", count=w.number(len(sites) - len(used))))
    if len(used) > SITES:
        notes.append(w("near.shares_more", count=w.number(len(used) - SITES)))
    return Table(caption, (head,), (tuple(body),), tuple(notes))


def _group_table(view: View, near: list[Located], count: int) -> Table:
    w = view.words
    head = (
        Cell(w("col.rank"), scope="col", number=True),
        Cell(w("col.best_of_group"), scope="col"),
        Cell(w("col.mean"), scope="col", number=True),
        Cell(w("col.above"), scope="col", number=True),
        Cell(w("col.alike"), scope="col", number=True),
    )
    groups: dict[int, list[Located]] = {}
    for row in near:
        groups.setdefault(int(row["group"]), []).append(row)
    body = []
    for group in list(groups.values())[:GROUPS]:
        first = group[0]
        text = structure(view, first)
        if names := scenarios_of(view, first):
            listed = w.listing(view.scenario_title(name) for name in names)
            text = w("rank.named", structure=text, scenario=listed)
        body.append(
            (
                Cell(w.number(float(first["rank"])), scope="row", number=True),
                Cell(text, small=_swapped(view, group)),
                Cell(w.minutes(float(first["value"])), number=True),
                Cell(more(view, float(first["above_minutes"])), number=True),
                Cell(w.number(len(group)), number=True),
            )
        )
    caption = w(
        "near.groups" if len(groups) > GROUPS else "near.groups_all",
        how=view.how(view.headline_profile),
        count=w.counted(len(groups)),
    )
    notes = [w("near.groups_note")]
    if len(near) < count:
        notes.append(w("near.groups_cut", count=w.number(len(near))))
    return Table(caption, (head,), (tuple(body),), tuple(notes))


def _swapped(view: View, group: list[Located]) -> str:
    """Name the sites that take each other's place within a group."""
    count = Counter(site for row in group for site in str(row["offices"]).split(";"))
    varying = [site for site, times in count.items() if times < len(group)]
    if not varying:
        return ""
    return view.words("near.swap", sites=view.words.listing(sorted(map(view.office, varying))))
