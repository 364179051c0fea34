"""Works on whole areas, the longest way, covering, and how far clients merge over real roads.

Every ``…_work`` is a `benchmarks.running.Work`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from benchmarks import cases as real_cases
from benchmarks import locations_real
from benchmarks.locate_asking import Case, paired, row_of
from benchmarks.locate_works import (
    answer_table,
    ask_both,
    ask_own,
    goal_row,
)
from benchmarks.locations import clustered, units
from benchmarks.works import Bench, Outcome, Table

AREAS_LIMIT_S: Final = 150.0
WITHIN_MIN: Final = 20.0
"""The limit of the covering works [min]; an assumption."""
WITHOUT_MIN: Final = 1_440.0
"""What a cell without a way to any chosen office counts [min]: a day; an assumption."""
HIGHS_PARTS: Final = {"centre": (300, 40, 5), "cover": (20_000, 200, 10)}
"""What HiGHS finishes: clients, sites, p."""


def areas_work(bench: Bench, work: str) -> Outcome:
    """Whole areas with capacity and minimum size, against HiGHS and against the goal."""
    sizes = ((60, 10, 4),) if bench.quick else ((950, 50, 20), (950, 50, 25), (950, 50, 30))
    asked = []
    for areas, sites, p in sizes:
        found = units(areas, sites, p)
        asked.append(Case(found.name, p, found))
    pairs = ask_both(bench, work, "capacity", asked, "highs_program", limit_s=AREAS_LIMIT_S)
    ours = {pair.case.name: pair.ours for pair in pairs if pair.ours}
    slowest = goal_row(work, asked, ours or pairs[0].why, 10.0)
    return Outcome(
        work,
        "950 made-up areas, each whole to one of p of 50 sites; straight lines × people. A site"
        " takes 1.2 to 1.6 times people over p (drawn alike), and at least half of people over p."
        " Timed: from the matrix to the proof. The goal's row is of the slowest.",
        (row_of(work, "highs", pairs, "sum"), slowest),
        tables=(answer_table(work, pairs, "capacity"),),
    )


def reach_work(bench: Bench, work: str) -> Outcome:
    """Centre or covering at full size, and on parts against HiGHS and lokigi."""
    ask = work.split("-", maxsplit=1)[0]
    more = (("within_min", WITHIN_MIN),) if ask == "cover" else ()
    clients = 20_000 if bench.quick else 300_000
    whole = clustered(clients, 200)
    asked = [Case(work, 10, whole, more=more)]
    ours = ask_own(bench, work, ask, asked)
    own = ours.get(work, {}) if isinstance(ours, dict) else {}
    told = (
        f"ours takes {float(np.median(own['seconds'])):.3g} s for all ({own['status']})"
        if own else f"ours: {ours}"
    )  # fmt: skip
    parts = {
        "highs": ("highs_program", HIGHS_PARTS[ask], 90.0),
        "lokigi": ("lokigi_all", (1_000, 16, 3), 90.0),
    }
    rows, tables = [], [answer_table(work, paired(ask, asked, ours, "not asked"), ask)]
    for peer, (script, (some, sites, p), limit_s) in parts.items():
        part = Case(f"{ask}-{some}-{sites}-p{p}", p, whole.subset(peer, some, sites), more=more)
        pairs = ask_both(bench, f"{work}-{peer}", ask, [part], script, limit_s=limit_s)
        note = f"on {some:,} of its clients × {sites} of its sites, p {p}; {told}"
        rows.append(row_of(work, peer, pairs, "sum", note))
        tables.append(answer_table(f"{work}, {peer}", pairs, ask))
    return Outcome(
        work,
        f"{clients:,} made-up clients × 200 sites, p = 10"
        + (f", a limit of {WITHIN_MIN:g} minutes." if more else ".")
        + " HiGHS has the textbook's program, lokigi compares every choice: both on a part of the"
        " clients and sites (drawn alike), on which ours is timed as well.",
        tuple(rows),
        tables=tuple(tables),
    )


def merging_work(bench: Bench, work: str) -> Outcome:
    """How far clients merge with times over real roads."""
    shared = bench.shared
    extract = real_cases.helsinki_extract()
    more = (("without", WITHOUT_MIN),)
    asked = [
        Case("Bergen, by car", 8, locations_real.bergen(shared), more=more),
        Case("region of Bergen, by car", 10, locations_real.region(shared, 200), more=more),
    ]
    if extract is not None:
        helsinki = locations_real.helsinki(shared, extract)
        asked.append(Case("Helsinki, on foot", 8, helsinki, more=more))
    if not bench.quick:
        country = locations_real.country(shared)
        asked += [Case(f"Norway, by car, p {p}", p, country, more=more) for p in (20, 40)]
    asked.append(Case("straight lines, p 10", 10, clustered(20_000, 200)))
    ours = ask_own(bench, work, "merging", asked)
    lines = [_merged(case, ours[case.name]) for case in asked] if isinstance(ours, dict) else []
    table = Table(
        "How merging holds over real roads",
        "Lists: entries of all clients' lists of sites, each up to its second nearest site of the"
        " best choice. Terms: what is left of them once equal ones are merged. Seconds: of the"
        f" whole answer, the counting included.{f' Ours {ours}.' if isinstance(ours, str) else ''}",
        ("times", "clients", "sites", "p", "lists", "terms", "shrunk by", "seconds", "status"),
        lines,
    )
    text = (
        "p-median over real networks: Bergen's cells and its region by car over N1000, every"
        " crossing of central Helsinki on foot over OpenStreetMap, and all inhabited cells of"
        f" Norway to 200 offices; no way counts {WITHOUT_MIN:g} minutes."
    )
    return Outcome(work, text, tables=(table,))


def _merged(case: Case, found: dict[str, Any]) -> tuple[str, ...]:
    clients, sites = case.instance.minutes.shape if case.instance else case.made[:2]
    return (
        case.name, f"{clients:,}", f"{sites:,}", str(case.p), f"{found['entries']:,}",
        f"{found['terms']:,}", f"{found['entries'] / max(found['terms'], 1):.1f}",
        f"{float(np.median(found['seconds'])):.3g}", found["status"],
    )  # fmt: skip
