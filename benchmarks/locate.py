"""Location questions, ours and the peers' on the same work: part of results.json and results.md.

    python -m benchmarks.locate --shared ../shared/data --peers .venv-peers/bin/python

``--only`` takes the works whose id contains a word and prints without writing; ``--quick`` shows
that all runs and measures nothing worth keeping.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.locate_medians import (
    large_median_work,
    near_best_work,
    planning_work,
    pmed_work,
)
from benchmarks.locate_others import areas_work, merging_work, reach_work
from benchmarks.locate_report import report, row_dict, write
from benchmarks.locate_works import Settled
from benchmarks.travel import peer_versions
from benchmarks.works import GOAL, Bench, Row
from navplan.errors import NavplanWarning

ROOT: Final = Path(__file__).resolve().parents[1]

WORKS: Final[dict[str, Callable[[Bench, str], Settled]]] = {
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


def run(bench: Bench, only: str = "") -> list[Settled]:
    """Run the works one after another.

    Parameters
    ----------
    bench : Bench
        Who takes part.
    only : str
        Take the works whose id contains this.

    Returns
    -------
    list of Settled
        In the order of `WORKS`.
    """
    found = []
    for work, call in WORKS.items():
        if only not in work:
            continue
        began = time.perf_counter()
        try:
            settled = call(bench, work)
        except Exception as error:  # noqa: BLE001  one that fails must not cost the others
            failed = Row(work, GOAL, None, None, missing=f"ours failed: {error!r:.300}")
            settled = Settled(work, "", (failed,))
        found.append(settled)
        print(f"{work}: {time.perf_counter() - began:.0f} s in all", flush=True)
        for row in settled.rows:
            print(f"  {json.dumps(row_dict(row), ensure_ascii=False)}", flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--peers", type=Path, help="Python of the peers' environment")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks")
    parser.add_argument("--only", default="", help="works whose id contains this")
    parser.add_argument("--quick", action="store_true", help="small cases, few repetitions")
    given = parser.parse_args(arguments)
    python = given.peers if given.peers and os.access(given.peers, os.X_OK) else None
    warnings.simplefilter("ignore", NavplanWarning)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(given.shared, Path(scratch), python and python.absolute(), given.quick)
        found = run(bench, given.only)
        versions = peer_versions(bench.scratch)
    if given.only:
        print(report(found, versions, today))
        return
    given.out.mkdir(parents=True, exist_ok=True)
    write(given.out, found, tuple(WORKS), versions, today)
    print(f"Written to {given.out}: results.json, results.md.")


if __name__ == "__main__":
    main()
