"""Ferry lines drawn in pieces → crossings from quay to quay, so that one waits once."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import shapely

from navplan.units import SECONDS_PER_DAY

MODES: Final = ("walk", "wheelchair", "bicycle", "car")
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
    """A piece of a ferry line, or several after one another that make a crossing.

    Parameters
    ----------
    minutes : float
        On board [min].
    line : LineString
        From its first end to its second.
    headway_min : float
        Between departures [min]; NaN where not known.
    sails_from, sails_until : float
        Hours of service [s after midnight], past 24 h where they end next morning; both NaN for
        all day.
    modes : frozenset of str
        Who may board, of `MODES`.
    ways : tuple of str
        What the source calls it.
    """

    minutes: float
    line: shapely.LineString
    headway_min: float = np.nan
    sails_from: float = np.nan
    sails_until: float = np.nan
    modes: frozenset[str] = frozenset(MODES)
    ways: tuple[str, ...] = ()

    def then(self, onward: Leg) -> Leg | None:
        """The ship that sails over this piece and the next.

        Parameters
        ----------
        onward : Leg
            Begins where this one ends.

        Returns
        -------
        Leg or None
            The rarer headway, the hours at which both sail and those who may board both; None
            where there are no such hours or nobody may.
        """
        hours = _shared_hours(
            (self.sails_from, self.sails_until), (onward.sails_from, onward.sails_until)
        )
        modes = self.modes & onward.modes
        if hours is None or not modes:
            return None
        return Leg(
            self.minutes + onward.minutes,
            shapely.LineString([*self.line.coords, *onward.line.coords[1:]]),
            float(np.fmax(self.headway_min, onward.headway_min)),
            *hours,
            modes,
            tuple(sorted({*self.ways, *onward.ways})),
        )

    def serves(self, other: Leg) -> bool:
        """Whether nobody ever needs another leg between the same ends.

        Parameters
        ----------
        other : Leg
            Between the same ends.

        Returns
        -------
        bool
            This one is as fast and as frequent, at all its hours and for all who may board it.
        """
        return (
            self.minutes <= other.minutes
            and math.isnan(self.headway_min) == math.isnan(other.headway_min)
            and not self.headway_min > other.headway_min
            and not self.sails_from > other.sails_from
            and not self.sails_until < other.sails_until
            and math.isnan(self.sails_from) >= math.isnan(other.sails_from)
            and self.modes >= other.modes
        )


def _shared_hours(
    one: tuple[float, float], other: tuple[float, float]
) -> tuple[float, float] | None:
    """Hours that lie in both spans; either may be of the night before or after."""
    if math.isnan(one[0]) or math.isnan(other[0]):
        return other if math.isnan(one[0]) else one
    spans = [
        (max(one[0], other[0] + day), min(one[1], other[1] + day))
        for day in (-SECONDS_PER_DAY, 0, SECONDS_PER_DAY)
    ]
    first, last = max(spans, key=lambda span: span[1] - span[0])
    midnight = first // SECONDS_PER_DAY * SECONDS_PER_DAY
    return (first - midnight, last - midnight) if last > first else None


Tie = tuple[Node, Node, Leg]
"""Two nodes and the leg from the first to the second."""


def both_ways(one: Node, other: Node, leg: Leg, back_min: float | None = None) -> list[Tie[Node]]:
    """A piece of a line in both directions.

    Parameters
    ----------
    one, other : node
        Where the piece begins and ends.
    leg : Leg
        From the first to the second.
    back_min : float, optional
        On board on the way back [min]; as there if absent.

    Returns
    -------
    list of tuple
        There and back.
    """
    minutes = leg.minutes if back_min is None else back_min
    back = replace(leg, minutes=minutes, line=leg.line.reverse())
    return [(one, other, leg), (other, one, back)]


def between_quays(
    pieces: Iterable[Tie[Node]], ashore: AbstractSet[Node]
) -> tuple[list[Tie[Node]], int]:
    """Crossings between all quays that are tied without another quay between them.

    Parameters
    ----------
    pieces : iterable of tuple
        What is drawn, in both directions (`both_ways`).
    ashore : set of node
        Where streets lead to. A piece's loose end is a quay as well.

    Returns
    -------
    crossings : list of tuple
        In both directions, by their quays and minutes. Parallel where none does for all: a fast
        one is rare, sails at other hours or is closed to some.
    apart : int
        Pairs of quays that lines tie, but no ship: their pieces have no hours in common, or nobody
        may board all of them.
    """
    sea: dict[Node, list[tuple[Node, Leg]]] = {}
    for tail, head, leg in pieces:
        sea.setdefault(tail, []).append((head, leg))
    quays = {
        node for node, legs in sea.items() if node in ashore or len({to for to, _ in legs}) == 1
    }
    found = []
    apart = 0
    for quay in sorted(quays):
        legs = _crossings(sea, quay, quays)
        apart += len(_tied(sea, quay, quays)) - len(legs)
        found += [(quay, other, leg) for other in sorted(legs) for leg in legs[other]]
    return found, apart // 2


def _crossings(
    sea: Mapping[Node, list[tuple[Node, Leg]]], quay: Node, quays: set[Node]
) -> dict[Node, list[Leg]]:
    """Quay → the crossings there, none of which serves for another, the fastest first."""
    count = itertools.count()  # legs need no order
    queue: list[tuple[float, int, Leg, tuple[Node, ...]]]
    # with the nodes passed: going round at sea makes no other ship
    queue = [(leg.minutes, next(count), leg, (quay, to)) for to, leg in sea[quay] if to != quay]
    heapq.heapify(queue)
    best: dict[Node, list[Leg]] = {}
    while queue:
        _, _, leg, passed = heapq.heappop(queue)
        node = passed[-1]
        known = best.setdefault(node, [])
        if any(other.serves(leg) for other in known):
            continue
        known[:] = [*(other for other in known if not leg.serves(other)), leg]
        if node in quays:  # here one changes ships
            continue
        for to, onward in sea[node]:
            if to not in passed and (whole := leg.then(onward)) is not None:
                heapq.heappush(queue, (whole.minutes, next(count), whole, (*passed, to)))
    return {node: legs for node, legs in best.items() if node in quays}


def _tied(sea: Mapping[Node, list[tuple[Node, Leg]]], quay: Node, quays: set[Node]) -> set[Node]:
    """Other quays that pieces lead to, whoever sails there and when."""
    seen, waiting = {quay}, [quay]
    while waiting:
        node = waiting.pop()
        if node == quay or node not in quays:
            ahead = {to for to, _ in sea[node]} - seen
            seen |= ahead
            waiting += ahead
    return (seen & quays) - {quay}
