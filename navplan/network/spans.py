"""Many short ranges at once: how tables are joined here without a loop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def grouped(keys: Ints, count: int) -> tuple[Ints, Ints]:
    """Positions of the keys in order of the key, and where each key's run begins.

    Parameters
    ----------
    keys : ndarray of int
        Values from 0 to `count` - 1.
    count : int
        Number of different keys.

    Returns
    -------
    order : ndarray of int
        Positions in `keys`; equal keys stay in their order.
    pointers : ndarray of int
        The positions of key k are ``order[pointers[k]:pointers[k + 1]]``; `count` + 1 values.
    """
    sizes = np.bincount(keys, minlength=count)
    return np.argsort(keys, kind="stable"), np.concatenate([[0], np.cumsum(sizes)])


def spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Every position of every range, with the number of its range.

    Parameters
    ----------
    first, last : ndarray of int
        Where each range begins, and the position after its end.

    Returns
    -------
    owner, position : ndarray of int
        One element a position, range after range.
    """
    size = last - first
    owner = np.repeat(np.arange(len(size)), size)
    begin = np.cumsum(size) - size
    return owner, np.arange(len(owner)) - begin[owner] + first[owner]


def matches(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Positions of all pairs with equal keys, as a database joins two tables.

    Parameters
    ----------
    left, right : ndarray of int
        Keys.

    Returns
    -------
    left, right : ndarray of int
        Positions of the two of each pair, in order of the left one.
    """
    order = np.argsort(right, kind="stable")
    keys = right[order]
    first = np.searchsorted(keys, left, side="left")
    owner, position = spread(first, np.searchsorted(keys, left, side="right"))
    return owner, order[position]
