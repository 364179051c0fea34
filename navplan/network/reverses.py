"""Which edge runs the other way on the same street."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from navplan.nouns import Streets

SAME_M: Final = 1.0
"""Both directions of a street have lengths and middles that differ by no more [m]: rounding."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def reverse_rows(streets: Streets, seconds: Floats) -> Ints:
    """Row of the edge that runs the other way on the same street.

    That edge has the ends turned round, the same length and, where both are drawn, the same
    middle: two halves of a roundabout are as long as one another, but no two-way street. Of
    several, the fastest counts, then the first.

    Parameters
    ----------
    streets : Streets
        The network.
    seconds : ndarray of float
        Seconds by edge, NaN where closed [s].

    Returns
    -------
    ndarray of int
        One value an edge; -1 where it is one-way or closed.
    """
    rows = np.flatnonzero(~np.isnan(seconds))
    found = np.full(len(seconds), -1, dtype=np.int64)
    tail, head = streets.edges[["tail", "head"]].to_numpy(dtype=np.int64)[rows].T
    length = streets.edges["length_m"].to_numpy(dtype=float)[rows]
    middle = _middles(streets, rows)
    count = len(streets.nodes)
    keys, wanted = tail * count + head, head * count + tail
    order = np.lexsort((rows, seconds[rows], keys))
    candidate = np.searchsorted(keys[order], wanted, side="left")
    last = np.searchsorted(keys[order], wanted, side="right")
    alone = np.flatnonzero(candidate < last)
    while len(alone):
        other = order[candidate[alone]]
        apart = np.hypot(*(middle[other] - middle[alone]).T)
        # a straight edge without a drawing (NaN) may stand for any drawn one
        same = (np.abs(length[other] - length[alone]) <= SAME_M) & ~(apart > SAME_M)
        same &= other != alone
        found[rows[alone[same]]] = rows[other[same]]
        alone = alone[~same]
        candidate[alone] += 1
        alone = alone[candidate[alone] < last[alone]]
    return found


def _middles(streets: Streets, rows: Ints) -> Floats:
    """Coordinates half-way along each edge [m], NaN where it is not drawn."""
    lines = streets.edges["geometry"].to_numpy(dtype=object)[rows]
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    return np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
