"""The nearest of many straight pieces of street: a grid of squares and a search in rings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from navplan.network.spans import grouped, spread

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Segments:
    """Straight pieces, sorted into the squares of a grid that they pass through.

    Made by `segments_of`.

    Parameters
    ----------
    ends : ndarray of float
        Pieces × (x, y of the start, x, y of the end) [m].
    corner : ndarray of float
        Lower left corner of the grid [m].
    size : float
        Side of a square [m].
    columns, rows : int
        Squares in the grid.
    pointers, members : ndarray of int
        Square s (row by row) is passed by pieces ``members[pointers[s]:pointers[s + 1]]``.
    """

    ends: Floats
    corner: Floats
    size: float
    columns: int
    rows: int
    pointers: Ints
    members: Ints

    def nearest(self, points: Floats, limit_m: float) -> tuple[Ints, Floats, Floats]:
        """The nearest piece to each point, the first of several that are equally near.

        Parameters
        ----------
        points : ndarray of float
            Points × (x, y) [m], finite.
        limit_m : float
            Pieces farther away do not count [m].

        Returns
        -------
        piece : ndarray of int
            -1 where none lies within the limit.
        share : ndarray of float
            How far along the piece its nearest place is [0–1].
        distance : ndarray of float
            [m]; inf where there is none.
        """
        found = np.full(len(points), -1, dtype=np.int64)
        share, square = np.zeros(len(points)), np.full(len(points), np.inf)
        extent = np.array([self.columns, self.rows]) * self.size
        inside = (points >= self.corner - limit_m) & (points <= self.corner + extent + limit_m)
        near = np.flatnonzero(inside.all(axis=1))
        if len(self.ends):
            shape = (self.columns, self.rows, self.size)
            grid = (self.corner, *shape, self.pointers, self.members)
            _nearest(points, near, limit_m, self.ends, *grid, found, share, square)
        return found, share, np.sqrt(square)


def segments_of(ends: Floats) -> Segments:
    """Sort straight pieces into a grid, for many questions after the nearest.

    A grid rather than a tree: streets lie about equally dense wherever people live, and a
    question then looks at a few squares only. Squares are as wide as pieces are long, and about
    as many as there are pieces.

    Parameters
    ----------
    ends : ndarray of float
        Pieces × (x, y of the start, x, y of the end) [m].

    Returns
    -------
    Segments
        Takes memory for about three squares a piece.
    """
    if not len(ends):
        none = np.empty(0, dtype=np.int64)
        return Segments(ends, np.zeros(2), 1.0, 1, 1, np.zeros(2, dtype=np.int64), none)
    corner = ends.reshape(-1, 2).min(axis=0)
    extent = ends.reshape(-1, 2).max(axis=0) - corner
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    size = max(float(length.mean()), float(np.sqrt(extent.prod() / len(ends))), 1.0)
    columns, rows = (int(side) for side in extent // size + 1)
    piece, square = _squares(ends - np.tile(corner, 2), size, columns, rows)
    order, pointers = grouped(square, columns * rows)
    return Segments(ends, corner, size, columns, rows, pointers, piece[order])


@njit(cache=True, nogil=True)
def lengths_before(line: Ints, length: Floats) -> Floats:
    """Metres of a line before each of its pieces.

    Parameters
    ----------
    line : ndarray of int
        By piece: its line; the pieces of a line follow one another.
    length : ndarray of float
        By piece [m].

    Returns
    -------
    ndarray of float
        [m]; summed up line by line, since one sum over all lines would lose the last digits.
    """
    before = np.zeros(len(length))
    for piece in range(1, len(length)):
        if line[piece] == line[piece - 1]:
            before[piece] = before[piece - 1] + length[piece - 1]
    return before


def _squares(ends: Floats, size: float, columns: int, rows: int) -> tuple[Ints, Ints]:
    """Pieces and the squares they pass through, one element a pair; a touch more never harms."""
    upward = (ends[:, 3] >= ends[:, 1])[:, None]
    low = np.where(upward, ends[:, :2], ends[:, 2:]).T
    high = np.where(upward, ends[:, 2:], ends[:, :2]).T
    bottom = np.clip(low[1] // size, 0, rows - 1).astype(np.int64)
    top = np.clip(high[1] // size, 0, rows - 1).astype(np.int64)
    piece, row = spread(bottom, top + 1)
    rise = high[1] - low[1]
    slope = np.divide(high[0] - low[0], rise, out=np.zeros_like(rise), where=rise > 0)
    # where the piece enters and leaves the row of squares; a level one lies in one row whole
    enters = np.maximum(row * size, low[1][piece])
    leaves = np.minimum((row + 1) * size, high[1][piece])
    level = rise[piece] == 0
    x1 = low[0][piece] + (enters - low[1][piece]) * slope[piece]
    x2 = np.where(level, high[0][piece], low[0][piece] + (leaves - low[1][piece]) * slope[piece])
    slack = 1e-6 * size  # rounding must not lose a square
    first = np.clip((np.minimum(x1, x2) - slack) // size, 0, columns - 1).astype(np.int64)
    last = np.clip((np.maximum(x1, x2) + slack) // size, 0, columns - 1).astype(np.int64)
    owner, column = spread(first, last + 1)
    return piece[owner], row[owner] * columns + column


@njit(cache=True, nogil=True)
def _nearest(  # noqa: C901, PLR0912 - one kernel, searched ring by ring
    points: Floats,
    near: Ints,
    limit_m: float,
    ends: Floats,
    corner: Floats,
    columns: int,
    rows: int,
    size: float,
    pointers: Ints,
    members: Ints,
    found: Ints,
    share: Floats,
    square: Floats,
) -> None:
    """Fill `found`, `share` and `square`, the squared distances."""
    for point in near:
        x, y = points[point]
        column = int(np.floor((x - corner[0]) / size))
        row = int(np.floor((y - corner[1]) / size))
        # from a point within its square, rings of squares up to k hold all within k sides of it
        inner = min(
            x - corner[0] - column * size,
            corner[0] + (column + 1) * size - x,
            y - corner[1] - row * size,
            corner[1] + (row + 1) * size - y,
        )
        ring = max(0, -column, column - columns + 1, -row, row - rows + 1)
        most = max(column, columns - 1 - column, row, rows - 1 - row)
        best, best_share, best_piece = limit_m * limit_m, 0.0, -1
        while ring <= most:
            for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
                first, last, step = column - ring, column + ring, 2 * ring
                if abs(r - row) == ring:
                    first, last, step = max(first, 0), min(last, columns - 1), 1
                for c in range(first, last + 1, step):
                    if c < 0 or c >= columns:
                        continue
                    for m in range(pointers[r * columns + c], pointers[r * columns + c + 1]):
                        piece = members[m]
                        x1, y1, x2, y2 = ends[piece]
                        dx, dy = x2 - x1, y2 - y1
                        long = dx * dx + dy * dy
                        at = 0.0
                        if long > 0.0:
                            at = min(max(((x - x1) * dx + (y - y1) * dy) / long, 0.0), 1.0)
                        if at == 1.0:
                            away_x, away_y = x - x2, y - y2
                        else:
                            away_x, away_y = x - x1 - at * dx, y - y1 - at * dy
                        away = away_x * away_x + away_y * away_y
                        earlier = best_piece < 0 or piece < best_piece
                        if away < best or (away == best and earlier):
                            best, best_share, best_piece = away, at, piece
            reached = max(ring * size + inner, 0.0)
            if reached * reached > best:
                break
            ring += 1
        if best_piece >= 0:
            found[point], share[point], square[point] = best_piece, best_share, best
