"""Ferry lines drawn in pieces → one crossing between every two quays, so that one waits once."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import shapely

CAR_FERRY_KM_H: Final = 20.0
PASSENGER_FERRY_KM_H: Final = 40.0
CAR_FERRY_HEADWAY_MIN: Final = 60.0
PASSENGER_FERRY_HEADWAY_MIN: Final = 120.0
"""Speeds and headways are assumptions, used where the source says only where ferries sail."""

Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True)
class Leg:
    """A piece of a ferry line.

    Parameters
    ----------
    minutes : float
        On board [min].
    line : LineString
        From its first end to its second.
    """

    minutes: float
    line: shapely.LineString


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
        Quay → leg; quays that cannot be reached are absent.
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
        lines = [sea[a][b].line.coords for a, b in itertools.pairwise(reversed(way))]
        points = [point for line in lines for point in line]
        found[end] = Leg(best[end], shapely.LineString(points))
    return found
