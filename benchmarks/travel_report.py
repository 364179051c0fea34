"""Write results.json and results.md from what the works gave."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import kept
from benchmarks.works import GOAL, Agreement, Outcome, Row, version_of

PACKAGES: Final = ("numba", "llvmlite", "pymetis", "numpy", "scipy")


def write_rows(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write all rows as JSON.

    Parameters
    ----------
    path : Path
        The file.
    outcomes : sequence of Outcome
        In the order in which they stand.
    """
    rows = [row.as_dict() for outcome in outcomes for row in outcome.rows]
    kept.write_rows(path, rows, lambda work: not work.startswith(kept.LOCATION), last=False)


def write_report(
    path: Path, outcomes: Sequence[Outcome], versions: Sequence[str], date: str
) -> None:
    """Write the report.

    Parameters
    ----------
    path : Path
        A Markdown file.
    outcomes : sequence of Outcome
        In the order in which they stand.
    versions : sequence of str
        Of the peers, as they told them.
    date : str
        Of the run.
    """
    parts = [
        "# Travel times: navplan and its peers",
        "",
        (
            "Made by `make bench-travel`; do not edit. All times are medians of one run on one"
            f" machine ({machine()}), {date}. Ours are of {_own_versions()}; the peers':"
            f" {', '.join(versions) or 'none ran'}."
        ),
        "",
        (
            "Ratio is the peer's time over ours; for a goal, the goal's time over ours: 1 or more"
            " keeps it. Ours is compiled before it is timed; peers have one process each, which has"
            " the machine for itself."
        ),
        "",
        *_table(("work", "peer", "ours [s]", "peer [s]", "ratio", "remark"), _row_lines(outcomes)),
        "",
        "## Same work, same answers",
        "",
        (
            "Seconds of the peer against ours, over the pairs that both reach. *One only*: share of"
            " pairs that only one of them reaches. *Within 1 %*: or within a second."
        ),
        "",
        *_table(
            ("work", "peer", "pairs", "one only", "within 1 s", "within 1 %", "median [s]", "why"),
            [_agreement(a) for outcome in outcomes for a in outcome.agreements],
        ),
        "",
        "## The works",
        *[line for outcome in outcomes for line in _described(outcome)],
    ]
    kept.write_part(path, "\n".join(parts), last=False)


def machine() -> str:
    """Processor, cores, system and Python in words.

    Returns
    -------
    str
        What is known of it.
    """
    names = [
        line.split(":", 1)[1].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    processor = names[0] if names else platform.machine()
    system = f"{platform.system()} {platform.release()}"
    return f"{processor}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _own_versions() -> str:
    known = [(name, version_of(name)) for name in ("navplan", *PACKAGES)]
    return ", ".join(f"{name} {version}" for name, version in known if version)


def _row_lines(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    return [_row(row) for outcome in outcomes for row in outcome.rows]


def _row(row: Row) -> tuple[str, ...]:
    remark = f"missing: {row.missing}" if row.missing else row.note
    ratio = "–" if row.ratio is None else f"{row.ratio:,.3g}"
    peer = f"*{row.peer}*" if row.peer == GOAL else row.peer
    return (f"`{row.work}`", peer, _seconds(row.ours_s), _seconds(row.peer_s), ratio, remark)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3g}"


def _agreement(found: Agreement) -> tuple[str, ...]:
    return (
        f"`{found.work}`",
        found.peer,
        f"{found.pairs:,}",
        f"{found.one_only:.2%}",
        f"{found.within_1s:.2%}",
        f"{found.within_1_percent:.2%}",
        f"{found.median_s:+.2f}",
        found.note,
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def _described(outcome: Outcome) -> list[str]:
    facts = [f"- {name}: {value}" for name, value in outcome.facts.items()]
    return ["", f"### {outcome.title}", "", outcome.text, *([""] if facts else []), *facts]
