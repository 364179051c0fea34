"""Works on Norwegian data: all cells to all offices, and one office moved in Bergen."""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

import navplan as nav
from benchmarks import cases
from benchmarks.works import GOAL, Bench, Outcome, Row, median_s
from navplan.errors import NavplanWarning
from navplan.nouns import Streets, Zones
from navplan.sources import read_n1000
from navplan.travel import travel_times

ROOT: Final = Path(__file__).resolve().parents[1]
NATIONAL_GOAL_S: Final = 10.0
NATIONAL_GOAL_GIB: Final = 4.0
WHAT_IF_GOAL_S: Final = 0.05
BESIDE_M: Final = 20.0
"""The what-if's office stands so far from a zone's own point [m]."""
SEED: Final = 1


def national_work(bench: Bench, work: str) -> Outcome:
    """All inhabited cells × all offices by car, in a process of its own.

    Parameters
    ----------
    bench : Bench
        Where the data lie.
    work : str
        Its id.

    Returns
    -------
    Outcome
        Rows for time and for memory.
    """
    command = [sys.executable, "-m", "benchmarks.country_works", str(bench.shared)]
    repeats = 1 if bench.quick else 5
    ran = subprocess.run(
        [*command, str(repeats)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    text = (
        "Every inhabited 250 m cell of 2018 to every office of 2019 by car over the whole of"
        " N1000, ferries included. Timed: `travel_times` as anybody calls it (linking, order,"
        " search, reasons). Not timed: reading the files. Memory is the peak of the process,"
        " reading included."
    )
    if ran.returncode:
        why = (ran.stderr or ran.stdout).strip().splitlines()[-1:]
        return Outcome(work, text, (Row(work, GOAL, None, NATIONAL_GOAL_S, missing=str(why)),))
    found: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    note = f"peak {found['peak_gib']:.2f} GiB of {NATIONAL_GOAL_GIB:g}"
    facts = {name: str(found[name]) for name in ("cells", "offices", "read_s", "first_s")}
    facts |= {"peak [GiB]": f"{found['peak_gib']:.2f}", "reached": f"{found['reached']:.4f}"}
    row = Row(work, GOAL, found["seconds"], NATIONAL_GOAL_S, note=note)
    return Outcome(work, text, (row,), facts=facts)


def national(shared: Path) -> tuple[Zones, gpd.GeoDataFrame, Streets]:
    """Read the country.

    Parameters
    ----------
    shared : Path
        The fetched data.

    Returns
    -------
    Zones, GeoDataFrame, Streets
        Cells, offices, roads.
    """
    cells = pd.read_csv(shared / "national" / "cells_250m_2018.csv")
    number = cells["ssbid250m"].to_numpy(dtype=np.int64)
    at = gpd.points_from_xy(number // 10**7 - 2_000_000 + 125, number % 10**7 + 125)
    index = pd.Index("c" + pd.Series(number).astype(str))
    columns = {"name": index, "area": "Norway", "kommune": ""}
    zones = Zones(gpd.GeoDataFrame(columns, index=index, geometry=at, crs=cases.UTM33))
    offices = pd.read_csv(shared / "national" / "offices_2019.csv", dtype={"office_nr": str})
    places = gpd.GeoSeries(gpd.points_from_xy(offices["lon"], offices["lat"]), crs="EPSG:4326")
    sites = gpd.GeoDataFrame(
        {"name": offices["name"].to_numpy()},
        index=pd.Index(offices["office_nr"]),
        geometry=places.to_crs(cases.UTM33).to_numpy(),
        crs=cases.UTM33,
    )
    return zones, sites, read_n1000(shared / "national" / "roads_n1000.gpkg")


def what_if_work(bench: Bench, work: str) -> Outcome:
    """An office of the Bergen study moved to a place that nobody has asked for yet.

    Parameters
    ----------
    bench : Bench
        How often.
    work : str
        Its id.

    Returns
    -------
    Outcome
        A row against the goal.
    """
    study = nav.open_study("bergen", cache=False)
    site = study.offices.existing[0]
    rng = np.random.default_rng(SEED)
    places = study.zones.table.geometry.iloc[rng.permutation(len(study.zones))]
    numbers = itertools.count()
    base = study.scenario(study.file.base)
    possible = [name for name in study.offices.table.index if name not in base.offices]

    def to_new_place() -> object:
        """Move the office next to a zone where nobody has thought of one yet."""
        number = next(numbers)
        at = places.iloc[number % len(places)]
        more = study.with_site(f"new-{number}", at=(at.x + BESIDE_M, at.y + number))
        start = replace(base, sites=tuple(more.offices.table.index))
        return more.compare(start, start.move(site, to=f"new-{number}").named("moved"))

    def to_known_site() -> object:
        """Move the office to a possible site of the study."""
        to = possible[next(numbers) % len(possible)]
        return study.compare(base, base.move(site, to=to).named("moved"))

    repeats = max(bench.repeats, 5)
    _, known_s = median_s(to_known_site, repeats)
    _, new_s = median_s(to_new_place, repeats)
    size = f"{len(study.file.profile)} profiles, {len(study.file.outlook)} outlooks"
    text = (
        "The Bergen study, opened and compared once. Then one office moves, and every measure is"
        f" worked out anew for base and move: {size}, all groups. To a new place beside a random"
        " zone, its travel times by every profile included; `-known-site`: to one of the study's"
        " possible sites."
    )
    rows = (
        Row(work, GOAL, new_s, WHAT_IF_GOAL_S),
        Row(f"{work}-known-site", GOAL, known_s, WHAT_IF_GOAL_S),
    )
    return Outcome(work, text, rows)


def _main(arguments: Sequence[str]) -> None:
    """One national run; prints a line of JSON."""
    warnings.simplefilter("ignore", NavplanWarning)
    shared, repeats = Path(arguments[0]), int(arguments[1])
    began = time.perf_counter()
    zones, sites, streets = national(shared)
    read_s = time.perf_counter() - began
    seconds = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        times = travel_times(cases.car(), zones=zones, sites=sites, streets=streets)
        seconds.append(time.perf_counter() - began)
    found = {
        "cells": len(zones),
        "offices": len(sites),
        "read_s": round(read_s, 2),
        "first_s": round(seconds[0], 2),
        "seconds": float(np.median(seconds[1:])),
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "reached": float(times.minutes.notna().to_numpy().mean()),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    _main(sys.argv[1:])
