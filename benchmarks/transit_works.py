"""Works by timetable: 1 200 cells × 300 sites × every minute of an hour, the median of each."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from benchmarks import cases
from benchmarks.exchange import Roads, straight_m, write_osm
from benchmarks.transit_town import at_crossings, lattice, plain, repeated, write_feed
from benchmarks.works import GOAL, Agreement, Bench, Outcome, Ran, Row, compared, median_s, run_peer
from navplan.network import read_gtfs
from navplan.nouns import Profile, Streets, Timetable, Zones
from navplan.sources import read_osm
from navplan.travel.lanes import UNREACHED
from navplan.travel.transit import transit_search

CELLS: Final = 1200
SITES: Final = 300
SEED: Final = 1
BEGINS: Final = 8 * 3600
LIMIT_MIN: Final = 240.0
WALK_MIN: Final = 20.0
NO_NIGIRI: Final = (
    "pynigiri 0.1.5 is published as source only, without the C++ library nigiri that it links to"
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Town:
    """A timetable, streets to walk on, cells and sites; and the folder that peers read.

    Parameters
    ----------
    folder : Path
        ``feed.zip``, ``roads.osm.pbf``, ``points.npz``.
    streets : Streets
        As read from there.
    timetable : Timetable
        As read from there.
    zones : Zones
        Cells.
    sites : GeoDataFrame
        Sites.
    stretch : float
        Length of a block as peers measure it over ours: they take the earth for a sphere.
    """

    folder: Path
    streets: Streets
    timetable: Timetable
    zones: Zones
    sites: gpd.GeoDataFrame
    stretch: float

    @classmethod
    def of(cls, folder: Path, timetable: Timetable, *, spacing_m: float) -> Town:
        """Write the files, and read them as anybody would.

        Parameters
        ----------
        folder : Path
            Where to.
        timetable : Timetable
            From `plain`.
        spacing_m : float
            Between the streets of the lattice [m].

        Returns
        -------
        Town
            Cells and sites stand at random crossings.
        """
        crs = str(timetable.stops.crs)
        roads = lattice(timetable, spacing_m=spacing_m)
        write_osm(folder / "roads.osm.pbf", roads)
        write_feed(at_crossings(timetable, roads), folder / "feed.zip")
        rng = np.random.default_rng(SEED)
        points: dict[str, Floats] = {}
        tables: dict[str, gpd.GeoDataFrame] = {}
        for kind, count in (("origin", CELLS), ("target", SITES)):
            at = rng.permutation(len(roads.lon))[:count]
            points |= {f"{kind}_lon": roads.lon[at], f"{kind}_lat": roads.lat[at]}
            tables[kind] = _table(kind, roads, at, crs)
        np.savez(folder / "points.npz", allow_pickle=False, **points)
        return cls(
            folder,
            read_osm(folder / "roads.osm.pbf", crs=crs),
            read_gtfs(folder / "feed.zip", timetable.date, crs=crs),
            Zones(tables["origin"]),
            tables["target"],
            float(straight_m(roads).mean() / spacing_m),
        )

    @property
    def facts(self) -> dict[str, str]:
        """Sizes in words."""
        return {
            "timetable": f"{len(self.timetable.trips):,} trips, {len(self.timetable.stops):,}"
            f" stops, {len(self.timetable.stop_times):,} calls on {self.timetable.date}",
            "streets": f"{len(self.streets.nodes):,} crossings of a lattice",
        }


def _table(kind: str, roads: Roads, at: npt.NDArray[np.int64], crs: str) -> gpd.GeoDataFrame:
    places = gpd.GeoSeries(gpd.points_from_xy(roads.lon[at], roads.lat[at]), crs="EPSG:4326")
    index = [f"{kind}-{number}" for number in range(len(at))]
    columns = {"name": index, "area": "town", "kommune": ""}
    return gpd.GeoDataFrame(columns, index=index, geometry=places.to_crs(crs).to_numpy(), crs=crs)


def helsinki(bench: Bench) -> Timetable:
    """The inner city of Helsinki on a Tuesday.

    Parameters
    ----------
    bench : Bench
        Where the feed lies.

    Returns
    -------
    Timetable
        Headways written out as trips.
    """
    path = bench.shared / "helsinki" / "hsl_gtfs_crop.zip"
    return plain(read_gtfs(path, cases.TUESDAY_2022, crs=cases.FINLAND))


def romerike(bench: Bench) -> Timetable:
    """The buses of Upper Romerike on a Tuesday.

    Parameters
    ----------
    bench : Bench
        Where the feed lies.

    Returns
    -------
    Timetable
        Without trips that began the day before.
    """
    path = bench.shared / "romerike" / "gtfs.zip"
    return plain(read_gtfs(path, cases.TUESDAY_2017, crs=cases.UTM33))


def four_helsinkis(bench: Bench) -> Timetable:
    """Four copies of Helsinki's inner city, each sharing two fifths of its width with the next.

    Parameters
    ----------
    bench : Bench
        Where the feed lies.

    Returns
    -------
    Timetable
        One changes between copies on foot.
    """
    return repeated(helsinki(bench), 2, 2, overlap=0.4)


def profile(timetable: Timetable, minutes: int, walk_min: float = WALK_MIN) -> Profile:
    """Medians over departures, with the rules that peers have too.

    Parameters
    ----------
    timetable : Timetable
        Whose date.
    minutes : int
        Wished departures, one a minute from 8 o'clock.
    walk_min : float
        Longest walk [min].

    Returns
    -------
    Profile
        No slack beside the walk, any number of rides.
    """
    return Profile(
        "transit", "transit", timetable.date,
        depart_from=BEGINS, depart_until=BEGINS + 60 * (minutes - 1), percentile=50.0,
        walk_m_per_s=1.0, change_slack_s=0, limit_min=LIMIT_MIN,
        max_walk_min=walk_min, max_direct_walk_min=walk_min,
    )  # fmt: skip


def transit_work(
    bench: Bench, work: str, timetable: Timetable, made: str, *, spacing_m: float, share: int = 300
) -> Outcome:
    """Search alone and from scratch, an hour and two, against cafein.

    Parameters
    ----------
    bench : Bench
        Who takes part.
    work : str
        Id of the search alone; ``-whole`` and ``-120`` are put behind it.
    timetable : Timetable
        From `plain`.
    made : str
        Where it comes from.
    spacing_m : float
        Between streets [m].
    share : int
        Cells that the peer is timed on; its time grows with their number.

    Returns
    -------
    Outcome
        Rows for cafein and pynigiri, and for the goal of the longer window.
    """
    town = Town.of(bench.folder(work), timetable, spacing_m=spacing_m)
    hour = profile(town.timetable, 60)
    prepare = partial(
        transit_search, hour, zones=town.zones, streets=town.streets, timetable=town.timetable
    )
    search = prepare()
    walks = search.footways.to_sites(town.sites)
    found, alone_s = median_s(partial(search.seconds, walks), bench.repeats)
    _, whole_s = median_s(lambda: _from_scratch(town, hour), bench.repeats)
    two_hours = profile(town.timetable, 120)
    longer = transit_search(
        two_hours, zones=town.zones, streets=town.streets, timetable=town.timetable
    )
    _, longer_s = median_s(partial(longer.seconds, walks), bench.repeats)
    answers = _seconds(found)

    _settings(bench, town, share)
    ran = run_peer(bench, "cafein_transit", town.folder)
    if isinstance(ran, Ran):  # it knows no limit
        ran = replace(ran, answers=np.where(ran.answers > LIMIT_MIN * 60, np.nan, ran.answers))
    row, agreements = compared(work, "cafein", ran, alone_s, answers)
    if isinstance(ran, Ran):
        agreements = tuple(_explained(agreement, town, ran, answers) for agreement in agreements)
    rows = (
        row,
        replace(row, work=f"{work}-whole", ours_s=whole_s),
        Row(work, "pynigiri", alone_s, None, missing=NO_NIGIRI),
        Row(f"{work}-whole", "pynigiri", whole_s, None, missing=NO_NIGIRI),
        Row(f"{work}-120", GOAL, longer_s, 2 * alone_s, note="goal: under twice the hour's time"),
    )
    text = (
        f"{made}; streets are a lattice of {spacing_m:g} m, with the stops moved to"
        " their nearest crossings, for both alike."
        f" {CELLS:,} cells × {SITES} sites at random crossings, departures at every minute from"
        " 8 o'clock, the median of 60; walks at 1 m/s up to 20 minutes, no slack. Timed: the search"
        " alone with walks and indices ready; `-whole`: with linking, walks and indices, but"
        " without reading files; `-120`: alone, over two hours. cafein's time is one warm call of"
        " its matrix for both: it looks for the walks anew in each call, and its transfers between"
        " trips (TBTR) are ready. Its walking speed is set so that a block takes as long as ours."
    )
    return Outcome(work, text, rows, agreements, town.facts | _times(ran))


def _from_scratch(town: Town, given: Profile) -> npt.NDArray[np.int32]:
    search = transit_search(given, zones=town.zones, streets=town.streets, timetable=town.timetable)
    return search.seconds(search.footways.to_sites(town.sites))


def _seconds(found: npt.NDArray[np.int32]) -> Floats:
    late = found > LIMIT_MIN * 60
    return np.where(late | (found >= UNREACHED), np.nan, found.astype(float))


def _settings(bench: Bench, town: Town, share: int) -> None:
    given = {
        "walk_m_per_s": town.stretch,
        "max_walk_min": WALK_MIN,
        "date": str(town.timetable.date),
        "depart": "08:00",
        "minutes": 60,
        "cells": share // 6 if bench.quick else share,
        "repetitions": 1 if bench.quick else 3,
        "routers": ["raptor", "tbtr"],
    }
    (town.folder / "settings.json").write_text(json.dumps(given), encoding="utf-8")


def _explained(agreement: Agreement, town: Town, ran: Ran, answers: Floats) -> Agreement:
    """Look whether cafein's longer walks explain the rest.

    Its walk to the site may follow a walk to another stop, so that it walks up to twice as long
    after the last ride. Ours with walks of 40 minutes has all its ways, and more.
    """
    wider = _seconds(_from_scratch(town, profile(town.timetable, 60, walk_min=2 * WALK_MIN)))
    theirs = ran.answers
    most, least = (table[: len(theirs), : theirs.shape[1]] for table in (answers, wider))
    known = np.isfinite(theirs)
    slack_s = np.maximum(0.01 * theirs, 60.0)
    most = np.where(np.isfinite(most), most, np.inf)
    between = (theirs <= most + slack_s) & (theirs >= least - slack_s)
    note = (
        "cafein may walk to the site after a walk to another stop (up to twice 20 min);"
        f" {between[known].mean():.2%} of its answers lie between ours with walks of 20 and of"
        " 40 min (± 1 min or 1 %)"
    )
    return replace(agreement, note=note)


def _times(ran: Ran | str) -> dict[str, str]:
    if isinstance(ran, str):
        return {}
    return {
        "cafein reads and builds [s]": f"{ran.found['build_s']:.1f}",
        "cafein's transfers [s]": f"{ran.found['transfers_s']:.1f}",
    }
