"""Pieces of streets → edges: joined where one merely goes on as another of the same kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from navplan.sources.osm_read import Ints
from navplan.sources.osm_split import Flags, Pieces


@dataclass(frozen=True)
class Chains:
    """Pieces strung together; arrays have one value a chain unless said otherwise.

    Parameters
    ----------
    entry : ndarray of int
        One value a part: 2 p where piece p is run through as drawn, 2 p + 1 where against.
    first : ndarray of int
        Where each chain begins in `entry`; one more than there are chains.
    tail, head : ndarray of int
        Nodes it runs between.
    kind : ndarray of int
        Position in the pieces' table, seen along the chain.
    signals : ndarray of int
        Passed along and against (two columns).
    """

    entry: Ints
    first: Ints
    tail: Ints
    head: Ints
    kind: Ints
    signals: Ints


def join(pieces: Pieces, chosen: Flags, keep: Flags) -> Chains:
    """String pieces together over nodes where just two meet and nothing changes.

    Parameters
    ----------
    pieces : Pieces
        As split.
    chosen : ndarray of bool
        Which of them; the others are as if not there.
    keep : ndarray of bool
        Nodes that stay.

    Returns
    -------
    Chains
        In the order of their first pieces. Rings without a junction start at that piece.
    """
    numbers = np.flatnonzero(chosen)
    follows = _follows(pieces, numbers, keep)
    entry: list[int] = []
    first: list[int] = []
    done: set[int] = set()
    # Whatever has an open end starts there; what is left over is rings.
    starts = np.stack([2 * numbers, 2 * numbers + 1], axis=1).ravel()
    open_ended = [half for half in starts.tolist() if half not in follows]
    for start in (*open_ended, *(2 * numbers).tolist()):
        if start >> 1 in done:
            continue
        first.append(len(entry))
        half: int | None = start
        while half is not None and half >> 1 not in done:
            done.add(half >> 1)
            entry.append(half)
            half = follows.get(half ^ 1)
    return _chains(pieces, np.array(entry, dtype=np.int64), np.array(first, dtype=np.int64))


def _follows(pieces: Pieces, numbers: Ints, keep: Flags) -> dict[int, int]:
    """The end of a piece → the end of the piece that carries on there, both ways.

    Ends are 2 p for the tail of piece p and 2 p + 1 for its head.
    """
    ends = np.stack([2 * numbers, 2 * numbers + 1], axis=1).ravel()
    node = np.where(ends & 1, pieces.head[ends >> 1], pieces.tail[ends >> 1])
    order = np.argsort(node, kind="stable")
    ends, node = ends[order], node[order]
    start = np.flatnonzero(np.diff(node, prepend=-1))
    pair = start[(np.diff(np.append(start, len(node))) == 2) & ~keep[node[start]]]  # noqa: PLR2004
    a, b = ends[pair], ends[pair + 1]
    towards = np.where(a & 1, pieces.kind[a >> 1], pieces.turned[a >> 1])
    onwards = np.where(b & 1, pieces.turned[b >> 1], pieces.kind[b >> 1])
    same = (towards == onwards) & (a >> 1 != b >> 1)
    a, b = a[same], b[same]
    return dict(zip(np.append(a, b).tolist(), np.append(b, a).tolist(), strict=True))


def _chains(pieces: Pieces, entry: Ints, first: Ints) -> Chains:
    last = np.append(first[1:], len(entry)) - 1
    piece, back = entry >> 1, (entry & 1).astype(bool)
    begin = np.where(back, pieces.head[piece], pieces.tail[piece])
    end = np.where(back, pieces.tail[piece], pieces.head[piece])
    kind = np.where(back, pieces.turned[piece], pieces.kind[piece])
    passed = np.where(back[:, None], pieces.signals[piece][:, ::-1], pieces.signals[piece])
    sums = np.add.reduceat(passed, first, axis=0) if len(first) else passed
    return Chains(entry, np.append(first, len(entry)), begin[first], end[last], kind[first], sums)


def drawn(pieces: Pieces, chains: Chains) -> tuple[Ints, Ints]:
    """The nodes each chain runs through, ends and all.

    Parameters
    ----------
    pieces : Pieces
        As split.
    chains : Chains
        Made of them.

    Returns
    -------
    nodes : ndarray of int
        Chain by chain.
    chain : ndarray of int
        The chain each of them stands for.
    """
    piece, back = chains.entry >> 1, (chains.entry & 1).astype(bool)
    steps = pieces.last[piece] - pieces.first[piece]
    start = np.where(back, pieces.last[piece], pieces.first[piece])
    part = np.repeat(np.arange(len(piece)), steps)
    step = np.arange(len(part)) - np.repeat(np.cumsum(steps) - steps, steps) + 1
    at = start[part] + np.where(back, -1, 1)[part] * step
    of_part = np.repeat(np.arange(len(chains.tail)), np.diff(chains.first))
    chain = of_part[part]
    begins = np.searchsorted(chain, np.arange(len(chains.tail)))
    nodes = np.insert(pieces.vertices[at], begins, chains.tail)
    return nodes, np.insert(chain, begins, np.arange(len(chains.tail)))
