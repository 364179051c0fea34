"""Ferry lines drawn in pieces → one crossing between every two quays, so that one waits once."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import shapely

CAR_FERRY_KM_H: Final = 20.0
PASSENGER_FERRY_KM_H: Final = 40.0
CAR_FERRY_HEADWAY_MIN: Final = 60.0
PASSENGER_FERRY_HEADWAY_MIN: Final = 120.0
"""Speeds and headways are assumptions, used where the source says only where ferries sail."""


class Ordered(Protocol):
    """Whatever can be named and put in order: a number, a text, a pair of them."""

    def __hash__(self) -> int: ...

    def __lt__(self, other: Any, /) -> bool: ...


Node = TypeVar("Node", bound=Ordered)


@dataclass(frozen=True)
class Leg:
    """A piece of a ferry line.

    Parameters
    ----------
    minutes : float
        On board [min].
    line : LineString
        From its first end to its second.
    headway_min : float
        Between departures [min]; NaN where not known.
    sails_from, sails_until : float
        Hours of service [s after midnight]; NaN for all day.
    ways : tuple of str
        What the source calls it.
    """

    minutes: float
    line: shapely.LineString
    headway_min: float = np.nan
    sails_from: float = np.nan
    sails_until: float = np.nan
    ways: tuple[str, ...] = ()


Sea = Mapping[Node, Mapping[Node, Leg]]
"""Node → node → the leg that leads there; every leg stands in both directions."""


def crossings(sea: Sea[Node], quay: Node, quays: set[Node]) -> dict[Node, Leg]:
    """Fastest crossing from a quay to each other that needs no call at a third.

    Parameters
    ----------
    sea : mapping
        The legs.
    quay : node
        Where one boards.
    quays : set of node
        Where one can board or leave; at a quay one changes ships, so no way leads through it.

    Returns
    -------
    dict
        Quay → leg; quays that cannot be reached are absent. Of several legs the rarest gives the
        headway, and the hours are those at which all of them sail.
    """
    count = itertools.count()  # nodes need no order
    queue: list[tuple[float, int, Node]] = [(0.0, next(count), quay)]
    best = {quay: 0.0}
    before: dict[Node, Node] = {}
    while queue:
        minutes, _, node = heapq.heappop(queue)
        if minutes > best[node] or (node in quays and node != quay):
            continue
        for other, leg in sea[node].items():
            total = minutes + leg.minutes
            if total < best.get(other, np.inf):
                best[other], before[other] = total, node
                heapq.heappush(queue, (total, next(count), other))
    found = {}
    for end in before.keys() & quays - {quay}:
        way = [end]
        while way[-1] != quay:
            way.append(before[way[-1]])
        legs = [sea[a][b] for a, b in itertools.pairwise(reversed(way))]
        found[end] = Leg(
            best[end],
            shapely.LineString([point for leg in legs for point in leg.line.coords]),
            headway_min=float(np.fmax.reduce([leg.headway_min for leg in legs])),
            sails_from=float(np.fmax.reduce([leg.sails_from for leg in legs])),
            sails_until=float(np.fmin.reduce([leg.sails_until for leg in legs])),
            ways=tuple(sorted({way for leg in legs for way in leg.ways})),
        )
    return found


def between_quays(sea: Sea[Node], ashore: AbstractSet[Node]) -> list[tuple[Node, Node, Leg]]:
    """Fastest crossings between all quays that are tied without another quay between them.

    Parameters
    ----------
    sea : mapping
        The legs.
    ashore : set of node
        Where streets lead to. A leg's loose end is a quay as well.

    Returns
    -------
    list of tuple
        Quay, other quay and leg, in both directions; quays in their order.
    """
    quays = {node for node, ways in sea.items() if node in ashore or len(ways) == 1}
    return [
        (quay, other, leg)
        for quay in sorted(quays)
        for other, leg in sorted(crossings(sea, quay, quays).items(), key=lambda item: item[0])
    ]
