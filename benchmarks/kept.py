"""Two benches write the same results: each rewrites its own part and keeps the other's."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

WHERE: Final = "# Where: navplan and its peers"
"""Heading of the second part of results.md; the travel times come before it."""

LOCATION: Final = ("pmed-", "median-", "near-best-", "areas-", "centre-", "cover-", "merging")
"""How the work ids of the second part begin."""


def write_rows(
    path: Path, rows: Sequence[dict[str, Any]], own: Callable[[str], bool], *, last: bool
) -> None:
    """Write a bench's rows, and keep those of the other.

    Parameters
    ----------
    path : Path
        results.json.
    rows : sequence of dict
        Of the bench that writes.
    own : callable
        Whether a work id is one of its own; such rows that stand there are replaced.
    last : bool
        Whether its rows stand after the other's.
    """
    there = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    others = [row for row in there if not own(row["work"])]
    found = [*others, *rows] if last else [*rows, *others]
    lines = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in found)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")


def write_part(path: Path, text: str, *, last: bool) -> None:
    """Write a bench's part of results.md, and keep the other's.

    Parameters
    ----------
    path : Path
        results.md.
    text : str
        The part; the second begins with `WHERE`.
    last : bool
        Whether it is the second part.
    """
    there = path.read_text(encoding="utf-8") if path.is_file() else ""
    first, heading, second = there.partition(WHERE)
    parts = [first, text] if last else [text, heading + second]
    joined = "\n\n".join(part.strip() for part in parts if part.strip())
    path.write_text(joined + "\n", encoding="utf-8", newline="\n")
