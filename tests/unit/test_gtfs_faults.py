"""Feeds with known faults, from three projects: refused, read with notices, or accepted."""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from navplan.errors import InputError
from navplan.network import read_gtfs

pytestmark = pytest.mark.real
LONG_AGO = dt.date(1900, 1, 1)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"].startswith("gtfs")]


def zone_of(path: Path) -> str:
    """The UTM zone of the feed's middle stop; Fiji's own system on both sides of 180°."""
    if path.name == "r5_fiji-ferry":
        return "EPSG:3460"
    if path.is_dir():
        text = next(iter(sorted(path.rglob("stops.txt")))).read_bytes()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            text = archive.read("stops.txt")
    else:
        return "EPSG:32611"
    lines = list(csv.DictReader(text.decode("utf-8-sig", errors="replace").splitlines()))
    table = pd.DataFrame(lines)[["stop_lat", "stop_lon"]]
    lat, lon = (pd.to_numeric(table[c], errors="coerce").median() for c in table)
    return f"EPSG:{32600 if lat >= 0 else 32700}".replace("00", f"{int(lon // 6 + 31):02d}")


def first_day(path: Path, crs: str) -> dt.date:
    """A day on which the feed runs, as its own refusal of a day long ago says."""
    try:
        read_gtfs(path, LONG_AGO, crs=crs)
    except InputError as error:
        found = re.search(r"has service from (\d{4}-\d\d-\d\d) to", str(error))
        return dt.date.fromisoformat(found[1]) if found else LONG_AGO
    return LONG_AGO


def test_every_feed_is_judged_as_expected(shared):
    folder = shared / "gtfs_faults"
    wrong = []
    judged = {"refuse": 0, "warn": 0, "accept": 0}
    for row in rows(folder):
        path = folder / row["path"]
        crs = zone_of(path)
        try:
            timetable = read_gtfs(path, first_day(path, crs), crs=crs)
        except InputError:
            outcome = "refuse"
        else:
            outcome = "warn" if timetable.notices else "accept"
        judged[row["expected"]] += 1
        allowed = {"refuse": ["refuse"], "warn": ["warn", "refuse"], "accept": ["accept", "warn"]}
        if outcome not in allowed[row["expected"]]:
            wrong.append((row["name"], row["expected"], outcome))
    assert wrong == []
    assert judged == {"refuse": 17, "warn": 22, "accept": 6}


def test_most_feeds_that_ask_for_a_warning_can_still_be_used(shared):
    folder = shared / "gtfs_faults"
    usable = 0
    for row in rows(folder):
        if row["expected"] != "warn":
            continue
        path = folder / row["path"]
        crs = zone_of(path)
        try:
            usable += bool(len(read_gtfs(path, first_day(path, crs), crs=crs).trips))
        except InputError:
            continue
    # the two others: a service that never runs, and a feed whose one stop lies at 0° N 0° E
    assert usable == 20
