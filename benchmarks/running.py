"""How a part of the bench runs from the command line: its arguments, its works, its failures."""

from __future__ import annotations

import argparse
import gc
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from benchmarks.works import GOAL, ROOT, Bench, Outcome, Row
from navplan.errors import NavplanWarning

Work: TypeAlias = Callable[[Bench, str], Outcome]
"""Takes the bench and its own id; gives its rows and tables."""


def parsed(told: str, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line.

    Parameters
    ----------
    told : str
        What ``--help`` says.
    arguments : sequence of str or None
        None for those of the process.

    Returns
    -------
    Namespace
        For `opened`, and ``out`` and ``only``.
    """
    parser = argparse.ArgumentParser(description=told)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--peers", type=Path, help="Python of the peers' environment")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks")
    parser.add_argument("--only", default="", help="works whose id contains this")
    parser.add_argument("--quick", action="store_true", help="small cases, few repetitions")
    return parser.parse_args(arguments)


@contextmanager
def opened(given: argparse.Namespace) -> Iterator[Bench]:
    """Make a bench with a folder of its own for the time it is used.

    Parameters
    ----------
    given : Namespace
        From `parsed`.

    Yields
    ------
    Bench
        Without peers where their interpreter cannot be run.
    """
    python = given.peers if given.peers and os.access(given.peers, os.X_OK) else None
    warnings.simplefilter("ignore", NavplanWarning)
    with tempfile.TemporaryDirectory() as scratch:
        yield Bench(given.shared, Path(scratch), python and python.absolute(), given.quick)


def run(works: Mapping[str, Work], bench: Bench, only: str = "") -> list[Outcome]:
    """Run works one after another.

    Parameters
    ----------
    works : mapping of str to callable
        By id.
    bench : Bench
        Who takes part.
    only : str
        Take the works whose id contains this.

    Returns
    -------
    list of Outcome
        In the order of `works`; one that failed says so.
    """
    found = []
    for work, call in works.items():
        if only not in work:
            continue
        began = time.perf_counter()
        try:
            outcome = call(bench, work)
        except Exception as error:  # noqa: BLE001  one that fails must not cost the others
            failed = Row(work, GOAL, None, None, missing=f"ours failed: {error!r:.300}")
            outcome = Outcome(work, "", (failed,))
        found.append(outcome)
        print(f"{work}: {time.perf_counter() - began:.0f} s in all", flush=True)
        for row in outcome.rows:
            print(f"  {json.dumps(row.as_dict(), ensure_ascii=False)}", flush=True)
        for agreement in outcome.agreements:
            print(f"  {agreement}", flush=True)
        gc.collect()
    return found


def peer_versions(scratch: Path) -> list[str]:
    """Versions that the peers told, each once.

    Parameters
    ----------
    scratch : Path
        Where they wrote them.

    Returns
    -------
    list of str
        Name and version.
    """
    told = (json.loads(path.read_text(encoding="utf-8")) for path in scratch.glob("*/*.json"))
    return sorted({found["version"] for found in told if "version" in found})
