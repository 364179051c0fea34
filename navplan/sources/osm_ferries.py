"""Ferries of OpenStreetMap → crossings between quays, with minutes, headways and hours."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import shapely

from navplan.sources import ferries
from navplan.sources.osm_read import Extract, Floats
from navplan.sources.osm_split import Pieces
from navplan.sources.osm_tags import Way
from navplan.sources.osm_values import crossing_minutes, sailing_hours


class Sailing(NamedTuple):
    """What a ferry's tags say; NaN = not said, or all day."""

    minutes: float = math.nan
    headway_min: float = math.nan
    sails_from: float = math.nan
    sails_until: float = math.nan


class Crossing(NamedTuple):
    """A ferry between two quays, both ways."""

    quay: int
    other: int
    way: Way
    leg: ferries.Leg


def sailings(
    extract: Extract, metres: Mapping[int, float]
) -> tuple[Mapping[int, Sailing], tuple[str, ...]]:
    """Minutes, headway and hours of each ferry way.

    Parameters
    ----------
    extract : Extract
        As read.
    metres : mapping of int to float
        Length of each ferry way [m].

    Returns
    -------
    sailings : mapping of int to Sailing
        Way → what its tags say or, where they say nothing, those of the line it belongs to. The
        ``duration`` of a line is shared among its ways by their length, unless one of them has
        its own.
    notices : tuple of str
        Hours and minutes that could not be read.
    """
    counts = Counter[str]()
    found = {way: _sailing(tags, counts) for way, tags in extract.sailings.items()}
    for line in extract.lines:
        said = _sailing(line.tags, counts)
        ways = [ref for _, kind, ref in line.members if kind == "w" and ref in found]
        whole = sum(metres.get(way, 0.0) for way in ways)
        shared = all(math.isnan(found[way].minutes) for way in ways) and whole > 0
        for way in ways:
            own = found[way]
            share = metres.get(way, 0.0) / whole if shared else math.nan
            hours = own[2:] if not math.isnan(own.sails_from) else said[2:]
            found[way] = Sailing(
                own.minutes if not math.isnan(own.minutes) else said.minutes * share,
                own.headway_min if not math.isnan(own.headway_min) else said.headway_min,
                *hours,
            )
    return found, tuple(f"{text}: {number}." for text, number in sorted(counts.items()))


def _sailing(tags: Mapping[str, str], counts: Counter[str]) -> Sailing:
    minutes = {key: crossing_minutes(tags.get(key, "")) for key in ("duration", "interval")}
    for key, value in minutes.items():
        if key in tags and math.isnan(value):
            counts[f"Ferries whose {key} is not understood, taken as not known"] += 1
    text = tags.get("opening_hours", tags.get("service_times"))
    hours = (math.nan, math.nan)
    if text is not None and (read := sailing_hours(text)) is not None:
        hours = read
    elif text is not None:
        counts["Ferries whose hours are not simple, taken to sail all day"] += 1
    return Sailing(minutes["duration"], minutes["interval"], *hours)


def crossings(
    pieces: Pieces, sea: Iterable[int], extract: Extract, points: Floats, ashore: set[int]
) -> tuple[list[Crossing], tuple[str, ...]]:
    """Crossings between every two quays, parallel where they serve differently; none is one-way.

    Parameters
    ----------
    pieces : Pieces
        As split.
    sea : iterable of int
        Those that are ferries.
    extract : Extract
        As read.
    points : ndarray of float
        Position of each node (two columns) [m].
    ashore : set of int
        Nodes that streets lead to.

    Returns
    -------
    crossings : list of Crossing
        In the order of the quays.
    notices : tuple of str
        What was assumed or left out.

    Notes
    -----
    A ship sails over every piece that is open to those it takes, whoever else those pieces are open
    to.
    """
    lines = {piece: _line(pieces, piece, points) for piece in sea}
    metres: dict[int, float] = defaultdict(float)
    for piece, line in lines.items():
        metres[int(extract.ways[pieces.run[piece]])] += line.length
    told, notices = sailings(extract, metres)
    ties = [
        tie
        for piece, line in lines.items()
        for tie in ferries.both_ways(
            int(pieces.tail[piece]),
            int(pieces.head[piece]),
            _leg(pieces, piece, line, extract, told, metres),
        )
        if tie[2].modes
    ]
    tied, apart = ferries.between_quays(ties, ashore)
    found = []
    counts = Counter[str]()
    for quay, other, leg in tied:
        if quay < other:
            known = leg
            if math.isnan(leg.headway_min):
                car = "car" in leg.modes
                assumed = (
                    ferries.CAR_FERRY_HEADWAY_MIN if car else ferries.PASSENGER_FERRY_HEADWAY_MIN
                )
                counts[f"Crossings without an interval, assumed {assumed:g} minutes"] += 1
                known = replace(leg, headway_min=assumed)
            found.append(Crossing(quay, other, _way(leg.modes), known))
    if apart:
        text = "Pairs of quays without a crossing, since no ship sails all the way between them"
        counts[text] = apart
    notices += tuple(f"{text}: {number}." for text, number in sorted(counts.items()))
    return found, notices


def _way(modes: frozenset[str]) -> Way:
    """A ferry that some may board."""
    walk, wheelchair, bicycle, car = ((mode in modes,) * 2 for mode in ferries.MODES)
    return Way("ferry", "ferry", walk, wheelchair, bicycle, car, (math.nan, math.nan))


def _line(pieces: Pieces, piece: int, points: Floats) -> shapely.LineString:
    nodes = pieces.vertices[pieces.first[piece] : pieces.last[piece] + 1]
    return shapely.LineString(points[nodes])


def _leg(
    pieces: Pieces,
    piece: int,
    line: shapely.LineString,
    extract: Extract,
    told: Mapping[int, Sailing],
    metres: Mapping[int, float],
) -> ferries.Leg:
    number = int(extract.ways[pieces.run[piece]])
    way, said = pieces.table[pieces.kind[piece]], told[number]
    modes = frozenset(mode for mode in ferries.MODES if any(getattr(way, mode)))
    minutes = said.minutes * line.length / (metres[number] or 1.0)
    if math.isnan(minutes):
        speed = ferries.CAR_FERRY_KM_H if "car" in modes else ferries.PASSENGER_FERRY_KM_H
        minutes = line.length / 1000 / speed * 60
    name = " ".join(part for part in (str(number), extract.names.get(number, "")) if part)
    return ferries.Leg(
        minutes, line, said.headway_min, said.sails_from, said.sails_until, modes, (name,)
    )
