"""The runs on real data, with the time each took: writes benchmarks/real_runs.json.

    python -m benchmarks.run --shared ../shared/data

Aggregates only: means, shares and counts over many cells.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import navplan as nav
from benchmarks import cases
from benchmarks.embedded_against_real import against_real
from navplan.errors import NavplanWarning
from navplan.travel import travel_times

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")


def timed(function: Callable[[], T]) -> tuple[T, float]:
    """Call and time."""
    began = time.perf_counter()
    result = function()
    return result, round(time.perf_counter() - began, 2)


def summary(times: nav.TravelTimes, case: cases.Case, seconds: float) -> dict[str, Any]:
    """What one matrix says, weighted by people: to the nearest site."""
    people = case.people.people
    nearest = times.minutes.min(axis=1)
    has = nearest.notna()
    pairs = times.minutes.to_numpy()
    return {
        "seconds": seconds,
        "pairs": int(pairs.size),
        "share_of_pairs_without_time": round(float(np.isnan(pairs).mean()), 4),
        "share_of_people_without_any_time": round(float(1 - people[has].sum() / people.sum()), 4),
        "mean_minutes_to_nearest": round(float(np.average(nearest[has], weights=people[has])), 2),
    }


def by_area(times: nav.TravelTimes, case: cases.Case) -> dict[str, dict[str, float]]:
    """People-weighted means to the own area's site, with the share left out."""
    own = cases.own_minutes(times, case.zones, case.sites)
    table = cases.mean_by_area(own, case.people, case.zones)
    return {
        str(area): {
            "mean_minutes": round(float(row["minutes"]), 2),
            "share_without_time": round(float(row["share_without_time"]), 4),
        }
        for area, row in table.iterrows()
    }


def described(case: cases.Case, seconds: float) -> dict[str, Any]:
    """Sizes of the inputs."""
    found: dict[str, Any] = {
        "load_seconds": seconds,
        "zones": len(case.zones),
        "people": int(case.people.people.sum()),
        "sites": len(case.sites),
        "street_nodes": len(case.streets.nodes),
        "street_edges": len(case.streets.edges),
    }
    if case.timetable is not None:
        found |= {
            "date": str(case.timetable.date),
            "trips": len(case.timetable.trips),
            "stops": len(case.timetable.stops),
            "notices": list(case.timetable.notices),
        }
    return found


def modes(
    case: cases.Case, date: dt.date, names: tuple[str, ...], *, own: bool
) -> dict[str, dict[str, Any]]:
    """Every mode once."""
    found = {}
    known = cases.profiles(date)
    for name in names:
        profile = known[name]
        timetable = case.timetable if name == "transit" else None
        times, seconds = timed(
            lambda p=profile, t=timetable: travel_times(  # type: ignore[misc]
                p, zones=case.zones, sites=case.sites, streets=case.streets, timetable=t
            )
        )
        found[name] = summary(times, case, seconds)
        if own:
            found[name]["own_office_by_area"] = by_area(times, case)
    return found


def main() -> None:
    """Run everything that the data and packages at hand allow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "real_runs.json")
    given = parser.parse_args()
    warnings.simplefilter("ignore", NavplanWarning)
    results: dict[str, Any] = {
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
    }

    case, seconds = timed(lambda: cases.bergen(given.shared))
    results["bergen"] = described(case, seconds) | {
        "modes": modes(case, cases.TUESDAY_2025, ("car",), own=True)
    }
    table, seconds = timed(lambda: against_real(ROOT / "data" / "bergen", case))
    off = table["difference"].abs()
    results["embedded_against_real"] = {
        "seconds": seconds,
        "median_difference_minutes": round(float(off.median()), 2),
        "largest_difference_minutes": round(float(off.max()), 2),
        "by_bydel": table.round(3).to_dict("index"),
    }

    extract = cases.helsinki_extract()
    if extract is not None:
        case, seconds = timed(lambda: cases.helsinki(given.shared, extract))
        names = ("walk", "bicycle", "car", "transit")
        results["helsinki"] = described(case, seconds) | {
            "modes": modes(case, cases.TUESDAY_2022, names, own=False)
        }

    case, seconds = timed(lambda: cases.romerike(given.shared))
    results["romerike"] = described(case, seconds) | {
        "offices_of_several_kommuner_in_2024": cases.served_in_2024(given.shared),
        "modes": modes(case, cases.TUESDAY_2017, ("walk", "car", "transit"), own=True),
    }
    text = json.dumps(results, indent=2, ensure_ascii=False)
    given.out.write_text(text + "\n", encoding="utf-8", newline="\n")
    print(text)
    print(f"\nWritten to {given.out.name}.")


if __name__ == "__main__":
    main()
