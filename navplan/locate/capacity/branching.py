"""How a part of the capacitated search tree is divided: by a site, open or not, or by a unit."""

from __future__ import annotations

from typing import Final

import numpy as np

from navplan.locate.array_types import Bools, Ints
from navplan.locate.capacity.nodes import Node, Relaxed, States

# A site is branched on while the relaxation opens it by at least this and at most 1 less this.
_UNDECIDED: Final = 0.05


def doubtful_site(part: Relaxed) -> int | None:
    """Give the free site that the relaxation is least sure about; None where it is sure of all.

    Parameters
    ----------
    part : Relaxed
        A part after its ascent.

    Returns
    -------
    int or None
        Position of the site.
    """
    used = np.zeros(len(part.state))
    np.maximum.at(used, part.pairs.sites, part.share)
    doubt = np.where(part.state == 0, np.minimum(used, 1 - used), -1.0)
    j = int(doubt.argmax())
    return j if doubt[j] > _UNDECIDED else None


def divide_site(part: Relaxed, j: int, size: int) -> tuple[Node, Node]:
    """Divide a part by one site, open or not.

    Parameters
    ----------
    part : Relaxed
        A part after its ascent.
    j : int
        Position of a free site.
    size : int
        Number of pairs of the tree.

    Returns
    -------
    tuple of Node
        Both ways.
    """
    opened, closed = part.state.copy(), part.state.copy()
    opened[j], closed[j] = 1, -1
    every = np.ones(len(part.index), dtype=bool)
    return (
        _child(part, part.opened[j], every, opened, size),
        _child(part, part.closed[j], part.pairs.sites != j, closed, size),
    )


def divide_unit(part: Relaxed, size: int) -> tuple[Node, Node]:
    """Divide by the unit that the relaxation spreads most, half of it on either side.

    Parameters
    ----------
    part : Relaxed
        A part after its ascent.
    size : int
        Number of pairs of the tree.

    Returns
    -------
    tuple of Node
        Both ways.
    """
    units = part.pairs.units
    largest = np.zeros(len(part.prices))
    np.maximum.at(largest, units, part.share)
    largest[np.bincount(units, minlength=len(largest)) == 1] = np.inf
    mine = np.flatnonzero(units == largest.argmin())
    mine = mine[np.argsort(-part.share[mine], kind="stable")]
    running = np.cumsum(part.share[mine])
    half = int(np.searchsorted(running, 0.5 * running[-1])) or 1
    half = min(half, len(mine) - 1)
    return (
        _with_pairs(part, mine[:half], mine[half:], size),
        _with_pairs(part, mine[half:], mine[:half], size),
    )


def _with_pairs(part: Relaxed, some: Ints, others: Ints, size: int) -> Node:
    """Keep some of a unit's pairs."""
    kept = np.ones(len(part.index), dtype=bool)
    kept[others] = False
    return _child(part, part.pair_bounds[some].min(), kept, part.state, size)


def _child(part: Relaxed, bound: float, kept: Bools, state: States, size: int) -> Node:
    mask = np.zeros(size, dtype=bool)
    mask[part.index[kept]] = True
    return Node(max(part.bound, float(bound)), part.prices, np.packbits(mask), state)
