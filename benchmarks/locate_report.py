"""Write what the location works gave into results.json and results.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.kept import WHERE, write_part, write_rows
from benchmarks.travel_report import machine
from benchmarks.works import GOAL, Outcome, Row, Table, version_of

PACKAGES: Final = ("numba", "llvmlite", "highspy", "numpy", "scipy")


def write(
    folder: Path, found: Sequence[Outcome], works: Sequence[str], versions: Sequence[str], date: str
) -> None:
    """Write both files; what the travel bench wrote stays.

    Parameters
    ----------
    folder : Path
        Of results.json and results.md.
    found : sequence of Outcome
        In the order in which they stand.
    works : sequence of str
        Ids of all location works.
    versions : sequence of str
        Of the peers, as they told them.
    date : str
        Of the run.
    """
    rows = [row_dict(row) for settled in found for row in settled.rows]
    write_rows(folder / "results.json", rows, lambda work: work in works, last=True)
    write_part(folder / "results.md", report(found, versions, date), last=True)


def row_dict(row: Row) -> dict[str, Any]:
    """Give a row as results.json has it.

    Parameters
    ----------
    row : Row
        Of a location work.

    Returns
    -------
    dict
        Six keys; ``missing`` is None or a sentence.
    """
    given = row.as_dict()
    return given | {"missing": row.missing or None}


def report(found: Sequence[Outcome], versions: Sequence[str], date: str) -> str:
    """Put all in words and tables.

    Parameters
    ----------
    found : sequence of Outcome
        In order.
    versions : sequence of str
        Of the peers.
    date : str
        Of the run.

    Returns
    -------
    str
        Markdown.
    """
    own = [f"{name} {version_of(name)}" for name in ("navplan", *PACKAGES) if version_of(name)]
    rows = [_row(row) for settled in found for row in settled.rows]
    parts = [
        WHERE,
        "",
        (
            "Made by `make bench-locate`; do not edit. Every solver ran in a process of its own,"
            f" one after another, on one machine ({machine()}), {date}. Ours are of"
            f" {', '.join(own)}; the peers': {', '.join(versions) or 'none ran'}."
        ),
        "",
        (
            "Seconds are medians of up to five calls: no more once ours took a minute together, or"
            " a peer five seconds. Ours is compiled before it is timed. Ratio is the peer's"
            " seconds over ours, or the goal's, and only of cases where ours is proved and both"
            " have the same value, summed up anew from the sites they gave."
        ),
        "",
        *_lines(("work", "peer", "ours [s]", "peer [s]", "ratio", "remark"), rows),
    ]
    for settled in found:
        parts += ["", f"## {settled.title}", "", settled.text]
        for table in settled.tables:
            parts += ["", *_titled(table)]
    return "\n".join(parts)


def _titled(table: Table) -> list[str]:
    text = ["", table.text] if table.text else []
    return [f"### {table.title}", *text, "", *_lines(table.head, table.lines)]


def _row(row: Row) -> tuple[str, ...]:
    peer = f"*{row.peer}*" if row.peer == GOAL else row.peer
    ratio = "–" if row.ratio is None else f"{row.ratio:,.3g}"
    return (f"`{row.work}`", peer, _seconds(row.ours_s), _seconds(row.peer_s), ratio, row.missing)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3g}"


def _lines(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |" for cells in lines]
