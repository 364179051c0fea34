"""What a car's turn at a junction costs, and which turns are banned."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from navplan.network.reverses import reverse_rows
from navplan.nouns import Streets

U_TURN_S: Final = 20.0
"""Turning back on the same street [s]: what OSRM's car profile takes (``u_turn_penalty``)."""
LEFT_TURN_S: Final = 5.0
"""Turning left at a junction, across the oncoming traffic where one drives on the right [s].

An assumption, as `RIGHT_TURN_S`: engines differ from 7.5 s at most (OSRM's ``turn_penalty``) to
30 s for a left and 10 s for a right turn (R5).
"""
RIGHT_TURN_S: Final = 2.0
"""Turning right at a junction [s] (assumption)."""
STRAIGHT_DEG: Final = 45.0
"""Whoever turns by less goes straight on, at no cost [°] (assumption; R5 takes 27)."""
SHARP_DEG: Final = 179.9
"""Beyond this a turn leads back the way one came, and is neither left nor right [°]."""
JUNCTION_ARMS: Final = 3
"""Where fewer streets meet there is no junction: a bend costs nothing."""
APPROACH_M: Final = 10.0
"""The direction of a street at its end is that of its last 10 m: finer drawing does not count."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ban = tuple[int, ...]


def turn_seconds(streets: Streets, seconds: Floats, before: Ints, after: Ints) -> Floats:
    """Seconds a car loses by turning from one edge into the next.

    ============================================  =======
    turn                                          seconds
    ============================================  =======
    back on the same street, anywhere             20
    at a junction of three streets or more:
    to the left by 45° or more, or sharply back   5
    to the right by 45° or more                   2
    straight on, or along a bend                  0
    ============================================  =======

    Turning back is allowed everywhere, since a map does not tell where there is room for it;
    turn restrictions say where it is not. Traffic signals are no part of this: they delay
    whoever passes them and stand in `edge_seconds`.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s]. Closed streets make no junction.
    before, after : ndarray of int
        Rows of usable edges; each `after` begins where its `before` ends.

    Returns
    -------
    ndarray of float
        One value a turn [s].
    """
    reverse = reverse_rows(streets, seconds)
    usable = np.flatnonzero(~np.isnan(seconds))
    start, end = _directions(streets, usable)
    arriving, leaving = end[before], start[after]
    cross = arriving[:, 0] * leaving[:, 1] - arriving[:, 1] * leaving[:, 0]
    along = (arriving * leaving).sum(axis=1)
    left_deg = np.degrees(np.arctan2(cross, along))
    head = streets.edges["head"].to_numpy(dtype=np.int64)
    junction = _arms(streets, usable, reverse)[head[before]] >= JUNCTION_ARMS
    # sharply back is a left turn, on whichever side of 180° rounding puts it
    is_left = (left_deg > 0) | (left_deg < -SHARP_DEG)
    sideways = np.where(is_left, LEFT_TURN_S, RIGHT_TURN_S)
    lost = np.where(junction & (np.abs(left_deg) >= STRAIGHT_DEG), sideways, 0.0)
    return np.where(reverse[before] == after, U_TURN_S, lost)


def _directions(streets: Streets, usable: Ints) -> tuple[Floats, Floats]:
    """Vectors along the beginning and the end of every edge; only usable ones are filled."""
    xy = shapely.get_coordinates(streets.nodes.geometry.to_numpy())
    ends = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)
    straight = xy[ends[:, 1]] - xy[ends[:, 0]]
    start, end = straight.copy(), straight
    lines = streets.edges["geometry"].to_numpy(dtype=object)[usable]
    drawn = ~shapely.is_missing(lines)
    rows, lines = usable[drawn], lines[drawn]
    coordinates = shapely.get_coordinates
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    near_first = shapely.line_interpolate_point(lines, APPROACH_M)
    near_last = shapely.line_interpolate_point(lines, -APPROACH_M)
    start[rows] = coordinates(near_first) - coordinates(first)
    end[rows] = coordinates(last) - coordinates(near_last)
    return start, end


def _arms(streets: Streets, usable: Ints, reverse: Ints) -> Ints:
    """Number of streets that meet at each node, both directions of one counted once."""
    once = usable[(reverse[usable] < 0) | (usable < reverse[usable])]
    ends = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)[once]
    return np.bincount(ends.ravel(), minlength=len(streets.nodes))


class Bans:
    """Turn bans as a search needs them: what has been driven last, as far as it matters.

    Whoever searches edge by edge must remember the beginning of a ban that has been driven, and
    nothing else. Following a way is the automaton of Aho and Corasick [1]_ over the edges.

    Parameters
    ----------
    bans : tuple of tuple of int
        As in `Streets`: rows of edges that may not be driven one after another.

    References
    ----------
    .. [1] Aho and Corasick (1975), doi:10.1145/360825.360855.
    """

    def __init__(self, bans: tuple[Ban, ...]) -> None:
        self._bans = frozenset(bans)
        beginnings = {ban[:length]: None for ban in bans for length in range(1, len(ban))}
        self.beginnings: tuple[Ban, ...] = tuple(beginnings)
        self._known = frozenset(beginnings)

    def after(self, driven: Ban, edge: int) -> Ban | None:
        """What must be remembered once another edge has been driven.

        Parameters
        ----------
        driven : tuple of int
            One of `beginnings`, or ().
        edge : int
            Row of the next edge.

        Returns
        -------
        tuple of int or None
            The longest of `beginnings` that the way now ends with, () if with none; None where
            the edge is banned.
        """
        way = (*driven, edge)
        ends = [way[first:] for first in range(len(way))]
        if not self._bans.isdisjoint(ends):
            return None
        return next((end for end in ends if end in self._known), ())
