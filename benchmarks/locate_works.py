"""How ours and a peer are set to the cases of a location work, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.locate_asking import (
    OWN_LIMIT_S,
    Answers,
    Case,
    Pair,
    ask_ours,
    ask_peer,
    paired,
    write_cases,
)
from benchmarks.works import GOAL, Bench, Row, Table

OWN_REPEATS: Final = 5


def ask_own(
    bench: Bench, work: str, ask: str, asked: Sequence[Case], **settings: float
) -> Answers | str:
    """Set ours alone to some cases.

    Parameters
    ----------
    bench : Bench
        How often.
    work : str
        Names the folder.
    ask : str
        What is asked.
    asked : sequence of Case
        In order.
    **settings
        Those of `write_cases` that are not ours.

    Returns
    -------
    dict or str
        By case, or why there is nothing.
    """
    folder = bench.folder(work)
    repeats = 2 if bench.quick else OWN_REPEATS
    write_cases(folder, ask, asked, repeats=repeats, own_limit_s=OWN_LIMIT_S, **settings)
    return ask_ours(folder)


def ask_both(
    bench: Bench, work: str, ask: str, asked: Sequence[Case], script: str, *, limit_s: float
) -> list[Pair]:
    """Set ours and then a peer to the same cases.

    Parameters
    ----------
    bench : Bench
        Who takes part.
    work : str
        Names the folder.
    ask : str
        What is asked.
    asked : sequence of Case
        In order.
    script : str
        Of the peer.
    limit_s : float
        The peer's for each case [s].

    Returns
    -------
    list of Pair
        One a case; the peer is not asked where ours failed.
    """
    ours = ask_own(bench, work, ask, asked, limit_s=limit_s)
    found = isinstance(ours, dict)
    told = ask_peer(bench, script, bench.folder(work)) if found else "not asked"
    return paired(ask, asked, ours, told)


def goal_row(work: str, asked: Sequence[Case], ours: Answers | str, goal_s: float) -> Row:
    """The slowest of some cases against a goal.

    Parameters
    ----------
    work : str
        Its id.
    asked : sequence of Case
        All must be proved, or there are no seconds.
    ours : dict or str
        From `ask_own`.
    goal_s : float
        To be kept [s].

    Returns
    -------
    Row
        Of the peer ``"goal"``.
    """
    if isinstance(ours, str):
        return Row(work, GOAL, None, goal_s, missing=f"ours {ours}")
    found = [ours.get(case.name, {"status": "no answer"}) for case in asked]
    open_ = [str(answer["status"]) for answer in found if answer["status"] != "proved"]
    if open_:
        return Row(work, GOAL, None, goal_s, missing=f"ours is not proved: {', '.join(open_)}")
    slowest = max(float(np.median(answer["seconds"])) for answer in found)
    return Row(work, GOAL, slowest, goal_s)


def answer_table(title: str, pairs: Sequence[Pair], ask: str) -> Table:
    """Every case with both answers.

    Parameters
    ----------
    title : str
        Its heading.
    pairs : sequence of Pair
        One a line.
    ask : str
        What was asked: tells the unit.

    Returns
    -------
    Table
        For results.md.
    """
    unit = {"centre": "min", "cover": "people"}.get(ask, "people · min")
    return Table(
        title,
        "",
        ("case", "p", "ours [s]", "bound", f"value [{unit}]", "status", "peer [s]", "peer's value",
         "its own word", "not compared"),
        [_line(pair) for pair in pairs],
    )  # fmt: skip


def _line(pair: Pair) -> tuple[str, ...]:
    ours, theirs = pair.ours, pair.theirs
    own = (
        (f"{pair.ours_s:.3g}", f"{ours['bound']:.8g}", f"{ours['value']:.8g}", ours["status"])
        if ours else ("–",) * 4
    )  # fmt: skip
    other = (
        (f"{pair.theirs_s:.3g}", f"{theirs.get('value', float('nan')):.8g}", str(theirs["status"]))
        if theirs else ("–",) * 3
    )  # fmt: skip
    return (pair.case.name, str(pair.case.p), *own, *other, pair.why)
