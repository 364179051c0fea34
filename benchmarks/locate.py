"""Location questions, ours and the peers' on the same work: part of results.json and results.md.

    python -m benchmarks.locate --shared ../shared/data --peers .venv-peers/bin/python

``--only`` takes the works whose id contains a word and prints without writing; ``--quick`` shows
that all runs and measures nothing worth keeping.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from benchmarks.locate_medians import (
    large_median_work,
    near_best_work,
    planning_work,
    pmed_work,
)
from benchmarks.locate_others import areas_work, merging_work, reach_work
from benchmarks.locate_report import report, write
from benchmarks.running import Work, opened, parsed, peer_versions, run

WORKS: Final[dict[str, Work]] = {
    "pmed-all-40": pmed_work,
    "pmed-planning": planning_work,
    "median-300k-200-p40": large_median_work,
    "median-300k-2000-p20": large_median_work,
    "near-best-50k-200": near_best_work,
    "areas-950-50": areas_work,
    "centre-300k-200-p10": reach_work,
    "cover-300k-200-p10": reach_work,
    "merging": merging_work,
}
"""All works by id, in the order in which they run."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and write what was found."""
    given = parsed(__doc__.splitlines()[0], arguments)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    with opened(given) as bench:
        found = run(WORKS, bench, given.only)
        versions = peer_versions(bench.scratch)
    if given.only:
        print(report(found, versions, today))
        return
    given.out.mkdir(parents=True, exist_ok=True)
    write(given.out, found, tuple(WORKS), versions, today)
    print(f"Written to {given.out}: results.json, results.md.")


if __name__ == "__main__":
    main()
