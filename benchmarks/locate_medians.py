"""Works on medians: the OR-Library, planning size over real roads, large, and near-best.

Every ``…_work`` is a `benchmarks.running.Work`.
"""

from __future__ import annotations

from typing import Final

from benchmarks import locations_real
from benchmarks.locate_asking import Answers, Case, ask_ours, ask_peer, paired, row_of, write_cases
from benchmarks.locate_works import (
    answer_table,
    ask_both,
    ask_own,
    goal_row,
)
from benchmarks.locations import TOWNS, pmed
from benchmarks.works import Bench, Outcome, Table

PMED_LIMIT_S: Final = 30.0
PLANNING_LIMIT_S: Final = 150.0
PLANNING_SIZES: Final = ((20, 4), (20, 8), (50, 10))
"""Sites and p: spopt writes a model of 5 282 × sites whole-number columns."""
SHORT_LIMITS_S: Final = (6.0, 20.0)
SHORT_PMED: Final = 11


def pmed_work(bench: Bench, work: str) -> Outcome:
    """All 40 problems of the OR-Library against pbp-pmedian; who says "optimal" at a time limit."""
    numbers = (1, 2, SHORT_PMED) if bench.quick else tuple(range(1, 41))
    problems = [pmed(bench.shared, number) for number in numbers]
    asked = [Case(found.name, p, found) for found, p, _ in problems]
    pairs = ask_both(bench, work, "median", asked, "pbp", limit_s=PMED_LIMIT_S)
    known = {found.name: optimum for found, _, optimum in problems}
    wrong = [
        pair.case.name for pair in pairs
        if pair.ours and abs(pair.ours["value"] - known[pair.case.name]) > 0.5
    ]  # fmt: skip
    all_s = sum(pair.ours_s for pair in pairs if pair.ours)
    note = f"the peer had {PMED_LIMIT_S:.0f} s a problem; ours takes {all_s:.3g} s for all"
    if wrong:
        note = f"ours differs from the published optimum: {', '.join(wrong)}; {note}"
    return Outcome(
        work,
        "OR-Library pmed1–40 (Beasley 1985): every node a client and a site, shortest paths."
        " Timed: from the matrix to the proof, the peer's own choice of engine. Sums of seconds"
        " over the problems that both proved; ours is held against the published optima.",
        (row_of(work, "pbp-pmedian", pairs, "sum", note),),
        tables=(answer_table(work, pairs, "median"), _limit_table(bench, work)),
    )


def _limit_table(bench: Bench, work: str) -> Table:
    """Stop PuLP's HiGHS early, and read what it says."""
    found, p, optimum = pmed(bench.shared, SHORT_PMED)
    folder = bench.folder(f"{work}-limit")
    case = Case(found.name, p, found)
    lines = []
    for limit_s in SHORT_LIMITS_S[: 1 if bench.quick else None]:
        write_cases(folder, "median", [case], repeats=1, limit_s=limit_s, own_limit_s=limit_s)
        both = {"navplan": ask_ours(folder), "spopt": ask_peer(bench, "spopt_median", folder)}
        lines += [
            (name, found.name, f"{limit_s:g}", *_answer(told, found.name), f"{optimum:.0f}")
            for name, told in both.items()
        ]
    return Table(
        "Who says optimal at a time limit",
        "The value and the status that each gives when its time is up; spopt's is PuLP's word.",
        ("solver", "problem", "limit [s]", "value", "its own word", "optimum"),
        lines,
    )


def _answer(told: Answers | str, name: str) -> tuple[str, str]:
    if isinstance(told, str):
        return "–", told
    found = told[name]
    value = found.get("value")
    return "–" if value is None else f"{value:.8g}", str(found["status"])


def planning_work(bench: Bench, work: str) -> Outcome:
    """Planning size over real roads against spopt with HiGHS, each case in processes of its own."""
    limit_s = 20.0 if bench.quick else PLANNING_LIMIT_S
    whole = locations_real.region(bench.shared, 50)
    pairs = []
    for sites, p in PLANNING_SIZES[: 1 if bench.quick else None]:
        name = f"region-{sites}-p{p}"
        part = whole.subset(name, len(whole.weights), sites) if sites < 50 else whole
        case = Case(name, p, part)
        pairs += ask_both(
            bench, f"{work}-{case.name}", "median", [case], "spopt_median", limit_s=limit_s
        )
    note = f"the peer had {limit_s:.0f} s a problem in HiGHS, and the time to write its model"
    memory = [
        (
            pair.case.name,
            *(f"{given['memory_mib']:,.0f}" for given in (pair.ours, pair.theirs)),
            *(f"{given['peak_mib']:,.0f}" for given in (pair.ours, pair.theirs)),
            f"{pair.theirs['memory_mib'] / max(pair.ours['memory_mib'], 1.0):,.0f}",
        )
        for pair in pairs
        if pair.ours and pair.theirs
    ]
    return Outcome(
        work,
        f"The {locations_real.REGION_CELLS:,} inhabited cells of 2018 nearest to Bergen's centre"
        " that roads reach, by car over N1000; sites are the offices of 2019 there and cells drawn"
        " by their people. Timed: from the matrix to the proof, the model's writing by PuLP"
        " included. Geometric means.",
        (row_of(work, "spopt-highs", pairs, "geometric", note),),
        tables=(
            answer_table(work, pairs, "median"),
            Table(
                f"{work}: memory [MiB]",
                "Added: the largest use during the answer less what packages and matrix took"
                " before. Whole: of the process, packages included. One process a case.",
                ("case", "ours added", "peer added", "ours whole", "peer whole", "ratio added"),
                memory,
            ),
        ),
    )


def large_median_work(bench: Bench, work: str) -> Outcome:
    """300 000 clients against the seconds to be kept; other numbers of offices beside."""
    if "2000" in work:
        clients, sites, counts, goal_s = 300_000, 2_000, (20,), 60.0
    else:
        clients, sites, counts, goal_s = 300_000, 200, (40, 5, 10, 20), 2.0
    if bench.quick:
        clients, sites, counts = 20_000, 100, counts[:1]
    asked = [Case(f"{work}-{p}", p, made=(clients, sites)) for p in counts]
    ours = ask_own(bench, work, "median", asked)
    return Outcome(
        work,
        f"{clients:,} made-up clients in {TOWNS} towns and around, straight lines, {sites:,} sites."
        f" Timed: from the matrix (float32) to the proof. The row is of p = {counts[0]}.",
        (goal_row(work, asked[:1], ours, goal_s),),
        tables=(answer_table(work, paired("median", asked, ours, "not asked"), "median"),),
    )


def near_best_work(bench: Bench, work: str) -> Outcome:
    """Every choice within 1 % of the optimum: complete, against the seconds to be kept."""
    clients, within = (5_000, 0.002) if bench.quick else (50_000, 0.01)
    asked = [Case(work, 10, made=(clients, 200), more=(("within", within),))]
    ours = ask_own(bench, work, "near-best", asked)
    found = ours.get(work, {}) if isinstance(ours, dict) else {}
    text = (
        f"{clients:,} made-up clients × 200 sites, p = 10: every choice within {within:.1%} of the"
        " optimum. Timed: the search for the optimum and the complete list."
    )
    if found:
        text += f" Choices found: {found['choices']:,} ({found['status']})."
    return Outcome(work, text, (goal_row(work, asked, ours, 10.0),))
